"""A problem as rows of the database: what it cannot hold is counted."""

from __future__ import annotations

import datetime as dt

from academics.models import Availability
from academics.selectors import PeriodRow
from erp.problem_rows import MAX_DISLIKE, Extras, rows_of
from tests.factories.problems import problem_make

PERIODS = [PeriodRow(index, dt.time(8 + index), dt.time(9 + index), break_after=False, is_lunch=False) for index in range(4)]


def test_a_wish_that_weighs_more_than_the_data_can_hold_is_counted() -> None:
    problem = problem_make([0], instructor_dislike=[[3, 5, 0, 0, 0, 0, 0, 0]], section_instructors=[[0]])

    found = rows_of(problem, Extras(PERIODS))

    assert [row.rating for row in found.rows.availability if row.rating != Availability.BLOCKED] == [-3, -3]
    assert found.left_out == {f"wishes that weigh more than {MAX_DISLIKE} times the least": 1}
