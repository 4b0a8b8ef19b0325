"""Which room a lecture is held in: free, open, large enough, of the right kind, and one that its section prefers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from generation.engine.constraints.base import LECTURES, Finding, Terms, Texts, Unit, hard, lecture_periods, soft
from generation.engine.model.problem import ANY, IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.text import gettext_noop


def _standing(problem: Problem, sections: IntArray) -> IntArray:
    """``[sections, R]`` students of each section without a seat in each room."""
    short: IntArray = np.maximum(0, problem.section_size[sections, None] - problem.room_capacity[None, :])
    return short


def _empty_tens(problem: Problem, sections: IntArray) -> IntArray:
    empty: IntArray = np.maximum(0, problem.room_capacity[None, :] - problem.section_size[sections, None]) // 10
    return empty


def _away_from_home(problem: Problem, sections: IntArray) -> IntArray:
    building = problem.section_building[sections, None]
    away: IntArray = ((building != ANY) & (problem.room_building[None, :] != building)).astype(np.int32)
    return away


def _ranks(problem: Problem, sections: IntArray) -> IntArray:
    """``[sections, R]`` how far down its list of preferred rooms each room stands for each section; 0 where there is no list."""
    row_of = np.full(problem.num_sections, -1, dtype=np.int64)
    row_of[sections] = np.arange(len(sections))
    rows, rooms, ranks = row_of[problem.preferred_rooms[:, 0]], problem.preferred_rooms[:, 1], problem.preferred_rooms[:, 2]
    wanted = rows >= 0
    unlisted = np.iinfo(np.int32).max
    table = np.full((len(sections), problem.num_rooms), unlisted, dtype=np.int32)
    np.minimum.at(table, (rows[wanted], rooms[wanted]), ranks[wanted])
    beyond = np.where(table < unlisted, table, -1).max(axis=1, initial=-1) + 1
    found: IntArray = np.minimum(table, beyond[:, None])
    return found


@hard(
    Texts(
        label=gettext_noop("Rooms with two lectures at once"),
        sentence=gettext_noop("A room holds one lecture at a time, or as many as may share it."),
        message=gettext_noop("{room} is given to more lectures than it holds {time}: {lectures}."),
        suggestion=gettext_noop("Give one of them a free room of the same kind, or another timeslot."),
    ),
    Unit("rooms"),
    who=("rooms",),
)
def room_clash(t: Timetable) -> Iterator[Finding]:
    """A room holds one lecture at a time, or as many as may share it: lectures above that number in one timeslot count 1 each, in its
    fullest week."""
    sharing = t.problem.room_sharing.tolist()
    for room, meetings in t.by_room.items():
        most = sharing[room] if sharing else 1
        for slot, lectures in meetings.items():
            if len(lectures) > most:
                fullest = max(([each for each in lectures if t.weeks[each] & week] for week in t.kinds), key=len)
                if len(fullest) > most:
                    yield Finding(len(fullest) - most, tuple(fullest), slot, room)


@hard(
    Texts(
        label=gettext_noop("Lectures when the room is closed"),
        sentence=gettext_noop("Rooms are used only while they are available."),
        message=gettext_noop("{lectures} is in {room}, {time}, while the room is not available."),
        suggestion=gettext_noop("Choose another room, or open this room at that time."),
    ),
    LECTURES,
    who=("rooms",),
)
def room_availability(t: Timetable) -> Iterator[Finding]:
    """No room is used while it is closed: each lecture-period in a room that is not available counts 1."""
    available = t.problem.room_available
    for lecture, slot in lecture_periods(t):
        if not available[t.room[lecture], slot]:
            yield Finding(1, (lecture,), slot, t.room[lecture])


@hard(
    Texts(
        label=gettext_noop("Lectures in rooms that are too small"),
        sentence=gettext_noop("Every student has a seat."),
        message=gettext_noop("{lectures}, {time}, has {0:student} more than {room} has seats."),
        suggestion=gettext_noop("Choose a larger room, or lower the section's size."),
    ),
    Unit("lectures", "seats too few", "values"),
    values=("count",),
    who=("rooms",),
    applies=lambda problem: problem.capacity_is_hard,
)
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


@hard(
    Texts(
        label=gettext_noop("Lectures in the wrong kind of room"),
        sentence=gettext_noop("A lecture meets in the kind of room it requires."),
        message=gettext_noop("{lectures}, {time}, needs a room of the kind {0}; {room} is of another kind."),
        suggestion=gettext_noop("Choose a room of the required kind."),
    ),
    LECTURES,
    values=("room_kind",),
    who=("rooms",),
)
def room_type(t: Timetable) -> Iterator[Finding]:
    """A lecture meets in the kind of room it requires: each lecture in a room of another kind counts 1."""
    required, kind = t.problem.lecture_room_kind.tolist(), t.problem.room_kind.tolist()
    for lecture in t.placed:
        if required[lecture] not in (ANY, kind[t.room[lecture]]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(required[lecture],))


@hard(
    Texts(
        label=gettext_noop("Lectures in rooms without the features they need"),
        sentence=gettext_noop("A room has the features that the lecture requires."),
        message=gettext_noop("{lectures}, {time}, needs {0}, which {room} does not have."),
        suggestion=gettext_noop("Choose a room with this equipment, or drop the requirement."),
    ),
    LECTURES,
    values=("features",),
    who=("rooms",),
)
def room_features(t: Timetable) -> Iterator[Finding]:
    """A room has what the lecture needs: each lecture in a room that lacks one or more required features counts 1."""
    required, present = t.problem.lecture_features, t.problem.room_features
    for lecture in t.placed:
        missing = required[lecture] & ~present[t.room[lecture]]
        if missing.any():
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=tuple(missing.nonzero()[0].tolist()))


@hard(
    Texts(
        label=gettext_noop("Sections that must keep one room and change it"),
        sentence=gettext_noop("All lectures of a section are in one room, where that must be."),
        message=gettext_noop("{lectures} must be in one room and meets in {0}."),
        suggestion=gettext_noop("Use one room for all its lectures."),
    ),
    Unit("sections", "changes of room"),
    values=("rooms",),
    applies=lambda problem: bool(problem.section_one_room.any()),
)
def one_room(t: Timetable) -> Iterator[Finding]:
    """A section's lectures are in one room where they must (``section_one_room``): each different room beyond the first counts 1."""
    for section in t.problem.section_one_room.nonzero()[0].tolist():
        lectures = [lecture for lecture in t.placed if t.section[lecture] == section]
        rooms = {t.room[lecture] for lecture in lectures}
        if len(rooms) > 1:
            yield Finding(len(rooms) - 1, tuple(lectures), section=section, values=tuple(sorted(rooms)))


