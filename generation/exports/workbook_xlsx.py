"""A workbook: the lectures, the violations and penalties, and what the timetable is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from generation import messages
from generation.exports.document import Document
from generation.exports.table import HEADINGS, plain, rows

CONFLICT_HEADINGS = ("Constraint", "Hard", "Amount", "Who", "Message", "Suggestion")


def render(document: Document) -> bytes:
    book = Workbook(write_only=True)
    _add_sheet(book, "Lectures", HEADINGS, rows(document))
    if document.conflicts is not None:
        _add_sheet(book, "Penalties", CONFLICT_HEADINGS, _conflict_rows(document.conflicts))
    _add_sheet(book, "About", ("Fact", "Value"), _about_rows(document))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _add_sheet(book: Workbook, title: str, headings: Sequence[str], table: Iterable[Sequence[str | int]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number in range(len(headings)):
        sheet.column_dimensions[chr(ord("A") + number)].width = 18
    sheet.append([_heading(sheet, heading) for heading in headings])
    for row in table:
        sheet.append([plain(value) for value in row])


def _heading(sheet: object, words: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, words)
    cell.font = Font(bold=True)
    return cell


def _conflict_rows(conflicts: Iterable[dict[str, Any]]) -> Iterable[tuple[str | int, ...]]:
    for row in conflicts:
        who = ", ".join(str(name) for name in row.get("who") or [])
        hard = "hard" if row["is_hard"] else ""
        yield messages.constraint_label(row["constraint"]), hard, row["amount"], who, row.get("message", ""), row.get("suggestion", "")


def _about_rows(document: Document) -> Iterable[tuple[str, str | int]]:
    yield "Organization", document.organization_name
    yield "Term", document.term_name or document.term
    yield "Timetable", document.label
    yield "Job", document.job_id
    yield messages.HARD_TOTAL, document.hard
    yield messages.SOFT_TOTAL, document.soft
    for criterion, amount in document.breakdown.items():
        yield messages.constraint_label(criterion), amount
