"""Requirements that can be lifted one by one, and models that say which of them must give.

Both models place lectures in time, with rooms as counts (no more lectures at once than open rooms in each set of rooms). That
requires less than the evaluator does, so what is impossible here is impossible; that something is possible here proves nothing.
Equal lectures of a section are one row of booleans, one for each start, of which as many are true as there are lectures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from ortools.sat.python import cp_model

from generation.engine.model.domains import Openings
from generation.engine.model.fixed_places import Holder
from generation.engine.model.problem import ANY, Problem

Kind = Literal[
    "lectures",
    "instructor",
    "curriculum",
    "apart",
    "rooms",
    "starts",
    "section_times",
    "instructor_times",
    "pin",
    "pin_room",
    "joint",
    "daily",
    "on_end",
]
Verdict = Literal["impossible", "possible", "unknown"]

# What a unit costs in the elastic model: opening a time or a room comes before leaving a lecture out.
PRICES: dict[Kind, int] = {
    "rooms": 1,  # a closed one; one that has to be found or built costs NEW_ROOM
    "section_times": 2,
    "instructor_times": 2,
    "pin": 2,
    "pin_room": 2,
    "starts": 2,
    "daily": 3,
    "on_end": 3,
    "joint": 3,
    "apart": 4,
    "curriculum": 5,
    "lectures": 6,
}
NEW_ROOM = 8

VERDICTS: dict[cp_model.CpSolverStatus, Verdict] = {
    cp_model.INFEASIBLE: "impossible",
    cp_model.OPTIMAL: "possible",
    cp_model.FEASIBLE: "possible",
}


class Requirement(NamedTuple):
    """One thing that is asked for: its kind, the index of what it concerns, and the timeslot of a room supply (-1: none)."""

    kind: Kind
    of: int
    slot: int = -1


class Piece(NamedTuple):
    """Equal lectures of one section."""

    section: int
    length: int
    rooms: int  # suitable rooms, as bits
    free_rooms: int  # the same if they were not fixed to a room
    pin: int
    pin_room: int
    blocked: tuple[int, ...]  # timeslots at which rules do not let it begin
    holders: tuple[Holder, Holder]  # what fixes their time and their room, where something does
    lectures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What the elastic model would change: so many units of a requirement, at these timeslots."""

    requirement: Requirement
    amount: int
    slots: tuple[int, ...] = ()
    price: int = 0


@dataclass(frozen=True, slots=True)
class Elastic:
    """The least that must give. ``bound`` is proven: above 0 there is no timetable."""

    bound: int
    is_least: bool
    given: tuple[Given, ...]


