"""Arithmetic that refuses the impossible at once, with names, before any search.

Each check is a bound that every timetable without hard violations must keep: what is reported
here is proven impossible. That nothing is reported proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.day_patterns import block_sizes
from generation.engine.infeasibility.causes import begins_of, causes_of
from generation.engine.infeasibility.contradictions import contradictions, relations_of
from generation.engine.infeasibility.joint_starts import joint_starts
from generation.engine.infeasibility.statements import ClosedRoom, LectureRelation, Noun, Obstacle, OpenTimes, Ref, Timeslots, Values
from generation.engine.infeasibility.stretches import places_by_day, too_long
from generation.engine.model.domains import Openings, RoomNeed
from generation.engine.model.fixed_places import Held
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.one_week import one_weeks
from generation.engine.model.problem import ANY, DAYS_APART, BoolArray, Problem

__all__ = ["NOTHING_TO_DO", "Obstacle", "Openings", "preflight"]

NOTHING_TO_DO = frozenset({"no_timeslots", "no_rooms", "no_lectures"})  # with these there is nothing to search


def preflight(problem: Problem, held: Held | None = None) -> list[Obstacle]:
    """Reasons why the problem cannot be solved, the plainest first; empty where none is found. Where weeks differ: why one cannot."""
    missing = list(_missing(problem))
    if missing:
        return missing
    # What several weeks say of the same people is said once.
    found: dict[tuple[object, ...], Obstacle] = {}
    for week in one_weeks(problem):
        for obstacle in _of_one_week(week.problem, held and week.held(held)):
            about = (value for value in obstacle.values.values() if isinstance(value, Ref))
            found.setdefault((obstacle.id, *about) if problem.num_weeks else (len(found),), obstacle)
    return list(found.values())


def _of_one_week(problem: Problem, held: Held | None) -> list[Obstacle]:
    facts = Openings(problem, held)
    checks = (_instructors, _sections, _curricula, _long, _lectures, _pins, _rooms, joint_starts, _pairs, contradictions, _spread)
    found = [obstacle for check in checks for obstacle in check(facts)]
    # Its causes are among the others where there are any, and would be named twice.
    return found or _impossible_together(facts)


def _impossible_together(facts: Openings) -> list[Obstacle]:
    if not relations_of(facts):
        return []
    from generation.engine.infeasibility.pair_models import impossible_together  # and with it CP-SAT, for which most terms need not wait

    return list(impossible_together(facts))


def _missing(problem: Problem) -> Iterator[Obstacle]:
    if problem.num_timeslots == 0:
        yield Obstacle("no_timeslots", {"found": 0})
    if problem.num_rooms == 0:
        yield Obstacle("no_rooms", {"found": 0})
    if problem.num_lectures == 0:
        yield Obstacle("no_lectures", {"found": 0})


def _instructors(facts: Openings) -> Iterator[Obstacle]:
    """An instructor's periods fit into the open timeslots and into the limits."""
    problem = facts.problem
    periods = np.zeros(problem.num_instructors, dtype=np.int64)
    for section, instructors in enumerate(facts.relations.instructors):
        periods[instructors] += facts.section_periods[section]
    open_by_day = problem.instructor_available.reshape(-1, problem.num_days, problem.periods_per_day).sum(axis=2)
    for instructor in range(problem.num_instructors):
        load, open_ = int(periods[instructor]), int(open_by_day[instructor].sum())
        weekly, daily = int(problem.instructor_max_weekly[instructor]), int(problem.instructor_max_daily[instructor])
        values: Values = {"instructor": Ref("instructor", instructor), "periods": load, "open": open_}
        if load > open_:
            yield Obstacle("instructor_overload", values)
        elif 0 < weekly < load:
            yield Obstacle("instructor_weekly_limit", values | {"limit": weekly})
        elif problem.daily_load_is_hard and daily and load > (fits := int(np.minimum(open_by_day[instructor], daily).sum())):
            yield Obstacle("instructor_daily_limit", values | {"limit": daily, "fits": fits})
        else:
            yield from _free_days(facts, instructor, load)


