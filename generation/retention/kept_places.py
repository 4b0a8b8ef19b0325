"""Places that a run may not change, by the words that name a lecture in any run of the term.

A lecture is known again by its course, its section and its length, and by which of those that are alike it is. A section is
known again although others have come or gone (`sections_matched`).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from generation.engine.model.fixed_places import Held, Holder
from generation.engine.model.problem import ANY, Problem

Alike = tuple[str, str, int]  # course, section, length
SectionName = tuple[str, str]  # course, section


class LectureKey(NamedTuple):
    course: str
    section: str
    length: int
    number: int  # of those that are alike, in the order of the problem


class KeptPlace(NamedTuple):
    """Where one lecture stays: its time, its room or both; and which of them somebody has pinned by hand."""

    key: LectureKey
    day: int | None
    period: int | None
    room: str | None
    is_time_pinned: bool = False
    is_room_pinned: bool = False


class Roster(NamedTuple):
    """Who sat in a section of which a lecture keeps its time."""

    course: str
    section: str
    students: tuple[str, ...]  # codes


@dataclass(frozen=True)
class Kept:
    """All that a run may not change, and the earlier lectures that were left out, in words."""

    places: tuple[KeptPlace, ...] = ()
    left_out: tuple[str, ...] = ()
    rosters: tuple[Roster, ...] = ()

    def digest(self) -> str:
        """Equal for the same places; empty where nothing is kept."""
        rows = json.dumps([*sorted(_row(place) for place in self.places), *sorted(self.rosters)], default=str)
        return hashlib.sha256(rows.encode()).hexdigest() if self.places else ""

    def document(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "places": [_row(place) for place in self.places],
            "left_out": list(self.left_out),
            "rosters": [[roster.course, roster.section, list(roster.students)] for roster in self.rosters],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Kept:
        places = (KeptPlace(LectureKey(*row[:4]), *row[4:]) for row in document.get("places", ()))
        rosters = (Roster(course, section, tuple(students)) for course, section, students in document.get("rosters", ()))
        return cls(tuple(places), tuple(document.get("left_out", ())), tuple(rosters))


def _row(place: KeptPlace) -> list[Any]:
    return [*place.key, *place[1:]]


def lecture_keys(lectures: Iterable[Alike]) -> list[LectureKey]:
    """The keys of lectures that come in the order of their problem."""
    seen: dict[Alike, int] = defaultdict(int)
    keys = []
    for alike in lectures:
        keys.append(LectureKey(*alike, seen[alike]))
        seen[alike] += 1
    return keys


def sections_matched(earlier: Iterable[SectionName], now: Iterable[SectionName]) -> dict[SectionName, SectionName]:
    """The earlier sections that are still there, each with what it is called now.

    Sections without a name of their own are numbered, and a course's only one is called as the course: it is the first once there
    are more. Where named sections have taken the place of numbered ones, or numbered ones theirs, they follow one another in order.
    """
    before, after = _by_course(earlier), _by_course(now)
    found: dict[SectionName, SectionName] = {}
    for course, sections in before.items():
        there = after.get(course, {})
        same = {section: section for section in sections if section in there}
        for section in sections:
            other = _called_otherwise(course, section)
            if section not in there and other in there and other not in sections:
                same[section] = other
        left, free = [each for each in sections if each not in same], [each for each in there if each not in same.values()]
        if len({_is_numbered(course, each) for each in left}) == 1 == len({_is_numbered(course, each) for each in free}):
            same |= zip(left, free, strict=False) if _is_numbered(course, left[0]) != _is_numbered(course, free[0]) else ()
        found |= {(course, was): (course, called) for was, called in same.items()}
    return found


def sections_followed(sections: Iterable[SectionName], earlier: Problem | None, now: Problem) -> dict[SectionName, SectionName]:
    """The same by the problems of both moments, where the earlier one is known.

    Numbered tutorials and labs stand in the order of the lecture's sections that they belong to, so that one more of the first section's
    gives all that follow another number: of each section of the lecture they follow one another in order.
    """
    sections = list(sections)
    found = sections_matched(sections, sections_of(now))
    if earlier is None:
        return found
    then, today = _parents(earlier), _parents(now)
    wanted = {course for course, _ in then} & {course for course, _ in today}
    numbered = wanted - {course for course, section in (*then, *today) if not _is_numbered(course, section)}
    for course in numbered:
        of_lecture: dict[SectionName | None, list[SectionName]] = defaultdict(list)
        for name, parent in today.items():
            if name[0] == course:
                of_lecture[parent].append(name)
        mine = [name for name in dict.fromkeys(sections) if name[0] == course]
        found = {name: called for name, called in found.items() if name[0] != course}
        for name in mine:
            left = of_lecture[found.get(then[name])] if name in then else []
            if left:
                found[name] = left.pop(0)
    return found


def _parents(problem: Problem) -> dict[SectionName, SectionName]:
    """The lecture's section of each section of a tutorial or lab."""
    names = sections_of(problem)
    return {names[section]: names[parent] for section, parent in enumerate(problem.section_parent.tolist()) if parent >= 0}


