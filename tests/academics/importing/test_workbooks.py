"""Workbooks are read as openpyxl reads them, and no small file costs much."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from academics.importing.cells import Flawed
from academics.importing.messages import UnreadableFile
from academics.importing.tables import tables_read
from academics.importing.templates import template_workbook
from academics.importing.workbooks import cell_text, sheets_read

MOST_S = 2.0
SMALL_FILE = 20 * 1024
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def parts(sheets: list[str], **others: str) -> bytes:
    """A workbook of these sheets' rows; other parts by name."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="S{number}" sheetId="{number}" r:id="r{number}"/>' for number in numbers)
    related = "".join(f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/s{number}.xml"/>' for number in numbers)
    related += "".join(f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in others)
    kinds = {"workbook": "sheet.main", **{f"worksheets/s{number}": "worksheet" for number in numbers}, **dict.fromkeys(others)}
    typed = "".join(f'<Override PartName="/xl/{part}.xml" ContentType="{TYPE}.{kind or part}+xml"/>' for part, kind in kinds.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE.replace("relationships", "content-types")}">{typed}</Types>')
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>')
        for number, rows in zip(numbers, sheets, strict=True):
            archive.writestr(f"xl/worksheets/s{number}.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')
        for name, text in others.items():
            archive.writestr(f"xl/{name}.xml", text)
    return packed.getvalue()


def far(number: int, cell: str = "<v>1</v>") -> str:
    return f'<row r="{number}"><c r="ZZZ{number}">{cell}</c></row>'


def rows(make: Callable[[int], str], count: int) -> str:
    return "".join(make(number) for number in range(1, count + 1))


def named(number: int) -> str:
    return f'<row r="{number}"><c r="A{number}" t="s"><v>{number - 1}</v></c></row>'


def texts(count: int, text: str) -> str:
    return f'<sst xmlns="{MAIN}">{text * count}</sst>'


SHAPES: dict[str, Callable[[], bytes]] = {
    "a far cell in each row": lambda: parts([rows(far, 2500)]),
    "a far empty cell in each row": lambda: parts([rows(lambda number: far(number, ""), 2500)]),
    "rows far apart": lambda: parts([rows(lambda number: f'<row r="{number * 4000}"><c><v>1</v></c></row>', 4000)]),
    "many cells in a row": lambda: parts([f"<row>{'<c/>' * 199_000}</row>"]),
    "many cells of no use": lambda: parts([rows(lambda number: f"<row>{'<c><v/></c>' * (number % 50)}</row>", 9000)]),
    "many sheets": lambda: parts([rows(lambda number: f"<row>{'<c/>' * 300}</row>", 30)] * 40),
    "more sheets than are read": lambda: parts(["<row/>"] * 60),
    "texts that nobody names": lambda: parts([named(2)], sharedStrings=texts(120_000, "<si><t>text</t></si>")),
    "the last of many texts": lambda: parts([named(38_000)], sharedStrings=texts(38_000, "<si><t>a</t></si>")),
    "many styles": lambda: parts([far(1)], styles=f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 190_000}</cellXfs></styleSheet>'),
    "a long format": lambda: parts(
        ['<row><c s="0"><v>1</v></c></row>'],
        styles=f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="{"[h" * 300_000}"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>',
    ),
}


@contextmanager
def little_time() -> Iterator[None]:
    began = time.thread_time()
    yield
    assert time.thread_time() - began < MOST_S


@pytest.mark.parametrize("shape", SHAPES)
def test_no_small_workbook_costs_much(shape: str) -> None:
    data = SHAPES[shape]()
    assert len(data) < SMALL_FILE

    with little_time():
        for most in (1, None):
            with suppress(UnreadableFile):
                tables_read(file="a.xlsx", data=data, most=most)


def test_cells_that_lie_outside_any_table_are_named_by_their_row() -> None:
    with pytest.raises(UnreadableFile, match="row 3 has more than 300 columns"):
        tables_read(file="a.xlsx", data=parts([far(1, "") + far(3)]))


@pytest.mark.parametrize("rows", ["<row r='x'/>", "<row><c r='1'><v>1</v></c></row>", "<row><c t='s'><v>7</v></c></row>", "<row><c>"])
def test_what_does_not_fit_together_is_told(rows: str) -> None:
    with pytest.raises(UnreadableFile, match="do not fit together"):
        tables_read(file="a.xlsx", data=parts([rows]))


@pytest.mark.parametrize("before", ["", " " * 10_000])
def test_a_document_type_is_refused_wherever_it_stands(before: str) -> None:
    hostile = f'{before}<!DOCTYPE sst [<!ENTITY a "b">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
    with pytest.raises(UnreadableFile) as refused:
        tables_read(file="a.xlsx", data=parts([named(1)], sharedStrings=hostile))
    assert refused.value.message_id == "workbook_entities"


def everything() -> bytes:
    """A sheet with a value of each kind, one that is hidden, and gaps."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Code", None, " Seats ", CellRichText("bold ", TextBlock(InlineFont(b=True), "and plain")), "_x005F_x000D_"])
    sheet.append([True, False, 12, 12.5, 1e20, -3.0, "=1+1", "#N/A", "12"])
    sheet["B5"] = dt.datetime(2026, 10, 5)
    sheet["C5"] = dt.datetime(2026, 10, 5, 13, 45)
    sheet["D5"] = dt.time(9, 15)
    sheet["E5"] = dt.timedelta(hours=30, minutes=5)
    sheet["F9"] = 45000
    sheet["F9"].number_format = "dd/mm/yyyy"
    sheet["G9"] = 0.25
    sheet["G9"].number_format = "[Red]0.00"
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    book.create_sheet("Second").append(["x"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def plain(cells: tuple[Any, ...]) -> tuple[str, ...]:
    texts = ["" if cell is None else cell_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def known(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Without the formulas that were never worked out: openpyxl calls them empty, and here they are complained of."""
    return tuple("" if isinstance(cell, Flawed) and cell.flaw == "cell_formula" else cell for cell in cells)


@pytest.mark.parametrize("make", [everything, template_workbook])
def test_values_are_those_that_openpyxl_reads(make: Callable[[], bytes]) -> None:
    data = make()
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    theirs = {
        sheet.title: [(number, plain(cells)) for number, cells in enumerate(sheet.iter_rows(values_only=True), 1) if plain(cells)]
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    }

    ours = {title: [(number, known(cells)) for number, cells in found if cells] for title, found in sheets_read(file="a.xlsx", data=data)}

    assert ours == theirs
    assert ours