def _free_days(facts: Openings, instructor: int, load: int) -> Iterator[Obstacle]:
    """An instructor's periods fit into the days, or half-days, that need not be free: at the best the longest ones."""
    problem = facts.problem
    for each, free, obstacle in (
        ("free_days_required", problem.instructor_free_days, "instructor_free_days"),
        ("free_half_days_required", problem.instructor_free_half_days, "instructor_free_half_days"),
    ):
        week = CONSTRAINTS[each].terms.week
        if week is None or not CONSTRAINTS[each].applies(problem) or free[instructor] == 0:
            continue
        open_ = problem.instructor_available[instructor].reshape(problem.num_days, -1) & problem.open_days[:, None]
        sizes = block_sizes(week, open_, problem.afternoon)[: week.most(problem)[instructor]]
        daily = int(problem.instructor_max_daily[instructor]) if problem.daily_load_is_hard else 0
        fits = int(np.minimum(sizes, daily or problem.periods_per_day).sum())
        if load > fits:
            who = Ref("instructor", instructor)
            yield Obstacle(obstacle, {"instructor": who, "periods": load, "limit": int(free[instructor]), "fits": fits})
            return


def _sections(facts: Openings) -> Iterator[Obstacle]:
    """A section's periods fit into the timeslots open for it and its instructors."""
    problem = facts.problem
    for section in facts.overloaded_sections:
        load, found = int(facts.section_periods[section]), int(facts.section_open[section].sum())
        values: Values = {"section": Ref("section", section), "periods": load, "open": found}
        own = problem.section_available[section]
        times = [] if own.all() else [OpenTimes(Ref("section", section), Timeslots.of(own))]
        for instructor in facts.relations.instructors[section]:
            if not problem.instructor_available[instructor].all():
                who = Ref("instructor", instructor)
                values.setdefault("instructor", who)
                times.append(OpenTimes(who, Timeslots.of(problem.instructor_available[instructor])))
        yield Obstacle("section_overload", values | {"times": tuple(times)}, tables=("section_available",))


def _curricula(facts: Openings) -> Iterator[Obstacle]:
    """The sections of a curriculum, which never overlap, fit into the timeslots open for any of them."""
    members: dict[int, list[int]] = defaultdict(list)
    for section, curricula in enumerate(facts.relations.curricula):
        for curriculum in curricula:
            members[curriculum].append(section)
    for curriculum, sections in sorted(members.items()):
        load = int(facts.section_periods[sections].sum())
        found = int(facts.section_open[sections].any(axis=0).sum())
        if load > found and len(sections) > 1:  # one section alone is named above
            yield Obstacle("curriculum_overload", {"curriculum": Ref("curriculum", curriculum), "periods": load, "open": found})


def _long(facts: Openings) -> Iterator[Obstacle]:
    """Lectures of several periods find as many unbroken stretches in the open times of whoever has them one at a time."""
    problem = facts.problem
    lengths: dict[int, list[int]] = defaultdict(list)
    for section, length in zip(problem.lecture_section.tolist(), problem.lecture_length.tolist(), strict=True):
        lengths[section].append(length)
    if max(problem.lecture_length.tolist(), default=0) < 2:
        return
    named: set[int] = set()
    for owner, sections in _owners(facts):
        own = [length for section in sections for length in lengths[section]]
        if max(own, default=0) < 2 or named.intersection(sections):
            continue
        open_: BoolArray = np.logical_or.reduce(facts.section_open[sections])
        found = too_long(problem, own, open_) if sum(own) <= open_.sum() else None
        if found and found.places:  # otherwise each of them has no start, which is an obstacle of its own
            named.update(sections)
            values: Values = {owner.kind: owner, "periods": sum(own), "open": int(open_.sum())}
            yield Obstacle(f"{owner.kind}_long_lectures", values | {"length": found.length, "places": found.places, "why": found})


def _owners(facts: Openings) -> Iterator[tuple[Ref, list[int]]]:
    """Whoever has their lectures one at a time, with their sections: the smallest first."""
    yield from ((Ref("section", section), [section]) for section in range(facts.problem.num_sections))
    rows_of: tuple[tuple[Noun, list[list[int]]], ...] = (
        ("instructor", facts.relations.instructors),
        ("curriculum", facts.relations.curricula),
    )
    for kind, rows in rows_of:
        members: dict[int, list[int]] = defaultdict(list)
        for section, owners in enumerate(rows):
            for owner in owners:
                members[owner].append(section)
        yield from ((Ref(kind, owner), sections) for owner, sections in sorted(members.items()) if len(sections) > 1)


