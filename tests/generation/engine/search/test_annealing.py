from __future__ import annotations

from dataclasses import replace

import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Weights
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain, Cooling, StepClock, temperature_scale
from tests.factories.problems import problem_make, problem_random


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


def test_a_week_without_a_free_period_is_filled_by_lectures_that_make_way() -> None:
    """Seven classes with seven teachers each, once a day, in seven periods: a Latin square."""
    size = 7
    problem = problem_make(
        list(range(size * size)),
        rooms=size,
        days=1,
        periods=size,
        instructors=size,
        section_instructors=[[n // size] for n in range(size * size)],
        section_curricula=[[n % size] for n in range(size * size)],
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=True)
    assert chain.score.hard > 0

    chain.eject(is_over=lambda: False, most_steps=50_000)

    assert (chain.best[0].hard, evaluate(problem, chain.best[1]).score.hard) == (0, 0)


def test_ejection_counts_as_the_evaluation_does_and_keeps_the_best() -> None:
    for seed in range(30):
        problem = problem_random(np.random.default_rng(seed))
        chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
        chain.insert(chain.movable[::2], only_clean=False)
        before = chain.score

        chain.eject(is_over=lambda: False, most_steps=500)

        score, solution = chain.best
        assert score == chain.score == evaluate(problem, solution).score <= before
