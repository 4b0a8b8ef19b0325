"""A grid of periods for clock times that have none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from academics.weekly_times.fitting import LONGEST_LECTURE, MOST_PERIODS, Fitted, GridPeriod, Span, fit_spans, span_of
from academics.weekly_times.readings import DAY_MINUTES, Reading, time_of

STEPS = (5, 10, 15, 20, 25, 30, 40, 45, 50, 55, 60, 75, 80, 90, 100, 105, 110, 120)
BREAKS = (5, 10, 15, 20, 30)
MOST_LENGTHS = 4
SHORTEST_PERIOD = 15  # of a grid that is cut where the times begin and end
MOST_UNLIKE = 1.5  # the longest of its periods to the shortest
MOST_DISTINCT = 300  # times that a grid is made for: the most frequent
USUAL_DAYS = 5
LOST, GAINED, OUTSIDE = 3, 2, 6  # what a minute costs


@dataclass(frozen=True)
class Pattern:
    """``3 x 50``: so many meetings a week of so many minutes; ``count``: how many cells have it."""

    times_a_week: int
    minutes: int
    count: int

    def __str__(self) -> str:
        return f"{self.times_a_week} x {self.minutes}"


@dataclass(frozen=True)
class GridProposal:
    """``step``: the minutes of each period where all follow one another; ``None`` where breaks are between them."""

    periods: tuple[GridPeriod, ...]
    num_days: int
    step: int | None
    fitted: Fitted
    patterns: tuple[Pattern, ...]

    @property
    def text(self) -> str:
        first, last = self.periods[0], self.periods[-1]
        lengths = sorted({period.end_minute - period.start_minute for period in self.periods})
        minutes = f"{lengths[0]} minutes" if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]} minutes"
        return f"{len(self.periods)} periods of {minutes}, {first.start:%H:%M} to {last.end:%H:%M}"


def grid_proposal(readings: Iterable[Reading]) -> GridProposal | None:
    """The grid with the least rounding, and of those with equally little the fewest periods. ``None`` without times that have an end."""
    readings = list(readings)
    times = [time for reading in readings for time in reading.times]
    counts = Counter(span_of(time) for time in times if time.start is not None)
    ended = {span: count for span, count in counts.most_common(MOST_DISTINCT) if span.end is not None}
    if not ended:
        return None
    grids: list[tuple[int | None, tuple[GridPeriod, ...]]] = [(None, grid) for grid in _grids_of_times(ended)]
    grids += [(None, grid) for grid in _grids_with_breaks(ended)]
    grids += [(step, grid) for step in STEPS for grid in _even_grids(ended, step)]
    best = min(grids, key=lambda grid: (_cost(fit_spans(ended, grid[1])), len(grid[1]), grid[0] or 0))
    num_days = max([USUAL_DAYS, *(time.day + 1 for time in times if time.day is not None)])
    return GridProposal(best[1], num_days, best[0], fit_spans(dict(counts), best[1]), patterns_of(readings))


def patterns_of(readings: Iterable[Reading]) -> tuple[Pattern, ...]:
    """By cell: how often a week it meets, and for how many minutes."""
    counts: Counter[tuple[int, int]] = Counter()
    for reading in readings:
        days: dict[int, set[int | None]] = defaultdict(set)
        for time in reading.times:
            if minutes := span_of(time).minutes:
                days[minutes].add(time.day)
        counts.update((len(met), minutes) for minutes, met in days.items())
    return tuple(Pattern(times_a_week, minutes, count) for (times_a_week, minutes), count in counts.most_common())


def _grids_of_times(counts: dict[Span, int]) -> Iterator[tuple[GridPeriod, ...]]:
    """The periods that the times themselves are made of: cut wherever one begins or ends, or the shortest, with the breaks between them."""
    spans = sorted({(span.start or 0, span.end or 0) for span in counts})
    edges = sorted({minute for span in spans for minute in span})
    pieces = [(one, other) for one, other in pairwise(edges) if any(start <= one and other <= end for start, end in spans)]
    shortest = [span for span in spans if not any(span[0] <= one and other <= span[1] for one, other in spans if (one, other) != span)]
    for cells in (pieces, shortest):
        if _is_regular(cells, spans):
            yield _with_breaks(cells, spans)


def _is_regular(cells: list[tuple[int, int]], spans: list[tuple[int, int]]) -> bool:
    """Periods of about one length, of which a lecture has as many wherever it is placed."""
    minutes = [end - start for start, end in cells]
    if len(cells) > MOST_PERIODS or min(minutes) < SHORTEST_PERIOD or max(minutes) > MOST_UNLIKE * min(minutes):
        return False
    if any(following[0] < cell[1] for cell, following in pairwise(cells)):
        return False
    num_periods: dict[int, set[int]] = defaultdict(set)
    for start, end in spans:
        inside = [cell for cell in cells if start <= cell[0] and cell[1] <= end]
        if not inside or (inside[0][0], inside[-1][1]) != (start, end):
            return False
        num_periods[end - start].add(len(inside))
    return all(len(lengths) == 1 and max(lengths) <= LONGEST_LECTURE for lengths in num_periods.values())


def _with_breaks(cells: list[tuple[int, int]], spans: list[tuple[int, int]]) -> tuple[GridPeriod, ...]:
    """A gap that is longer than most, and that no time goes over, is a break."""
    gaps = Counter(following[0] - cell[1] for cell, following in pairwise(cells))
    usual = gaps.most_common(1)[0][0] if gaps else 0
    periods = []
    for place, cell in enumerate(cells):
        next_start = cells[place + 1][0] if place + 1 < len(cells) else cell[1]
        is_crossed = any(start < cell[1] and next_start < end for start, end in spans)
        periods.append(GridPeriod(time_of(cell[0]), time_of(cell[1]), next_start - cell[1] > usual and not is_crossed))
    return tuple(periods)


def _grids_with_breaks(counts: dict[Span, int]) -> Iterator[tuple[GridPeriod, ...]]:
    """As of hours of 50 minutes: periods as long as one of the times, each followed by a break, of which longer times take several."""
    lengths: Counter[int] = Counter()
    for span, count in counts.items():
        lengths[span.minutes] += count
    for length in {min(lengths), *(minutes for minutes, _ in lengths.most_common(MOST_LENGTHS))}:
        if length >= SHORTEST_PERIOD:
            for gap in BREAKS:
                yield from _even_grids(counts, length, gap)


def _even_grids(counts: dict[Span, int], length: int, gap: int = 0) -> Iterator[tuple[GridPeriod, ...]]:
    """Periods of a length at even distances, from each minute at which most of the times would begin with one."""
    step = length + gap
    weights: Counter[int] = Counter()
    for span, count in counts.items():
        weights[(span.start or 0) % step] += count
    for offset, _ in weights.most_common(3):
        first = min(span.start or 0 for span in counts)
        last = max(span.end or 0 for span in counts)
        begin = first - (first - offset) % step
        begin = begin if begin >= 0 else begin + step
        number = -(-(last - begin + gap) // step)
        number = min(number, (DAY_MINUTES - begin + gap) // step)
        if number > MOST_PERIODS:
            begin = _fullest_window(counts, begin, step, number)
            number = MOST_PERIODS
        if number > 0:
            starts = range(begin, begin + number * step, step)
            yield tuple(GridPeriod(time_of(minute), time_of(minute + length)) for minute in starts)


def _fullest_window(counts: dict[Span, int], begin: int, step: int, number: int) -> int:
    """Where a day that is too long for the grid best begins."""

    def held(start: int) -> int:
        end = start + MOST_PERIODS * step
        return sum(count * span.minutes for span, count in counts.items() if start <= (span.start or 0) and (span.end or 0) <= end)

    return max(range(begin, begin + (number - MOST_PERIODS) * step + 1, step), key=held)


def _cost(fitted: Fitted) -> int:
    cost = sum(each.count * (LOST * each.minutes_lost + GAINED * each.minutes_gained) for each in fitted.rounded)
    cost += sum(OUTSIDE * count * max(span.minutes, 1) for span, count in fitted.outside)
    cost += sum(OUTSIDE * each.count * each.span.minutes for each in fitted.too_long)
    return cost + sum(OUTSIDE * max(one.minutes, other.minutes) for one, other in fitted.newly_overlapping)
