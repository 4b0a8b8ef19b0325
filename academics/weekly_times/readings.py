"""What a cell of days and times says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Part = Literal["cell", "days", "time", "date"]
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class WeeklyTime:
    """One meeting a week, or the one on ``date``. What the cell leaves out is ``None``.

    ``day`` counts from Monday = 0; ``period`` and ``last_period`` count from 1 and include both ends; an ``end`` of 00:00 is midnight
    after the day; ``weeks`` is what the cell says of the weeks, as written. A ``day`` other than the weekday of ``date`` is what was
    written beside it.
    """

    day: int | None = None
    start: dt.time | None = None
    end: dt.time | None = None
    period: int | None = None
    last_period: int | None = None
    date: dt.date | None = None
    weeks: str | None = None

    @property
    def start_minute(self) -> int | None:
        return None if self.start is None else minute_of(self.start)

    @property
    def end_minute(self) -> int | None:
        return None if self.end is None else minute_of(self.end) or DAY_MINUTES

    @property
    def contradicts_its_date(self) -> bool:
        return self.date is not None and self.day is not None and self.date.weekday() != self.day


@dataclass(frozen=True)
class Reading:
    """``not_understood`` holds the parts of the text that could not be read, as written; what is in it is in no time of ``times``.

    ``is_ambiguous``: words of it are known and mean different things in different places; a question about the whole column decides
    (see `columns`).
    """

    times: tuple[WeeklyTime, ...] = ()
    has_no_weekly_time: bool = False
    not_understood: tuple[str, ...] = ()
    is_ambiguous: bool = False

    @property
    def is_understood(self) -> bool:
        return not self.not_understood

    @property
    def is_empty(self) -> bool:
        return not (self.times or self.has_no_weekly_time or self.not_understood)


def minute_of(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def time_of(minute: int) -> dt.time:
    """24:00 is 00:00: a `datetime.time` has no other way to say midnight."""
    return dt.time(minute // 60 % 24, minute % 60)