class Terms:
    """What the models need to know of some sections: their lectures, and every requirement that concerns them."""

    def __init__(self, problem: Problem, facts: Openings, sections: Collection[int]) -> None:
        self.problem = problem
        self.facts = facts
        self.sections = sorted(sections)
        inside = set(self.sections)
        self.pieces = list(self._pieces(inside))
        self.joint = [
            (a, b)
            for a, b in problem.same_start[problem.joint_is_hard].tolist()
            if a != b and {int(problem.lecture_section[a]), int(problem.lecture_section[b])} <= inside
        ]
        self.apart = [
            (a, b) for (a, b), reason in facts.relations.clash_reason.items() if reason == "no_overlap" and a in inside and b in inside
        ]

    def _pieces(self, inside: set[int]) -> Iterator[Piece]:
        problem = self.problem
        alone = set(problem.same_start[problem.joint_is_hard].ravel().tolist())
        blocked = _blocked_starts(problem)
        facts = self.facts
        found: dict[tuple[int, Piece], list[int]] = defaultdict(list)
        for lecture, section in enumerate(problem.lecture_section.tolist()):
            if section in inside:
                piece = Piece(
                    section,
                    int(problem.lecture_length[lecture]),
                    facts.suitable_rooms[lecture],
                    facts.suitable_rooms_unfixed[lecture],
                    int(problem.lecture_pin_slot[lecture]),
                    int(problem.lecture_pin_room[lecture]),
                    blocked.get(lecture, ()),
                    (facts.held.in_time.get(lecture, "rule"), facts.held.in_room.get(lecture, "rule")),
                    (),
                )
                found[lecture if lecture in alone else -1, piece].append(lecture)
        for (_, piece), lectures in sorted(found.items(), key=lambda each: (each[0][1], each[0][0])):
            yield piece._replace(lectures=tuple(lectures))

    @cached_property
    def owners(self) -> dict[tuple[Kind, int], list[int]]:
        """The pieces of each instructor and curriculum here."""
        found: dict[tuple[Kind, int], list[int]] = defaultdict(list)
        for index, piece in enumerate(self.pieces):
            for instructor in self.facts.relations.instructors[piece.section]:
                found["instructor", instructor].append(index)
            for curriculum in self.facts.relations.curricula[piece.section]:
                found["curriculum", curriculum].append(index)
        return dict(found)

    @cached_property
    def room_sets(self) -> list[int]:
        """Sets of rooms whose supply is counted: what some lecture is limited to, and all of these together."""
        sets = {rooms for piece in self.pieces for rooms in (piece.rooms, piece.free_rooms)}
        union = 0
        for rooms in sets:
            union |= rooms
        return sorted(sets | {union}, key=lambda rooms: (rooms.bit_count(), rooms))

    @cached_property
    def open_rooms(self) -> list[list[int]]:
        """``[room set][timeslot]`` how many lectures find room in the open rooms of the set."""
        available = self.problem.room_available * self.problem.room_places[:, None]
        members = [[room for room in range(self.problem.num_rooms) if rooms >> room & 1] for rooms in self.room_sets]
        return [available[rooms].sum(axis=0).tolist() for rooms in members]

    def places(self, room_set: int) -> int:
        """How many lectures find room in a set of rooms when all are open."""
        return sum(places for room, places in enumerate(self.problem.room_places.tolist()) if self.room_sets[room_set] >> room & 1)

    @cached_property
    def grid_starts(self) -> dict[int, list[int]]:
        """By length, the starts that the day's end and the breaks leave."""
        everywhere = np.ones(self.problem.num_timeslots, dtype=np.bool_)
        return {length: np.nonzero(self.facts.starts(everywhere, length))[0].tolist() for length in {piece.length for piece in self.pieces}}

    @property
    def size(self) -> int:
        return sum(len(self.grid_starts[piece.length]) for piece in self.pieces)

    def requirements(self) -> list[Requirement]:
        """All of them, those that are least telling in an explanation first."""
        problem, rows = self.problem, self.facts.relations
        found = [Requirement("rooms", index, slot) for index in range(len(self.room_sets)) for slot in range(problem.num_timeslots)]
        # What had to stay is let go early: where the rest is impossible without it, to place it anew would not help.
        found += [Requirement("pin", index) for index, piece in enumerate(self.pieces) if piece.pin != ANY]
        found += [Requirement("pin_room", index) for index, piece in enumerate(self.pieces) if piece.pin_room != ANY]
        found += [Requirement("on_end", i) for kind, i in self.owners if kind == "instructor" and self._has_limit(i, is_daily=False)]
        found += [Requirement("daily", i) for kind, i in self.owners if kind == "instructor" and self._has_limit(i, is_daily=True)]
        found += [Requirement("joint", index) for index in range(len(self.joint))]
        found += [Requirement("apart", index) for index in range(len(self.apart))]
        found += [Requirement("starts", index) for index, piece in enumerate(self.pieces) if piece.blocked]
        found += [Requirement("curriculum", q) for kind, q in self.owners if kind == "curriculum"]
        found += [Requirement("section_times", s) for s in self.sections if not problem.section_available[s].all()]
        instructors = sorted({i for s in self.sections for i in rows.instructors[s]})
        found += [Requirement("instructor_times", i) for i in instructors if not problem.instructor_available[i].all()]
        found += [Requirement("instructor", i) for kind, i in self.owners if kind == "instructor"]
        return found

    def concerned(self, requirement: Requirement) -> list[int]:
        """The sections here whose lectures a requirement is about."""
        kind, index, _ = requirement
        rows = self.facts.relations
        if kind in ("lectures", "section_times"):
            return [index]
        if kind == "curriculum":
            return [section for section in self.sections if index in rows.curricula[section]]
        if kind in ("pin", "pin_room", "starts"):
            return [self.pieces[index].section]
        if kind == "apart":
            return list(self.apart[index])
        if kind == "joint":
            return [int(self.problem.lecture_section[lecture]) for lecture in self.joint[index]]
        if kind == "rooms":
            outside = ~self.room_sets[index]
            return sorted({piece.section for piece in self.pieces if piece.rooms & outside == 0})
        return [section for section in self.sections if index in rows.instructors[section]]

    def _has_limit(self, instructor: int, *, is_daily: bool) -> bool:
        problem = self.problem
        if is_daily:
            return problem.daily_load_is_hard and bool(problem.instructor_max_daily[instructor])
        return problem.consecutive_load_is_hard and bool(problem.instructor_max_consecutive[instructor])


