"""What is unpleasant about days, over arrays of them: the last axis is the day's periods, with how many sections meet in each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.engine.constraints.base import Pattern, WeekPattern
from generation.engine.model.problem import (
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    FULL_DAY_PAIRS,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    SPAN,
    BoolArray,
    Problem,
)

LongArray = NDArray[np.int64]
Meeting = NDArray[Any]  # [..., P]


def pattern_units(pattern: Pattern, meeting: Meeting, problem: Problem, owners: Any, *, of_curricula: bool) -> LongArray:
    """What a pattern of `constraints.base.DayPattern` comes to in each day.

    ``owners`` are the curricula or instructors whose days they are, by number, in the shape of the days or one that fits it.
    """
    if pattern == "daily" and of_curricula:
        least, most = problem.curriculum_daily[owners, 0], problem.curriculum_daily[owners, 1]
        return above_daily(meeting, most) + below_daily(meeting, least)
    if pattern == "daily":
        return above_daily(meeting, problem.instructor_max_daily[owners])
    if pattern == "run":
        if of_curricula:
            return np.zeros(meeting.shape[:-1], dtype=np.int64)
        return above_run(meeting, problem.instructor_max_consecutive[owners])
    if pattern == "isolated":
        return isolated(meeting)
    return (idle if pattern == "gap" else without_lunch)(meeting, problem.lunch_window)


def isolated(meeting: Meeting) -> LongArray:
    """Sections that meet in periods with no busy one beside."""
    busy = meeting > 0
    beside = np.zeros_like(busy)
    beside[..., 1:] |= busy[..., :-1]
    beside[..., :-1] |= busy[..., 1:]
    found: LongArray = (meeting * (busy & ~beside)).sum(axis=-1, dtype=np.int64)
    return found


def idle(meeting: Meeting, lunch: BoolArray) -> LongArray:
    """Free periods between the first and the last busy one, those of the lunch window aside."""
    busy = meeting > 0
    begun = np.logical_or.accumulate(busy, axis=-1)
    goes_on = np.logical_or.accumulate(busy[..., ::-1], axis=-1)[..., ::-1]
    found: LongArray = (begun & goes_on & ~busy & ~lunch).sum(axis=-1, dtype=np.int64)
    return found


def without_lunch(meeting: Meeting, window: BoolArray) -> LongArray:
    """1 where all periods of the window are busy; 0 where it has none."""
    if not window.any():
        return np.zeros(meeting.shape[:-1], dtype=np.int64)
    taken: LongArray = np.asarray((meeting[..., window] > 0).all(axis=-1), dtype=np.int64)
    return taken


def above_daily(meeting: Meeting, limit: Any) -> LongArray:
    """Busy periods above the limit, a number or one for each day; 0 is no limit."""
    excess: LongArray = np.maximum((meeting > 0).sum(axis=-1, dtype=np.int64) - limit, 0) * (np.asarray(limit) > 0)
    return excess


def below_daily(meeting: Meeting, limit: Any) -> LongArray:
    """Periods that a day which has any lacks to the limit, a number or one for each day."""
    busy = (meeting > 0).sum(axis=-1, dtype=np.int64)
    missing: LongArray = np.maximum(limit - busy, 0) * (busy > 0)
    return missing


def above_run(meeting: Meeting, limit: Any) -> LongArray:
    """Periods above the limit in each longest possible run of busy ones; 0 is no limit."""
    busy = meeting > 0
    run = np.zeros(busy.shape[:-1], dtype=np.int64)
    excess = np.zeros_like(run)
    for period in range(busy.shape[-1]):
        run = (run + 1) * busy[..., period]
        excess += run > limit
    found: LongArray = excess * (np.asarray(limit) > 0)
    return found


def busy_blocks(pattern: WeekPattern, meeting: Meeting, is_open: Any, afternoon: int) -> LongArray:
    """The days (1) or half-days (up to 2) that are busy in each day; none where it is not open.

    ``is_open`` is of each day, and ``afternoon`` the period with which its second half begins, as in `Problem`.
    """
    busy = meeting > 0
    first, second = busy[..., :afternoon].any(axis=-1), busy[..., afternoon:].any(axis=-1)
    found: LongArray = (first.astype(np.int64) + second if pattern.block == "half" else (first | second).astype(np.int64)) * is_open
    return found


def beyond_most(busy: LongArray, most: Any) -> LongArray:
    """What is above a maximum; -1 is none."""
    excess: LongArray = np.maximum(busy - most, 0) * (np.asarray(most) >= 0)
    return excess


def block_sizes(pattern: WeekPattern, open_: BoolArray, afternoon: int) -> LongArray:
    """``[blocks]`` open periods of each day, or half-day, of a week ``[D, P]``: the largest first."""
    sizes = open_.sum(axis=1) if pattern.block == "day" else np.append(open_[:, :afternoon].sum(axis=1), open_[:, afternoon:].sum(axis=1))
    largest: LongArray = np.sort(sizes)[::-1].astype(np.int64)
    return largest


def rule_units(measure: int, block: int, least: int, most: int, counts_empty: bool, busy: BoolArray, looks: BoolArray) -> LongArray:
    """What breaks a rule of `Problem.set_rules` in weeks ``[..., D, P]``, where it looks at these times ``[D, P]``; of each of the
    stretches of days that are counted together ``[..., stretches]``."""
    seen = busy & looks
    days = busy.shape[-2]
    block = block or days
    of_day = _measured(measure, block, busy, looks)
    starts = np.arange(0, days, block)
    total = np.add.reduceat(of_day, starts, axis=-1)
    is_any = np.logical_or.reduceat(seen.any(axis=-1), starts, axis=-1) | counts_empty
    units: LongArray = np.maximum(least - total, 0) * is_any + np.maximum(total - most, 0)
    return units


def _measured(measure: int, block: int, busy: BoolArray, looks: BoolArray) -> LongArray:
    """``[..., D]`` what a measure counts of each day; a pair of days counts on its second day where the first does not say it all."""
    seen = busy & looks
    begun, goes_on = np.logical_or.accumulate(busy, axis=-1), np.logical_or.accumulate(busy[..., ::-1], axis=-1)[..., ::-1]
    is_busy = busy.any(axis=-1)
    if measure in (BUSY_DAY_PAIRS, FULL_DAY_PAIRS):
        day = seen.any(axis=-1)
        is_second = np.arange(day.shape[-1]) % block % 2 == 1
        before = np.roll(day, 1, axis=-1) & is_second
        return np.asarray(day & ~before if measure == BUSY_DAY_PAIRS else day & before, dtype=np.int64)
    if measure == LONGEST_RUN:
        run, longest = np.zeros(is_busy.shape, dtype=np.int64), np.zeros(is_busy.shape, dtype=np.int64)
        for period in range(busy.shape[-1]):
            run = (run + 1) * seen[..., period]
            longest = np.maximum(longest, run)
        return longest
    if measure == SPAN:
        inside = np.logical_or.accumulate(seen, axis=-1) & np.logical_or.accumulate(seen[..., ::-1], axis=-1)[..., ::-1]
        return np.asarray(inside.sum(axis=-1), dtype=np.int64)
    if measure == OTHER_STARTS:
        first_period = busy & (np.cumsum(busy, axis=-1) == 1)
        return np.asarray(is_busy & ~(first_period & looks).any(axis=-1), dtype=np.int64)
    late = (looks & ~begun).sum(axis=-1) * is_busy
    counted = {
        BUSY_PERIODS: seen.sum(axis=-1),
        BUSY_DAYS: seen.any(axis=-1),
        IDLE_PERIODS: (begun & goes_on & ~busy & looks).sum(axis=-1),
        LATE_PERIODS: late,
        LATE_DAYS: late > 0,
    }[measure]
    return np.asarray(counted, dtype=np.int64)
