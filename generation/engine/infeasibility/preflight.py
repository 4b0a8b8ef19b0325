"""Arithmetic that refuses the impossible at once, with names, before any search.

Each check is a bound that every timetable without hard violations must keep: what is reported
here is proven impossible. That nothing is reported proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from generation.engine.infeasibility.causes import FIXED, Values, begins_words, causes_of
from generation.engine.infeasibility.contradictions import contradictions
from generation.engine.infeasibility.joint_starts import joint_starts
from generation.engine.infeasibility.pair_models import impossible_together
from generation.engine.infeasibility.stretches import places_by_day, too_long, too_long_words
from generation.engine.model.domains import Openings
from generation.engine.model.fixed_places import Held
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import ANY, DAYS_APART, BoolArray, Problem
from generation.engine.model.text import Count, listed, pair_words

__all__ = ["NOTHING_TO_DO", "Obstacle", "Openings", "obstacles_told", "preflight"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why no timetable can satisfy all hard constraints."""

    id: str
    values: dict[str, int | str]
    message: str
    is_seats: bool = False  # a tolerance of seats, which the message names, would end it
    tables: tuple[str, ...] = ()  # fields of `Problem` whose rows, if any, it comes from: rules of the data


MOST_TOLD = 5
NOTHING_TO_DO = frozenset({"no_timeslots", "no_rooms", "no_lectures"})  # with these there is nothing to search


def obstacles_told(obstacles: Sequence[Obstacle]) -> str:
    """The first obstacles in words, and how many more there are."""
    more = len(obstacles) - MOST_TOLD
    messages = [obstacle.message for obstacle in obstacles[:MOST_TOLD]]
    return " ".join([*messages, f"There are {more} more obstacles of this sort."] if more > 0 else messages)


def preflight(problem: Problem, held: Held | None = None) -> list[Obstacle]:
    """Reasons why the problem cannot be solved, the plainest first; empty where none is found."""
    missing = list(_missing(problem))
    if missing:
        return missing
    facts = Openings(problem, held)
    checks = (_instructors, _sections, _curricula, _long, _lectures, _pins, _rooms, _joint_starts, _pairs, _contradictions, _spread)
    found = [obstacle for check in checks for obstacle in check(facts)]
    # Its causes are among the others where there are any, and would be told twice.
    return found or [Obstacle(id_, values, message, tables=("lecture_pairs",)) for id_, values, message in impossible_together(facts)]


def _missing(problem: Problem) -> Iterator[Obstacle]:
    if problem.num_timeslots == 0:
        yield Obstacle("no_timeslots", {"found": 0}, "The weekly grid has 0 timeslots. Give the term its days and periods.")
    if problem.num_rooms == 0:
        yield Obstacle("no_rooms", {"found": 0}, "There are 0 rooms; at least 1 is needed. Add the rooms, or make them active.")
    if problem.num_lectures == 0:
        yield Obstacle("no_lectures", {"found": 0}, "There are 0 lectures to place. Add offerings with lectures to the term.")


def _instructors(facts: Openings) -> Iterator[Obstacle]:
    """An instructor's periods fit into the open timeslots and into the limits."""
    problem = facts.problem
    periods = np.zeros(problem.num_instructors, dtype=np.int64)
    for section, instructors in enumerate(facts.relations.instructors):
        periods[instructors] += facts.section_periods[section]
    open_by_day = problem.instructor_available.reshape(-1, problem.num_days, problem.periods_per_day).sum(axis=2)
    for instructor in range(problem.num_instructors):
        name, load = facts.names.instructors[instructor], int(periods[instructor])
        open_ = int(open_by_day[instructor].sum())
        weekly, daily = int(problem.instructor_max_weekly[instructor]), int(problem.instructor_max_daily[instructor])
        values: dict[str, int | str] = {"instructor": name, "periods": load, "open": open_}
        if load > open_:
            yield Obstacle(
                "instructor_overload",
                values,
                f"Instructor {name} has {Count(load):period} to teach and only {Count(open_):open timeslot}. "
                "Open more times or reassign sections.",
            )
        elif 0 < weekly < load:
            yield Obstacle(
                "instructor_weekly_limit",
                values | {"limit": weekly},
                f"Instructor {name} has {Count(load):period} to teach; the weekly maximum is {weekly}. "
                "Raise the maximum or reassign sections.",
            )
        elif problem.daily_load_is_hard and daily and load > (room_for := int(np.minimum(open_by_day[instructor], daily).sum())):
            yield Obstacle(
                "instructor_daily_limit",
                values | {"limit": daily},
                f"Instructor {name} has {Count(load):period} to teach; with at most {daily} a day there is time for {room_for}. "
                "Raise the daily maximum or open more days.",
            )


