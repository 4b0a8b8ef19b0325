"""Deals the students of an offering to its parallel sections, before any time is known.

Students who share other courses should sit together: then fewer pairs of sections share
students, and fewer pairs have to be kept apart in time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.engine.problem import IntArray


def sections_deal(
    *,
    enrolments: Sequence[NDArray[np.integer]],
    num_sections: Sequence[int],
    student_group: NDArray[np.integer],
    rng: np.random.Generator,
) -> list[IntArray]:
    """Deal the students of each offering to its parallel sections, sizes balanced within one.

    Parameters
    ----------
    enrolments
        Per offering, the indices of its students.
    num_sections
        Per offering, how many sections it has (at least 1).
    student_group
        ``[U]`` curriculum or department of each student, -1 where none; students of one group
        are kept side by side.
    rng
        Breaks ties; the same generator state gives the same sections.

    Returns
    -------
    list of int arrays
        Per offering, the section number (from 0) of each student in the order of ``enrolments``.
    """
    shuffled = rng.permutation(len(student_group))
    order = _seats_in_order(shuffled, student_group)
    return [_cut(order[np.asarray(students, dtype=np.int64)], count) for students, count in zip(enrolments, num_sections, strict=True)]


def _seats_in_order(shuffled: NDArray[np.int64], student_group: NDArray[np.integer]) -> NDArray[np.int64]:
    """Each student's rank in a line sorted by group, ties by chance."""
    rank = np.empty(len(shuffled), dtype=np.int64)
    rank[shuffled[np.argsort(student_group[shuffled], kind="stable")]] = np.arange(len(shuffled))
    return rank


def _cut(ranks: NDArray[np.int64], count: int) -> IntArray:
    """Cut the line of an offering's students into ``count`` sections of nearly equal size."""
    line = np.argsort(ranks, kind="stable")
    numbers = np.empty(len(ranks), dtype=np.int32)
    numbers[line] = np.arange(len(ranks), dtype=np.int64) * count // max(1, len(ranks))
    return numbers
