"""Who teaches the sections for which the program chooses, of those who can teach the course: decided before any time is searched.

Whoever is named stays. A section gets one person: somebody who is free in as many of its timeslots as it has periods, and whose week
takes them: most periods a week, and no more than there are open timeslots. As many periods as possible are taught; then the loads are
as even as they can be, the periods that are named already counted with them. The same data give the same choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EFFORT = 2.0  # of deterministic time: some seconds at most, and the same result on every machine
MOST_PAIRS = 20_000  # beyond that the first choice stands


@dataclass(frozen=True)
class Vacancy:
    """A section that waits for somebody: its periods a week, and who may teach it."""

    section: int
    periods: int
    people: tuple[int, ...]


def instructors_chosen(vacancies: Sequence[Vacancy], *, loads: Mapping[int, int], most: Mapping[int, int]) -> dict[int, int]:
    """By section who teaches it; those for whom nobody is left are missing. ``loads``: periods that people teach already."""
    first = _in_turn(vacancies, loads, most)
    if not first or sum(len(each.people) for each in vacancies) > MOST_PAIRS:
        return first
    from ortools.sat.python import cp_model  # half a second, which most terms need not spend

    model = cp_model.CpModel()
    takes = {(v.section, who): model.new_bool_var("") for v in vacancies for who in v.people}
    for vacancy in vacancies:
        model.add_at_most_one(takes[vacancy.section, who] for who in vacancy.people)
    squares = []
    taught = [takes[v.section, who] * v.periods for v in vacancies for who in v.people]
    for who in sorted({who for vacancy in vacancies for who in vacancy.people}):
        mine = [takes[v.section, who] * v.periods for v in vacancies if who in v.people]
        free = max(0, most[who] - loads.get(who, 0))
        model.add(sum(mine) <= free)
        highest = loads.get(who, 0) + min(free, sum(v.periods for v in vacancies if who in v.people))
        load, square = model.new_int_var(0, highest, ""), model.new_int_var(0, highest**2, "")
        model.add(load == loads.get(who, 0) + sum(mine))
        model.add_multiplication_equality(square, [load, load])
        squares.append(square)
    worth = 1 + 2 * max(most.values(), default=0) ** 2 * max(1, len(squares))
    model.maximize(worth * sum(taught) - sum(squares))
    for key, variable in takes.items():
        model.add_hint(variable, first.get(key[0]) == key[1])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first
    return {section: who for (section, who), variable in takes.items() if solver.boolean_value(variable)}


def _in_turn(vacancies: Sequence[Vacancy], loads: Mapping[int, int], most: Mapping[int, int]) -> dict[int, int]:
    """The sections with the fewest people first, each to whoever teaches least so far."""
    load = dict(loads)
    found = {}
    for vacancy in sorted(vacancies, key=lambda each: (len(each.people), -each.periods, each.section)):
        people = [who for who in vacancy.people if load.get(who, 0) + vacancy.periods <= most[who]]
        if people:
            who = min(people, key=lambda who: (load.get(who, 0), who))
            found[vacancy.section] = who
            load[who] = load.get(who, 0) + vacancy.periods
    return found
