"""What is held on each day of a term: the edition that holds then, with what is otherwise on single dates.

Pages, calendars, files and REST all read it from here, so that they can't differ. An exception holds as long as the edition of its date
has its lecture on that day; in an edition that has not, it says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q

from generation.dates.editions import Edition, edition_on
from generation.models import Entry, LectureException
from generation.timetable.grid import By, entries_filter
from generation.timetable.lectures import Lecture, lecture_of
from generation.timetable.term_dates import TermDays

DAY = dt.timedelta(days=1)
Kind = LectureException.Kind


class Key(NamedTuple):
    """By which a lecture is known again in another edition of its term."""

    course: str
    section: str
    ordinal: int  # which of its section's lectures, counted from 1


@dataclass(frozen=True)
class Exceptional:
    """An exception that holds: the lecture as its edition has it, and as it is on the date; None where it is cancelled."""

    row: LectureException
    variant_id: str
    planned: Lecture
    actual: Lecture | None

    @property
    def date(self) -> dt.date:
        """On which it is held."""
        return self.row.to_date or self.row.date

    @property
    def stays(self) -> bool:
        """At its time, whatever else is otherwise."""
        return self.actual is not None and (self.date, self.actual.period) == (self.row.date, self.planned.period)


@dataclass(frozen=True)
class Held:
    """A lecture on a date; struck out where it is not held there and then, or not by or in what was asked for."""

    date: dt.date
    lecture: Lecture
    variant_id: str
    is_held: bool = True
    exceptional: Exceptional | None = None

    @property
    def order(self) -> tuple[dt.date, int, str, int, bool]:
        return self.date, self.lecture.period or 0, self.lecture.section, self.lecture.number, self.is_held


def section_key(course: str, section: str) -> str:
    """A course's only section is called as the course, and stays the same when it becomes the first of several."""
    return course if section == f"{course}/1" else section


def concerns(lecture: Lecture, by: By | None, key: str) -> bool:
    """Whether it is in the week of that section, instructor, room or curriculum; in everything, where none is named."""
    if by is None:
        return True
    if by == "room":
        return lecture.room == key
    if by == "section":
        return section_key(lecture.course, lecture.section) == section_key(lecture.course, key)
    return key in (lecture.instructors if by == "instructor" else (*lecture.curricula, *lecture.electives))


def is_planned(lecture: Lecture, days: TermDays, date: dt.date) -> bool:
    """Whether an edition that holds on the date has the lecture then."""
    return (
        lecture.is_placed
        and lecture.day == date.weekday()
        and days.is_inside(date)
        and not days.break_on(date)
        and lecture.is_in(days.weeks.number(date))
    )


