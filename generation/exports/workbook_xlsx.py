"""A workbook: the lectures, the violations and costs, and what the timetable is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook

from academics.spreadsheets import book_bytes, sheet_add
from generation.engine.constraints.register import HARD_IDS
from generation.exports.document import Document
from generation.exports.table import headings, rows
from generation.text import messages
from generation.timetable.counts import facts_words

CONFLICT_HEADINGS = ("Constraint", "Hard", "Times broken, or cost", "Who", "Message", "Suggestion")
ABOUT_HEADINGS = ("Fact", "Value", "Found", "Times broken", "Cost")


def render(document: Document) -> bytes:
    book = Workbook(write_only=True)
    sheet_add(book, "Lectures", headings(document), rows(document))
    if document.conflicts is not None:
        sheet_add(book, "Costs", CONFLICT_HEADINGS, _conflict_rows(document.conflicts))
    sheet_add(book, "About", ABOUT_HEADINGS, _about_rows(document))
    return book_bytes(book)


def _conflict_rows(conflicts: Iterable[dict[str, Any]]) -> Iterable[tuple[str | int, ...]]:
    for row in conflicts:
        who = ", ".join(str(name) for name in row["who_names"])
        hard = "hard" if row["is_hard"] else ""
        yield messages.constraint_label(row["constraint"]), hard, row["amount"], who, row.get("message", ""), row.get("suggestion", "")


def _about_rows(document: Document) -> Iterable[tuple[str | int, ...]]:
    yield "Institution", document.organization_name
    yield "Term", document.term_name or document.term
    yield "Timetable", document.label
    yield "Job", document.job_id
    yield messages.HARD_TOTAL, document.hard
    yield messages.SOFT_TOTAL, document.soft
    for criterion, amount in document.breakdown.items():
        is_hard = criterion in HARD_IDS
        label, found = messages.constraint_label(criterion), facts_words(criterion, document.counts)
        yield label, "", found, amount if is_hard else "", "" if is_hard else amount
