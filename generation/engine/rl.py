"""Refinement: Q-learning chooses, burst by burst, where the compiled search spends its time.

References
----------
Watkins and Dayan 1992, "Q-learning". As a choice of neighbourhoods: Burke et al. 2013,
"Hyper-heuristics: a survey of the state of the art", section 4.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from generation.engine.callbacks import Facts
from generation.engine.chain import Chain, Clock, Cooling, StepClock, WallClock
from generation.engine.problem import IntArray
from generation.engine.solution import Score
from generation.engine.state import Context, SearchState, VariantState, judged

STAGE = "rl_refinement"
STEPS_A_BURST = 5_000
BURSTS = 12  # wanted in a run: enough to choose, long enough for a reheat to come down again
BURST_S = (0.25, 5.0)
EXPLORE, LEARN, LOOK_AHEAD = 0.2, 0.3, 0.6
WORST_SHARE = 0.3
STUBBORN_HARD_WEIGHT = 120.0  # clashes that a full annealing left


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What a burst does. ``only_worst``: it proposes changes of the dearest lectures alone."""

    cooling: Cooling
    only_worst: bool = False


NEIGHBOURHOODS = {
    "polish": Neighbourhood(Cooling(hot=0.35, cold=0.08)),
    "reheat": Neighbourhood(Cooling(hot=1.5, cold=0.1)),
    "chains": Neighbourhood(Cooling(hot=0.8, cold=0.1, mix=(0.25, 0.15, 0.25, 0.35))),
    "rooms": Neighbourhood(Cooling(hot=0.5, cold=0.1, mix=(0.1, 0.8, 0.1, 0.0))),
    "worst": Neighbourhood(Cooling(hot=0.8, cold=0.1), only_worst=True),
}


class Choice:
    """Q values of each neighbourhood in each situation, and the rule that chooses and learns."""

    def __init__(self, values: dict[str, float], rng: np.random.Generator) -> None:
        self.values = dict(values)
        self._rng = rng

    def pick(self, situation: str) -> str:
        names = list(NEIGHBOURHOODS)
        if self._rng.random() < EXPLORE:
            return str(names[int(self._rng.integers(len(names)))])
        known = [self.values.get(f"{situation}:{name}", 1.0) for name in names]  # untried ones are hoped to be good
        best = np.flatnonzero(np.array(known) == max(known))
        return names[int(best[self._rng.integers(len(best))])]

    def learn(self, situation: str, name: str, reward: float, then: str) -> None:
        key = f"{situation}:{name}"
        ahead = max(self.values.get(f"{then}:{other}", 0.0) for other in NEIGHBOURHOODS)
        old = self.values.get(key, 0.0)
        self.values[key] = round(old + LEARN * (reward + LOOK_AHEAD * ahead - old), 6)


def situation(fraction: float, bursts_without: int, has_improved: bool) -> str:
    """Budget left (thirds), stagnation (none, some, long), last outcome."""
    return f"{min(2, int(3 * fraction))}{min(2, bursts_without // 2)}{int(has_improved)}"


def run(context: Context, state: SearchState) -> None:
    """Refine every variant; the learned values of all are averaged into the state (not where steps are counted)."""
    known = {} if context.is_counted else {**context.params.learned_values, **state.learned_values}
    state.learned_values = known
    if not state.variants or context.is_over(STAGE):
        return
    done = [0.0] * len(state.variants)
    refiners = [Refiner(context, state, variant, index, known, done) for index, variant in enumerate(state.variants)]
    context.run_side_by_side(STAGE, [refiner.refine for refiner in refiners])
    if not context.is_counted:
        state.learned_values = averaged([refiner.values for refiner in refiners])
    context.observer.checkpoint(state)


def averaged(tables: list[dict[str, float]]) -> dict[str, float]:
    keys = sorted({key for table in tables for key in table})
    return {key: float(np.mean([table[key] for table in tables if key in table])) for key in keys}


