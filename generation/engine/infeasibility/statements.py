"""What arithmetic and models find out about infeasibility: an id with typed values. `generation.text.infeasibility` has the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import numpy as np

from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    PERIODS_APART_IN_DAY,
    BoolArray,
)

Noun = Literal["section", "instructor", "curriculum", "room", "course"]
Values = dict[str, Any]  # by name: what is defined here, `RoomNeed`, `Tolerance`, numbers, a holder ("rule", "hand", "kept"), or several
TOGETHER = -1  # beside BEFORE ..., of two lectures that start at the same time


@dataclass(frozen=True, slots=True)
class Ref:
    """A section, an instructor, a curriculum or a room by its index in the problem; a course by that of one of its sections."""

    kind: Noun
    index: int


@dataclass(frozen=True, slots=True)
class Timeslots:
    """Some of the week's timeslots: where something is open, or where something may begin."""

    slots: tuple[int, ...]

    @classmethod
    def of(cls, mask: BoolArray) -> Timeslots:
        return cls(tuple(np.flatnonzero(mask).tolist()))


@dataclass(frozen=True, slots=True)
class Opening:
    """When something is open, and where a lecture of so many periods can start in that."""

    open: Timeslots
    starts: Timeslots
    length: int


@dataclass(frozen=True, slots=True)
class OpenTimes:
    who: Ref
    times: Timeslots


@dataclass(frozen=True, slots=True)
class ClosedRoom:
    """A room with the number of the week's timeslots at which it is not available."""

    room: Ref
    timeslots: int


@dataclass(frozen=True, slots=True)
class StartLimit:
    """What leaves a lecture fewer starts than the week has; of an instructor's times, whose they are."""

    id: Literal["fixed", "rules", "section_times", "instructor_times"]
    instructor: Ref | None = None


@dataclass(frozen=True, slots=True)
class Begins:
    """Where a lecture of a section can begin, and what leaves it no more."""

    section: Ref
    starts: Timeslots
    limits: tuple[StartLimit, ...]


@dataclass(frozen=True, slots=True)
class LectureRelation:
    """How the first of two lectures must stand to the second: BEFORE ... or TOGETHER; reversed where it is the second to the first."""

    kind: int
    days: int = 0
    is_reversed: bool = False

    @classmethod
    def of(cls, kind: int, days: int, *, is_reversed: bool = False) -> LectureRelation:
        has_number = kind in (DAYS_APART, DAYS_WITHIN, DAY_PAIRS_APART, DAY_PAIRS_WITHIN, PERIODS_APART_IN_DAY)
        return cls(kind, days if has_number else 0, is_reversed and kind in (BEFORE, CONSECUTIVE, BEFORE_IN_DAY))


@dataclass(frozen=True, slots=True)
class TooLong:
    """Lectures of at least `length` periods, one at a time, are more than the open times hold."""

    length: int
    lectures: int
    total: int  # lectures of any length
    longest: int  # of them
    places: int
    a_day: int  # 0 where the days differ
    breaks: tuple[int, ...]  # periods after which a break is part of the reason
    is_closed: bool  # closed times are part of it


@dataclass(frozen=True, slots=True)
class Stretches:
    """What is open comes in stretches of so many periods, which lectures of these lengths cannot fill."""

    stretches: tuple[int, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FixedPlace:
    """The time, the room or both that a lecture of a section is fixed to."""

    section: Ref
    slot: int | None
    room: Ref | None


@dataclass(frozen=True, slots=True)
class SectionLoad:
    """The lectures of a section, and their periods."""

    section: Ref
    lectures: int
    periods: int


@dataclass(frozen=True, slots=True)
class Narrowed:
    """How far requirements were narrowed to those that contain the cause, where it is not known that none can be spared."""

    begun_with: int
    left: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was found out: its id, and whom and what it is about by name."""

    id: str
    values: Values

    @property
    def instructors(self) -> Iterator[int]:
        """All whom it names, at any depth."""
        return _instructors(self.values.values())


@dataclass(frozen=True, slots=True)
class Obstacle(Statement):
    """One reason why no timetable can satisfy all hard constraints."""

    tables: tuple[str, ...] = ()  # fields of `Problem` whose rows, if any, it comes from: rules of the data

    @property
    def is_seats(self) -> bool:
        """Whether a tolerance of seats, which the sentence names, would end it."""
        return "tolerance" in self.values


@dataclass(frozen=True, slots=True)
class ConflictMember:
    """One of the requirements that contradict each other, or all of one sort that are said together."""

    kind: str
    who: tuple[Ref, ...]
    statement: Statement


def _instructors(values: Iterable[Any]) -> Iterator[int]:
    for value in values:
        if isinstance(value, Ref):
            if value.kind == "instructor":
                yield value.index
        elif isinstance(value, Mapping):
            yield from _instructors(value.values())
        elif isinstance(value, tuple):
            yield from _instructors(value)
        elif is_dataclass(value):
            yield from _instructors(getattr(value, each.name) for each in fields(value))
