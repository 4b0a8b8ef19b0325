"""Writing CSV and workbooks that no spreadsheet program runs as formulas, whatever people entered."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

# A spreadsheet takes a cell that begins like this for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LONGEST_CELL = 32_000  # a workbook's cell takes no more
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"


def plain(value: Any) -> Any:
    """The value as text that no spreadsheet runs, without characters that files cannot hold. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = CONTROL.sub("", value)[:LONGEST_CELL]
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_write(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV with a byte order mark, so that spreadsheets read the names' letters right."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain(heading) for heading in headings])
    writer.writerows([plain(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def sheet_add(book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, width: int = 18) -> None:
    """One more sheet of a write-only workbook, with headings that stay in sight."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading(sheet, plain(heading)) for heading in headings])
    for row in rows:
        sheet.append([plain(value) for value in row])


def _heading(sheet: object, words: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, words)
    cell.font = Font(bold=True)
    return cell


def book_bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