def _blocked_starts(problem: Problem) -> dict[int, tuple[int, ...]]:
    found: dict[int, set[int]] = defaultdict(set)
    for lecture, slot in problem.blocked_starts.tolist():
        found[lecture].add(slot)
    return {lecture: tuple(sorted(slots)) for lecture, slots in found.items()}


class _Model:
    """Booleans for the pieces' starts, and which of them cover a timeslot.

    What is required of the pieces' fixed times and rooms is part of the model from the start: a run that keeps a whole timetable
    has hundreds of them, and none of the starts elsewhere need be looked at.
    """

    def __init__(self, terms: Terms, pieces: Collection[int], required: Collection[Requirement]) -> None:
        self.terms = terms
        self.fixed = frozenset(requirement.of for requirement in required if requirement.kind == "pin_room")
        pinned = {requirement.of for requirement in required if requirement.kind == "pin"}
        self._confined: dict[int, list[tuple[int, bool]]] = {}
        self.staying: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)  # of pieces that may leave it at a price
        self.model = cp_model.CpModel()
        self.starts: dict[int, dict[int, cp_model.IntVar]] = {}
        self.covering: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)  # (piece, timeslot)
        for index in pieces:
            piece = terms.pieces[index]
            slots = terms.grid_starts[piece.length]
            if index in pinned:
                slots = [piece.pin] if piece.pin in slots else []
            self.starts[index] = {slot: self.model.new_bool_var("") for slot in slots}
            for slot, variable in self.starts[index].items():
                for t in range(slot, slot + piece.length):
                    self.covering[index, t].append(variable)

    def at(self, pieces: Collection[int], slot: int) -> list[cp_model.IntVar]:
        return [variable for index in pieces for variable in self.covering.get((index, slot), ())]

    def one_at_a_time(self) -> None:
        """A section attends one lecture at a time: that is never lifted."""
        by_section: dict[int, list[int]] = defaultdict(list)
        for index in self.starts:
            by_section[self.terms.pieces[index].section].append(index)
        for pieces in by_section.values():
            for slot in range(self.terms.problem.num_timeslots):
                self.at_most(self.at(pieces, slot), 1)

    def at_most(self, variables: list[cp_model.IntVar], most: int) -> None:
        if len(variables) > most:
            self.model.add(sum(variables) <= most)

    def within(self, index: int, slot: int) -> list[cp_model.IntVar]:
        """The lectures in a timeslot that can use no other rooms than those of a set."""
        found: list[cp_model.IntVar] = []
        for number, is_always in self._of_rooms(index):
            found += (self.covering if is_always else self.staying).get((number, slot), ())
        return found

    def _of_rooms(self, index: int) -> list[tuple[int, bool]]:
        """The pieces that can use no other rooms than those of a set, and whether that is so wherever they may go."""
        if index not in self._confined:
            outside, found = ~self.terms.room_sets[index], []
            for number in self.starts:
                piece = self.terms.pieces[number]
                if (piece.rooms if number in self.fixed else piece.free_rooms) & outside == 0:
                    found.append((number, True))
                elif piece.rooms & outside == 0:
                    found.append((number, False))
            self._confined[index] = found
        return self._confined[index]

    def joint(self, index: int) -> list[dict[int, cp_model.IntVar]]:
        """The starts of two lectures that start together, as far as they are here: each is a piece of its own."""
        pair = set(self.terms.joint[index])
        return [starts for piece, starts in self.starts.items() if pair & set(self.terms.pieces[piece].lectures)]

    def solve(self, limit_s: float) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2  # counting arguments are proofs of the linear relaxation
        solver.parameters.max_time_in_seconds = max(0.01, limit_s)
        return solver, solver.solve(self.model)


