"""One neighbourhood of a change as a CP-SAT model: it finds changes, and it proves how few lectures must move.

Some lectures are *free*: they may take any place of theirs, or stay, or in need remain without one. All others stay where the base has
them, unless they *leave*: then they are gone from the model, at the price of one moved lecture, and need no place.

**Why its bound holds for the whole problem.** Take any timetable without a broken rule, whatever it moves. Give the free lectures the
places that they have in it, and let exactly those others leave that it moves. Every lecture of the model is then where that timetable
has it, and some lectures are absent. A rule of this model is one that absent lectures cannot break: at most so many at one time
(clashes, rooms, periods on a day and on end, days with teaching, rooms of a section), two lectures that stand to one another as they
must (both of them are needed to break it), and whole placements of some lectures that the evaluator has refused (an absent one is
another placement). So this is a solution of the model, and it costs as much as the timetable moves. The model's least cost is therefore at
most the least number of moves, and so is any bound that CP-SAT gives for it. Nothing is left out of it that the timetable might use: a
lecture has every start and every room of its own, except that rooms are not told apart at a start at which more of them are free than
there are free lectures in all, for then there is always one left, whoever sits where. Where nobody leaves in the best solution, that
solution is a timetable of the whole problem, and no other moves fewer.

What the bound of a neighbourhood alone would say (all others nailed down) holds for nothing but the neighbourhood.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from generation.engine.change.people import People
from generation.engine.change.situation import Situation
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import BUSY_DAYS, BUSY_PERIODS, LONGEST_RUN
from generation.engine.model.solution import Solution
from generation.engine.stop import stopped_when

Literals = list[cp_model.IntVar]
Linear = Any  # a linear expression or a number: the library's own union of them cannot be added up
Placement = frozenset[tuple[int, int]]  # lectures with their starts (-1: without a place) that together break a rule
MOST_WITH_LEAVERS = 400  # lectures whose people are counted one by one
ANYWHERE = -1  # a room that is not told apart from others


@dataclass(frozen=True, slots=True)
class Answer:
    """What CP-SAT made of a model. ``bound``: no solution costs less, in lectures (or people, where these were minimised)."""

    status: str  # "optimal", "feasible", "impossible", "unknown"
    bound: int = 0
    solution: Solution | None = None
    leaving: tuple[int, ...] = ()

    @property
    def is_found(self) -> bool:
        return self.solution is not None


@dataclass(frozen=True, slots=True)
class Limits:
    """How CP-SAT is run. ``is_over`` ends it before its own limit; ``is_deterministic``: seconds are its own, the same everywhere."""

    seed: int
    workers: int
    is_deterministic: bool
    is_over: Callable[[], bool]


class NeighbourhoodModel:
    """Booleans for the free lectures' places and for those who leave.

    Parameters
    ----------
    free
        Lectures that may go anywhere; each that has no place in the base is one.
    refused
        Placements that the evaluator has found to break a rule that the model does not know.
    may_lack
        Whether lectures may remain without a place: each of their periods then costs more than all moves together.
    """

    def __init__(self, at: Situation, free: Collection[int], people: People, refused: Iterable[Placement], *, may_lack: bool) -> None:
        self.at, self.people = at, people
        self.free = sorted(free)
        self._is_free = frozenset(self.free)
        self.may_lack = may_lack
        self.dear = at.problem.num_lectures + 1  # what a period without a place costs, in moved lectures
        self.model = cp_model.CpModel()
        self.leaves: dict[int, cp_model.IntVar] = {}
        self.start: dict[int, dict[int, cp_model.IntVar]] = {}
        self.place: dict[int, dict[tuple[int, int], cp_model.IntVar]] = {}
        self.stays: dict[int, cp_model.IntVar] = {}
        self.lacks: dict[int, cp_model.IntVar] = {}
        self._covering: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)  # (section, timeslot)
        for lecture in self.free:
            self._add(lecture)
        self._one_at_a_time()
        self._rooms()
        self._one_room()
        self._pairs()
        self._instructors()
        self._sets()
        for placement in refused:
            self._refuse(placement)

    # Variables.

    def _add(self, lecture: int) -> None:
        at, model = self.at, self.model
        self.start[lecture], self.place[lecture] = {}, {}
        rooms = at.rooms(lecture)
        for slot in at.starts(lecture):
            there = self._places(lecture, slot, rooms)
            if not there:
                continue
            begins = model.new_bool_var("")
            self.start[lecture][slot] = begins
            variables = {room: begins if len(there) == 1 else model.new_bool_var("") for room in there}
            if len(there) > 1:
                model.add_exactly_one([*variables.values(), begins.negated()])
            for room, variable in variables.items():
                self.place[lecture][slot, room] = variable
            for t in at.cells(lecture, slot):
                self._covering[at.section[lecture], t].append((lecture, begins))
        self.lacks[lecture] = model.new_bool_var("") if self.may_lack else model.new_constant(0)
        model.add_exactly_one([*self.start[lecture].values(), self.lacks[lecture]])
        base = self.place[lecture].get((at.slot[lecture], at.room[lecture]))
        if base is not None and at.is_placed(lecture):
            self.stays[lecture] = base

    def _places(self, lecture: int, slot: int, rooms: np.ndarray) -> list[int]:
        """The rooms to tell apart at a start: none but its own where more are free than could be taken."""
        at = self.at
        own = [at.room[lecture]] if slot == at.slot[lecture] and at.can_stay(lecture) else []
        if at.problem.section_one_room.any() and at.problem.section_one_room[at.section[lecture]]:
            return list(dict.fromkeys([*own, *rooms[at.open_rooms(lecture, slot)].tolist()]))
        if int(at.free_rooms(lecture, slot).sum()) >= len(self.free):
            return [*own, ANYWHERE]
        return list(dict.fromkeys([*own, *rooms[at.open_rooms(lecture, slot)].tolist()]))

    def _leaves(self, lecture: int) -> cp_model.IntVar:
        """Whether a lecture that is not free leaves its place."""
        if lecture not in self.leaves:
            fixed = self.at.is_untouched(lecture) or not (self.may_lack or self.at.may_move(lecture))
            self.leaves[lecture] = self.model.new_constant(0) if fixed else self.model.new_bool_var("")
        return self.leaves[lecture]

    def _price(self, lecture: int) -> int:
        """One that has no other place can leave only for good."""
        return 1 if self.at.may_move(lecture) else 1 + self.dear * self.at.lengths[lecture]

    # Rules.

    def _at_most(self, variables: Literals, staying: Collection[int], most: int) -> None:
        """Of the free lectures' booleans and the others who stay, no more than so many."""
        if not variables or len(variables) + len(staying) <= most:
            return
        leaving = [self._leaves(lecture) for lecture in staying]
        if most == 1:
            self.model.add_at_most_one([*variables, *(each.negated() for each in leaving)])
        else:
            self.model.add(sum(variables) + len(leaving) - sum(leaving) <= most)

    def _others_at(self, lectures: Iterable[int], slot: int) -> list[int]:
        """Those of them that are not free and are there in the base."""
        at = self.at
        return [each for each in lectures if each not in self._is_free and at.is_placed(each) and slot in at.base_cells(each)]

    def _in_each_week(self, rows: Sequence[tuple[int, cp_model.IntVar]], staying: Collection[int]) -> list[tuple[Literals, list[int]]]:
        """What of them is held in each kind of week, once where that is the same."""
        at = self.at
        if at.parts.num_kinds == 1:
            return [([variable for _, variable in rows], list(staying))]
        found: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[Literals, list[int]]] = {}
        for kind in range(at.parts.num_kinds):
            mine = [(number, variable) for number, (lecture, variable) in enumerate(rows) if at.kinds[lecture] >> kind & 1]
            others = [lecture for lecture in staying if at.kinds[lecture] >> kind & 1]
            found[tuple(number for number, _ in mine), tuple(others)] = [variable for _, variable in mine], others
        return list(found.values())

    def _one_at_a_time(self) -> None:
        at = self.at
        numbers = sorted({number for lecture in self.free for number in at.cliques_of[at.section[lecture]]})
        for number in numbers:
            sections = at.cliques[number]
            outside = [each for section in sections for each in at.of_section[section] if each not in self._is_free and at.is_placed(each)]
            by_slot: dict[int, list[int]] = defaultdict(list)
            for lecture in outside:
                for t in at.base_cells(lecture):
                    by_slot[t].append(lecture)
            for slot in range(at.problem.num_timeslots):
                rows = [each for section in sections for each in self._covering.get((section, slot), ())]
                for variables, staying in self._in_each_week(rows, by_slot.get(slot, ())):
                    if variables:
                        self._at_most(variables, staying, 1)

    def _rooms(self) -> None:
        at = self.at
        taking: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
        for lecture, places in self.place.items():
            for (slot, room), variable in places.items():
                if room != ANYWHERE:
                    for t in at.cells(lecture, slot):
                        taking[room, t].append((lecture, variable))
        most = at.problem.room_places.tolist()
        for (room, slot), rows in taking.items():
            others = [each for each in at.in_room.get((room, slot), ()) if each not in self._is_free]
            for variables, staying in self._in_each_week(rows, others):
                self._at_most(variables, staying, most[room])

    def _one_room(self) -> None:
        """Sections that must keep one room: their lectures' rooms are always told apart."""
        at = self.at
        if not at.problem.section_one_room.any():
            return
        for section in sorted({at.section[lecture] for lecture in self.free}):
            if not at.problem.section_one_room[section]:
                continue
            used: dict[int, cp_model.IntVar] = defaultdict(lambda: self.model.new_bool_var(""))
            for lecture in at.of_section[section]:
                if lecture in self._is_free:
                    for (_, room), variable in self.place[lecture].items():
                        self.model.add_implication(variable, used[room])
                elif at.is_placed(lecture):
                    self.model.add_bool_or([used[at.room[lecture]], self._leaves(lecture)])
            self.model.add_at_most_one(used.values())

    def _pairs(self) -> None:
        at, week = self.at, self.at.problem.week_slot
        periods = at.problem.periods_per_day
        for a, b, kind, days in at.pairs:
            if not (a in self._is_free or b in self._is_free):
                continue
            lengths = at.lengths[a], at.lengths[b]
            starts = [list(self.start[each]) if each in self._is_free else [at.slot[each]] * at.is_placed(each) for each in (a, b)]
            if not starts[0] or not starts[1]:
                continue
            there = [np.array(week[each], dtype=np.int32) for each in starts]
            fits = pairs_fit(kind, days, there[0][:, None], there[1][None, :], lengths, periods)
            for row, slot in enumerate(starts[0]):
                wrong = [starts[1][column] for column in np.flatnonzero(~fits[row]).tolist()]
                self._exclude(a, slot, b, wrong)

    def _exclude(self, a: int, slot: int, b: int, wrong: Sequence[int]) -> None:
        """Where `a` begins at the timeslot, `b` begins at none of these."""
        if not wrong:
            return
        away = self.start[a][slot].negated() if a in self._is_free else self._leaves(a)
        if b not in self._is_free:
            self.model.add_bool_or([away, self._leaves(b)])
            return
        for other in wrong:
            self.model.add_bool_or([away, self.start[b][other].negated()])

    def _instructors(self) -> None:
        """Hard limits of days, of periods on end and of days with teaching, for all who teach a free lecture."""
        problem, at = self.at.problem, self.at
        teaching = sorted({int(i) for lecture in self.free for i in problem.section_instructors[at.section[lecture]]})
        sections: dict[int, list[int]] = defaultdict(list)
        for section, instructors in enumerate(at.openings.relations.instructors):
            for each in instructors:
                sections[each].append(section)
        days, halves = problem.most_busy_days.tolist(), problem.most_busy_half_days.tolist()
        for i in teaching:
            if problem.daily_load_is_hard and problem.instructor_max_daily[i] > 0:
                for day in range(problem.num_days):
                    self._most_periods(sections[i], self._day(day), int(problem.instructor_max_daily[i]))
            if problem.consecutive_load_is_hard and problem.instructor_max_consecutive[i] > 0:
                self._longest_run(sections[i], range(problem.num_timeslots), int(problem.instructor_max_consecutive[i]))
            if problem.free_days_is_hard and days[i] >= 0:
                self._busy_blocks(sections[i], [self._day(day) for day in range(problem.num_days)], days[i])
            if problem.free_half_days_is_hard and halves[i] >= 0:
                noon = problem.afternoon
                blocks = [part for day in range(problem.num_days) for part in (self._day(day)[:noon], self._day(day)[noon:])]
                self._busy_blocks(sections[i], blocks, halves[i])

    def _sets(self) -> None:
        """Of hard rules on sets of sections those that say how much there may be at most; the evaluator refuses what breaks others."""
        problem, at = self.at.problem, self.at
        mine = {at.section[lecture] for lecture in self.free}
        for row, measure, block, _, most, _, looks, factor in problem.set_rules.tolist():
            sections = problem.rule_sets[row].tolist()
            if factor != 0 or not mine.intersection(sections) or not self._is_clique(sections):
                continue
            block = block or problem.num_days
            for first in range(0, problem.num_days, block):
                days = [self._day(day) for day in range(first, min(first + block, problem.num_days))]
                looked = [[slot for slot in day if problem.rule_slots[looks, slot]] for day in days]
                if measure == BUSY_PERIODS:
                    self._most_periods(sections, [slot for day in looked for slot in day], most)
                elif measure == BUSY_DAYS:
                    self._busy_blocks(sections, looked, most)
                elif measure == LONGEST_RUN and block == 1:
                    self._longest_run(sections, looked[0], most)

    def _is_clique(self, sections: Sequence[int]) -> bool:
        """Whether no two of their lectures overlap anyway: then lectures at a time are busy periods."""
        inside = set(sections)
        return any(inside <= set(self.at.cliques[number]) for number in self.at.cliques_of[sections[0]]) if inside else False

    def _day(self, day: int) -> range:
        periods = self.at.problem.periods_per_day
        return range(day * periods, (day + 1) * periods)

    def _there(self, sections: Sequence[int], slots: Iterable[int]) -> tuple[list[tuple[int, cp_model.IntVar]], list[int]]:
        """Booleans of free lectures, and the others, once for each timeslot."""
        rows: list[tuple[int, cp_model.IntVar]] = []
        staying: list[int] = []
        for slot in slots:
            rows += [each for section in sections for each in self._covering.get((section, slot), ())]
            staying += self._others_at((each for section in sections for each in self.at.of_section[section]), slot)
        return rows, staying

    def _most_periods(self, sections: Sequence[int], slots: Sequence[int] | range, most: int) -> None:
        for variables, staying in self._in_each_week(*self._there(sections, slots)):
            if variables and len(variables) + len(staying) > most:
                self.model.add(sum(variables) + sum(1 - self._leaves(each) for each in staying) <= most)

    def _longest_run(self, sections: Sequence[int], slots: Iterable[int], most: int) -> None:
        looked, periods = set(slots), self.at.problem.periods_per_day
        for first in sorted(looked):
            window = range(first, first + most + 1)
            if window[-1] // periods == first // periods and looked.issuperset(window):
                self._most_periods(sections, window, most)

    def _busy_blocks(self, sections: Sequence[int], blocks: Sequence[Sequence[int] | range], most: int) -> None:
        for kind in range(self.at.parts.num_kinds):
            busy: list[cp_model.IntVar] = []
            for block in blocks:
                rows, staying = self._there(sections, block)
                variables = {variable.index: variable for lecture, variable in rows if self.at.kinds[lecture] >> kind & 1}
                others = {lecture for lecture in staying if self.at.kinds[lecture] >> kind & 1}
                if not variables and not others:
                    continue
                is_busy = self.model.new_bool_var("")
                busy.append(is_busy)
                for variable in variables.values():
                    self.model.add_implication(variable, is_busy)
                for lecture in others:
                    self.model.add_bool_or([is_busy, self._leaves(lecture)])
            if len(busy) > most:
                self.model.add(sum(busy) <= most)

    def _refuse(self, placement: Placement) -> None:
        """Not all of these lectures begin where they did when the evaluator found a rule broken."""
        clause = []
        for lecture, slot in placement:
            if lecture in self._is_free:
                variable = self.lacks[lecture] if slot < 0 else self.start[lecture].get(slot)
                if variable is None:
                    return  # it cannot begin there: nothing to refuse
                clause.append(variable.negated())
            elif slot != self.at.slot[lecture]:
                return
            else:
                clause.append(self._leaves(lecture))
        self.model.add_bool_or(clause)

    # What is minimised.

    @property
    def _moved(self) -> list[Linear]:
        return [1 - self.stays[x] if x in self.stays else 1 for x in self.free if self.at.had_place[x]]

    def _cost(self) -> Linear:
        lacking = sum(self.dear * self.at.lengths[x] * self.lacks[x] for x in self.free) if self.may_lack else 0
        return lacking + sum(self._moved) + sum(self._price(x) * variable for x, variable in self.leaves.items())

    def _people(self, model: cp_model.CpModel, *, with_leaving: bool, may_lack: bool = False) -> Linear:
        """Who is in a lecture that does not stay; with ``may_lack`` without those whose lectures are left without a place."""
        lectures = [x for x in self.free if self.at.had_place[x]]
        if with_leaving and len(lectures) + len(self.leaves) <= MOST_WITH_LEAVERS:
            lectures += list(self.leaves)
        alone: list[Linear] = []
        for group, number in self.people.groups(lectures).items():
            touched = model.new_bool_var("")
            for lecture in group:
                if lecture in self.leaves:
                    model.add_implication(self.leaves[lecture], touched)
                else:
                    stays = [self.stays[lecture]] if lecture in self.stays else []
                    lacks = [self.lacks[lecture]] if may_lack else []
                    model.add_bool_or([*stays, *lacks, touched])
            alone.append(number * touched)
        return sum(alone)

    def _limit(self, model: cp_model.CpModel) -> None:
        """The budgets. A lecture that is left without a place is not moved: no budget could be kept that what is broken exceeds."""
        budget = self.at.budget
        if budget.max_lectures is not None:
            elsewhere = sum(self._moved) - sum(self.lacks[x] for x in self.free if self.at.had_place[x])
            model.add(elsewhere + sum(self.leaves.values()) <= budget.max_lectures)
        if budget.max_people is not None:
            model.add(self._people(model, with_leaving=True, may_lack=True) <= budget.max_people)

    def fewest_moved(self, limits: Limits, seconds: float, *, alone: bool, hint: Solution | None = None) -> Answer:
        """The fewest moved lectures within the budgets. ``alone``: nobody outside leaves, which gives a timetable and no bound."""
        model = self.model.clone()
        leaving = list(self.leaves.values())
        self._limit(model)
        if alone:
            model.add(sum(leaving) == 0)
        # Of equally good solutions one in which fewer leave: the sooner it is a whole timetable.
        factor = 1 if alone else len(leaving) + 1
        model.minimize(factor * self._cost() + (0 if alone else sum(leaving)))
        if hint is not None:
            self._hint(model, hint)
        return self._solved(model, limits, seconds, factor=factor, slack=0 if alone else len(leaving))

    def fewest_people(self, limits: Limits, seconds: float, *, most_cost: int, hint: Solution) -> Answer:
        """Of the timetables that cost no more by `fewest_moved` one with the fewest people, nearest places first. Others may leave."""
        model = self.model.clone()
        self._limit(model)
        model.add(self._cost() <= most_cost)
        far = 2 * len(self.free) + 1
        factor = far * (len(self.leaves) + 1)
        near = self._far() + far * sum(self.leaves.values())
        model.minimize(factor * self._people(model, with_leaving=True) + near)
        self._hint(model, hint)
        return self._solved(model, limits, seconds, factor=factor, slack=factor - 1)

    def least_people(self, limits: Limits, seconds: float, *, most_lacking: int) -> Answer:
        """How few people could do, whatever moves: with a bound that holds for every timetable with no more periods without a place."""
        model = self.model.clone()
        if self.may_lack:
            model.add(sum(self.at.lengths[x] * self.lacks[x] for x in self.free) <= most_lacking)
        model.minimize(self._people(model, with_leaving=True))
        return self._solved(model, limits, seconds, factor=1, slack=0)

    def _far(self) -> Linear:
        """1 for a lecture at another time, 2 on another day."""
        at, periods = self.at, self.at.problem.periods_per_day
        return sum(
            (1 + (slot // periods != at.slot[lecture] // periods)) * variable
            for lecture in self.free
            if at.slot[lecture] >= 0
            for slot, variable in self.start[lecture].items()
            if slot != at.slot[lecture]
        )

    def _hint(self, model: cp_model.CpModel, hint: Solution) -> None:
        for lecture in self.free:
            for slot, variable in self.start[lecture].items():
                model.add_hint(variable, bool(slot == hint.slot[lecture]))

    def _solved(self, model: cp_model.CpModel, limits: Limits, seconds: float, *, factor: int, slack: int) -> Answer:
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = limits.seed
        solver.parameters.num_workers = limits.workers
        # Both take longer than the search on these models: 5.2 s become 1.8 with 20 free lectures of the small demo.
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        if limits.is_deterministic:
            solver.parameters.max_deterministic_time = max(0.01, seconds)
        else:
            solver.parameters.max_time_in_seconds = max(0.05, seconds)
        with stopped_when(limits.is_over, solver):
            status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return Answer("impossible")
        proven = solver.best_objective_bound
        bound = max(0, -(-(math.ceil(proven - 1e-6) - slack) // factor)) if math.isfinite(proven) else 0
        if status == cp_model.OPTIMAL:
            bound = round(solver.objective_value) // factor
        elif status != cp_model.FEASIBLE:
            return Answer("unknown", bound)
        leaving = tuple(x for x, variable in self.leaves.items() if solver.boolean_value(variable))
        return Answer("optimal" if status == cp_model.OPTIMAL else "feasible", bound, self._solution(solver, leaving), leaving)

    # From booleans to a timetable.

    def _solution(self, solver: cp_model.CpSolver, leaving: Collection[int]) -> Solution:
        """Those who leave have no place; rooms that were not told apart are given out at last."""
        found = self.at.base.copy()
        for lecture in [*self.free, *leaving]:
            found.slot[lecture] = found.room[lecture] = -1
        later: list[tuple[int, int]] = []
        for lecture in self.free:
            for (slot, room), variable in self.place[lecture].items():
                if solver.boolean_value(variable):
                    if room == ANYWHERE:
                        later.append((lecture, slot))
                    else:
                        found.slot[lecture], found.room[lecture] = slot, room
        self._give_rooms(found, later)
        return found

    def _give_rooms(self, found: Solution, later: Sequence[tuple[int, int]]) -> None:
        """Of the rooms that the base leaves free its own one, then that with the fewest empty seats."""
        at = self.at
        taken: Mapping[int, list[int]] = defaultdict(list)
        for lecture in self.free:
            if found.room[lecture] >= 0:
                taken[int(found.room[lecture])].append(lecture)
        for lecture, slot in later:
            rooms = at.rooms(lecture)[at.free_rooms(lecture, slot)].tolist()
            seats = at.problem.room_capacity
            cells = set(at.cells(lecture, slot))
            for room in sorted(rooms, key=lambda each: (each != at.room[lecture], int(seats[each]), each)):
                clash = any(
                    at.shares_a_week(lecture, other) and not cells.isdisjoint(at.cells(other, int(found.slot[other])))
                    for other in taken[room]
                )
                if not clash:
                    found.slot[lecture], found.room[lecture] = slot, room
                    taken[room].append(lecture)
                    break
