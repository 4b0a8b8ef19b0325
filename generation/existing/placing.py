"""Places that people name, on the problem of the term: which lecture each is of, and a room where none is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from academics.placements import Placement, PlacesRefused, lectures_matched
from academics.without_room import LABELS
from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.existing import messages
from generation.problem.cross_listed import cross_listings
from generation.text.without_room import is_without_room


@dataclass
class Laid:
    """A timetable made of places."""

    solution: Solution
    places: dict[int, Placement]  # by lecture
    chosen_rooms: list[int] = field(default_factory=list)  # lectures that were given a room
    without_room: list[int] = field(default_factory=list)  # lectures that have a time, and no room is free
    not_online: list[int] = field(default_factory=list)  # lectures that need a room, and whose place says that there is none
    num_left_out: int = 0  # places that are of no lecture


def places_laid(problem: Problem, placements: Sequence[Placement], *, periods: Mapping[int, int], is_lenient: bool = False) -> Laid:
    """``periods``: where each period of the term stands in the day. Raises `PlacesRefused` where a place is of no lecture, unless
    it ``is_lenient``: then such places are left out.
    """
    solution, rooms = Solution.empty(problem), {room: index for index, room in enumerate(problem.names.rooms)}
    found, num_left_out = _by_lecture(problem, placements, rooms, is_lenient=is_lenient)
    laid = Laid(solution, found, num_left_out=num_left_out)
    for lecture, place in laid.places.items():
        if place.room in rooms:
            solution.slot[lecture] = _slot(problem, place, periods)
            solution.room[lecture] = rooms[place.room]
    _rooms_choose(problem, laid, [lecture for lecture, place in laid.places.items() if place.room not in rooms], periods)
    return laid


def _slot(problem: Problem, place: Placement, periods: Mapping[int, int]) -> int:
    return place.day * problem.periods_per_day + periods[place.period]


def _by_lecture(
    problem: Problem, placements: Iterable[Placement], rooms: Mapping[str, int], *, is_lenient: bool
) -> tuple[dict[int, Placement], int]:
    """The places by lecture, and how many are of none."""
    by_section: dict[int, list[Placement]] = defaultdict(list)
    sections, num_unknown = _Sections(problem), 0
    for place in placements:
        try:
            there = by_section[sections.find(place)]
        except PlacesRefused:
            if not is_lenient:
                raise
            num_unknown += 1
            continue
        if not any(_are_one_lecture(place, other) for other in there):
            there.append(place)
    lectures: dict[int, list[int]] = defaultdict(list)
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        lectures[section].append(lecture)
    by_room, found, num_left_out = _ByRoom(problem, rooms), dict[int, Placement](), 0
    for section, places in by_section.items():
        mine = lectures[section]
        lengths = problem.lecture_length[mine].tolist()
        matched = lectures_matched([(place.lecture, place.length) for place in places], lengths)
        if None in matched:  # numbers count in another order here: then the lengths alone decide
            matched = lectures_matched([(None, place.length) for place in places], lengths)
        for place, number in zip(places, matched, strict=True):
            if number is not None:
                found[mine[number]] = place
            elif not is_lenient:
                name = problem.names.sections[section]
                raise PlacesRefused(text=messages.no_lecture_left(section=name, num_lectures=len(mine), rows=place.rows))
            else:
                num_left_out += 1
        by_room.exchange(found, mine)
    return found, num_left_out + num_unknown


def _are_one_lecture(one: Placement, other: Placement) -> bool:
    """Of a section that is listed under several courses, each lists the same lectures."""
    rooms = {one.room, other.room} - {""}
    return one.course != other.course and (one.day, one.period) == (other.day, other.period) and len(rooms) < 2


class _ByRoom:
    """Of lectures that are equally long, each is where it can be: the laboratory's in the laboratory, an online one without a room."""

    def __init__(self, problem: Problem, rooms: Mapping[str, int]) -> None:
        self._problem = problem
        self._rooms = rooms
        self._suitable = Openings(problem).suitable_rooms_unfixed

    def exchange(self, found: dict[int, Placement], lectures: Sequence[int]) -> None:
        """Those whose number is given stay as they are."""
        free = [lecture for lecture in lectures if lecture not in found or found[lecture].lecture is None]
        for one, other in combinations(free, 2):
            first, second = found.get(one), found.get(other)
            if self._problem.lecture_length[one] != self._problem.lecture_length[other]:
                continue
            if self._fits(one, second) + self._fits(other, first) > self._fits(one, first) + self._fits(other, second):
                for lecture, place in ((one, second), (other, first)):
                    found.pop(lecture, None)
                    if place is not None:
                        found[lecture] = place

    def _fits(self, lecture: int, place: Placement | None) -> bool:
        if place is None:
            return True
        if place.room in LABELS and place.room not in self._rooms:
            kind = int(self._problem.lecture_room_kind[lecture])
            return kind != ANY and self._problem.names.room_kinds[kind] == place.room
        return place.room not in self._rooms or bool(self._suitable[lecture] >> self._rooms[place.room] & 1)


