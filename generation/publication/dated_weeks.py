"""One section's, instructor's, room's or curriculum's lectures, on real dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from academics.week_labels import DAY_NAMES
from generation.models import Entry, Variant
from generation.publication.directory import Directory
from generation.timetable.grid import By, Card, entries_filter, is_elective, lecture_facts, place_of
from generation.timetable.term_dates import TermDays, monday_of
from generation.timetable.when import Clock

SEVEN = 7


class Person(NamedTuple):
    code: str
    name: str


@dataclass(frozen=True)
class Sitting:
    """A lecture as the pages say it."""

    card: Card
    people: tuple[Person, ...]
    starts_at: str
    ends_at: str


@dataclass(frozen=True)
class DatedDay:
    """A date: its lectures in order, or the holiday that takes them away."""

    date: dt.date
    name: str
    is_today: bool
    is_inside: bool
    holiday: str
    sittings: tuple[Sitting, ...]


def sittings_of(variant: Variant, *, by: By, key: str, clocks: tuple[Clock, ...], directory: Directory) -> list[Sitting]:
    """All its lectures, by day and period; those without a place come last. One query."""

    def card_of(entry: Entry) -> Card:
        place, by_choice = place_of(entry, directory.rooms), is_elective(entry, by=by, key=key)
        return Card(**lecture_facts(entry), marks=(), place=place, is_elective=by_choice)

    cards = [card_of(entry) for entry in entries_filter(variant.entries.all(), by=by, key=key)]
    cards.sort(key=lambda card: (card.day is None, card.day or 0, card.period or 0, card.section))
    return [_sitting(card, clocks, directory.names["instructor"]) for card in cards]


def day_dated(days: TermDays, sittings: Iterable[Sitting], *, date: dt.date, today: dt.date) -> DatedDay:
    holiday = days.break_on(date)
    is_inside = days.is_inside(date)
    held = tuple(each for each in sittings if each.card.day == date.weekday()) if is_inside and not holiday else ()
    return DatedDay(date, DAY_NAMES[date.weekday()], date == today, is_inside, holiday, held)


def week_dated(days: TermDays, sittings: list[Sitting], *, date: dt.date, today: dt.date) -> list[DatedDay]:
    """The days of the week that holds the date; as many as the term's week has, or more where lectures stand outside it."""
    last = max([days.num_days, *(each.card.day + 1 for each in sittings if each.card.day is not None)])
    monday = monday_of(date)
    return [day_dated(days, sittings, date=monday + dt.timedelta(days=day), today=today) for day in range(min(last, SEVEN))]


def _sitting(card: Card, clocks: tuple[Clock, ...], names: dict[str, str]) -> Sitting:
    people = tuple(Person(code, names.get(code) or code) for code in card.instructors)
    if card.period is None or card.period >= len(clocks):
        return Sitting(card, people, "", "")
    last = min(card.period + card.length, len(clocks)) - 1
    return Sitting(card, people, clocks[card.period].starts_at, clocks[last].ends_at)
