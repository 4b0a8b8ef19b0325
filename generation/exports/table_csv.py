"""The lectures as CSV."""

from __future__ import annotations

from academics.spreadsheets import csv_write
from generation.exports.document import Document
from generation.exports.table import headings, rows


def render(document: Document) -> bytes:
    return csv_write(headings(document), rows(document))
