"""Arithmetic that refuses the impossible at once, with names, before any search.

Each check is a bound that every timetable without hard violations must keep: what is reported
here is proven impossible. That nothing is reported proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from generation.engine.contradictions import contradictions
from generation.engine.pair_models import impossible_together
from generation.engine.pairs import pairs_fit
from generation.engine.problem import ANY, DAYS_APART, BoolArray, Problem
from generation.engine.solution import Solution
from generation.engine.timetable import Timetable
from generation.engine.words import PAIR_WORDS, Count


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why no timetable can satisfy all hard constraints."""

    id: str
    values: dict[str, int | str]
    message: str
    is_seats: bool = False  # a tolerance of seats, which the message names, would end it


MOST_TOLD = 5
MOST_PERCENT = 100  # of the seats: what the tolerance may be at most
NOTHING_TO_DO = frozenset({"no_timeslots", "no_rooms", "no_lectures"})  # with these there is nothing to search


def obstacles_told(obstacles: Sequence[Obstacle]) -> str:
    """The first obstacles in words, and how many more there are."""
    more = len(obstacles) - MOST_TOLD
    messages = [obstacle.message for obstacle in obstacles[:MOST_TOLD]]
    return " ".join([*messages, f"There are {more} more obstacles of this sort."] if more > 0 else messages)


def preflight(problem: Problem) -> list[Obstacle]:
    """Reasons why the problem cannot be solved, the plainest first; empty where none is found."""
    missing = list(_missing(problem))
    if missing:
        return missing
    facts = Openings(problem)
    checks = (_instructors, _sections, _curricula, _lectures, _pins, _rooms, _joint_starts, _pairs, _contradictions, _spread)
    found = [obstacle for check in checks for obstacle in check(facts)]
    # Its causes are among the others where there are any, and would be told twice.
    return found or [Obstacle(id_, values, message) for id_, values, message in impossible_together(facts)]


