"""A timetable: for each lecture a start timeslot and a room, or no place yet; for each student a section of each course."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.engine.model.problem import UNPLACED, Csr, IntArray, Problem


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """Compared in this order: hard violations first, then the weighted soft penalty."""

    hard: int
    soft: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Placements by lecture: ``slot[L]`` start timeslots and ``room[L]``, both -1 where unplaced.

    ``seats`` is the section attended, for each entry of ``student_sections.indices``; None: as the problem has it.
    """

    slot: IntArray
    room: IntArray
    seats: IntArray | None = None

    @classmethod
    def empty(cls, problem: Problem) -> Solution:
        blank = np.full(problem.num_lectures, UNPLACED, dtype=np.int32)
        return cls(blank, blank.copy())

    def copy(self) -> Solution:
        return Solution(self.slot.copy(), self.room.copy(), None if self.seats is None else self.seats.copy())

    def attended(self, problem: Problem) -> Csr:
        """The sections of each student, in the order of ``student_sections``."""
        dealt = problem.student_sections
        return dealt if self.seats is None else Csr(dealt.indptr, self.seats)

    @property
    def num_unplaced(self) -> int:
        return int(np.count_nonzero(self.slot == UNPLACED))

    def is_same(self, other: Solution) -> bool:
        """Whether every lecture has the same place, and every student the same seats."""
        mine, theirs = self.seats, other.seats
        seats_are = mine is theirs or (mine is not None and theirs is not None and np.array_equal(mine, theirs))
        return seats_are and self.difference(other) == 0

    def difference(self, other: Solution) -> int:
        """Number of lectures whose timeslot or room differs."""
        return int(np.count_nonzero((self.slot != other.slot) | (self.room != other.room)))
