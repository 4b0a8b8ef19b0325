"""How two lectures stand to one another, over arrays of starts: for what is neither the evaluator nor the search.

Starts are those of `Problem.week_slot`: counted from the day with which the week begins.
"""

from __future__ import annotations

import numpy as np

from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, JOINT, SAME_DAY, BoolArray, IntArray

Lengths = tuple[int, int] | tuple[IntArray, IntArray]


def pairs_fit(kind: int, days: int, a: IntArray, b: IntArray, lengths: Lengths, periods: int) -> BoolArray:
    """Which starts `a` and `b` of two lectures of these lengths stand to one another as the kind asks."""
    distance = np.abs(a // periods - b // periods)
    fits: BoolArray = {
        BEFORE: b >= a + lengths[0],
        CONSECUTIVE: (distance == 0) & (b == a + lengths[0]),
        GROUPED: (distance == 0) & ((b == a + lengths[0]) | (a == b + lengths[1])),
        SAME_DAY: distance == 0,
        DAYS_APART: distance >= days,
        JOINT: a == b,
    }[kind]
    return fits


def pairs_wrong(kind: int, days: IntArray, a: IntArray, b: IntArray, lengths: Lengths, periods: int) -> IntArray:
    """How far the starts are from that, in units of `Problem.lecture_pairs`."""
    if kind == DAYS_APART:
        short: IntArray = np.maximum(0, days - np.abs(a // periods - b // periods))
        return short
    wrong: IntArray = (~pairs_fit(kind, 0, a, b, lengths, periods)).astype(np.int32)
    return wrong
