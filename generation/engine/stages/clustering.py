"""Sections in clusters: communities of the conflict graph, near a target size, hardest first.

References
----------
Blondel et al. 2008, "Fast unfolding of communities in large networks" (Louvain).
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from generation.engine.context import Context
from generation.engine.model.problem import Problem
from generation.engine.observer import Facts
from generation.engine.search.search_data import Fixed, search_data
from generation.engine.search_state import SearchState

STAGE = "clustering"
HARD_PAIR_WEIGHT = 20  # a pair that must not overlap ties as much as this many shared students
SAME_HINT_WEIGHT = 2  # a common department breaks ties between equally bound sections
STRONGEST_KEPT = 12  # neighbours a section keeps in the graph: Louvain on all 400,000 pairs takes minutes


def run(context: Context, state: SearchState) -> None:
    """Fill ``state.clusters``; a state that has them already is left alone."""
    if state.clusters is not None:
        return
    fixed = search_data(context.problem)
    state.clusters = clusters(context.problem, fixed, context.params.cluster_size, seed=context.params.seed)
    context.report(STAGE, 1.0, Facts(completed_items=len(state.clusters), total_items=len(state.clusters)))


def clusters(problem: Problem, fixed: Fixed, target: int, *, seed: int) -> list[list[int]]:
    """Partition the sections.

    Parameters
    ----------
    target
        Wanted sections a cluster; none has more than 1.5 times as many.
    seed
        Decides among equally good communities.
    """
    graph = conflict_graph(problem, fixed)
    communities = nx.community.louvain_communities(graph, weight="weight", seed=seed)
    parts = [part for community in communities for part in _split(graph, sorted(community), target, seed)]
    merged = _merge(graph, parts, target)
    load = _difficulty(problem, fixed)
    return sorted((sorted(part) for part in merged), key=lambda part: (-float(np.mean(load[part])), part))


def conflict_graph(problem: Problem, fixed: Fixed) -> nx.Graph:
    """Sections tied by shared students, instructors and curricula; only each one's strongest ties."""
    graph = nx.Graph()
    graph.add_nodes_from(range(problem.num_sections))
    hint = problem.section_cluster_hint
    of_parts = fixed.whole[fixed.nb]  # parts of sections whose lectures differ in weeks stand for the section
    for section in range(problem.num_sections):
        row = slice(fixed.nb_ptr[section], fixed.nb_ptr[section + 1])
        others = of_parts[row]
        weight = fixed.nb_shared[row] + HARD_PAIR_WEIGHT * fixed.nb_hard[row]
        weight = weight + SAME_HINT_WEIGHT * ((hint[others] == hint[section]) & (hint[section] >= 0))
        strongest = np.argsort(-weight, kind="stable")[:STRONGEST_KEPT]
        graph.add_weighted_edges_from((section, int(others[i]), int(weight[i])) for i in strongest)
    return graph


def _split(graph: nx.Graph, members: list[int], target: int, seed: int, resolution: float = 1.5) -> list[list[int]]:
    """Communities of a community, until none is too large; what has no inner structure is cut in order."""
    limit = target + target // 2
    if len(members) <= limit:
        return [members]
    inner = nx.community.louvain_communities(graph.subgraph(members), weight="weight", seed=seed, resolution=resolution)
    if len(inner) == 1 or resolution > 6:
        pieces = -(-len(members) // target)
        return [list(map(int, piece)) for piece in np.array_split(members, pieces)]
    return [part for community in inner for part in _split(graph, sorted(community), target, seed, resolution + 0.75)]


def _merge(graph: nx.Graph, parts: list[list[int]], target: int) -> list[list[int]]:
    """Join each small part to the one it is tied to most, else to another small one, while they stay near the target."""
    limit = target + target // 2
    owner = {section: index for index, part in enumerate(parts) for section in part}
    alive = {index: list(part) for index, part in enumerate(parts)}
    for index in sorted(alive, key=lambda i: len(parts[i])):
        part = alive[index]
        if len(part) >= target // 2:
            continue
        ties: dict[int, int] = {}
        for section in part:
            for other, data in graph[section].items():
                if owner[other] != index:
                    ties[owner[other]] = ties.get(owner[other], 0) + data["weight"]
        fitting = [i for i in ties if len(alive[i]) + len(part) <= limit]
        if fitting:
            chosen = max(fitting, key=lambda i: (ties[i], -i))
        else:
            small = [i for i in alive if i != index and len(alive[i]) + len(part) <= target]
            if not small:
                continue
            chosen = small[0]
        alive[chosen] += part
        owner |= dict.fromkeys(part, chosen)
        del alive[index]
    return list(alive.values())


def _difficulty(problem: Problem, fixed: Fixed) -> NDArray[np.float64]:
    """How hard a section is to place: what it needs, and with whom it clashes, by the starts and rooms it may choose from."""
    of_parts = np.add.reduceat(np.append(fixed.nb_hard, 0), fixed.nb_ptr[:-1]) * (np.diff(fixed.nb_ptr) > 0)
    clashes = np.bincount(fixed.whole, weights=of_parts, minlength=problem.num_sections)
    choice = np.diff(fixed.starts_ptr) * np.sqrt(np.diff(fixed.class_ptr)[fixed.l_class])
    need = np.zeros(problem.num_sections)
    np.add.at(need, problem.lecture_section, problem.lecture_length / np.maximum(1.0, choice))
    difficulty: NDArray[np.float64] = need * (1.0 + clashes)
    return difficulty
