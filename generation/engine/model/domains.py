"""What is open for whom, and what suits a lecture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.engine.model.fixed_places import Held
from generation.engine.model.problem import ANY, BoolArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.model.week_parts import WeekParts

MOST_PERCENT = 100  # of the seats: what the tolerance may be at most


@dataclass(frozen=True, slots=True)
class RoomNeed:
    """What a lecture asks of its room, by indices: a kind (ANY: of any), seats (None: of any number), features."""

    kind: int
    seats: int | None
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A room that would do if it were given more students than it has seats."""

    room: int
    seats: int
    students: int  # of the section
    percent: int | None  # of the seats that the students above them come to; None above the most that there may be


class Openings:
    """What is open for whom, and what suits a lecture: for the checks here, `explain` and `bounds`."""

    def __init__(self, problem: Problem, held: Held | None = None) -> None:
        self.problem = problem
        self.held = held or Held()
        self.names = problem.names
        self.relations = Timetable(problem, Solution.empty(problem))
        self._grid_starts: dict[int, BoolArray] = {}
        weeks = WeekParts.of(problem)
        self._held = weeks.held[:, weeks.part]  # [kind of week, L]
        rows = [np.bincount(problem.lecture_section, problem.lecture_length * held, problem.num_sections) for held in self._held]
        self._weekly_periods = np.stack(rows).astype(np.int64)  # [kind of week, S]
        self.section_periods = self._weekly_periods.max(axis=0)  # of each section's fullest week

    def most_periods(self, sections: Sequence[int]) -> int:
        """The periods that these sections have together in their fullest week."""
        return int(self._weekly_periods[:, sections].sum(axis=1).max())

    def most_periods_of(self, lectures: BoolArray) -> int:
        """The same of lectures, marked in ``[L]``."""
        return int((self._held * (self.problem.lecture_length * lectures)).sum(axis=1).max())

    @cached_property
    def section_open(self) -> BoolArray:
        """``[S, T]`` open for the section and all of its instructors."""
        open_ = self.problem.section_available.copy()
        for section, instructors in enumerate(self.relations.instructors):
            for instructor in instructors:
                open_[section] &= self.problem.instructor_available[instructor]
        return open_

    def starts(self, open_: BoolArray, length: int) -> BoolArray:
        """Where a lecture of ``length`` periods can start: ``open_`` throughout, in one day, over no break."""
        problem = self.problem
        grid = open_.reshape(*open_.shape[:-1], problem.num_days, problem.periods_per_day)
        found = np.zeros_like(grid)
        for period in range(problem.periods_per_day - length + 1):
            if not problem.break_after[period : period + length - 1].any():
                found[..., period] = grid[..., period : period + length].all(axis=-1)
        return found.reshape(open_.shape)

    def grid_starts(self, length: int) -> BoolArray:
        """``[T]`` where the breaks and the day's end let a lecture start."""
        if length not in self._grid_starts:
            self._grid_starts[length] = self.starts(np.ones(self.problem.num_timeslots, dtype=np.bool_), length)
        return self._grid_starts[length]

    @cached_property
    def overloaded_sections(self) -> list[int]:
        """Those with fewer open timeslots than periods, without those whose instructor alone has too few: that is told of the person."""
        problem = self.problem
        found = np.nonzero(self.section_periods > self.section_open.sum(axis=1))[0].tolist()
        taught = problem.instructor_available.sum(axis=1)
        return [
            section
            for section in found
            if all(
                taught[i] == problem.num_timeslots or taught[i] >= self.section_periods[section]
                for i in self.relations.instructors[section]
            )
        ]

    @cached_property
    def allowed_starts(self) -> dict[int, BoolArray]:
        """Where a lecture may begin, for those with blocked starts."""
        found: dict[int, BoolArray] = defaultdict(lambda: np.ones(self.problem.num_timeslots, dtype=np.bool_))
        for lecture, slot in self.problem.blocked_starts.tolist():
            found[lecture][slot] = False
        return found

    def own_starts(self, lecture: int) -> BoolArray:
        """``[T]`` where a lecture can start, rooms and other lectures aside."""
        problem = self.problem
        starts = self.starts(self.section_open[problem.lecture_section[lecture]], int(problem.lecture_length[lecture]))
        if lecture in self.allowed_starts:
            starts &= self.allowed_starts[lecture]
        pin = int(problem.lecture_pin_slot[lecture])
        return starts if pin == ANY else starts & (np.arange(problem.num_timeslots) == pin)

    @cached_property
    def suitable_rooms(self) -> list[int]:
        """Per lecture, the rooms it may use as the bits of an integer."""
        pins = self.problem.lecture_pin_room.tolist()
        return [rooms if pin == ANY else rooms & 1 << pin for rooms, pin in zip(self.suitable_rooms_unfixed, pins, strict=True)]

    @cached_property
    def suitable_rooms_unfixed(self) -> list[int]:
        """The same if none were fixed to a room."""
        by_need: dict[tuple[int, int, bytes], int] = {}
        found = []
        for lecture, need in enumerate(self._needs()):
            if need not in by_need:
                by_need[need] = self._rooms_for(lecture)
            found.append(by_need[need])
        return found

    def _needs(self) -> Iterator[tuple[int, int, bytes]]:
        problem = self.problem
        for lecture, section in enumerate(problem.lecture_section.tolist()):
            size = int(problem.section_size[section]) if problem.capacity_is_hard else 0
            features = problem.lecture_features[lecture].tobytes()
            yield int(problem.lecture_room_kind[lecture]), size, features

    def _rooms_for(self, lecture: int) -> int:
        problem = self.problem
        fits = self._suits(lecture)
        if problem.capacity_is_hard:
            fits &= problem.room_limit >= problem.section_size[problem.lecture_section[lecture]]
        return sum(1 << room for room in fits.nonzero()[0].tolist())

    def _suits(self, lecture: int) -> BoolArray:
        """``[R]`` which rooms suit a lecture, their seats and what it is fixed to aside."""
        problem = self.problem
        fits = np.ones(problem.num_rooms, dtype=np.bool_)
        if problem.lecture_room_kind[lecture] != ANY:
            fits &= problem.room_kind == problem.lecture_room_kind[lecture]
        fits &= problem.room_features[:, problem.lecture_features[lecture]].all(axis=1)
        return fits

    def tolerance(self, lecture: int) -> Tolerance | None:
        """Which room would do if more students than it has seats were allowed; None where none would.

        Of the rooms that suit the lecture but for their seats, and are open at a time when it can be held, the one with the most.
        """
        problem = self.problem
        fits = self._suits(lecture)
        if problem.lecture_pin_room[lecture] != ANY:
            fits &= np.arange(problem.num_rooms) == problem.lecture_pin_room[lecture]
        starts, length = self.own_starts(lecture), int(problem.lecture_length[lecture])
        largest_first = sorted(fits.nonzero()[0].tolist(), key=lambda room: -int(problem.room_capacity[room]))
        room = next((each for each in largest_first if (starts & self.starts(problem.room_available[each], length)).any()), ANY)
        if not problem.capacity_is_hard or room == ANY:
            return None
        size, seats = int(problem.section_size[problem.lecture_section[lecture]]), int(problem.room_capacity[room])
        short = size - seats
        if short <= 0 or int(problem.room_limit[room]) >= size:
            return None
        percent = -(-100 * short // seats) if seats else MOST_PERCENT + 1
        return Tolerance(room, seats, size, percent if percent <= MOST_PERCENT else None)

    def room_need(self, lecture: int) -> RoomNeed:
        problem = self.problem
        seats = int(problem.section_size[problem.lecture_section[lecture]]) if problem.capacity_is_hard else None
        return RoomNeed(int(problem.lecture_room_kind[lecture]), seats, tuple(problem.lecture_features[lecture].nonzero()[0].tolist()))
