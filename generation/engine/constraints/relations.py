"""How two lectures stand to one another: in order, on end, on one day, days apart, or starting together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generation.engine.constraints.base import PAIRS, Finding, Terms, Texts, hard, soft
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
    IntArray,
    Problem,
)
from generation.engine.model.schedule import Timetable
from generation.engine.model.text import gettext_noop


def _joint_rows(problem: Problem) -> IntArray:
    """The pairs that start together, hard and weighted ones in the order of the list."""
    is_hard, kind = problem.joint_is_hard, np.full(len(problem.same_start), JOINT)
    columns = [problem.same_start, kind, np.zeros_like(kind), is_hard, np.where(is_hard, 0, problem.joint_factor)]
    return np.column_stack(columns).astype(np.int32)


def _pair_rows(problem: Problem) -> IntArray:
    """All other pairs that should stand in some way."""
    factor = problem.lecture_pairs[:, 4]
    return np.column_stack([problem.lecture_pairs[:, :4], factor == 0, factor]).astype(np.int32)


@hard(
    Texts(
        label=gettext_noop("Pairs of lectures that must stand otherwise"),
        sentence=gettext_noop("Two lectures stand to one another as their rule says: in order, on end, on one day or on different days."),
        message=gettext_noop("{lectures} must be held {0}, but begin {time} and {1}."),
        suggestion=gettext_noop("Move one of the two, or lift the rule."),
    ),
    PAIRS,
    values=("relation", "slot"),
    terms=Terms(lecture_pairs=_pair_rows),
)
def pair_required(t: Timetable) -> Iterator[Finding]:
    """Two lectures stand to one another as their rule says: each hard row of ``lecture_pairs`` (factor 0) counts its units."""
    yield from _wrong_pairs(t, is_hard=True)


def _wrong_pairs(t: Timetable, *, is_hard: bool) -> Iterator[Finding]:
    """The rows whose two different lectures are placed and stand otherwise than asked; ``values``: kind, days, the other's start.

    With both starts as timeslots, units are 1 unless: the first ends by the start of the second (``BEFORE``); the second starts on
    the first's day, when the first ends (``CONSECUTIVE``); either starts on the other's day, when that ends (``GROUPED``); they start
    on one day (``SAME_DAY``). ``DAYS_APART``: as many as the days between their starts are fewer than the row's number, and
    ``DAYS_WITHIN``: as many as they are more. Where they start on one day: as ``BEFORE`` (``BEFORE_IN_DAY``), as ``GROUPED``
    (``GROUPED_IN_DAY``), with as many periods between them as the row's number (``PERIODS_APART_IN_DAY``). ``SAME_PERIOD``: in the
    same period of their days. ``DAY_PAIRS_APART``, ``DAY_PAIRS_WITHIN`` and ``GROUPED_IN_DAY_PAIR``: as with days, but of the first and
    second day, the third and fourth ... of the week together; those that adjoin do so on one of the two. The week
    begins with ``week_start``: for an order and for distances its days count from there.
    """
    placed, week, per_day = set(t.placed), max(7, t.problem.num_days), t.problem.periods_per_day
    for a, b, kind, days, factor in t.problem.lecture_pairs.tolist():
        if (factor == 0) != is_hard or a == b or a not in placed or b not in placed:
            continue
        a_day, b_day = ((t.day(t.start[lecture]) - t.problem.week_start) % week for lecture in (a, b))
        of_pairs = abs(a_day // 2 - b_day // 2)
        distance, b_later = abs(a_day - b_day), (b_day - a_day) * per_day + t.period(t.start[b]) - t.period(t.start[a])
        a_ends, b_ends = t.start[a] + t.length[a], t.start[b] + t.length[b]
        then_b, then_a = distance == 0 and t.start[b] == a_ends, distance == 0 and t.start[a] == b_ends
        units = {
            BEFORE: int(b_later < t.length[a]),
            CONSECUTIVE: int(not then_b),
            GROUPED: int(not then_b and not then_a),
            SAME_DAY: int(distance != 0),
            DAYS_APART: max(0, days - distance),
            DAYS_WITHIN: max(0, distance - days),
            BEFORE_IN_DAY: int(distance == 0 and b_later < t.length[a]),
            GROUPED_IN_DAY: int(distance == 0 and not then_b and not then_a),
            PERIODS_APART_IN_DAY: int(distance == 0 and t.start[b] < a_ends + days and t.start[a] < b_ends + days),
            SAME_PERIOD: int(t.period(t.start[a]) != t.period(t.start[b])),
            DAY_PAIRS_APART: max(0, days - of_pairs),
            DAY_PAIRS_WITHIN: max(0, of_pairs - days),
            GROUPED_IN_DAY_PAIR: int(of_pairs == 0 and not then_b and not then_a),
        }[kind]
        if units:
            amount = units if is_hard else units * factor
            yield Finding(amount, (a, b), t.start[a], pair=(t.section[a], t.section[b]), values=(kind, days, t.start[b]))


@hard(
    Texts(
        label=gettext_noop("Lectures that must start together and do not"),
        sentence=gettext_noop("Lectures marked as starting together do."),
        message=gettext_noop("{lectures} must start together: one starts {time}, the other {0}."),
        suggestion=gettext_noop("Move one of the two to the other's timeslot."),
    ),
    PAIRS,
    values=("slot",),
    terms=Terms(lecture_pairs=_joint_rows),
    applies=lambda problem: problem.same_start_is_hard or bool(problem.joint_is_hard.any()),
)
def joint_start(t: Timetable) -> Iterator[Finding]:
    """As ``same_start``, where the problem makes it hard (every row by ``same_start_is_hard``, one by the factor 0): each row counts 1."""
    yield from _apart(t, t.problem.joint_is_hard.astype(int).tolist())


@soft(
    Texts(
        label=gettext_noop("Lectures that should start together and do not"),
        sentence=gettext_noop("Lectures marked as starting together do."),
        message=gettext_noop("{lectures} should start together: one starts {time}, the other {0}."),
        suggestion=gettext_noop("Move one of the two to the other's timeslot."),
        short=gettext_noop("Different starts"),
        unit=gettext_noop("for each pair of lectures"),
    ),
    PAIRS,
    weight=5,
    values=("slot",),
    terms=Terms(lecture_pairs=_joint_rows),
    applies=lambda problem: not problem.same_start_is_hard,
    in_use=lambda problem: len(problem.same_start) > 0,
)
def same_start(t: Timetable) -> Iterator[Finding]:
    """Lectures named as starting together do: each row of the list whose two lectures are both placed and start at different
    timeslots costs its factor (``same_start_factor``, 1 where there is none)."""
    yield from _apart(t, t.problem.joint_factor.tolist())


def _apart(t: Timetable, units: list[int]) -> Iterator[Finding]:
    placed = set(t.placed)
    for (a, b), amount in zip(t.problem.same_start.tolist(), units, strict=True):
        if amount and a in placed and b in placed and t.start[a] != t.start[b]:
            yield Finding(amount, (a, b), t.start[a], pair=(t.section[a], t.section[b]), values=(t.start[b],))


@soft(
    Texts(
        label=gettext_noop("Pairs of lectures that should stand otherwise"),
        sentence=gettext_noop("Two lectures stand to one another as they should: in order, on end, on one day or on different days."),
        message=gettext_noop("{lectures} should be held {0}, but begin {time} and {1}."),
        suggestion=gettext_noop("Move one of the two."),
        short=gettext_noop("Misplaced pairs"),
        unit=gettext_noop("for each pair of lectures"),
    ),
    PAIRS,
    weight=4,
    values=("relation", "slot"),
    terms=Terms(lecture_pairs=_pair_rows),
    in_use=lambda problem: bool((problem.lecture_pairs[:, 4] > 0).any()),
)
def pair_preferred(t: Timetable) -> Iterator[Finding]:
    """Two lectures stand to one another as they should: each weighted row of ``lecture_pairs`` costs its units times its factor."""
    yield from _wrong_pairs(t, is_hard=False)
