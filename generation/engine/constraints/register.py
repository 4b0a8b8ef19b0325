"""What a good timetable is: one constraint, one function, one sentence.

Each function finds every breach of its constraint and says how many units it is worth. A hard
constraint's units are violations; a soft one's are multiplied by the weight of the same name
(`problem.Weights`). `evaluate` only adds up what these functions find, so the exact meaning of
each number stands in the docstring here and nowhere else.

Words used below: *placed*, *occupies* and *busy* as in `timetable.Timetable`; a *lecture-period*
is one placed lecture in one timeslot that it occupies. Lectures without a place count under
``unplaced`` and nowhere else, except that they add no day to ``min_days``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from generation.engine.model.problem import ANY, BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY, Problem, Weights
from generation.engine.model.schedule import SlotLectures, Timetable


class Finding(NamedTuple):
    """One breach: ``amount`` units, and what it concerns (-1 and empty: nothing of that sort)."""

    amount: int
    lectures: tuple[int, ...] = ()
    slot: int = -1
    room: int = -1
    section: int = -1
    instructors: tuple[int, ...] = ()
    curricula: tuple[int, ...] = ()
    pair: tuple[int, int] | None = None  # two sections
    values: tuple[int, ...] = ()  # numbers for the message, as the constraint's words expect them


Find = Callable[[Timetable], Iterator[Finding]]


def _always(problem: Problem) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Constraint:
    id: str
    is_hard: bool
    find: Find
    applies: Callable[[Problem], bool] = field(default=_always)

    def weight(self, weights: Weights) -> int:
        return 1 if self.is_hard else int(getattr(weights, self.id))


CONSTRAINTS: dict[str, Constraint] = {}


def _hard(applies: Callable[[Problem], bool] = _always) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        CONSTRAINTS[find.__name__] = Constraint(find.__name__, True, find, applies)
        return find

    return register


def _soft(applies: Callable[[Problem], bool] = _always) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        CONSTRAINTS[find.__name__] = Constraint(find.__name__, False, find, applies)
        return find

    return register


# Hard constraints


@_hard()
def unplaced(t: Timetable) -> Iterator[Finding]:
    """Every lecture has a timeslot and a room: a lecture without counts its length in periods."""
    for lecture in t.unplaced:
        yield Finding(t.length[lecture], (lecture,), section=t.section[lecture])


@_hard()
def section_clash(t: Timetable) -> Iterator[Finding]:
    """A section attends one lecture at a time: k of its lectures in one timeslot count k - 1."""
    for section, meetings in t.by_section.items():
        for slot, lectures in meetings.items():
            if len(lectures) > 1:
                yield Finding(len(lectures) - 1, tuple(lectures), slot, section=section)


@_hard()
def instructor_clash(t: Timetable) -> Iterator[Finding]:
    """An instructor is in one place at a time: each pair of different sections that share an instructor counts 1 in each
    timeslot where both are busy, however many instructors, curricula and lectures of theirs are concerned."""
    yield from _clashes(t, "instructor_clash")


@_hard()
def curriculum_clash(t: Timetable) -> Iterator[Finding]:
    """Sections of one curriculum never overlap: each pair of different sections that share a curriculum, and no instructor,
    counts 1 in each timeslot where both are busy."""
    yield from _clashes(t, "curriculum_clash")


@_hard()
def no_overlap(t: Timetable) -> Iterator[Finding]:
    """Sections named as not overlapping do not: each such pair that shares neither instructor nor curriculum counts 1 in each
    timeslot where both are busy (a pair named twice counts once)."""
    yield from _clashes(t, "no_overlap")


def _clashes(t: Timetable, reason: str) -> Iterator[Finding]:
    for (a, b), first_reason in t.clash_reason.items():
        if first_reason != reason:
            continue
        shared_instructors = tuple(i for i in t.instructors[a] if i in t.instructors[b])
        shared_curricula = tuple(q for q in t.curricula[a] if q in t.curricula[b])
        for slot, lectures in _meeting_together(t, a, b):
            yield Finding(1, lectures, slot, instructors=shared_instructors, curricula=shared_curricula, pair=(a, b))


def _meeting_together(t: Timetable, a: int, b: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each timeslot where both sections are busy, with the lectures of both there."""
    if a not in t.by_section or b not in t.by_section:
        return
    first, second = t.by_section[a], t.by_section[b]
    for slot in sorted(first.keys() & second.keys()):
        yield slot, (*first[slot], *second[slot])


