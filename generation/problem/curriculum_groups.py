"""Which sections a curriculum's students attend together.

A curriculum's courses never overlap. Once a course is split, that cannot mean every one of its
sections: students of the curriculum sit in one section of each course, and parallel sections may
well meet at the same time. So a curriculum becomes as many groups as its most split course has
sections with its students in them. Each group takes one section of each course, and is what the
engine calls a curriculum: one sure way through the programme. Every section that the
curriculum's students use lies in at least one group; a student assigned across two groups joins the
nearest one while it has seats (`loading`), and what no group covers then stays a weighted student clash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# A section with less than this share of the curriculum's students in the course is not "used":
# a few repeaters must not tie a whole section to the programme.
USED_SHARE = 0.1

Seats = Mapping[int, frozenset[int]]  # section -> the curriculum's students in it
Course = Sequence[int]  # its sections, in order


def curriculum_groups(courses: Sequence[Course], seats: Seats, whole: frozenset[int] = frozenset()) -> list[list[int]]:
    """Split one curriculum into groups of sections, one section of each course in every group.

    Parameters
    ----------
    courses
        For each course of the curriculum, its sections in order of their number.
    seats
        For each section the curriculum's students in it. Empty: nobody is known, and sections
        are aligned by their number.
    whole
        Courses, by their place, of which every section counts as used.
    """
    used = [course if place in whole else _used(course, seats) for place, course in enumerate(courses) if course]
    if not used:
        return []
    pivot = max(used, key=len)
    groups = [_group_through(section, pivot, used, seats) for section in pivot]
    covered = {section for group in groups for section in group}
    for course in used:
        for section in course:
            if section not in covered:
                group = _group_through(section, course, used, seats)
                groups.append(group)
                covered.update(group)
    return groups


def _used(course: Course, seats: Seats) -> Course:
    counts = [len(seats.get(section, ())) for section in course]
    threshold = USED_SHARE * sum(counts)
    return [section for section, count in zip(course, counts, strict=True) if count and count >= threshold] or course


def _group_through(section: int, pivot: Course, courses: Sequence[Course], seats: Seats) -> list[int]:
    """For each course the section that shares most students with this one; level, the aligned one."""
    place = pivot.index(section) / len(pivot)
    students = seats.get(section, frozenset())
    group = []
    for course in courses:
        aligned = course[int(place * len(course))]
        best = max(course, key=lambda other: (len(students & seats.get(other, frozenset())), other == aligned))
        group.append(section if course is pivot else best)
    return group
