"""Rules that cannot be kept together, though each of them could: part of the arithmetic of `preflight`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import networkx as nx
import numpy as np

from generation.engine.model.domains import Openings
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import BEFORE, CONSECUTIVE, BoolArray, IntArray
from generation.engine.model.text import listed, pair_words

Relation = tuple[int, int, int, int]  # lecture, lecture, BEFORE ... or TOGETHER, days
Told = tuple[str, dict[str, int | str], str]  # id, values and words of an obstacle
Relations = dict[tuple[int, int], list[Relation]]
TOGETHER = -1


def contradictions(facts: Openings) -> Iterator[Told]:
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


def _pairs(facts: Openings, relations: Relations) -> Iterator[Told]:
    section = facts.problem.lecture_section
    told: set[tuple[int, ...]] = set()
    for (first, second), rows in sorted(relations.items()):
        key = (*sorted((int(section[first]), int(section[second]))), *sorted({kind for _, _, kind, _ in rows}))
        if len(rows) < 2 or key in told:
            continue
        starts = {lecture: np.flatnonzero(facts.own_starts(lecture)).astype(np.int32) for lecture in (first, second)}
        each = [_fits(facts, row, first, starts) for row in rows]
        if all(fits.any() for fits in each) and not np.logical_and.reduce(each).any():
            told.add(key)
            names = facts.section(int(section[first])), facts.section(int(section[second]))
            asked = listed(list(dict.fromkeys(_words(row, first, facts.problem.first_day) for row in rows)), 4)
            yield (
                "rules_contradict",
                {"first": names[0], "second": names[1]},
                f"Lectures of {names[0]} and {names[1]} must be held {asked}, and none of their possible starts are all of that. "
                "Lift one of these rules.",
            )


def _fits(facts: Openings, row: Relation, first: int, starts: dict[int, IntArray]) -> BoolArray:
    """Which starts of the pair keep a relation, with those of `first` down the rows."""
    a, b, kind, days = row
    left, right = starts[a][:, None], starts[b][None, :]
    problem, place = facts.problem, facts.problem.week_slot
    lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
    fits = left == right if kind == TOGETHER else pairs_fit(kind, days, place[left], place[right], lengths, problem.periods_per_day)
    return fits if a == first else fits.T


def _words(row: Relation, first: int, first_day: str) -> str:
    a, _, kind, days = row
    if kind == TOGETHER:
        return "at the same time"
    words = pair_words(kind, days, first_day)
    return words if a == first else words.replace("in this order", "in the other order")


def _circles(facts: Openings, relations: Relations) -> Iterator[Told]:
    """The first circle of lectures each of which must come before the next; of two lectures it is told above."""
    order: nx.DiGraph[int] = nx.DiGraph()
    order.add_edges_from((a, b) for rows in relations.values() for a, b, kind, _ in rows if kind in (BEFORE, CONSECUTIVE))
    for knot in sorted(map(sorted, nx.strongly_connected_components(order))):
        if len(knot) > 2:
            edges = nx.find_cycle(order.subgraph(knot))
            names = [facts.section(int(facts.problem.lecture_section[a])) for a, *_ in edges]
            yield (
                "order_in_a_circle",
                {"first": names[0], "second": names[1]},
                f"Lectures of {', '.join(names)} must each come before the next, and the last of them before the first. "
                "Lift one of these rules.",
            )
