"""Whose own week differs between two variants.

A person's week is what they attend or teach: the course, day, period, length and room of each lecture, in any order. A person
changes when that differs; a student who attends a parallel section at the same times in the same rooms does not, and neither does
anybody of whose lectures two exchanged their places. Whom only one of the variants knows changes as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from generation.models import Seating, Variant
from generation.problem.seating_codec import seating_unpack
from generation.timetable.lectures import Lecture

Meeting = tuple[str, int, int, int, str]  # course, day, period (-1: no place), length, room
Seats = Mapping[str, list[str]]  # each student's sections


class People(NamedTuple):
    """How many change, of how many; None where students are not known by name."""

    num_students: int | None
    all_students: int
    num_instructors: int
    all_instructors: int


def people_changed(first: list[Lecture], second: list[Lecture], seats: tuple[Seats, Seats]) -> People:
    teaching = _by_instructor(first), _by_instructor(second)
    instructors = teaching[0].keys() | teaching[1].keys()
    num_instructors = sum(teaching[0].get(code) != teaching[1].get(code) for code in instructors)
    students = seats[0].keys() | seats[1].keys()
    return People(
        _num_students(first, second, seats) if students else None,
        len(students),
        num_instructors,
        len(instructors),
    )


def seats_of(variant: Variant) -> Seats:
    """One query; a large seating takes a fifth of a second to unpack."""
    stored = Seating.objects.filter(variant=variant).first()
    return seating_unpack(stored.data) if stored else {}


def _num_students(first: list[Lecture], second: list[Lecture], seats: tuple[Seats, Seats]) -> int:
    weeks = _numbered(_by_section(first), _by_section(second))
    sums = tuple({section: sum(week) for section, week in side.items()} for side in weeks)
    changed = 0
    for student in seats[0].keys() | seats[1].keys():
        one, other = seats[0].get(student, []), seats[1].get(student, [])
        # Most weeks that differ do so in their sums; only those with equal ones are looked at meeting by meeting.
        is_changed = sum(sums[0].get(section, 0) for section in one) != sum(sums[1].get(section, 0) for section in other)
        changed += is_changed or _week(one, weeks[0]) != _week(other, weeks[1])
    return changed


def _numbered(*sides: Mapping[str, list[Meeting]]) -> tuple[dict[str, list[int]], ...]:
    """The weeks with a number for each meeting, the same in all: numbers are compared much faster."""
    numbers: dict[Meeting, int] = {}
    return tuple(
        {section: [numbers.setdefault(each, len(numbers) + 1) for each in week] for section, week in side.items()} for side in sides
    )


def _week(sections: Iterable[str], weeks: Mapping[str, list[int]]) -> list[int]:
    return sorted(number for section in sections for number in weeks.get(section, ()))


def _by_section(lectures: Iterable[Lecture]) -> dict[str, list[Meeting]]:
    found: dict[str, list[Meeting]] = defaultdict(list)
    for lecture in lectures:
        found[lecture.section].append(_meeting(lecture))
    return {section: sorted(week) for section, week in found.items()}


def _by_instructor(lectures: Iterable[Lecture]) -> dict[str, list[Meeting]]:
    found: dict[str, list[Meeting]] = defaultdict(list)
    for lecture in lectures:
        for code in lecture.instructors:
            found[code].append(_meeting(lecture))
    return {code: sorted(week) for code, week in found.items()}


def _meeting(lecture: Lecture) -> Meeting:
    day = -1 if lecture.day is None else lecture.day
    return (lecture.course, day, -1 if lecture.period is None else lecture.period, lecture.length, lecture.room)
