"""How a curriculum is split into groups when its courses are."""

from __future__ import annotations

from generation.problem.curriculum_groups import curriculum_groups


def test_unsplit_courses_are_one_group() -> None:
    assert curriculum_groups([[0], [1], [2]], {}) == [[0, 1, 2]]


def test_courses_split_alike_are_aligned_by_number() -> None:
    assert curriculum_groups([[0, 1], [2, 3]], {}) == [[0, 2], [1, 3]]


def test_the_only_section_of_a_course_is_in_every_group() -> None:
    assert curriculum_groups([[0, 1, 2], [3]], {}) == [[0, 3], [1, 3], [2, 3]]


def test_groups_follow_the_students_where_they_are_known() -> None:
    seats = {0: frozenset({1, 2}), 1: frozenset({3, 4}), 2: frozenset({3, 4}), 3: frozenset({1, 2})}

    assert curriculum_groups([[0, 1], [2, 3]], seats) == [[0, 3], [1, 2]]


def test_sections_of_a_shared_course_without_the_curriculum_s_students_do_not_bind() -> None:
    seats = {0: frozenset({1, 2, 3}), 5: frozenset({1, 2, 3})}

    assert curriculum_groups([[0], [4, 5, 6]], seats) == [[0, 5]]


def test_every_section_in_use_is_in_some_group() -> None:
    seats = {0: frozenset({1, 2, 3, 4}), 1: frozenset({5, 6}), 2: frozenset({1, 2, 5, 6}), 3: frozenset({3, 4})}

    groups = curriculum_groups([[0, 1], [2, 3]], seats)

    assert {section for group in groups for section in group} == {0, 1, 2, 3}


def test_a_curriculum_without_courses_has_no_group() -> None:
    assert curriculum_groups([], {}) == []
