"""One section's, instructor's, room's or curriculum's lectures, on real dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from academics.week_labels import DAY_NAMES
from generation.models import Variant
from generation.publication.directory import Directory
from generation.text.display_names import RoomName
from generation.timetable.grid import By, entries_filter, place_of
from generation.timetable.lectures import Lecture, lecture_of
from generation.timetable.term_dates import TermDays, monday_of
from generation.timetable.when import Clock

SEVEN = 7


class Person(NamedTuple):
    code: str
    name: str


@dataclass(frozen=True)
class Sitting:
    """A lecture as the pages say it."""

    lecture: Lecture
    place: RoomName | None
    is_elective: bool
    people: tuple[Person, ...]
    starts_at: str
    ends_at: str
    weeks: str = ""  # in words; empty: every week


@dataclass(frozen=True)
class DatedDay:
    """A date: its lectures in order, or the holiday that takes them away."""

    date: dt.date
    name: str
    is_today: bool
    is_inside: bool
    holiday: str
    sittings: tuple[Sitting, ...]


def sittings_of(
    variant: Variant, *, by: By, key: str, clocks: tuple[Clock, ...], directory: Directory, num_weeks: int = 0
) -> list[Sitting]:
    """All its lectures, by day and period; those without a place come last. One query."""

    lectures = [lecture_of(entry) for entry in entries_filter(variant.entries.all(), by=by, key=key)]
    lectures.sort(key=lambda each: (each.day is None, each.day or 0, each.period or 0, each.section))
    names = directory.names["instructor"]
    return [
        Sitting(
            lecture,
            place_of(lecture, directory.rooms),
            lecture.is_elective(by=by, key=key),
            tuple(Person(code, names.get(code) or code) for code in lecture.instructors),
            *_hours(lecture, clocks),
            lecture.weeks_words(num_weeks),
        )
        for lecture in lectures
    ]


def day_dated(days: TermDays, sittings: Iterable[Sitting], *, date: dt.date, today: dt.date) -> DatedDay:
    holiday = days.break_on(date)
    is_inside = days.is_inside(date)
    week = days.weeks.number(date)
    of_day = [each for each in sittings if each.lecture.day == date.weekday() and each.lecture.is_in(week)]
    held = tuple(of_day) if is_inside and not holiday else ()
    return DatedDay(date, DAY_NAMES[date.weekday()], date == today, is_inside, holiday, held)


def week_dated(days: TermDays, sittings: list[Sitting], *, date: dt.date, today: dt.date) -> list[DatedDay]:
    """The days of the week that holds the date; as many as the term's week has, or more where lectures stand outside it."""
    last = max([days.num_days, *(each.lecture.day + 1 for each in sittings if each.lecture.day is not None)])
    monday = monday_of(date)
    return [day_dated(days, sittings, date=monday + dt.timedelta(days=day), today=today) for day in range(min(last, SEVEN))]


def _hours(lecture: Lecture, clocks: tuple[Clock, ...]) -> tuple[str, str]:
    """When it begins and ends; empty where the term has no such period."""
    if lecture.period is None or lecture.period >= len(clocks):
        return "", ""
    return clocks[lecture.period].starts_at, clocks[min(lecture.end, len(clocks)) - 1].ends_at
