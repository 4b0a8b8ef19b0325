"""How the times of a set of sections lie in their days and in the week: a teacher's, a group's, those of one kind of lesson.

What a rule counts is a row of `Problem.set_rules`; FET's files bring such rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from generation.engine.constraints.base import LECTURES, Finding, Texts, distinct, hard, soft
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
    Problem,
)
from generation.engine.model.schedule import SlotLectures, Timetable
from generation.engine.model.text import gettext_noop


def _some(problem: Problem, *, is_hard: bool) -> bool:
    return bool(((problem.set_rules[:, 7] == 0) == is_hard).any())


@hard(
    Texts(
        label=gettext_noop("Days or weeks that must look otherwise"),
        sentence=gettext_noop("The lectures of a set of sections lie in their days and in the week as a rule says."),
        message=gettext_noop("The lectures of {who} must have {0}; there are {1}."),
        suggestion=gettext_noop("Move one of the lectures to another time of the day, or to another day."),
    ),
    LECTURES,
    values=("limit", "count"),
    applies=lambda problem: _some(problem, is_hard=True),
)
def set_rule_required(t: Timetable) -> Iterator[Finding]:
    """The times of a set of sections lie as its rule says: each hard row of ``set_rules`` (factor 0) counts its units."""
    yield from _broken(t, is_hard=True)


@soft(
    Texts(
        label=gettext_noop("Days or weeks that should look otherwise"),
        sentence=gettext_noop("The lectures of a set of sections lie in their days and in the week as a wish says."),
        message=gettext_noop("The lectures of {who} should have {0}; there are {1}."),
        suggestion=gettext_noop("Move one of the lectures to another time of the day, or to another day."),
        short=gettext_noop("Days as wished"),
        unit=gettext_noop("for each period or day too many or too few"),
    ),
    LECTURES,
    weight=1,
    values=("limit", "count"),
    applies=lambda problem: _some(problem, is_hard=False),
)
def set_rule_preferred(t: Timetable) -> Iterator[Finding]:
    """The times of a set of sections lie as they should: each weighted row of ``set_rules`` costs its units times its factor."""
    yield from _broken(t, is_hard=False)


def _broken(t: Timetable, *, is_hard: bool) -> Iterator[Finding]:
    """Rows that count too much or too little in some days that are counted together.

    Units are what is above the most, or short of the least; of days without a busy time that the rule looks at, only where the row
    says that they count too. Where weeks differ, such days count as in the kind of week in which they are furthest off.
    """
    sets: dict[int, list[SlotLectures]] = {}
    for row, measure, block, least, most, empty, looks, factor in t.problem.set_rules.tolist():
        if (factor == 0) != is_hard:
            continue
        if row not in sets:
            meetings = _meetings(t, t.problem.rule_sets[row].tolist())
            sets[row] = [t.in_week(meetings, week) for week in t.kinds] if len(t.kinds) > 1 else [meetings]
        seen = set(t.problem.rule_slots[looks].nonzero()[0].tolist())
        block = block or t.problem.num_days
        for first in range(0, t.problem.num_days, block):
            days = range(first, min(first + block, t.problem.num_days))
            weeks = [list(_off_limits(t, held, days, seen, measure, least, most, counts_empty=empty != 0)) for held in sets[row]]
            for found in max(weeks, key=lambda week: sum(each.amount for each in week)):
                yield found._replace(amount=found.amount * (factor or 1), section=int(t.problem.rule_sets[row][0]))


def _off_limits(
    t: Timetable, meetings: SlotLectures, days: range, seen: set[int], measure: int, least: int, most: int, *, counts_empty: bool
) -> Iterator[Finding]:
    """What is short of the least and above the most in these days, in units."""
    busy = [{t.period(slot) for slot in meetings if t.day(slot) == day} for day in days]
    looked = [{t.period(slot) for slot in seen if t.day(slot) == day} for day in days]
    count = _counted(measure, busy, looked)
    short = max(0, least - count) if counts_empty or any(a & b for a, b in zip(busy, looked, strict=True)) else 0
    excess = max(0, count - most)
    for units, limit in ((short, least), (excess, most)):
        if units:
            there = [slot for slot in sorted(meetings) if t.day(slot) in days]
            lectures = distinct(lecture for slot in there for lecture in meetings[slot])
            values = (measure, int(limit == least and units == short), limit, count)
            yield Finding(units, lectures, there[0] if there else -1, values=values)


def _meetings(t: Timetable, sections: list[int]) -> SlotLectures:
    found: SlotLectures = {}
    for section in sections:
        for slot, lectures in t.by_section.get(section, {}).items():
            found.setdefault(slot, []).extend(lectures)
    return found


def _counted(measure: int, busy: list[set[int]], looked: list[set[int]]) -> int:
    """What the measure counts in days that follow one another."""
    seen = [a & b for a, b in zip(busy, looked, strict=True)]
    if measure == BUSY_DAY_PAIRS:
        return sum(any(seen[day : day + 2]) for day in range(0, len(seen), 2))
    if measure == FULL_DAY_PAIRS:
        return sum(len(seen[day : day + 2]) == 2 and all(seen[day : day + 2]) for day in range(0, len(seen), 2))
    return sum(_counted_of_day(measure, *day) for day in zip(busy, looked, seen, strict=True) if day[0])


def _counted_of_day(measure: int, busy: set[int], looked: set[int], seen: set[int]) -> int:
    """``BUSY_PERIODS``: busy periods among those that are looked at. ``BUSY_DAYS``: 1 if there are any. ``SPAN``: from the first of them
    to the last. ``LONGEST_RUN``: the most of them on end. ``IDLE_PERIODS``: periods looked at that are idle between two busy ones.
    ``LATE_PERIODS``: periods looked at before the first busy one, ``LATE_DAYS``: 1 if there are any. ``OTHER_STARTS``: 1 if the first
    busy period is not looked at. Of a pair of days, the first of which has an even number, ``BUSY_DAY_PAIRS`` counts 1 if either
    has busy periods looked at, and ``FULL_DAY_PAIRS`` if both have.
    """
    late = sum(period < min(busy) for period in looked)
    return {
        BUSY_PERIODS: len(seen),
        BUSY_DAYS: int(bool(seen)),
        IDLE_PERIODS: sum(min(busy) < period < max(busy) for period in looked - busy),
        SPAN: max(seen) - min(seen) + 1 if seen else 0,
        LATE_PERIODS: late,
        LATE_DAYS: int(late > 0),
        LONGEST_RUN: max((length for first in seen for length in [_run(seen, first)]), default=0),
        OTHER_STARTS: int(min(busy) not in looked),
    }[measure]


def _run(periods: set[int], first: int) -> int:
    length = 0
    while first + length in periods:
        length += 1
    return length