@_hard()
def room_clash(t: Timetable) -> Iterator[Finding]:
    """A room holds one lecture at a time, or as many as may share it: lectures above that number in one timeslot count 1 each."""
    sharing = t.problem.room_sharing.tolist()
    for room, meetings in t.by_room.items():
        most = sharing[room] if sharing else 1
        for slot, lectures in meetings.items():
            if len(lectures) > most:
                yield Finding(len(lectures) - most, tuple(lectures), slot, room)


@_hard()
def availability(t: Timetable) -> Iterator[Finding]:
    """Nobody meets in a blocked timeslot: each lecture-period blocked for its section or for any of its instructors counts 1,
    however many of them are blocked."""
    section_available, instructor_available = t.problem.section_available, t.problem.instructor_available
    for lecture, slot in _lecture_periods(t):
        section = t.section[lecture]
        away = tuple(i for i in t.instructors[section] if not instructor_available[i, slot])
        if away or not section_available[section, slot]:
            yield Finding(1, (lecture,), slot, section=section, instructors=away)


@_hard()
def room_availability(t: Timetable) -> Iterator[Finding]:
    """No room is used while it is closed: each lecture-period in a room that is not available counts 1."""
    available = t.problem.room_available
    for lecture, slot in _lecture_periods(t):
        if not available[t.room[lecture], slot]:
            yield Finding(1, (lecture,), slot, t.room[lecture])


def _lecture_periods(t: Timetable) -> Iterator[tuple[int, int]]:
    for lecture in t.placed:
        for slot in t.timeslots(lecture):
            yield lecture, slot


@_hard(lambda problem: problem.capacity_is_hard)
def room_too_small(t: Timetable) -> Iterator[Finding]:
    """Everybody has a seat (``capacity_is_hard``): each lecture whose section has more students than its room has seats counts 1,
    unless no more are without a seat than ``capacity_tolerance``, or than ``capacity_tolerance_percent`` of the seats."""
    tolerance, percent = t.problem.capacity_tolerance, t.problem.capacity_tolerance_percent
    for lecture, short in _seats_short(t):
        seats = int(t.problem.room_capacity[t.room[lecture]])
        if short > tolerance and 100 * short > percent * seats:
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(short,))


def _seats_short(t: Timetable) -> Iterator[tuple[int, int]]:
    size, capacity = t.problem.section_size.tolist(), t.problem.room_capacity.tolist()
    for lecture in t.placed:
        short = size[t.section[lecture]] - capacity[t.room[lecture]]
        if short > 0:
            yield lecture, short


@_hard()
def room_type(t: Timetable) -> Iterator[Finding]:
    """A lecture meets in the kind of room it requires: each lecture in a room of another kind counts 1."""
    required, kind = t.problem.lecture_room_kind.tolist(), t.problem.room_kind.tolist()
    for lecture in t.placed:
        if required[lecture] not in (ANY, kind[t.room[lecture]]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(required[lecture],))


@_hard()
def room_features(t: Timetable) -> Iterator[Finding]:
    """A room has what the lecture needs: each lecture in a room that lacks one or more required features counts 1."""
    required, present = t.problem.lecture_features, t.problem.room_features
    for lecture in t.placed:
        missing = required[lecture] & ~present[t.room[lecture]]
        if missing.any():
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=tuple(missing.nonzero()[0].tolist()))


@_hard()
def block(t: Timetable) -> Iterator[Finding]:
    """A lecture is one unbroken stretch of one day: each lecture that would go past its day's end, or goes on over a break,
    counts 1."""
    has_break: list[bool] = t.problem.break_after.tolist()
    for lecture in t.placed:
        slots = t.timeslots(lecture)
        if len(slots) < t.length[lecture] or any(has_break[t.period(slot)] for slot in slots[:-1]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(t.length[lecture],))


@_hard()
def pin(t: Timetable) -> Iterator[Finding]:
    """A lecture stays where it was fixed: each placed lecture counts 1 for starting at another timeslot than its fixed one,
    and 1 for meeting in another room than its fixed one."""
    slots, rooms = t.problem.lecture_pin_slot.tolist(), t.problem.lecture_pin_room.tolist()
    for lecture in t.placed:
        if slots[lecture] not in (ANY, t.start[lecture]):
            yield Finding(1, (lecture,), t.start[lecture], values=(slots[lecture],))
        if rooms[lecture] not in (ANY, t.room[lecture]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(rooms[lecture],))