def _sections(facts: Openings) -> Iterator[Obstacle]:
    """A section's periods fit into the timeslots open for it and its instructors."""
    problem = facts.problem
    for section in facts.overloaded_sections:
        name, load, found = facts.section(section), int(facts.section_periods[section]), int(facts.section_open[section].sum())
        values: dict[str, int | str] = {"section": name, "periods": load, "open": found}
        own = problem.section_available[section]
        why = [] if own.all() else [f"it can meet {facts.availability(own)}"]
        for instructor in facts.relations.instructors[section]:
            if not problem.instructor_available[instructor].all():
                values.setdefault("instructor", facts.names.instructors[instructor])
                times = facts.availability(problem.instructor_available[instructor])
                why.append(f"Instructor {facts.names.instructors[instructor]} is available {times}")
        cause = f": {'; '.join(why)}" if why else ""
        yield Obstacle(
            "section_overload",
            values,
            f"Section {name} has {Count(load):period} and only {Count(found):timeslot} in which it and its instructors are available"
            f"{cause}. Open more timeslots or shorten its lectures.",
            tables=("section_available",),
        )


def _curricula(facts: Openings) -> Iterator[Obstacle]:
    """The sections of a curriculum, which never overlap, fit into the timeslots open for any of them."""
    members: dict[int, list[int]] = defaultdict(list)
    for section, curricula in enumerate(facts.relations.curricula):
        for curriculum in curricula:
            members[curriculum].append(section)
    for curriculum, sections in sorted(members.items()):
        load = int(facts.section_periods[sections].sum())
        found = int(facts.section_open[sections].any(axis=0).sum())
        if load > found and len(sections) > 1:  # of one section alone it is told above
            name, week = facts.names.curricula[curriculum], facts.problem.num_timeslots
            which = "in the week" if found == week else f"in which any of its sections can meet, of the week's {week}"
            yield Obstacle(
                "curriculum_overload",
                {"curriculum": name, "periods": load, "open": found},
                f"Curriculum {name} has {Count(load):period} that must not overlap and only {Count(found):timeslot} {which}. "
                "Take a course out of it or extend the weekly grid.",
            )


def _long(facts: Openings) -> Iterator[Obstacle]:
    """Lectures of several periods find as many unbroken stretches in the open times of whoever has them one at a time."""
    problem = facts.problem
    lengths: dict[int, list[int]] = defaultdict(list)
    for section, length in zip(problem.lecture_section.tolist(), problem.lecture_length.tolist(), strict=True):
        lengths[section].append(length)
    if max(problem.lecture_length.tolist(), default=0) < 2:
        return
    told: set[int] = set()
    for kind, name, sections in _owners(facts):
        mine = [length for section in sections for length in lengths[section]]
        if max(mine, default=0) < 2 or told.intersection(sections):
            continue
        open_: BoolArray = np.logical_or.reduce(facts.section_open[sections])
        found = too_long(problem, mine, open_) if sum(mine) <= open_.sum() else None
        if found and found.places:  # otherwise each of them has no start, which is told of it
            told.update(sections)
            which = {"section": f"section {name}", "instructor": f"Instructor {name}", "curriculum": f"curriculum {name}"}[kind]
            yield Obstacle(
                f"{kind}_long_lectures",
                {kind: name, "periods": sum(mine), "open": int(open_.sum()), "length": found.length, "places": found.places},
                f"The lectures of {which} ({Count(sum(mine)):period}) do not fit into the {Count(int(open_.sum())):timeslot} open for "
                f"them: {too_long_words(found, len(mine))}. Split the long lectures, move the break, or open more times in a row.",
            )


