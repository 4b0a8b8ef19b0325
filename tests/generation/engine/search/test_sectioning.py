"""Dealing students to parallel sections: sizes, company, and the same again for the same seed."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np

from generation.engine.model.problem import IntArray
from generation.engine.search.sectioning import students_assign

Offerings = list[np.ndarray[tuple[int], np.dtype[np.int64]]]


def university(num_students: int, num_groups: int, rng: np.random.Generator) -> tuple[Offerings, list[int], IntArray]:
    """Five courses for each group, and for every second student two courses anywhere."""
    group = rng.integers(0, num_groups, num_students).astype(np.int32)
    taken: list[set[int]] = [set(range(5 * each, 5 * each + 5)) for each in group.tolist()]
    for student in range(0, num_students, 2):
        taken[student] |= set(rng.integers(0, 5 * num_groups, 2).tolist())
    rows: list[list[int]] = [[] for _ in range(5 * num_groups)]
    for student, courses in enumerate(taken):
        for offering in courses:
            rows[offering].append(student)
    enrolments = [np.array(row, dtype=np.int64) for row in rows]
    return enrolments, [max(1, -(-len(row) // 30)) for row in rows], group


def deal(enrolments: Offerings, num_sections: list[int], group: IntArray, seed: int = 1) -> list[IntArray]:
    return students_assign(enrolments=enrolments, num_sections=num_sections, student_group=group, rng=np.random.default_rng(seed))


def shuffled(enrolments: Offerings, num_sections: list[int]) -> list[IntArray]:
    """The plain way, for comparison: each offering's list is shuffled and cut."""
    rng = np.random.default_rng(1)
    return [
        (rng.permutation(len(students)) * count // len(students)).astype(np.int32)
        for students, count in zip(enrolments, num_sections, strict=True)
    ]


def num_sharing_pairs(enrolments: Offerings, dealt: list[IntArray]) -> int:
    """How many pairs of sections share at least one student."""
    sections: dict[int, list[tuple[int, int]]] = {}
    for offering, (students, numbers) in enumerate(zip(enrolments, dealt, strict=True)):
        for student, number in zip(students.tolist(), numbers.tolist(), strict=True):
            sections.setdefault(student, []).append((offering, number))
    return len({pair for row in sections.values() for pair in combinations(row, 2)})


def test_section_sizes_differ_by_at_most_one() -> None:
    enrolments, num_sections, group = university(600, 4, np.random.default_rng(1))

    dealt = deal(enrolments, num_sections, group)

    for students, count, numbers in zip(enrolments, num_sections, dealt, strict=True):
        sizes = np.bincount(numbers, minlength=count)
        assert len(sizes) == count
        assert sizes.sum() == len(students)
        assert sizes.max() - sizes.min() <= 1


def test_students_who_share_courses_sit_together() -> None:
    enrolments, num_sections, group = university(1200, 8, np.random.default_rng(2))

    dealt = deal(enrolments, num_sections, group)

    assert num_sharing_pairs(enrolments, dealt) < 0.8 * num_sharing_pairs(enrolments, shuffled(enrolments, num_sections))


def test_students_with_the_same_courses_share_all_their_sections() -> None:
    both = np.arange(40)

    first, second = deal([both, both[::-1].copy()], [2, 2], np.zeros(40, dtype=np.int32))

    together = first == second[::-1]
    assert together.all() or not together.any()


def test_the_same_seed_deals_the_same() -> None:
    enrolments, num_sections, group = university(300, 3, np.random.default_rng(3))

    again = deal(enrolments, num_sections, group)

    assert all(np.array_equal(a, b) for a, b in zip(deal(enrolments, num_sections, group), again, strict=True))


def test_offerings_without_students_or_with_one_section_are_fine() -> None:
    dealt = deal([np.array([], dtype=np.int64), np.array([2, 0])], [2, 1], np.full(3, -1, dtype=np.int32))

    assert [numbers.tolist() for numbers in dealt] == [[], [0, 0]]


def test_more_sections_than_students_gives_each_at_most_one() -> None:
    (numbers,) = deal([np.array([0, 1])], [4], np.zeros(2, dtype=np.int32))

    assert np.bincount(numbers).max() == 1


def test_a_large_university_is_dealt_within_seconds() -> None:
    enrolments, num_sections, group = university(19_000, 127, np.random.default_rng(4))
    begun = time.process_time()

    deal(enrolments, num_sections, group)

    assert time.process_time() - begun < 10
