"""One section's, instructor's, room's or curriculum's lectures, on real dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from academics.week_labels import DAY_NAMES
from generation.dates.held import Dates, Held
from generation.dates.words import Naming, change_words
from generation.models import Entry
from generation.publication.directory import Directory
from generation.publication.publication import Publication
from generation.text.display_names import RoomName
from generation.timetable.grid import By, entries_filter, place_of
from generation.timetable.lectures import Lecture, lecture_of
from generation.timetable.term_dates import TermDays, monday_of

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
    is_held: bool = True
    changes: tuple[str, ...] = ()  # in words, against the timetable
    note: str = ""


@dataclass(frozen=True)
class DatedDay:
    """A date: its lectures in order, or the holiday that takes them away."""

    date: dt.date
    name: str
    is_today: bool
    is_inside: bool
    holiday: str
    sittings: tuple[Sitting, ...]


def dates_of(publication: Publication) -> Dates:
    return Dates(publication.term_id, publication.days, publication.editions)


def naming_of(publication: Publication, directory: Directory) -> Naming:
    return Naming(publication.clocks, directory.names["instructor"], directory.rooms)


def sitting_of(held: Held, *, by: By, key: str, naming: Naming, num_weeks: int) -> Sitting:
    lecture, each = held.lecture, held.exceptional
    return Sitting(
        lecture,
        place_of(lecture, naming.rooms),
        lecture.is_elective(by=by, key=key),
        tuple(Person(code, naming.person(code)) for code in lecture.instructors),
        *naming.hours(lecture),
        weeks=lecture.weeks_words(num_weeks),
        is_held=held.is_held,
        changes=change_words(held, naming),
        note=each.row.note if each else "",
    )


def week_dated(publication: Publication, directory: Directory, *, by: By, key: str, date: dt.date, today: dt.date) -> list[DatedDay]:
    """The days of the week that holds the date; as many as the term's week has, or more where lectures are held outside it."""
    monday, days = monday_of(date), publication.days
    held = dates_of(publication).between(monday, monday + dt.timedelta(days=SEVEN - 1), by=by, key=key)
    last = max([days.num_days, *(each.date.weekday() + 1 for each in held)])
    naming, num_weeks = naming_of(publication, directory), days.weeks.num_weeks
    sittings = [(each.date, sitting_of(each, by=by, key=key, naming=naming, num_weeks=num_weeks)) for each in held]
    dates = (monday + dt.timedelta(days=day) for day in range(min(last, SEVEN)))
    return [_day(days, each, today, (sitting for on, sitting in sittings if on == each)) for each in dates]


def unplaced_of(publication: Publication, *, by: By, key: str, date: dt.date) -> list[Lecture]:
    """Lectures without a time in that day's edition. One query."""
    entries = Entry.objects.filter(variant_id=publication.edition(date).variant_id, day=None)
    return [lecture_of(entry) for entry in entries_filter(entries, by=by, key=key)]


def _day(days: TermDays, date: dt.date, today: dt.date, sittings: Iterable[Sitting]) -> DatedDay:
    return DatedDay(date, DAY_NAMES[date.weekday()], date == today, days.is_inside(date), days.break_on(date), tuple(sittings))
