"""What was read as what is said: kinds, columns, what was left out, and which rows really repeat an earlier one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import Workbook

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


def test_the_command_says_which_rows_are_left_out_as_the_page_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "courses.csv").write_text("Code,Name,T\nA1,Drawing,1\nA1,Drawing,1\nB1,Studio,3\nB1,Studio,4\n")

    call_command("import_data", str(tmp_path / "courses.csv"), "--organization", "mine")

    said = capsys.readouterr().out
    assert "1 row repeats an earlier one exactly and is left out." in said
    assert "1 row says the same as an earlier one in the columns that are read, and differs in others (T); it is left out." in said


def test_files_of_no_kind_are_refused_with_the_headings_that_were_found(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("Dia da semana,Turno\nSeg,T1\n")

    with pytest.raises(CommandError, match=r"plan\.csv has Dia da semana, Turno in row 1") as refused:
        call_command("import_data", str(tmp_path / "plan.csv"), "--organization", "mine")

    assert '{"plan.csv": {"kind": "rooms"}}' in str(refused.value)


def test_a_merged_cell_that_holds_for_more_rows_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Workbook()
    for row in (("Code", "Name"), ("a", "Ada Adler"), ("b", None), ("c", "Cy Cole")):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("B2:B3")
    book.worksheets[0].title = "Instructors"
    book.save(tmp_path / "staff.xlsx")

    call_command("import_data", str(tmp_path / "staff.xlsx"), "--organization", "mine")

    assert "A merged cell applies to each of its rows: B2:B3." in capsys.readouterr().out


def test_cells_that_are_not_read_stand_in_what_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Workbook()
    book.worksheets[0].title = "Rooms"
    for row in (("Code", "Capacity"), ("R1", "=10+20"), ("R2", 30)):
        book.worksheets[0].append(row)
    book.worksheets[0].row_dimensions[3].hidden = True
    book.save(tmp_path / "rooms.xlsx")

    call_command("import_data", str(tmp_path / "rooms.xlsx"), "--organization", "mine", "--explain")

    table = json.loads(capsys.readouterr().out)["tables"][0]
    code, capacity = table["columns"]
    assert (code["unread"], [(each["row"], each["value"]) for each in capacity["unread"]]) == ([], [(2, "=10+20")])
    assert capacity["unread"][0]["message"].startswith("The formula was never worked out")
    assert table["notes"] == ["Hidden rows are read like the others: 3."]