def verdict_of(terms: Terms, required: Collection[Requirement], limit_s: float) -> Verdict:
    """Whether the required lectures can all be placed under the other requirements."""
    wanted = {requirement.of for requirement in required if requirement.kind == "lectures"}
    pieces = [index for index, piece in enumerate(terms.pieces) if piece.section in wanted]
    model = _Model(terms, pieces, required)
    for index in pieces:
        model.model.add(sum(model.starts[index].values()) == len(terms.pieces[index].lectures))
    model.one_at_a_time()
    for requirement in required:
        if requirement.kind != "lectures":
            _require(model, requirement)
    _, status = model.solve(limit_s)
    return VERDICTS.get(status, "unknown")


def _require(model: _Model, requirement: Requirement) -> None:
    terms, problem = model.terms, model.terms.problem
    kind, index, slot = requirement
    if kind in ("instructor", "curriculum"):
        pieces = [piece for piece in terms.owners[kind, index] if piece in model.starts]
        for t in range(problem.num_timeslots):
            model.at_most(model.at(pieces, t), 1)
    elif kind == "rooms":
        model.at_most(model.within(index, slot), terms.open_rooms[index][slot])
    elif kind in ("section_times", "instructor_times"):
        for variable in _blocked(model, kind, index):
            model.model.add(variable == 0)
    elif kind in ("pin", "starts"):
        for _, variable in _elsewhere(model, kind, index):
            model.model.add(variable == 0)
    elif kind == "apart":
        for t in range(problem.num_timeslots):
            _keep_apart(model, terms.apart[index], t)
    elif kind == "joint":
        _join(model, index)
    elif kind != "pin_room":  # that says which rooms are counted
        for variables, most in _loads(model, kind, index):
            model.at_most(variables, most)


def _blocked(model: _Model, kind: Kind, index: int) -> Iterator[cp_model.IntVar]:
    """The starts that a section's or an instructor's availability rules out."""
    terms, problem = model.terms, model.terms.problem
    available = problem.section_available[index] if kind == "section_times" else problem.instructor_available[index]
    for number, starts in model.starts.items():
        piece = terms.pieces[number]
        concerns = piece.section == index if kind == "section_times" else index in terms.facts.relations.instructors[piece.section]
        if concerns:
            yield from (variable for slot, variable in starts.items() if not available[slot : slot + piece.length].all())


def _elsewhere(model: _Model, kind: Kind, index: int) -> Iterator[tuple[int, cp_model.IntVar]]:
    """The starts of a piece other than its fixed one, or those that rules block."""
    piece = model.terms.pieces[index]
    for start, variable in model.starts.get(index, {}).items():
        if (start != piece.pin) if kind == "pin" else (start in piece.blocked):
            yield start, variable


def _of_sections(model: _Model, sections: Collection[int]) -> list[int]:
    return [index for index in model.starts if model.terms.pieces[index].section in sections]


