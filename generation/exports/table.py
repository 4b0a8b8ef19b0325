"""The lectures as rows, for csv and xlsx: days by name, periods counted from 1 as people do, instructors and rooms by code and by name."""

from __future__ import annotations

from collections.abc import Iterator

from academics.spreadsheets import plain as plain
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
    "Taught by",
    # Later columns come last: who reads them by their place finds the earlier ones where they were.
    "Room name",
    "Building",
    "Elective of",
    "Weeks",
)


DATED = ("Date", "Held", "Changes", "Note")


def headings(document: Document) -> tuple[str, ...]:
    return HEADINGS if document.week_of is None else (*HEADINGS, *DATED)


def rows(document: Document) -> Iterator[tuple[str | int, ...]]:
    for lecture in document.lectures:
        mark = document.marks.get(lecture)
        dated = () if mark is None else (mark.date.isoformat(), "yes" if mark.is_held else "no", ", ".join(mark.changes), mark.note)
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
            ", ".join(document.names.get(code, code) for code in lecture.instructors),
            document.place(lecture).name,
            document.place(lecture).building or document.place(lecture).building_code,
            ", ".join(lecture.electives),
            document.weeks(lecture),
            *dated,
        )
