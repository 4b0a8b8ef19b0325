"""What would change if one lecture were held elsewhere: every place of the week at once, constraint by constraint.

For people who move lectures by hand and want to know before they let go. Every start and every room is answered, also
those that the search would never propose. A change is what the evaluator would find afterwards less what it finds now; what a
constraint counts stands in `constraints`, and a test compares the two for random moves.

The penalty of a place falls into what its time costs, what its room costs, and what the room costs at that time, so a few
arrays over ``[T]``, ``[R]`` and ``[T, R]`` (letters as in `problem`) tell all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generation.engine.constraints.base import Constraint, Pattern, WeekPattern
from generation.engine.constraints.register import CONSTRAINTS, constraints_of
from generation.engine.evaluation.day_patterns import beyond_most, busy_blocks, pattern_units, rule_units
from generation.engine.model.attendance import members_of
from generation.engine.model.lecture_relations import pairs_wrong
from generation.engine.model.occupancy import LongArray, Occupancy
from generation.engine.model.problem import ANY, Csr, IntArray, Problem
from generation.engine.model.solution import Score, Solution
from generation.engine.model.week_parts import WeekParts

Costs = dict[str, LongArray]  # by constraint, weighted
Counts = NDArray[np.int16]
Counters = tuple[Counts, Counts, Counts, Counts]  # by section, by room, by part of a section, by room in each kind of week
ROOMS_HERE = 3  # other rooms at the present time among the best places


class Board:
    """A timetable laid out for asking about single lectures."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.solution = solution
        active = constraints_of(problem, problem.weights)
        self.weights = {each.id: each.weight(problem.weights) for each in active}
        self.with_terms = [each for each in active if not each.terms.is_empty]
        occupancy = Occupancy(problem, solution)
        self.by_section, self.by_room = occupancy.by_section.astype(np.int16), occupancy.by_room.astype(np.int16)
        # Where weeks differ: lectures present of each part [S', T], and in each room in each kind of week [K, R, T].
        self.parts = WeekParts.of(problem)
        self.by_part = self.by_section
        self.week_rooms = self.by_room[None]
        if self.parts.num_kinds > 1:
            self.by_part = np.zeros((len(self.parts.owner), problem.num_timeslots), dtype=np.int16)
            self.week_rooms = np.zeros((self.parts.num_kinds, *self.by_room.shape), dtype=np.int16)
            for lecture in occupancy.placed.tolist():
                self._count_weeks(self.by_part, self.week_rooms, lecture, 1)

    def is_placed(self, lecture: int) -> bool:
        return bool(self.solution.slot[lecture] >= 0 and self.solution.room[lecture] >= 0)

    def timeslots(self, lecture: int, start: int) -> slice:
        """What the lecture occupies from this start, cut at the end of the day."""
        periods = self.problem.periods_per_day
        return slice(start, min(start + int(self.problem.lecture_length[lecture]), (start // periods + 1) * periods))

    def put(self, lecture: int, slot: int, room: int) -> None:
        """Goes on from the timetable in which the lecture is held there; -1 takes its place away."""
        if self.is_placed(lecture):
            self._count(lecture, -1)
        self.solution.slot[lecture], self.solution.room[lecture] = slot, room
        if self.is_placed(lecture):
            self._count(lecture, 1)

    def scratch(self) -> Board:
        """The same timetable to go on from; what never changes is shared with this one."""
        made = copy(self)
        made.solution = Solution(self.solution.slot.copy(), self.solution.room.copy(), self.solution.seats)
        made.by_section, made.by_room, made.by_part, made.week_rooms = self.counters()
        return made

    def counters(self) -> Counters:
        """Copies of what is counted of the timetable, to be counted on."""
        by_section, by_room = self.by_section.copy(), self.by_room.copy()
        if self.parts.num_kinds == 1:
            return by_section, by_room, by_section, by_room[None]
        return by_section, by_room, self.by_part.copy(), self.week_rooms.copy()

    def _count(self, lecture: int, sign: int) -> None:
        self.count((self.by_section, self.by_room, self.by_part, self.week_rooms), lecture, sign)

    def count(self, counters: Counters, lecture: int, sign: int) -> None:
        """The lecture comes where it is (1), or leaves it (-1)."""
        by_section, by_room, by_part, week_rooms = counters
        slots = self.timeslots(lecture, int(self.solution.slot[lecture]))
        by_section[self.problem.lecture_section[lecture], slots] += sign
        by_room[self.solution.room[lecture], slots] += sign
        if self.parts.num_kinds > 1:
            self._count_weeks(by_part, week_rooms, lecture, sign)

    def _count_weeks(self, by_part: NDArray[np.int16], week_rooms: NDArray[np.int16], lecture: int, sign: int) -> None:
        slots = self.timeslots(lecture, int(self.solution.slot[lecture]))
        by_part[self.parts.part[lecture], slots] += sign
        week_rooms[self.kinds_of(lecture), self.solution.room[lecture], slots] += sign

    def kinds_of(self, lecture: int) -> IntArray:
        """The kinds of week in which the lecture is held."""
        kinds = int(self.parts.kinds[self.parts.part[lecture]])
        return np.array([kind for kind in range(self.parts.num_kinds) if kinds >> kind & 1], dtype=np.int32)

    def share_a_week(self, one: int, other: int) -> bool:
        part, kinds = self.parts.part, self.parts.kinds
        return bool(kinds[part[one]] & kinds[part[other]])

    def beside_parts(self, lecture: int, sections: IntArray) -> tuple[IntArray, LongArray]:
        """The parts of these sections that share a week with the lecture, and the place of each one's section among them."""
        parts = self.parts
        if parts.num_kinds == 1:
            return sections, np.arange(len(sections), dtype=np.int64)
        own = parts.kinds[parts.part[lecture]]
        rows = [np.flatnonzero((parts.owner == section) & (parts.kinds & own != 0)) for section in sections.tolist()]
        empty = [np.zeros(0, dtype=np.int64)]
        return np.concatenate([*empty, *rows]).astype(np.int32), np.repeat(np.arange(len(rows)), [len(row) for row in rows])

    def lectures_in(self, room: int, slots: slice) -> list[int]:
        """Who is in the room in any of these timeslots."""
        here = np.flatnonzero(self.solution.room == room).tolist()
        times = ((other, self.timeslots(other, int(self.solution.slot[other]))) for other in here if self.is_placed(other))
        return [other for other, taken in times if taken.start < slots.stop and slots.start < taken.stop]

    # What never changes, or only with the seats.

    @cached_property
    def curriculum_sections(self) -> list[IntArray]:
        return members_of(self.problem.section_curricula)

    @cached_property
    def instructor_sections(self) -> list[IntArray]:
        return members_of(self.problem.section_instructors)

    @cached_property
    def attended(self) -> Csr:
        return self.solution.attended(self.problem)

    @cached_property
    def section_students(self) -> list[IntArray]:
        return members_of(self.attended)

    def students_of(self, section: int) -> IntArray:
        """Who attends the section."""
        rows = self.section_students
        return rows[section] if section < len(rows) else np.zeros(0, dtype=np.int32)

    @cached_property
    def section_lectures(self) -> list[IntArray]:
        order = np.argsort(self.problem.lecture_section, kind="stable").astype(np.int32)
        bounds = np.searchsorted(self.problem.lecture_section[order], np.arange(self.problem.num_sections + 1))
        return [order[bounds[section] : bounds[section + 1]] for section in range(self.problem.num_sections)]

    def apart(self, section: int) -> dict[str, IntArray]:
        """The sections that must not overlap this one, each under its first reason."""
        named = self.problem.no_overlap
        others = {
            "instructor_clash": [self.instructor_sections[i] for i in self.problem.section_instructors[section]],
            "curriculum_clash": [self.curriculum_sections[q] for q in self.problem.section_curricula[section]],
            "no_overlap": [named[named[:, 0] == section, 1], named[named[:, 1] == section, 0]],
        }
        known = np.array([section], dtype=np.int32)
        found: dict[str, IntArray] = {}
        for reason, groups in others.items():
            found[reason] = np.setdiff1d(np.concatenate([np.zeros(0, dtype=np.int32), *groups]), known).astype(np.int32)
            known = np.concatenate([known, found[reason]])
        return found

    def sharing(self, section: int) -> tuple[IntArray, LongArray]:
        """The other sections with students of this one, and how many they share."""
        rows = [np.unique(self.attended[student]) for student in self.students_of(section)]
        counts = np.bincount(np.concatenate([np.zeros(0, dtype=np.int32), *rows]), minlength=self.problem.num_sections)
        counts[section] = 0
        others = np.flatnonzero(counts).astype(np.int32)
        return others, counts[others].astype(np.int64)


@dataclass(frozen=True)
class MoveEffects:
    """What each place changes for one lecture, beside where it is now."""

    lecture: int
    now: tuple[int, int]  # timeslot and room; -1 where it has none
    time: Costs  # [T]
    room: Costs  # [R]
    both: Costs  # [T, R]
    base: dict[str, int]  # what the lecture's present place costs, or that it has none
    hard: LongArray = field(init=False)  # [T, R] change of the hard violations
    soft: LongArray = field(init=False)

    def __post_init__(self) -> None:
        for name, is_hard in (("hard", True), ("soft", False)):
            object.__setattr__(self, name, self._total(is_hard))

    def _total(self, is_hard: bool) -> LongArray:
        time, room, both = (
            sum((cost for name, cost in costs.items() if CONSTRAINTS[name].is_hard == is_hard), start=np.zeros(1, dtype=np.int64))
            for costs in (self.time, self.room, self.both)
        )
        base = sum(cost for name, cost in self.base.items() if CONSTRAINTS[name].is_hard == is_hard)
        total: LongArray = np.atleast_1d(time)[:, None] + np.atleast_1d(room)[None, :] + np.atleast_2d(both) - base
        return total

    def change(self, slot: int, room: int) -> dict[str, int]:
        """What the place changes by constraint, without those that stay as they are."""
        found = dict.fromkeys(self.base, 0)
        for name, amount in self.base.items():
            found[name] -= amount
        for name, costs in self.time.items():
            found[name] = found.get(name, 0) + int(costs[slot])
        for name, costs in self.room.items():
            found[name] = found.get(name, 0) + int(costs[room])
        for name, costs in self.both.items():
            found[name] = found.get(name, 0) + int(costs[slot, room])
        return {name: amount for name, amount in found.items() if amount}

    def score(self, slot: int, room: int) -> Score:
        return Score(int(self.hard[slot, room]), int(self.soft[slot, room]))

    def best_rooms(self) -> IntArray:
        """For each start the room that changes least for the worse; the present one where that is as good."""
        key = self.hard * (np.abs(self.soft).max(initial=0) * 2 + 1) + self.soft
        rooms: IntArray = np.argmin(key, axis=1).astype(np.int32)
        if self.now[1] >= 0:
            stays = key[:, self.now[1]] <= key[np.arange(len(key)), rooms]
            rooms[stays] = self.now[1]
        return rooms

    def best_places(self, num: int, *, slot: int | None = None, room: int | None = None) -> list[tuple[int, int]]:
        """The places elsewhere that change least for the worse, best first, as timeslot and room; one of them may be given.

        Of each start one room, of the present one several: ten rooms that are all alike would hide the other times.
        """
        allowed = np.zeros(self.hard.shape, dtype=bool)
        if slot is None and room is None:
            allowed[np.arange(len(allowed)), self.best_rooms()] = True
            if self.now[0] >= 0:
                here = np.lexsort((self.soft[self.now[0]], self.hard[self.now[0]]))
                allowed[self.now[0], here[: ROOMS_HERE + 1]] = True
        else:
            allowed[slice(None) if slot is None else slot, slice(None) if room is None else room] = True
        if self.now[0] >= 0:
            allowed[self.now] = False
        places = np.flatnonzero(allowed)
        order = np.lexsort((self.soft.ravel()[places], self.hard.ravel()[places]))[:num]
        return [(int(place // self.hard.shape[1]), int(place % self.hard.shape[1])) for place in places[order]]


def move_effects(board: Board, lecture: int) -> MoveEffects:
    """Every place of the week for one lecture, in some milliseconds at the large scale. Leaves the board as it is."""
    evaluation = _MoveEvaluation(board, lecture)
    time, room, both = evaluation.times(), evaluation.rooms(), evaluation.rooms_at_times()
    if not board.is_placed(lecture):
        return MoveEffects(lecture, (-1, -1), time, room, both, {"unplaced": int(board.problem.lecture_length[lecture])})
    now = (int(board.solution.slot[lecture]), int(board.solution.room[lecture]))
    base: dict[str, int] = {}
    for costs, place in ((time, now[0]), (room, now[1]), (both, now)):
        for name, cost in costs.items():
            base[name] = base.get(name, 0) + int(cost[place])
    return MoveEffects(lecture, now, time, room, both, base)


class _MoveEvaluation:
    """One lecture beside all others: what is added by giving it a place. Counts on copies, for boards are shared."""

    def __init__(self, board: Board, lecture: int) -> None:
        self.board, self.lecture = board, lecture
        self.problem = problem = board.problem
        counters = board.counters()
        if board.is_placed(lecture):
            board.count(counters, lecture, -1)
        self.by_section, _, self.by_part, self.week_rooms = counters
        self.parts, self.kinds = board.parts, board.kinds_of(lecture)
        self.part = int(board.parts.part[lecture])
        self.section = int(problem.lecture_section[lecture])
        self.length = int(problem.lecture_length[lecture])
        self.instructors = np.unique(problem.section_instructors[self.section])
        self.curricula = np.unique(problem.section_curricula[self.section])
        starts, periods = np.arange(problem.num_timeslots), problem.periods_per_day
        self.day = starts // periods
        self.occupied = np.zeros((problem.num_timeslots, problem.num_timeslots), dtype=bool)  # [start, timeslot]
        for start in starts.tolist():
            self.occupied[start, board.timeslots(lecture, start)] = True
        self.is_own = self.by_part[self.part] > 0  # [T] another lecture of the section is there, in the same weeks
        self.newly = self.occupied & ~self.is_own
        self._days: dict[bool, list[tuple[int, LongArray, LongArray]]] = {}

    def _weighed(self, costs: Costs) -> Costs:
        weights = self.board.weights
        return {name: weights[name] * cost.astype(np.int64) for name, cost in costs.items() if name in weights}

    def _over(self, per_slot: NDArray[np.generic], where: NDArray[np.bool_]) -> LongArray:
        """The sum over the timeslots that each start occupies."""
        # Step by step of the lecture's periods, not as a product of matrices, which takes twice as long in all.
        values = per_slot.astype(np.int64)
        total = np.zeros_like(values)
        for step in range(self.length):
            held = np.diagonal(where, step).astype(np.int64)
            total[: len(held)] += values[step:] * held.reshape(-1, *[1] * (values.ndim - 1))
        return total

    # What the time costs.

    def times(self) -> Costs:
        costs: Costs = {"section_clash": self._over(self.is_own, self.occupied) + self._own_parts(), **self._clashes()}
        costs |= {"availability": self._over(self._closed(), self.occupied), "block": self._broken(), "blocked_start": self._blocked()}
        costs["min_days"] = self._days_short()
        pin = int(self.problem.lecture_pin_slot[self.lecture])
        costs["pin"] = (np.arange(len(self.day)) != pin).astype(np.int64) * (pin != ANY)
        costs |= self._set_rules()
        for each in self.board.with_terms:
            for cost in self._time_terms(each):
                costs[each.id] = costs.get(each.id, 0) + cost
        return self._weighed(costs)

    def _time_terms(self, constraint: Constraint) -> Iterator[LongArray]:
        """What the constraint's terms make of each start."""
        terms = constraint.terms
        if terms.section_slots is not None:
            yield self._over(terms.section_slots(self.problem, np.array([self.section], dtype=np.int32))[0], self.occupied)
        if terms.section_pairs is not None:
            first, second, units = terms.section_pairs(self.problem).T
            for one, other in ((first, second), (second, first)):
                mine = (one == self.section) & (other != self.section)
                beside, row = self.board.beside_parts(self.lecture, other[mine])
                yield self._over(units[mine][row].astype(np.int64) @ (self.by_part[beside] > 0), self.newly)
        if terms.lecture_pairs is not None:
            yield from self._pairs(terms.lecture_pairs(self.problem), is_hard=constraint.is_hard)
        if terms.day is not None and terms.day.of_curricula:
            yield from self._days_of(self.curricula, terms.day.pattern, of_curricula=True)
        if terms.day is not None and terms.day.of_instructors:
            yield from self._days_of(self.instructors, terms.day.pattern, of_curricula=False)
        if terms.week is not None:
            yield from self._weeks_of(terms.week)

    def _clashes(self) -> Costs:
        busy = self.by_part > 0
        apart = self.board.apart(self.section)
        beside = {reason: self.board.beside_parts(self.lecture, others)[0] for reason, others in apart.items()}
        costs: Costs = {reason: self._over(busy[others].sum(axis=0), self.newly) for reason, others in beside.items()}
        others, shared = self.board.sharing(self.section)
        free = ~np.isin(others, np.concatenate(list(apart.values())))
        parts, row = self.board.beside_parts(self.lecture, others[free])
        costs["student_clash"] = self._over(shared[free][row] @ busy[parts], self.newly)
        return costs

    def _own_parts(self) -> LongArray:
        """Lectures of the same section in other weeks, some of which they share with this one."""
        parts, _ = self.board.beside_parts(self.lecture, np.array([self.section], dtype=np.int32))
        return self._over((self.by_part[parts[parts != self.part]] > 0).sum(axis=0), self.newly)

    def _in_kinds(self, busy: NDArray[np.bool_], sections: IntArray) -> list[NDArray[np.bool_]]:
        """Of each kind of week the sections' rows, or those of their parts that are held then."""
        if self.parts.num_kinds == 1:
            return [busy[sections]]
        mine = np.isin(self.parts.owner, sections)
        return [busy[mine & held] for held in self.parts.held]

    def _closed(self) -> NDArray[np.bool_]:
        open_: NDArray[np.bool_] = self.problem.section_available[self.section]
        return ~(open_ & self.problem.instructor_available[self.instructors].all(axis=0))

    def _broken(self) -> LongArray:
        goes_on = self.occupied[:, 1:] & self.occupied[:, :-1]
        crosses = goes_on @ np.tile(self.problem.break_after, self.problem.num_days)[:-1]
        found: LongArray = (crosses | (self.occupied.sum(axis=1) < self.length)).astype(np.int64)
        return found

    def _blocked(self) -> LongArray:
        blocked = np.zeros(len(self.day), dtype=np.int64)
        rows = self.problem.blocked_starts
        blocked[rows[rows[:, 0] == self.lecture, 1]] = 1
        return blocked

    def _days_short(self) -> LongArray:
        used = (self.by_section[self.section] > 0).reshape(self.problem.num_days, -1).any(axis=1)
        wanted = int(self.problem.section_min_days[self.section])
        before = max(0, wanted - int(used.sum()))
        after: LongArray = np.maximum(0, wanted - used.sum() - ~used)[self.day]
        return after - before

    def _pairs(self, rows: IntArray, *, is_hard: bool) -> Iterator[LongArray]:
        """Lectures to which this one should stand in some way; those without a place do not count."""
        starts, slot, length = np.arange(len(self.day), dtype=np.int32), self.board.solution.slot, self.problem.lecture_length
        place = self.problem.week_slot
        rows = rows[((rows[:, 0] == self.lecture) | (rows[:, 1] == self.lecture)) & (rows[:, 0] != rows[:, 1])]
        for a, b, kind, days, hard, soft in rows.tolist():
            mate, units = b if a == self.lecture else a, hard if is_hard else soft
            if units and self.board.is_placed(mate):
                there: IntArray = np.full_like(place, place[slot[mate]])
                first, second = (place, there) if a == self.lecture else (there, place)
                lengths = (int(length[a]), int(length[b]))
                wrong = pairs_wrong(kind, np.full_like(starts, days), first, second, lengths, self.problem.periods_per_day)
                yield wrong.astype(np.int64) * units

    def _set_rules(self) -> Costs:
        """What the rules on the times of the section's sets come to cost, for each start."""
        problem, found = self.problem, {"set_rule_required": np.zeros_like(self.day, dtype=np.int64)}
        found["set_rule_preferred"] = np.zeros_like(self.day, dtype=np.int64)
        busy = self.by_part > 0
        for number, measure, block, least, most, empty, looks, factor in problem.set_rules.tolist():
            sections = problem.rule_sets[number]
            if self.section not in sections:
                continue
            looked = problem.rule_slots[looks].reshape(problem.num_days, problem.periods_per_day)
            meeting = np.stack([rows.any(axis=0) for rows in self._in_kinds(busy, sections)])[:, None]  # [K, 1, T]
            after = np.repeat(meeting, problem.num_timeslots, axis=1)
            after[self.kinds] |= self.newly
            then, now = (
                rule_units(measure, block, least, most, empty != 0, each.reshape(*each.shape[:2], *looked.shape), looked)
                for each in (after, meeting)
            )
            name = "set_rule_preferred" if factor else "set_rule_required"
            found[name] += (then.max(axis=0).sum(axis=-1) - now.max(axis=0).sum(axis=-1)) * (factor or 1)
        return {name: cost for name, cost in found.items() if CONSTRAINTS[name].applies(problem)}

    def _days_of(self, groups: NDArray[np.int32], pattern: Pattern, *, of_curricula: bool) -> Iterator[LongArray]:
        """What the days of the section's curricula, or instructors, come to cost by the pattern."""
        for group, before, after in self._days_shown(groups, of_curricula=of_curricula):
            then, now = (pattern_units(pattern, days, self.problem, group, of_curricula=of_curricula) for days in (after, before))
            yield then.max(axis=0) - now.max(axis=0)

    def _weeks_of(self, week: WeekPattern) -> Iterator[LongArray]:
        """What the weeks of the section's instructors come to cost by the pattern."""
        problem = self.problem
        most, is_open, afternoon = week.most(problem), problem.open_days[self.day], problem.afternoon
        for instructor, before, after in self._days_shown(self.instructors, of_curricula=False):
            of_day = busy_blocks(week, before, is_open, afternoon)
            now = of_day[:, :: problem.periods_per_day].sum(axis=1)[:, None]  # each day stands there once for each start in it
            then = now - of_day + busy_blocks(week, after, is_open, afternoon)
            yield beyond_most(then.max(axis=0), most[instructor]) - beyond_most(now.max(axis=0), most[instructor])

    def _days_shown(self, groups: NDArray[np.int32], *, of_curricula: bool) -> list[tuple[int, LongArray, LongArray]]:
        """Each group with the day of each start, without the lecture and with it: [kind of week, start, period]. Laid out once for all
        patterns."""
        if of_curricula not in self._days:
            members = self.board.curriculum_sections if of_curricula else self.board.instructor_sections
            busy, shape = self.by_part > 0, (self.problem.num_days, self.problem.periods_per_day)
            starts, shown = np.arange(len(self.day)), []
            for group in groups.tolist():
                meeting = np.stack([rows.sum(axis=0, dtype=np.int64) for rows in self._in_kinds(busy, members[group])])  # [K, T]
                after = np.repeat(meeting[:, None], len(self.day), axis=1)
                after[self.kinds] += self.newly
                after = after.reshape(len(meeting), -1, *shape)[:, starts, self.day]
                shown.append((group, meeting.reshape(-1, *shape)[:, self.day], after))
            self._days[of_curricula] = shown
        return self._days[of_curricula]

    # What the room costs.

    def rooms(self) -> Costs:
        problem, section, lecture = self.problem, self.section, self.lecture
        size, pin = int(problem.section_size[section]), int(problem.lecture_pin_room[lecture])
        required = int(problem.lecture_room_kind[lecture])
        costs: Costs = {
            "room_type": (problem.room_kind != required) * (required != ANY),
            "room_features": (problem.lecture_features[lecture] & ~problem.room_features).any(axis=1),
            "pin": (np.arange(problem.num_rooms) != pin) * (pin != ANY),
            "room_stability": self._new_rooms(required),
        }
        if problem.capacity_is_hard:
            costs["room_too_small"] = (size > problem.room_limit).astype(np.int64)
        if "one_room" in self.board.weights:
            costs["one_room"] = self._new_rooms(None) * int(problem.section_one_room[section])
        for each in self.board.with_terms:
            if each.terms.section_rooms is not None:
                costs[each.id] = each.terms.section_rooms(problem, np.array([section], dtype=np.int32))[0].astype(np.int64)
        return self._weighed(costs)

    def _new_rooms(self, required: int | None) -> LongArray:
        """1 for a room that the section's lectures of this kind (None: of any) do not use yet, where they use one."""
        board, lectures = self.board, self.board.section_lectures[self.section]
        is_kind = self.problem.lecture_room_kind[lectures] == required if required is not None else True
        same = lectures[(lectures != self.lecture) & is_kind]
        rooms = {int(board.solution.room[other]) for other in same.tolist() if board.is_placed(other)}
        is_new = np.ones(self.problem.num_rooms, dtype=np.int64)
        is_new[list(rooms)] = 0
        return is_new if rooms else np.zeros_like(is_new)

    def rooms_at_times(self) -> Costs:
        problem = self.problem
        # A room is fuller where the lecture's fullest week there is the fullest of all.
        fullest, own = self.week_rooms.max(axis=0), self.week_rooms[self.kinds].max(axis=0)
        full = (own >= problem.room_places[:, None]) & (own == fullest)
        costs: Costs = {
            "room_clash": self._over(full.T, self.occupied),
            "room_availability": self._over(~problem.room_available.T, self.occupied),
        }
        for each in self.board.with_terms:
            table = None if each.terms.room_slots is None else each.terms.room_slots(problem)
            if table is not None and table.size:
                costs[each.id] = self._over(table.T, self.occupied)
        if "building_changes" in self.board.weights:
            costs["building_changes"] = self._building_changes()
        if "double_lectures" in self.board.weights:
            costs["double_lectures"] = self._single_lectures()
        return self._weighed(costs)

    def _building_changes(self) -> LongArray:
        """``[T, R]`` lectures of the section's curricula right before or after each start, in another building than each room's."""
        problem, solution = self.problem, self.board.solution
        buildings = problem.room_building
        near = np.zeros((problem.num_timeslots, int(buildings.max(initial=0)) + 1), dtype=np.int64)
        for curriculum in self.curricula.tolist():
            for section in self.board.curriculum_sections[curriculum].tolist():
                for other in self.board.section_lectures[section].tolist():
                    if other == self.lecture or not self.board.share_a_week(self.lecture, other):
                        continue
                    if self.board.is_placed(other) and buildings[solution.room[other]] != ANY:
                        near[self._beside(other), buildings[solution.room[other]]] += 1
        found: LongArray = (near.sum(axis=1)[:, None] - near[:, np.maximum(buildings, 0)]) * (buildings != ANY)
        return found

    def _single_lectures(self) -> LongArray:
        """``[T, R]`` how many lectures of the section stand alone in the day of each start, more than without this one."""
        problem, solution = self.problem, self.board.solution
        found = np.zeros((problem.num_timeslots, problem.num_rooms), dtype=np.int64)
        if not (problem.section_grouped.size and problem.section_grouped[self.section]):
            return found
        others = [n for n in self.board.section_lectures[self.section].tolist() if n != self.lecture and self.board.is_placed(n)]
        share = self.board.share_a_week
        beside = {other: self._beside(other) for other in others}
        for day in range(problem.num_days):
            here = [other for other in others if solution.slot[other] // problem.periods_per_day == day]
            slots = slice(day * problem.periods_per_day, (day + 1) * problem.periods_per_day)
            stands_alone = np.ones((problem.num_timeslots, problem.num_rooms), dtype=bool)
            near = [other for other in here if share(other, self.lecture)]
            for other in near:
                stands_alone[beside[other], solution.room[other]] = False
                related = [mate for mate in here if mate != other and share(mate, other)]
                if not any(self._adjoin(other, mate) for mate in related):
                    alone = np.ones((problem.num_timeslots, problem.num_rooms), dtype=np.int64)
                    alone[beside[other], solution.room[other]] = 0
                    found[slots] += (alone - (len(related) > 0))[slots]
            found[slots] += stands_alone[slots] * (len(near) > 0)
        return found

    def _beside(self, other: int) -> list[int]:
        """The starts at which this lecture would stand right before or right after another one, in its day."""
        start, periods = int(self.board.solution.slot[other]), self.problem.periods_per_day
        starts = (start - self.length, start + int(self.problem.lecture_length[other]))
        return [each for each in starts if 0 <= each < self.problem.num_timeslots and each // periods == start // periods]

    def _adjoin(self, one: int, other: int) -> bool:
        slot, room, length = self.board.solution.slot, self.board.solution.room, self.problem.lecture_length
        return bool(room[one] == room[other]) and slot[other] in (slot[one] + length[one], slot[one] - length[other])