@_hard()
def blocked_start(t: Timetable) -> Iterator[Finding]:
    """A lecture begins where it may: each placed lecture that begins at a timeslot blocked as its start counts 1."""
    blocked = set(map(tuple, t.problem.blocked_starts.tolist()))
    for lecture in t.placed:
        if (lecture, t.start[lecture]) in blocked:
            yield Finding(1, (lecture,), t.start[lecture])


@_hard()
def pair_required(t: Timetable) -> Iterator[Finding]:
    """Two lectures stand to one another as their rule says: each hard row of ``lecture_pairs`` (factor 0) counts its units."""
    yield from _wrong_pairs(t, is_hard=True)


def _wrong_pairs(t: Timetable, *, is_hard: bool) -> Iterator[Finding]:
    """The rows whose two different lectures are placed and stand otherwise than asked; ``values``: kind, days, the other's start.

    With both starts as timeslots, units are 1 unless: the first ends by the start of the second (``BEFORE``); the second starts on
    the first's day, when the first ends (``CONSECUTIVE``); either starts on the other's day, when that ends (``GROUPED``); they start
    on one day (``SAME_DAY``). ``DAYS_APART``: as many as the days between their starts are fewer than the row's number. The week
    begins with ``week_start``: for an order and for distances its days count from there.
    """
    placed, week, per_day = set(t.placed), max(7, t.problem.num_days), t.problem.periods_per_day
    for a, b, kind, days, factor in t.problem.lecture_pairs.tolist():
        if (factor == 0) != is_hard or a == b or a not in placed or b not in placed:
            continue
        a_day, b_day = ((t.day(t.start[lecture]) - t.problem.week_start) % week for lecture in (a, b))
        distance, b_later = abs(a_day - b_day), (b_day - a_day) * per_day + t.period(t.start[b]) - t.period(t.start[a])
        a_ends, b_ends = t.start[a] + t.length[a], t.start[b] + t.length[b]
        then_b, then_a = distance == 0 and t.start[b] == a_ends, distance == 0 and t.start[a] == b_ends
        units = {
            BEFORE: int(b_later < t.length[a]),
            CONSECUTIVE: int(not then_b),
            GROUPED: int(not then_b and not then_a),
            SAME_DAY: int(distance != 0),
            DAYS_APART: max(0, days - distance),
        }[kind]
        if units:
            amount = units if is_hard else units * factor
            yield Finding(amount, (a, b), t.start[a], pair=(t.section[a], t.section[b]), values=(kind, days, t.start[b]))


@_hard(lambda problem: problem.daily_load_is_hard)
def daily_limit(t: Timetable) -> Iterator[Finding]:
    """As ``daily_load``, where the problem makes it hard (``daily_load_is_hard``)."""
    yield from _daily_excess(t)


@_hard(lambda problem: problem.consecutive_load_is_hard)
def consecutive_limit(t: Timetable) -> Iterator[Finding]:
    """As ``consecutive_load``, where the problem makes it hard (``consecutive_load_is_hard``)."""
    yield from _consecutive_excess(t)


@_hard(lambda problem: problem.same_start_is_hard or bool(problem.joint_is_hard.any()))
def joint_start(t: Timetable) -> Iterator[Finding]:
    """As ``same_start``, where the problem makes it hard (every row by ``same_start_is_hard``, one by the factor 0): each row counts 1."""
    yield from _apart(t, t.problem.joint_is_hard.astype(int).tolist())


@_hard(lambda problem: problem.section_parent.size > 0)
def linked_sections(t: Timetable) -> Iterator[Finding]:
    """Whoever sits in a section of a tutorial or lab sits in its section of the lecture (``section_parent``): each student of a
    section who attends another section of the lecture instead counts 1. Who does not take the lecture at all does not count."""
    parents, offering = t.problem.section_parent.tolist(), t.problem.section_offering.tolist()
    strays: dict[tuple[int, int], int] = defaultdict(int)
    for row in t.attended:
        sections = set(row.tolist())
        lecture = {offering[section]: section for section in sorted(sections)}
        for section in sections:
            parent = parents[section]
            if parent != -1 and parent not in sections and offering[parent] in lecture:
                strays[section, parent] += 1
    for (section, parent), students in sorted(strays.items()):
        yield Finding(students, section=section, pair=(section, parent), values=(students, parent))


