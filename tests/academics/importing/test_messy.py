"""Spreadsheets as registrars have them: titles, blank rows, other languages, names where codes are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from academics.importing import batches
from academics.importing.messages import UnreadableFile
from academics.importing.tables import tables_read
from academics.importing.values import Clock, DaySpan
from academics.models import CourseOffering, Instructor, Organization, Period, Room, Student, Term
from tests.factories import OrganizationFactory
from tests.factories.tables import files_import, workbook

pytestmark = pytest.mark.django_db
TITLE = ["Hochschule Musterstadt - Planung"]
SHEETS: dict[str, list[list[Any]]] = {
    "Deckblatt": [TITLE, [], [dt.datetime(2026, 8, 31)]],
    "Raumliste": [
        TITLE,
        ["Stand: 01.09.2026"],
        [],
        ["Raum-Nr.", "Bezeichnung", "Gebäude", "Plätze", "Bemerkung"],
        ["A 101 ", "Hörsaal 1", "A", "120", "Fenster klemmt"],
        [],
        [103, "Übungsraum ", "Hauptgebäude", 30.0, None],
    ],
    "Gebäude": [["Kürzel", "Name"], ["A", "Hauptgebäude"]],
    "Lehrende WS26": [TITLE, [], ["Personal-Nr", "Name"], [10023, "Weiß, Jürgen"], ["10024", "Groß, Anna"], ["10025", "Groß, Anna"]],
    "Zeitraster": [
        ["Wintersemester"],
        ["Semesterkürzel", "Beginn", "Ende", "Block", "von", "bis"],
        ["WS26", dt.datetime(2026, 9, 21), dt.datetime(2027, 1, 15), 1, dt.time(8), dt.time(9, 30)],
    ],
    "Module": [["Modulnr.", "Modulname"], ["M1", "Mathematik"], ["M1-Ü", "Mathematik, Übung"]],
    "Lehrangebot": [TITLE, ["Modulnr.", "Dozent", "gehört zu", "Gruppen"], ["M1", "Weiß, Jürgen", None, 1], ["M1-Ü", "10024", "M1", "3 "]],
}
STUDENTS = 'Matrikelnr.;Nachname, Vorname\r\n004711;"Müller, Jörg"\r\n\r\n'.encode("cp1252")


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def test_a_german_workbook_is_understood_but_for_one_column(organization: Organization) -> None:
    files = [("Planung (final).xlsx", workbook(SHEETS)), ("studierende.csv", STUDENTS)]
    batch = batches.batch_create(organization=organization, user=None, files=files)
    choices = batches.batch_choices(batch, {"Zeitraster": {"kind": "terms", "columns": {"Semesterkürzel": "term"}}})
    batches.batch_choose(batch=batch, choices=choices, remove_missing=False)
    attempt = batches.batch_begin(batch=batch, action="import_at_once")

    batches.batch_run(batch_id=batch.pk, attempt=attempt)

    assert dict(Room.objects.values_list("code", "building__code")) == {"A 101": "A", "103": "A"}
    assert Term.objects.get().starts_on == dt.date(2026, 9, 21)
    assert Period.objects.get().ends_at == dt.time(9, 30)
    exercise = CourseOffering.objects.get(course__code="M1-Ü")
    assert (exercise.part_of and exercise.part_of.course.code, exercise.num_sections) == ("M1", 3)
    assert Instructor.objects.get(offerings__course__code="M1").code == "10023"
    assert Student.objects.get().name == "Müller, Jörg"


def test_a_name_that_several_have_asks_for_the_code(organization: Organization) -> None:
    sheets = SHEETS | {"Lehrangebot": [["Modulnr.", "Dozent"], ["M1", "Groß, Anna"]]}
    sheets["Zeitraster"] = [["Term", "Block", "von", "bis"], ["WS26", 1, dt.time(8), dt.time(9)]]

    batch = files_import(organization, {"a.xlsx": workbook(sheets)})

    assert [problem["message"] for problem in batch.problems] == ["Several of the instructors have this name: 10024, 10025. Give the code."]


def test_the_row_of_the_headings_can_be_chosen(organization: Organization) -> None:
    rows = "Zimmer,Betten\nRoom,Seats\nR1,20\n"
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", rows.encode())])
    choices = batches.batch_choices(batch, {"rooms.csv": {"headings_row": 1, "columns": {"Zimmer": "code"}}})

    batches.batch_choose(batch=batch, choices=choices, remove_missing=False)

    assert [table.headings for table in batches.batch_tables(batch)] == [("Zimmer", "Betten")]


def test_days_and_times_in_other_languages() -> None:
    assert DaySpan().parse("lun.-mar.; Di; Freitag; mercredi") == (0, 1, 2, 4)
    assert Clock().parse("14:15 Uhr") == dt.time(14, 15)


def test_a_week_may_begin_on_another_day_and_a_grid_that_does_not_say_so_leaves_it(organization: Organization) -> None:
    rows = "Term,Days a week,Period,Starts,Ends"

    files_import(organization, {"terms.csv": f"{rows},Week begins on\nT1,7,1,08:00,08:50,Sun\nT1,,2,09:00,09:50,\n".encode()})
    files_import(organization, {"terms.csv": f"{rows}\nT1,6,1,08:00,08:50\nT1,,2,09:00,09:50\n".encode()})

    assert (Term.objects.get().num_days, Term.objects.get().week_start) == (6, 6)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\r\n", b"\xff\xfe\r\x00\n\x00"])
def test_a_file_of_a_mark_alone_is_empty(mark: bytes) -> None:
    with pytest.raises(UnreadableFile, match="the file is empty: it has no rows, and no headings"):
        tables_read(file="rooms.csv", data=mark)


def test_a_cell_that_is_too_long_is_said_with_its_length() -> None:
    with pytest.raises(UnreadableFile, match=r"row 2: a cell has more than 131,072 characters\. Most often a quotation mark opens"):
        tables_read(file="rooms.csv", data=b"Code,Notes\nR1," + b"x" * 140_000 + b"\n")
