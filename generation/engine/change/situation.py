"""A timetable beside rules that have changed: where each lecture may go, who is in whose way, and what stands where it may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from generation.engine.change.budget import ChangeBudget
from generation.engine.constraints.base import Finding
from generation.engine.constraints.register import CONSTRAINTS, constraints_of
from generation.engine.model.domains import Openings
from generation.engine.model.problem import BoolArray, IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.model.week_parts import WeekParts

SEATS_ONLY = ("linked_sections", "section_sizes")  # no lecture's place changes them


def had_place(base: Solution) -> BoolArray:
    """``[L]`` lectures of which the base knows a place, or what is left of it where its time or its room is no more."""
    had: BoolArray = (base.slot >= 0) | (base.room >= 0)
    return had


def moved_lectures(base: Solution, solution: Solution) -> tuple[int, ...]:
    """Lectures that had a place and have another one, or none."""
    elsewhere = (base.slot != solution.slot) | (base.room != solution.room)
    return tuple(np.flatnonzero(had_place(base) & elsewhere).tolist())


class Situation:
    """What does not change while the smallest change is looked for. Letters of shapes as in `problem`, ``K`` kinds of week."""

    def __init__(self, problem: Problem, base: Solution, budget: ChangeBudget) -> None:
        self.problem, self.base, self.budget = problem, base, budget
        self.openings = Openings(problem)
        self.parts = WeekParts.of(problem)
        self.lengths: list[int] = problem.lecture_length.tolist()
        self.section: list[int] = problem.lecture_section.tolist()
        self.slot: list[int] = base.slot.tolist()
        self.room: list[int] = base.room.tolist()
        self.kinds: list[int] = self.parts.kinds[self.parts.part].tolist()  # [L] as bits
        self.had_place: list[bool] = had_place(base).tolist()
        self._untouched = frozenset(budget.untouched)
        self._starts: dict[int, list[int]] = {}
        self._rooms: dict[int, IntArray] = {}

    def is_placed(self, lecture: int) -> bool:
        return self.slot[lecture] >= 0 and self.room[lecture] >= 0

    def may_move(self, lecture: int) -> bool:
        """Whether there is any other place for it, and it may be touched."""
        if lecture in self._untouched:
            return False
        return len(self.starts(lecture)) * len(self.rooms(lecture)) > 1

    def is_untouched(self, lecture: int) -> bool:
        return lecture in self._untouched

    def starts(self, lecture: int) -> list[int]:
        """Where it may begin, as far as it is about the lecture alone."""
        if lecture not in self._starts:
            starts: list[int] = np.flatnonzero(self.openings.own_starts(lecture)).tolist()
            if self.is_placed(lecture) and (self.budget.is_only_rooms or lecture in self._untouched):
                starts = [slot for slot in starts if slot == self.slot[lecture]]
            self._starts[lecture] = starts
        return self._starts[lecture]

    def rooms(self, lecture: int) -> IntArray:
        """The rooms that suit it, some time or other."""
        if lecture not in self._rooms:
            bits, size = self.openings.suitable_rooms[lecture], self.problem.num_rooms
            rooms = np.array([room for room in range(size) if bits >> room & 1], dtype=np.int32)
            if self.is_placed(lecture) and lecture in self._untouched:
                rooms = rooms[rooms == self.room[lecture]]
            self._rooms[lecture] = rooms
        return self._rooms[lecture]

    def cells(self, lecture: int, start: int) -> range:
        return range(start, start + self.lengths[lecture])

    def base_cells(self, lecture: int) -> range:
        """The timeslots that it takes in the base, cut at the end of its day."""
        start, periods = self.slot[lecture], self.problem.periods_per_day
        return range(start, min(start + self.lengths[lecture], (start // periods + 1) * periods))

    def can_stay(self, lecture: int) -> bool:
        """Whether its place is still one for it, others aside."""
        if not self.is_placed(lecture) or self.slot[lecture] not in self.starts(lecture):
            return False
        room = self.room[lecture]
        is_suitable = self.openings.suitable_rooms[lecture] >> room & 1
        return bool(is_suitable and self.problem.room_available[room, self.base_cells(lecture)].all())

    def shares_a_week(self, one: int, other: int) -> bool:
        return bool(self.kinds[one] & self.kinds[other])

    @cached_property
    def week_rooms(self) -> IntArray:
        """``[K, R, T]`` lectures in each room in the base."""
        taken = np.zeros((self.parts.num_kinds, self.problem.num_rooms, self.problem.num_timeslots), dtype=np.int32)
        for lecture in range(self.problem.num_lectures):
            if self.is_placed(lecture):
                for kind in self.kinds_of(lecture):
                    taken[kind, self.room[lecture], self.base_cells(lecture)] += 1
        return taken

    def kinds_of(self, lecture: int) -> list[int]:
        return [kind for kind in range(self.parts.num_kinds) if self.kinds[lecture] >> kind & 1]

    def free_rooms(self, lecture: int, start: int) -> BoolArray:
        """``[rooms of the lecture]`` open and with a place left in the base throughout; its own place there is taken too."""
        rooms, cells = self.rooms(lecture), self.cells(lecture, start)
        window = slice(cells.start, cells.stop)
        kinds = self.kinds_of(lecture)
        taken = self.week_rooms[kinds][:, rooms, window].max(axis=0)
        free: BoolArray = ((taken < self.problem.room_places[rooms, None]) & self.problem.room_available[rooms, window]).all(axis=1)
        return free

    def open_rooms(self, lecture: int, start: int) -> BoolArray:
        """``[rooms of the lecture]`` open throughout."""
        cells = self.cells(lecture, start)
        open_: BoolArray = np.asarray(self.problem.room_available[self.rooms(lecture), cells.start : cells.stop].all(axis=1))
        return open_

    @cached_property
    def in_room(self) -> dict[tuple[int, int], list[int]]:
        """Lectures by room and timeslot of the base."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for lecture in range(self.problem.num_lectures):
            if self.is_placed(lecture):
                for slot in self.base_cells(lecture):
                    found[self.room[lecture], slot].append(lecture)
        return found

    @cached_property
    def of_section(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(self.problem.num_sections)]
        for lecture, section in enumerate(self.section):
            rows[section].append(lecture)
        return rows

    @cached_property
    def cliques(self) -> list[tuple[int, ...]]:
        """Sets of sections of which no two lectures may overlap."""
        relations = self.openings.relations
        groups: dict[tuple[str, int], list[int]] = defaultdict(list)
        for section in range(self.problem.num_sections):
            groups["section", section].append(section)
            for instructor in relations.instructors[section]:
                groups["instructor", instructor].append(section)
            for curriculum in relations.curricula[section]:
                groups["curriculum", curriculum].append(section)
        pairs = [tuple(sorted(pair)) for pair in self.problem.no_overlap.tolist() if pair[0] != pair[1]]
        return list(dict.fromkeys([*(tuple(members) for members in groups.values()), *pairs]))

    @cached_property
    def cliques_of(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(self.problem.num_sections)]
        for number, members in enumerate(self.cliques):
            for section in members:
                rows[section].append(number)
        return rows

    @cached_property
    def pairs(self) -> list[tuple[int, int, int, int]]:
        """Pairs of lectures that must stand to one another in some way: lecture, lecture, kind (`problem.BEFORE` ...), days."""
        rows = []
        for name in ("pair_required", "joint_start"):
            terms = CONSTRAINTS[name].terms.lecture_pairs
            assert terms is not None, "both are declared with their pairs"
            rows += [(a, b, kind, days) for a, b, kind, days, hard, _ in terms(self.problem).tolist() if hard and a != b]
        return rows

    def broken(self, solution: Solution) -> Iterator[tuple[str, Finding]]:
        """The hard rules that a timetable breaks, lectures without a place and what only seats decide aside."""
        timetable = Timetable(self.problem, solution)
        for constraint in constraints_of(self.problem, self.problem.weights):
            if constraint.is_hard and constraint.id not in ("unplaced", *SEATS_ONLY):
                for finding in constraint.find(timetable):
                    yield constraint.id, finding
