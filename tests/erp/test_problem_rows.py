"""A problem as rows of the database: what it cannot hold is counted."""

from __future__ import annotations

import datetime as dt

from academics.models import Availability
from academics.selectors import PeriodRow
from erp.problem_rows import MAX_DISLIKE, Extras, rows_of
from generation.problem.builder import problem_from_rows
from tests.factories.problems import problem_make

PERIODS = [PeriodRow(index, dt.time(8 + index), dt.time(9 + index), break_after=False, is_lunch=False) for index in range(4)]


def test_a_wish_that_weighs_more_than_the_data_can_hold_is_counted() -> None:
    problem = problem_make([0], instructor_dislike=[[3, 5, 0, 0, 0, 0, 0, 0]], section_instructors=[[0]])

    found = rows_of(problem, Extras(PERIODS))

    assert [row.rating for row in found.rows.availability if row.rating != Availability.BLOCKED] == [-3, -3]
    assert found.left_out == {f"wishes that weigh more than {MAX_DISLIKE} times the least": 1}


def test_weeks_of_lectures_come_back_from_the_rows() -> None:
    """Of an offering where all its lectures have the same, else of its meetings."""
    first, odd, every = 0b0000_0011_1111, 0b0101_0101_0101, 0b1111_1111_1111
    problem = problem_make([0, 0, 1, 1, 2], num_weeks=12, lecture_weeks=[first, first, odd, every, every])

    rows = rows_of(problem, Extras(PERIODS)).rows

    assert [row.weeks for row in rows.offerings] == ["1-6", "", ""]
    assert sorted((row.offering_id, row.count, row.weeks) for row in rows.meetings) == [
        (1, 2, ""),
        (2, 1, ""),
        (2, 1, "1,3,5,7,9,11"),
        (3, 1, ""),
    ]
    again = problem_from_rows(rows, name="again", weights=problem.weights, seed=1)
    held = sorted(zip(again.lecture_section.tolist(), again.lecture_weeks.tolist(), strict=True))
    # No lecture is named in the twelfth week, so that the eleventh is the last one known.
    assert held == [(0, first), (0, first), (1, odd), (1, every >> 1), (2, every >> 1)]
