"""Every breach of every constraint, by ids and values; `generation.text.violations` makes sentences of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.engine.constraints.base import Constraint, Finding, ValueKind, Who
from generation.engine.constraints.register import constraints_of
from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    Problem,
    Weights,
)
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution

MOST_STUDENTS = 10  # students named in one violation

Ref = str | int  # a name as the data have it; the index of what they have no name for
Value = tuple[Any, ...]  # its kind and what it is, as JSON can keep it: ("count", 3), ("room", "B12"), ("slot", "Monday", "08:00")

RELATIONS: dict[int, str] = {
    BEFORE: "before",
    CONSECUTIVE: "consecutive",
    GROUPED: "grouped",
    SAME_DAY: "same_day",
    DAYS_APART: "days_apart",
    BEFORE_IN_DAY: "before_in_day",
    GROUPED_IN_DAY: "grouped_in_day",
    PERIODS_APART_IN_DAY: "periods_apart_in_day",
    SAME_PERIOD: "same_period",
    DAYS_WITHIN: "days_within",
    DAY_PAIRS_APART: "day_pairs_apart",
    DAY_PAIRS_WITHIN: "day_pairs_within",
    GROUPED_IN_DAY_PAIR: "grouped_in_day_pair",
}
MEASURES: dict[int, str] = {
    BUSY_PERIODS: "busy_periods",
    BUSY_DAYS: "busy_days",
    IDLE_PERIODS: "idle_periods",
    SPAN: "span",
    LATE_PERIODS: "late_periods",
    LATE_DAYS: "late_days",
    LONGEST_RUN: "longest_run",
    OTHER_STARTS: "other_starts",
    BUSY_DAY_PAIRS: "busy_day_pairs",
    FULL_DAY_PAIRS: "full_day_pairs",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach. ``amount`` is what it adds to the score: violations, or ``units`` times weight.

    ``slot`` and ``room`` are -1 where the breach has none; ``time`` and ``room_code`` are the same by their names.
    ``who``: codes of whom it concerns, and ``who_kind`` what these are: instructors, curricula, students, rooms or sections.
    ``sections``: those of the lectures. ``values``: what else its sentence says, in the order of its template.
    """

    constraint: str
    is_hard: bool
    amount: int
    lectures: list[int]
    slot: int
    room: int
    who: list[str]
    who_kind: Who
    units: int
    sections: list[str]
    time: Value | None = None
    room_code: str = ""
    values: list[Value] = field(default_factory=list)


def violations(problem: Problem, solution: Solution, *, weights: Weights | None = None) -> list[Violation]:
    """Everything that is wrong with a timetable, hard constraints first.

    Student clashes come one for each pair of sections and timeslot. The amounts of the hard ones
    sum to `evaluate`'s ``score.hard`` and the amounts of the soft ones to ``score.soft``.
    """
    return violations_of(Timetable(problem, solution), weights=weights)


def violations_of(
    timetable: Timetable, *, weights: Weights | None = None, findings: Mapping[str, Sequence[Finding]] | None = None
) -> list[Violation]:
    """The same of a timetable that has been laid out; ``findings`` by constraint where they have been looked for already."""
    problem = timetable.problem
    chosen = problem.weights if weights is None else weights
    described = _Described(timetable)
    return [
        described.violation(constraint, finding, constraint.weight(chosen))
        for constraint in constraints_of(problem, chosen)
        for finding in (constraint.find(timetable) if findings is None else findings[constraint.id])
    ]


def findings_described(problem: Problem, found: Iterable[tuple[Constraint, Finding]]) -> list[Violation]:
    """Findings, wherever they were made, without what they cost: the lectures' places are those that they name."""
    described = _Described(Timetable(problem, Solution.empty(problem)))
    return [described.violation(constraint, finding, 0) for constraint, finding in found]


def section_labels(problem: Problem) -> list[str]:
    """A section's name begins with its course's code, or gets it."""
    names = problem.names
    return [name if code in name else f"{code} {name}" for name, code in zip(names.sections, names.courses, strict=True)]


