"""Why a lecture has no place: each start in the week with what blocks it, and what would have to move."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.engine.evaluation.day_patterns import above_daily, above_run
from generation.engine.model.domains import Openings
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import ANY, BEFORE, CONSECUTIVE, UNPLACED, BoolArray, IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.model.text import BLOCKED, BLOCKED_FIXED, Count, listed, pair_words

MOST_WAYS = 3
MOST_ROOMS = 12  # whose lectures are asked to move
MOST_REASONS = 4  # told in one message; all are counted
LIMIT_S = 2.0  # 20 ms a lecture at the reference scale: who has hundreds without a place has another problem


@dataclass(frozen=True, slots=True)
class Unplaced:
    """One lecture without a place. ``blocked`` counts each start of the week once, under the first reason that rules it out."""

    lecture: int
    section: str
    blocked: dict[str, int]
    message: str
    suggestion: str
    ways: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "lecture": self.lecture,
            "section": self.section,
            "blocked": dict(self.blocked),
            "message": self.message,
            "ways": list(self.ways),
        }


@dataclass(frozen=True, slots=True)
class _Way:
    """A start that would be free if something moved or opened; cheaper ones first."""

    cost: int
    slot: int
    words: str


def unplaced_told(problem: Problem, solution: Solution, *, limit_s: float = LIMIT_S) -> list[Unplaced]:
    """The lectures without a place, each with its reasons; the first of them where all would take longer than `limit_s`."""
    if not np.any((solution.slot < 0) | (solution.room < 0)):
        return []
    ends_at = time.monotonic() + limit_s
    teller = _Teller(problem, solution)
    told: list[Unplaced] = []
    for lecture in teller.timetable.unplaced:
        if told and time.monotonic() > ends_at:
            break
        told.append(teller.told(lecture))
    return told


class _Teller:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.facts = Openings(problem)
        self.timetable = Timetable(problem, solution)
        self.names = problem.names
        self._rooms_of: dict[int, IntArray] = {}
        self._places: dict[int, list[int]] = {}

    @cached_property
    def room_free(self) -> BoolArray:
        """``[R, T]`` open, and nobody there (or fewer than may share the room)."""
        free = self.problem.room_available.copy()
        places = self.problem.room_places.tolist()
        for room, meetings in self.timetable.by_room.items():
            free[room, [slot for slot, lectures in meetings.items() if len(lectures) >= places[room]]] = False
        return free

    @cached_property
    def apart(self) -> dict[int, set[int]]:
        """By section, those that must not overlap with it for neither instructor nor curriculum."""
        found: dict[int, set[int]] = {}
        for (a, b), reason in self.facts.relations.clash_reason.items():
            if reason == "no_overlap":
                found.setdefault(a, set()).add(b)
                found.setdefault(b, set()).add(a)
        return found

    def told(self, lecture: int) -> Unplaced:
        blocked: Counter[str] = Counter()
        concerned: dict[str, Counter[str]] = {}
        ways: list[_Way] = []
        for slot in range(self.problem.num_timeslots):
            reason, who = self._first_reason(lecture, slot)
            blocked[reason] += 1
            concerned.setdefault(reason, Counter()).update(who)
            ways += self._ways(lecture, slot, reason)
        ways.sort(key=lambda way: (way.cost, way.slot))
        told = tuple(dict.fromkeys(way.words for way in ways[: 3 * MOST_WAYS]))[:MOST_WAYS]
        section = self.facts.section(self.timetable.section[lecture])
        message = (
            f"{section} has no timeslot and room yet ({Count(self.timetable.length[lecture]):period}): "
            f"{self._reasons(lecture, blocked, concerned)}."
        )
        suggestion = " ".join(told) if told else BLOCKED["nothing_near"]
        return Unplaced(lecture, section, dict(blocked.most_common()), message, suggestion, told)

    def _reasons(self, lecture: int, blocked: Counter[str], concerned: dict[str, Counter[str]]) -> str:
        """``of 36 starts, 12 have Dr Rao teaching something else, ...``"""
        parts = []
        words = BLOCKED if self.problem.lecture_pin_room[lecture] == ANY else {**BLOCKED, **BLOCKED_FIXED}
        for reason, number in blocked.most_common(MOST_REASONS):
            who = listed([name for name, _ in concerned[reason].most_common(2)])
            parts.append(f"{number} {words[reason].format(who=who)}")
        rest = sum(blocked.values()) - sum(number for _, number in blocked.most_common(MOST_REASONS))
        if rest:
            parts.append(f"{rest} for other reasons")
        return f"of the week's {self.problem.num_timeslots} starts, {', '.join(parts)}"

    def _slots(self, lecture: int, slot: int) -> range:
        return range(slot, slot + self.timetable.length[lecture])

    def _first_reason(self, lecture: int, slot: int) -> tuple[str, list[str]]:
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
            return "instructor_times", [self.names.instructors[i] for i in away]
        for reason, name, lectures in self._people(lecture, slots):
            if lectures:
                return reason, [name]
        tied = self._wrong_pairs(lecture, slot)
        if tied:
            return "pair", tied
        limited = self._limits(lecture, slots)
        if limited:
            return limited
        if not len(self._rooms(lecture)):
            pin = int(problem.lecture_pin_room[lecture])
            return "no_room", [self.facts.need(lecture) if pin == ANY else self.names.rooms[pin]]
        return self._room_reason(lecture, slots)

    def _limits(self, lecture: int, slots: range) -> tuple[str, list[str]] | None:
        """An instructor's hard limits of a day or on end that the lecture would exceed there, beside what is taught already."""
        problem = self.problem
        for instructor in self.timetable.instructors[self.timetable.section[lecture]]:
            before = np.zeros(problem.num_timeslots, dtype=np.bool_)
            before[list(self.timetable.by_instructor.get(instructor, ()))] = True
            after = before.copy()
            after[slots.start : slots.stop] = True
            first, then = (each.reshape(problem.num_days, -1) for each in (before, after))
            daily, run = int(problem.instructor_max_daily[instructor]), int(problem.instructor_max_consecutive[instructor])
            if problem.daily_load_is_hard and (above_daily(then, daily) > above_daily(first, daily)).any():
                return "daily", [self.names.instructors[instructor]]
            if problem.consecutive_load_is_hard and above_run(then, run).sum() > above_run(first, run).sum():
                return "on_end", [self.names.instructors[instructor]]
        return None

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
    def _mates(self) -> dict[int, list[int]]:
        """By lecture, those that must start together with it."""
        found: dict[int, list[int]] = {}
        for a, b in self.problem.same_start[self.problem.joint_is_hard].tolist():
            if a != b:
                found.setdefault(a, []).append(b)
                found.setdefault(b, []).append(a)
        return found

    def _wrong_pairs(self, lecture: int, slot: int) -> list[str]:
        """The lectures to which this one would not stand as it must, if it started then, each with the rule."""
        t, wrong, place = self.timetable, [], self.problem.week_slot
        for a, b, kind, days in self._pairs.get(lecture, ()):
            other = b if a == lecture else a
            starts = [place[[slot if each == lecture else t.start[each]]] for each in (a, b)]
            fits = pairs_fit(kind, days, starts[0], starts[1], (t.length[a], t.length[b]), self.problem.periods_per_day)
            if t.start[other] >= 0 and not fits[0]:
                order = f", this one {'first' if a == lecture else 'second'}" if kind in (BEFORE, CONSECUTIVE) else ""
                wrong.append(
                    f"{self.facts.section(t.section[other])} as they must ({pair_words(kind, days, self.problem.first_day)}{order})"
                )
        mates = [mate for mate in self._mates.get(lecture, ()) if t.start[mate] not in (UNPLACED, slot)]
        return wrong + [f"{self.facts.section(t.section[mate])} as they must (starting together)" for mate in mates]

    @cached_property
    def _starts(self) -> dict[int, BoolArray]:
        everywhere = np.ones(self.problem.num_timeslots, dtype=np.bool_)
        return {length: self.facts.starts(everywhere, length) for length in set(self.timetable.length)}

    def _people(self, lecture: int, slots: range) -> Iterator[tuple[str, str, set[int]]]:
        """Everybody who has to be there, with what they have then."""
        t, section = self.timetable, self.timetable.section[lecture]
        for instructor in t.instructors[section]:
            yield "instructor", self.names.instructors[instructor], self._there(t.by_instructor.get(instructor), slots)
        yield "section", self.facts.section(section), self._there(t.by_section.get(section), slots)
        for curriculum in t.curricula[section]:
            yield "curriculum", self.names.curricula[curriculum], self._there(t.by_curriculum.get(curriculum), slots)
        for other in sorted(self.apart.get(section, ())):
            yield "apart", self.facts.section(other), self._there(t.by_section.get(other), slots)

    @staticmethod
    def _there(meetings: dict[int, list[int]] | None, slots: range) -> set[int]:
        return {lecture for slot in slots for lecture in meetings.get(slot, ())} if meetings else set()

    def _rooms(self, lecture: int) -> IntArray:
        """The suitable rooms."""
        rooms = self.facts.suitable_rooms[lecture]
        if rooms not in self._rooms_of:
            self._rooms_of[rooms] = np.array([room for room in range(self.problem.num_rooms) if rooms >> room & 1], dtype=np.int32)
        return self._rooms_of[rooms]

    def _which(self, rooms: IntArray, table: BoolArray, slots: range) -> list[int]:
        """Those of the rooms for which the table is true all the while."""
        found: list[int] = rooms[table[rooms, slots.start : slots.stop].all(axis=1)].tolist()
        return found

    def _sitting(self, room: int, slots: range) -> set[int]:
        return self._there(self.timetable.by_room.get(room), slots)

    def _room_reason(self, lecture: int, slots: range) -> tuple[str, list[str]]:
        rooms = self._rooms(lecture)
        open_ = self._which(rooms, self.problem.room_available, slots)
        if not open_:
            return "rooms_closed", [self.names.rooms[room] for room in rooms[:2]]
        if not self._which(rooms, self.room_free, slots):
            return "rooms_taken", [self.names.rooms[room] for room in open_[:2]]
        return "free", []

    # What would have to move.

    def _ways(self, lecture: int, slot: int, reason: str) -> Iterator[_Way]:
        """How this start could be freed, where one thing is enough."""
        if reason in ("break", "pin", "starts", "section_times", "no_room", "daily", "on_end") or self._wrong_pairs(lecture, slot):
            return
        slots, when = self._slots(lecture, slot), self.facts.time(slot)
        busy = set().union(*(lectures for _, _, lectures in self._people(lecture, slots)))
        away = reason == "instructor_times"
        room, _ = self._room_reason(lecture, slots)
        if reason == "free":
            yield _Way(0, slot, f"It fits on {when} as it is.")
        elif away and not busy and room == "free":
            who = [i for i in self.timetable.instructors[self.timetable.section[lecture]] if not self._is_available(i, slots)]
            if len(who) == 1:
                yield _Way(3, slot, f"It would fit on {when} if {self.names.instructors[who[0]]} were available then.")
        elif not away and len(busy) == 1 and room == "free":
            yield from self._move(slot, when, busy.pop(), slots)
        elif not away and not busy and room == "rooms_taken":
            for taken in self._which(self._rooms(lecture), self.problem.room_available, slots)[:MOST_ROOMS]:
                sitting = self._sitting(taken, slots)
                if len(sitting) == 1:
                    yield from self._move(slot, when, sitting.pop(), slots)
        elif not away and not busy and room == "rooms_closed":
            yield _Way(2, slot, f"It would fit on {when} if room {self.names.rooms[self._rooms(lecture)[0]]} were open then.")

    def _is_available(self, instructor: int, slots: range) -> bool:
        return bool(self.problem.instructor_available[instructor, slots.start : slots.stop].all())

    def _move(self, slot: int, when: str, other: int, kept_free: range) -> Iterator[_Way]:
        """Another lecture would have to go; better one that has somewhere to go."""
        if self.problem.lecture_pin_slot[other] != ANY:
            return
        name, place = self.facts.section(self.timetable.section[other]), self._free_place(other, kept_free)
        if place is None:
            yield _Way(5, slot, f"It would fit on {when} if the lecture of {name} moved away from there.")
        else:
            yield _Way(1, slot, f"It would fit on {when} if the lecture of {name} moved to {self.facts.time(place)}, which is free for it.")

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
        return bool(self._which(self._rooms(lecture), self.room_free, slots))
