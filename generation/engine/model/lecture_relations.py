"""How two lectures stand to one another, over arrays of starts: for what is neither the evaluator nor the search.

Starts are those of `Problem.week_slot`: counted from the day with which the week begins.
"""

from __future__ import annotations

import numpy as np

from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    JOINT,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    BoolArray,
    IntArray,
)

Lengths = tuple[int, int] | tuple[IntArray, IntArray]


def pairs_fit(kind: int, days: int | IntArray, a: IntArray, b: IntArray, lengths: Lengths, periods: int) -> BoolArray:
    """Which starts `a` and `b` of two lectures of these lengths stand to one another as the kind asks."""
    distance = np.abs(a // periods - b // periods)
    of_pairs = np.abs(a // (2 * periods) - b // (2 * periods))
    fits: BoolArray = {
        BEFORE: b >= a + lengths[0],
        CONSECUTIVE: (distance == 0) & (b == a + lengths[0]),
        GROUPED: (distance == 0) & ((b == a + lengths[0]) | (a == b + lengths[1])),
        SAME_DAY: distance == 0,
        DAYS_APART: distance >= days,
        JOINT: a == b,
        BEFORE_IN_DAY: (distance != 0) | (b >= a + lengths[0]),
        GROUPED_IN_DAY: (distance != 0) | (b == a + lengths[0]) | (a == b + lengths[1]),
        PERIODS_APART_IN_DAY: (distance != 0) | (b >= a + lengths[0] + days) | (a >= b + lengths[1] + days),
        SAME_PERIOD: a % periods == b % periods,
        DAYS_WITHIN: distance <= days,
        DAY_PAIRS_APART: of_pairs >= days,
        DAY_PAIRS_WITHIN: of_pairs <= days,
        GROUPED_IN_DAY_PAIR: (of_pairs != 0) | ((distance == 0) & ((b == a + lengths[0]) | (a == b + lengths[1]))),
    }[kind]
    return fits


def pairs_wrong(kind: int, days: IntArray, a: IntArray, b: IntArray, lengths: Lengths, periods: int) -> IntArray:
    """How far the starts are from that, in units of `Problem.lecture_pairs`."""
    if kind in (DAYS_APART, DAYS_WITHIN, DAY_PAIRS_APART, DAY_PAIRS_WITHIN):
        day = periods if kind in (DAYS_APART, DAYS_WITHIN) else 2 * periods
        beyond = np.abs(a // day - b // day) - days
        off: IntArray = np.maximum(0, -beyond if kind in (DAYS_APART, DAY_PAIRS_APART) else beyond)
        return off
    wrong: IntArray = (~pairs_fit(kind, days, a, b, lengths, periods)).astype(np.int32)
    return wrong
