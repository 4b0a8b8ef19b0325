"""How much of each constraint is in a timetable, in people, lectures, periods or days: what no weight changes.

A cost says how a search weighs a breach; here stands what a person would count. One lecture in a room that is too small is one
lecture, whatever it costs, and a student with three clashes is one student. So nobody and nothing is counted twice, and no count
can exceed what there is of its unit: of days and periods there are as many as the week has for each person concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from generation.engine.constraints.base import Finding, Unit
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

Findings = Sequence[Finding]


def findings_of(timetable: Timetable) -> dict[str, list[Finding]]:
    """What is found of each constraint that applies to the problem, whatever it weighs there."""
    return {each.id: list(each.find(timetable)) for each in CONSTRAINTS.values() if each.applies(timetable.problem)}


def counts_of(timetable: Timetable, findings: Mapping[str, Findings] | None = None) -> dict[str, Counted]:
    """How much that is, by constraint; ``findings`` where they have been looked for already."""
    found = findings_of(timetable) if findings is None else findings
    return {name: _counted(name, timetable, each) for name, each in found.items()}


def counted_words(constraint: str, found: Counted) -> str:
    """``4,210 students (75,384 clashes)``."""
    unit = CONSTRAINTS[constraint].counted
    words = _words(found.count, unit.name)
    return f"{words} ({_words(found.also, unit.also)})" if unit.also and found.count else words


def _words(count: int, unit: str) -> str:
    return f"{count:,} {SINGULARS[unit] if count == 1 else unit}"


def _counted(constraint: str, t: Timetable, findings: Findings) -> Counted:
    if not findings:
        return Counted(0)
    if constraint in PEOPLE:
        return PEOPLE[constraint](t, findings)
    unit = CONSTRAINTS[constraint].counted
    count = sum(found.amount for found in findings) if unit.name == "periods" else len(set(_things(unit.name, t, findings)))
    return Counted(count, _also(unit, findings) if unit.also else 0)


def _things(unit: str, t: Timetable, findings: Findings) -> Iterable[object]:
    """What the findings concern, a thing as often as it is found."""
    for found in findings:
        if unit == "lectures":
            yield from found.lectures
        elif unit == "sections":
            yield from [found.section] if found.section >= 0 else {t.section[lecture] for lecture in found.lectures}
        elif unit == "instructors":
            yield from found.instructors
        elif unit == "curricula":
            yield from found.curricula
        elif unit == "rooms":
            yield found.room
        elif unit == "days":
            yield found.instructors, found.curricula, t.day(found.slot)
        else:
            yield frozenset(found.lectures)


def _also(unit: Unit, findings: Findings) -> int:
    """The second figure; not the amounts where a constraint's own units are weighed (dislike, a factor, a tenth of the seats)."""
    if unit.also_from == "times":
        return len({(found.lectures, found.slot) for found in findings})
    return sum(found.values[0] if unit.also_from == "values" else found.amount for found in findings)


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
