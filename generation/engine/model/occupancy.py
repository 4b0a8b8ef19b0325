"""Which timeslots of which sections and rooms a solution takes, in arrays: for all who count lectures rather than name them.

Letters of shapes as in `problem`. What is in the way of what is the evaluator's to say; here lectures are only laid out.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution

LongArray = NDArray[np.int64]


class Occupancy:
    """One solution as arrays: the placed lectures, and their *cells*, the timeslots that they occupy, cut at the end of the day."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.solution = solution
        self.placed = np.flatnonzero((solution.slot >= 0) & (solution.room >= 0))
        self.slot = solution.slot[self.placed].astype(np.int64)
        self.room = solution.room[self.placed].astype(np.int64)
        self.section = problem.lecture_section[self.placed].astype(np.int64)
        self.length = problem.lecture_length[self.placed].astype(np.int64)
        self.period = self.slot % problem.periods_per_day
        self.present = np.minimum(self.length, problem.periods_per_day - self.period)
        starts = np.cumsum(self.present) - self.present
        self.cell_slot = np.repeat(self.slot - starts, self.present) + np.arange(self.present.sum())
        self.cell_section = np.repeat(self.section, self.present)

    @cached_property
    def by_section(self) -> LongArray:
        """Lectures present [S, T]."""
        return self._counts(self.cell_section, self.problem.num_sections)

    @cached_property
    def by_room(self) -> LongArray:
        """Lectures present [R, T]."""
        return self._counts(np.repeat(self.room, self.present), self.problem.num_rooms)

    def _counts(self, owners: LongArray, num_owners: int) -> LongArray:
        shape = (num_owners, self.problem.num_timeslots)
        return np.bincount(owners * shape[1] + self.cell_slot, minlength=shape[0] * shape[1]).reshape(shape)
