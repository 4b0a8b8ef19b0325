"""A lecture as people see it: what it is, who teaches and attends it, and where it stands."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from academics.term_weeks import weeks_words
from generation.models import Entry, Variant
from generation.timetable.when import Place


class Lecture(NamedTuple):
    """One meeting a week of a section in one variant. Days and periods count from 0 and are None where it has no place."""

    number: int  # in its run
    course: str
    title: str
    section: str
    instructors: tuple[str, ...]
    curricula: tuple[str, ...]
    electives: tuple[str, ...]  # curricula whose students attend it by choice
    size: int
    room: str
    day: int | None
    period: int | None
    length: int
    is_pinned: bool
    weeks: int = 0  # of the term, as `academics.term_weeks` has them; 0: every week

    @property
    def place(self) -> Place:
        return (self.day, self.period, self.room)

    def at(self, place: Place) -> Lecture:
        """The same lecture in another place."""
        day, period, room = place
        return self._replace(day=day, period=period, room=room)

    @property
    def is_placed(self) -> bool:
        return self.day is not None and self.period is not None

    @property
    def end(self) -> int:
        """The period after its last; its length where it has no place."""
        return (self.period or 0) + self.length

    def is_in(self, week: int) -> bool:
        """Whether it is held in a week of the term; in any, where no week is given."""
        return not week or not self.weeks or bool(self.weeks >> (week - 1) & 1)

    def weeks_words(self, num_weeks: int) -> str:
        """``weeks 1 to 7``; empty where it is held in every week. ``num_weeks`` of the term; 0: not known."""
        return weeks_words(self.weeks, num_weeks) if self.weeks else ""

    def meets(self, other: Lecture) -> bool:
        """Whether there is a week in which both are held."""
        return not self.weeks or not other.weeks or bool(self.weeks & other.weeks)

    def is_elective(self, *, by: str | None, key: str) -> bool:
        """Whether only some attend it in this week, which is of a curriculum then."""
        return by == "curriculum" and bool(key) and key not in self.curricula


def lecture_of(entry: Entry) -> Lecture:
    return Lecture(
        entry.lecture,
        entry.course,
        entry.title,
        entry.section,
        tuple(entry.instructors),
        tuple(entry.curricula),
        tuple(entry.electives),
        entry.size,
        entry.room,
        entry.day,
        entry.period,
        entry.length,
        entry.is_pinned,
        entry.weeks,
    )


def lectures_of(variant: Variant, *, numbers: Collection[int] | None = None) -> list[Lecture]:
    """Every lecture, or those of a few numbers, in the order of the run's problem. One query, or none."""
    if numbers is not None and not numbers:
        return []
    codes = functools.cache(_codes)  # most lists come many times, and reading each again takes longer than all the rest
    entries = variant.entries.order_by("lecture")
    rows = (entries if numbers is None else entries.filter(lecture__in=numbers)).values_list(
        "lecture",
        "course",
        "title",
        "section",
        Cast("instructors", TextField()),
        Cast("curricula", TextField()),
        Cast("electives", TextField()),
        "size",
        "room",
        "day",
        "period",
        "length",
        "is_pinned",
        "weeks",
    )
    return [
        Lecture(number, course, title, section, codes(instructors), codes(curricula), codes(electives), *rest)
        for number, course, title, section, instructors, curricula, electives, *rest in rows
    ]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def places_of(variant: Variant) -> dict[int, Place]:
    """Where each lecture of the variant stands, by its number and in that order. One query."""
    rows = variant.entries.order_by("lecture").values_list("lecture", "day", "period", "room")
    return {number: (day, period, room) for number, day, period, room in rows}