def _keep_apart(model: _Model, pair: tuple[int, int], slot: int) -> None:
    model.at_most(model.at(_of_sections(model, pair), slot), 1)


def _join(model: _Model, index: int) -> None:
    places = model.joint(index)
    if len(places) == 2:
        a, b = places
        for slot in a.keys() | b.keys():
            model.model.add(a.get(slot, 0) == b.get(slot, 0))


def _loads(model: _Model, kind: Kind, instructor: int) -> Iterator[tuple[list[cp_model.IntVar], int]]:
    """What an instructor's hard limits of a day or of a run add up."""
    terms, problem = model.terms, model.terms.problem
    pieces = [piece for piece in terms.owners["instructor", instructor] if piece in model.starts]
    span = problem.periods_per_day if kind == "daily" else int(problem.instructor_max_consecutive[instructor]) + 1
    most = int(problem.instructor_max_daily[instructor]) if kind == "daily" else span - 1
    for day in range(problem.num_days):
        first = day * problem.periods_per_day
        for start in range(first, first + problem.periods_per_day - span + 1):
            yield [variable for t in range(start, start + span) for variable in model.at(pieces, t)], most


def elastic(terms: Terms, limit_s: float) -> Elastic | None:
    """The cheapest set of changes after which all lectures have a place; None where the time was too short for any."""
    everything = [*(Requirement("lectures", section) for section in terms.sections), *terms.requirements()]
    slack = _Slack(terms, set(terms.sections), [], everything)
    solver, status = slack.model.solve(limit_s)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return Elastic(round(solver.best_objective_bound), status == cp_model.OPTIMAL, tuple(slack.given(solver)))


def least_of(terms: Terms, kept: Collection[Requirement], lifted: Requirement, limit_s: float) -> Given | None:
    """How much has to change where one requirement of a minimal set gives and all others are kept; None where that is not proven."""
    sections = {each.of for each in kept if each.kind == "lectures"}
    slack = _Slack(terms, sections, [each for each in kept if each.kind != "lectures" and each != lifted], [lifted])
    solver, status = slack.model.solve(limit_s)
    return next(iter(slack.given(solver)), None) if status == cp_model.OPTIMAL else None