def _owners(facts: Openings) -> Iterator[tuple[str, str, list[int]]]:
    """Whoever has their lectures one at a time, with their sections: the smallest first."""
    yield from (("section", facts.section(section), [section]) for section in range(facts.problem.num_sections))
    for kind, rows, names in (
        ("instructor", facts.relations.instructors, facts.names.instructors),
        ("curriculum", facts.relations.curricula, facts.names.curricula),
    ):
        members: dict[int, list[int]] = defaultdict(list)
        for section, owners in enumerate(rows):
            for owner in owners:
                members[owner].append(section)
        yield from ((kind, names[owner], sections) for owner, sections in sorted(members.items()) if len(sections) > 1)


def _lectures(facts: Openings) -> Iterator[Obstacle]:
    """Each lecture has, taken alone, a timeslot and a room; told once for equal lectures of a section."""
    problem = facts.problem
    told: set[tuple[int, int, int, int, bytes]] = set()
    everywhere = np.ones(problem.num_timeslots, dtype=np.bool_)
    room_starts: dict[tuple[int, int], BoolArray] = {}
    own = {length: facts.starts(facts.section_open, length) for length in np.unique(problem.lecture_length).tolist()}
    fits = {length: bool(facts.starts(everywhere, length).any()) for length in own}
    for lecture, rooms in enumerate(facts.suitable_rooms):
        section, length, pin = (int(of[lecture]) for of in (problem.lecture_section, problem.lecture_length, problem.lecture_pin_slot))
        allowed = facts.allowed_starts.get(lecture, everywhere)
        if (section, length, pin, rooms, allowed.tobytes()) in told:
            continue
        told.add((section, length, pin, rooms, allowed.tobytes()))
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
    name = facts.section(section)
    return Obstacle(
        "lecture_too_long",
        {"section": name, "length": length, "longest": longest},
        f"A lecture of section {name} has {Count(length):period}; the longest unbroken stretch of a day has {longest}. "
        "Shorten the lecture or move the break.",
    )


def _no_room(facts: Openings, lecture: int) -> Obstacle:
    name, need = facts.section(int(facts.problem.lecture_section[lecture])), facts.need(lecture)
    pin, tolerance = int(facts.problem.lecture_pin_room[lecture]), facts.tolerance_words(lecture)
    if pin != ANY:
        room, holder = facts.names.rooms[pin], facts.held.in_room.get(lecture, "rule")
        return Obstacle(
            "pinned_room_unsuitable",
            {"section": name, "room": room, "need": need},
            _sentences(
                f"A lecture of section {name} is {FIXED[holder]} to room {room}, which is not what it needs ({need}).",
                tolerance,
                "Or release it, or change its needs." if tolerance else "Release it or change its needs.",
            ),
            bool(tolerance),
            ("lecture_pin_room",) if holder == "rule" else (),
        )
    return Obstacle(
        "no_suitable_room",
        {"section": name, "need": need},
        _sentences(
            f"No room suits a lecture of section {name} (needed: {need}).",
            tolerance,
            "Or add such a room, or lower what the lecture needs." if tolerance else "Add such a room, or lower what the lecture needs.",
        ),
        bool(tolerance),
    )


def _sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _no_start(facts: Openings, lecture: int) -> Iterator[Obstacle]:
    section, length = int(facts.problem.lecture_section[lecture]), int(facts.problem.lecture_length[lecture])
    is_fixed = facts.problem.lecture_pin_room[lecture] != ANY
    if facts.section_open[section].sum() < length or not (is_fixed or _has_starts(facts, lecture)):
        return  # told of the section, its instructor or the rooms
    causes = causes_of(facts, lecture, "section", "instructors", "rooms")
    name, on_end = facts.section(section), f" ({Count(length):period} on end)" if length > 1 else ""
    yield Obstacle(
        "no_start",
        {"section": name, "length": length, **causes.values},
        f"A lecture of section {name}{on_end} can be held at no time: {causes.words}. Open more times, or change what it needs.",
        tables=causes.tables,
    )


def _has_starts(facts: Openings, lecture: int) -> bool:
    """Whether some room that suits a lecture is ever open for long enough."""
    problem = facts.problem
    rooms = [room for room in range(problem.num_rooms) if facts.suitable_rooms[lecture] >> room & 1]
    return bool(facts.starts(problem.room_available[rooms], int(problem.lecture_length[lecture])).any())


