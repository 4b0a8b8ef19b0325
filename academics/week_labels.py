"""The words for a week's days and periods, and for what somebody says of one of its times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BLOCKED = -4
WISHES = {-3: "strongly dislikes", -2: "dislikes", -1: "would rather avoid", 1: "slightly prefers", 2: "prefers", 3: "much prefers"}
RATINGS = {BLOCKED: "cannot", -3: WISHES[-3], -2: WISHES[-2], -1: WISHES[-1], 0: "no wish", 1: WISHES[1], 2: WISHES[2], 3: WISHES[3]}


class PeriodLike(Protocol):
    @property
    def index(self) -> int: ...

    @property
    def starts_at(self) -> dt.time: ...


def week_begins(week_start: int, num_days: int) -> str:
    """The day with which a week of so many days begins; empty where that is the first of its days, as is usual."""
    return DAY_NAMES[week_start] if 0 < week_start < num_days else ""


def day_name(day: int | None) -> str:
    return "every day" if day is None else DAY_NAMES[day % 7]


def period_name(index: int | None, names: Mapping[int, str] | None = None) -> str:
    """``period 2 (09:00)`` where the clock time is known."""
    if index is None:
        return "the whole day"
    return (names or {}).get(index) or f"period {index + 1}"


def period_names(periods: Iterable[PeriodLike]) -> dict[int, str]:
    """By the number that is stored: what people read. They count the rows of the day, whose stored numbers may have gaps."""
    return {period.index: f"period {place} ({period.starts_at:%H:%M})" for place, period in enumerate(periods, 1)}


def rating_words(rating: int) -> str:
    """``dislikes (-2)``: the word, and the number that tables and the API have for it."""
    return f"{RATINGS.get(rating, 'no wish')} ({rating})"
