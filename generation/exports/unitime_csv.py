"""The timetable as the CSV of classes that UniTime exports and imports: a row for each time and room of a class.

The days of a class that meets at one time, in one room, share a row (``MWF``). A lecture without a place has a row without a time
(``Arr Hrs``, as UniTime writes it).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from academics.spreadsheets import csv_write
from generation.exports.document import Document
from generation.timetable.lectures import Lecture

HEADINGS = (
    "COURSE",
    "ITYPE",
    "SECTION",
    "SUFFIX",
    "EXTERNAL_ID",
    "ENROLLMENT",
    "LIMIT",
    "DATE_PATTERN",
    "DAY",
    "START_TIME",
    "END_TIME",
    "ROOM",
    "INSTRUCTOR",
    "SCHEDULE_NOTE",
)
DAYS = ("M", "T", "W", "Th", "F", "S", "Su")


def render(document: Document) -> bytes:
    return csv_write(HEADINGS, _rows(document))


def _rows(document: Document) -> Iterator[tuple[str | int, ...]]:
    meetings: dict[tuple[str, ...], list[Lecture]] = defaultdict(list)
    for lecture in document.lectures:
        place = (document.starts_at(lecture), document.ends_at(lecture), lecture.room) if lecture.is_placed else ("", "", "")
        people = "\n".join(document.names.get(code, code) for code in lecture.instructors)
        meetings[lecture.course, lecture.section, people, *place].append(lecture)
    for (course, section, people, starts_at, ends_at, room), lectures in meetings.items():
        days = sorted({each.day for each in lectures if each.is_placed and each.day is not None})
        size = lectures[0].size
        when = ("".join(DAYS[day % 7] for day in days), _time(starts_at), _time(ends_at)) if days else ("Arr Hrs", "", "")
        yield (course, "Lec", section, "-", "", size, size, "Full Term", *when, document.place(lectures[0]).name or room, people, "")


def _time(clock: str) -> str:
    """``8:30a`` and ``12:15p``, from ``08:30`` and ``12:15``."""
    hour, _, minute = clock.partition(":")
    if not hour.isdigit():
        return clock
    return f"{(int(hour) - 1) % 12 + 1}:{minute[:2]}{'a' if int(hour) < 12 else 'p'}"
