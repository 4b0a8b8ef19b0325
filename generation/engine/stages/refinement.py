"""Refinement: the cold end of the annealing, where Q-learning chooses, burst by burst, which changes the search proposes.

Every burst goes on from where the last one stood, at the temperature that the clock says; what is chosen is the mix of
neighbourhoods and the lectures they are tried on. The reward is what the burst took off the cost of the best timetable,
as a share of it, for each hundredth of the stage.

References
----------
Watkins and Dayan 1992, "Q-learning". As a choice of neighbourhoods: Burke et al. 2013,
"Hyper-heuristics: a survey of the state of the art", section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from generation.engine.context import STEPS_AN_ITERATION, Context, best_take, position_note, position_take
from generation.engine.model.problem import IntArray
from generation.engine.model.solution import Score
from generation.engine.params import ChoiceRule
from generation.engine.search.annealing import Chain, Clock, StepClock, WallClock
from generation.engine.search_state import SearchState
from generation.engine.stages.reporter import Reporter

STAGE = "rl_refinement"
FROM = 0.7  # of the way down, where no search stands warm
COUNTED_SHARE = 1 - FROM  # of the counted proposals
MENDING_SHARE = 0.4  # of the stage, where rules are still broken and ejection is used
BURSTS = 80  # in a run: enough to choose from, long enough to show what a choice gives
EXPLORE, LEARN, LOOK_AHEAD = 0.1, 0.15, 0.3


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What a burst proposes: how many times the usual Kempe chains and room changes.

    ``only_dear``: changes of lectures that cost something where they are.
    """

    chains: float = 1.0
    rooms: float = 1.0
    only_dear: bool = False


NEIGHBOURHOODS = {
    "balanced": Neighbourhood(),
    "chains": Neighbourhood(chains=2.5),
    "times": Neighbourhood(chains=0.25, rooms=0.2),
    "rooms": Neighbourhood(chains=0.5, rooms=10.0),
    "dear": Neighbourhood(only_dear=True),
}


class Choice:
    """Q values of each neighbourhood in each situation, and the rule that chooses and learns."""

    def __init__(self, values: dict[str, float], rng: np.random.Generator, rule: ChoiceRule = "learned") -> None:
        self.values = dict(values)
        self._rng = rng
        self._explore = 1.0 if rule == "uniform" else EXPLORE

    def pick(self, situation: str) -> str:
        names = list(NEIGHBOURHOODS)
        if self._rng.random() < self._explore:
            return str(names[int(self._rng.integers(len(names)))])
        known = [self.values.get(f"{situation}:{name}", PRIOR[name]) for name in names]
        best = np.flatnonzero(np.array(known) == max(known))
        return names[int(best[self._rng.integers(len(best))])]

    def learn(self, situation: str, name: str, reward: float, then: str) -> None:
        key = f"{situation}:{name}"
        ahead = max(self.values.get(f"{then}:{other}", PRIOR[other]) for other in NEIGHBOURHOODS)
        old = self.values.get(key, PRIOR[name])
        self.values[key] = round(old + LEARN * (reward + LOOK_AHEAD * ahead - old), 6)


# Where an institution has learned nothing yet.
PRIOR = {"balanced": 1.0, "chains": 1.0, "times": 1.0, "rooms": 1.0, "dear": 1.0}


def situation(fraction: float, bursts_without: int, has_improved: bool) -> str:
    """Budget left (thirds), stagnation (none, some, long), last outcome."""
    return f"{min(2, int(3 * fraction))}{min(2, bursts_without // 4)}{int(has_improved)}"


def run(context: Context, state: SearchState) -> None:
    """Refine every variant; the learned values of all are averaged into the state (not where steps are counted)."""
    known = {} if context.is_counted else {**context.params.learned_values, **state.learned_values}
    state.learned_values = known
    if not state.variants or context.is_over(STAGE):
        return
    done = [0.0] * len(state.variants)
    teams = [Team(context, state, index, known, done) for index in range(len(state.variants))]
    context.run_side_by_side(STAGE, [run for team in teams for run in team.runs()])
    for team in teams:
        team.finish()
    if not context.is_counted:
        state.learned_values = averaged([refiner.choice.values for team in teams for refiner in team.refiners])
    state.chains = {}
    context.observer.checkpoint(state)


def averaged(tables: list[dict[str, float]]) -> dict[str, float]:
    keys = sorted({key for table in tables for key in table})
    return {key: float(np.mean([table[key] for table in tables if key in table])) for key in keys}


