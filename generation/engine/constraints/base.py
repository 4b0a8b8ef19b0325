"""What a constraint is made of, and what the families of constraints share.

Each function of a family finds every breach of its constraint and says how many units it is worth. A hard
constraint's units are violations; a soft one's are multiplied by the weight of the same name
(`problem.Weights`). `evaluate` only adds up what these functions find, so the exact meaning of
each number stands in the docstring there and nowhere else.

Words used there: *placed*, *occupies* and *busy* as in `schedule.Timetable`; a *lecture-period*
is one placed lecture in one timeslot that it occupies. Lectures without a place count under
``unplaced`` and nowhere else, except that they add no day to ``min_days``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from generation.engine.model.problem import Problem, Weights
from generation.engine.model.schedule import SlotLectures, Timetable

# What the numbers of a finding are. A relation takes two of them (`problem.BEFORE` ..., days); the lists take all that are left; a place
# is a room where the finding names one, and a timeslot otherwise.
ValueKind = Literal["count", "room_kind", "features", "room", "rooms", "building", "section", "slot", "place", "relation"]
# Whom a finding is about.
Who = Literal["instructors", "curricula", "students", "rooms", "sections"]


class Finding(NamedTuple):
    """One breach: ``amount`` units, and what it concerns (-1 and empty: nothing of that sort)."""

    amount: int
    lectures: tuple[int, ...] = ()
    slot: int = -1
    room: int = -1
    section: int = -1
    instructors: tuple[int, ...] = ()
    curricula: tuple[int, ...] = ()
    pair: tuple[int, int] | None = None  # two sections
    values: tuple[int, ...] = ()  # numbers for the message, of the kinds that the constraint declares


Find = Callable[[Timetable], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Texts:
    """What people read of a constraint, marked for translation with `gettext_noop`.

    ``message`` and ``suggestion`` are templates: ``{lectures}``, ``{time}``, ``{room}``, ``{who}``, ``{amount}``
    (units, unweighted) and the finding's values in the order of their kinds (``{0}``, ``{1}``). ``{0:day}`` is the number
    with its noun: "1 day", "2 days".
    """

    label: str  # a heading for all of its breaches
    sentence: str  # what the constraint requires
    message: str  # what is wrong in one place
    suggestion: str  # what somebody could do about it


def _always(problem: Problem) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of the register: `CONSTRAINTS` has it under its id."""

    id: str
    is_hard: bool
    find: Find
    texts: Texts
    values: tuple[ValueKind, ...] = ()
    who: tuple[Who, ...] = ("sections",)  # the first of these that a finding names; its sections where it names none
    applies: Callable[[Problem], bool] = field(default=_always)

    def weight(self, weights: Weights) -> int:
        return 1 if self.is_hard else int(getattr(weights, self.id))


declared: dict[str, Constraint] = {}  # by id, as the families' modules are imported


def hard(
    texts: Texts,
    *,
    values: tuple[ValueKind, ...] = (),
    who: tuple[Who, ...] = ("sections",),
    applies: Callable[[Problem], bool] = _always,
) -> Callable[[Find], Find]:
    """Declares a hard constraint under the name of the function that finds its breaches."""

    def register(find: Find) -> Find:
        declared[find.__name__] = Constraint(find.__name__, True, find, texts, values, who, applies)
        return find

    return register


def soft(
    texts: Texts,
    *,
    values: tuple[ValueKind, ...] = (),
    who: tuple[Who, ...] = ("sections",),
    applies: Callable[[Problem], bool] = _always,
) -> Callable[[Find], Find]:
    """Declares a soft constraint, whose name is a field of `Weights`."""

    def register(find: Find) -> Find:
        declared[find.__name__] = Constraint(find.__name__, False, find, texts, values, who, applies)
        return find

    return register


def lecture_periods(t: Timetable) -> Iterator[tuple[int, int]]:
    for lecture in t.placed:
        for slot in t.timeslots(lecture):
            yield lecture, slot


def slot_of(t: Timetable, day: int, period: int) -> int:
    return day * t.problem.periods_per_day + period


def lectures_of(meetings: SlotLectures) -> tuple[int, ...]:
    return distinct(lecture for lectures in meetings.values() for lecture in lectures)


def lectures_of_day(t: Timetable, meetings: SlotLectures, day: int) -> tuple[int, ...]:
    return distinct(lecture for slot, lectures in meetings.items() if t.day(slot) == day for lecture in lectures)


def distinct(lectures: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(lectures)))
