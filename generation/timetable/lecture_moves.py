"""Which lectures stand elsewhere, whatever their numbers in the two runs."""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from generation.models import Variant
from generation.retention.kept_places import sections_matched
from generation.timetable.when import Place


class Lecture(NamedTuple):
    """A lecture of a variant, as far as people are concerned by it."""

    lecture: int
    course: str
    title: str
    section: str
    instructors: tuple[str, ...]
    curricula: tuple[str, ...]
    day: int | None
    period: int | None
    length: int
    room: str

    @property
    def place(self) -> Place:
        return (self.day, self.period, self.room)


class Moved(NamedTuple):
    """A lecture in the one variant and in the other; None where only the other has it."""

    first: Lecture | None
    second: Lecture | None

    @property
    def either(self) -> Lecture:
        found = self.first or self.second
        assert found is not None, "a move has one side at least"
        return found


def lectures_of(variant: Variant) -> list[Lecture]:
    """Every lecture, in the order of the run's problem. One query."""
    codes = functools.cache(_codes)  # most lists come many times, and reading each again takes longer than all the rest
    rows = variant.entries.order_by("lecture").values_list(
        "lecture",
        "course",
        "title",
        "section",
        Cast("instructors", TextField()),
        Cast("curricula", TextField()),
        Cast("electives", TextField()),
        "day",
        "period",
        "length",
        "room",
    )
    return [
        Lecture(lecture, course, title, section, codes(instructors), codes(curricula) + codes(electives), day, period, length, room)
        for lecture, course, title, section, instructors, curricula, electives, day, period, length, room in rows
    ]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def lectures_moved(first: Iterable[Lecture], second: Iterable[Lecture]) -> list[Moved]:
    """The lectures that stand elsewhere, section by section. A section is the same although others have come or gone.

    Lectures of one section and length are alike: that two of them exchanged their places changes nobody's week and is no
    move. What is left is paired in order; lectures that only one variant has are on their own.
    """
    first, second = list(first), list(second)
    called = sections_matched(*([(lecture.course, lecture.section) for lecture in lectures] for lectures in (first, second)))
    groups: dict[tuple[str, str, int], tuple[list[Lecture], list[Lecture]]] = defaultdict(lambda: ([], []))
    for lecture in first:
        groups[*called.get((lecture.course, lecture.section), (lecture.course, lecture.section)), lecture.length][0].append(lecture)
    for lecture in second:
        groups[lecture.course, lecture.section, lecture.length][1].append(lecture)
    moves: list[Moved] = []
    for before, after in groups.values():
        gone, come = _without_common(before, after), _without_common(after, before)
        moves.extend(Moved(one, other) for one, other in zip_longest(gone, come))
    return sorted(moves, key=lambda move: (move.either.course, move.either.section, move.either.lecture))


def _without_common(lectures: Sequence[Lecture], others: Sequence[Lecture]) -> list[Lecture]:
    """Those whose place none of the others has."""
    spare = Counter(other.place for other in others)
    left = []
    for lecture in lectures:
        if spare[lecture.place] > 0:
            spare[lecture.place] -= 1
        else:
            left.append(lecture)
    return left
