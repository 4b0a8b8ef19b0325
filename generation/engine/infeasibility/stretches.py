"""How many long lectures the open times hold: whoever has enough periods open may still have too few of them in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.engine.infeasibility.statements import Stretches, TooLong
from generation.engine.model.problem import BoolArray, Problem


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
            at_breaks = places_by_day(problem, open_, length, heeds_breaks=False).sum() > places
            breaks = tuple(np.flatnonzero(problem.break_after[:-1]).tolist()) if at_breaks else ()
            is_closed = bool(places_by_day(problem, np.ones_like(open_), length).sum() > places)
            return TooLong(length, number, len(lengths), max(lengths), places, a_day, breaks, is_closed)
    return None


def stretches_of(problem: Problem, open_: BoolArray, lengths: Sequence[int]) -> Stretches:
    """The lengths of what is open without a break, beside those of lectures: the longest first."""
    found: set[int] = set()
    for day in open_.reshape(problem.num_days, problem.periods_per_day):
        run = 0
        for period, is_open in enumerate([*day.tolist(), False]):
            run = run + 1 if is_open else run
            if run and (not is_open or problem.break_after[period]):
                found.add(run)
                run = 0
    return Stretches(tuple(sorted(found, reverse=True)), tuple(sorted(set(lengths), reverse=True)))
