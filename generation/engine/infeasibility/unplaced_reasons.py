"""Why a lecture has no place: each start in the week with what blocks it, and what would have to move.

By ids and values, those of `generation.engine.evaluation.violations`; `generation.text.violations` makes sentences of them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from generation.engine.constraints.base import WeekPattern
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.day_patterns import above_daily, above_run, beyond_most, busy_blocks, rule_units
from generation.engine.evaluation.violations import MEASURES, Value, name_or_index, relation_value, section_labels, slot_value
from generation.engine.model.domains import Openings
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import ANY, ANY_MOST, BEFORE, BEFORE_IN_DAY, CONSECUTIVE, UNPLACED, BoolArray, IntArray, Problem
from generation.engine.model.schedule import SlotLectures, Timetable
from generation.engine.model.solution import Solution

MOST_WAYS = 3
MOST_ROOMS = 12  # whose lectures are asked to move
MOST_REASONS = 4  # named in one message; all are counted
MOST_WHO = 2  # of those whom one reason is about, the ones that it is about most often
LIMIT_S = 2.0  # 20 ms a lecture at the reference scale: who has hundreds without a place has another problem


@dataclass(frozen=True, slots=True)
class Reason:
    """What rules out so many starts of the week, and whom or what it is about."""

    id: str
    num_starts: int
    who: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A start that would be free if something moved or opened; cheaper ones first."""

    id: str
    cost: int
    slot: int
    values: tuple[Value, ...]  # the start first


@dataclass(frozen=True, slots=True)
class Unplaced:
    """One lecture without a place. ``blocked`` counts each start of the week once, under the first reason that rules it out.

    ``reasons``: those that rule out most, with whom they are about.
    """

    lecture: int
    section: str
    num_periods: int
    blocked: dict[str, int]
    reasons: tuple[Reason, ...]
    ways: tuple[Way, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "starts": sum(self.blocked.values()),
            "reasons": [[each.id, each.num_starts, list(each.who)] for each in self.reasons],
            "ways": [[each.id, list(each.values)] for each in self.ways],
        }


def unplaced_reasons(problem: Problem, solution: Solution, *, limit_s: float = LIMIT_S) -> list[Unplaced]:
    """The lectures without a place, each with its reasons; the first of them where all would take longer than `limit_s`."""
    if not np.any((solution.slot < 0) | (solution.room < 0)):
        return []
    ends_at = time.monotonic() + limit_s
    search = _Reasons(problem, solution)
    found: list[Unplaced] = []
    for lecture in search.timetable.unplaced:
        if found and time.monotonic() > ends_at:
            break
        found.append(search.of(lecture))
    return found