@_hard(lambda problem: problem.section_limit.size > 0)
def section_sizes(t: Timetable) -> Iterator[Finding]:
    """No section is larger than its limit (``section_limit``): each student above it counts 1."""
    for section, limit in enumerate(t.problem.section_limit.tolist()):
        students = len(t.students.get(section, ()))
        if 0 < limit < students:
            yield Finding(students - limit, section=section, values=(students, limit))


# Soft constraints: their names are the fields of `Weights`


@_soft()
def student_clash(t: Timetable) -> Iterator[Finding]:
    """A student attends one lecture at a time: each pair of different sections that share students, and that no hard clash
    already keeps apart, costs the number of shared students in each timeslot where both are busy."""
    for (a, b), shared in t.shared_students.items():
        if (a, b) not in t.clash_reason:
            for slot, lectures in _meeting_together(t, a, b):
                yield Finding(shared, lectures, slot, pair=(a, b), values=(shared,))


@_soft()
def disliked_times(t: Timetable) -> Iterator[Finding]:
    """Everybody meets when they like to: each lecture-period costs, for each of its instructors, for its section and for its
    room, the dislike (0 to 3) of that timeslot."""
    dislike, by_section, by_room = t.problem.instructor_dislike, t.problem.section_dislike, t.problem.room_dislike
    for lecture, slot in _lecture_periods(t):
        section = t.section[lecture]
        for instructor in t.instructors[section]:
            if dislike[instructor, slot] > 0:
                yield Finding(int(dislike[instructor, slot]), (lecture,), slot, instructors=(instructor,))
        if by_section.size and by_section[section, slot] > 0:
            yield Finding(int(by_section[section, slot]), (lecture,), slot, section=section)
        if by_room.size and by_room[t.room[lecture], slot] > 0:
            yield Finding(int(by_room[t.room[lecture], slot]), (lecture,), slot, t.room[lecture])


@_soft(lambda problem: not problem.capacity_is_hard)
def room_capacity(t: Timetable) -> Iterator[Finding]:
    """Everybody has a seat (where not hard): each lecture costs the number of students above its room's seats."""
    for lecture, short in _seats_short(t):
        yield Finding(short, (lecture,), t.start[lecture], t.room[lecture], values=(short,))


@_soft()
def min_days(t: Timetable) -> Iterator[Finding]:
    """A section's lectures are spread over the week: each section costs the days by which the days with a placed lecture of
    its fall short of its minimum (a lecture's day is the day of its start)."""
    for section, wanted in enumerate(t.problem.section_min_days.tolist()):
        used = {t.day(slot) for slot in t.by_section.get(section, ())}
        if len(used) < wanted:
            yield Finding(wanted - len(used), _lectures(t.by_section.get(section, {})), section=section, values=(len(used), wanted))


@_soft()
def compactness(t: Timetable) -> Iterator[Finding]:
    """A curriculum's lectures adjoin: each timeslot where a curriculum is busy, while it is busy in neither neighbouring
    timeslot of the same day, costs the number of its different sections that meet there."""
    for curriculum, meetings in t.by_curriculum.items():
        for slot, lectures in meetings.items():
            if not any(other in meetings and t.day(other) == t.day(slot) for other in (slot - 1, slot + 1)):
                sections = {t.section[lecture] for lecture in lectures}
                yield Finding(len(sections), tuple(lectures), slot, curricula=(curriculum,))


@_soft()
def curriculum_gaps(t: Timetable) -> Iterator[Finding]:
    """Students do not wait: each curriculum costs, each day, the idle timeslots between its first and its last busy one, those of
    the lunch window aside."""
    for curriculum, meetings in t.by_curriculum.items():
        for slot, lectures, idle in _gaps(t, meetings):
            yield Finding(idle, lectures, slot, curricula=(curriculum,), values=(idle,))


