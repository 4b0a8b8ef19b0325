"""Evolution: one island per variant; each founder is a full annealing."""

from __future__ import annotations

from generation.engine.callbacks import Facts
from generation.engine.chain import Chain, Clock, Cooling, StepClock, WallClock
from generation.engine.state import Context, SearchState, judged

STAGE = "ga_optimization"


def run(context: Context, state: SearchState) -> None:
    for index, variant in enumerate(state.variants):
        if context.is_over(STAGE):
            return
        chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed)
        before = chain.best[0]
        clock: Clock
        if context.params.iterations is not None:
            clock = StepClock(2000 * context.params.iterations)
        else:
            clock = WallClock(context.remaining_s(STAGE) / (len(state.variants) - index), chain.rate)

        def tell(fraction: float, chain: Chain = chain, index: int = index) -> None:
            best = chain.best[0]
            context.note_feasible(state, best)
            facts = Facts(completed_items=index, total_items=len(state.variants), hard=best.hard, soft=best.soft)
            context.report(STAGE, (index + fraction) / len(state.variants), facts)

        chain.anneal(Cooling(), clock, is_over=lambda: context.is_over(STAGE), on_chunk=tell)
        after, solution = chain.best
        if after < before:
            variant.score = judged(context.problem, solution, after, variant.profile.weights)
            variant.incumbent = solution
        context.observer.checkpoint(state)
