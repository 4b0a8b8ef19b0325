from __future__ import annotations

from dataclasses import replace

from generation.engine.model.problem import Weights
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain, Cooling, StepClock, temperature_scale
from tests.factories.problems import problem_make


def test_a_rule_is_not_broken_to_spare_many_students_a_clash() -> None:
    """Two sections of one instructor, and a third that can only be at the first time, with students of both."""
    problem = problem_make(
        [0, 1, 2],
        rooms=3,
        days=1,
        periods=2,
        section_instructors=[[0], [0], []],
        section_available=[[True, True], [True, True], [True, False]],
        students=[[0, 2]] * 30 + [[1, 2]] * 30,
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)

    chain.anneal(Cooling(hot=2.0, cold=0.1), StepClock(5_000), is_over=lambda: False)

    assert chain.score.hard == 0
    assert chain.score.soft == 30 * problem.weights.student_clash


def test_weights_of_free_days_that_nobody_has_leave_the_temperatures_as_they_were() -> None:
    without, weights = problem_make([0]), Weights()
    off = replace(weights, free_days=0, free_half_days=0)

    assert temperature_scale(without, weights) == temperature_scale(without, off)
    assert temperature_scale(problem_make([0], instructor_free_days=[1]), weights) != temperature_scale(without, off)
