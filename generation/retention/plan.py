"""Which places of an earlier timetable a new run can keep, evaluated against the data as they are now.

A place is kept only where it breaks no hard rule together with the others that stay, by the evaluator's own constraints.
What was requested by name and cannot stay is reported with its reason; of *everything that breaks no rule* such a lecture is
simply placed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from generation.engine.constraints.base import Finding
from generation.engine.constraints.register import constraints_of
from generation.engine.model.problem import UNPLACED, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.errors import Unsolvable
from generation.retention import messages
from generation.retention.kept_places import Base, Budget, Kept, KeptPlace, problem_pinned
from generation.retention.rosters import Seated, problem_seated
from generation.text.messages import some_of
from generation.timetable.lecture_keys import LectureKey, lectures_known, sections_of

OF_ROOMS = ("room_too_small", "room_type", "room_features")
OF_BOTH = ("room_clash", "room_availability")
OF_NO_PLACE = ("unplaced", "linked_sections", "section_sizes")  # not about where a lecture stands


class EarlierPlace(NamedTuple):
    """A lecture of the earlier timetable, and what of its place was requested to stay."""

    key: LectureKey
    day: int | None
    period: int | None
    room: str
    in_time: bool
    in_room: bool
    is_time_pinned: bool  # by hand
    is_room_pinned: bool
    is_named: bool  # requested by name: that it can't stay has to be reported
    instructors: tuple[str, ...] | None = None  # codes of who taught it; None: not known

    @property
    def place(self) -> KeptPlace:
        day, period = (self.day, self.period) if self.in_time else (None, None)
        pins = self.is_time_pinned and self.in_time, self.is_room_pinned and self.in_room
        return KeptPlace(self.key, day, period, self.room if self.in_room else None, *pins)

    @classmethod
    def again(cls, place: KeptPlace) -> EarlierPlace:
        """A place that was kept when the run was requested."""
        in_time, in_room = place.day is not None, place.room is not None
        pins = place.is_time_pinned, place.is_room_pinned
        return cls(place.key, place.day or 0, place.period or 0, place.room or "", in_time, in_room, *pins, is_named=True)


class Breach(NamedTuple):
    """A hard rule that a place would break, and what was found against it."""

    constraint: str
    finding: Finding


class Renewed(NamedTuple):
    """A lecture that stays where it is and is taught by others than in the earlier timetable; codes."""

    key: LectureKey
    before: tuple[str, ...]
    now: tuple[str, ...]


class Lost(NamedTuple):
    """One that was requested to stay and can't."""

    earlier: EarlierPlace
    why: str
    breaches: tuple[Breach, ...] = ()  # where there still is such a lecture and place


@dataclass(frozen=True)
class Plan:
    """What stays, what can't, and how many lectures the run places anew."""

    kept: Kept
    lost: tuple[Lost, ...]  # named ones
    freed: tuple[Lost, ...]  # not named: their place breaks a rule today, or they are no longer there
    num_lectures: int  # of the new run
    num_without_place: int  # requested, but not placed in the earlier timetable
    renewed: tuple[Renewed, ...] = ()  # lectures that stay, but are not taught by whom they were
    seated: Seated = field(default_factory=Seated)
    has_movable_seats: bool = False  # beside the lectures, students may change between parallel sections
    num_fitting: int = 0  # of a whole timetable that is changed as little as can be: lectures whose places break no rule today

    @property
    def num_kept(self) -> int:
        return self.num_fitting if self.kept.base else len(self.kept.places)

    @property
    def num_new(self) -> int:
        """Lectures that the run is free to place."""
        return self.num_lectures - self.num_kept

    @property
    def is_settled(self) -> bool:
        """Whether every lecture stays in time and room, and every student too: then there is nothing to search."""
        is_whole = all(place.day is not None and place.room is not None for place in self.kept.places)
        return not self.num_new and is_whole and not self.has_movable_seats and self.kept.base is None


def plan_make(problem: Problem, requested: Iterable[EarlierPlace]) -> Plan:
    """Evaluates the requested places against the problem as its data are now."""
    requested = list(requested)
    placed = [each for each in requested if each.day is not None]
    check = _PlaceCheck(problem)
    here: dict[int, EarlierPlace] = {}
    lost: dict[LectureKey, Lost] = {}
    for each in placed:
        why = check.absence(each)
        if why:
            lost[each.key] = Lost(each, why)
        else:
            here[check.known[each.key]] = each
    for are_named in (True, False):  # of two that are in each other's way the one requested by name stays
        earlier = {lecture: each for lecture, each in here.items() if each.key not in lost and (each.is_named or not are_named)}
        broken = {lecture: found for lecture, found in check.broken(earlier).items() if here[lecture].is_named == are_named}
        lost |= {
            here[lecture].key: Lost(here[lecture], messages.REASONS[found[0].constraint], tuple(found)) for lecture, found in broken.items()
        }
    stays = {lecture: each for lecture, each in here.items() if each.key not in lost}
    return Plan(
        kept=Kept(tuple(each.place for each in stays.values())),
        lost=tuple(each for each in lost.values() if each.earlier.is_named),
        freed=tuple(each for each in lost.values() if not each.earlier.is_named),
        num_lectures=problem.num_lectures,
        num_without_place=len(requested) - len(placed),
        renewed=tuple(check.renewed(stays)),
        has_movable_seats=problem.has_movable_seats,
    )


