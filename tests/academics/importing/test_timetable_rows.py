"""A table of lectures that are held already: what is read of it, and what is wrong in it, row by row."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academics.importing.columns_by_kind import KINDS
from academics.importing.mapping import Mapped
from academics.importing.rows import tables_check
from academics.importing.tables import Table
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


def test_dated_rows_become_their_weekly_meetings_and_those_apart_are_named(organization: Organization) -> None:
    rows = [f"MA1,1,{date},08:00,08:50,R1" for date in ("2026-09-21", "2026-09-28", "2026-10-05", "2026-10-12")]  # Mondays
    rows += [f"MA1,1,{date},08:00,08:50,R1" for date in ("2026-09-23", "2026-09-30", "2026-10-14")]  # Wednesdays
    rows += ["MA1,1,2026-10-08,10:00,10:50,R1", "MA1,1,2026-10-19,08:00,08:50,R3", "MA1,1,2026-10-30,10:00,10:50,R1"]
    rows += [f"MA1,2,{date},09:00,09:50,R1" for date in ("2026-09-21", "2026-10-05", "2026-10-19")]  # every second Monday

    batch = imported(organization, "\n".join(rows) + "\n", headings="Course,Section,Date,Start,End,Room\n")

    assert batch.problems == []
    assert [
        re.sub("rows?", "rows", each["message"], count=1).partition(" dated rows")[2].rpartition(": ")[2] or each["message"][:60]
        for each in batch.warnings
    ] == [
        "row 9.",  # the Thursday after a Wednesday without a meeting
        "row 10.",
        "row 11. It is the same every week.",
        "1 weekly meeting is held every second week only, by its date",
    ]
    entries = Variant.objects.get().entries.filter(course="MA1").exclude(day=None).order_by("section", "day")
    assert [(entry.section, entry.day, entry.period, entry.room) for entry in entries] == [
        ("MA1/1", 0, 0, "R1"),
        ("MA1/1", 2, 0, "R1"),
        ("MA1/2", 0, 1, "R1"),
    ]


def test_the_dates_of_one_usual_week_are_taken_for_every_week(organization: Organization) -> None:
    batch = imported(organization, "MA1,1,2026-09-21,1,R1\nMA1,1,2026-09-24,1,R1\n", headings="Course,Section,Date,Period,Room\n")

    assert [each["message"] for each in batch.warnings] == ["All dates are of one week, which is taken for every week."]
    assert Variant.objects.get().entries.exclude(day=None).count() == 2


def test_rows_that_name_other_weeks_than_the_data_or_none_are_counted(organization: Organization) -> None:
    rows = "MA1,1,Mon,1,R1,1-7\nMA1,1,Tue,1,R1,\nMA1,2,Mon,2,R1,1-17\nMA1,2,Tue,2,R1,KW 42\n"
    batch = imported(organization, rows, headings="Course,Section,Day,Period,Room,Weeks\n")

    assert sorted(each["message"].partition(" (")[0] for each in batch.warnings) == [
        "1 row names other weeks than its lecture has",
        "1 row names weeks that are not understood",
    ]
    assert Variant.objects.get().entries.exclude(day=None).count() == 4


def test_a_room_to_be_announced_is_none_and_online_is_no_room(organization: Organization) -> None:
    tables = TABLES | {
        "offerings.csv": "Course,Lecturers,Meetings\nMA1,rao,1 x 1; 1 x 1 online\n",
        "registrations.csv": "Student,Course\ns1,MA1\n",
    }
    batch = files_import(organization, tables | {"timetable.csv": HEADINGS + "MA1,,Mon,08:00,08:50,TBA\nMA1,,Tue,08:00,08:50,Online\n"})

    assert (batch.problems, batch.error) == ([], "")
    assert "There is no such code as TBA" in batch.warnings[0]["message"]
    entries = Variant.objects.get().entries.order_by("day")
    assert [(entry.day, entry.room) for entry in entries] == [(0, "R3"), (1, "online")]


WORDS = (
    "|'|=1+1|-1|\x07|\u2028|0|MA1|1|1-3|3-1|Mon|Mon, Tue|Mon-Wed|月|08:00|24:00|8.5|2026-09-21|21.9.2026|R1|online|TBA|rao; kow|T9|#REF!|64"
)
CELLS = st.sampled_from([*WORDS.split("|"), " ", "9" * 40, "x" * 300])


def test_whatever_stands_in_its_cells_there_is_an_answer_in_words(organization: Organization) -> None:
    files_import(organization)
    kind = KINDS["timetable"]
    headings = tuple(column.label for column in kind.columns)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(*[CELLS] * len(headings)), min_size=1, max_size=6))
    def check(rows: list[tuple[str, ...]]) -> None:
        sound = ("MA1", "", "1", "", "Mon", "", "08:00", "", "", "", "R1", "", "")
        lines = [tuple(cell or other for cell, other in zip(row, sound, strict=True)) for row in rows]
        table = Table("t.csv", "", 1, headings, list(enumerate([*rows, *lines, sound], 2)))
        mapped = Mapped(table, kind, tuple(column.name for column in kind.columns))

        found = tables_check(organization=organization, tables=[mapped], remove_missing=False)

        assert all(problem.message and problem.allowed for problem in found.problems.kept)
        assert found.problems.count or found.placements

    check()
