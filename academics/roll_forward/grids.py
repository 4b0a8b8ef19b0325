"""Times of one term as those of another: by the day, and by when a period starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from academics.models import Period, Term


@dataclass(frozen=True)
class GridMap:
    """``periods``: the number of each period that the other term has too, by its number here."""

    num_days: int
    periods: dict[int, int]

    @classmethod
    def between(cls, source: Term, target: Term | None) -> GridMap:
        """``target`` None: a term with the same grid."""
        starts = _starts(source)
        if target is None:
            return cls(source.num_days, {period: period for period in starts})
        there = {start: period for period, start in _starts(target).items()}
        return cls(target.num_days, {period: there[start] for period, start in starts.items() if start in there})

    def day(self, day: int | None) -> bool:
        return day is None or day < self.num_days

    def has(self, day: int | None, period: int | None) -> bool:
        """None is every day, or the whole day."""
        return self.day(day) and (period is None or period in self.periods)

    def period(self, period: int | None) -> int | None:
        return None if period is None else self.periods[period]


def _starts(term: Term) -> dict[int, dt.time]:
    return dict(Period.objects.filter(term=term).values_list("index", "starts_at"))
