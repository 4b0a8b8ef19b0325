"""The least that a person's or a curriculum's week can cost, given how many periods it has and when it is open.

Each day is looked at as a bit mask of busy periods. For every number of busy periods the cheapest mask within the open ones is
taken, and the days are put together so that the periods add up. Which lectures they are is left out, so this is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import BoolArray, IntArray

MOST_PERIODS = 10  # a day; 2 to the power of it are enumerated
NEVER = 10**9
Costs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DayPrices:
    """What the shape of one day costs, weights included."""

    isolated: int = 0
    gap: int = 0
    lunch: int = 0
    lunch_mask: int = 0
    excess: int = 0  # a period above `most_daily`
    most_daily: int = 0
    run: int = 0  # a period above `most_on_end` in a run
    most_on_end: int = 0


def week_minimum(num_periods: int, open_: BoolArray, prices: DayPrices, dislike: IntArray | None = None) -> int:
    """The least cost of a week with so many busy periods; `NEVER` where they do not fit.

    Parameters
    ----------
    open_
        ``[D, P]`` when one of the lectures may be held.
    dislike
        ``[D, P]`` what a busy period costs beside, weight included.
    """
    total = np.zeros(1, dtype=np.int64)
    for day, row in enumerate(open_):
        mask = int(np.dot(row, 1 << np.arange(len(row))))
        extra = () if dislike is None or not dislike[day].any() else tuple(dislike[day].tolist())
        total = _together(total, _day(len(row), mask, prices, extra), num_periods)
    return int(total[num_periods]) if len(total) > num_periods else NEVER


def _together(first: Costs, second: Costs, most: int) -> Costs:
    """Costs by number of periods of two parts of the week, put together."""
    both = np.full(min(most + 1, len(first) + len(second) - 1), NEVER, dtype=np.int64)
    for number, cost in enumerate(second.tolist()):
        width = min(len(first), len(both) - number)
        if cost < NEVER and width > 0:
            np.minimum(both[number : number + width], first[:width] + cost, out=both[number : number + width])
    return np.minimum(both, NEVER)


@lru_cache(maxsize=20_000)
def _day(periods: int, open_mask: int, prices: DayPrices, extra: tuple[int, ...]) -> Costs:
    """The least cost of a day by its number of busy periods."""
    shape = _shapes(periods)
    masks = np.arange(1 << periods)
    inside = masks[(masks & ~open_mask) == 0]
    count = shape["count"][inside]
    cost = prices.isolated * shape["isolated"][inside] + prices.gap * _idle(periods, prices.lunch_mask)[inside]
    if prices.lunch_mask:
        cost = cost + prices.lunch * ((inside & prices.lunch_mask) == prices.lunch_mask)
    if prices.most_daily:
        cost = cost + prices.excess * np.maximum(0, count - prices.most_daily)
    if prices.most_on_end:
        cost = cost + prices.run * _excess_on_end(periods, prices.most_on_end)[inside]
    if extra:
        cost = cost + (((inside[:, None] >> np.arange(periods)) & 1) * np.array(extra)).sum(axis=1)
    least = np.full(periods + 1, NEVER, dtype=np.int64)
    np.minimum.at(least, count, cost)
    return least


@lru_cache(maxsize=4)
def _shapes(periods: int) -> dict[str, NDArray[Any]]:
    """By mask: busy periods, busy ones without a busy neighbour."""
    bits = (np.arange(1 << periods)[:, None] >> np.arange(periods)) & 1
    padded = np.pad(bits, ((0, 0), (1, 1)))
    return {
        "count": bits.sum(axis=1),
        "isolated": (bits * (1 - padded[:, :-2]) * (1 - padded[:, 2:])).sum(axis=1),
    }


@lru_cache(maxsize=16)
def _idle(periods: int, lunch_mask: int) -> NDArray[Any]:
    """By mask: idle periods between the first and the last busy one, those of the lunch window aside."""
    bits = (np.arange(1 << periods)[:, None] >> np.arange(periods)) & 1
    seen_before, seen_after = np.cumsum(bits, axis=1) > 0, np.cumsum(bits[:, ::-1], axis=1)[:, ::-1] > 0
    counts = (lunch_mask >> np.arange(periods)) & 1 == 0
    found: NDArray[Any] = (seen_before & seen_after & (bits == 0) & counts).sum(axis=1)
    return found


@lru_cache(maxsize=64)
def _excess_on_end(periods: int, most: int) -> NDArray[Any]:
    """By mask: periods above `most` in each longest possible run."""
    found = []
    for mask in range(1 << periods):
        runs = [len(run) for run in bin(mask)[2:].split("0")]
        found.append(sum(max(0, run - most) for run in runs))
    return np.array(found)
