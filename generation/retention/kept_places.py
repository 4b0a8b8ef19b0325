"""Places that a run may not change, by the words that name a lecture in any run of the term: see `generation.timetable.lecture_keys`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from generation.engine.change.budget import ChangeBudget
from generation.engine.model.fixed_places import Held, Holder
from generation.engine.model.problem import ANY, Problem
from generation.engine.model.solution import Solution
from generation.timetable.lecture_keys import LectureKey, lectures_known


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
class Budget:
    """What the smallest change may cost; None: any number. Courses by their codes."""

    max_lectures: int | None = None
    max_people: int | None = None
    is_only_rooms: bool = False
    untouched: tuple[str, ...] = ()  # courses whose lectures keep their places


@dataclass(frozen=True)
class Base:
    """A whole earlier timetable, which a run changes as little as it can."""

    places: tuple[KeptPlace, ...]
    budget: Budget = Budget()


@dataclass(frozen=True)
class Kept:
    """All that a run may not change, and the earlier lectures that were left out, in words; or what it changes as little as it can."""

    places: tuple[KeptPlace, ...] = ()
    left_out: tuple[str, ...] = ()
    rosters: tuple[Roster, ...] = ()
    base: Base | None = None

    @property
    def is_any(self) -> bool:
        return bool(self.places) or self.base is not None

    def digest(self) -> str:
        """Equal for the same places; empty where nothing is kept."""
        if not self.is_any:
            return ""
        rows: list[Any] = [*sorted(_row(place) for place in self.places), *sorted(self.rosters)]
        if self.base is not None:
            rows += [sorted(_base_row(place) for place in self.base.places), asdict(self.base.budget)]
        return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "places": [_row(place) for place in self.places],
            "left_out": list(self.left_out),
            "rosters": [[roster.course, roster.section, list(roster.students)] for roster in self.rosters],
            **({"base": {"places": [_row(each) for each in self.base.places], "budget": asdict(self.base.budget)}} if self.base else {}),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Kept:
        places = (KeptPlace(LectureKey(*row[:4]), *row[4:]) for row in document.get("places", ()))
        rosters = (Roster(course, section, tuple(students)) for course, section, students in document.get("rosters", ()))
        return cls(tuple(places), tuple(document.get("left_out", ())), tuple(rosters), _base_of(document.get("base")))


def _base_of(document: Mapping[str, Any] | None) -> Base | None:
    if document is None:
        return None
    budget = dict(document["budget"])
    places = tuple(KeptPlace(LectureKey(*row[:4]), *row[4:]) for row in document["places"])
    return Base(places, Budget(**budget | {"untouched": tuple(budget["untouched"])}))


def _base_row(place: KeptPlace) -> str:
    return json.dumps(_row(place))


def _row(place: KeptPlace) -> list[Any]:
    return [*place.key, *place[1:]]


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


def base_solution(problem: Problem, base: Base) -> Solution:
    """The earlier timetable with the lectures, rooms and times of the problem; -1 for what there is no more."""
    known, rooms = lectures_known(problem), {room: index for index, room in enumerate(problem.names.rooms)}
    solution = Solution.empty(problem)
    for place in base.places:
        lecture = known.get(place.key)
        if lecture is None or place.day is None or place.period is None:
            continue
        if 0 <= place.day < problem.num_days and 0 <= place.period < problem.periods_per_day:
            solution.slot[lecture] = place.day * problem.periods_per_day + place.period
        solution.room[lecture] = rooms.get(place.room or "", -1)
    return solution


def budget_of(problem: Problem, budget: Budget) -> ChangeBudget:
    """The same by the problem's numbers."""
    courses = set(budget.untouched)
    sections = np.array([course in courses for course in problem.names.courses], dtype=np.bool_)
    untouched = frozenset(np.flatnonzero(sections[problem.lecture_section]).tolist())
    return ChangeBudget(budget.max_lectures, budget.max_people, budget.is_only_rooms, untouched)


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
