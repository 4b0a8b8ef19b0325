"""A timetable: for each lecture a start timeslot and a room, or no place yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.engine.problem import UNPLACED, IntArray, Problem


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """Compared in this order: hard violations first, then the weighted soft penalty."""

    hard: int
    soft: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Placements by lecture: ``slot[L]`` start timeslots and ``room[L]``, both -1 where unplaced."""

    slot: IntArray
    room: IntArray

    @classmethod
    def empty(cls, problem: Problem) -> Solution:
        blank = np.full(problem.num_lectures, UNPLACED, dtype=np.int32)
        return cls(blank, blank.copy())

    def copy(self) -> Solution:
        return Solution(self.slot.copy(), self.room.copy())

    @property
    def num_unplaced(self) -> int:
        return int(np.count_nonzero(self.slot == UNPLACED))

    def difference(self, other: Solution) -> int:
        """Number of lectures whose timeslot or room differs."""
        return int(np.count_nonzero((self.slot != other.slot) | (self.room != other.room)))
