"""CP-SAT models of small parts of a problem, whose proven bounds are lower bounds of the parts' penalties."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from generation.engine.constraints.register import constraints_of
from generation.engine.model.domains import Openings
from generation.engine.model.problem import Problem

SCALE = 120  # units of a penalty: one section's penalty is split among its curricula


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds where the clock counts, CP-SAT's deterministic time where steps are counted."""

    seconds: float
    is_counted: bool = False

    def apply(self, solver: cp_model.CpSolver) -> None:
        if self.is_counted:
            solver.parameters.max_deterministic_time = self.seconds
        else:
            solver.parameters.max_time_in_seconds = max(0.01, self.seconds)


def curriculum_bound(problem: Problem, facts: Openings, sections: list[int], shares: dict[int, int], limit: Limit) -> int:
    """The least (times SCALE) of a curriculum's isolated lectures and of its sections' missing days.

    ``shares`` is what a missing day of each section costs here (times SCALE): parts of one penalty that is split among all of
    the section's curricula, so that the curricula's bounds add up.
    """
    model, per_day = cp_model.CpModel(), problem.periods_per_day
    busy: dict[int, list[cp_model.IntVar]] = defaultdict(list)  # timeslot -> starts that cover it
    costs: list[cp_model.LinearExprT] = []
    for section in sections:
        by_day = _place(model, problem, facts, section, busy)
        wanted = min(int(problem.section_min_days[section]), problem.num_days)
        if shares[section] and wanted > 1:
            used = []
            for starts in by_day.values():
                used.append(model.new_bool_var(""))
                model.add(used[-1] <= sum(starts))
            short = model.new_int_var(0, wanted, "")
            model.add(short + sum(used) >= wanted)
            costs.append(shares[section] * short)
    meets = {slot: model.new_bool_var("") for slot in busy}
    for slot, starts in busy.items():
        model.add(sum(starts) == meets[slot])
    for slot, variable in meets.items():
        beside = [meets[other] for other in (slot - 1, slot + 1) if other in meets and other // per_day == slot // per_day]
        isolated = model.new_bool_var("")
        model.add_bool_or([isolated, ~variable, *beside])
        costs.append(SCALE * problem.weights.compactness * isolated)
    return _bound(model, costs, limit)


def _place(
    model: cp_model.CpModel, problem: Problem, facts: Openings, section: int, busy: dict[int, list[cp_model.IntVar]]
) -> dict[int, list[cp_model.IntVar]]:
    """All lectures of a section in its open starts; equal ones are counted together. The starts by day."""
    by_day: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    lengths = problem.lecture_length[problem.lecture_section == section]
    for length, number in zip(*np.unique(lengths, return_counts=True), strict=True):
        starts = []
        for slot in np.nonzero(facts.starts(facts.section_open[section], int(length)))[0].tolist():
            starts.append(model.new_bool_var(""))
            by_day[slot // problem.periods_per_day].append(starts[-1])
            for t in range(slot, slot + int(length)):
                busy[t].append(starts[-1])
        model.add(sum(starts) == int(number))
    return by_day


def rooms_bound(problem: Problem, facts: Openings, limit: Limit) -> int:
    """The least of what depends on rooms alone: different rooms of a section, and the register's terms by room (seats, buildings ...).

    Lectures get rooms as numbers, so that no room is used more often than it is open; at which time is left out.
    """
    model, weights = cp_model.CpModel(), problem.weights
    groups: dict[tuple[int, int, int], int] = defaultdict(int)  # (section, kind, suitable rooms) -> lectures
    lengths: dict[tuple[int, int, int], int] = {}
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        key = (section, int(problem.lecture_room_kind[lecture]), facts.suitable_rooms[lecture])
        groups[key] += 1
        lengths[key] = min(lengths.get(key, 99), int(problem.lecture_length[lecture]))
    taken: dict[int, list[cp_model.LinearExprT]] = defaultdict(list)
    used: dict[tuple[int, int], dict[int, cp_model.IntVar]] = defaultdict(dict)
    costs: list[cp_model.LinearExprT] = []
    for (section, kind, rooms), number in groups.items():
        held, prices = [], room_prices(problem, section)
        for room in (room for room in range(problem.num_rooms) if rooms >> room & 1):
            count = model.new_int_var(0, number, "")
            held.append(count)
            taken[room].append(lengths[section, kind, rooms] * count)
            costs.append(int(prices[room]) * count)
            if weights.room_stability:
                is_used = used[section, kind].setdefault(room, model.new_bool_var(""))
                model.add(count <= number * is_used)
        model.add(sum(held) == number)
    for room, loads in taken.items():
        model.add(sum(loads) <= int(problem.room_available[room].sum() * problem.room_places[room]))
    costs += [weights.room_stability * is_used for rooms_used in used.values() for is_used in rooms_used.values()]
    return max(0, _bound(model, costs, limit) - weights.room_stability * len(used))


def room_prices(problem: Problem, section: int) -> NDArray[np.int64]:
    """``[R]`` what a lecture of a section costs in each room, whenever it is."""
    prices = np.zeros(problem.num_rooms, dtype=np.int64)
    for constraint in constraints_of(problem, problem.weights):
        term = constraint.terms.section_rooms
        if term is not None and not constraint.is_hard:
            prices += constraint.weight(problem.weights) * term(problem, np.array([section], dtype=np.int32))[0]
    return prices


def _bound(model: cp_model.CpModel, costs: list[cp_model.LinearExprT], limit: Limit) -> int:
    """The proven lower bound; 0 where nothing was proven, or where the part has no feasible timetable at all."""
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    limit.apply(solver)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
        return 0
    return max(0, int(np.ceil(solver.best_objective_bound - 1e-6)))