@dataclass(frozen=True)
class Dates:
    """A term's days with its editions."""

    term_id: int | None
    days: TermDays
    editions: tuple[Edition, ...]

    def between(self, first: dt.date, last: dt.date, *, by: By | None = None, key: str = "") -> list[Held]:
        """What is held on these days, in order, and what is not any more. A query for each edition of these days, two for exceptions."""
        exceptionals = self.exceptional(first, last)
        known = {(each.variant_id, each.planned.number, each.row.date): each for each in exceptionals}
        found = [
            Held(date, lecture, edition.variant_id)
            for edition, dates in self._dates(first, last)
            for lecture in _lectures(edition, dates, by, key)
            for date in dates
            if is_planned(lecture, self.days, date) and (edition.variant_id, lecture.number, date) not in known
        ]
        for each in exceptionals:
            found += (held for held in held_of(each, by, key) if first <= held.date <= last)
        return sorted(found, key=lambda held: held.order)

    def edition(self, date: dt.date) -> Edition | None:
        """The one that holds on a day of the term; none outside it."""
        return edition_on(self.editions, date) if self.days.is_inside(date) else None

    def exceptional(self, first: dt.date, last: dt.date, *, rows: Iterable[LectureException] | None = None) -> list[Exceptional]:
        """The exceptions that hold, of lectures that are or were to be held on these days."""
        if rows is None:
            on_these = Q(date__range=(first, last)) | Q(to_date__range=(first, last))
            rows = LectureException.objects.filter(on_these, term=self.term_id, undone_at=None) if self.term_id else ()
        of_edition: dict[Edition, list[LectureException]] = defaultdict(list)
        for row in rows:
            edition = edition_on(self.editions, row.date)
            if edition is not None:
                of_edition[edition].append(row)
        return [each for edition, some in of_edition.items() for each in self._of_edition(edition, some)]

    def _of_edition(self, edition: Edition, rows: list[LectureException]) -> Iterator[Exceptional]:
        lectures = lectures_keyed(edition.variant_id, {(row.course, row.section) for row in rows})
        for row in rows:
            planned = lectures.get(Key(row.course, row.section, row.ordinal))
            if planned is not None and is_planned(planned, self.days, row.date):
                yield Exceptional(row, edition.variant_id, planned, actual_of(planned, row))

    def _dates(self, first: dt.date, last: dt.date) -> Iterator[tuple[Edition, list[dt.date]]]:
        """The days of the term among these, each with the edition that holds."""
        of_edition: dict[Edition, list[dt.date]] = defaultdict(list)
        if self.days.starts_on is None or self.days.ends_on is None:
            return
        date = max(first, self.days.starts_on)
        while date <= min(last, self.days.ends_on):
            edition = edition_on(self.editions, date)
            if edition is not None and not self.days.break_on(date):
                of_edition[edition].append(date)
            date += DAY
        yield from of_edition.items()


def held_of(each: Exceptional, by: By | None, key: str) -> Iterator[Held]:
    """Where it was to be held, struck out, and where it is: of both what concerns the one that is asked for."""
    actual = each.actual if each.actual is not None and concerns(each.actual, by, key) else None
    if concerns(each.planned, by, key) and not (actual is not None and each.stays):
        yield Held(each.row.date, each.planned, each.variant_id, False, each)
    if actual is not None:
        yield Held(each.date, actual, each.variant_id, True, each)


def actual_of(planned: Lecture, row: LectureException) -> Lecture | None:
    """The lecture as it is on the date; None where it is cancelled."""
    if row.kind == Kind.CANCEL:
        return None
    instructors = planned.instructors
    if row.cover:
        others = tuple(code for code in instructors if code not in (row.absent, row.cover))
        instructors = (row.cover, *others)
    return planned._replace(
        day=(row.to_date or row.date).weekday(),
        period=planned.period if row.to_period is None else row.to_period,
        room=row.room or planned.room,
        instructors=instructors,
    )


def lectures_keyed(variant_id: str, sections: Iterable[tuple[str, str]]) -> dict[Key, Lecture]:
    """All lectures of these sections (course, and its section by `section_key`). One query."""
    wanted = set(sections)
    if not wanted:
        return {}
    named = (Q(course=course, section__in=(section, f"{course}/1") if section == course else (section,)) for course, section in wanted)
    entries = Entry.objects.filter(reduce(or_, named), variant_id=variant_id).order_by("lecture")
    seen: dict[tuple[str, str], int] = defaultdict(int)
    found = {}
    for entry in entries:
        name = (entry.course, section_key(entry.course, entry.section))
        seen[name] += 1
        found[Key(*name, seen[name])] = lecture_of(entry)
    return found


def _lectures(edition: Edition, dates: Sequence[dt.date], by: By | None, key: str) -> list[Lecture]:
    entries = Entry.objects.filter(variant_id=edition.variant_id, day__in={date.weekday() for date in dates})
    if by == "section":  # under either of its names
        entries = entries.filter(section__in={key, f"{key}/1", key.removesuffix("/1")})
    elif by is not None:
        entries = entries_filter(entries, by=by, key=key)
    return [lecture for lecture in map(lecture_of, entries) if concerns(lecture, by, key)]
