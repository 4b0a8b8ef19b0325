"""A table of lectures that are held already: what is read of it, and what is wrong in it, row by row."""

from __future__ import annotations

import pytest

from academics.models import ImportBatch, Organization
from generation.models import Variant
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db
HEADINGS = "Course,Section,Day,Start,End,Room\n"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def imported(organization: Organization, rows: str, *, headings: str = HEADINGS) -> ImportBatch:
    return files_import(organization, TABLES | {"timetable.csv": headings + rows})


@pytest.mark.parametrize(
    ("row", "column", "message", "allowed"),
    [
        ("XX9,1,Mon,08:00,08:50,R1", "Course", "no such code among the courses", "courses"),
        ("MA1,B,Mon,08:00,08:50,R1", "Section", "no section B", "table of sections"),
        ("MA1,1,Sat,08:00,08:50,R1", "Day", "T1 has 5 days", "a day of the term's week"),
        ("MA1,1,Mon-Wed,08:00,08:50,R1", "Day", "A span of days is not clear", "several: Mon, Wed"),
        ("MA1,1,,08:00,08:50,R1", "Day", "Neither a day nor a date", "or a date"),
        ("MA1,1,Mon,08:10,09:00,R1", "Start", "No period of T1 starts at 08:10. The nearest is period 1, from 08:00", "a start at which"),
        ("MA1,1,Mon,,,R1", "Start", "Neither a start nor a period", "number of a period"),
        ("MA1,1,Mon,09:00,08:50,R1", "End", "ends before it starts", "later than 09:00"),
        ("MA1,1,Mon,12:00,13:50,R1", "End", "after the last period", "period begins"),
        ("MA1,1,Mon,08:00,08:50,R9", "Room", "no such code among the rooms", "rooms"),
        ("MA1,1,Mon,08:00,09:50,R1", "End", "MA1 1 has no lecture of 2 periods that is left. Its lectures last 1", "length of one of"),
    ],
)
def test_a_row_that_can_not_be_is_a_problem_of_its_own(
    organization: Organization, row: str, column: str, message: str, allowed: str
) -> None:
    batch = imported(organization, f"MA1,2,Tue,08:00,08:50,R1\n{row}\n")

    assert [(each["row"], each["column"]) for each in batch.problems] == [(3, column)]
    assert message in batch.problems[0]["message"]
    assert allowed in batch.problems[0]["allowed"]
    assert not Variant.objects.exists()


def test_more_rows_than_lectures_are_one_problem_that_names_them(organization: Organization) -> None:
    batch = imported(
        organization, "MA1,1,Mon,08:00,08:50,R1\nMA1,2,Mon,09:00,09:50,R1\nMA1,1,Tue,08:00,08:50,R1\nMA1,1,Fri,08:00,08:50,R1\n"
    )

    assert [each["message"] for each in batch.problems] == ["MA1 1 has 2 lectures a week, and the table has 3: rows 2, 4 and 5."]
    assert batch.problems[0]["row"] == 5


def test_sections_with_codes_are_named_by_them(organization: Organization) -> None:
    tables = TABLES | {"sections.csv": "Course,Section\nMA1,A\nMA1,B\n"}
    rows = "MA1,A,Mon,1,R1\nMA1,,Tue,1,R1\nMA1,C,Wed,1,R1\n"

    batch = files_import(organization, tables | {"timetable.csv": "Course,Section,Day,Period,Room\n" + rows})

    assert [(each["row"], each["message"], each["allowed"]) for each in batch.problems] == [
        (3, "MA1 has several sections: A, B.", "one of A, B"),
        (4, "MA1 has no such section.", "one of A, B"),
    ]


def test_dated_rows_become_their_weekly_pattern_and_those_apart_are_named(organization: Organization) -> None:
    dates = ["2026-09-21", "2026-09-28", "2026-10-05"]  # Mondays
    rows = [f"MA1,1,{date},08:00,08:50,R1" for date in dates] + ["MA1,1,2026-09-23,08:00,08:50,R1", "MA1,1,2026-09-30,08:00,08:50,R1"]
    rows.append("MA1,1,2026-10-08,10:00,10:50,R1")  # a Thursday, once

    batch = imported(organization, "\n".join(rows) + "\n", headings="Course,Section,Date,Start,End,Room\n")

    assert batch.problems == []
    assert [part for each in batch.warnings for part in ("1 dated rows do not follow", "row 7") if part in each["message"]] == [
        "1 dated rows do not follow",
        "row 7",
    ]
    entries = Variant.objects.get().entries.filter(section="MA1/1").order_by("day")
    assert [(entry.day, entry.period, entry.room) for entry in entries] == [(0, 0, "R1"), (2, 0, "R1")]
