"""The judge against brute force, against its own violations, and against the clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.evaluate import evaluate, evaluate_under, violations
from generation.engine.model.problem import Weights
from generation.engine.model.solution import Score, Solution
from tests.factories.problems import OFF, place, problem_make, problem_random, solution_random, weeks_added
from tests.generation.engine.brute_force import BruteForce

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_every_count_agrees_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
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
    problem = weeks_added(problem_random(rng), rng)
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


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_which_weeks_there_are_changes_nothing_but_what_they_tell_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plain = problem_random(rng)
    solution = solution_random(plain, rng)
    some = int(rng.integers(1, 8))
    alike = replace(plain, num_weeks=3, lecture_weeks=np.full(plain.num_lectures, some, dtype=np.uint64))
    assert evaluate(alike, solution) == evaluate(plain, solution)

    weeks = rng.integers(1, 8, plain.num_lectures)
    by_week = replace(plain, num_weeks=3, lecture_weeks=weeks.astype(np.uint64))
    order = rng.permutation(3)
    renamed = sum((weeks >> int(old) & 1) << new for new, old in enumerate(order))
    longer = sum((weeks >> week & 1) * (3 << 2 * week) for week in range(3))  # each week twice, and two without any lecture
    for num_weeks, other in ((3, renamed), (8, longer)):
        again = replace(plain, num_weeks=num_weeks, lecture_weeks=np.asarray(other).astype(np.uint64))
        assert evaluate(again, solution) == evaluate(by_week, solution)


def test_lectures_of_odd_and_of_even_weeks_are_not_in_each_others_way() -> None:
    together = {"section_instructors": [[0], [0]], "section_curricula": [[0], [0]], "students": [[0, 1]]}
    problem = problem_make([0, 1], num_weeks=4, lecture_weeks=[0b0101, 0b1010], weights=replace(Weights(), compactness=0), **together)

    assert evaluate(problem, place(problem, [(0, 0), (0, 0)])).score == Score(0, 0)
    assert violations(problem, place(problem, [(0, 0), (0, 0)])) == []


def test_a_day_counts_as_in_its_worst_week() -> None:
    # Every week at 1 and 4; in odd weeks at 2 besides, so that the even ones have the longer gap.
    weights = replace(OFF, instructor_gaps=1)
    problem = problem_make([0, 0, 1], num_weeks=2, lecture_weeks=[3, 3, 1], section_instructors=[[0], [0]], weights=weights)

    (found,) = violations(problem, place(problem, [(0, 0), (3, 0), (1, 0)]))

    assert (found.constraint, found.units, found.lectures) == ("instructor_gaps", 2, [0, 1])


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"num_weeks": 61}, "61 is not from 0 to 60"),
        ({"num_weeks": 2, "lecture_weeks": [1]}, "1 entries for 2 lectures"),
        ({"num_weeks": 2, "lecture_weeks": [1, 0]}, "no week"),
        ({"num_weeks": 2, "lecture_weeks": [1, 4]}, "after the last, 2"),
    ],
)
def test_weeks_that_no_term_has_are_refused(given_: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        problem_make([0, 1], **given_)