def _lectures(facts: Openings) -> Iterator[Obstacle]:
    """Each lecture has, taken alone, a timeslot and a room; named once for equal lectures of a section."""
    problem = facts.problem
    seen: set[tuple[int, int, int, int, bytes]] = set()
    everywhere = np.ones(problem.num_timeslots, dtype=np.bool_)
    room_starts: dict[tuple[int, int], BoolArray] = {}
    own = {length: facts.starts(facts.section_open, length) for length in np.unique(problem.lecture_length).tolist()}
    fits = {length: bool(facts.starts(everywhere, length).any()) for length in own}
    for lecture, rooms in enumerate(facts.suitable_rooms):
        section, length, pin = (int(of[lecture]) for of in (problem.lecture_section, problem.lecture_length, problem.lecture_pin_slot))
        allowed = facts.allowed_starts.get(lecture, everywhere)
        if (section, length, pin, rooms, allowed.tobytes()) in seen:
            continue
        seen.add((section, length, pin, rooms, allowed.tobytes()))
        if not fits[length]:
            yield _too_long(facts, section, length)
        elif not rooms:
            yield _no_room(facts, lecture)
        else:
            if (rooms, length) not in room_starts:
                chosen = [room for room in range(problem.num_rooms) if rooms >> room & 1]
                room_starts[rooms, length] = np.logical_or.reduce(facts.starts(problem.room_available[chosen], length), axis=0)
            starts = own[length][section] & room_starts[rooms, length]
            if not starts.any():
                yield from _no_start(facts, lecture)
            elif not (starts & allowed).any():
                yield _no_allowed_start(facts, lecture)
            elif pin != ANY and not allowed[pin]:
                yield _pin_not_allowed(facts, lecture)
            elif pin != ANY and not starts[pin]:
                yield _bad_pin(facts, lecture)


def _too_long(facts: Openings, section: int, length: int) -> Obstacle:
    problem = facts.problem
    everywhere = np.ones(problem.num_timeslots, dtype=np.bool_)
    longest = max(tried for tried in range(problem.periods_per_day + 1) if tried == 0 or facts.starts(everywhere, tried).any())
    return Obstacle("lecture_too_long", {"section": Ref("section", section), "length": length, "longest": longest})


def _no_room(facts: Openings, lecture: int) -> Obstacle:
    values: Values = {"section": _section(facts, lecture), "need": facts.room_need(lecture)}
    pin, tolerance = int(facts.problem.lecture_pin_room[lecture]), facts.tolerance(lecture)
    if tolerance is not None:
        values["tolerance"] = tolerance
    if pin == ANY:
        return Obstacle("no_suitable_room", values)
    holder = facts.held.in_room.get(lecture, "rule")
    values = {"section": values.pop("section"), "room": Ref("room", pin), **values, "holder": holder}
    return Obstacle("pinned_room_unsuitable", values, ("lecture_pin_room",) if holder == "rule" else ())


def _section(facts: Openings, lecture: int) -> Ref:
    return Ref("section", int(facts.problem.lecture_section[lecture]))


def _no_start(facts: Openings, lecture: int) -> Iterator[Obstacle]:
    section, length = int(facts.problem.lecture_section[lecture]), int(facts.problem.lecture_length[lecture])
    is_fixed = facts.problem.lecture_pin_room[lecture] != ANY
    if facts.section_open[section].sum() < length or not (is_fixed or _has_starts(facts, lecture)):
        return  # the section, its instructor or the rooms are named
    values, tables = causes_of(facts, lecture, "section", "instructors", "rooms")
    yield Obstacle("no_start", {"section": _section(facts, lecture), "length": length, **values}, tables)


def _has_starts(facts: Openings, lecture: int) -> bool:
    """Whether some room that suits a lecture is ever open for long enough."""
    problem = facts.problem
    rooms = [room for room in range(problem.num_rooms) if facts.suitable_rooms[lecture] >> room & 1]
    return bool(facts.starts(problem.room_available[rooms], int(problem.lecture_length[lecture])).any())


def _no_allowed_start(facts: Openings, lecture: int) -> Obstacle:
    allowed = int(facts.allowed_starts[lecture].sum())
    values, tables = causes_of(facts, lecture, "rules", "section", "instructors", "rooms")
    return Obstacle("no_allowed_start", {"section": _section(facts, lecture), "allowed": allowed, **values}, tables)


def _pin_not_allowed(facts: Openings, lecture: int) -> Obstacle:
    values, tables = causes_of(facts, lecture, "pin", "rules")
    return Obstacle("pinned_time_not_allowed", {"section": _section(facts, lecture), **values}, tables)


def _bad_pin(facts: Openings, lecture: int) -> Obstacle:
    values, tables = causes_of(facts, lecture, "pin", "section", "instructors", "rooms")
    return Obstacle("pinned_time_blocked", {"section": _section(facts, lecture), **values}, tables)