class Refiner:
    """Refines one variant, always from its best timetable."""

    def __init__(
        self, context: Context, state: SearchState, variant: VariantState, index: int, known: dict[str, float], done: list[float]
    ) -> None:
        self._context = context
        self._state = state
        self._variant = variant
        self._index = index
        self._done = done  # of every refiner, for the progress of all together
        self._choice = Choice(known, context.rng(3, index))

    @property
    def values(self) -> dict[str, float]:
        return self._choice.values

    def refine(self, budget_s: float) -> None:
        """Bursts until the budget is spent; the variant takes the outcome only if it is better under its own weights."""
        if self._is_over():
            return
        context, variant = self._context, self._variant
        self._chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed + 104_729)
        self._chain.turn = context.turns
        before = self._chain.best[0]
        if before.hard > 0:
            self._chain.hard_weight = max(self._chain.hard_weight, STUBBORN_HARD_WEIGHT)
        budget = self._budget(budget_s)
        now, without = situation(0.0, 0, False), 0
        while budget.fraction() < 1.0 and not self._is_over():
            name = self._choice.pick(now)
            gain, effort = self._burst(NEIGHBOURHOODS[name], budget)
            without = 0 if gain > 0 else without + 1
            then = situation(budget.fraction(), without, gain > 0)
            self._choice.learn(now, name, gain / effort, then)
            now = then
            self._tell(budget.fraction())
        score, solution = self._chain.best
        if score < before:
            variant.score = judged(context.problem, solution, score, variant.profile.weights)
            variant.incumbent = solution
        context.note_feasible(self._state, variant.score)

    def _budget(self, budget_s: float) -> Clock:
        iterations = self._context.params.iterations
        if iterations is None:
            self._burst_s = float(np.clip(budget_s / BURSTS, *BURST_S))
            return WallClock(budget_s, self._chain.rate)
        return StepClock(max(1, iterations // 10))

    def _burst(self, neighbourhood: Neighbourhood, budget: Clock) -> tuple[float, float]:
        """Run one neighbourhood from the best timetable; what it gained, and what it took (seconds, or 1 where steps are counted)."""
        chain = self._chain
        before, began = chain.best[0], time.monotonic()
        burst: Clock
        if isinstance(budget, WallClock):
            burst = WallClock(min(self._burst_s, budget.left_s), chain.rate)
        else:
            burst = StepClock(STEPS_A_BURST)
            budget.advance(1, 0.0)
        chain.settle()
        chain.anneal(neighbourhood.cooling, burst, is_over=self._is_over, pool=self._pool(neighbourhood))
        effort = 1.0 if self._context.is_counted else max(1e-3, time.monotonic() - began)
        return self._gain(before, chain.best[0]), effort

    def _pool(self, neighbourhood: Neighbourhood) -> IntArray | None:
        if not neighbourhood.only_worst:
            return None
        movable = self._chain.movable
        dearest = np.argsort(-self._chain.costs()[movable], kind="stable")
        return movable[dearest[: max(1, int(WORST_SHARE * len(movable)))]]

    def _gain(self, before: Score, after: Score) -> float:
        """Improvement as a share of the cost, hard violations at their weight, so that values carry over between institutions."""
        weight = self._chain.hard_weight
        old, new = weight * before.hard + before.soft, weight * after.hard + after.soft
        return 100.0 * max(0.0, old - new) / max(1.0, old)

    def _is_over(self) -> bool:
        return self._context.is_over(STAGE)

    def _tell(self, fraction: float) -> None:
        best, solution = self._chain.best
        self._context.note_feasible(self._state, best)
        self._done[self._index] = max(self._done[self._index], min(1.0, fraction))
        total, finished = len(self._done), sum(1 for share in self._done if share >= 1.0)
        facts = Facts(finished, total, best.hard, best.soft, solution.num_unplaced, self._variant.profile.label)
        self._context.report(STAGE, sum(self._done) / total, facts)
