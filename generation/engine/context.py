"""What every stage is given beside the state of the search: clock, limits, observer, and the semaphore of the workers."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from generation.engine.bounds.lower_bound import Bound
from generation.engine.evaluation.evaluate import Evaluation, evaluate, evaluate_under
from generation.engine.evaluation.tally import Tally
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.solution import Score, Solution
from generation.engine.observer import Facts, Observer
from generation.engine.params import STAGES, Profile, SolveParams
from generation.engine.search.annealing import Chain
from generation.engine.search.exchange_units import Units, units_of
from generation.engine.search_state import Position, SearchState, StageReport, VariantState
from generation.engine.stop import Deadline, Reason, StopCriterion

# Where each stage ends, as a share of the time that is left when the search (or what remains of it)
# begins. The construction hands over as soon as it is done. What is after the last is for judging.
STAGE_ENDS = {"clustering": 0.04, "cpsat_solving": 0.14, "ga_optimization": 0.7, "rl_refinement": 1.0}

STEPS_AN_ITERATION = 2_000  # proposals of a variant's whole annealing for each of `SolveParams.iterations`

EVALUATIONS_AHEAD = 2  # of each variant after the last stage's search: at its end, and one to spare (where clashes are taken out)


class KernelDisagreementError(RuntimeError):
    """The compiled search and the evaluator came to different scores: an error of ours, never a result."""


class FairSemaphore:
    """A semaphore that is first come, first served: at most so many threads compute at once; what they propose is counted.

    A plain semaphore lets the thread that has just released it in again before one that waits.
    """

    def __init__(self, workers: int) -> None:
        self._free = workers
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._proposals = 0
        self._seconds = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # handed over, and never free in between: a thread that comes just now must not get in first
            else:
                self._free += 1

    def count(self, proposals: int, seconds: float) -> None:
        """Note what the compiled search proposed, and the seconds it took inside."""
        with self._lock:
            self._proposals += proposals
            self._seconds += seconds

    @property
    def proposals_per_second(self) -> int | None:
        """Of one thread; None where nothing was proposed."""
        return round(self._proposals / self._seconds) if self._seconds > 0 else None


@dataclass
class Context:
    """What every stage is given beside the state. Make it with `create`, which starts the clock."""

    problem: Problem
    params: SolveParams
    observer: Observer
    stop: StopCriterion
    deadline: Deadline
    started_at: float
    evaluation_s: float  # what one evaluation takes, so that the last ones fit into the time limit
    semaphore: FairSemaphore  # one for each worker: who computes holds one
    bound: Future[Bound] | None = None  # of the problem's penalty, worked out beside the search
    is_settled: bool = False  # nothing can be anywhere else: what the construction made is all there is
    is_tight: bool = False  # only lectures that made way for one another gave a timetable without a broken rule
    adopting: threading.Lock = field(default_factory=threading.Lock)  # held while a variant or a checkpoint of all is taken

    @classmethod
    def create(cls, problem: Problem, params: SolveParams, *, observer: Observer, stop: StopCriterion) -> Context:
        """Start the clock: the budgets of all stages are shares of the time from now."""
        started_at = time.monotonic()
        deadline = Deadline(params.time_limit_s)
        evaluate(problem, Solution.empty(problem))
        evaluation_s = time.monotonic() - started_at + 0.01
        return cls(problem, params, observer, stop, deadline, started_at, evaluation_s, FairSemaphore(params.workers))

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self.params.profiles or (Profile("balanced", self.problem.weights),)

    @cached_property
    def tally(self) -> Tally:
        """Counts by constraint for watchers and checkpoints; laid out when first asked for."""
        return Tally(self.problem)

    @cached_property
    def units(self) -> Units | None:
        """What students may exchange, for the chains of all variants."""
        return units_of(self.problem) if self.problem.has_movable_seats else None

    @property
    def is_counted(self) -> bool:
        return self.params.iterations is not None

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_at

    def remaining_s(self, stage: str) -> float:
        """Seconds until `stage` has to hand over."""
        reserve = min(0.5 * self.params.time_limit_s, EVALUATIONS_AHEAD * self.evaluation_s * len(self.profiles))
        return max(0.0, self._end(stage) * (self.params.time_limit_s - reserve) - self.elapsed_s)

    def _end(self, stage: str) -> float:
        """The last of the stages that run takes what time there is."""
        later = STAGES[STAGES.index(stage) + 1 :]
        return STAGE_ENDS[stage] if any(self.uses(name) for name in later) else 1.0

    def uses(self, stage: str) -> bool:
        """Benchmarks leave stages out."""
        return stage in self.params.stages

    def share_of_worker(self, num_searches: int) -> float:
        """The part of the time in which one of so many searches computes."""
        return min(1.0, self.params.workers / num_searches)

    def note_evaluation_time(self, seconds: float) -> None:
        """Evaluating a whole timetable took this long; an empty one says little."""
        self.evaluation_s = max(self.evaluation_s, seconds)

    def end_reason(self) -> Reason | None:
        """Why to end the whole search now: somebody's wish, or the time limit where one counts."""
        return self.stop.reason() or (None if self.is_counted else self.deadline.reason())

    def is_over(self, stage: str) -> bool:
        """Whether `stage` has to hand over now."""
        return self.stop.reason() is not None or (not self.is_counted and self.remaining_s(stage) <= 0)

    def is_perfect(self, score: Score) -> bool:
        """Whether the search ends, as nothing is broken and nothing costs where much is hard. Counted runs go their whole way."""
        return self.problem.is_bound and not self.is_counted and score.hard == 0 and score.soft <= 0

    def run_side_by_side(self, stage: str, runs: Sequence[Callable[[float], None]], *, until_s: float | None = None) -> None:
        """Give each run (called with its seconds) an equal share of the stage, or of its time up to `until_s` after the start.

        In turn with one worker, else on a thread each. Threads take turns chunk by chunk, so that three runs share two
        workers evenly, and no more compute at once.
        """
        if self.params.workers == 1:
            for index, run in enumerate(runs):
                run(self._left_s(stage, until_s) / (len(runs) - index))
            return
        budget_s = self._left_s(stage, until_s)
        with ThreadPoolExecutor(len(runs), thread_name_prefix=stage) as pool:
            for future in [pool.submit(run, budget_s) for run in runs]:
                future.result()

    def _left_s(self, stage: str, until_s: float | None) -> float:
        remaining = self.remaining_s(stage)
        return remaining if until_s is None else min(remaining, max(0.0, until_s - self.elapsed_s))

    def rng(self, *purpose: int) -> np.random.Generator:
        """A generator of its own for each purpose, so that stages and threads do not share one."""
        return np.random.default_rng([self.params.seed, *purpose])

    def facts(self, done: tuple[int, int], score: Score, solution: Solution, *, profile: Profile | None = None, **more: Any) -> Facts:
        """What to tell of a timetable; `done` is (completed, total) items, `score` by the profile's weights or the problem's own."""
        waiting = solution.slot < 0
        return Facts(
            *done,
            hard=score.hard,
            soft=score.soft,
            unplaced=int(np.count_nonzero(waiting)),
            broken=score.hard - int(self.problem.lecture_length[waiting].sum()),
            variant=profile.label if profile else None,
            measure=lambda: self.tally.breakdown(solution, profile.weights if profile else None),
            **more,
        )

    def adopt(self, variant: VariantState, solution: Solution, score: Score, verdict: Evaluation | None = None) -> None:
        """Give the variant a better timetable and its score (and its evaluation) under the problem's own weights."""
        with self.adopting:
            variant.incumbent, variant.score, variant.verdict = solution, score, verdict

    def report(self, stage: str, fraction: float, facts: Facts) -> None:
        self.observer.progress(stage, min(1.0, max(0.0, fraction)), facts)

    def note_feasible(self, state: SearchState, score: Score) -> None:
        if score.hard == 0 and state.time_to_feasible_s is None:
            state.time_to_feasible_s = round(self.elapsed_s, 3)