class Team:
    """The searches of one variant."""

    def __init__(self, context: Context, state: SearchState, index: int, known: dict[str, float], done: list[float]) -> None:
        self._context = context
        self._variant = state.variants[index]
        self._reporter = Reporter(STAGE, context, state, self._variant, done, index)
        chains = state.chains.get(index) or self._chains_of_earlier(state, index)
        self.refiners = [
            Refiner(
                context,
                chain,
                Choice(known, context.rng(3, index, member), context.params.choice),
                self._tell,
                self._noter(state, index, member),
            )
            for member, chain in enumerate(chains)
        ]
        self._before = min(refiner.found[0] for refiner in self.refiners)

    @staticmethod
    def _noter(state: SearchState, index: int, member: int) -> Callable[[Chain, float], None]:
        return lambda chain, way: position_note(state, (index, member), STAGE, chain, way)

    def _chains_of_earlier(self, state: SearchState, index: int) -> list[Chain]:
        """Where the searches of an earlier process stood."""
        keys = sorted(key for key in state.positions if key[0] == index) or [(index, 0)]
        chains = [self._cold_chain() for _ in keys]
        for key, chain in zip(keys, chains, strict=True):
            position_take(state, key, chain)
        return chains

    def _cold_chain(self) -> Chain:
        """Where no search stands warm, as the stage before was left out: from the best timetable."""
        context, variant = self._context, self._variant
        chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed + 104_729)
        chain.permit, chain.units = context.semaphore, context.units
        chain.way = FROM
        return chain

    def runs(self) -> list[Callable[[float], None]]:
        return [partial(refiner.refine, seed=self._variant.seed) for refiner in self.refiners]

    def finish(self) -> None:
        best_take(self._context, self._variant, [refiner.chain for refiner in self.refiners], self._before)

    def _tell(self) -> None:
        score, solution = min((refiner.found for refiner in self.refiners), key=lambda found: found[0])
        self._reporter.tell(sum(refiner.done for refiner in self.refiners) / len(self.refiners), score, solution)


class Refiner:
    """Takes one search down the rest of its way."""

    def __init__(
        self, context: Context, chain: Chain, choice: Choice, tell: Callable[[], None], note: Callable[[Chain, float], None]
    ) -> None:
        self._context = context
        self._tell = tell
        self._note_position = note
        self._num_walks, self._walk = 1, 0
        self.chain = chain
        self.choice = choice
        self.done = 0.0
        self.found = chain.best  # as of the last burst: the chain's own is not to be read while it computes

    def refine(self, budget_s: float, *, seed: int) -> None:
        """Bursts until the budget is spent; at the end students change seats where that only helps."""
        budget = self._budget(budget_s)
        if self.chain.walk:
            self._num_walks = max(1, int(budget.steps_left() / self.chain.walk))
        now, without = situation(0.0, 0, False), 0
        while len(self.chain.movable) and budget.fraction() < self._until() and not self._is_over():
            name = self.choice.pick(now)
            gain = self._burst(NEIGHBOURHOODS[name], budget)
            without = 0 if gain > 0 else without + 1
            then = situation(budget.fraction(), without, gain > 0)
            self.choice.learn(now, name, gain, then)
            now = then
        if self._until() < 1.0:
            self.chain.eject(is_over=lambda: budget.fraction() >= 1.0 or self._is_over())
        if self._context.problem.has_movable_seats:
            self.chain.settle()
            self.chain.reseat(seed=seed)
        self._note(1.0)

    def _until(self) -> float:
        """Where the bursts end: before the end of the stage where lectures that make way for one another may still end what is broken."""
        is_mended = self.chain.problem.is_bound and not self._context.is_counted and self.found[0].hard > 0
        return 1.0 - MENDING_SHARE if is_mended else 1.0

    def _budget(self, budget_s: float) -> Clock:
        iterations = self._context.params.iterations
        if iterations is None:
            return WallClock(budget_s, self.chain.rate)
        return StepClock(int(COUNTED_SHARE * STEPS_AN_ITERATION * iterations))

    def _burst(self, neighbourhood: Neighbourhood, budget: Clock) -> float:
        """Search with one neighbourhood; what it gained for each hundredth of the stage."""
        chain, before, began = self.chain, self.chain.best[0], budget.fraction()
        walk = int(began * self._num_walks)
        if walk > self._walk:  # once more, from the best
            self._walk = walk
            chain.settle()
        until = min(1.0, (walk + 1) / self._num_walks, began + 1 / BURSTS)
        way = [chain.way + (1 - chain.way) * (fraction * self._num_walks - walk) for fraction in (began, until)]
        plan = chain.plan.over((way[0], way[1])).mixed(chain.mix(chains=neighbourhood.chains, rooms=neighbourhood.rooms))
        clock = budget.part(until)

        def on_chunk(fraction: float) -> None:
            self._note_position(chain, plan.way(fraction))
            self._note(budget.fraction())

        chain.anneal(plan, clock, is_over=self._is_over, pool=self._pool(neighbourhood), on_chunk=on_chunk)
        return self._gain(before, chain.best[0]) / max(1e-3, 100 * (budget.fraction() - began))

    def _pool(self, neighbourhood: Neighbourhood) -> IntArray | None:
        if not neighbourhood.only_dear:
            return None
        movable = self.chain.movable
        dear = movable[self.chain.costs()[movable] > 0]
        return dear if len(dear) else None

    def _gain(self, before: Score, after: Score) -> float:
        """Improvement as a percentage of the cost, hard violations at their weight, so that values carry over between institutions."""
        weight = self.chain.hard_weight
        old, new = weight * before.hard + before.soft, weight * after.hard + after.soft
        return 100.0 * max(0.0, old - new) / max(1.0, old)

    def _is_over(self) -> bool:
        return self._context.is_over(STAGE) or self._context.is_perfect(self.found[0])

    def _note(self, fraction: float) -> None:
        self.done = max(self.done, min(1.0, fraction))
        self.found = self.chain.best
        self._tell()