class _Slack:
    """A model in which the soft requirements can give at a price. Nobody can be in two places at once, at no price."""

    def __init__(self, terms: Terms, sections: Collection[int], hard: Collection[Requirement], soft: Collection[Requirement]) -> None:
        self.terms = terms
        pieces = [index for index, piece in enumerate(terms.pieces) if piece.section in sections]
        self.model = _Model(terms, pieces, hard)
        self.costs: list[tuple[int, Requirement, int, cp_model.IntVar]] = []  # price, what, timeslot or -1, units
        for requirement in soft:
            if requirement.kind == "pin_room":
                self._release(requirement)
        self._leave_out({each.of for each in soft if each.kind == "lectures"})
        self.model.one_at_a_time()
        for requirement in hard:
            _require(self.model, requirement)
        for requirement in soft:
            if requirement.kind not in ("lectures", "pin_room"):
                self._soften(requirement)
        self.model.model.minimize(sum(price * variable for price, _, _, variable in self.costs))

    def _units(self, requirement: Requirement, most: int, slot: int = -1, times: int = 1) -> cp_model.IntVar:
        variable = self.model.model.new_int_var(0, most, "")
        self.costs.append((PRICES[requirement.kind] * times, requirement, slot, variable))
        return variable

    def _leave_out(self, sections: Collection[int]) -> None:
        for index, starts in self.model.starts.items():
            piece = self.terms.pieces[index]
            may_lack = len(piece.lectures) if piece.section in sections else 0
            out = self._units(Requirement("lectures", piece.section), may_lack, times=piece.length)
            self.model.model.add(sum(starts.values()) + out == len(piece.lectures))

    def _soften(self, requirement: Requirement) -> None:
        kind, index = requirement.kind, requirement.of
        model, terms = self.model, self.terms
        if kind == "instructor":
            _require(model, requirement)
        elif kind in ("section_times", "instructor_times"):
            self._open(requirement)
        elif kind in ("pin", "starts"):
            self.costs += [(PRICES[kind], requirement, start, variable) for start, variable in _elsewhere(model, kind, index)]
        elif kind == "rooms":
            self._crowd(requirement)
        elif kind in ("curriculum", "apart"):
            pieces = (
                [piece for piece in terms.owners["curriculum", index] if piece in model.starts]
                if kind == "curriculum"
                else _of_sections(model, terms.apart[index])
            )
            for t in range(terms.problem.num_timeslots):
                self._exceed(requirement, model.at(pieces, t), 1, t)
        elif kind == "joint":
            self._part(requirement)
        else:
            for variables, most in _loads(model, kind, index):
                self._exceed(requirement, variables, most, -1)

    def _release(self, requirement: Requirement) -> None:
        """Each lecture stays in the room it is fixed to, or leaves it at a price. Before rooms are counted."""
        model, piece = self.model, self.terms.pieces[requirement.of]
        for slot, start in model.starts.get(requirement.of, {}).items():
            stays, leaves = model.model.new_bool_var(""), model.model.new_bool_var("")
            model.model.add(stays + leaves == start)
            self.costs.append((PRICES["pin_room"], requirement, slot, leaves))
            for t in range(slot, slot + piece.length):
                model.staying[requirement.of, t].append(stays)

    def _exceed(self, requirement: Requirement, variables: list[cp_model.IntVar], most: int, slot: int) -> None:
        if len(variables) > most:
            self.model.model.add(sum(variables) <= most + self._units(requirement, len(variables) - most, slot))

    def _crowd(self, requirement: Requirement) -> None:
        """More lectures than open rooms: first in rooms that are closed, then in such as there are not."""
        index, slot, terms = requirement.of, requirement.slot, self.terms
        variables, open_ = self.model.within(index, slot), terms.open_rooms[index][slot]
        if len(variables) > open_:
            closed = self._units(requirement, min(len(variables), terms.places(index) - open_), slot)
            new = self._units(requirement, len(variables), slot, times=NEW_ROOM)
            self.model.model.add(sum(variables) <= open_ + closed + new)

    def _open(self, requirement: Requirement) -> None:
        """One unit for each blocked timeslot that is used."""
        problem, model = self.terms.problem, self.model
        is_section = requirement.kind == "section_times"
        available = (problem.section_available if is_section else problem.instructor_available)[requirement.of]
        rows = self.terms.facts.relations.instructors
        pieces = [
            number
            for number in model.starts
            for piece in (self.terms.pieces[number],)
            if (piece.section == requirement.of if is_section else requirement.of in rows[piece.section])
        ]
        for slot in np.nonzero(~available)[0].tolist():
            self._exceed(requirement, model.at(pieces, slot), 0, slot)

    def _part(self, requirement: Requirement) -> None:
        places = self.model.joint(requirement.of)
        if len(places) < 2:
            return
        first, second = places
        apart = self._units(requirement, 1)
        for slot in first.keys() | second.keys():
            self.model.model.add(first.get(slot, 0) - second.get(slot, 0) <= apart)

    def given(self, solver: cp_model.CpSolver) -> Iterator[Given]:
        amounts: dict[Requirement, int] = defaultdict(int)
        prices: dict[Requirement, int] = defaultdict(int)
        slots: dict[Requirement, list[int]] = defaultdict(list)
        for price, requirement, slot, variable in self.costs:
            units = int(solver.value(variable))
            amounts[requirement] += units
            prices[requirement] += price * units
            if units and slot >= 0:
                slots[requirement].append(slot)
        for requirement, amount in amounts.items():
            if amount:
                yield Given(requirement, amount, tuple(sorted(slots[requirement])), prices[requirement])
