"""How much of each constraint is in a timetable, in people, lectures, periods or days: what no weight changes.

A cost says how a search weighs a breach; here stands what a person would count. One lecture in a room that is too small is one
lecture, whatever it costs, and a student with three clashes is one student. So nobody and nothing is counted twice, and no count
can exceed what there is of its unit: of days and periods there are as many as the week has for each person concerned.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from generation.engine.constraints.base import Constraint, Finding
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.schedule import Timetable


@dataclass(frozen=True, slots=True)
class Counted:
    count: int
    also: int = 0


# How one of each is called.
SINGULARS = {
    "students": "student",
    "instructors": "instructor",
    "curricula": "curriculum",
    "sections": "section",
    "lectures": "lecture",
    "rooms": "room",
    "pairs": "pair",
    "periods": "period",
    "days": "day",
    "clashes": "clash",
    "seats too few": "seat too few",
    "days too few": "day too few",
    "half-days too few": "half-day too few",
    "changes of room": "change of room",
    "periods too many": "period too many",
    "periods too few or too many": "period too few or too many",
    "places too few": "place too few",
    "empty seats": "empty seat",
}

MOST_LISTED = 5_000  # findings of a constraint: nobody reads more, and a table of many clashes may have a million
Findings = Iterable[Finding]


@dataclass(frozen=True, slots=True)
class Found:
    """What is found of one constraint: all of it counted, the dearest of it listed in the order in which it was found."""

    units: int
    counted: Counted
    listed: list[Finding]
    num_unlisted: int = 0
    units_unlisted: int = 0
    lectures_unlisted: tuple[int, ...] = ()  # those that the findings that are not listed are about


def found_of(timetable: Timetable, *, most: int = MOST_LISTED) -> dict[str, Found]:
    """What is found of each constraint that applies to the problem, whatever it weighs there. Keeps no more than is listed."""
    return {each.id: _found(timetable, each, most) for each in CONSTRAINTS.values() if each.applies(timetable.problem)}


def _found(timetable: Timetable, constraint: Constraint, most: int) -> Found:
    dearest = _Dearest(most)
    counted = _counted(constraint.id, timetable, dearest.passed(constraint.find(timetable)))
    listed = dearest.listed()
    return Found(
        dearest.units,
        counted,
        listed,
        dearest.number - len(listed),
        dearest.units - sum(each.amount for each in listed),
        tuple(sorted(dearest.left_out)),
    )


class _Dearest:
    """Of the findings that pass, so many of the largest amount; of equal ones the first."""

    def __init__(self, most: int) -> None:
        self.number = self.units = 0
        self.left_out: set[int] = set()  # lectures
        self._most = most
        self._kept: list[tuple[int, int, Finding]] = []  # a heap: the amount, the number from the end, the finding

    def passed(self, findings: Findings) -> Iterator[Finding]:
        kept = self._kept
        for found in findings:
            self.units += found.amount
            if self.number < self._most:
                heapq.heappush(kept, (found.amount, -self.number, found))
            elif self._most and found.amount > kept[0][0]:
                self.left_out.update(heapq.heapreplace(kept, (found.amount, -self.number, found))[2].lectures)
            else:
                self.left_out.update(found.lectures)
            self.number += 1
            yield found

    def listed(self) -> list[Finding]:
        return [found for _, _, found in sorted(self._kept, key=lambda each: -each[1])]


def counts_of(timetable: Timetable) -> dict[str, Counted]:
    """How much that is, by constraint."""
    return {name: found.counted for name, found in found_of(timetable, most=0).items()}


def counted_words(constraint: str, found: Counted) -> str:
    """``4,210 students (75,384 clashes)``."""
    unit = CONSTRAINTS[constraint].counted
    words = _words(found.count, unit.name)
    return f"{words} ({_words(found.also, unit.also)})" if unit.also and found.count else words


def _words(count: int, unit: str) -> str:
    return f"{count:,} {SINGULARS[unit] if count == 1 else unit}"


def _counted(constraint: str, t: Timetable, findings: Findings) -> Counted:
    """Looks at each finding once, and keeps none."""
    if constraint in PEOPLE:
        return PEOPLE[constraint](t, findings)
    unit = CONSTRAINTS[constraint].counted
    things: set[object] = set()
    times: set[object] = set()
    amount = also = 0
    for found in findings:
        if unit.name == "periods":
            amount += found.amount
        else:
            things.update(_things(unit.name, t, found))
        if unit.also_from == "times":
            times.add((found.lectures, found.slot))
        else:  # not the amounts where a constraint's own units are weighed (dislike, a factor, a tenth of the seats)
            also += found.values[0] if unit.also and unit.also_from == "values" else found.amount
    count = amount if unit.name == "periods" else len(things)
    return Counted(count, (len(times) if unit.also_from == "times" else also) if unit.also else 0)


def _things(unit: str, t: Timetable, found: Finding) -> Iterable[object]:
    """What a finding concerns."""
    if unit == "lectures":
        return found.lectures
    if unit == "sections":
        return [found.section] if found.section >= 0 else [t.section[lecture] for lecture in found.lectures]
    if unit == "instructors":
        return found.instructors
    if unit == "curricula":
        return found.curricula
    if unit == "rooms":
        return [found.room]
    if unit == "days":
        return [(found.instructors, found.curricula, t.day(found.slot))]
    return [frozenset(found.lectures)]


def _clashing_students(t: Timetable, findings: Findings) -> Counted:
    """Students, and the timeslots in which each of them has two lectures or more."""
    shared: dict[tuple[int, int], set[int]] = {}
    clashes: dict[int, set[int]] = {}
    for found in findings:
        assert found.pair is not None
        if found.pair not in shared:
            shared[found.pair] = t.students[found.pair[0]] & t.students[found.pair[1]]
        clashes.setdefault(found.slot, set()).update(shared[found.pair])
    return Counted(len(set().union(*clashes.values())), sum(map(len, clashes.values())))


def _strays(t: Timetable, findings: Findings) -> Counted:
    """Students who sit in a part's section and in another section of the lecture than the one that it belongs to."""
    offering = t.problem.section_offering.tolist()
    others: dict[int, set[int]] = {}  # by offering: everybody who attends a section of it
    for section, students in t.students.items():
        others.setdefault(offering[section], set()).update(students)
    found_strays: set[int] = set()
    for found in findings:
        assert found.pair is not None
        section, parent = found.pair
        found_strays |= (t.students[section] - t.students[parent]) & others.get(offering[parent], set())
    return Counted(len(found_strays))


PEOPLE: dict[str, Callable[[Timetable, Findings], Counted]] = {"student_clash": _clashing_students, "linked_sections": _strays}