@soft(
    Texts(
        label=gettext_noop("Lectures with fewer seats than students"),
        sentence=gettext_noop("Rooms have a seat for every student."),
        message=gettext_noop("{lectures}, {time}, has {0:student} more than {room} has seats."),
        suggestion=gettext_noop("Choose a larger room."),
        short=gettext_noop("Missing seats"),
        unit=gettext_noop("for each student without a seat"),
    ),
    Unit("lectures", "seats too few"),
    weight=0,
    values=("count",),
    who=("rooms",),
    terms=Terms(section_rooms=_standing),
    applies=lambda problem: not problem.capacity_is_hard,
)
def room_capacity(t: Timetable) -> Iterator[Finding]:
    """Everybody has a seat (where not hard): each lecture costs the number of students above its room's seats."""
    for lecture, short in _seats_short(t):
        yield Finding(short, (lecture,), t.start[lecture], t.room[lecture], values=(short,))


@soft(
    Texts(
        label=gettext_noop("Sections that change rooms"),
        sentence=gettext_noop("A section keeps one room for its lectures of one kind."),
        message=gettext_noop("{lectures} meets in {0}."),
        suggestion=gettext_noop("Use one room for all its lectures."),
        short=gettext_noop("Room changes"),
        unit=gettext_noop("for each further room"),
    ),
    Unit("sections", "changes of room"),
    weight=1,
    values=("rooms",),
)
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


@soft(
    Texts(
        label=gettext_noop("Lectures outside the preferred building"),
        sentence=gettext_noop("A section meets in its preferred building."),
        message=gettext_noop("{lectures}, {time}, is in {room}, outside building {0}."),
        suggestion=gettext_noop("Choose a room in the preferred building."),
        short=gettext_noop("Away from home"),
        unit=gettext_noop("for each lecture elsewhere"),
    ),
    LECTURES,
    weight=1,
    values=("building",),
    terms=Terms(section_rooms=_away_from_home),
    in_use=lambda problem: bool((problem.section_building != ANY).any()),
)
def home_building(t: Timetable) -> Iterator[Finding]:
    """A section meets in its preferred building: each lecture in a room of another building costs 1."""
    preferred, building = t.problem.section_building.tolist(), t.problem.room_building.tolist()
    for lecture in t.placed:
        wanted = preferred[t.section[lecture]]
        if wanted not in (ANY, building[t.room[lecture]]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(wanted,))


@soft(
    Texts(
        label=gettext_noop("Lectures outside the preferred rooms"),
        sentence=gettext_noop("A section meets in the rooms it prefers, the first choice before the others."),
        message=gettext_noop("{lectures}, {time}, is in {room}; {0} is its first choice."),
        suggestion=gettext_noop("Choose a room that stands higher in the section's list."),
        short=gettext_noop("Other rooms"),
        unit=gettext_noop("for each step down the list"),
    ),
    LECTURES,
    weight=2,
    values=("room",),
    terms=Terms(section_rooms=_ranks),
    in_use=lambda problem: len(problem.preferred_rooms) > 0,
)
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


@soft(
    Texts(
        label=gettext_noop("Lectures in rooms much too large for them"),
        sentence=gettext_noop("Large rooms are left to large sections."),
        message=gettext_noop("{lectures}, {time}, leaves {0:empty seat} in {room}."),
        suggestion=gettext_noop("Choose a smaller room."),
        short=gettext_noop("Rooms too large"),
        unit=gettext_noop("for every ten empty seats"),
    ),
    Unit("lectures", "empty seats", "values"),
    weight=0,
    values=("count",),
    who=("rooms",),
    terms=Terms(section_rooms=_empty_tens),
)
def room_fit(t: Timetable) -> Iterator[Finding]:
    """Large rooms are left to large sections: each lecture costs a tenth of its room's empty seats, rounded down."""
    size, capacity = t.problem.section_size.tolist(), t.problem.room_capacity.tolist()
    for lecture in t.placed:
        empty = capacity[t.room[lecture]] - size[t.section[lecture]]
        if empty >= 10:
            yield Finding(empty // 10, (lecture,), t.start[lecture], t.room[lecture], values=(empty,))
