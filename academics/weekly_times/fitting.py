"""Clock times on a term's grid: which periods each of them takes, and what is rounded by how much."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from academics.weekly_times.readings import DAY_MINUTES, WeeklyTime, minute_of, time_of

MOST_PERIODS = 64
LONGEST_LECTURE = 12  # periods, as of a `Meeting`
MOST_PAIRS = 200  # distinct times that are compared with one another


@dataclass(frozen=True)
class GridPeriod:
    """``break_after``: no lecture continues across the break that follows."""

    start: dt.time
    end: dt.time
    break_after: bool = False

    @property
    def start_minute(self) -> int:
        return minute_of(self.start)

    @property
    def end_minute(self) -> int:
        return minute_of(self.end) or DAY_MINUTES


@dataclass(frozen=True)
class Span:
    """What of a weekly time matters to the grid: minutes of the day, or periods from 1."""

    start: int | None
    end: int | None
    period: int | None = None
    last_period: int | None = None

    @property
    def minutes(self) -> int:
        return (self.end - self.start) if self.start is not None and self.end is not None else 0


@dataclass(frozen=True)
class FittedTime:
    """The periods from 1 that a time takes. ``starts_by`` and ``ends_by`` are minutes, negative where the periods are earlier.

    Where the end of a time is not known, it takes one period.
    """

    span: Span
    count: int
    first: int
    last: int
    starts_by: int = 0
    ends_by: int = 0

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def minutes_lost(self) -> int:
        return max(0, self.starts_by) + max(0, -self.ends_by)

    @property
    def minutes_gained(self) -> int:
        return max(0, -self.starts_by) + max(0, self.ends_by)

    @property
    def is_exact(self) -> bool:
        return not self.starts_by and not self.ends_by


@dataclass(frozen=True)
class Fitted:
    """Each distinct time once, with how often it occurs. ``outside``: no period is near it."""

    exact: tuple[FittedTime, ...]
    rounded: tuple[FittedTime, ...]
    outside: tuple[tuple[Span, int], ...]

    @cached_property
    def by_span(self) -> dict[Span, FittedTime]:
        return {each.span: each for each in (*self.exact, *self.rounded)}

    @property
    def too_long(self) -> tuple[FittedTime, ...]:
        """A lecture has at most so many periods."""
        return tuple(each for each in (*self.exact, *self.rounded) if each.length > LONGEST_LECTURE)

    @property
    def num_times(self) -> int:
        return sum(each.count for each in (*self.exact, *self.rounded)) + sum(count for _, count in self.outside)

    @cached_property
    def newly_overlapping(self) -> tuple[tuple[Span, Span], ...]:
        """Times that follow one another and have a period in common after rounding."""
        placed = [each for each in (*self.exact, *self.rounded) if each.span.end is not None][:MOST_PAIRS]
        return tuple(
            (one.span, other.span)
            for one, other in combinations(placed, 2)
            if _meet_only_in_periods(one, other) and not (one.is_exact and other.is_exact)
        )

    def of(self, time: WeeklyTime) -> FittedTime | None:
        return self.by_span.get(span_of(time))


def span_of(time: WeeklyTime) -> Span:
    return Span(time.start_minute, time.end_minute, time.period, time.last_period)


def fit(times: Iterable[WeeklyTime], periods: Sequence[GridPeriod]) -> Fitted:
    """Onto periods in their order. Times without any clock time or period say nothing and are left out."""
    counts = Counter(span_of(time) for time in times)
    return fit_spans({span: count for span, count in counts.items() if span.start is not None or span.period is not None}, periods)


def fit_spans(counts: dict[Span, int], periods: Sequence[GridPeriod]) -> Fitted:
    starts = [period.start_minute for period in periods]
    ends = [period.end_minute for period in periods]
    exact: list[FittedTime] = []
    rounded: list[FittedTime] = []
    outside: list[tuple[Span, int]] = []
    for span, count in counts.items():
        found = _fitted(span, count, starts, ends)
        if found is None:
            outside.append((span, count))
        else:
            (exact if found.is_exact else rounded).append(found)
    rounded.sort(key=lambda each: -each.count)
    return Fitted(tuple(exact), tuple(rounded), tuple(outside))


def _fitted(span: Span, count: int, starts: list[int], ends: list[int]) -> FittedTime | None:
    if span.start is None or not starts:
        first, last = span.period or 0, span.last_period or span.period or 0
        return FittedTime(span, count, first, last) if 1 <= first <= last <= len(starts) else None
    if span.end is None:
        nearest = _nearest(starts, span.start)
        first = min(nearest, key=lambda place: abs(starts[place] - (span.start or 0)))
        by = starts[first] - span.start
        is_near = abs(by) * 2 <= ends[first] - starts[first]
        return FittedTime(span, count, first + 1, first + 1, starts_by=by, ends_by=by) if is_near else None
    options = [
        FittedTime(span, count, first + 1, last + 1, starts[first] - span.start, ends[last] - span.end)
        for first in _nearest(starts, span.start)
        for last in _nearest(ends, span.end)
        if first <= last
    ]
    options = [each for each in options if each.minutes_lost * 2 <= span.minutes]
    return min(options, key=lambda each: (each.minutes_lost + each.minutes_gained, each.minutes_lost)) if options else None


def _nearest(minutes: list[int], minute: int) -> list[int]:
    """The places of the two around it."""
    place = bisect_left(minutes, minute)
    return [each for each in (place - 1, place, bisect_right(minutes, minute)) if 0 <= each < len(minutes)]


def _meet_only_in_periods(one: FittedTime, other: FittedTime) -> bool:
    if one.first > other.last or other.first > one.last:
        return False
    start, end = one.span.start or 0, one.span.end or 0
    return end <= (other.span.start or 0) or (other.span.end or 0) <= start


def span_text(span: Span) -> str:
    if span.start is None:
        return f"period {span.period}" if span.last_period in (None, span.period) else f"periods {span.period} to {span.last_period}"
    return f"{time_of(span.start):%H:%M}" + (f"-{time_of(span.end):%H:%M}" if span.end is not None else "")


def rounding_text(each: FittedTime, periods: Sequence[GridPeriod]) -> str:
    """``09:55-11:40 becomes 10:00-11:45 (5 minutes lost, 5 gained)``."""
    said = f"{periods[each.first - 1].start:%H:%M}-{periods[each.last - 1].end:%H:%M}"
    lost, gained = each.minutes_lost, each.minutes_gained
    changes = [f"{minutes} minutes {word}" for minutes, word in ((lost, "lost"), (gained, "gained")) if minutes]
    return f"{span_text(each.span)} becomes {said}" + (f" ({', '.join(changes)})" if changes else "")
