"""Kinds of week and parts of sections, in arrays: for all who count lectures of a term whose weeks differ.

Weeks in which the same lectures are held are one *kind*; weeks without any lecture are none. Lectures of one section that are held in
the same weeks are a *part* of it: parts are in one another's way where they share a week. Letters of shapes as in `problem`, with
``S'`` parts and ``K`` kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import BoolArray, Csr, IntArray, Problem

LongArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WeekParts:
    """The first ``S`` parts have the numbers of their sections; further ones of sections whose lectures differ in weeks follow."""

    num_kinds: int
    part: IntArray  # [L] of each lecture
    owner: IntArray  # [S'] the section of each part
    kinds: LongArray  # [S'] the kinds of week in which it is held, as bits
    week_of_kind: IntArray  # [K] the first week of each kind, from 0

    @classmethod
    def of(cls, problem: Problem) -> WeekParts:
        sections = np.arange(problem.num_sections, dtype=np.int32)
        weeks = problem.lecture_weeks
        different, which = np.unique(weeks, return_inverse=True)
        if len(different) < 2:
            return cls(1, problem.lecture_section, sections, np.ones(len(sections), dtype=np.int64), np.zeros(1, dtype=np.int32))
        columns = (different[:, None] >> np.arange(problem.num_weeks, dtype=np.uint64)) & np.uint64(1)  # [different, weeks]
        held = columns.any(axis=0)
        _, first = np.unique(columns[:, held], axis=1, return_index=True)
        week_of_kind = np.sort(np.flatnonzero(held)[first]).astype(np.int32)
        kinds = (columns[:, week_of_kind].astype(np.int64) << np.arange(len(week_of_kind), dtype=np.int64)).sum(axis=1)
        part = np.zeros(problem.num_lectures, dtype=np.int32)
        owners, of_part = sections.tolist(), [(1 << len(week_of_kind)) - 1] * len(sections)
        known: dict[tuple[int, int], int] = {}
        begun: set[int] = set()
        for lecture, (section, each) in enumerate(zip(problem.lecture_section.tolist(), which.tolist(), strict=True)):
            if (section, each) not in known:
                if section in begun:
                    known[section, each] = len(owners)
                    owners.append(section)
                    of_part.append(int(kinds[each]))
                else:
                    begun.add(section)
                    known[section, each] = section
                    of_part[section] = int(kinds[each])
            part[lecture] = known[section, each]
        return cls(len(week_of_kind), part, np.array(owners, dtype=np.int32), np.array(of_part, dtype=np.int64), week_of_kind)

    @property
    def are_sections(self) -> bool:
        """Whether no section's lectures differ in weeks."""
        return len(self.owner) == 0 or len(self.owner) == int(self.owner.max()) + 1

    @property
    def held(self) -> BoolArray:
        """``[K, S']`` whether a part is held in a kind of week."""
        found: BoolArray = (self.kinds[None, :] >> np.arange(self.num_kinds, dtype=np.int64)[:, None]) & 1 == 1
        return found

    def rows(self, of_sections: Csr) -> Csr:
        """Rows by part, from rows by section."""
        return of_sections if self.are_sections else Csr.of([of_sections[section].tolist() for section in self.owner.tolist()])

    def pairs(self, first: LongArray, second: LongArray) -> tuple[LongArray, LongArray, LongArray]:
        """Of pairs of sections the pairs of their parts that share a week: the parts, and the number of the pair of sections."""
        number = np.arange(len(first), dtype=np.int64)
        if self.num_kinds > 1:
            order = np.argsort(self.owner, kind="stable")
            bounds = np.searchsorted(self.owner[order], np.arange(int(self.owner.max(initial=-1)) + 2))
            size = np.diff(bounds)
            times = size[first] * size[second]
            number = np.repeat(number, times)
            place = np.arange(len(number)) - np.repeat(np.cumsum(times) - times, times)
            first, second = first[number], second[number]
            first, second = order[bounds[first] + place // size[second]], order[bounds[second] + place % size[second]]
            share = (self.kinds[first] & self.kinds[second]) != 0
            first, second, number = first[share], second[share], number[share]
        return first, second, number

    def own_pairs(self) -> tuple[LongArray, LongArray]:
        """Different parts of one section that share a week, the smaller number first."""
        sections = np.unique(self.owner[self.part]).astype(np.int64) if not self.are_sections else np.zeros(0, dtype=np.int64)
        first, second, _ = self.pairs(sections, sections)
        return first[first < second], second[first < second]