def _pins(facts: Openings) -> Iterator[Obstacle]:
    """Fixed lectures do not get in each other's way."""
    seen: set[tuple[int, int]] = set()
    for slot, lectures in sorted(_pinned_by_slot(facts.problem).items()):
        for first, second in _at_odds(facts, lectures):
            reason, values = _pin_conflict(facts, first, second)
            if reason and (first, second) not in seen:
                seen.add((first, second))
                a, b = _section(facts, first), _section(facts, second)
                yield Obstacle("pins_conflict", {"first": a, "second": b, "slot": slot, "reason": reason, **values}, ("lecture_pin_slot",))


def _pinned_by_slot(problem: Problem) -> dict[int, list[int]]:
    """The lectures fixed to each timeslot, all their periods counted."""
    found: dict[int, list[int]] = defaultdict(list)
    for lecture in np.nonzero(problem.lecture_pin_slot != ANY)[0].tolist():
        start = int(problem.lecture_pin_slot[lecture])
        for slot in range(start, min(start + int(problem.lecture_length[lecture]), problem.num_timeslots)):
            found[slot].append(lecture)
    return found


def _at_odds(facts: Openings, lectures: list[int]) -> Iterator[tuple[int, int]]:
    """The pairs that may be in each other's way: quick, as a run that keeps a whole timetable has thousands of pins."""
    section, room = facts.problem.lecture_section[lectures].tolist(), facts.problem.lecture_pin_room[lectures].tolist()
    clash = facts.relations.clash_reason
    for i, j in combinations(range(len(lectures)), 2):
        a, b = section[i], section[j]
        if a == b or (a, b) in clash or (b, a) in clash or (room[i] != ANY and room[i] == room[j]):
            yield lectures[i], lectures[j]


def _pin_conflict(facts: Openings, first: int, second: int) -> tuple[str, Values]:
    """What two lectures at one time share, and whom that is about."""
    problem, rows = facts.problem, facts.relations
    a, b = sorted((int(problem.lecture_section[first]), int(problem.lecture_section[second])))
    room = int(problem.lecture_pin_room[first])
    if a == b:
        return "section", {}
    if room != ANY and room == problem.lecture_pin_room[second] and problem.room_places[room] == 1:
        return "room", {"room": Ref("room", room)}
    reason = rows.clash_reason.get((a, b), "")
    if reason == "instructor_clash":
        return "instructor", {"instructor": Ref("instructor", min(set(rows.instructors[a]) & set(rows.instructors[b])))}
    if reason == "curriculum_clash":
        return "curriculum", {"curriculum": Ref("curriculum", min(set(rows.curricula[a]) & set(rows.curricula[b])))}
    return ("no_overlap" if reason else ""), {}


def _rooms(facts: Openings) -> Iterator[Obstacle]:
    """Hall's condition: for each set of rooms, the lectures that can use no others fit into its open timeslots."""
    problem = facts.problem
    demand: dict[int, int] = defaultdict(int)
    example: dict[int, int] = {}
    for lecture, rooms in enumerate(facts.suitable_rooms):
        demand[rooms] += int(problem.lecture_length[lecture])
        if rooms not in example or problem.lecture_pin_room[lecture] == ANY:
            example[rooms] = lecture
    open_periods = (problem.room_available.sum(axis=1) * problem.room_places).tolist()
    long = {length for length in problem.lecture_length.tolist() if length > 1}
    number: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # length -> rooms -> lectures of at least that length
    for rooms, periods in zip(facts.suitable_rooms, problem.lecture_length.tolist(), strict=True):
        for length in long:
            number[length][rooms] += periods >= length
    places = {
        length: (places_by_day(problem, problem.room_available, length).sum(axis=1) * problem.room_places).tolist() for length in long
    }
    for rooms in demand:
        is_fixed = problem.lecture_pin_room[example[rooms]] != ANY
        if not rooms or (is_fixed and not _has_starts(facts, example[rooms])):
            continue  # the lecture is named
        wanted = sum(periods for other, periods in demand.items() if other and other & ~rooms == 0)
        supply = sum(periods for room, periods in enumerate(open_periods) if rooms >> room & 1)
        if wanted > supply:
            yield _too_few_rooms(facts, example[rooms], rooms, wanted, supply)
            continue
        for length in sorted(long, reverse=True):
            lectures = sum(count for other, count in number[length].items() if other and other & ~rooms == 0)
            held = sum(count for room, count in enumerate(places[length]) if rooms >> room & 1)
            if lectures > held and facts.grid_starts(length).any():
                yield _too_short_rooms(facts, example[rooms], rooms.bit_count(), (length, lectures, held))
                break


