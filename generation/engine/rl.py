"""Refinement by reheats."""

from __future__ import annotations

from generation.engine.chain import Chain, Clock, Cooling, StepClock, WallClock
from generation.engine.state import Context, SearchState, judged

STAGE = "rl_refinement"


def run(context: Context, state: SearchState) -> None:
    for index, variant in enumerate(state.variants):
        if context.is_over(STAGE):
            return
        chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed + 1)
        before = chain.best[0]
        clock: Clock
        if context.params.iterations is not None:
            clock = StepClock(500 * context.params.iterations)
        else:
            clock = WallClock(context.remaining_s(STAGE) / (len(state.variants) - index), chain.rate)
        chain.anneal(Cooling(hot=1.0), clock, is_over=lambda: context.is_over(STAGE))
        after, solution = chain.best
        if after < before:
            variant.score = judged(context.problem, solution, after, variant.profile.weights)
            variant.incumbent = solution