def _no_allowed_start(facts: Openings, lecture: int) -> Obstacle:
    name = facts.section(int(facts.problem.lecture_section[lecture]))
    allowed = int(facts.allowed_starts[lecture].sum())
    causes = causes_of(facts, lecture, "rules", "section", "instructors", "rooms")
    return Obstacle(
        "no_allowed_start",
        {"section": name, "allowed": allowed, **causes.values},
        f"The rules leave a lecture of section {name} {Count(allowed):timeslot} to begin at, and it can begin at none: {causes.words}. "
        "Allow other starts, or open these times.",
        tables=causes.tables,
    )


def _pin_not_allowed(facts: Openings, lecture: int) -> Obstacle:
    name = facts.section(int(facts.problem.lecture_section[lecture]))
    causes = causes_of(facts, lecture, "pin", "rules")
    return Obstacle(
        "pinned_time_not_allowed",
        {"section": name, **causes.values},
        f"A lecture of section {name} cannot be where it should: {causes.words}. Lift one of them.",
        tables=causes.tables,
    )


def _bad_pin(facts: Openings, lecture: int) -> Obstacle:
    name = facts.section(int(facts.problem.lecture_section[lecture]))
    causes = causes_of(facts, lecture, "pin", "section", "instructors", "rooms")
    return Obstacle(
        "pinned_time_blocked",
        {"section": name, **causes.values},
        f"A lecture of section {name} cannot be where it should: {causes.words}. Release it or open that time.",
        tables=causes.tables,
    )


def _pins(facts: Openings) -> Iterator[Obstacle]:
    """Fixed lectures do not get in each other's way."""
    told: set[tuple[int, int]] = set()
    for slot, lectures in sorted(_pinned_by_slot(facts.problem).items()):
        for first, second in _at_odds(facts, lectures):
            reason, values = _pin_conflict(facts, first, second)
            if reason and (first, second) not in told:
                told.add((first, second))
                a, b = (facts.section(int(facts.problem.lecture_section[lecture])) for lecture in (first, second))
                yield Obstacle(
                    "pins_conflict",
                    {"first": a, "second": b, "slot": slot, "reason": reason, **values},
                    f"Lectures of {a} and {b} are both fixed to {facts.time(slot)}, but {reason}. Release one of them.",
                    tables=("lecture_pin_slot",),
                )


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
    problem, names, rows = facts.problem, facts.names, facts.relations
    a, b = sorted((int(problem.lecture_section[first]), int(problem.lecture_section[second])))
    room = int(problem.lecture_pin_room[first])
    if a == b:
        return "a section attends one lecture at a time", {}
    if room != ANY and room == problem.lecture_pin_room[second] and problem.room_places[room] == 1:
        return f"both are fixed to room {names.rooms[room]}", {"room": names.rooms[room]}
    reason = rows.clash_reason.get((a, b), "")
    if reason == "instructor_clash":
        name = names.instructors[min(set(rows.instructors[a]) & set(rows.instructors[b]))]
        return f"Instructor {name} teaches both", {"instructor": name}
    if reason == "curriculum_clash":
        name = names.curricula[min(set(rows.curricula[a]) & set(rows.curricula[b]))]
        return f"both belong to curriculum {name}", {"curriculum": name}
    return ("by a rule they must not overlap" if reason else ""), {}


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
            continue  # told of the lecture
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
    num_rooms, closed = rooms.bit_count(), _closed_rooms(facts, rooms)
    return Obstacle(
        "too_few_rooms",
        ({"room": closed[0][0]} if closed else {}) | values | {"need": need, "rooms": num_rooms, "periods": wanted, "open": supply},
        f"Lectures that need {need} take {Count(wanted):period}; suitable rooms ({num_rooms} in all) have only "
        f"{Count(supply):open timeslot}{_closed_words(facts, closed)}. "
        "Add rooms of this sort, open them longer, or lower what the lectures need.",
    )


