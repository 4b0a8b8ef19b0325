"""The fewest students who must clash: each argument proves what it says, and no timetable does better."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.bounds.minimum_clashes import FIXED, TOGETHER, TOO_FEW, MinimumClashes, minimum_clashes, shared_by_courses
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Csr, Problem
from generation.engine.model.solution import Solution
from tests.factories.problems import blocked, problem_make


def proven(problem: Problem, choices: list[list[int]], offerings: int) -> MinimumClashes:
    takes = Csr.of(choices)
    return minimum_clashes(problem, takes, offerings, shared_by_courses(takes, offerings))


def of(lectures: list[int], offering: list[int], **more: Any) -> Problem:
    return problem_make(lectures, sections=len(offering), section_offering=offering, **more)


def test_pairs_come_with_the_most_shared_students_first() -> None:
    takes = Csr.of([[0, 1, 2], [1, 2], [0, 2], [1, 2]])

    assert shared_by_courses(takes, 3).tolist() == [[1, 2, 3], [0, 2, 2], [0, 1, 1]]


def test_courses_fixed_to_the_same_time_clash_for_whoever_takes_both() -> None:
    problem = of([0, 1], [0, 1], lecture_pin_slot=[3, 3])

    found = proven(problem, [[0, 1], [0], [0, 1]], 2)

    assert found.pairs.tolist() == [[0, 1, 2, FIXED]]
    assert found.students.tolist() == [True, False, True]


def test_a_parallel_section_elsewhere_helps() -> None:
    assert not proven(of([0, 1, 2], [0, 1, 1], lecture_pin_slot=[3, 3, -1]), [[0, 1]], 2).students.any()
    assert proven(of([0, 1, 2], [0, 1, 1], lecture_pin_slot=[3, 3, 3]), [[0, 1]], 2).students.any()


def test_courses_that_must_start_together_clash_and_those_that_only_should_do_not() -> None:
    problem = of([0, 1], [0, 1], same_start=[(0, 1)], same_start_is_hard=True)

    assert proven(problem, [[0, 1]], 2).pairs[:, 3].tolist() == [TOGETHER]
    assert not proven(of([0, 1], [0, 1], same_start=[(0, 1)]), [[0, 1]], 2).students.any()


def test_chained_rules_about_starting_together_are_one() -> None:
    problem = of([0, 1, 2], [0, 1, 2], same_start=[(0, 1), (1, 2)], same_start_is_hard=True)

    assert proven(problem, [[0, 2]], 3).students.all()


def test_two_courses_in_fewer_timeslots_than_periods_clash() -> None:
    open_ = np.zeros((2, 8), dtype=np.bool_)
    open_[:, :3] = True

    found = proven(of([0, 0, 1, 1], [0, 1], section_available=open_), [[0, 1], [1]], 2)

    assert found.pairs.tolist() == [[0, 1, 1, TOO_FEW]]
    assert found.students.tolist() == [True, False]


def test_three_courses_crowd_a_set_of_timeslots_that_any_two_fit_into() -> None:
    open_ = np.zeros((3, 8), dtype=np.bool_)
    open_[:, :2] = True

    found = proven(of([0, 1, 2], [0, 1, 2], section_available=open_), [[0, 1, 2], [0, 1]], 3)

    assert len(found.pairs) == 0
    assert [(each.slots, set(each.offerings), each.most_periods) for each in found.crowdings] == [((0, 1), {0, 1, 2}, 3)]
    assert found.students.tolist() == [True, False]


def test_more_periods_than_the_week_has() -> None:
    found = proven(of([0, 1, 2], [0, 1, 2], lecture_length=[4, 4, 1]), [[0, 1, 2], [0, 1]], 3)

    assert [(len(each.slots), each.most_periods) for each in found.crowdings] == [(8, 9)]
    assert found.students.tolist() == [True, False]


def test_a_lecture_that_can_start_nowhere_proves_nothing() -> None:
    problem = of([0, 1], [0, 1], section_available=blocked(2, 8, *((0, slot) for slot in range(8))))

    assert not proven(problem, [[0, 1]], 2).students.any()


def test_an_offering_that_fits_nowhere_by_itself_makes_nobody_clash() -> None:
    open_ = np.zeros((2, 8), dtype=np.bool_)
    open_[:, :2] = True
    problem = of([0, 0, 0, 1], [0, 1], section_available=open_)

    assert not proven(problem, [[0], [0, 1]], 2).students.any()


def test_nobody_and_nothing() -> None:
    assert not len(proven(of([0], [0]), [], 1).students)
    assert not proven(problem_make([0], sections=2, section_offering=[0, 1]), [[0, 1], []], 2).students.any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_no_timetable_has_fewer_clashing_students_than_are_proven(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offering = [0, 0, 1, 2]
    problem = of(
        [0, 1, 2, 3],
        offering,
        days=1,
        periods=3,
        lecture_length=rng.integers(1, 3, 4),
        section_available=rng.random((4, 3)) < 0.7,
        lecture_pin_slot=np.where(rng.random(4) < 0.4, rng.integers(0, 3, 4), -1),
        same_start=[(2, 3)] if rng.random() < 0.3 else [],
        same_start_is_hard=True,
        rooms=4,
    )
    choices = [sorted(rng.choice(3, rng.integers(1, 4), replace=False).tolist()) for _ in range(4)]
    least = int(proven(problem, choices, 3).students.sum())

    for slots in product(range(3), repeat=4):
        solution = Solution(np.array(slots, dtype=np.int32), np.arange(4, dtype=np.int32))
        if evaluate(problem, solution).score.hard == 0:
            assert _fewest(problem, choices, slots) >= least


def _fewest(problem: Problem, choices: list[list[int]], slots: tuple[int, ...]) -> int:
    """Students who clash at these times, each in the best parallel sections."""
    busy = [set(range(slot, slot + int(length))) for slot, length in zip(slots, problem.lecture_length, strict=True)]
    ways = {0: [0, 1], 1: [2], 2: [3]}
    clashing = 0
    for choice in choices:
        seatings = product(*(ways[o] for o in choice))
        clashing += all(sum(len(busy[s]) for s in seating) > len(set().union(*(busy[s] for s in seating))) for seating in seatings)
    return clashing
