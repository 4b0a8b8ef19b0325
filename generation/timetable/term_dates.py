"""The term's real days: which lectures are held on a date, and which dates have none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from academics.models import Term
from academics.term_weeks import TermWeeks, term_weeks

WEEK = dt.timedelta(days=7)


class Break(NamedTuple):
    """Days without lectures, both ends included."""

    name: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True)
class TermDays:
    """A term as a calendar sees it. Monday is day 0 of the weekly grid."""

    starts_on: dt.date | None
    ends_on: dt.date | None
    num_days: int
    breaks: tuple[Break, ...] = ()
    week_start: int = 0

    @cached_property
    def weeks(self) -> TermWeeks:
        return term_weeks(starts_on=self.starts_on, ends_on=self.ends_on, week_start=self.week_start)

    @property
    def has_dates(self) -> bool:
        return self.starts_on is not None and self.ends_on is not None

    def is_inside(self, day: dt.date) -> bool:
        return self.starts_on is not None and self.ends_on is not None and self.starts_on <= day <= self.ends_on

    def break_on(self, day: dt.date) -> str:
        """The holiday's name; empty on any other day."""
        return next((each.name for each in self.breaks if each.starts_on <= day <= each.ends_on), "")

    def nearest(self, day: dt.date) -> dt.date:
        """The day itself where the term has it, else the term's first or last."""
        if self.starts_on is None or self.ends_on is None:
            return day
        return min(max(day, self.starts_on), self.ends_on)

    def weekly(self, day: int) -> Iterator[dt.date]:
        """All dates of the term on that day of the week, holidays too."""
        if self.starts_on is None or self.ends_on is None:
            return
        date = self.starts_on + dt.timedelta(days=(day - self.starts_on.weekday()) % 7)
        while date <= self.ends_on:
            yield date
            date += WEEK

    def free_dates(self, day: int) -> list[dt.date]:
        """The dates on that day of the week on which a holiday takes the lectures away."""
        return [date for date in self.weekly(day) if self.break_on(date)]


def weeks_dated(term: Term | None) -> TermWeeks:
    """The weeks that the term's dates give it; none are numbered where it has no dates. Reads nothing."""
    if term is None:
        return TermWeeks()
    return term_weeks(starts_on=term.starts_on, ends_on=term.ends_on, week_start=term.week_start)


def breaks_of(rows: Iterable[tuple[str, dt.date, dt.date | None]]) -> tuple[Break, ...]:
    return tuple(Break(name, starts_on, ends_on or starts_on) for name, starts_on, ends_on in rows)


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name, if there is one: ``America`` is only a folder of them."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(name: str) -> ZoneInfo:
    """The institution's time zone; UTC where its name is not known."""
    return zone_named(name) or ZoneInfo("UTC")


def today_in(name: str) -> dt.date:
    return dt.datetime.now(zone_of(name)).date()
