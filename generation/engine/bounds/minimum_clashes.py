"""The fewest students who must have two lectures at once, whatever the timetable: what their choices alone prove.

Three arguments, each true of every timetable that keeps the hard rules; a student whom several of them name counts once:

- Two courses can only meet at the same time: every parallel section of both is fixed to it, or must start with the other's.
- Two courses have fewer timeslots between them than periods, so whoever takes both has two at once (no parallel section
  helps, since all sections of each are counted in).
- What a student takes inside some set of timeslots asks for more periods than the set has (Hall's condition, for
  the sets to which some lecture is limited, and for the whole week).

The bound asks for less than a timetable must keep (rooms and instructors' other lectures are left out), so the truth may be larger.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.attendance import shared_students
from generation.engine.model.domains import Openings
from generation.engine.model.one_week import one_weeks
from generation.engine.model.problem import BoolArray, Csr, Problem

LongArray = NDArray[np.int64]
MOST_SETS = 600  # of timeslots, the smallest first
CHUNK = 64
FREE, FIXED, TOGETHER, TOO_FEW = range(4)  # why a pair of courses must clash


@dataclass(frozen=True, slots=True)
class Crowding:
    """A set of timeslots in which some students have more periods than it holds."""

    slots: tuple[int, ...]
    offerings: tuple[int, ...]  # that meet nowhere else, at least with some lectures; of these students
    students: BoolArray  # [U]
    most_periods: int  # of one student


@dataclass(frozen=True, slots=True)
class MinimumClashes:
    """Who must clash: ``pairs`` are rows (offering, offering, students, why) with the most students first."""

    students: BoolArray  # [U]
    pairs: LongArray
    crowdings: tuple[Crowding, ...]


def shared_by_courses(takes: Csr, num_offerings: int) -> LongArray:
    """Pairs of offerings with students in common, as rows (a, b, students) with a < b, the most students first."""
    pairs = shared_students(takes, num_offerings)
    ordered: LongArray = pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -pairs[:, 2]))]
    return ordered


def minimum_clashes(problem: Problem, takes: Csr, num_offerings: int, pairs: LongArray) -> MinimumClashes:
    """Prove which students clash.

    Parameters
    ----------
    problem
        With ``section_offering``; who sits where in it does not matter.
    takes
        U rows of offerings (a lecture's parts too), numbered as ``section_offering``.
    pairs
        As `shared_by_courses` gives them.
    """
    first, *others = (_of_one_week(week.problem, takes, num_offerings, pairs) for week in one_weeks(problem))
    students, clashing, crowdings = first.students, first.pairs, list(first.crowdings)
    for week in others:  # who must clash in any week; each pair once
        known = set(map(tuple, clashing[:, :2].tolist()))
        more = [row for row in week.pairs.tolist() if tuple(row[:2]) not in known]
        clashing = np.concatenate([clashing, np.array(more, dtype=np.int64).reshape(-1, 4)])
        crowdings += [crowding for crowding in week.crowdings if np.any(crowding.students & ~students)]
        students = students | week.students
    return MinimumClashes(students, clashing, tuple(crowdings))


def _of_one_week(problem: Problem, takes: Csr, num_offerings: int, pairs: LongArray) -> MinimumClashes:
    times = _Times(problem, num_offerings)
    why = times.clashing(pairs)
    clashing = np.concatenate([pairs, why[:, None]], axis=1)[why != FREE]
    students = np.zeros(len(takes), dtype=np.bool_)
    takers = _takers(takes, num_offerings)
    for first, second in clashing[:, :2].tolist():
        students[np.intersect1d(takers[first], takers[second], assume_unique=True)] = True
    crowdings = []
    for crowding in times.crowdings(takes):
        if np.any(crowding.students & ~students):
            students |= crowding.students
            crowdings.append(crowding)
    return MinimumClashes(students, clashing, tuple(crowdings))


class _Times:
    """When each lecture, and each offering as a whole, can meet."""

    def __init__(self, problem: Problem, num_offerings: int) -> None:
        self.problem = problem
        self.num_offerings = num_offerings
        self.offering = problem.section_offering[problem.lecture_section].astype(np.int64)
        self.starts = _starts(problem)
        self.reach = _reach(self.starts, problem.lecture_length)
        self.window = np.zeros((num_offerings, problem.num_timeslots), dtype=np.bool_)
        np.logical_or.at(self.window, self.offering, self.reach)
        periods = np.bincount(problem.lecture_section, weights=problem.lecture_length, minlength=problem.num_sections).astype(np.int64)
        self.periods = np.full(num_offerings, np.iinfo(np.int64).max, dtype=np.int64)  # of the section with the fewest
        np.minimum.at(self.periods, problem.section_offering, periods)
        self.periods[self.periods == np.iinfo(np.int64).max] = 0

    def clashing(self, pairs: LongArray) -> LongArray:
        """Why each pair must clash, or FREE."""
        a, b = pairs[:, 0], pairs[:, 1]
        why = np.full(len(pairs), FREE, dtype=np.int64)
        limited: BoolArray = ~np.all(self.window, axis=1)
        near = np.flatnonzero(limited[a] | limited[b])
        room = (self.window[a[near]] | self.window[b[near]]).sum(axis=1)
        too_few = self.periods[a[near]] + self.periods[b[near]] > room
        fits = self.periods <= self.window.sum(axis=1)  # an offering that fits nowhere by itself is another fault
        why[near[too_few & fits[a[near]] & fits[b[near]]]] = TOO_FEW
        for table, reason in ((self._together(), TOGETHER), (self._fixed(), FIXED)):
            if table.any():
                both: BoolArray = table[a] & table[b]
                why[both.any(axis=1)] = reason
        return why

    def _fixed(self) -> BoolArray:
        """``[O, T]`` where every section of an offering is busy in every timetable."""
        sure = np.zeros((self.problem.num_sections, self.problem.num_timeslots), dtype=np.bool_)
        only = np.flatnonzero(self.starts.sum(axis=1) == 1)
        np.logical_or.at(sure, self.problem.lecture_section[only], self.reach[only])
        return self._in_every_section(sure)

    def _together(self) -> BoolArray:
        """``[O, C]`` offerings of which every section has a lecture in a group that must start together."""
        pairs, lectures = self.problem.same_start[self.problem.joint_is_hard], self.problem.num_lectures
        if not len(pairs):
            return np.zeros((self.num_offerings, 0), dtype=np.bool_)
        group = np.arange(lectures)
        while not np.array_equal(group[pairs[:, 0]], group[pairs[:, 1]]):  # the least number of a tied lecture spreads
            least = np.minimum(group[pairs[:, 0]], group[pairs[:, 1]])
            np.minimum.at(group, pairs.ravel(), np.repeat(least, 2))
        tied = np.unique(pairs)
        groups, number = np.unique(group[tied], return_inverse=True)
        has = np.zeros((self.problem.num_sections, len(groups)), dtype=np.bool_)
        has[self.problem.lecture_section[tied], number] = True
        return self._in_every_section(has)

    def _in_every_section(self, table: BoolArray) -> BoolArray:
        found = np.ones((self.num_offerings, table.shape[1]), dtype=np.bool_)
        np.logical_and.at(found, self.problem.section_offering, table)
        found[np.setdiff1d(np.arange(self.num_offerings), self.problem.section_offering)] = False
        return found

    def crowdings(self, takes: Csr) -> list[Crowding]:
        """Sets of timeslots with too much in them, those that concern most students first."""
        items, periods, domains = self._items()
        sets = np.unique(np.concatenate([domains, np.ones((1, self.problem.num_timeslots), dtype=np.bool_)]), axis=0)
        sets = sets[np.argsort(sets.sum(axis=1), kind="stable")]
        sets = np.concatenate([sets[:MOST_SETS], sets[MOST_SETS:][-1:]])  # the whole week is the last
        found = []
        for first in range(0, len(sets), CHUNK):
            chunk = sets[first : first + CHUNK]
            inside = (domains.astype(np.int64) @ ~chunk.T) == 0  # [items, sets]
            asked = np.zeros((self.num_offerings, len(chunk)), dtype=np.int64)
            np.add.at(asked, items, inside * periods[:, None])
            asked[asked > chunk.sum(axis=1)] = 0  # an offering that does not fit by itself is another fault
            load = _summed(takes, asked)
            for n in np.flatnonzero((load > chunk.sum(axis=1)).any(axis=0)).tolist():
                students: BoolArray = load[:, n] > chunk[n].sum()
                theirs = takes.indices[np.repeat(students, np.diff(takes.indptr))]
                taken = np.bincount(theirs, minlength=self.num_offerings) * (asked[:, n] > 0)
                offerings = tuple(np.argsort(-taken, kind="stable")[: np.count_nonzero(taken)].tolist())
                found.append(Crowding(tuple(np.flatnonzero(chunk[n]).tolist()), offerings, students, int(load[:, n].max())))
        return sorted(found, key=lambda crowding: (-int(crowding.students.sum()), crowding.slots))

    def _items(self) -> tuple[LongArray, LongArray, BoolArray]:
        """What has to fit somewhere: an offering with one section lecture by lecture, one with parallel sections as a whole."""
        num_sections = np.bincount(self.problem.section_offering, minlength=self.num_offerings)
        alone = np.flatnonzero(num_sections[self.offering] == 1)
        merged: dict[tuple[int, bytes], int] = defaultdict(int)
        for lecture in alone.tolist():
            merged[int(self.offering[lecture]), self.reach[lecture].tobytes()] += int(self.problem.lecture_length[lecture])
        several = np.flatnonzero((num_sections > 1) & (self.periods > 0))
        items = np.array([offering for offering, _ in merged] + several.tolist(), dtype=np.int64)
        periods = np.array([*merged.values(), *self.periods[several].tolist()], dtype=np.int64)
        rows = [np.frombuffer(domain, dtype=np.bool_) for _, domain in merged]
        domains: BoolArray = np.array([*rows, *self.window[several]], dtype=np.bool_).reshape(-1, self.problem.num_timeslots)
        return items, periods, domains


def _takers(takes: Csr, num_offerings: int) -> list[LongArray]:
    """The students of each offering, in order."""
    student = np.repeat(np.arange(len(takes)), np.diff(takes.indptr))
    order = np.lexsort((student, takes.indices))
    return np.split(student[order], np.cumsum(np.bincount(takes.indices, minlength=num_offerings))[:-1])


def _summed(takes: Csr, of_offering: LongArray) -> LongArray:
    """Each student's sum over the offerings taken, for every column."""
    running = np.zeros((len(takes.indices) + 1, of_offering.shape[1]), dtype=np.int64)
    np.cumsum(of_offering[takes.indices], axis=0, out=running[1:])
    summed: LongArray = running[takes.indptr[1:]] - running[takes.indptr[:-1]]
    return summed


def _starts(problem: Problem) -> BoolArray:
    """``[L, T]`` where each lecture may begin; everywhere for one that has no start at all, which proves nothing here."""
    facts = Openings(problem)
    starts = np.zeros((problem.num_lectures, problem.num_timeslots), dtype=np.bool_)
    for length in np.unique(problem.lecture_length).tolist():
        lectures = np.flatnonzero(problem.lecture_length == length)
        starts[lectures] = facts.starts(facts.section_open, length)[problem.lecture_section[lectures]]
    starts[problem.blocked_starts[:, 0], problem.blocked_starts[:, 1]] = False
    pinned = np.flatnonzero(problem.lecture_pin_slot >= 0)
    fixed = np.zeros((len(pinned), problem.num_timeslots), dtype=np.bool_)
    fixed[np.arange(len(pinned)), problem.lecture_pin_slot[pinned]] = True
    starts[pinned] &= fixed
    starts[~starts.any(axis=1)] = True
    return starts


def _reach(starts: BoolArray, length: NDArray[np.int32]) -> BoolArray:
    """``[L, T]`` timeslots that a lecture may occupy."""
    reach = starts.copy()
    for later in range(1, int(length.max(initial=1))):
        longer = length > later
        reach[longer, later:] |= starts[longer, : starts.shape[1] - later]
    return reach
