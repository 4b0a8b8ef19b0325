"""What every place of the week would mean for one lecture, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.move_chains import Move, MoveChain, move_chains
from generation.engine.evaluation.move_effects import Board, MoveEffects, move_effects
from generation.engine.evaluation.people_affected import ClashChange, PeopleAffected, people_affected
from generation.engine.evaluation.swap_effects import score_of, swap_change
from generation.engine.model.problem import Problem
from generation.text import messages
from generation.text.phrases import CODES, DisplayNames
from generation.text.violations import place_reason

CHAINS_S = 0.4  # to look for chains of moves; the large demo needs a quarter of a second


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a constraint's cost changes."""

    constraint: str
    label: str
    is_hard: bool
    amount: int


@dataclass(frozen=True, slots=True)
class Place:
    """One start and room for the lecture; hard and soft are changes beside where it is now."""

    day: int
    period: int
    room: str
    is_current: bool
    hard: int
    soft: int
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]  # why it would break rules
    people: Clashing


@dataclass(frozen=True, slots=True)
class Clashing:
    """Who comes to clash with something else of theirs, and who no longer does."""

    students: ClashChange
    instructors: ClashChange
    sections: ClashChange


@dataclass(frozen=True, slots=True)
class Swap:
    """Another lecture to change places with; hard and soft are changes beside the timetable as it is."""

    lecture: int
    hard: int
    soft: int
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Moves to be made together, the lecture's own first; hard and soft are changes beside the timetable as it is."""

    moves: tuple[Move, ...]  # lecture, timeslot, room
    hard: int
    soft: int
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """Whose week changes when the lecture moves."""

    students: int
    instructors: int


def places_all(board: Board, lecture: int, *, room: str | None = None, names: DisplayNames = CODES) -> list[Place]:
    """Every start of the week, with its best room, or the given one."""
    found, people = move_effects(board, lecture), people_affected(board, lecture)
    rooms = found.best_rooms().tolist()
    if room is not None:
        rooms = [board.problem.names.rooms.index(room)] * len(rooms)
    return [_place(board, found, people, slot, room_, names) for slot, room_ in enumerate(rooms)]


def places_best(
    board: Board, lecture: int, *, num: int, room: str | None = None, slot: int | None = None, names: DisplayNames = CODES
) -> list[Place]:
    """The places elsewhere that change least for the worse, best first; in this room or at this start alone where it is fixed."""
    found, people = move_effects(board, lecture), people_affected(board, lecture)
    kept_room = None if room is None else board.problem.names.rooms.index(room)
    return [_place(board, found, people, *place, names) for place in found.best_places(num, slot=slot, room=kept_room)]


def chains_best(board: Board, lecture: int, *, num: int, fixed: Collection[int], room: str | None = None) -> list[Chain]:
    """The best ways in which one or two others make way for the lecture; none of those in ``fixed``."""
    kept_room = None if room is None else board.problem.names.rooms.index(room)
    return [_chain(each) for each in move_chains(board, lecture, num=num, seconds=CHAINS_S, fixed=fixed, room=kept_room)]


def _chain(found: MoveChain) -> Chain:
    return Chain(found.moves, found.score.hard, found.score.soft, _changes(found.amounts), _more_broken(_changes(found.amounts)))


def swaps_with(board: Board, lecture: int, others: Iterable[int]) -> list[Swap]:
    """What changing places with each of these would change; all of them are placed."""
    found = move_effects(board, lecture)
    return [_swap(other, swap_change(board, found, other)) for other in others]


def _swap(other: int, amounts: dict[str, int]) -> Swap:
    score, changes = score_of(amounts), _changes(amounts)
    return Swap(other, score.hard, score.soft, changes, _more_broken(changes))


def _more_broken(changes: Iterable[Change]) -> tuple[str, ...]:
    worse = [change for change in changes if change.is_hard and change.amount > 0]
    return tuple(f"{change.label}: {messages.broken_words(change.amount)} more" for change in worse)


def _changes(amounts: dict[str, int]) -> tuple[Change, ...]:
    changes = [Change(name, messages.constraint_label(name), CONSTRAINTS[name].is_hard, amount) for name, amount in amounts.items()]
    return tuple(sorted(changes, key=lambda change: (not change.is_hard, -abs(change.amount), change.constraint)))


def affected(board: Board, lecture: int) -> Affected:
    section = int(board.problem.lecture_section[lecture])
    attending = len(board.students_of(section))
    # An institution may know its sections' sizes and not its students.
    students = attending if len(board.problem.student_sections) else int(board.problem.section_size[section])
    return Affected(students, len(np.unique(board.problem.section_instructors[section])))


def _place(board: Board, found: MoveEffects, people: PeopleAffected, slot: int, room: int, names: DisplayNames) -> Place:
    day, period = divmod(slot, board.problem.periods_per_day)
    changes = _changes(found.change(slot, room))
    clashing = Clashing(*(people.change(who, slot) for who in (people.students, people.instructors, people.sections)))
    score = found.score(slot, room)
    worse = [change.constraint for change in changes if change.is_hard and change.amount > 0]
    reasons = tuple(_reason(board, found.lecture, name, slot, room, names) for name in worse)
    name = board.problem.names.rooms[room]
    return Place(day, period, name, (slot, room) == found.now, score.hard, score.soft, changes, reasons, clashing)


def _reason(board: Board, lecture: int, constraint: str, slot: int, room: int, names: DisplayNames) -> str:
    who = list(dict.fromkeys(_who(board, lecture, constraint, slot, room, names)))
    code = board.problem.names.rooms[room]
    return place_reason(constraint, room=code, who=who, names=names) or messages.constraint_label(constraint)


def _who(board: Board, lecture: int, constraint: str, slot: int, room: int, names: DisplayNames) -> Iterator[str]:
    """Who stands in the way."""
    problem, section = board.problem, int(board.problem.lecture_section[lecture])
    slots = board.timeslots(lecture, slot)
    if constraint in ("instructor_clash", "curriculum_clash", "no_overlap"):
        parts, _ = board.beside_parts(lecture, board.apart(section)[constraint])
        for part in parts[(board.by_part[parts, slots] > 0).any(axis=1)].tolist():
            yield _section(problem, int(board.parts.owner[part]))
    elif constraint == "room_clash":
        for other in board.lectures_in(room, slots):
            if other != lecture and board.share_a_week(lecture, other):
                yield _section(problem, int(problem.lecture_section[other]))
    elif constraint == "availability":
        for instructor in np.unique(problem.section_instructors[section]).tolist():
            if not problem.instructor_available[instructor, slots].all():
                yield names.instructor(problem.names.instructors[instructor])
        if not problem.section_available[section, slots].all():
            yield _section(problem, section)


def _section(problem: Problem, section: int) -> str:
    name, code = problem.names.sections[section], problem.names.courses[section]
    return name if code in name else f"{code} {name}"
