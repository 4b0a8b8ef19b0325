"""Every breach of every constraint, told in plain words for the people who have to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from generation.engine.constraints.base import Constraint, Finding, ValueKind, Who
from generation.engine.constraints.register import CONSTRAINTS, constraints_of
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.model.text import Count, listed, pair_words

MOST_STUDENTS = 10  # students named in one violation


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach. ``amount`` is what it adds to the score: violations, or units times weight.

    ``slot`` and ``room`` are -1 where the breach has none.
    """

    constraint: str
    is_hard: bool
    amount: int
    lectures: list[int]
    slot: int
    room: int
    who: list[str]
    message: str
    suggestion: str


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
    speaker = _Speaker(timetable)
    return [
        speaker.violation(constraint, finding, constraint.weight(chosen))
        for constraint in constraints_of(problem, chosen)
        for finding in (constraint.find(timetable) if findings is None else findings[constraint.id])
    ]


def findings_worded(problem: Problem, found: Iterable[tuple[str, Finding]]) -> list[str]:
    """The message of each finding by its constraint, wherever the finding was made: the lectures' places are those that it names."""
    speaker = _Speaker(Timetable(problem, Solution.empty(problem)))
    return [speaker.violation(CONSTRAINTS[name], finding, 0).message for name, finding in found]


class _Speaker:
    """Puts indices into words."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self.problem = timetable.problem
        self.names = names = timetable.problem.names
        # A section's name begins with its course's code, or gets it.
        self.labels = [name if code in name else f"{code} {name}" for name, code in zip(names.sections, names.courses, strict=True)]
        self.of_kind: dict[ValueKind, Callable[[int], object]] = {
            "count": Count,
            "room_kind": lambda kind: _name(names.room_kinds, kind, "kind"),
            "room": lambda room: names.rooms[room],
            "building": lambda building: _name(names.buildings, building, "building"),
            "section": lambda section: self.labels[section],
            "slot": self.time,
        }

    def violation(self, constraint: Constraint, found: Finding, weight: int) -> Violation:
        who = self.who(constraint, found)
        message = constraint.texts.message.format(
            *self.values(constraint, found),
            amount=Count(found.amount),
            lectures=self.lectures(found),
            time=self.time(found.slot) if found.slot >= 0 else "",
            room=self.names.rooms[found.room] if found.room >= 0 else "",
            who=listed(who),
        )
        return Violation(
            constraint.id,
            constraint.is_hard,
            found.amount * weight,
            list(found.lectures),
            found.slot,
            found.room,
            who,
            message,
            constraint.texts.suggestion,
        )

    def who(self, constraint: Constraint, found: Finding) -> list[str]:
        """The people or rooms concerned; the sections where nobody else is."""
        named = (self.named(kind, found) for kind in constraint.who)
        return next((names for names in named if names), None) or self.section_labels(found)

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

    def lectures(self, found: Finding) -> str:
        return listed(self.section_labels(found))

    def time(self, slot: int) -> str:
        day, period = divmod(slot, self.problem.periods_per_day)
        return f"on {_name(self.names.days, day, 'day')}, {_name(self.names.periods, period, 'period')}"

    def values(self, constraint: Constraint, found: Finding) -> list[object]:
        """The finding's values in words, one for each kind that the constraint declares."""
        left = list(found.values)
        words: list[object] = []
        for kind in constraint.values:
            if kind == "features":
                words.append(listed([_name(self.names.features, index, "feature") for index in left]))
            elif kind == "rooms":
                words.append(listed([f"room {self.names.rooms[room]}" for room in left]))
            elif kind == "relation":
                words.append(self.relation(left.pop(0), left.pop(0), is_hard=constraint.is_hard))
            elif kind == "place":
                wanted = left.pop(0)
                words.append(f"in room {self.names.rooms[wanted]}" if found.room >= 0 else self.time(wanted))
            else:
                words.append(self.of_kind[kind](left.pop(0)))
        return words

    def relation(self, kind: int, days: int, *, is_hard: bool) -> str:
        """How two lectures are to be held: "must be held in this order", "should be held on one day"."""
        return f"{'must' if is_hard else 'should'} be held {pair_words(kind, days, self.problem.first_day)}"


def _name(names: Sequence[str], index: int, what: str) -> str:
    return names[index] if index < len(names) else f"{what} {index + 1}"
