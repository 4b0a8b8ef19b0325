"""What was read as what is said: kinds, columns, what was left out, and which rows really repeat an earlier one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from academics.models import Availability, Course, Organization, Term
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db
COURSES = "Course Code,Course Name,T,Existing\nA1,Drawing,1,17\nA1,Drawing,1,24\nA1,Drawing,1,24\nB1,Studio,3,12\nB1,Studio,3,\n"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def test_only_rows_that_are_equal_in_all_columns_repeat_an_earlier_one_exactly(organization: Organization) -> None:
    batch = files_import(organization, {"courses.csv": COURSES})

    assert (batch.status, batch.num_problems, Course.objects.count()) == ("imported", 0, 2)
    assert batch.num_repeated == 1
    assert [each["message"][:100] for each in batch.warnings] == [
        "2 rows say the same as an earlier one in the columns that are read, and differ in others (Existing);"
    ]
    assert "The first is row 3, which is like row 2." in batch.warnings[0]["message"]


def test_rows_of_two_files_are_compared_whole_too(organization: Organization) -> None:
    batch = files_import(organization, {"courses.csv": "Code,Name\nA1,Drawing\n", "courses 2.csv": "Code,Name,Hours\nA1,Drawing,3\n"})

    assert (batch.num_repeated, len(batch.warnings)) == (0, 1)
    assert "like row 2 of courses.csv" in batch.warnings[0]["message"]
    assert files_import(organization, {"a courses.csv": "Code,Name\nA1,X\n", "b courses.csv": "Name,Code\nX,A1\n"}).num_repeated == 1


def test_a_span_of_times_marks_what_an_earlier_row_left_unmarked(organization: Organization) -> None:
    marks = "Instructor,Day,Period,Rating\nrao,Fri,1,not available\nrao,Fri,1-3,not available\nrao,Fri,2,not available\n"

    batch = files_import(organization, TABLES | {"availability.csv": marks})

    assert (batch.status, batch.num_repeated) == ("imported", 0)
    assert sorted(Availability.objects.values_list("period", flat=True)) == [0, 1, 2]
    assert Term.objects.exists()
    assert "(Period)" in batch.warnings[0]["message"]


def test_the_hours_of_repeated_sections_are_not_called_exact_repeats(organization: Organization, shared_folder: Path) -> None:
    path = shared_folder / "data" / "files" / "07a_hours_TUL_repeated_rows.csv"

    batch = files_import(organization, {"courses.csv": path.read_bytes()})

    assert batch.num_repeated == 11
    assert (
        "6 rows say the same as an earlier one in the columns that are read, and differ in others (Existing)"
        in batch.warnings[0]["message"]
    )


def test_the_command_says_what_each_table_was_read_as(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rooms.csv").write_text("Room,Seats,Colour\nR1,20,red\n")

    call_command("import_data", str(tmp_path / "rooms.csv"), "--organization", "mine")

    assert "rooms.csv: read as rooms (Room = code, Seats = capacity; left out: Colour)" in capsys.readouterr().out