class Openings:
    """What is open for whom, and what suits a lecture: for the checks here, `explain` and `bounds`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.names = problem.names
        self.relations = Timetable(problem, Solution.empty(problem))
        self.section_periods = np.bincount(problem.lecture_section, weights=problem.lecture_length, minlength=problem.num_sections).astype(
            np.int64
        )

    @cached_property
    def section_open(self) -> BoolArray:
        """``[S, T]`` open for the section and all of its instructors."""
        open_ = self.problem.section_available.copy()
        for section, instructors in enumerate(self.relations.instructors):
            for instructor in instructors:
                open_[section] &= self.problem.instructor_available[instructor]
        return open_

    def starts(self, open_: BoolArray, length: int) -> BoolArray:
        """Where a lecture of ``length`` periods can start: ``open_`` throughout, in one day, over no break."""
        problem = self.problem
        grid = open_.reshape(*open_.shape[:-1], problem.num_days, problem.periods_per_day)
        found = np.zeros_like(grid)
        for period in range(problem.periods_per_day - length + 1):
            if not problem.break_after[period : period + length - 1].any():
                found[..., period] = grid[..., period : period + length].all(axis=-1)
        return found.reshape(open_.shape)

    @cached_property
    def allowed_starts(self) -> dict[int, BoolArray]:
        """Where a lecture may begin, for those with blocked starts."""
        found: dict[int, BoolArray] = defaultdict(lambda: np.ones(self.problem.num_timeslots, dtype=np.bool_))
        for lecture, slot in self.problem.blocked_starts.tolist():
            found[lecture][slot] = False
        return found

    def own_starts(self, lecture: int) -> BoolArray:
        """``[T]`` where a lecture can start, rooms and other lectures aside."""
        problem = self.problem
        starts = self.starts(self.section_open[problem.lecture_section[lecture]], int(problem.lecture_length[lecture]))
        if lecture in self.allowed_starts:
            starts &= self.allowed_starts[lecture]
        pin = int(problem.lecture_pin_slot[lecture])
        return starts if pin == ANY else starts & (np.arange(problem.num_timeslots) == pin)

    @cached_property
    def suitable_rooms(self) -> list[int]:
        """Per lecture, the rooms it may use as the bits of an integer."""
        by_need: dict[tuple[int, int, bytes, int], int] = {}
        found = []
        for lecture, need in enumerate(self._needs()):
            if need not in by_need:
                by_need[need] = self._rooms_for(lecture)
            found.append(by_need[need])
        return found

    def _needs(self) -> Iterator[tuple[int, int, bytes, int]]:
        problem = self.problem
        for lecture, section in enumerate(problem.lecture_section.tolist()):
            size = int(problem.section_size[section]) if problem.capacity_is_hard else 0
            features = problem.lecture_features[lecture].tobytes()
            yield int(problem.lecture_room_kind[lecture]), size, features, int(problem.lecture_pin_room[lecture])

    def _rooms_for(self, lecture: int) -> int:
        problem = self.problem
        fits = self._suits(lecture)
        if problem.capacity_is_hard:
            fits &= problem.room_limit >= problem.section_size[problem.lecture_section[lecture]]
        return sum(1 << room for room in fits.nonzero()[0].tolist())

    def _suits(self, lecture: int) -> BoolArray:
        """``[R]`` which rooms suit a lecture, their seats aside."""
        problem = self.problem
        fits = np.ones(problem.num_rooms, dtype=np.bool_)
        if problem.lecture_room_kind[lecture] != ANY:
            fits &= problem.room_kind == problem.lecture_room_kind[lecture]
        fits &= problem.room_features[:, problem.lecture_features[lecture]].all(axis=1)
        if problem.lecture_pin_room[lecture] != ANY:
            fits &= np.arange(problem.num_rooms) == problem.lecture_pin_room[lecture]
        return fits

    def tolerance_words(self, lecture: int) -> str:
        """Which room would do if more students than it has seats were allowed, and how many; empty where none would.

        Of the rooms that suit the lecture but for their seats, and are open at a time when it can be held, the one with the most.
        """
        problem = self.problem
        fits = self._suits(lecture)
        starts, length = self.own_starts(lecture), int(problem.lecture_length[lecture])
        largest_first = sorted(fits.nonzero()[0].tolist(), key=lambda room: -int(problem.room_capacity[room]))
        room = next((each for each in largest_first if (starts & self.starts(problem.room_available[each], length)).any()), ANY)
        if not problem.capacity_is_hard or room == ANY:
            return ""
        size, seats = int(problem.section_size[problem.lecture_section[lecture]]), int(problem.room_capacity[room])
        short = size - seats
        if short <= 0 or int(problem.room_limit[room]) >= size:
            return ""
        percent = -(-100 * short // seats) if seats else MOST_PERCENT + 1
        tolerance = f"{percent} % of the seats ({Count(short):student})" if percent <= MOST_PERCENT else f"{Count(short):student}"
        return (
            f"With a tolerance of {tolerance} room {self.names.rooms[room]} would do, which has {Count(seats):seat} for "
            f"{Count(size):student}: set it under Rules, “Every student has a seat”."
        )

    def section(self, section: int) -> str:
        name, code = self.names.sections[section], self.names.courses[section]
        return name if code in name else f"{code} {name}"

    def need(self, lecture: int) -> str:
        """What a lecture asks of its room, in words."""
        problem, names = self.problem, self.names
        kind = int(problem.lecture_room_kind[lecture])
        words = [names.room_kinds[kind] if kind < len(names.room_kinds) else f"kind {kind + 1}"] if kind != ANY else ["any kind of room"]
        if problem.capacity_is_hard:
            words.append(f"at least {problem.section_size[problem.lecture_section[lecture]]} seats")
        required = problem.lecture_features[lecture].nonzero()[0].tolist()
        words += [names.features[feature] if feature < len(names.features) else f"feature {feature + 1}" for feature in required]
        return ", ".join(words)

    def time(self, slot: int) -> str:
        day, period = divmod(slot, self.problem.periods_per_day)
        days, periods = self.names.days, self.names.periods
        return f"{days[day] if days else f'day {day + 1}'}, {periods[period] if periods else f'period {period + 1}'}"


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
    open_ = facts.section_open.sum(axis=1)
    for section in np.nonzero(facts.section_periods > open_)[0].tolist():
        name, load, found = facts.section(section), int(facts.section_periods[section]), int(open_[section])
        yield Obstacle(
            "section_overload",
            {"section": name, "periods": load, "open": found},
            f"Section {name} has {Count(load):period} and only {Count(found):timeslot} in which it and its instructors are available. "
            "Open more timeslots or shorten its lectures.",
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
        if load > found:
            name = facts.names.curricula[curriculum]
            yield Obstacle(
                "curriculum_overload",
                {"curriculum": name, "periods": load, "open": found},
                f"Curriculum {name} has {Count(load):period} that must not overlap and only {Count(found):timeslot}. "
                "Take a course out of it or extend the weekly grid.",
            )


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
                yield _no_start(facts, lecture)
            elif not (starts & allowed).any():
                yield _no_allowed_start(facts, lecture)
            elif pin != ANY and not allowed[pin]:
                yield _pin_not_allowed(facts, section, pin)
            elif pin != ANY and not starts[pin]:
                yield _bad_pin(facts, section, pin)


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
        room = facts.names.rooms[pin]
        return Obstacle(
            "pinned_room_unsuitable",
            {"section": name, "room": room, "need": need},
            _sentences(
                f"A lecture of section {name} is fixed to room {room}, which is not what it needs ({need}).",
                tolerance,
                "Or release it, or change its needs." if tolerance else "Release it or change its needs.",
            ),
            bool(tolerance),
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


def _no_start(facts: Openings, lecture: int) -> Obstacle:
    name, length = facts.section(int(facts.problem.lecture_section[lecture])), int(facts.problem.lecture_length[lecture])
    return Obstacle(
        "no_start",
        {"section": name, "length": length},
        f"A lecture of section {name} ({Count(length):period} on end) has no timeslot in which the section, its instructors and a "
        "suitable room are all available. Open more times for one of them.",
    )


def _no_allowed_start(facts: Openings, lecture: int) -> Obstacle:
    name = facts.section(int(facts.problem.lecture_section[lecture]))
    allowed = int(facts.allowed_starts[lecture].sum())
    return Obstacle(
        "no_allowed_start",
        {"section": name, "allowed": allowed},
        f"The rules leave a lecture of section {name} {Count(allowed):timeslot} to begin at, and at none of them are the section, its "
        "instructors and a suitable room all available. Allow other starts, or open these times.",
    )


def _pin_not_allowed(facts: Openings, section: int, slot: int) -> Obstacle:
    name, time = facts.section(section), facts.time(slot)
    return Obstacle(
        "pinned_time_not_allowed",
        {"section": name, "slot": slot},
        f"A lecture of section {name} is fixed to {time}, where its other rules do not allow it to begin. Lift one of them.",
    )


def _bad_pin(facts: Openings, section: int, slot: int) -> Obstacle:
    name, time = facts.section(section), facts.time(slot)
    return Obstacle(
        "pinned_time_blocked",
        {"section": name, "slot": slot},
        f"A lecture of section {name} is fixed to {time}, where it cannot be: the section, an instructor or every suitable room is not "
        "available, or a break or the day's end comes in between. Release it or open that time.",
    )


def _pins(facts: Openings) -> Iterator[Obstacle]:
    """Fixed lectures do not get in each other's way."""
    told: set[tuple[int, int]] = set()
    for slot, lectures in sorted(_pinned_by_slot(facts.problem).items()):
        for first, second in _at_odds(facts, lectures):
            reason = _pin_conflict(facts, first, second)
            if reason and (first, second) not in told:
                told.add((first, second))
                a, b = (facts.section(int(facts.problem.lecture_section[lecture])) for lecture in (first, second))
                yield Obstacle(
                    "pins_conflict",
                    {"first": a, "second": b, "slot": slot, "reason": reason},
                    f"Lectures of {a} and {b} are both fixed to {facts.time(slot)}, but {reason}. Release one of them.",
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


def _pin_conflict(facts: Openings, first: int, second: int) -> str:
    problem = facts.problem
    a, b = sorted((int(problem.lecture_section[first]), int(problem.lecture_section[second])))
    room = int(problem.lecture_pin_room[first])
    if a == b:
        return "a section attends one lecture at a time"
    if room != ANY and room == problem.lecture_pin_room[second] and problem.room_places[room] == 1:
        return f"both are fixed to room {facts.names.rooms[room]}"
    return {
        "": "",
        "instructor_clash": "they share an instructor",
        "curriculum_clash": "they belong to one curriculum",
        "no_overlap": "they must not overlap",
    }[facts.relations.clash_reason.get((a, b), "")]


def _rooms(facts: Openings) -> Iterator[Obstacle]:
    """Hall's condition: for each set of rooms, the lectures that can use no others fit into its open timeslots."""
    problem = facts.problem
    demand: dict[int, int] = defaultdict(int)
    example: dict[int, int] = {}
    for lecture, rooms in enumerate(facts.suitable_rooms):
        demand[rooms] += int(problem.lecture_length[lecture])
        example.setdefault(rooms, lecture)
    open_periods = (problem.room_available.sum(axis=1) * problem.room_places).tolist()
    for rooms in demand:
        if not rooms:
            continue
        wanted = sum(periods for other, periods in demand.items() if other and other & ~rooms == 0)
        supply = sum(periods for room, periods in enumerate(open_periods) if rooms >> room & 1)
        if wanted > supply:
            yield _too_few_rooms(facts, example[rooms], rooms.bit_count(), wanted, supply)


def _too_few_rooms(facts: Openings, lecture: int, num_rooms: int, wanted: int, supply: int) -> Obstacle:
    need, pin = facts.need(lecture), int(facts.problem.lecture_pin_room[lecture])
    if pin != ANY:
        need = f"room {facts.names.rooms[pin]}"
    return Obstacle(
        "too_few_rooms",
        {"need": need, "rooms": num_rooms, "periods": wanted, "open": supply},
        f"Lectures that need {need} take {Count(wanted):period}; suitable rooms ({num_rooms} in all) have only "
        f"{Count(supply):open timeslot}. Add rooms of this sort, open them longer, or lower what the lectures need.",
    )


def _joint_starts(facts: Openings) -> Iterator[Obstacle]:
    """Lectures that must start together may overlap."""
    problem = facts.problem
    if not problem.same_start_is_hard:
        return
    for first, second in problem.same_start.tolist():
        a, b = sorted((int(problem.lecture_section[first]), int(problem.lecture_section[second])))
        if first != second and (a == b or (a, b) in facts.relations.clash_reason):
            names = facts.section(a), facts.section(b)
            yield Obstacle(
                "joint_start_conflict",
                {"first": names[0], "second": names[1]},
                f"Lectures of {names[0]} and {names[1]} must start together and must not overlap. Lift one of the two rules.",
            )


def _pairs(facts: Openings) -> Iterator[Obstacle]:
    """Two lectures that must stand to one another in some way have starts where they do; told once for two sections."""
    problem, told = facts.problem, set()
    for a, b, kind, days, factor in problem.lecture_pairs.tolist():
        sections = int(problem.lecture_section[a]), int(problem.lecture_section[b])
        if factor or a == b or (*sections, kind, days) in told:
            continue
        open_ = [facts.own_starts(lecture) for lecture in (a, b)]
        starts = [np.flatnonzero(each).astype(np.int32) for each in open_]
        lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
        if all(map(len, starts)) and not pairs_fit(kind, days, starts[0][:, None], starts[1], lengths, problem.periods_per_day).any():
            told.add((*sections, kind, days))
            names = facts.section(sections[0]), facts.section(sections[1])
            yield Obstacle(
                "pair_impossible",
                {"first": names[0], "second": names[1]},
                f"Lectures of {names[0]} and {names[1]} must be held {PAIR_WORDS[kind].format(Count(days))}, and no two of their possible "
                "starts are. Open more times for them, or lift the rule.",
            )


def _contradictions(facts: Openings) -> Iterator[Obstacle]:
    """Rules that could be kept one by one, and not together."""
    for id_, values, message in contradictions(facts):
        yield Obstacle(id_, values, message)


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
        found = _days_so_far_apart(np.flatnonzero(open_).tolist(), days)
        if is_any_two and len(lectures) > found:
            name = facts.section(section)
            yield Obstacle(
                "too_few_days",
                {"section": name, "lectures": len(lectures), "days": found},
                f"Section {name} has {Count(len(lectures)):lecture} to be {Count(days):day} apart, and only {Count(found):day} of that "
                "sort on which it and its instructors are available. Open more days, or lower the distance.",
            )


def _days_so_far_apart(open_days: list[int], distance: int) -> int:
    """The most of these days of which any two are so far apart: the first, the next that is far enough, and so on."""
    chosen: list[int] = []
    for day in open_days:
        if not chosen or day - chosen[-1] >= distance:
            chosen.append(day)
    return len(chosen)
