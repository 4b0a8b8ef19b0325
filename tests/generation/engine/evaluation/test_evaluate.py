"""The judge against brute force, against its own violations, and against the clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.evaluate import evaluate, evaluate_under, violations
from generation.engine.model.problem import Weights
from generation.engine.model.solution import Score, Solution
from tests.factories.problems import OFF, place, problem_make, problem_random, solution_random
from tests.generation.engine.brute_force import BruteForce

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_every_count_agrees_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    solution = solution_random(problem, rng)
    brute = BruteForce(problem, solution)
    counts = brute.counts()

    found = evaluate(problem, solution)

    expected = {each.id: counts[each.id] * each.weight(problem.weights) for each in constraints_of(problem, problem.weights)}
    assert found.breakdown == expected
    assert found.student_clashes == brute.student_clashes()
    assert found.unplaced == problem.num_lectures - len(brute.lectures)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_violations_add_up_to_the_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    solution = solution_random(problem, rng)

    score = evaluate(problem, solution).score
    found = violations(problem, solution)

    assert score.hard == sum(each.amount for each in found if each.is_hard)
    assert score.soft == sum(each.amount for each in found if not each.is_hard)
    assert all(each.amount > 0 and each.sections and each.who for each in found)


def test_weights_of_another_profile_replace_the_problems_own() -> None:
    problem = problem_make([0, 0], section_min_days=[2])
    solution = place(problem, [(0, 0), (1, 0)])

    assert evaluate(problem, solution, weights=OFF).score == Score(0, 0)
    assert evaluate(problem, solution, weights=replace(OFF, min_days=7)).breakdown["min_days"] == 7


def test_student_clashes_count_students_and_timeslots_for_every_reason() -> None:
    problem = problem_make([0, 1, 2], students=[[0, 1, 2], [0, 1]], section_curricula=[[0], [0], []], weights=Weights())

    found = evaluate(problem, place(problem, [(0, 0), (0, 1), (0, 0)]))

    assert found.student_clashes == 2


def test_a_violation_names_who_when_and_where() -> None:
    problem = problem_make([0, 1], section_instructors=[[0], [0]])
    problem = replace(problem, names=replace(problem.names, days=("Monday", "Tuesday"), periods=("08:00", "09:00", "10:00", "11:00")))

    found = violations(problem, place(problem, [(5, 0), (5, 0)]), weights=OFF)

    assert [(each.constraint, each.amount, each.lectures, each.slot, each.who) for each in found] == [
        ("instructor_clash", 1, [0, 1], 5, ["Dr 0"]),
        ("room_clash", 1, [0, 1], 5, ["R0"]),
    ]
    assert [(each.who_kind, each.sections, each.time, each.room_code) for each in found] == [
        ("instructors", ["C0-1", "C1-1"], ("slot", "Tuesday", "09:00"), ""),
        ("rooms", ["C0-1", "C1-1"], ("slot", "Tuesday", "09:00"), "R0"),
    ]


def test_student_clashes_come_once_for_each_pair_and_timeslot_with_the_students() -> None:
    problem = problem_make([0, 1], students=[[0, 1], [0, 1], [1]], lecture_length=[2, 2])

    found = [each for each in violations(problem, place(problem, [(0, 0), (0, 1)])) if each.constraint == "student_clash"]

    assert [(each.slot, each.amount, each.who) for each in found] == [(0, 8, ["U0", "U1"]), (1, 8, ["U0", "U1"])]


def test_nothing_is_wrong_with_a_good_timetable() -> None:
    problem = problem_make([0, 1], section_instructors=[[0], [0]], students=[[0, 1]])

    assert violations(problem, place(problem, [(0, 0), (1, 0)])) == []


def test_a_problem_without_lectures_scores_zero() -> None:
    problem = problem_make([])

    assert evaluate(problem, Solution.empty(problem)).score == Score(0, 0)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_several_weights_at_once_are_each_judged_as_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    solution = solution_random(problem, rng)
    weightings = [problem.weights, Weights.udine(), replace(problem.weights, student_clash=0, lunch=9)]
    together = evaluate_under(problem, solution, weightings)
    assert together == [evaluate(problem, solution, weights=weights) for weights in weightings]