class _Sections:
    """Sections by what people call them."""

    def __init__(self, problem: Problem) -> None:
        self._by_course: dict[str, dict[str, int]] = defaultdict(dict)
        for index, (course, section) in enumerate(zip(problem.names.courses, problem.names.sections, strict=True)):
            self._by_course[course][section] = index
        # A course that is taught with another is found by its own code and those of its sections too.
        for course, other in cross_listings(problem).items():
            of_other = self._by_course.get(other.course, {})
            mine = {name: of_other[section] for name, section in other.sections.items() if section in of_other}
            self._by_course[course] = mine or {name.replace(other.course, course): index for name, index in of_other.items()}

    def find(self, place: Placement) -> int:
        sections = self._by_course.get(place.course)
        if not sections:
            raise PlacesRefused(text=messages.course_unknown(course=place.course, rows=place.rows))
        for name in (place.section, f"{place.course}/{place.section}"):
            if name in sections:
                return sections[name]
        if len(sections) == 1 and place.section in ("", "1", place.course, f"{place.course}/1"):
            return next(iter(sections.values()))
        raise PlacesRefused(
            text=messages.section_unclear(course=place.course, section=place.section, sections=list(sections), rows=place.rows)
        )


def _rooms_choose(problem: Problem, laid: Laid, lectures: Sequence[int], periods: Mapping[int, int]) -> None:
    """The largest first; in a room of the same section where one is free, else in the smallest that fits."""
    if not lectures:
        return
    openings, timetable = Openings(problem), Timetable(problem, laid.solution)
    busy = np.zeros((problem.num_rooms, problem.num_timeslots), dtype=np.int32)
    shared = problem.room_sharing if len(problem.room_sharing) else np.ones(problem.num_rooms, dtype=np.int32)
    liked: dict[int, set[int]] = defaultdict(set)
    for lecture in np.nonzero(laid.solution.slot >= 0)[0].tolist():
        room = int(laid.solution.room[lecture])
        busy[room, list(timetable.timeslots(lecture))] += 1
        liked[int(problem.lecture_section[lecture])].add(room)
    sizes = problem.section_size[problem.lecture_section]
    for lecture in sorted(lectures, key=lambda each: (-int(sizes[each]), each)):
        section, slot = int(problem.lecture_section[lecture]), _slot(problem, laid.places[lecture], periods)
        day_end = (slot // problem.periods_per_day + 1) * problem.periods_per_day
        slots = slice(slot, min(slot + int(problem.lecture_length[lecture]), day_end))
        is_free = problem.room_available[:, slots].all(axis=1) & (busy[:, slots] < shared[:, None]).all(axis=1)
        bits = openings.suitable_rooms[lecture]
        free = [room for room in np.flatnonzero(is_free).tolist() if bits >> room & 1]
        if not free:
            laid.without_room.append(lecture)
            continue
        best = min(free, key=lambda room: (room not in liked[section], int(problem.room_capacity[room]), room))
        laid.solution.slot[lecture], laid.solution.room[lecture] = slot, best
        busy[best, slots] += 1
        liked[section].add(best)
        if is_without_room(problem.names.rooms[best]):
            continue
        laid.chosen_rooms.append(lecture)
        if laid.places[lecture].room in LABELS:
            laid.not_online.append(lecture)
