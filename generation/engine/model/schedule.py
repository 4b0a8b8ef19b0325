"""A solution laid out for looking things up; the evaluator reads only this and the `Problem`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import combinations

import numpy as np

from generation.engine.model.problem import Problem
from generation.engine.model.seat_check import seats_check
from generation.engine.model.solution import Solution

Pair = tuple[int, int]
SlotLectures = dict[int, list[int]]  # timeslot -> lectures present there


class Timetable:
    """What meets when and where.

    A lecture is *placed* when it has both a start timeslot and a room. It occupies the timeslots
    from its start for its length; periods that would lie after its day's end do not count (the
    constraint ``block`` does). A section, instructor, curriculum or room is *busy* in a timeslot
    when at least one of its placed lectures occupies it.

    Where lectures are held in some weeks only, two of them can be in each other's way in a week that they share alone, and somebody's day
    is that of one kind of week. Lectures of one section in the same weeks are a *part* of it.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        _check_fit(problem, solution)
        self.problem = problem
        self.attended = solution.attended(problem)
        self.start: list[int] = solution.slot.tolist()
        self.room: list[int] = solution.room.tolist()
        self.section: list[int] = problem.lecture_section.tolist()
        self.length: list[int] = problem.lecture_length.tolist()
        self.placed = [lecture for lecture in range(problem.num_lectures) if self.start[lecture] >= 0 and self.room[lecture] >= 0]
        self.unplaced = [lecture for lecture in range(problem.num_lectures) if self.start[lecture] < 0 or self.room[lecture] < 0]
        self.instructors: list[list[int]] = [sorted(set(row.tolist())) for row in problem.section_instructors]
        self.curricula: list[list[int]] = [sorted(set(row.tolist())) for row in problem.section_curricula]
        # The weeks of each lecture as bits, and one week of each kind: weeks in which the same lectures are held, if any, are one kind.
        self.weeks: list[int] = problem.lecture_weeks.tolist() or [1] * problem.num_lectures
        self.kinds = _kinds_of_week(self.weeks)

    def day(self, slot: int) -> int:
        return slot // self.problem.periods_per_day

    def period(self, slot: int) -> int:
        return slot % self.problem.periods_per_day

    def timeslots(self, lecture: int) -> range:
        """The timeslots that a placed lecture occupies, cut at the end of its day."""
        start = self.start[lecture]
        day_end = (self.day(start) + 1) * self.problem.periods_per_day
        return range(start, min(start + self.length[lecture], day_end))

    @cached_property
    def by_section(self) -> dict[int, SlotLectures]:
        return self._by_owner(lambda lecture: [self.section[lecture]])

    @cached_property
    def by_room(self) -> dict[int, SlotLectures]:
        return self._by_owner(lambda lecture: [self.room[lecture]])

    @cached_property
    def by_instructor(self) -> dict[int, SlotLectures]:
        return self._by_owner(lambda lecture: self.instructors[self.section[lecture]])

    @cached_property
    def by_curriculum(self) -> dict[int, SlotLectures]:
        return self._by_owner(lambda lecture: self.curricula[self.section[lecture]])

    def in_week(self, meetings: SlotLectures, week: int) -> SlotLectures:
        """What of it is held in a week, given as its bit."""
        held = {slot: [lecture for lecture in lectures if self.weeks[lecture] & week] for slot, lectures in meetings.items()}
        return {slot: lectures for slot, lectures in held.items() if lectures}

    def by_weeks(self, lectures: Iterable[int]) -> dict[int, list[int]]:
        """Lectures by the weeks in which they are held."""
        found: dict[int, list[int]] = {}
        for lecture in lectures:
            found.setdefault(self.weeks[lecture], []).append(lecture)
        return found

    def _by_owner(self, owners: Callable[[int], list[int]]) -> dict[int, SlotLectures]:
        found: dict[int, SlotLectures] = defaultdict(lambda: defaultdict(list))
        for lecture in self.placed:
            for owner in owners(lecture):
                for slot in self.timeslots(lecture):
                    found[owner][slot].append(lecture)
        return found

    @cached_property
    def busy_bits(self) -> list[int]:
        """By section: the timeslots in which it is busy, a bit each. Most pairs of sections never meet, which is seen at once."""
        bits = [0] * self.problem.num_sections
        for section, meetings in self.by_section.items():
            for slot in meetings:
                bits[section] |= 1 << slot
        return bits

    def days(self, meetings: SlotLectures) -> Iterator[tuple[int, list[int]]]:
        """Each day with a busy timeslot, in order, and its busy periods in order."""
        periods: dict[int, list[int]] = defaultdict(list)
        for slot in sorted(meetings):
            periods[self.day(slot)].append(self.period(slot))
        yield from periods.items()

    @cached_property
    def clash_reason(self) -> dict[Pair, str]:
        """Pairs of different sections that must not overlap, smaller first, each with its first reason."""
        reasons: dict[Pair, str] = {}
        for reason, groups in (
            ("instructor_clash", _members(self.instructors)),
            ("curriculum_clash", _members(self.curricula)),
            ("no_overlap", self.problem.no_overlap.tolist()),
        ):
            for pair in _pairs(groups):
                reasons.setdefault(pair, reason)
        return reasons

    @cached_property
    def shared_students(self) -> dict[Pair, int]:
        """Pairs of different sections with students in common, smaller first, and how many."""
        return Counter(_pairs(row.tolist() for row in self.attended))

    @cached_property
    def students(self) -> dict[int, set[int]]:
        """The students of each section that has any."""
        members: dict[int, set[int]] = defaultdict(set)
        for student, row in enumerate(self.attended):
            for section in row.tolist():
                members[section].add(student)
        return members


def _kinds_of_week(weeks: list[int]) -> list[int]:
    different = sorted(set(weeks))
    kinds: dict[tuple[bool, ...], int] = {}
    for week in range(max(different, default=1).bit_length()):
        held = tuple(bool(each >> week & 1) for each in different)
        if any(held):
            kinds.setdefault(held, 1 << week)
    return list(kinds.values())


def _members(owners: list[list[int]]) -> list[list[int]]:
    """Sections by owner, from owners by section."""
    sections: dict[int, list[int]] = defaultdict(list)
    for section, row in enumerate(owners):
        for owner in row:
            sections[owner].append(section)
    return list(sections.values())


def _pairs(groups: Iterable[list[int]]) -> Iterator[Pair]:
    for group in groups:
        yield from combinations(sorted(set(group)), 2)


def _check_fit(problem: Problem, solution: Solution) -> None:
    for name, values, bound in (("slot", solution.slot, problem.num_timeslots), ("room", solution.room, problem.num_rooms)):
        if len(values) != problem.num_lectures:
            raise ValueError(f"solution.{name}: {len(values)} entries for {problem.num_lectures} lectures")
        if len(values) and (np.min(values) < -1 or np.max(values) >= bound):
            raise ValueError(f"solution.{name}: an entry is outside -1..{bound - 1}")
    seats_check(problem, solution)
