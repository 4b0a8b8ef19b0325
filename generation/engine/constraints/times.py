"""When a lecture is held: that it has a place at all, at a time that is open and liked, and on how many days of the week."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generation.engine.constraints.base import LECTURES, Finding, Terms, Texts, Unit, hard, lecture_periods, lectures_of, soft
from generation.engine.model.problem import ANY, IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.text import gettext_noop


def _section_dislikes(problem: Problem, sections: IntArray) -> IntArray:
    """``[sections, T]`` the dislikes of each section and of its instructors."""
    dislike = np.maximum(problem.instructor_dislike, 0)
    table = np.zeros((len(sections), problem.num_timeslots), dtype=np.int32)
    for row, section in enumerate(sections.tolist()):
        table[row] = dislike[np.unique(problem.section_instructors[section])].sum(axis=0)
    if problem.section_dislike.size:
        table += np.maximum(problem.section_dislike[sections], 0)
    return table


def _has_dislikes(problem: Problem) -> bool:
    return any(bool((table > 0).any()) for table in (problem.instructor_dislike, problem.section_dislike, problem.room_dislike))


@hard(
    Texts(
        label=gettext_noop("Lectures without a place"),
        sentence=gettext_noop("Every lecture has a timeslot and a room."),
        message=gettext_noop("{lectures} has no timeslot and room yet ({amount:period})."),
        suggestion=gettext_noop("Free a suitable room or a timeslot of its instructor."),
    ),
    Unit("lectures", "periods"),
)
def unplaced(t: Timetable) -> Iterator[Finding]:
    """Every lecture has a timeslot and a room: a lecture without counts its length in periods."""
    for lecture in t.unplaced:
        yield Finding(t.length[lecture], (lecture,), section=t.section[lecture])


@hard(
    Texts(
        label=gettext_noop("Lectures at blocked times"),
        sentence=gettext_noop("Nobody meets in a timeslot blocked for the section or its instructors."),
        message=gettext_noop("{lectures} meets {time}, which is blocked for {who}."),
        suggestion=gettext_noop("Move the lecture, or open this timeslot."),
    ),
    LECTURES,
    who=("instructors", "sections"),
)
def availability(t: Timetable) -> Iterator[Finding]:
    """Nobody meets in a blocked timeslot: each lecture-period blocked for its section or for any of its instructors counts 1,
    however many of them are blocked."""
    section_available, instructor_available = t.problem.section_available, t.problem.instructor_available
    for lecture, slot in lecture_periods(t):
        section = t.section[lecture]
        away = tuple(i for i in t.instructors[section] if not instructor_available[i, slot])
        if away or not section_available[section, slot]:
            yield Finding(1, (lecture,), slot, section=section, instructors=away)


@hard(
    Texts(
        label=gettext_noop("Lectures across a break or the end of a day"),
        sentence=gettext_noop("A lecture of several periods stays within one day and does not span a break."),
        message=gettext_noop("{lectures}, {time}, has {0:period} and does not fit before the break or the end of the day."),
        suggestion=gettext_noop("Start it earlier, so that all its periods follow one another."),
    ),
    LECTURES,
    values=("count",),
)
def block(t: Timetable) -> Iterator[Finding]:
    """A lecture is one unbroken stretch of one day: each lecture that would go past its day's end, or goes on over a break,
    counts 1."""
    has_break: list[bool] = t.problem.break_after.tolist()
    for lecture in t.placed:
        slots = t.timeslots(lecture)
        if len(slots) < t.length[lecture] or any(has_break[t.period(slot)] for slot in slots[:-1]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(t.length[lecture],))


@hard(
    Texts(
        label=gettext_noop("Fixed lectures that were moved"),
        sentence=gettext_noop("A lecture whose time or room is fixed stays there."),
        message=gettext_noop("{lectures} is to stay {0}, but is placed {time}."),
        suggestion=gettext_noop("Put it back, or release the lecture."),
    ),
    LECTURES,
    values=("place",),
)
def pin(t: Timetable) -> Iterator[Finding]:
    """A lecture stays where it was fixed: each placed lecture counts 1 for starting at another timeslot than its fixed one,
    and 1 for meeting in another room than its fixed one."""
    slots, rooms = t.problem.lecture_pin_slot.tolist(), t.problem.lecture_pin_room.tolist()
    for lecture in t.placed:
        if slots[lecture] not in (ANY, t.start[lecture]):
            yield Finding(1, (lecture,), t.start[lecture], values=(slots[lecture],))
        if rooms[lecture] not in (ANY, t.room[lecture]):
            yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], values=(rooms[lecture],))


@hard(
    Texts(
        label=gettext_noop("Lectures that begin when they may not"),
        sentence=gettext_noop("A lecture begins only at the times, or on the day, that its rules name."),
        message=gettext_noop("{lectures} begins {time}, which its rules do not allow."),
        suggestion=gettext_noop("Move it to a timeslot that they allow, or change the rule."),
    ),
    LECTURES,
)
def blocked_start(t: Timetable) -> Iterator[Finding]:
    """A lecture begins where it may: each placed lecture that begins at a timeslot blocked as its start counts 1."""
    blocked = set(map(tuple, t.problem.blocked_starts.tolist()))
    for lecture in t.placed:
        if (lecture, t.start[lecture]) in blocked:
            yield Finding(1, (lecture,), t.start[lecture])


@soft(
    Texts(
        label=gettext_noop("Lectures at disliked times"),
        sentence=gettext_noop("Instructors and sections meet when they prefer to, and rooms are used when they should be."),
        message=gettext_noop("{lectures} meets {time}, which is disliked for {who} (by {amount})."),
        suggestion=gettext_noop("Move the lecture to a timeslot that is liked better."),
        short=gettext_noop("Disliked times"),
        unit=gettext_noop("for each period and degree of dislike"),
    ),
    Unit("lectures", "periods", "times"),
    weight=2,
    who=("rooms", "instructors", "sections"),
    terms=Terms(section_slots=_section_dislikes, room_slots=lambda problem: problem.room_dislike),
    in_use=_has_dislikes,
)
def disliked_times(t: Timetable) -> Iterator[Finding]:
    """Everybody meets when they like to: each lecture-period costs, for each of its instructors, for its section and for its
    room, the dislike (0 to 3) of that timeslot."""
    dislike, by_section, by_room = t.problem.instructor_dislike, t.problem.section_dislike, t.problem.room_dislike
    for lecture, slot in lecture_periods(t):
        section = t.section[lecture]
        for instructor in t.instructors[section]:
            if dislike[instructor, slot] > 0:
                yield Finding(int(dislike[instructor, slot]), (lecture,), slot, instructors=(instructor,))
        if by_section.size and by_section[section, slot] > 0:
            yield Finding(int(by_section[section, slot]), (lecture,), slot, section=section)
        if by_room.size and by_room[t.room[lecture], slot] > 0:
            yield Finding(int(by_room[t.room[lecture], slot]), (lecture,), slot, t.room[lecture])


@soft(
    Texts(
        label=gettext_noop("Sections whose lectures are on too few days"),
        sentence=gettext_noop("A section's lectures are spread over a minimum number of days."),
        message=gettext_noop("{lectures} meets on {0:day}; {1} are wanted."),
        suggestion=gettext_noop("Move one of its lectures to a day without one."),
        short=gettext_noop("Too few days"),
        unit=gettext_noop("for each day short"),
    ),
    Unit("sections", "days too few"),
    weight=5,
    values=("count", "count"),
    in_use=lambda problem: bool((problem.section_min_days > 1).any()),
)
def min_days(t: Timetable) -> Iterator[Finding]:
    """A section's lectures are spread over the week: each section costs the days by which the days with a placed lecture of
    its fall short of its minimum (a lecture's day is the day of its start)."""
    for section, wanted in enumerate(t.problem.section_min_days.tolist()):
        used = {t.day(slot) for slot in t.by_section.get(section, ())}
        if len(used) < wanted:
            yield Finding(wanted - len(used), lectures_of(t.by_section.get(section, {})), section=section, values=(len(used), wanted))
