"""Who would have two things at once, or no longer, if one lecture began elsewhere.

What a lecture's move means for people beside its price: for each start of the week the students, the instructors and the
other sections with which it would overlap. A person clashes when the lecture and anything else of theirs share a timeslot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.evaluation.move_effects import Board
from generation.engine.model.problem import BoolArray, IntArray


class ClashChange(NamedTuple):
    """How many come to clash, and how many no longer do."""

    newly: int
    freed: int


@dataclass(frozen=True)
class PeopleAffected:
    """Who clashes at each start: one row each for a student, an instructor or a section."""

    students: BoolArray  # [n, T]
    instructors: BoolArray  # [n, T]
    sections: BoolArray  # [n, T] that share people with it or must not overlap it
    now: int  # the present start; -1 where the lecture has none

    def change(self, who: BoolArray, slot: int) -> ClashChange:
        """What begins and ends for them if the lecture begins there."""
        then = who[:, slot]
        before = who[:, self.now] if self.now >= 0 else np.zeros_like(then)
        return ClashChange(int(np.count_nonzero(then & ~before)), int(np.count_nonzero(before & ~then)))


def people_affected(board: Board, lecture: int) -> PeopleAffected:
    """Who clashes wherever the lecture begins, in a few milliseconds at the large scale. Leaves the board as it is."""
    problem, section = board.problem, int(board.problem.lecture_section[lecture])
    taken = _sections_in_its_weeks(board, lecture)
    now = int(board.solution.slot[lecture]) if board.is_placed(lecture) else -1
    if now >= 0:
        taken[section, board.timeslots(lecture, now)] -= 1
    busy = taken > 0
    occupied = np.zeros((problem.num_timeslots, problem.num_timeslots), dtype=np.uint8)  # [timeslot, start]
    for start in range(problem.num_timeslots):
        occupied[board.timeslots(lecture, start), start] = 1
    others = np.unique(np.concatenate([*board.apart(section).values(), board.sharing(section)[0]]).astype(np.int32))
    instructors = np.unique(problem.section_instructors[section])
    return PeopleAffected(
        students=_clashing(busy, [board.attended[student] for student in board.students_of(section).tolist()], occupied),
        instructors=_clashing(busy, [board.instructor_sections[i] for i in instructors.tolist()], occupied),
        sections=_overlapping(busy[others], occupied),
        now=now,
    )


def _sections_in_its_weeks(board: Board, lecture: int) -> NDArray[np.int16]:
    """``[S, T]`` lectures of each section in weeks of this one."""
    parts = board.parts
    if parts.num_kinds == 1:
        return board.by_section.copy()
    taken = np.zeros_like(board.by_section)
    near = np.flatnonzero(parts.kinds & parts.kinds[parts.part[lecture]])
    np.add.at(taken, parts.owner[near], board.by_part[near])
    return taken


def _clashing(busy: BoolArray, groups: list[IntArray], occupied: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> BoolArray:
    """``[group, T]`` whether any of the group's sections is busy while the lecture is held."""
    weeks = np.array([busy[group].any(axis=0) for group in groups], dtype=np.bool_).reshape(-1, busy.shape[1])
    return _overlapping(weeks, occupied)


def _overlapping(weeks: BoolArray, occupied: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> BoolArray:
    overlaps: BoolArray = (weeks.astype(np.uint8) @ occupied) > 0
    return overlaps
