"""The search's stages without the search: what the saga sees of them, in no time. For tests of the saga alone."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.engine.observer import Facts
from generation.engine.solve import STAGES, Context, SearchState, VariantState

StageFunction = Callable[[Context, SearchState], None]


def cluster(context: Context, state: SearchState) -> None:
    state.clusters = [list(range(context.problem.num_sections))]
    context.observer.progress("clustering", 1.0, Facts(1, 1))


def construct(context: Context, state: SearchState) -> None:
    """Every lecture in a timeslot of its own where they suffice, all in the first room."""
    problem = context.problem
    slots = np.arange(problem.num_lectures, dtype=np.int32) % problem.num_timeslots
    state.base = Solution(slots, np.zeros_like(slots))
    state.num_clusters_placed = 1
    context.observer.progress("cpsat_solving", 1.0, Facts(1, 1))


def vary(context: Context, state: SearchState) -> None:
    assert state.base is not None
    if not state.variants:
        state.variants = [
            VariantState(profile, n, solution, evaluate(context.problem, solution).score)
            for n, profile in enumerate(context.params.profiles)
            for solution in [_other(context, state.base, n)]
        ]
    context.observer.checkpoint(state)
    context.observer.progress("ga_optimization", 1.0, Facts(1, 1))


def _other(context: Context, base: Solution, index: int) -> Solution:
    """The last lecture in another room: a timetable of each variant's own."""
    solution = base.copy()
    solution.room[-1] = index % context.problem.num_rooms
    return solution


def refine(context: Context, state: SearchState) -> None:
    state.learned_values = {"seen": 1.0}
    context.observer.progress("rl_refinement", 1.0, Facts(1, 1))


STAGES_OF_TOY: dict[str, StageFunction] = {
    "clustering": cluster,
    "cpsat_solving": construct,
    "ga_optimization": vary,
    "rl_refinement": refine,
}


def toy_stages(**replaced: StageFunction):  # type: ignore[no-untyped-def]
    """A patch of the engine's stages; ``toy_stages(cpsat_solving=...)`` replaces one of them."""
    return patch.dict(STAGES, STAGES_OF_TOY | replaced)  # type: ignore[arg-type]
