"""Places of an existing timetable as rules that fix lectures, and as wishes that a search weighs.

Wishes of these kinds exist in the model: for an offering's times a weighted rule (it meets in the listed timeslots), for its rooms
room preferences. Times of single lectures can't be wished for, only fixed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from academics.models import CourseOffering, Room, RoomPreference, Rule, RuleTimeslot, Term
from academics.placements import Placement
from generation.engine.model.problem import Problem

MOST_COMMENT = Rule._meta.get_field("comment").max_length or 0
BATCH = 500


class Pinned(NamedTuple):
    made: int
    other: int  # had a rule of their own


def pins_write(*, term: Term, problem: Problem, places: Mapping[int, Placement], lectures: Collection[int], name: str) -> Pinned:
    """Fixes these lectures to their times, and to the rooms that are named. A lecture that a rule fixes already keeps that one."""
    offerings, rooms = _offerings(term), _rooms(term)
    numbers = _numbers_in_offering(problem)
    pinned: dict[str, set[tuple[int, int]]] = {kind: _pinned(term, kind) for kind in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_ROOM)}
    rules: list[tuple[Rule, int]] = []
    other = made = 0
    comment = f"taken over from {name}"[:MOST_COMMENT]
    for lecture in sorted(lectures):
        place, number = places[lecture], numbers[lecture]
        key = offerings[_course(problem, lecture)], number
        facts = {"organization_id": term.organization_id, "term": term, "lecture": number, "comment": comment}
        before = len(rules)
        if key not in pinned[Rule.Kind.PIN_TIME]:
            rules.append((Rule(kind=Rule.Kind.PIN_TIME, day=place.day, period=place.period, **facts), key[0]))
        if place.room in rooms and key not in pinned[Rule.Kind.PIN_ROOM]:
            rules.append((Rule(kind=Rule.Kind.PIN_ROOM, room_id=rooms[place.room], **facts), key[0]))
        made += len(rules) > before
        other += len(rules) == before
    _rules_create(rules)
    return Pinned(made, other)


class Wished(NamedTuple):
    times: int  # offerings
    rooms: int


def wishes_write(*, term: Term, problem: Problem, places: Mapping[int, Placement], name: str) -> Wished:
    """Of each offering that it stays at its times and in its rooms. What is wished of it already stays as it is."""
    offerings, rooms = _offerings(term), _rooms(term)
    slots: dict[str, dict[tuple[int, int], None]] = defaultdict(dict)
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for lecture, place in places.items():
        course = _course(problem, lecture)
        for period in range(place.period, place.period + int(problem.lecture_length[lecture])):
            slots[course][place.day, period] = None
        if place.room in rooms:
            used[course][place.room] += 1
    comment = f"taken over from {name}"[:MOST_COMMENT]
    listed = Rule.objects.filter(term=term, kind=Rule.Kind.INSIDE, is_hard=False)
    there = set(listed.values_list("offerings", flat=True))
    facts = {"organization_id": term.organization_id, "term": term, "is_hard": False, "comment": comment}
    new = [(course, Rule(kind=Rule.Kind.INSIDE, **facts)) for course in slots if offerings[course] not in there]
    _rules_create([(rule, offerings[course]) for course, rule in new])
    RuleTimeslot.objects.bulk_create(
        [RuleTimeslot(rule=rule, day=day, period=period) for course, rule in new for day, period in sorted(slots[course])], batch_size=BATCH
    )
    known = set(RoomPreference.objects.filter(offering__term=term).exclude(room=None).values_list("offering_id", "room_id"))
    preferences = [
        RoomPreference(offering_id=offerings[course], room_id=rooms[room], rank=min(rank, 100))
        for course, counted in used.items()
        for rank, (room, _) in enumerate(counted.most_common())
        if (offerings[course], rooms[room]) not in known
    ]
    RoomPreference.objects.bulk_create(preferences, batch_size=BATCH)
    return Wished(len(new), len(preferences))


def _course(problem: Problem, lecture: int) -> str:
    """Whose lecture it is: of a course that is taught with another, that of the other one."""
    return problem.names.courses[int(problem.lecture_section[lecture])]


def _rules_create(rules: list[tuple[Rule, int]]) -> None:
    made = Rule.objects.bulk_create([rule for rule, _ in rules], batch_size=BATCH)
    through = Rule.offerings.through
    links = [through(rule_id=rule.pk, courseoffering_id=offering) for rule, (_, offering) in zip(made, rules, strict=True)]
    through._default_manager.bulk_create(links, batch_size=BATCH)


def _pinned(term: Term, kind: str) -> set[tuple[int, int]]:
    rows = Rule.objects.filter(term=term, kind=kind, is_active=True).values_list("offerings", "lecture")
    return {(offering, lecture) for offering, lecture in rows if offering is not None}


def _offerings(term: Term) -> dict[str, int]:
    return dict(CourseOffering.objects.filter(term=term).values_list("course__code", "pk"))


def _rooms(term: Term) -> dict[str, int]:
    return dict(Room.objects.filter(organization=term.organization_id).values_list("code", "pk"))


def _numbers_in_offering(problem: Problem) -> list[int]:
    """Of each lecture, which of its offering's it is, as rules count: through the sections, first all of the first one."""
    seen: Counter[str] = Counter()
    numbers = []
    for section in problem.lecture_section.tolist():
        course = problem.names.courses[section]
        numbers.append(seen[course])
        seen[course] += 1
    return numbers
