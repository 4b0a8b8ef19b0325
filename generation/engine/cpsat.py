"""Construction, cluster by cluster, with everything already placed held fixed."""

from __future__ import annotations

import numpy as np

from generation.engine.callbacks import Facts
from generation.engine.chain import Chain
from generation.engine.solution import Solution
from generation.engine.state import Context, SearchState, VariantState, best_score, judged

STAGE = "cpsat_solving"


def run(context: Context, state: SearchState) -> None:
    problem = context.problem
    chain = Chain(problem, problem.weights, state.base or Solution.empty(problem), context.params.seed)
    clusters = state.clusters or [list(range(problem.num_sections))]
    for index in range(state.num_clusters_placed, len(clusters)):
        lectures = np.flatnonzero(np.isin(problem.lecture_section, clusters[index])).astype(np.int32)
        chain.insert(lectures, only_clean=False)
        state.num_clusters_placed = index + 1
        state.base = chain.best[1]
        context.report(STAGE, (index + 1) / len(clusters), Facts(completed_items=index + 1, total_items=len(clusters)))
        context.observer.checkpoint(state)
    score, state.base = chain.best
    own = judged(problem, state.base, score, problem.weights)
    context.note_feasible(state, own)
    if not state.variants:
        state.variants = [
            VariantState(profile, context.params.seed + 7919 * index, state.base.copy(), own)
            for index, profile in enumerate(context.profiles)
        ]
    best_score(problem, state)