@_soft()
def instructor_gaps(t: Timetable) -> Iterator[Finding]:
    """Instructors do not wait: each instructor costs, each day, the idle timeslots between the first and the last busy one, those
    of the lunch window aside."""
    for instructor, meetings in t.by_instructor.items():
        for slot, lectures, idle in _gaps(t, meetings):
            yield Finding(idle, lectures, slot, instructors=(instructor,), values=(idle,))


def _gaps(t: Timetable, meetings: SlotLectures) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """Each day with idle timeslots inside: its first busy timeslot, its lectures, the idle timeslots."""
    window = {period for period, inside in enumerate(t.problem.lunch_window.tolist()) if inside}
    for day, periods in t.days(meetings):
        idle = len(set(range(periods[0], periods[-1])) - window.union(periods))
        if idle:
            yield _slot(t, day, periods[0]), _lectures_of_day(t, meetings, day), idle


@_soft()
def room_stability(t: Timetable) -> Iterator[Finding]:
    """A section keeps its room: for each section and required kind of room (any kind being one of them), each different room
    used beyond the first costs 1."""
    kinds = t.problem.lecture_room_kind.tolist()
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for lecture in t.placed:
        groups[t.section[lecture], kinds[lecture]].append(lecture)
    for (section, _kind), lectures in groups.items():
        rooms = {t.room[lecture] for lecture in lectures}
        if len(rooms) > 1:
            yield Finding(len(rooms) - 1, tuple(lectures), section=section, values=tuple(sorted(rooms)))


@_soft()
def home_building(t: Timetable) -> Iterator[Finding]:
    """A section meets in its preferred building: each lecture in a room of another building costs 1."""
    preferred, building = t.problem.section_building.tolist(), t.problem.room_building.tolist()
    for lecture in t.placed:
        wanted = preferred[t.section[lecture]]
        if wanted not in (ANY, building[t.room[lecture]]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(wanted,))


@_soft()
def preferred_rooms(t: Timetable) -> Iterator[Finding]:
    """A section meets in a room of its choice: each lecture of a section with preferred rooms costs the rank of its room (the
    first choice has rank 0, and the best rank counts), and one more than the section's last rank in any other room."""
    ranks: dict[int, dict[int, int]] = defaultdict(dict)
    for section, room, rank in t.problem.preferred_rooms.tolist():
        ranks[section][room] = min(rank, ranks[section].get(room, rank))
    for lecture in t.placed:
        choice = ranks.get(t.section[lecture], {})
        rank = choice.get(t.room[lecture], max(choice.values(), default=-1) + 1)
        if rank > 0:
            first = min(choice, key=lambda room: (choice[room], room))
            yield Finding(rank, (lecture,), t.start[lecture], t.room[lecture], values=(first,))


@_soft()
def lunch(t: Timetable) -> Iterator[Finding]:
    """Everybody has time to eat: each day on which a curriculum, or an instructor, is busy in all periods of the lunch window
    costs 1 (nothing where the window has no period)."""
    window = [period for period, inside in enumerate(t.problem.lunch_window.tolist()) if inside]
    if not window:
        return
    for curriculum, meetings in t.by_curriculum.items():
        for day in _days_without_lunch(t, meetings, window):
            yield Finding(1, _lectures_of_day(t, meetings, day), _slot(t, day, window[0]), curricula=(curriculum,))
    for instructor, meetings in t.by_instructor.items():
        for day in _days_without_lunch(t, meetings, window):
            yield Finding(1, _lectures_of_day(t, meetings, day), _slot(t, day, window[0]), instructors=(instructor,))


def _days_without_lunch(t: Timetable, meetings: SlotLectures, window: list[int]) -> Iterator[int]:
    for day, periods in t.days(meetings):
        if set(window) <= set(periods):
            yield day


@_soft(lambda problem: not problem.daily_load_is_hard)
def daily_load(t: Timetable) -> Iterator[Finding]:
    """An instructor's day is not too long: each instructor with a daily maximum costs, each day, the busy timeslots above it."""
    yield from _daily_excess(t)


def _daily_excess(t: Timetable) -> Iterator[Finding]:
    limits = t.problem.instructor_max_daily.tolist()
    for instructor, meetings in t.by_instructor.items():
        limit = limits[instructor]
        for day, periods in t.days(meetings):
            if 0 < limit < len(periods):
                lectures = _lectures_of_day(t, meetings, day)
                yield Finding(
                    len(periods) - limit, lectures, _slot(t, day, periods[0]), instructors=(instructor,), values=(len(periods), limit)
                )