def plan_without_lost(plan: Plan, reasons: Iterable[str]) -> Plan:
    """The same where those that can't stay are left out; ``reasons`` says of each why."""
    return replace(plan, kept=replace(plan.kept, left_out=tuple(reasons)), lost=())


def plan_of_change(plan: Plan, requested: Iterable[EarlierPlace], budget: Budget) -> Plan:
    """The same where all of it may move at a price, except what somebody has pinned by hand, and that only as it is pinned."""
    places = tuple(KeptPlace(each.key, each.day, each.period, each.room) for each in requested if each.day is not None)
    pinned = tuple(_as_pinned(place) for place in plan.kept.places if place.is_time_pinned or place.is_room_pinned)
    kept = replace(plan.kept, places=pinned, base=Base(places, budget))
    return replace(plan, kept=kept, num_fitting=len(plan.kept.places), has_movable_seats=False)


def _as_pinned(place: KeptPlace) -> KeptPlace:
    day, period = (place.day, place.period) if place.is_time_pinned else (None, None)
    return place._replace(day=day, period=period, room=place.room if place.is_room_pinned else None)


def pinned_or_refused(problem: Problem, kept: Kept) -> Problem:
    """The problem of a run with its places, and the students of sections that stay, held fixed.

    Raises `Unsolvable` where the data have changed since it was requested.
    """
    if not kept.is_any:
        return problem
    plan = plan_make(problem, [EarlierPlace.again(place) for place in kept.places])
    if plan.lost:
        named = some_of([f"{lost.earlier.key.section} ({lost.why})" for lost in plan.lost])
        raise Unsolvable("keep_changed", lectures=len(plan.lost), named=named)
    return problem_seated(problem_pinned(problem, kept), kept.rosters)


def instructors_of(problem: Problem, lecture: int) -> tuple[str, ...]:
    """The codes of who teaches a lecture."""
    return tuple(problem.names.instructors[i] for i in problem.section_instructors[int(problem.lecture_section[lecture])])


class _PlaceCheck:
    """The new run's problem with earlier places laid out on it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.known = lectures_known(problem)
        self.rooms = {room: index for index, room in enumerate(problem.names.rooms)}
        self.constraints = {each.id: each for each in constraints_of(problem, problem.weights) if each.is_hard}
        self.sections = set(sections_of(problem))

    def absence(self, earlier: EarlierPlace) -> str:
        """Why there is no such lecture or place any more; empty where there is."""
        key, problem = earlier.key, self.problem
        if key not in self.known:
            is_other = (key.course, key.section) in self.sections
            return messages.LECTURE_GONE if is_other else messages.SECTION_GONE
        if earlier.in_time and not (0 <= (earlier.day or 0) < problem.num_days and 0 <= (earlier.period or 0) < problem.periods_per_day):
            return messages.TIME_GONE
        if earlier.in_room and earlier.room not in self.rooms:
            return messages.ROOM_GONE
        return ""

    def renewed(self, here: Mapping[int, EarlierPlace]) -> Iterator[Renewed]:
        for lecture, each in here.items():
            now = instructors_of(self.problem, lecture)
            if each.instructors is not None and set(each.instructors) != set(now):
                yield Renewed(each.key, each.instructors, now)

    def broken(self, here: Mapping[int, EarlierPlace]) -> dict[int, list[Breach]]:
        """The lectures that break a rule where they would stay, each with all that it breaks."""
        found: dict[int, list[Breach]] = defaultdict(list)
        in_time = {lecture: each for lecture, each in here.items() if each.in_time}
        in_room = {lecture: each for lecture, each in here.items() if each.in_room}
        both = {lecture: each for lecture, each in in_time.items() if each.in_room}
        of_time = [name for name in self.constraints if name not in (*OF_ROOMS, *OF_BOTH, *OF_NO_PLACE)]
        for names, lectures, counts in (
            (of_time, in_time, lambda finding: finding.room < 0),
            ((*OF_ROOMS, "pin"), in_room, lambda finding: finding.room >= 0),
            (OF_BOTH, both, lambda finding: True),
        ):
            for breach, lecture in self._findings(names, lectures, counts):
                found[lecture].append(breach)
        return found

    def _findings(
        self, names: Iterable[str], lectures: Mapping[int, EarlierPlace], counts: Callable[[Finding], bool]
    ) -> Iterator[tuple[Breach, int]]:
        timetable = Timetable(self.problem, self._solution(lectures))
        for name in names:
            if name not in self.constraints:
                continue
            for finding in self.constraints[name].find(timetable):
                if name != "pin" or counts(finding):
                    yield from ((Breach(name, finding), lecture) for lecture in finding.lectures)

    def _solution(self, lectures: Mapping[int, EarlierPlace]) -> Solution:
        """Only these, each with a place: where the room does not matter any one will do, and so will any time."""
        slot = np.full(self.problem.num_lectures, UNPLACED, dtype=np.int32)
        room = slot.copy()
        for lecture, each in lectures.items():
            slot[lecture] = (each.day or 0) * self.problem.periods_per_day + (each.period or 0) if each.in_time else 0
            room[lecture] = self.rooms.get(each.room, 0)
        return Solution(slot, room)
