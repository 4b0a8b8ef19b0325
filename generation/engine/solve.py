"""The stages in order, for anybody who wants a timetable: the `solve` command and the saga alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from generation.engine.bounds.lower_bound import bound_begin, lower_bound
from generation.engine.change.budget import ChangeBudget
from generation.engine.change.facts import change_facts
from generation.engine.change.options import ChangeOption
from generation.engine.change.smallest import smallest_change
from generation.engine.context import Context, KernelDisagreementError, Stage, evaluation_checked, reported
from generation.engine.evaluation.evaluate import Evaluation, evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Score, Solution
from generation.engine.observer import Observer, Silent
from generation.engine.params import STAGES as STAGE_NAMES
from generation.engine.params import Profile, SolveParams
from generation.engine.search import kernels
from generation.engine.search.annealing import Chain
from generation.engine.search.precompile import warm
from generation.engine.search_state import Result, SearchState, StageReport, VariantResult, VariantState
from generation.engine.stages import clustering, construction, evolution, refinement
from generation.engine.stop import Never, StopCriterion

__all__ = [
    "CHANGE_STAGE",
    "STAGES",
    "Context",
    "KernelDisagreementError",
    "Result",
    "SearchState",
    "StageReport",
    "VariantResult",
    "VariantState",
    "change_stage",
    "finish",
    "search",
    "warm",
]

CHANGE_STAGE = construction.STAGE  # which does everything where a timetable is changed as little as can be

# Stage name (engine.params.STAGES) -> what runs it. A stage improves the state in place, can be run
# twice, and never leaves it worse.
STAGES: Mapping[str, Stage] = {
    name: reported(name, stage)
    for name, stage in (
        (clustering.STAGE, clustering.run),
        (construction.STAGE, construction.run),
        (evolution.STAGE, evolution.run),
        (refinement.STAGE, refinement.run),
    )
}


def search(
    problem: Problem,
    params: SolveParams,
    *,
    observer: Observer | None = None,
    stop: StopCriterion | None = None,
    state: SearchState | None = None,
) -> Result:
    """Run all stages.

    Parameters
    ----------
    observer, stop
        Who is told, and who may end it early (the time limit of `params` counts besides).
    state
        Where an earlier run left off; finished clusters and stages are not done again.

    Raises
    ------
    KernelDisagreementError
        If the compiled search and the evaluator differ on any stage's result.
    """
    context = Context.create(problem, params, observer=observer or Silent(), stop=stop or Never())
    context.bound = bound_begin(problem, time_limit_s=params.time_limit_s, is_counted=context.is_counted)
    state = state if state is not None else SearchState()
    for name, stage in STAGES.items():
        if name in (clustering.STAGE, construction.STAGE) or name in params.stages:  # without CP-SAT the construction is greedy
            stage(context, state)
    return finish(context, state)


def change_stage(base: Solution, budget: ChangeBudget, *, max_more: int) -> Stage:
    """What takes the place of all stages where a timetable is changed as little as can be: its variants are the options."""

    def run(context: Context, state: SearchState) -> None:
        if state.variants:
            return
        found = smallest_change(
            context.problem,
            base,
            budget,
            time_limit_s=max(1.0, context.remaining_s(STAGE_NAMES[-1])),
            seed=context.params.seed,
            workers=context.params.workers,
            max_more=max_more,
            is_over=lambda: context.stop.reason() is not None,
        )
        state.change = change_facts(context.problem, base, found)
        state.variants = [
            VariantState(Profile(facts["label"], context.problem.weights), context.params.seed + number, *_evaluated(option))
            for number, (option, facts) in enumerate(zip(found.options, state.change["options"], strict=True))
        ]
        context.note_feasible(state, found.options[0].score)

    return reported(CHANGE_STAGE, run)


def _evaluated(option: ChangeOption) -> tuple[Solution, Score, Evaluation]:
    return option.solution, option.score, option.evaluation


def finish(context: Context, state: SearchState) -> Result:
    """Evaluate each variant independently; what clashes still becomes unplaced where that breaks no more rules, and what fits is placed."""
    stopped_by = context.end_reason()
    variants = [_finished(context, variant, is_final=state.change is not None) for variant in state.variants]
    return Result(
        variants=variants,
        stages=list(state.reports),
        time_to_feasible_s=state.time_to_feasible_s,
        lower_bound=(context.bound.result() if context.bound else lower_bound(context.problem, limit_s=0.0)).value,
        stopped_by=stopped_by,
        learned_values=dict(state.learned_values),
        is_settled=context.is_settled,
        moves_per_second=context.semaphore.proposals_per_second,
    )


def _finished(context: Context, variant: VariantState, *, is_final: bool) -> VariantResult:
    """``is_final``: nothing is taken out or placed besides, for a budget says how much may move."""
    solution, verdict = variant.incumbent, variant.verdict
    if is_final:
        pass
    elif variant.score.hard > solution_unplaced_periods(context.problem, solution):
        solution = without_clashes(context.problem, solution, variant.seed)
        verdict = None
    if not is_final and np.any(solution.slot < 0):
        placed = with_all_that_fit(context.problem, solution, variant.seed)
        solution, verdict = (placed, None) if placed.num_unplaced < solution.num_unplaced else (solution, verdict)
    verdict = verdict or evaluate(context.problem, solution)
    if verdict.score.hard > variant.score.hard:
        raise KernelDisagreementError(f"removing clashes raised {variant.score} to {verdict.score}")
    return VariantResult(
        label=variant.profile.label,
        profile=variant.profile,
        seed=variant.seed,
        solution=solution,
        score=verdict.score,
        breakdown=verdict.breakdown,
        unplaced=verdict.unplaced,
        student_clashes=verdict.student_clashes,
    )


def solution_unplaced_periods(problem: Problem, solution: Solution) -> int:
    return int(problem.lecture_length[solution.slot < 0].sum())


def without_clashes(problem: Problem, solution: Solution, seed: int) -> Solution:
    """Unplace the fewest lectures that end all clashes, found greedily, where that breaks no more rules."""
    chain = Chain(problem, problem.weights, solution, seed)
    pinned = ((problem.lecture_pin_slot >= 0) | (problem.lecture_pin_room >= 0)).astype(np.uint8)
    kernels.remove_clashes(chain.fixed, chain.state, pinned)
    score, cleaned = chain.best
    evaluation_checked(problem, cleaned, score, problem.weights)
    return cleaned


def with_all_that_fit(problem: Problem, solution: Solution, seed: int) -> Solution:
    """Place each lecture that has a place without breaking a rule, however little time the search had.

    One pass is enough: a lecture that is placed takes room from the others and never makes any.
    """
    chain = Chain(problem, problem.weights, solution, seed)
    chain.insert(np.flatnonzero(solution.slot < 0).astype(np.int32), only_clean=True)
    score, placed = chain.best
    evaluation_checked(problem, placed, score, problem.weights)
    return placed