class _Reasons:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.facts = Openings(problem)
        self.timetable = Timetable(problem, solution)
        self.names = problem.names
        self.labels = section_labels(problem)
        self._rooms_of: dict[int, IntArray] = {}
        self._places: dict[int, list[int]] = {}
        self._free_rooms: dict[tuple[int, ...], BoolArray] = {}

    def _room_free(self, lecture: int) -> BoolArray:
        """``[R, T]`` open, and nobody there in weeks of the lecture (or fewer than may share the room)."""
        t = self.timetable
        weeks = [week for week in t.kinds if week & t.weeks[lecture]]
        if tuple(weeks) not in self._free_rooms:
            self._free_rooms[tuple(weeks)] = free = self.problem.room_available.copy()
            places = self.problem.room_places.tolist()
            for room, meetings in t.by_room.items():
                for week in weeks if len(t.kinds) > 1 else [0]:
                    held = t.in_week(meetings, week) if week else meetings
                    free[room, [slot for slot, lectures in held.items() if len(lectures) >= places[room]]] = False
        return self._free_rooms[tuple(weeks)]

    @cached_property
    def apart(self) -> dict[int, set[int]]:
        """By section, those that must not overlap with it for neither instructor nor curriculum."""
        found: dict[int, set[int]] = {}
        for (a, b), reason in self.facts.relations.clash_reason.items():
            if reason == "no_overlap":
                found.setdefault(a, set()).add(b)
                found.setdefault(b, set()).add(a)
        return found

    def of(self, lecture: int) -> Unplaced:
        blocked: Counter[str] = Counter()
        concerned: dict[str, Counter[Value]] = {}
        ways: list[Way] = []
        for slot in range(self.problem.num_timeslots):
            reason, who = self._first_reason(lecture, slot)
            blocked[reason] += 1
            concerned.setdefault(reason, Counter()).update(who)
            ways += self._ways(lecture, slot, reason)
        ways.sort(key=lambda way: (way.cost, way.slot))
        first_ways: dict[tuple[str, tuple[Value, ...]], Way] = {}
        for way in ways[: 3 * MOST_WAYS]:
            first_ways.setdefault((way.id, way.values), way)
        return Unplaced(
            lecture,
            self._section(lecture)[1],
            self.timetable.length[lecture],
            dict(blocked.most_common()),
            tuple(
                Reason(self._reason_id(lecture, reason), number, tuple(who for who, _ in concerned[reason].most_common(MOST_WHO)))
                for reason, number in blocked.most_common(MOST_REASONS)
            ),
            tuple(first_ways.values())[:MOST_WAYS],
        )

    def _reason_id(self, lecture: int, reason: str) -> str:
        """Of a lecture that is fixed to a room, what concerns rooms concerns that one."""
        is_fixed = self.problem.lecture_pin_room[lecture] != ANY and reason in ("no_room", "rooms_closed", "rooms_taken")
        return f"{reason}_fixed" if is_fixed else reason

    def _section(self, lecture: int) -> Value:
        return "section", self.labels[self.timetable.section[lecture]]

    def _instructor(self, instructor: int) -> Value:
        return "instructor", self.names.instructors[instructor]

    def _room(self, room: int) -> Value:
        return "room", self.names.rooms[room]

    def _time(self, slot: int) -> Value:
        return slot_value(self.problem, slot)

    def _need(self, lecture: int) -> Value:
        """What a lecture requires of its room: the kind, the seats, the features."""
        problem, names = self.problem, self.names
        kind = int(problem.lecture_room_kind[lecture])
        seats = int(problem.section_size[problem.lecture_section[lecture]]) if problem.capacity_is_hard else 0
        features = tuple(name_or_index(names.features, feature) for feature in problem.lecture_features[lecture].nonzero()[0].tolist())
        return "need", None if kind == ANY else name_or_index(names.room_kinds, kind), seats, features

    def _slots(self, lecture: int, slot: int) -> range:
        return range(slot, slot + self.timetable.length[lecture])

    def _first_reason(self, lecture: int, slot: int) -> tuple[str, list[Value]]:
        """What rules a start out, what is hardest to change first; ``free`` where nothing does."""
        problem, section = self.problem, self.timetable.section[lecture]
        if not self._starts[self.timetable.length[lecture]][slot]:
            return "break", []
        if problem.lecture_pin_slot[lecture] not in (ANY, slot):
            return "pin", []
        if not self._may_start(lecture, slot):
            return "starts", []
        slots = self._slots(lecture, slot)
        if not problem.section_available[section, slots.start : slots.stop].all():
            return "section_times", []
        away = [i for i in self.timetable.instructors[section] if not problem.instructor_available[i, slots.start : slots.stop].all()]
        if away:
            return "instructor_times", [self._instructor(i) for i in away]
        for reason, who, lectures in self._people(lecture, slots):
            if lectures:
                return reason, [who]
        tied = self._wrong_pairs(lecture, slot)
        if tied:
            return "pair", tied
        limited = self._limits(lecture, slots) or self._set_limits(lecture, slots)
        if limited:
            return limited
        if not len(self._rooms(lecture)):
            pin = int(problem.lecture_pin_room[lecture])
            return "no_room", [self._need(lecture) if pin == ANY else self._room(pin)]
        return self._room_reason(lecture, slots)

    def _limits(self, lecture: int, slots: range) -> tuple[str, list[Value]] | None:
        """An instructor's hard limits of a day, on end or of the week that the lecture would exceed there."""
        problem = self.problem
        for instructor in self.timetable.instructors[self.timetable.section[lecture]]:
            first, then = self._weeks(lecture, [self.timetable.by_instructor.get(instructor, {})], slots)
            daily, run = int(problem.instructor_max_daily[instructor]), int(problem.instructor_max_consecutive[instructor])
            if problem.daily_load_is_hard and (above_daily(then, daily).max(axis=0) > above_daily(first, daily).max(axis=0)).any():
                return "daily", [self._instructor(instructor)]
            if problem.consecutive_load_is_hard and above_run(then, run).max(axis=0).sum() > above_run(first, run).max(axis=0).sum():
                return "on_end", [self._instructor(instructor)]
            for name, week in self._hard_weeks:
                busy = busy_blocks(week, np.stack([first, then]), problem.open_days, problem.afternoon).sum(axis=-1)
                short = beyond_most(busy, week.most(problem)[instructor]).max(axis=1)
                if short[1] > short[0]:
                    return name, [self._instructor(instructor)]
        return None

    def _weeks(self, lecture: int, meetings: list[SlotLectures], slots: range) -> tuple[BoolArray, BoolArray]:
        """``[K, D, P]`` when there is anything of these in each kind of week, without the lecture and with it."""
        t, problem = self.timetable, self.problem
        before = np.zeros((len(t.kinds), problem.num_timeslots), dtype=np.bool_)
        after = before.copy()
        for kind, week in enumerate(t.kinds):
            for each in meetings:
                before[kind, list(t.in_week(each, week) if len(t.kinds) > 1 else each)] = True
            after[kind] = before[kind]
            if len(t.kinds) == 1 or t.weeks[lecture] & week:
                after[kind, slots.start : slots.stop] = True
        shape = (len(t.kinds), problem.num_days, problem.periods_per_day)
        return before.reshape(shape), after.reshape(shape)

    def _set_limits(self, lecture: int, slots: range) -> tuple[str, list[Value]] | None:
        """The rules on sets of its section that the lecture would break there."""
        problem, shape = self.problem, (self.problem.num_days, self.problem.periods_per_day)
        for number, measure, block, least, most, empty, looks in self._hard_set_rules.get(self.timetable.section[lecture], ()):
            members = [self.timetable.by_section.get(member, {}) for member in problem.rule_sets[number].tolist()]
            looked = problem.rule_slots[looks].reshape(shape)
            limits = (measure, block, least, most, empty != 0)
            weeks = self._weeks(lecture, members, slots)
            now, then = (rule_units(*limits, each, looked).max(axis=0).sum() for each in weeks)
            if then > now:
                return "set_rule", [("limit", MEASURES[measure], *(("most", most) if most != ANY_MOST else ("least", least)))]
        return None

    @cached_property
    def _hard_set_rules(self) -> dict[int, list[list[int]]]:
        """By section, the hard rules on the sets that it is in."""
        found: dict[int, list[list[int]]] = {}
        for *rule, factor in self.problem.set_rules.tolist():
            if factor == 0:
                for section in set(self.problem.rule_sets[rule[0]].tolist()):
                    found.setdefault(section, []).append(rule)
        return found

    @cached_property
    def _hard_weeks(self) -> list[tuple[str, WeekPattern]]:
        """What the free days and half-days that instructors must have are called as reasons, and their terms."""
        named = {"free_days_required": "free_days", "free_half_days_required": "free_half_days"}
        of_week = ((name, CONSTRAINTS[each]) for each, name in named.items())
        return [(name, each.terms.week) for name, each in of_week if each.terms.week is not None and each.applies(self.problem)]

    def _may_start(self, lecture: int, slot: int) -> bool:
        """Whether the rules let it begin then."""
        allowed = self.facts.allowed_starts
        return lecture not in allowed or bool(allowed[lecture][slot])

    @cached_property
    def _pairs(self) -> dict[int, list[tuple[int, int, int, int]]]:
        """By lecture, the hard rules about it and another one."""
        found: dict[int, list[tuple[int, int, int, int]]] = {}
        for a, b, kind, days, factor in self.problem.lecture_pairs.tolist():
            if factor == 0 and a != b:
                for lecture in (a, b):
                    found.setdefault(lecture, []).append((a, b, kind, days))
        return found

    @cached_property
    def _tied(self) -> dict[int, list[int]]:
        """By lecture, those that must start together with it."""
        found: dict[int, list[int]] = {}
        for a, b in self.problem.same_start[self.problem.joint_is_hard].tolist():
            if a != b:
                found.setdefault(a, []).append(b)
                found.setdefault(b, []).append(a)
        return found

    def _wrong_pairs(self, lecture: int, slot: int) -> list[Value]:
        """The lectures to which this one would not stand as it must, if it started then, each with the rule."""
        t, place = self.timetable, self.problem.week_slot
        wrong: list[Value] = []
        for a, b, kind, days in self._pairs.get(lecture, ()):
            other = b if a == lecture else a
            starts = [place[[slot if each == lecture else t.start[each]]] for each in (a, b)]
            fits = pairs_fit(kind, days, starts[0], starts[1], (t.length[a], t.length[b]), self.problem.periods_per_day)
            if t.start[other] >= 0 and not fits[0]:
                order = ("first" if a == lecture else "second") if kind in (BEFORE, CONSECUTIVE, BEFORE_IN_DAY) else ""
                wrong.append(("pair", self._section(other)[1], relation_value(self.problem, kind, days), order))
        tied = [mate for mate in self._tied.get(lecture, ()) if t.start[mate] not in (UNPLACED, slot)]
        together: Value = ("relation", "together", 0, "")
        return wrong + [("pair", self._section(mate)[1], together, "") for mate in tied]

    @cached_property
    def _starts(self) -> dict[int, BoolArray]:
        everywhere = np.ones(self.problem.num_timeslots, dtype=np.bool_)
        return {length: self.facts.starts(everywhere, length) for length in set(self.timetable.length)}

    def _people(self, lecture: int, slots: range) -> Iterator[tuple[str, Value, set[int]]]:
        """Everybody who has to be there, with what they have then."""
        t, section = self.timetable, self.timetable.section[lecture]
        for instructor in t.instructors[section]:
            yield "instructor", self._instructor(instructor), self._there(t.by_instructor.get(instructor), slots, lecture)
        yield "section", ("section", self.labels[section]), self._there(t.by_section.get(section), slots, lecture)
        for curriculum in t.curricula[section]:
            found = self._there(t.by_curriculum.get(curriculum), slots, lecture)
            yield "curriculum", ("curriculum", self.names.curricula[curriculum]), found
        for other in sorted(self.apart.get(section, ())):
            yield "apart", ("section", self.labels[other]), self._there(t.by_section.get(other), slots, lecture)

    def _there(self, meetings: SlotLectures | None, slots: range, lecture: int) -> set[int]:
        """What there is of it in these timeslots, in weeks of the lecture."""
        weeks, own = self.timetable.weeks, self.timetable.weeks[lecture]
        return {other for slot in slots for other in meetings.get(slot, ()) if weeks[other] & own} if meetings else set()

    def _rooms(self, lecture: int) -> IntArray:
        """The suitable rooms."""
        rooms = self.facts.suitable_rooms[lecture]
        if rooms not in self._rooms_of:
            self._rooms_of[rooms] = np.array([room for room in range(self.problem.num_rooms) if rooms >> room & 1], dtype=np.int32)
        return self._kept_to_one(lecture, self._rooms_of[rooms])

    def _kept_to_one(self, lecture: int, rooms: IntArray) -> IntArray:
        """Of a section that must keep one room, those of the rooms that it is in already, if it is in any."""
        section = int(self.problem.lecture_section[lecture])
        if not (self.problem.section_one_room.size and self.problem.section_one_room[section]):
            return rooms
        used = {self.timetable.room[other] for other in self.timetable.placed if self.timetable.section[other] == section}
        return rooms[np.isin(rooms, sorted(used))] if used else rooms

    def _which(self, rooms: IntArray, table: BoolArray, slots: range) -> list[int]:
        """Those of the rooms for which the table is true all the while."""
        found: list[int] = rooms[table[rooms, slots.start : slots.stop].all(axis=1)].tolist()
        return found

    def _sitting(self, room: int, slots: range, lecture: int) -> set[int]:
        return self._there(self.timetable.by_room.get(room), slots, lecture)

    def _room_reason(self, lecture: int, slots: range) -> tuple[str, list[Value]]:
        rooms = self._rooms(lecture)
        open_ = self._which(rooms, self.problem.room_available, slots)
        if not open_:
            return "rooms_closed", [self._room(room) for room in rooms[:MOST_WHO]]
        if not self._which(rooms, self._room_free(lecture), slots):
            return "rooms_taken", [self._room(room) for room in open_[:MOST_WHO]]
        return "free", []

    # What would have to move.

    def _ways(self, lecture: int, slot: int, reason: str) -> Iterator[Way]:
        """How this start could be freed, where one thing is enough."""
        if reason in (
            "break",
            "pin",
            "starts",
            "section_times",
            "no_room",
            "daily",
            "on_end",
            "free_days",
            "free_half_days",
            "set_rule",
        ) or self._wrong_pairs(lecture, slot):
            return
        slots, when = self._slots(lecture, slot), self._time(slot)
        busy = set().union(*(lectures for _, _, lectures in self._people(lecture, slots)))
        away = reason == "instructor_times"
        room, _ = self._room_reason(lecture, slots)
        if reason == "free":
            yield Way("fits", 0, slot, (when,))
        elif away and not busy and room == "free":
            who = [i for i in self.timetable.instructors[self.timetable.section[lecture]] if not self._is_available(i, slots)]
            if len(who) == 1:
                yield Way("available", 3, slot, (when, self._instructor(who[0])))
        elif not away and len(busy) == 1 and room == "free":
            yield from self._move(slot, when, busy.pop(), slots)
        elif not away and not busy and room == "rooms_taken":
            for taken in self._which(self._rooms(lecture), self.problem.room_available, slots)[:MOST_ROOMS]:
                sitting = self._sitting(taken, slots, lecture)
                if len(sitting) == 1:
                    yield from self._move(slot, when, sitting.pop(), slots)
        elif not away and not busy and room == "rooms_closed":
            yield Way("open_room", 2, slot, (when, self._room(int(self._rooms(lecture)[0]))))

    def _is_available(self, instructor: int, slots: range) -> bool:
        return bool(self.problem.instructor_available[instructor, slots.start : slots.stop].all())

    def _move(self, slot: int, when: Value, other: int, kept_free: range) -> Iterator[Way]:
        """Another lecture would have to go; better one that has somewhere to go."""
        if self.problem.lecture_pin_slot[other] != ANY:
            return
        section, place = self._section(other), self._free_place(other, kept_free)
        if place is None:
            yield Way("move_away", 5, slot, (when, section))
        else:
            yield Way("move", 1, slot, (when, section, self._time(place)))

    def _free_place(self, other: int, kept_free: range) -> int | None:
        """A start where a placed lecture could go without anything else moving."""
        if other not in self._places:
            self._places[other] = [slot for slot in range(self.problem.num_timeslots) if self._is_free(other, slot)]
        return next((slot for slot in self._places[other] if not set(self._slots(other, slot)) & set(kept_free)), None)

    def _is_free(self, lecture: int, slot: int) -> bool:
        section, slots = self.timetable.section[lecture], self._slots(lecture, slot)
        if not self._starts[self.timetable.length[lecture]][slot] or not self._may_start(lecture, slot):
            return False
        if not self.facts.section_open[section, slots.start : slots.stop].all():
            return False
        if self._wrong_pairs(lecture, slot):
            return False
        if any(lectures - {lecture} for _, _, lectures in self._people(lecture, slots)) or self._limits(lecture, slots):
            return False
        return bool(self._which(self._rooms(lecture), self._room_free(lecture), slots))
