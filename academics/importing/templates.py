"""Tables to fill in: a CSV file of each kind, or one workbook of all, with example rows."""

from __future__ import annotations

from openpyxl import Workbook

from academics.importing.columns import Kind
from academics.importing.columns_by_kind import EXPLAINED, KINDS
from academics.spreadsheets import book_bytes, csv_write, sheet_add

EXPLANATION = ("Sheet", "Column", "Needed", "What is allowed", "Example")


def template_csv(kind: Kind) -> bytes:
    return csv_write([column.label for column in kind.columns], kind.examples)


def template_workbook() -> bytes:
    """A sheet a kind, and one that says what each column may hold. The latter is of no kind, so it is left out when read back."""
    book = Workbook(write_only=True)
    for kind in KINDS.values():
        sheet_add(book, kind.title, [column.label for column in kind.columns], kind.examples)
    sheet_add(book, EXPLAINED, EXPLANATION, explanation_rows(), width=32)
    return book_bytes(book)


def explanation_rows() -> list[tuple[str, ...]]:
    return [
        (
            kind.title,
            column.label,
            "yes" if column.is_required else "",
            column.allowed,
            next((each for each in column.examples if each), ""),
        )
        for kind in KINDS.values()
        for column in kind.columns
    ]
