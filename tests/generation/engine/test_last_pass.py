"""Before variants are handed out, whatever fits somewhere is placed: also where there was no time to search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.unplaced_reasons import unplaced_reasons
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.observer import Silent
from generation.engine.params import Profile, SolveParams
from generation.engine.search.annealing import Chain
from generation.engine.solve import Context, Result, SearchState, VariantState, finish, search
from generation.engine.stop import Flag, Never, Reason
from tests.factories.problems import problem_random
from tests.factories.trials import problem_trial


class SoonOver:
    """Time is over when it has been looked at so often: a starved machine's search ends at any of its safe points."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    def reason(self) -> Reason | None:
        self._left -= 1
        return "time" if self._left < 0 else None


def some_placed(problem: Problem, rng: np.random.Generator) -> Solution:
    """A timetable as a stage may leave it, clashes included, without a part of its lectures."""
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(np.arange(problem.num_lectures, dtype=np.int32), only_clean=False)
    for lecture in np.flatnonzero((chain.state.slot >= 0) & (rng.random(problem.num_lectures) < 0.5)).tolist():
        chain.take_away(lecture)
    return chain.current


def free_starts(problem: Problem, result: Result) -> list[str]:
    """The lectures without a place that have one."""
    found = [each for variant in result.variants for each in unplaced_reasons(problem, variant.solution)]
    return [each.section for each in found if "free" in each.blocked or any(way.id == "fits" for way in each.ways)]


@pytest.mark.parametrize("make", [problem_random, problem_trial])
def test_nothing_fits_that_is_not_placed_after_almost_no_time(make: Callable[[np.random.Generator], Problem]) -> None:
    for seed in range(30):
        problem = make(np.random.default_rng(seed))

        result = search(problem, SolveParams(time_limit_s=0.5, seed=seed), stop=SoonOver(seed % 10))

        assert free_starts(problem, result) == [], seed


def test_nothing_fits_that_is_not_placed_where_the_search_left_off_anywhere() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        problem = problem_random(rng, days=3)
        solution = some_placed(problem, rng)
        context = Context.create(problem, SolveParams(time_limit_s=0.5), observer=Silent(), stop=Never())
        score = evaluate(problem, solution).score
        state = SearchState(variants=[VariantState(Profile("Balanced", problem.weights), seed, solution, score)])

        result = finish(context, state)

        assert result.best.score <= score
        assert free_starts(problem, result) == [], seed


def test_a_search_that_was_stopped_before_its_first_lecture_places_what_fits() -> None:
    problem = problem_random(np.random.default_rng(4))
    stop = Flag()
    stop.raise_("stop")

    result = search(problem, SolveParams(time_limit_s=60), stop=stop)

    assert free_starts(problem, result) == []
    assert result.best.unplaced < problem.num_lectures
    assert result.best.score < evaluate(problem, Solution.empty(problem)).score