Stage = Callable[[Context, SearchState], None]


def evaluation_checked(problem: Problem, solution: Solution, expected: Score, weights: Weights) -> Evaluation:
    """The independent evaluation under the problem's own weights, after checking the kernels' score under `weights`.

    Raises
    ------
    KernelDisagreementError
        If the compiled search had counted anything else than the evaluator.
    """
    found, own = evaluate_under(problem, solution, [weights, problem.weights])
    if found.score != expected:
        raise KernelDisagreementError(f"the search counted {expected}, the evaluator {found.score}")
    return own


def reported(name: str, stage: Stage) -> Stage:
    """`stage` with its time and outcome added to the state's reports (once a stage, also when run twice)."""

    def run(context: Context, state: SearchState) -> None:
        began = time.monotonic()
        stage(context, state)
        score, solution = best_found(context.problem, state)
        state.reports = [report for report in state.reports if report.stage != name]
        state.reports.append(StageReport(name, round(time.monotonic() - began, 3), score.hard, score.soft))
        context.report(name, 1.0, context.facts((1, 1), score, solution))

    return run


def best_found(problem: Problem, state: SearchState) -> tuple[Score, Solution]:
    if state.variants:
        best = min(state.variants, key=lambda variant: variant.score)
        return best.score, best.incumbent
    solution = state.base or Solution.empty(problem)
    return evaluate(problem, solution).score, solution


def position_note(state: SearchState, key: tuple[int, int], stage: str, chain: Chain, way: float) -> None:
    """Remember where the chain stands; called by whoever runs it, between two chunks."""
    state.positions[key] = Position(stage, chain.current, way, chain.plan.hot, chain.plan.cold, chain.hard_weight)


def position_take(state: SearchState, key: tuple[int, int], chain: Chain) -> Position | None:
    """Put the chain where a search of an earlier process stood; the best timetable stays the variant's."""
    position = state.positions.get(key)
    if position is not None:
        chain.go_to(position.solution)
        chain.plan = replace(chain.plan, hot=position.hot, cold=position.cold)
        chain.way, chain.hard_weight = position.way, max(chain.hard_weight, position.hard_weight)
    return position


def best_take(context: Context, variant: VariantState, chains: Sequence[Chain], before: Score) -> None:
    """Give the variant the best timetable that its chains have seen, once the evaluator has confirmed it, if it is better than `before`."""
    score, solution = min((chain.best for chain in chains), key=lambda found: found[0])
    if score < before:
        verdict = evaluation_checked(context.problem, solution, score, variant.profile.weights)
        context.adopt(variant, solution, verdict.score, verdict)


assert tuple(STAGE_ENDS) == STAGES
