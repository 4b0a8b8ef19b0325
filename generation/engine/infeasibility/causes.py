"""Why a lecture cannot begin where it should: the fewest things that together leave it no start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generation.engine.infeasibility.statements import Begins, Opening, Ref, StartLimit, Statement, Timeslots, Values
from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, BoolArray


class Cause(NamedTuple):
    """What leaves a lecture some starts alone."""

    starts: BoolArray  # [T]
    statement: Statement
    concerns: Values  # whom or what it is about, by the names of `Obstacle.values`
    tables: tuple[str, ...] = ()  # fields of `Problem` that it may come from


def causes_of(facts: Openings, lecture: int, *kinds: str) -> tuple[Values, tuple[str, ...]]:
    """The fewest of the kinds of causes (``pin``, ``rules``, ``section``, ``instructors``, ``rooms``) that leave no start.

    Returns the values of an obstacle, with ``causes`` among them, and the fields of `Problem` that it comes from.
    """
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
        for name, value in cause.concerns.items():
            values[name if name not in values else f"other_{name}"] = value
    return values | {"causes": tuple(cause.statement for cause in least)}, tuple(name for cause in least for name in cause.tables)


def begins_of(facts: Openings, lecture: int) -> Begins:
    """Where a lecture can begin, and what leaves it no more starts than these."""
    everywhere = facts.grid_starts(int(facts.problem.lecture_length[lecture]))
    limits = [
        limit
        for kind, limit in (("pin", StartLimit("fixed")), ("rules", StartLimit("rules")), ("section", StartLimit("section_times")))
        for cause in _OF[kind](facts, lecture)
        if (everywhere & ~cause.starts).any()
    ]
    limits += [
        StartLimit("instructor_times", cause.concerns["instructor"])
        for cause in _instructors(facts, lecture)
        if (everywhere & ~cause.starts).any()
    ]
    section = Ref("section", int(facts.problem.lecture_section[lecture]))
    return Begins(section, Timeslots.of(facts.own_starts(lecture)), tuple(limits))


def _pin(facts: Openings, lecture: int) -> Iterator[Cause]:
    slot, length = int(facts.problem.lecture_pin_slot[lecture]), int(facts.problem.lecture_length[lecture])
    if slot == ANY:
        return
    holder = facts.held.in_time.get(lecture, "rule")
    values: Values = {"slot": slot, "holder": holder}
    is_there = np.arange(facts.problem.num_timeslots) == slot
    if not facts.grid_starts(length)[slot]:
        statement = Statement("fixed_time_runs_over", values | {"length": length})
        yield Cause(is_there & facts.grid_starts(length), statement, {"slot": slot}, ("lecture_pin_slot",))
    else:
        yield Cause(is_there, Statement("fixed_time", values), {"slot": slot}, ("lecture_pin_slot",) if holder == "rule" else ())


def _rules(facts: Openings, lecture: int) -> Iterator[Cause]:
    if lecture in facts.allowed_starts:
        allowed = facts.allowed_starts[lecture]
        pinned = ("lecture_pin_slot",) if facts.problem.lecture_pin_slot[lecture] != ANY else ()
        yield Cause(allowed, Statement("allowed_starts", {"starts": Timeslots.of(allowed)}), {}, ("blocked_starts", *pinned))


def _section(facts: Openings, lecture: int) -> Iterator[Cause]:
    section = int(facts.problem.lecture_section[lecture])
    open_ = facts.problem.section_available[section]
    if not open_.all():
        starts, opening = _opening(facts, lecture, open_)
        yield Cause(starts, Statement("section_times", {"section": Ref("section", section), "open": opening}), {}, ("section_available",))


def _instructors(facts: Openings, lecture: int) -> Iterator[Cause]:
    for instructor in facts.relations.instructors[int(facts.problem.lecture_section[lecture])]:
        open_, who = facts.problem.instructor_available[instructor], Ref("instructor", instructor)
        if not open_.all():
            starts, opening = _opening(facts, lecture, open_)
            yield Cause(starts, Statement("instructor_times", {"instructor": who, "open": opening}), {"instructor": who})


def _rooms(facts: Openings, lecture: int) -> Iterator[Cause]:
    problem, length = facts.problem, int(facts.problem.lecture_length[lecture])
    rooms = [room for room in range(problem.num_rooms) if facts.suitable_rooms[lecture] >> room & 1]
    open_ = problem.room_available[rooms]
    if not rooms or open_.all():
        return
    starts = _any(facts.starts(open_, length))
    opening = Opening(Timeslots.of(_any(open_)), Timeslots.of(starts), length)
    first, concerns = Ref("room", rooms[0]), Values(room=Ref("room", rooms[0]))
    if problem.lecture_pin_room[lecture] != ANY:
        holder = facts.held.in_room.get(lecture, "rule")
        statement = Statement("fixed_room", {"room": first, "holder": holder, "open": opening})
        yield Cause(starts, statement, concerns, ("lecture_pin_room",) if holder == "rule" else ())
    elif len(rooms) == 1:
        yield Cause(starts, Statement("only_room", {"room": first, "need": facts.room_need(lecture), "open": opening}), concerns)
    else:
        which = tuple(Ref("room", room) for room in rooms)
        yield Cause(starts, Statement("rooms", {"rooms": which, "need": facts.room_need(lecture), "open": opening}), concerns)


_OF = {"pin": _pin, "rules": _rules, "section": _section, "instructors": _instructors, "rooms": _rooms}


def _any(rooms: BoolArray) -> BoolArray:
    found: BoolArray = np.logical_or.reduce(rooms)
    return found


def _opening(facts: Openings, lecture: int, open_: BoolArray) -> tuple[BoolArray, Opening]:
    """Where the lecture can start in what is open."""
    length = int(facts.problem.lecture_length[lecture])
    starts = facts.starts(open_, length)
    return starts, Opening(Timeslots.of(open_), Timeslots.of(starts), length)
