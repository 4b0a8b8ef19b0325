"""Why a lecture cannot begin where it should: the fewest things that together leave it no start, each in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, BoolArray
from generation.engine.model.text import Count, listed

Values = dict[str, int | str]
FIXED = {"rule": "fixed", "hand": "pinned by hand", "kept": "to stay, as in the earlier timetable,"}


class Cause(NamedTuple):
    """What leaves a lecture some starts alone."""

    starts: BoolArray  # [T]
    words: str
    values: Values  # whom or what it is about, by the names of `Obstacle.values`
    tables: tuple[str, ...] = ()  # fields of `Problem` that it may come from


class Causes(NamedTuple):
    words: str
    values: Values
    tables: tuple[str, ...]


def causes_of(facts: Openings, lecture: int, *kinds: str) -> Causes:
    """The fewest of the kinds of causes (``pin``, ``rules``, ``section``, ``instructors``, ``rooms``) that leave no start."""
    found = [cause for kind in ("pin", "rules", "section", "instructors", "rooms") if kind in kinds for cause in _OF[kind](facts, lecture)]
    least = next(
        (
            chosen
            for number in range(1, len(found) + 1)
            for chosen in combinations(found, number)
            if not np.logical_and.reduce([cause.starts for cause in chosen]).any()
        ),
        tuple(found),
    )
    values: Values = {}
    for cause in least:
        for name, value in cause.values.items():
            values[name if name not in values else f"other_{name}"] = value
    return Causes("; ".join(cause.words for cause in least), values, tuple(name for cause in least for name in cause.tables))


def begins_words(facts: Openings, lecture: int) -> str:
    """``C1-1 can begin only on Monday, period 2 (it is fixed to that time)``"""
    name = facts.section(int(facts.problem.lecture_section[lecture]))
    starts, everywhere = facts.own_starts(lecture), facts.grid_starts(int(facts.problem.lecture_length[lecture]))
    limits = [
        words
        for kind, words in (("pin", "it is fixed"), ("rules", "its rules"), ("section", "its closed times"))
        for cause in _OF[kind](facts, lecture)
        if (everywhere & ~cause.starts).any()
    ]
    limits += [
        f"the times of Instructor {cause.values['instructor']} "
        for cause in _instructors(facts, lecture)
        if (everywhere & ~cause.starts).any()
    ]
    why = f" ({listed([words.rstrip() for words in limits])})" if limits else ""
    return f"{name} can begin {facts.availability(starts)}{why}"


def _pin(facts: Openings, lecture: int) -> Iterator[Cause]:
    slot, length = int(facts.problem.lecture_pin_slot[lecture]), int(facts.problem.lecture_length[lecture])
    if slot == ANY:
        return
    holder = facts.held.in_time.get(lecture, "rule")
    words = f"it is {FIXED[holder]} to {facts.time(slot)}" if holder != "kept" else f"it had to stay on {facts.time(slot)}"
    is_there = np.arange(facts.problem.num_timeslots) == slot
    if not facts.grid_starts(length)[slot]:
        yield Cause(
            is_there & facts.grid_starts(length),
            f"{words}, where its {Count(length):period} would run into a break or past the day's end",
            {"slot": slot},
            ("lecture_pin_slot",),
        )
    else:
        yield Cause(is_there, words, {"slot": slot}, ("lecture_pin_slot",) if holder == "rule" else ())


def _rules(facts: Openings, lecture: int) -> Iterator[Cause]:
    if lecture in facts.allowed_starts:
        allowed = facts.allowed_starts[lecture]
        pinned = ("lecture_pin_slot",) if facts.problem.lecture_pin_slot[lecture] != ANY else ()
        yield Cause(allowed, f"its rules let it begin {facts.availability(allowed)}", {}, ("blocked_starts", *pinned))


def _section(facts: Openings, lecture: int) -> Iterator[Cause]:
    section = int(facts.problem.lecture_section[lecture])
    open_ = facts.problem.section_available[section]
    if not open_.all():
        yield _opening(facts, lecture, open_, f"section {facts.section(section)} can meet", {}, ("section_available",))


def _instructors(facts: Openings, lecture: int) -> Iterator[Cause]:
    for instructor in facts.relations.instructors[int(facts.problem.lecture_section[lecture])]:
        open_, name = facts.problem.instructor_available[instructor], facts.names.instructors[instructor]
        if not open_.all():
            yield _opening(facts, lecture, open_, f"Instructor {name} is available", {"instructor": name})


def _rooms(facts: Openings, lecture: int) -> Iterator[Cause]:
    problem, length = facts.problem, int(facts.problem.lecture_length[lecture])
    rooms = [room for room in range(problem.num_rooms) if facts.suitable_rooms[lecture] >> room & 1]
    names = [problem.names.rooms[room] for room in rooms]
    open_ = problem.room_available[rooms]
    if not rooms or open_.all():
        return
    starts, ever = _any(facts.starts(open_, length)), _any(open_)
    pin = int(problem.lecture_pin_room[lecture])
    if pin != ANY:
        holder = facts.held.in_room.get(lecture, "rule")
        where = f"it had to stay in room {names[0]}" if holder == "kept" else f"it is {FIXED[holder]} to room {names[0]}"
        words = f"{where}, which is open {_times(facts, ever, starts, length)}"
        yield Cause(starts, words, {"room": names[0]}, ("lecture_pin_room",) if holder == "rule" else ())
    elif len(rooms) == 1:
        words = f"room {names[0]}, the only one for “{facts.need(lecture)}”, is open {_times(facts, ever, starts, length)}"
        yield Cause(starts, words, {"room": names[0]})
    else:
        words = f"rooms for “{facts.need(lecture)}” ({listed(names)}) are open {_times(facts, ever, starts, length)}"
        yield Cause(starts, words, {"room": names[0]})


_OF = {"pin": _pin, "rules": _rules, "section": _section, "instructors": _instructors, "rooms": _rooms}


def _any(rooms: BoolArray) -> BoolArray:
    found: BoolArray = np.logical_or.reduce(rooms)
    return found


def _opening(facts: Openings, lecture: int, open_: BoolArray, who: str, values: Values, tables: Sequence[str] = ()) -> Cause:
    length = int(facts.problem.lecture_length[lecture])
    starts = facts.starts(open_, length)
    return Cause(starts, f"{who} {_times(facts, open_, starts, length)}", values, tuple(tables))


def _times(facts: Openings, open_: BoolArray, starts: BoolArray, length: int) -> str:
    """When something is open, and for a long lecture, whether for long enough."""
    if length == 1 or not open_.any():
        return facts.availability(open_)
    if not starts.any():
        return f"{facts.availability(open_)}, never for {Count(length):period} on end"
    return f"for {Count(length):period} on end {facts.availability(starts, 'from')}"
