"""CSV with a byte order mark, so that spreadsheets read the names' letters right."""

from __future__ import annotations

import csv
import io

from generation.exports.document import Document
from generation.exports.table import HEADINGS, plain, rows


def render(document: Document) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows([plain(value) for value in row] for row in rows(document))
    return text.getvalue().encode("utf-8-sig")