def _closed_rooms(facts: Openings, rooms: int) -> list[tuple[str, int]]:
    """Of these rooms those that are marked as not available, and at how many of the week's timeslots; the most closed first."""
    closed = (~facts.problem.room_available).sum(axis=1).tolist()
    found = [(facts.names.rooms[room], count) for room, count in enumerate(closed) if count and rooms >> room & 1]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _closed_words(facts: Openings, closed: Sequence[tuple[str, int]]) -> str:
    """Why rooms are open for so little: what somebody marked, not how many there are."""
    if not closed:
        return ""
    all_ = facts.problem.num_timeslots
    said = [f"{name} is not available at {'all' if count == all_ else count} of the {all_}" for name, count in closed[:MOST_TOLD]]
    return f", as room {'; room '.join(said)}" + ("; and others" if len(closed) > MOST_TOLD else "")


def _too_short_rooms(facts: Openings, lecture: int, num_rooms: int, figures: tuple[int, int, int]) -> Obstacle:
    """Open for long enough in all, but not often enough for long enough."""
    length, lectures, held = figures
    need, values = _need_of_rooms(facts, lecture)
    verb = "lasts" if lectures == 1 else "last"
    return Obstacle(
        "rooms_long_lectures",
        values | {"need": need, "rooms": num_rooms, "lectures": lectures, "places": held, "length": length},
        f"{Count(lectures):lecture} that need {need} {verb} {Count(length):period} or more on end, and the open times of the suitable "
        f"rooms ({num_rooms} in all) hold only {held} such, without a break. Open them longer at a stretch, or split the lectures.",
    )


def _need_of_rooms(facts: Openings, lecture: int) -> tuple[str, Values]:
    pin = int(facts.problem.lecture_pin_room[lecture])
    return (facts.need(lecture), {}) if pin == ANY else (f"room {facts.names.rooms[pin]}", {"room": facts.names.rooms[pin]})


def _joint_starts(facts: Openings) -> Iterator[Obstacle]:
    """Lectures that must start together can."""
    for found in joint_starts(facts):
        yield Obstacle(found.id, found.values, found.message, tables=found.tables)


def _pairs(facts: Openings) -> Iterator[Obstacle]:
    """Two lectures that must stand to one another in some way have starts where they do; told once for two sections."""
    problem, told = facts.problem, set()
    for a, b, kind, days, factor in problem.lecture_pairs.tolist():
        sections = int(problem.lecture_section[a]), int(problem.lecture_section[b])
        if factor or a == b or (*sections, kind, days) in told:
            continue
        open_ = [facts.own_starts(lecture) for lecture in (a, b)]
        starts = [problem.week_slot[np.flatnonzero(each)] for each in open_]
        lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
        if all(map(len, starts)) and not pairs_fit(kind, days, starts[0][:, None], starts[1], lengths, problem.periods_per_day).any():
            told.add((*sections, kind, days))
            relation = pair_words(kind, days, problem.first_day)
            names = facts.section(sections[0]), facts.section(sections[1])
            when = "; ".join(begins_words(facts, lecture) for lecture in (a, b))
            yield Obstacle(
                "pair_impossible",
                {"first": names[0], "second": names[1]},
                f"Lectures of {names[0]} and {names[1]} must be held {relation}, and no two of their possible "
                f"starts are: {when}. Open more times for them, or lift the rule.",
                tables=("lecture_pairs", "lecture_pin_slot"),
            )


def _contradictions(facts: Openings) -> Iterator[Obstacle]:
    """Rules that could be kept one by one, and not together."""
    for id_, values, message in contradictions(facts):
        yield Obstacle(id_, values, message, tables=("lecture_pairs", "same_start"))


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
            name, days_open = facts.section(section), np.flatnonzero(open_).tolist()
            which = listed([facts.names.days[day] if facts.names.days else f"day {day + 1}" for day in days_open], 7)
            yield Obstacle(
                "too_few_days",
                {"section": name, "lectures": len(lectures), "days": found},
                f"Section {name} has {Count(len(lectures)):lecture} to be {Count(days):day} apart, and only {Count(found):day} of that "
                f"sort on which it and its instructors are available{f' (they are on {which})' if which else ''}. "
                "Open more days, or lower the distance.",
                tables=("lecture_pairs",),
            )


def _days_so_far_apart(open_days: list[int], distance: int) -> int:
    """The most of these days of which any two are so far apart: the first, the next that is far enough, and so on."""
    chosen: list[int] = []
    for day in open_days:
        if not chosen or day - chosen[-1] >= distance:
            chosen.append(day)
    return len(chosen)
