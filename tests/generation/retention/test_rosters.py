"""Students of sections that stay: put back where they sat, and held there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import SEAT_ALONE, SEAT_FIXED, Csr, Problem
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from generation.retention.kept_places import Roster
from generation.retention.rosters import problem_seated, seating_summary
from tests.factories.problems import problem_make


def parallel(seats: list[list[int]], bundles: list[int] | None = None) -> Problem:
    """Courses A (sections 0 and 1) and B (2 and 3): `seats` are each student's sections."""
    problem = problem_make((0, 1, 2, 3), instructors=4, section_instructors=[[0], [1], [2], [3]], days=1)
    indices = [section for row in seats for section in row]
    sizes = Counter(indices)
    return replace(
        problem,
        names=replace(
            problem.names,
            courses=("A", "A", "B", "B"),
            sections=("A/1", "A/2", "B/1", "B/2"),
            students=tuple(f"s{n}" for n in range(len(seats))),
        ),
        section_size=np.array([sizes[n] for n in range(4)], dtype=np.int32),
        student_sections=Csr.of(seats),
        section_offering=np.array([0, 0, 1, 1], dtype=np.int32),
        seat_bundle=np.array(bundles or [SEAT_ALONE] * len(indices), dtype=np.int32),
    )


def attended(problem: Problem, solution: Solution | None = None) -> list[list[int]]:
    return [row.tolist() for row in (solution.attended(problem) if solution else problem.student_sections)]


def searched(problem: Problem) -> Solution:
    """A/1 beside B/1 and A/2 beside B/2: every exchange that saves a clash is worth it."""
    slot = np.array([0, 1, 0, 1], dtype=np.int32)
    chain = Chain(problem, problem.weights, Solution(slot, np.array([0, 0, 1, 1], dtype=np.int32)), seed=1)
    chain.reseat(seed=1, tries=5000)
    return chain.current


SEATS = [[0, 2], [0, 2], [1, 3], [1, 3], [0, 3], [1, 2]]  # with A/1 beside B/1 the first four clash
FIRST = Roster("A", "A/1", ("s0", "s1", "s4"))


def test_without_rosters_the_problem_is_the_same_object() -> None:
    problem = parallel(SEATS)

    assert problem_seated(problem, ()) is problem


def test_a_section_that_stays_keeps_its_students_while_others_exchange() -> None:
    problem = parallel(SEATS)
    held = problem_seated(problem, (FIRST,))

    free, kept = attended(problem, searched(problem)), attended(held, searched(held))

    assert [0 in row for row in free] != [0 in row for row in SEATS]
    assert [0 in row for row in kept] == [0 in row for row in SEATS]
    assert kept != SEATS  # the seats of B were exchanged
    assert evaluate(problem, searched(held)).score == evaluate(held, searched(held)).score


def test_students_dealt_elsewhere_are_put_back_first() -> None:
    dealt = parallel([[1, 3], [1, 2], [0, 3], [0, 2], [0, 3], [1, 2]])
    sizes = np.bincount(dealt.student_sections.indices)

    held = problem_seated(dealt, (FIRST,))

    assert [0 in row for row in attended(held)] == [True, True, False, False, True, False]
    assert np.bincount(held.student_sections.indices).tolist() == sizes.tolist()
    summary = seating_summary(held, (FIRST,))
    assert (summary.num_staying, summary.leaving, summary.joining) == (3, (), ())


def test_core_seats_that_move_together_are_exchanged_only_inside_the_section_that_stays() -> None:
    problem = parallel([[0, 2], [0, 3], [1, 2], [1, 3]], [7] * 8)

    held = problem_seated(problem, (Roster("A", "A/1", ("s0", "s1")),))

    first, second = set(held.seat_bundle[:4].tolist()), set(held.seat_bundle[4:].tolist())
    assert (len(first), second) == (1, {7})
    assert first.isdisjoint({7, SEAT_FIXED, SEAT_ALONE})
    result = attended(held, searched(held))
    assert [0 in row for row in result] == [True, True, False, False]


def test_with_every_section_kept_nobody_can_change() -> None:
    rosters = (
        FIRST,
        Roster("A", "A/2", ("s2", "s3", "s5")),
        Roster("B", "B/1", ("s0", "s1", "s5")),
        Roster("B", "B/2", ("s2", "s3", "s4")),
    )

    held = problem_seated(parallel(SEATS), rosters)

    assert not held.has_movable_seats
    assert attended(held, searched(held)) == SEATS


def test_who_cannot_keep_a_seat_and_who_comes_are_named() -> None:
    fixed = parallel([[1, 2], [0, 2]], [SEAT_FIXED, SEAT_ALONE, SEAT_FIXED, SEAT_ALONE])  # the institution named another section
    rosters = (Roster("A", "A/1", ("s0",)), Roster("GONE", "G", ("s1",)))

    summary = seating_summary(problem_seated(fixed, rosters), rosters)

    assert (summary.num_staying, summary.leaving, summary.joining) == (0, (("s0", "A/1"),), (("s1", "A/1"),))


def test_a_newcomer_takes_the_place_that_is_left() -> None:
    more = parallel([[1], [0], [0], [1]])
    roster = (Roster("A", "A/1", ("s0",)),)  # s1 sat in A/2 or was not there

    held = problem_seated(more, roster)

    assert 0 in attended(held)[0]
    assert seating_summary(held, roster).num_staying == 1
    assert len(seating_summary(held, roster).joining) == 1
