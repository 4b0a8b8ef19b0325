"""How many long lectures the open times hold: whoever has enough periods open may still have too few of them in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import BoolArray, Problem
from generation.engine.model.text import Count, listed


class TooLong(NamedTuple):
    """Lectures of at least `length` periods, one at a time, are more than the open times hold."""

    length: int
    lectures: int
    longest: int  # of them
    places: int
    a_day: int  # 0 where the days differ
    why: str


def places_by_day(problem: Problem, open_: BoolArray, length: int, *, heeds_breaks: bool = True) -> NDArray[np.int64]:
    """``[..., D]`` the most lectures of that many periods that follow one another in the open times ``[..., T]`` of each day."""
    grid = open_.reshape(*open_.shape[:-1], problem.num_days, problem.periods_per_day)
    run = np.zeros(grid.shape[:-1], dtype=np.int64)
    found = np.zeros_like(run)
    for period in range(problem.periods_per_day):
        run = np.where(grid[..., period], run + 1, 0)
        is_full = run == length
        found += is_full
        run[is_full] = 0
        if heeds_breaks and problem.break_after[period]:
            run[...] = 0
    return found


def too_long(problem: Problem, lengths: Sequence[int], open_: BoolArray) -> TooLong | None:
    """The first length of which there are too many, whatever the times of the shorter ones; None where that is not the reason."""
    for length in sorted(set(lengths) - {1}, reverse=True):
        number = sum(each >= length for each in lengths)
        by_day = places_by_day(problem, open_, length)
        places = int(by_day.sum())
        if number > places:
            a_day = int(by_day[0]) if (by_day == by_day[0]).all() else 0
            return TooLong(length, number, max(lengths), places, a_day, _why(problem, open_, length, places))
    return None


def _why(problem: Problem, open_: BoolArray, length: int, places: int) -> str:
    causes = []
    if places_by_day(problem, open_, length, heeds_breaks=False).sum() > places:
        after = [problem.names.periods[p] if problem.names.periods else f"period {p + 1}" for p in _breaks(problem)]
        causes.append(f"the break{'' if len(after) == 1 else 's'} after {listed(after)}")
    if places_by_day(problem, np.ones_like(open_), length).sum() > places:
        causes.append("the closed times")
    if not causes:
        causes.append(f"the length of a day, {Count(problem.periods_per_day):period}")
    return f"because of {listed(causes)}"


def _breaks(problem: Problem) -> list[int]:
    found: list[int] = np.flatnonzero(problem.break_after[:-1]).tolist()
    return found


def too_long_words(found: TooLong, total: int) -> str:
    """``5 of them last 2 periods on end, and the open times hold only 3 such lectures, because of the break after period 2``"""
    who = "all of them" if found.lectures == total > 1 else "1 of them" if found.lectures == 1 else f"{found.lectures} of them"
    last = "lasts" if found.lectures == 1 else "last"
    a_day = f" ({found.a_day} a day)" if found.a_day else ""
    most = f"only {Count(found.places):such lecture}{a_day}" if found.places else "no such lecture"
    on_end = f"{Count(found.length):period}{' or more' if found.longest > found.length else ''} on end"
    return f"{who} {last} {on_end}, and the open times hold {most} without an overlap, {found.why}"


def stretches_words(problem: Problem, open_: BoolArray) -> str:
    """``stretches of 3, 2 and 1 periods``: the lengths of what is open without a break, the longest first."""
    lengths: set[int] = set()
    for day in open_.reshape(problem.num_days, problem.periods_per_day):
        run = 0
        for period, is_open in enumerate([*day.tolist(), False]):
            run = run + 1 if is_open else run
            if run and (not is_open or problem.break_after[period]):
                lengths.add(run)
                run = 0
    words = [str(each) for each in sorted(lengths, reverse=True)]
    return f"stretches of {listed(words, 6)} period{'' if words == ['1'] else 's'}"
