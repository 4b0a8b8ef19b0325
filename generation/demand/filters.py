"""A part of the demand: what somebody searched for, and the matrix of some courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generation.demand.tables import Course, Demand
from generation.engine.bounds.minimum_clashes import LongArray
from generation.engine.model.problem import BoolArray

MOST_IN_MATRIX = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search, and a department or curriculum; empty means everything."""

    search: str = ""
    department_id: int | None = None
    curriculum_id: int | None = None

    def fits(self, course: Course) -> bool:
        return (
            (not self.search or self.search.casefold() in f"{course.code} {course.title}".casefold())
            and (self.department_id is None or course.department_id == self.department_id)
            and (self.curriculum_id is None or self.curriculum_id in course.curricula)
        )


def courses_chosen(demand: Demand, wanted: Wanted) -> BoolArray:
    """By place in the demand's courses."""
    return np.array([wanted.fits(course) for course in demand.courses], dtype=np.bool_)


def pairs_chosen(demand: Demand, wanted: Wanted) -> LongArray:
    """The pairs of which one course, or both, is wanted."""
    if wanted == Wanted():
        return demand.pairs
    chosen = courses_chosen(demand, wanted)
    found: LongArray = demand.pairs[chosen[demand.pairs[:, 0]] | chosen[demand.pairs[:, 1]]]
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    students: int
    why: int
    shade: int  # 0 to 4
    is_self: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Some courses against each other; ``left_out`` others were wanted too."""

    courses: tuple[Course, ...]
    rows: tuple[tuple[Course, tuple[Cell, ...]], ...]
    left_out: int


def matrix_of(demand: Demand, places: Sequence[int], *, most: int = MOST_IN_MATRIX) -> Matrix:
    """Of these courses, the ones with the largest pairs among them, by code."""
    wanted = np.zeros(len(demand.courses), dtype=np.bool_)
    wanted[list(places)] = True
    inside = demand.pairs[wanted[demand.pairs[:, 0]] & wanted[demand.pairs[:, 1]]]
    kept = list(dict.fromkeys([*inside[:, :2].ravel().tolist(), *places]))[:most]
    ordered = sorted(kept, key=lambda place: demand.courses[place].code)
    number = {place: n for n, place in enumerate(ordered)}
    students, why = (np.zeros((len(ordered), len(ordered)), dtype=np.int64) for _ in range(2))
    for a, b, count, reason in inside.tolist():
        if a in number and b in number:
            for row, column in ((number[a], number[b]), (number[b], number[a])):
                students[row, column], why[row, column] = count, reason
    top = max(1, int(students.max(initial=0)))
    courses = tuple(demand.courses[place] for place in ordered)
    rows = tuple(
        (
            course,
            tuple(
                Cell(int(students[n, m]), int(why[n, m]), -(-4 * int(students[n, m]) // top), is_self=n == m) for m in range(len(ordered))
            ),
        )
        for n, course in enumerate(courses)
    )
    return Matrix(courses, rows, len(places) - len(ordered))
