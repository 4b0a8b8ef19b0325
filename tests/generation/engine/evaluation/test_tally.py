"""The quick count for watchers against the judge: the same figures, constraint by constraint."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.constraints.base import Terms
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation import tally as breakdown
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.tally import Tally
from generation.engine.model.problem import SEAT_ALONE
from generation.engine.model.solution import Solution
from tests.factories.problems import problem_make, problem_random, solution_random, weeks_added

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_every_figure_is_the_judges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem, other = weeks_added(problem_random(rng), rng), problem_random(rng).weights
    tally = Tally(problem)
    for weights in (problem.weights, other):
        solution = solution_random(problem, rng, unplaced=rng.choice([0.0, 0.1, 0.6]))

        found = tally.breakdown(solution, weights)

        judged = evaluate(problem, solution, weights=weights)
        assert found == judged.breakdown
        assert tally.score(found, weights) == judged.score


def test_students_who_sit_elsewhere_are_counted_there() -> None:
    rng = np.random.default_rng(3)
    students = [[int(rng.integers(2)), 2 + int(rng.integers(2))] for _ in range(30)]
    more = {"section_offering": [0, 0, 1, 1], "seat_bundle": [SEAT_ALONE] * 60, "section_curricula": [[0], [], [0], []]}
    problem = problem_make(rng.integers(0, 4, 20).tolist(), sections=4, students=students, **more)
    tally = Tally(problem)
    found = set()
    for _ in range(2 * breakdown.SEATINGS_KEPT):
        seats = problem.student_sections.indices.copy()
        seats[::2], seats[1::2] = rng.permutation(seats[::2]), rng.permutation(seats[1::2])
        solution = replace(solution_random(problem, np.random.default_rng(4)), seats=seats)

        counted = tally.breakdown(solution)

        assert counted == evaluate(problem, solution).breakdown
        found.add(counted["student_clash"])
    assert len(found) > 1


def test_a_timetable_without_any_place_and_a_problem_without_any_lecture_are_counted() -> None:
    for problem in (problem_make((0, 0, 1), students=[[0, 1]]), problem_make(())):
        solution = Solution.empty(problem)
        assert Tally(problem).breakdown(solution) == evaluate(problem, solution).breakdown


def test_a_room_without_a_time_is_no_place() -> None:
    problem = problem_make((0, 1))
    solution = Solution(np.array([3, -1], dtype=np.int32), np.array([-1, 1], dtype=np.int32))
    assert Tally(problem).breakdown(solution) == evaluate(problem, solution).breakdown


def test_every_constraint_has_a_quick_counter() -> None:
    assert set(breakdown.COUNTS) == {each.id for each in CONSTRAINTS.values() if each.terms.is_empty}


def test_a_constraint_without_a_counter_is_counted_by_the_judge() -> None:
    rng = np.random.default_rng(1)
    problem = problem_random(rng)
    solution = solution_random(problem, rng)
    plain = {name: replace(each, terms=Terms()) for name, each in CONSTRAINTS.items()}
    with patch.dict(breakdown.COUNTS, clear=True), patch.dict(CONSTRAINTS, plain):
        assert Tally(problem).breakdown(solution) == evaluate(problem, solution).breakdown
