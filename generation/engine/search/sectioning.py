"""Deals the students of an offering to its parallel sections, before any time is known.

Students who share other courses should sit together: then fewer pairs of sections share
students, and fewer pairs have to be kept apart in time. So all students stand in one line, by
group and then by choice of courses, and every offering cuts its part of this one line into
sections; afterwards each offering in turn moves students to the section where more of their
company is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import IntArray

Students = NDArray[np.integer]
SWEEPS = 4  # over all offerings; more change less than a thousandth


def students_assign(
    *,
    enrolments: Sequence[Students],
    num_sections: Sequence[int],
    student_group: Students,
    rng: np.random.Generator,
    sizes: Mapping[int, Sequence[int]] | None = None,
) -> list[IntArray]:
    """Deal the students of each offering to its parallel sections, sizes equal within one.

    Parameters
    ----------
    enrolments
        Per offering, the indices of its students (each at most once).
    num_sections
        Per offering, how many sections it has (at least 1).
    student_group
        ``[U]`` curriculum or department of each student, -1 where none; students of one group
        are kept side by side.
    rng
        Breaks ties; the same generator state gives the same sections.
    sizes
        For some offerings, how many students each section gets instead.

    Returns
    -------
    list of int arrays
        Per offering, the section number (from 0) of each student in the order of ``enrolments``.
    """
    rank = _line(enrolments, student_group, rng)
    given = sizes or {}
    dealt = [
        _cut_to(rank[students], given[n]) if n in given else _cut(rank[students], count)
        for n, (students, count) in enumerate(zip(enrolments, num_sections, strict=True))
    ]
    for _sweep in range(SWEEPS):
        _settle(enrolments, num_sections, dealt, len(student_group))
    return dealt


def _line(enrolments: Sequence[Students], student_group: Students, rng: np.random.Generator) -> NDArray[np.int64]:
    """Each student's place in the line: by group, then by courses (largest first), ties by chance."""
    courses: list[list[int]] = [[] for _ in range(len(student_group))]
    largest_first = sorted(range(len(enrolments)), key=lambda offering: (-len(enrolments[offering]), offering))
    for position, offering in enumerate(largest_first):
        for student in enrolments[offering].tolist():
            courses[student].append(position)
    chance = rng.permutation(len(student_group)).tolist()
    groups = student_group.tolist()
    line = sorted(range(len(groups)), key=lambda student: (groups[student], courses[student], chance[student]))
    rank = np.empty(len(line), dtype=np.int64)
    rank[line] = np.arange(len(line))
    return rank


def _cut(ranks: NDArray[np.int64], count: int) -> IntArray:
    """Cut the line of an offering's students into ``count`` sections of nearly equal size."""
    line = np.argsort(ranks, kind="stable")
    numbers = np.empty(len(ranks), dtype=np.int32)
    numbers[line] = np.arange(len(ranks), dtype=np.int64) * count // max(1, len(ranks))
    return numbers


def _cut_to(ranks: NDArray[np.int64], sizes: Sequence[int]) -> IntArray:
    """Cut the same line into sections of these sizes."""
    numbers = np.empty(len(ranks), dtype=np.int32)
    numbers[np.argsort(ranks, kind="stable")] = np.repeat(np.arange(len(sizes)), sizes)
    return numbers


def sizes_shared(total: int, limits: Sequence[int]) -> list[int]:
    """Share students among sections as evenly as their limits allow; who is above all limits is shared evenly too."""
    sizes = [0] * len(limits)
    for _ in range(total):
        open_ = [n for n, limit in enumerate(limits) if sizes[n] < limit] or range(len(limits))
        sizes[min(open_, key=sizes.__getitem__)] += 1
    return sizes


def _settle(enrolments: Sequence[Students], num_sections: Sequence[int], dealt: list[IntArray], num_students: int) -> None:
    """One sweep over the offerings with several sections, each dealt anew given all the others."""
    first_section = np.concatenate([[0], np.cumsum(num_sections)])
    attended = _attended(enrolments, dealt, first_section, num_students)
    for offering, count in enumerate(num_sections):
        if count > 1 and len(enrolments[offering]) > count:
            rows = enrolments[offering]
            column = attended.column_of[offering]
            company = attended.sections[rows].copy()
            company[np.arange(len(rows)), column] = -1
            dealt[offering] = _regroup(company, dealt[offering], count)
            attended.sections[rows, column] = first_section[offering] + dealt[offering]


class _Attended:
    """``sections[U, K]``: the sections of each student, -1 filled; an offering's are at ``column_of[offering]``."""

    def __init__(self, sections: NDArray[np.int64], column_of: list[NDArray[np.int64]]) -> None:
        self.sections = sections
        self.column_of = column_of


def _attended(enrolments: Sequence[Students], dealt: Sequence[IntArray], first_section: NDArray[np.int64], num_students: int) -> _Attended:
    num_taken = np.zeros(num_students, dtype=np.int64)
    column_of = []
    for students in enrolments:
        column_of.append(num_taken[students])
        num_taken[students] += 1
    sections = np.full((num_students, int(num_taken.max(initial=0))), -1, dtype=np.int64)
    for offering, students in enumerate(enrolments):
        sections[students, column_of[offering]] = first_section[offering] + dealt[offering]
    return _Attended(sections, column_of)


def _regroup(company: NDArray[np.int64], numbers: IntArray, count: int) -> IntArray:
    """Deal one offering's students to the section where most of their company is, sizes kept.

    ``company[M, K]`` holds the other sections of each student, -1 filled.
    """
    known, flat = np.unique(company, return_inverse=True)
    flat = flat.reshape(company.shape)
    meetings = np.zeros((count, len(known)))
    np.add.at(meetings, (np.repeat(numbers, company.shape[1]), flat.ravel()), 1.0)
    meetings[:, known == -1] = 0.0
    own = np.arange(count)[:, None] == numbers[None, :]
    affinity = np.zeros((len(numbers), count))
    for column in range(company.shape[1]):
        others = np.maximum(meetings[:, flat[:, column]] - own, 0.0)
        affinity += (others / (1.0 + others)).T  # the first companion makes the pair of sections; more add little
    return _fill(affinity, np.bincount(numbers, minlength=count))


def _fill(affinity: NDArray[np.float64], sizes: NDArray[np.int64]) -> IntArray:
    """Students with most to lose choose first among the sections that still have a seat."""
    ordered = np.sort(affinity, axis=1)
    regret = ordered[:, -1] - ordered[:, -2]
    wishes = np.argsort(-affinity, axis=1, kind="stable").tolist()
    free = sizes.tolist()
    numbers = np.empty(len(affinity), dtype=np.int32)
    for student in np.argsort(-regret, kind="stable").tolist():
        choice = next(section for section in wishes[student] if free[section] > 0)
        numbers[student] = choice
        free[choice] -= 1
    return numbers
