"""Whether all lectures that a hard rule ties to one another find times so: part of the arithmetic of `preflight`.

Two lectures alone may stand as they must where all lectures of two courses cannot. CP-SAT proves that for the lectures of one
rule's two courses at a time, and then for everything that rules tie together. Rooms are left out, so what is refused is impossible.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import networkx as nx
from ortools.sat.python import cp_model

from generation.engine.infeasibility.contradictions import Relation, relations_of
from generation.engine.infeasibility.statements import TOGETHER, LectureRelation, Obstacle, Ref
from generation.engine.model.domains import Openings
from generation.engine.model.problem import (
    BEFORE,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    GROUPED,
    SAME_DAY,
)

MOST_LECTURES = 200  # in one model
MOST_ROWS = 5_000
LIMIT_S = 2.0  # for all models
COUNTED = 0.5  # each, in CP-SAT's own unit of steps
TABLES = ("lecture_pairs",)


def impossible_together(facts: Openings) -> Iterator[Obstacle]:
    """Rules about two courses that cannot be kept for all of their lectures; where each could, those that cannot be kept together."""
    deadline = time.monotonic() + LIMIT_S
    rows = list(chain.from_iterable(relations_of(facts).values()))
    courses = facts.names.courses
    groups: dict[tuple[str, str, int, int], list[Relation]] = defaultdict(list)
    for a, b, kind, days in rows:
        names = (courses[int(facts.problem.lecture_section[lecture])] for lecture in (a, b))
        groups[next(names), next(names), kind, days].append((a, b, kind, days))
    named: set[str] = set()
    for (first, second, kind, days), group in sorted(groups.items()):
        if time.monotonic() < deadline and not _can_be_kept(facts, group):
            named |= {first, second}
            which = {"first": _course(courses, first), "second": _course(courses, second)}
            number = len({lecture for row in group for lecture in row[:2]})
            yield Obstacle("pairs_impossible", {**which, "relation": LectureRelation.of(kind, days), "lectures": number}, TABLES)
    tied: nx.Graph[int] = nx.Graph()
    tied.add_edges_from((a, b) for a, b, _, _ in rows)
    for knot in nx.connected_components(tied):
        names_of = sorted({courses[int(facts.problem.lecture_section[lecture])] for lecture in knot})
        inside = [row for row in rows if row[0] in knot]
        if named.isdisjoint(names_of) and time.monotonic() < deadline and not _can_be_kept(facts, inside):
            all_ = tuple(_course(courses, name) for name in names_of)
            yield Obstacle("rules_contradict", {"first": all_[0], "second": all_[-1], "courses": all_}, TABLES)


def _course(courses: Sequence[str], name: str) -> Ref:
    return Ref("course", courses.index(name))


def _can_be_kept(facts: Openings, rows: Sequence[Relation]) -> bool:
    """Whether there are times for the lectures of these rows; True also where that is too much to find out."""
    lectures = sorted({lecture for row in rows for lecture in row[:2]})
    if len(lectures) < 3 or len(lectures) > MOST_LECTURES or len(rows) > MOST_ROWS:
        return True
    model = _Model(facts, lectures)
    for row in rows:
        model.tie(row)
    return model.is_possible()


class _Model:
    def __init__(self, facts: Openings, lectures: Collection[int]) -> None:
        problem, self.model = facts.problem, cp_model.CpModel()
        self.length = problem.lecture_length
        self.start: dict[int, cp_model.IntVar] = {}
        self.day: dict[int, cp_model.IntVar] = {}
        self.day_pair: dict[int, cp_model.IntVar] = {}
        busy: dict[int, list[cp_model.IntervalVar]] = defaultdict(list)
        for lecture in lectures:
            domain = cp_model.Domain.from_values(problem.week_slot[facts.own_starts(lecture)].tolist())
            start = self.start[lecture] = self.model.new_int_var_from_domain(domain, "")
            day = self.day[lecture] = self.model.new_int_var(0, int(problem.day_rank.max()), "")
            self.model.add(start == day * problem.periods_per_day + self.model.new_int_var(0, problem.periods_per_day - 1, ""))
            section = int(problem.lecture_section[lecture])
            pair = self.day_pair[lecture] = self.model.new_int_var(0, int(problem.day_rank.max()) // 2, "")
            self.model.add_division_equality(pair, day, 2)
            busy[section].append(self.model.new_fixed_size_interval_var(start, int(self.length[lecture]), ""))
        groups: dict[tuple[str, int], list[cp_model.IntervalVar]] = defaultdict(list)
        for section, intervals in busy.items():
            groups["section", section] += intervals
            for instructor in facts.relations.instructors[section]:
                groups["instructor", instructor] += intervals
            for curriculum in facts.relations.curricula[section]:
                groups["curriculum", curriculum] += intervals
        for number, (a, b) in enumerate(problem.no_overlap.tolist()):
            if a != b and a in busy and b in busy:
                groups["apart", number] = [*busy[a], *busy[b]]
        for members in groups.values():
            self.model.add_no_overlap(members)

    def tie(self, row: Relation) -> None:
        a, b, kind, days = row
        first, second, end = self.start[a], self.start[b], self.start[a] + int(self.length[a])
        if kind == TOGETHER:
            self.model.add(first == second)
        elif kind == BEFORE:
            self.model.add(second >= end)
        elif kind in (DAYS_APART, DAY_PAIRS_APART):
            is_later, day = self.model.new_bool_var(""), self.day if kind == DAYS_APART else self.day_pair
            self.model.add(day[b] - day[a] >= days).only_enforce_if(is_later)
            self.model.add(day[a] - day[b] >= days).only_enforce_if(~is_later)
        elif kind in (DAYS_WITHIN, DAY_PAIRS_WITHIN):
            day = self.day if kind == DAYS_WITHIN else self.day_pair
            self.model.add_linear_constraint(day[b] - day[a], -days, days)
        elif kind in (CONSECUTIVE, GROUPED, SAME_DAY):
            # The other relations are left out: what cannot be without them cannot be with them either.
            self.model.add(self.day[a] == self.day[b])
            if kind == CONSECUTIVE:
                self.model.add(second == end)
            elif kind == GROUPED:
                is_later = self.model.new_bool_var("")
                self.model.add(second == end).only_enforce_if(is_later)
                self.model.add(first == second + int(self.length[b])).only_enforce_if(~is_later)

    def is_possible(self) -> bool:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = COUNTED
        return bool(solver.solve(self.model) != cp_model.INFEASIBLE)
