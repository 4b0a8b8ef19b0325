"""Every breach of every constraint, told in plain words for the people who have to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from generation.engine.constraints.register import CONSTRAINTS, Constraint, Finding, constraints_of
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.model.text import WORDS, Count, listed, pair_words

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
        self.values: dict[str, Callable[[Finding], Sequence[object]]] = {
            "room_type": lambda found: [_name(self.names.room_kinds, found.values[0], "kind")],
            "room_features": lambda found: [listed([_name(self.names.features, index, "feature") for index in found.values])],
            "pin": self._pinned_place,
            "preferred_rooms": lambda found: [self.names.rooms[found.values[0]]],
            "linked_sections": lambda found: [Count(found.values[0]), self.labels[found.values[1]]],
            "joint_start": lambda found: [self.time(found.values[0])],
            "same_start": lambda found: [self.time(found.values[0])],
            "pair_required": lambda found: [self.relation(found, "must"), self.time(found.values[2])],
            "pair_preferred": lambda found: [self.relation(found, "should"), self.time(found.values[2])],
            "room_stability": lambda found: [listed([f"room {self.names.rooms[room]}" for room in found.values])],
            "home_building": lambda found: [_name(self.names.buildings, found.values[0], "building")],
        }

    def violation(self, constraint: Constraint, found: Finding, weight: int) -> Violation:
        words = WORDS[constraint.id]
        who = self.who(constraint.id, found)
        named = self.values.get(constraint.id)
        values = named(found) if named else [Count(value) for value in found.values]
        message = words.message.format(
            *values,
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
            words.suggestion,
        )

    def who(self, constraint_id: str, found: Finding) -> list[str]:
        """The people or rooms concerned; the sections where nobody else is."""
        if constraint_id == "student_clash" and found.pair is not None and self.names.students:
            both = self.timetable.students[found.pair[0]] & self.timetable.students[found.pair[1]]
            return [self.names.students[student] for student in sorted(both)[:MOST_STUDENTS]]
        if constraint_id.startswith(("room_", "disliked_")) and found.room >= 0:
            return [self.names.rooms[found.room]]
        if constraint_id == "curriculum_clash" or (found.curricula and not found.instructors):
            return [self.names.curricula[index] for index in found.curricula]
        if found.instructors:
            return [self.names.instructors[index] for index in found.instructors]
        return self.section_labels(found)

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

    def _pinned_place(self, found: Finding) -> list[str]:
        """A pin's finding has a room when it is about the room."""
        wanted = found.values[0]
        return [f"in room {self.names.rooms[wanted]}" if found.room >= 0 else self.time(wanted)]

    def relation(self, found: Finding, modal: str) -> str:
        """What two lectures are asked: "must be held in this order", "should be held on one day"."""
        kind, days = found.values[:2]
        return f"{modal} be held {pair_words(kind, days, self.problem.first_day)}"


def _name(names: Sequence[str], index: int, what: str) -> str:
    return names[index] if index < len(names) else f"{what} {index + 1}"