def slot_value(problem: Problem, slot: int) -> Value:
    day, period = divmod(slot, problem.periods_per_day)
    return "slot", name_or_index(problem.names.days, day), name_or_index(problem.names.periods, period)


def relation_value(problem: Problem, kind: int, days: int) -> Value:
    """How two lectures are to stand to one another, with the day on which the week begins where that matters and is not the usual one."""
    return "relation", RELATIONS[kind], days, problem.first_day if kind in (BEFORE, DAYS_APART) else ""


class _Described:
    """Findings with names in the place of indices."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self.problem = timetable.problem
        self.names = names = timetable.problem.names
        self.labels = section_labels(self.problem)
        self.of_kind: dict[ValueKind, Callable[[int], Value]] = {
            "count": lambda count: ("count", count),
            "room_kind": lambda kind: ("room_kind", name_or_index(names.room_kinds, kind)),
            "room": lambda room: ("room", names.rooms[room]),
            "building": lambda building: ("building", name_or_index(names.buildings, building)),
            "section": lambda section: ("section", self.labels[section]),
            "slot": self.slot,
        }

    def violation(self, constraint: Constraint, found: Finding, weight: int) -> Violation:
        who_kind, who = self.who(constraint, found)
        return Violation(
            constraint=constraint.id,
            is_hard=constraint.is_hard,
            amount=found.amount * weight,
            lectures=list(found.lectures),
            slot=found.slot,
            room=found.room,
            who=who,
            who_kind=who_kind,
            units=found.amount,
            sections=self.section_labels(found),
            time=self.slot(found.slot) if found.slot >= 0 else None,
            room_code=self.names.rooms[found.room] if found.room >= 0 else "",
            values=self.values(constraint, found),
        )

    def who(self, constraint: Constraint, found: Finding) -> tuple[Who, list[str]]:
        """The people or rooms concerned; the sections where nobody else is."""
        named = ((kind, self.named(kind, found)) for kind in constraint.who)
        return next((each for each in named if each[1]), None) or ("sections", self.section_labels(found))

    def named(self, kind: Who, found: Finding) -> list[str]:
        """Those of one kind that the finding concerns."""
        names = self.names
        if kind == "students" and found.pair is not None and names.students:
            both = self.timetable.students[found.pair[0]] & self.timetable.students[found.pair[1]]
            return [names.students[student] for student in sorted(both)[:MOST_STUDENTS]]
        if kind == "rooms" and found.room >= 0:
            return [names.rooms[found.room]]
        if kind == "curricula":
            return [names.curricula[index] for index in found.curricula]
        return [names.instructors[index] for index in found.instructors] if kind == "instructors" else []

    def section_labels(self, found: Finding) -> list[str]:
        sections = [self.timetable.section[lecture] for lecture in found.lectures]
        if not sections and found.section >= 0:
            sections = [found.section]
        return list(dict.fromkeys([self.labels[section] for section in sections]))

    def slot(self, slot: int) -> Value:
        return slot_value(self.problem, slot)

    def values(self, constraint: Constraint, found: Finding) -> list[Value]:
        """The finding's values, one for each kind that the constraint declares."""
        left = list(found.values)
        values: list[Value] = []
        for kind in constraint.values:
            if kind == "features":
                values.append(("features", tuple(name_or_index(self.names.features, index) for index in left)))
            elif kind == "rooms":
                values.append(("rooms", tuple(self.names.rooms[room] for room in left)))
            elif kind == "relation":
                values.append(relation_value(self.problem, left.pop(0), left.pop(0)))
            elif kind == "limit":
                measure, is_least, limit = left.pop(0), left.pop(0), left.pop(0)
                values.append(("limit", MEASURES[measure], "least" if is_least else "most", limit))
            elif kind == "place":
                wanted = left.pop(0)
                values.append(("in_room", self.names.rooms[wanted]) if found.room >= 0 else self.slot(wanted))
            else:
                values.append(self.of_kind[kind](left.pop(0)))
        return values


def name_or_index(names: Sequence[str], index: int) -> Ref:
    return names[index] if index < len(names) else index
