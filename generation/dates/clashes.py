"""What stands in the way of a lecture on one date: the rooms, people and groups that are occupied then, or closed and away.

Only what changes is looked at: whoever gives a lecture another room is not stopped by a clash that the timetable has anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from academics.models import Room
from generation.dates import messages
from generation.dates.held import Dates, Held
from generation.dates.words import Naming
from generation.engine.model.problem import Problem
from generation.errors import Conflict
from generation.models import GenerationJob, Seating
from generation.problem.seating_codec import seating_unpack
from generation.problem.stored_problem import problem_of
from generation.text.without_room import is_without_room
from generation.timetable.lectures import Lecture


@dataclass(frozen=True)
class Change:
    """A lecture of an edition, from how it is on one date to how it would be on that or another."""

    variant_id: str
    planned_on: dt.date
    before: tuple[dt.date, Lecture] | None  # None: it was cancelled
    date: dt.date
    lecture: Lecture
    is_back: bool = False  # to what the timetable has: what it has beside it, whatever it breaks, is no reason against that

    @property
    def moves(self) -> bool:
        return self.before is None or (self.before[0], self.before[1].period) != (self.date, self.lecture.period)

    @property
    def room(self) -> str:
        """The one that has to be free; empty where it is as it was, or none."""
        was = "" if self.before is None or self.moves else self.before[1].room
        return "" if self.lecture.room == was or is_without_room(self.lecture.room) else self.lecture.room

    @property
    def people(self) -> tuple[str, ...]:
        """Those who have to be free."""
        was = () if self.before is None or self.moves else self.before[1].instructors
        return tuple(code for code in self.lecture.instructors if code not in was)


def clashes_of(dates: Dates, change: Change, *, organization_id: int, naming: Naming) -> list[str]:
    """A sentence for each hard clash; none where the change is possible. Five queries, and the kept problem once in a process."""
    there = _held_then(dates, change)
    if change.is_back:
        there = [held for held in there if held.exceptional is not None]
    closures = () if change.is_back else _closures(change, naming)
    return [*dict.fromkeys([*_room_clashes(there, change, organization_id, naming), *_people_clashes(there, change, naming), *closures])]


def students_elsewhere(dates: Dates, change: Change) -> int:
    """How many of a lecture's students have another one at the time to which it moves, by the seats of the timetables of these days.

    Nought where the runs knew no students by name. Three queries, and all seats of the timetable.
    """
    there = _held_then(dates, change) if change.moves else []
    if not there:
        return 0
    named = {change.variant_id, *(held.variant_id for held in there)}
    seats = {str(row.variant_id): seating_unpack(row.data) for row in Seating.objects.filter(variant__in=map(UUID, named)) if row.data}
    other = {(held.variant_id, held.lecture.section) for held in there}
    busy = {
        student
        for variant_id, sections_of in seats.items()
        for student, sections in sections_of.items()
        if any((variant_id, section) in other for section in sections)
    }
    mine = seats.get(change.variant_id, {})
    return sum(student in busy and change.lecture.section in sections for student, sections in mine.items())


def _held_then(dates: Dates, change: Change) -> list[Held]:
    """The other lectures that are held at the time."""
    return [
        held
        for held in dates.between(change.date, change.date)
        if held.is_held and _overlap(held.lecture, change.lecture) and not _is_itself(held, change)
    ]


def _overlap(one: Lecture, other: Lecture) -> bool:
    return (one.period or 0) < other.end and (other.period or 0) < one.end


def _is_itself(held: Held, change: Change) -> bool:
    planned_on = held.exceptional.row.date if held.exceptional else held.date
    return (held.variant_id, held.lecture.number, planned_on) == (change.variant_id, change.lecture.number, change.planned_on)


def _room_clashes(there: list[Held], change: Change, organization_id: int, naming: Naming) -> Iterator[str]:
    if not change.room:
        return
    others = [held for held in there if held.lecture.room == change.room]
    at_once = Room.objects.filter(organization=organization_id, code=change.room).values_list("sharing", flat=True).first() or 1
    periods = range(change.lecture.period or 0, change.lecture.end)
    fullest = max((sum(1 for held in others if (held.lecture.period or 0) <= p < held.lecture.end) for p in periods), default=0)
    if fullest >= at_once:
        for held in others:
            yield messages.room_taken(naming.room(change.room), held.lecture.section, naming.moment(held.date, held.lecture))


def _people_clashes(there: list[Held], change: Change, naming: Naming) -> Iterator[str]:
    for held in there:
        other, moment = held.lecture, naming.moment(held.date, held.lecture)
        for code in change.people:
            if code in other.instructors:
                yield messages.person_busy(naming.person(code), other.section, moment)
        if not change.moves:
            continue
        if (other.course, other.section) == (change.lecture.course, change.lecture.section):
            yield messages.group_busy(other.section, f"another lecture of {other.course}", moment)
        for code in change.lecture.curricula:
            if code in other.curricula:
                yield messages.group_busy(code, other.section, moment)


def _closures(change: Change, naming: Naming) -> Iterator[str]:
    """By the weekly times at which rooms and people are available, and the seats, as the run of the edition knew them."""
    problem = _problem(change.variant_id)
    lecture, day, period = change.lecture, change.date.weekday(), change.lecture.period
    if problem is None or period is None or day >= problem.num_days or lecture.end > problem.periods_per_day:
        return
    slots = slice(day * problem.periods_per_day + period, day * problem.periods_per_day + lecture.end)
    moment, rooms = naming.moment(change.date, lecture), problem.names.rooms
    if change.room in rooms:
        index = rooms.index(change.room)
        if not problem.room_available[index, slots].all():
            yield messages.closed(naming.room(change.room), moment)
        seats = int(problem.room_capacity[index])
        most = seats + max(problem.capacity_tolerance, seats * problem.capacity_tolerance_percent // 100)
        is_other = change.before is not None and change.before[1].room != change.room
        if problem.capacity_is_hard and is_other and lecture.size > most:
            yield messages.too_small(naming.room(change.room), seats, lecture)
    people = problem.names.instructors
    for code in change.people:
        if code in people and not problem.instructor_available[people.index(code), slots].all():
            yield messages.away(naming.person(code), moment)


def _problem(variant_id: str) -> Problem | None:
    job = GenerationJob.objects.defer(*GenerationJob.LARGE).get(variants__id=variant_id)
    try:
        return problem_of(job=job)
    except Conflict:  # of a run of an earlier release: what it knew of closures is gone
        return None
