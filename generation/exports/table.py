"""The lectures as rows, for csv and xlsx: days by name, periods counted from 1 as people do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generation.exports.document import Document

HEADINGS = (
    "Course",
    "Title",
    "Section",
    "Instructors",
    "Curricula",
    "Students",
    "Room",
    "Day",
    "Period",
    "Periods long",
    "Starts",
    "Ends",
)
# A spreadsheet takes a cell that begins like this for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def rows(document: Document) -> Iterator[tuple[str | int, ...]]:
    for lecture in document.lectures:
        yield (
            lecture.course,
            lecture.title,
            lecture.section,
            ", ".join(lecture.instructors),
            ", ".join(lecture.curricula),
            lecture.size,
            lecture.room,
            document.day_name(lecture),
            "" if lecture.period is None else lecture.period + 1,
            lecture.length,
            document.starts_at(lecture),
            document.ends_at(lecture),
        )


def plain(value: str | int) -> str | int:
    """The value as text that no spreadsheet runs, without characters that files cannot hold."""
    if not isinstance(value, str):
        return value
    text = CONTROL.sub("", value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
