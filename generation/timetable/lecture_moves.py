"""Which lectures stand elsewhere: in one run by their numbers, between two runs by their sections."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from generation.models import Entry
from generation.timetable.lecture_keys import sections_matched
from generation.timetable.lectures import Lecture
from generation.timetable.when import Clock, Place, place_words


class Moved(NamedTuple):
    """A lecture in the one variant and in the other; None where only the other has it."""

    first: Lecture | None
    second: Lecture | None

    @property
    def either(self) -> Lecture:
        found = self.first or self.second
        assert found is not None, "a move has one side at least"
        return found


def lectures_elsewhere(before: Mapping[int, Place], after: Mapping[int, Place]) -> list[int]:
    """Of one run's lectures, by number: those that both know and that stand elsewhere after than before."""
    return [number for number, place in after.items() if before.get(number, place) != place]


def num_elsewhere(before: Mapping[UUID, Mapping[int, Place]]) -> dict[UUID, int]:
    """How many `lectures_elsewhere` there are in each of these variants now. One query, and no more than a few rows of it at a time."""
    counts = dict.fromkeys(before, 0)
    entries = Entry.objects.filter(variant__in=list(before)).order_by()
    for variant_id, number, *place in entries.values_list("variant", "lecture", "day", "period", "room").iterator(chunk_size=2000):
        after = tuple(place)
        counts[variant_id] += before[variant_id].get(number, after) != after
    return counts


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
    return sorted(moves, key=lambda move: (move.either.course, move.either.section, move.either.number))


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


def move_row(move: Moved, clocks: Sequence[Clock]) -> dict[str, Any]:
    """A line of what moved: the lecture, and where it stands in the one and in the other, in words."""
    before, after = (place_words(lecture.place, clocks) if lecture else "not there" for lecture in (move.first, move.second))
    return {"lecture": move.either, "before": before, "after": after}