def _by_course(sections: Iterable[SectionName]) -> dict[str, dict[str, None]]:
    """The sections of each course, once each and in order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for course, section in sections:
        found[course][section] = None
    return found


def _is_numbered(course: str, section: str) -> bool:
    return section == course or (section.startswith(f"{course}/") and section[len(course) + 1 :].isdecimal())


def _called_otherwise(course: str, section: str) -> str:
    """What a course's only section is called once there are more, and the other way round; empty for all others."""
    first = f"{course}/1"
    return {course: first, first: course}.get(section, "")


def sections_of(problem: Problem) -> list[SectionName]:
    return list(zip(problem.names.courses, problem.names.sections, strict=True))


def lectures_known(problem: Problem) -> dict[LectureKey, int]:
    """Each lecture of the problem by its key."""
    names = problem.names
    sections, lengths = problem.lecture_section.tolist(), problem.lecture_length.tolist()
    alike = ((names.courses[s], names.sections[s], length) for s, length in zip(sections, lengths, strict=True))
    return {key: lecture for lecture, key in enumerate(lecture_keys(alike))}


def problem_pinned(problem: Problem, kept: Kept) -> Problem:
    """The problem with these places fixed beside what its own rules fix. Raises `KeyError` where one is no longer there."""
    if not kept.places:
        return problem
    known, rooms = lectures_known(problem), {room: index for index, room in enumerate(problem.names.rooms)}
    slots, in_rooms = problem.lecture_pin_slot.copy(), problem.lecture_pin_room.copy()
    for place in kept.places:
        lecture = known[place.key]
        if place.day is not None and place.period is not None:
            slots[lecture] = place.day * problem.periods_per_day + place.period
        if place.room is not None:
            in_rooms[lecture] = rooms[place.room]
    return replace(problem, lecture_pin_slot=slots, lecture_pin_room=in_rooms)


def held_by(problem: Problem, kept: Kept) -> Held:
    """What fixes the lectures of a run where no rule of the data does. ``problem`` is that of the data alone."""
    known = lectures_known(problem) if kept.places else {}
    in_time: dict[int, Holder] = {}
    in_room: dict[int, Holder] = {}
    for place in kept.places:
        lecture = known[place.key]
        if place.day is not None and problem.lecture_pin_slot[lecture] == ANY:
            in_time[lecture] = "hand" if place.is_time_pinned else "kept"
        if place.room is not None and problem.lecture_pin_room[lecture] == ANY:
            in_room[lecture] = "hand" if place.is_room_pinned else "kept"
    return Held(in_time, in_room)


def entries_marked(entries: list[dict[str, Any]], problem: Problem, kept: Kept) -> list[dict[str, Any]]:
    """Rows of lectures whose pins are those of the rules and those set by hand, without what only this run had to keep.

    ``problem`` is that of the data alone.
    """
    if not kept.places:
        return entries
    known, by_hand = lectures_known(problem), {place.key: place for place in kept.places}
    pins = {known[key]: (place.is_time_pinned, place.is_room_pinned) for key, place in by_hand.items()}
    marked = []
    for entry in entries:
        lecture = entry["lecture"]
        hand = pins.get(lecture, (False, False))
        in_time = hand[0] or problem.lecture_pin_slot[lecture] != ANY
        in_room = hand[1] or problem.lecture_pin_room[lecture] != ANY
        flags = {"is_pinned": in_time or in_room, "is_time_pinned": in_time, "is_room_pinned": in_room}
        marked.append(entry | {name: bool(value) for name, value in flags.items()})
    return marked