def _too_few_rooms(facts: Openings, lecture: int, rooms: int, wanted: int, supply: int) -> Obstacle:
    need, values = _need_of_rooms(facts, lecture)
    closed = _closed_rooms(facts, rooms)
    first: Values = {"room": closed[0].room} if closed else {}
    figures: Values = {"need": need, "rooms": rooms.bit_count(), "periods": wanted, "open": supply, "closed": closed}
    return Obstacle("too_few_rooms", first | values | figures)


def _closed_rooms(facts: Openings, rooms: int) -> tuple[ClosedRoom, ...]:
    """Of these rooms those that are marked as not available, and at how many of the week's timeslots; the most closed first."""
    closed = (~facts.problem.room_available).sum(axis=1).tolist()
    found = [(-count, facts.names.rooms[room], room) for room, count in enumerate(closed) if count and rooms >> room & 1]
    return tuple(ClosedRoom(Ref("room", room), -count) for count, _, room in sorted(found))


def _too_short_rooms(facts: Openings, lecture: int, num_rooms: int, figures: tuple[int, int, int]) -> Obstacle:
    """Open for long enough in all, but not often enough for long enough."""
    length, lectures, held = figures
    need, values = _need_of_rooms(facts, lecture)
    figures_: Values = {"need": need, "rooms": num_rooms, "lectures": lectures, "places": held, "length": length}
    return Obstacle("rooms_long_lectures", values | figures_)


def _need_of_rooms(facts: Openings, lecture: int) -> tuple[RoomNeed | Ref, Values]:
    pin = int(facts.problem.lecture_pin_room[lecture])
    return (facts.room_need(lecture), {}) if pin == ANY else (Ref("room", pin), {"room": Ref("room", pin)})


def _pairs(facts: Openings) -> Iterator[Obstacle]:
    """Two lectures that must stand to one another in some way have starts where they do; named once for two sections."""
    problem, seen = facts.problem, set()
    for a, b, kind, days, factor in problem.lecture_pairs.tolist():
        sections = int(problem.lecture_section[a]), int(problem.lecture_section[b])
        if factor or a == b or (*sections, kind, days) in seen:
            continue
        open_ = [facts.own_starts(lecture) for lecture in (a, b)]
        starts = [problem.week_slot[np.flatnonzero(each)] for each in open_]
        lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
        if all(map(len, starts)) and not pairs_fit(kind, days, starts[0][:, None], starts[1], lengths, problem.periods_per_day).any():
            seen.add((*sections, kind, days))
            values: Values = {"first": Ref("section", sections[0]), "second": Ref("section", sections[1])}
            relation, begins = LectureRelation.of(kind, days), tuple(begins_of(facts, lecture) for lecture in (a, b))
            yield Obstacle("pair_impossible", values | {"relation": relation, "begins": begins}, ("lecture_pairs", "lecture_pin_slot"))


def _spread(facts: Openings) -> Iterator[Obstacle]:
    """The lectures of a section of which any two must be some days apart find as many days, so far apart, with an open start."""
    problem = facts.problem
    pairs: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for a, b, kind, days, factor in problem.lecture_pairs.tolist():
        section = int(problem.lecture_section[a])
        if kind == DAYS_APART and factor == 0 and a != b and section == problem.lecture_section[b]:
            pairs[section, days].add((min(a, b), max(a, b)))
    for (section, days), rows in sorted(pairs.items()):
        lectures = sorted({lecture for row in rows for lecture in row})
        is_any_two = 2 * len(rows) == len(lectures) * (len(lectures) - 1)
        open_ = np.logical_or.reduce([facts.own_starts(lecture) for lecture in lectures]).reshape(problem.num_days, -1).any(axis=1)
        found = _days_so_far_apart(sorted(problem.day_rank[open_].tolist()), days)
        if is_any_two and len(lectures) > found:
            figures: Values = {"lectures": len(lectures), "days": found, "distance": days}
            on = tuple(np.flatnonzero(open_).tolist())
            yield Obstacle("too_few_days", {"section": Ref("section", section), **figures, "on_days": on}, ("lecture_pairs",))


def _days_so_far_apart(open_days: list[int], distance: int) -> int:
    """The most of these days of which any two are so far apart: the first, the next that is far enough, and so on."""
    chosen: list[int] = []
    for day in open_days:
        if not chosen or day - chosen[-1] >= distance:
            chosen.append(day)
    return len(chosen)
