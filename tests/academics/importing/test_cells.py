"""A workbook's cells are read as people see them, or complained of one by one; nothing is emptied that a cell does not show as empty."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from academics.importing.cells import Flawed, number_shown
from academics.importing.tables import tables_read
from academics.models import Course, CourseOffering, Instructor, Organization
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db
SHOWN = [
    (101, "0000", "0101"),
    (101.1, "0.00", "101.10"),
    (123456, "000-000", "123-456"),
    (0.125, "0.0%", "12.5%"),
    (1200, "#,##0", "1200"),
    (101, '"R"000', "R101"),
    (101, "\\R000", "R101"),
    (12, '"A"General', "A12"),
    (7, "_-* #,##0.00_-", "7.00"),
    (-5, "0;(0)", "(5)"),
    (2.5, "0", "3"),
    (212, "000\\ 00", "002 12"),
    (0.1 + 0.2, "General", "0.3"),
    (60.0, "General", "60"),
]


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def book(title: str, rows: list[list[Any]], *, formats: dict[str, str] | None = None, merged: tuple[str, ...] = ()) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    for cells in merged:
        sheet.merge_cells(cells)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("number", "code", "shown"), SHOWN)
def test_a_number_is_read_in_its_format(number: float, code: str, shown: str) -> None:
    found = number_shown(number, code)

    assert (found, isinstance(found, Flawed)) == (shown, False)


@pytest.mark.parametrize(
    ("number", "code"), [(123456, "0.00E+00"), (0.5, "# ?/?"), (5, "[<10]0;0"), (5, ";;;"), (1e16, "General"), (5e6, "0,")]
)
def test_what_shows_another_number_than_was_meant_is_flawed(number: float, code: str) -> None:
    assert isinstance(number_shown(number, code), Flawed)


def test_codes_come_as_their_cells_show_them(organization: Organization) -> None:
    rows = [["Code", "Name"], [101.1, "Algebra"], [7, "Logic"]]

    files_import(organization, {"a.xlsx": book("Courses", rows, formats={"A2": "0.00", "A3": "0000"})})

    assert sorted(Course.objects.values_list("code", flat=True)) == ["0007", "101.10"]


def test_a_formula_without_its_result_erases_nothing(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="ib", name="Ida Brook", email="ida@u.example")
    rows = [["Code", "Name", "E-mail", "Remark"], ["ib", '="Ida"&" B"', "=A2", "=A2"]]

    batch = files_import(organization, {"a.xlsx": book("Instructors", rows)})

    found = [(each["row"], each["column"], each["value"]) for each in batch.problems]
    assert found == [(2, "Name", '="Ida"&" B"'), (2, "E-mail", "=A2")]
    assert "never worked out" in batch.problems[0]["message"]
    assert Instructor.objects.values_list("name", "email").get() == ("Ida Brook", "ida@u.example")


def test_a_merged_cell_holds_for_each_of_its_rows(organization: Organization) -> None:
    files_import(organization, {**TABLES, "registrations.csv": "Student,Course\ns1,MA1\n"})
    rows = [["Course", "Term", "Instructors"], ["MA1", "T1", "kow"], ["PH1", None, None]]

    batch = files_import(organization, {"a.xlsx": book("Offerings", rows, merged=("B2:B3", "C2:C3"))})

    assert batch.problems == []
    teachers = CourseOffering.objects.get(course__code="PH1").instructors.values_list("code", flat=True)
    assert list(teachers) == ["kow"]


def test_a_cell_merged_over_columns_is_complained_of(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="ib", name="Ida", email="ida@u.example")
    rows = [["Staff", None, None], ["Code", "Name", "E-mail"], ["ib", "Ida Brook", None]]

    batch = files_import(organization, {"a.xlsx": book("Instructors", rows, merged=("A1:C1", "B3:C3"))})

    assert [(each["row"], each["column"]) for each in batch.problems] == [(3, "E-mail")]
    assert "merged" in batch.problems[0]["message"]
    assert Instructor.objects.get().email == "ida@u.example"


def test_errors_and_dates_where_codes_belong_are_named_by_their_cell(organization: Organization) -> None:
    rows = [["Code", "Name"], [dt.datetime(2026, 3, 1), "March"], ["c2", "=1/0"], ["c3", "Logic"]]
    data = book("Courses", rows)

    batch = files_import(organization, {"a.xlsx": data})

    assert [(each["row"], each["column"]) for each in batch.problems] == [(2, "Code"), (3, "Name")]
    assert "turned it into a date" in batch.problems[0]["message"]


def test_hidden_rows_columns_and_sheets_are_said(organization: Organization) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Courses"
    for row in (["Code", "Name"], ["c1", "Algebra"], ["c2", "Logic"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    made.create_sheet("Old courses").sheet_state = "hidden"
    stream = io.BytesIO()
    made.save(stream)

    batch = files_import(organization, {"a.xlsx": stream.getvalue()})

    assert [each["message"] for each in batch.warnings] == [
        "Hidden sheets are left out: Old courses.",
        "Hidden rows are read like the others: 3.",
        "Hidden columns are read like the others: B.",
    ]
    assert Course.objects.count() == 2


def test_a_code_of_which_a_cell_shows_fewer_digits_is_complained_of(organization: Organization) -> None:
    rows = [["Code", "Seats"], [12.25, 30.4], [12.26, 20], [0.5, 10]]

    batch = files_import(organization, {"a.xlsx": book("Rooms", rows, formats={"A2": "0.0", "A3": "0.0", "A4": "0.00", "B2": "0"})})

    assert [(each["row"], each["column"], each["value"]) for each in batch.problems] == [(2, "Code", "12.3"), (3, "Code", "12.3")]


def test_truth_values_are_read_as_they_are_shown(organization: Organization) -> None:
    files_import(organization, {"a.xlsx": book("Courses", [["Code", "Name"], ["c1", True], [False, "Logic"]])})

    assert dict(Course.objects.values_list("code", "name")) == {"c1": "TRUE", "FALSE": "Logic"}


def test_cells_that_are_struck_through_are_said(organization: Organization) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Courses"
    for row in (["Code", "Name"], ["c1", "Algebra"], ["c2", "Logic"], ["c3", "Sets"]):
        sheet.append(row)
    sheet["A3"].font = Font(strike=True)
    sheet["B4"] = CellRichText(TextBlock(InlineFont(strike=True), "Set theory"), " Sets")
    stream = io.BytesIO()
    made.save(stream)

    batch = files_import(organization, {"a.xlsx": stream.getvalue()})

    assert [each["message"] for each in batch.warnings] == ["Cells that are struck through are read like the others: A3, B4."]


def test_a_title_over_all_columns_stays_a_title(organization: Organization) -> None:
    rows: list[list[Any]] = [["Catalogue of courses", None], [None, None], ["Code", "Name"], ["c1", "Algebra"]]

    (table,) = tables_read(file="a.xlsx", data=book("Courses", rows, merged=("A1:B2",)))

    assert (table.headings_row, table.headings) == (3, ("Code", "Name"))