@_soft(lambda problem: not problem.consecutive_load_is_hard)
def consecutive_load(t: Timetable) -> Iterator[Finding]:
    """An instructor pauses in time: for each longest possible run of neighbouring busy timeslots in a day, an instructor with a
    maximum run costs the timeslots above it (a break between periods does not end a run)."""
    yield from _consecutive_excess(t)


def _consecutive_excess(t: Timetable) -> Iterator[Finding]:
    limits = t.problem.instructor_max_consecutive.tolist()
    for instructor, meetings in t.by_instructor.items():
        limit = limits[instructor]
        for day, periods in t.days(meetings):
            for run in _runs(periods):
                if 0 < limit < len(run):
                    slots = [_slot(t, day, period) for period in run]
                    lectures = _lectures({slot: meetings[slot] for slot in slots})
                    yield Finding(len(run) - limit, lectures, slots[0], instructors=(instructor,), values=(len(run), limit))


def _runs(periods: list[int]) -> Iterator[list[int]]:
    """The unbroken stretches of an ascending list of periods."""
    run: list[int] = []
    for period in periods:
        if run and period != run[-1] + 1:
            yield run
            run = []
        run.append(period)
    if run:
        yield run


@_soft(lambda problem: not problem.same_start_is_hard)
def same_start(t: Timetable) -> Iterator[Finding]:
    """Lectures named as starting together do: each row of the list whose two lectures are both placed and start at different
    timeslots costs its factor (``same_start_factor``, 1 where there is none)."""
    yield from _apart(t, t.problem.joint_factor.tolist())


def _apart(t: Timetable, units: list[int]) -> Iterator[Finding]:
    placed = set(t.placed)
    for (a, b), amount in zip(t.problem.same_start.tolist(), units, strict=True):
        if amount and a in placed and b in placed and t.start[a] != t.start[b]:
            yield Finding(amount, (a, b), t.start[a], pair=(t.section[a], t.section[b]), values=(t.start[b],))


@_soft()
def avoid_overlap(t: Timetable) -> Iterator[Finding]:
    """Sections named as better not overlapping do not: each row of the list costs its factor in each timeslot where both of its
    (different) sections are busy."""
    for a, b, factor in t.problem.avoid_overlap.tolist():
        if a != b and factor:
            for slot, lectures in _meeting_together(t, a, b):
                yield Finding(factor, lectures, slot, pair=(a, b))


@_soft()
def pair_preferred(t: Timetable) -> Iterator[Finding]:
    """Two lectures stand to one another as they should: each weighted row of ``lecture_pairs`` costs its units times its factor."""
    yield from _wrong_pairs(t, is_hard=False)


@_soft()
def room_fit(t: Timetable) -> Iterator[Finding]:
    """Large rooms are left to large sections: each lecture costs a tenth of its room's empty seats, rounded down."""
    size, capacity = t.problem.section_size.tolist(), t.problem.room_capacity.tolist()
    for lecture in t.placed:
        empty = capacity[t.room[lecture]] - size[t.section[lecture]]
        if empty >= 10:
            yield Finding(empty // 10, (lecture,), t.start[lecture], t.room[lecture], values=(empty,))


def _slot(t: Timetable, day: int, period: int) -> int:
    return day * t.problem.periods_per_day + period


def _lectures(meetings: SlotLectures) -> tuple[int, ...]:
    return _distinct(lecture for lectures in meetings.values() for lecture in lectures)


def _lectures_of_day(t: Timetable, meetings: SlotLectures, day: int) -> tuple[int, ...]:
    return _distinct(lecture for slot, lectures in meetings.items() if t.day(slot) == day for lecture in lectures)


def _distinct(lectures: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(lectures)))


HARD_IDS = tuple(constraint.id for constraint in CONSTRAINTS.values() if constraint.is_hard)
SOFT_IDS = tuple(constraint.id for constraint in CONSTRAINTS.values() if not constraint.is_hard)


def constraints_of(problem: Problem, weights: Weights) -> list[Constraint]:
    """The constraints that count for this problem under these weights, hard ones first."""
    return [
        constraint
        for constraint in CONSTRAINTS.values()
        if constraint.applies(problem) and (constraint.is_hard or constraint.weight(weights) != 0)
    ]
