"""A term whose weeks differ as what each of its weeks asks alone: for proofs that know nothing of weeks.

What no timetable of one week can keep, none of the term can. So a proof about one week holds for the term, and the most that one week
must cost is a bound for it; that something fits into each week proves nothing for all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from generation.engine.model.fixed_places import Held, Holder
from generation.engine.model.problem import IntArray, Problem
from generation.engine.model.solution import Solution
from generation.engine.model.week_parts import WeekParts


@dataclass(frozen=True, slots=True)
class OneWeek:
    """The lectures of one kind of week, as a problem without weeks; its sections, rooms and people are those of the term."""

    problem: Problem
    lectures: IntArray  # of the term

    def held(self, held: Held) -> Held:
        """What fixes its lectures, by their numbers here."""
        here = {lecture: number for number, lecture in enumerate(self.lectures.tolist())}

        def kept(given: Mapping[int, Holder]) -> dict[int, Holder]:
            return {here[lecture]: holder for lecture, holder in given.items() if lecture in here}

        return Held(kept(held.in_time), kept(held.in_room))

    def solution(self, solution: Solution) -> Solution:
        return Solution(solution.slot[self.lectures], solution.room[self.lectures], solution.seats)


def one_weeks(problem: Problem) -> list[OneWeek]:
    """Each kind of week that holds lectures which no other kind holds all of, the fullest first; the problem itself without weeks."""
    parts = WeekParts.of(problem)
    if parts.num_kinds == 1:
        return [OneWeek(problem, np.arange(problem.num_lectures, dtype=np.int32))]
    held = parts.held[:, parts.part]  # [K, L]
    fullest_first = sorted(range(len(held)), key=lambda kind: -int(problem.lecture_length[held[kind]].sum()))
    found: list[int] = []
    for kind in fullest_first:
        if not any((held[other] | ~held[kind]).all() for other in found):
            found.append(kind)
    return [_one_week(problem, np.flatnonzero(held[kind]).astype(np.int32)) for kind in found]


def _one_week(problem: Problem, lectures: IntArray) -> OneWeek:
    number = np.full(problem.num_lectures, -1, dtype=np.int32)
    number[lectures] = np.arange(len(lectures), dtype=np.int32)
    blocked = problem.blocked_starts[number[problem.blocked_starts[:, 0]] >= 0]
    pairs = problem.lecture_pairs[(number[problem.lecture_pairs[:, :2]] >= 0).all(axis=1)]
    together = (number[problem.same_start] >= 0).all(axis=1)
    # Days that a section's lectures of other weeks are held on count too: what it lacks is known of whole sections only.
    whole = np.bincount(problem.lecture_section, minlength=problem.num_sections)
    whole -= np.bincount(problem.lecture_section[lectures], minlength=problem.num_sections)
    names = ("lecture_section", "lecture_length", "lecture_room_kind", "lecture_features", "lecture_pin_slot", "lecture_pin_room")
    of_lectures = {name: getattr(problem, name)[lectures] for name in names}
    made = replace(
        problem,
        **of_lectures,
        section_min_days=np.where(whole == 0, problem.section_min_days, 0).astype(np.int32),
        blocked_starts=np.column_stack([number[blocked[:, 0]], blocked[:, 1]]).astype(np.int32),
        lecture_pairs=np.column_stack([number[pairs[:, :2]], pairs[:, 2:]]).astype(np.int32),
        same_start=number[problem.same_start[together]],
        same_start_factor=problem.same_start_factor[together] if problem.same_start_factor.size else problem.same_start_factor,
        num_weeks=0,
        lecture_weeks=np.zeros(0, dtype=np.uint64),
    )
    return OneWeek(made, lectures)
