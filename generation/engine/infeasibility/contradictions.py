"""Rules that cannot be kept together, though each of them could: part of the arithmetic of `preflight`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from generation.engine.infeasibility.statements import TOGETHER, LectureRelation, Obstacle, Ref
from generation.engine.model.domains import Openings
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import BEFORE, CONSECUTIVE, BoolArray, IntArray

Relation = tuple[int, int, int, int]  # lecture, lecture, BEFORE ... or TOGETHER, days
Relations = dict[tuple[int, int], list[Relation]]
TABLES = ("lecture_pairs", "same_start")


def contradictions(facts: Openings) -> Iterator[Obstacle]:
    """Pairs of lectures with several relations of which no two starts keep all, and orders that come back to where they began."""
    relations = relations_of(facts)
    yield from _pairs(facts, relations)
    yield from _circles(facts, relations)


def relations_of(facts: Openings) -> Relations:
    """The hard relations of each pair of lectures."""
    problem = facts.problem
    found: Relations = defaultdict(list)
    rows = [(a, b, kind, days) for a, b, kind, days, factor in problem.lecture_pairs.tolist() if factor == 0]
    rows += [(a, b, TOGETHER, 0) for a, b in problem.same_start[problem.joint_is_hard].tolist()]
    for row in rows:
        if row[0] != row[1]:
            found[min(row[:2]), max(row[:2])].append(row)
    return found


def _pairs(facts: Openings, relations: Relations) -> Iterator[Obstacle]:
    section = facts.problem.lecture_section
    seen: set[tuple[int, ...]] = set()
    for (first, second), rows in sorted(relations.items()):
        key = (*sorted((int(section[first]), int(section[second]))), *sorted({kind for _, _, kind, _ in rows}))
        if len(rows) < 2 or key in seen:
            continue
        starts = {lecture: np.flatnonzero(facts.own_starts(lecture)).astype(np.int32) for lecture in (first, second)}
        each = [_fits(facts, row, first, starts) for row in rows]
        if all(fits.any() for fits in each) and not np.logical_and.reduce(each).any():
            seen.add(key)
            sections = (Ref("section", int(section[lecture])) for lecture in (first, second))
            kept = tuple(LectureRelation.of(kind, days, is_reversed=a != first) for a, _, kind, days in rows)
            yield Obstacle("rules_contradict", {"first": next(sections), "second": next(sections), "relations": kept}, TABLES)


def _fits(facts: Openings, row: Relation, first: int, starts: dict[int, IntArray]) -> BoolArray:
    """Which starts of the pair keep a relation, with those of `first` down the rows."""
    a, b, kind, days = row
    left, right = starts[a][:, None], starts[b][None, :]
    problem, place = facts.problem, facts.problem.week_slot
    lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
    fits = left == right if kind == TOGETHER else pairs_fit(kind, days, place[left], place[right], lengths, problem.periods_per_day)
    return fits if a == first else fits.T


def _circles(facts: Openings, relations: Relations) -> Iterator[Obstacle]:
    """The first circle of lectures each of which must come before the next; of two lectures it is found above."""
    edges_of_order = [(a, b) for rows in relations.values() for a, b, kind, _ in rows if kind in (BEFORE, CONSECUTIVE)]
    if not edges_of_order:
        return
    import networkx as nx  # half a second, which most terms need not spend

    order: nx.DiGraph[int] = nx.DiGraph(edges_of_order)
    for knot in sorted(map(sorted, nx.strongly_connected_components(order))):
        if len(knot) > 2:
            edges = nx.find_cycle(order.subgraph(knot))
            sections = tuple(Ref("section", int(facts.problem.lecture_section[a])) for a, *_ in edges)
            yield Obstacle("order_in_a_circle", {"first": sections[0], "second": sections[1], "sections": sections}, TABLES)
