"""The plan of a term's search: repair until no hard rule is broken, then annealing under a clock or a count of proposals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from generation.engine.stop import StopCriterion
from generation.engine.term_model.chain import TermChain
from generation.engine.term_model.kernels import TermMix

CHUNK_S = 0.03  # between two looks at the clock, the stop and the temperature
CHUNKS = 800  # of a counted search
FIRST_STEPS = 2_000
REPAIR_UNTIL = 0.25  # of the time: what is not repaired by then is left to the annealing
HARD_WEIGHT = 3.0  # times the dearest usual growth of the penalty, see `Plan`
MOST_HARD_WEIGHT = 200.0  # times that
GROWTH, RELAXED = 1.25, 0.98
ADAPT_EVERY = 4  # chunks
HOT, WARM = 0.40, 0.10  # which part of the growths is below the first temperature of the annealing, and of the repair
HEATING, HEATING_STEPS, HEATING_FACTOR, HEATED = 0.08, 40, 1.25, 2.0  # share of the time, at most; see `Annealing._heat`
HARD_HEAT = 30.0  # the weight of a hard rule in the first temperature of the annealing, at most
COLD = 0.18  # last temperature in the smallest growth of the penalty
CHAIN_SHARE, REPAIR_CHAIN_SHARE = 0.05, 0.15
BLOCK_SHARE, SEAT_SHARE = 0.05, 0.3


@dataclass(slots=True)
class Budget:
    """How much of the search is done: seconds by `clock`, or proposals where those are counted."""

    clock: Callable[[], float]
    seconds: float
    iterations: int | None
    stop: StopCriterion
    began: float = field(init=False)
    rate: float = 100_000.0  # proposals a second, of the last chunk

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def elapsed_s(self) -> float:
        return self.clock() - self.began

    def fraction(self, chain: TermChain) -> float:
        if self.iterations is not None:
            return chain.proposals / self.iterations
        return self.elapsed_s / self.seconds

    def is_over(self, chain: TermChain) -> bool:
        return self.fraction(chain) >= 1.0 or self.stop.reason() is not None

    def steps(self, chain: TermChain) -> int:
        if self.iterations is not None:
            return max(1, min(self.iterations - chain.proposals, max(200, self.iterations // CHUNKS)))
        return max(200, int(self.rate * min(CHUNK_S, max(self.seconds - self.elapsed_s, 0.001))))


@dataclass(frozen=True, slots=True)
class Plan:
    """Temperatures and weights, from what single moves cost at the constructed timetable: no constant knows an institution's prices."""

    hot: float
    warm: float
    cold: float
    hard_weight: float

    @classmethod
    def of(cls, chain: TermChain) -> Plan:
        growths = chain.growths()
        if not len(growths):
            return cls(1.0, 1.0, 0.1, 100.0)
        hot, warm, dear = (float(np.quantile(growths, share)) for share in (HOT, WARM, 0.95))
        cold = COLD * float(growths[0])
        return cls(max(hot, 4 * cold), max(warm, 2 * cold), cold, HARD_WEIGHT * dear)


class Annealing:
    """Drives one chain; `run` may be called for one part of the plan after another."""

    def __init__(self, chain: TermChain, plan: Plan, budget: Budget, watch: Callable[[TermChain, float], None] | None = None) -> None:
        self.chain, self.plan, self.budget, self.watch = chain, plan, budget, watch
        self.chain_share = CHAIN_SHARE
        self.hot: float | None = None
        self.begin = 0.0
        self.chunks = 0
        self.feasible_s: float | None = None
        self._blocks = BLOCK_SHARE if len(chain.data.block_kind) else 0.0
        self._seats = SEAT_SHARE if len(chain.data.free_q) else 0.0

    def repair(self, until: float) -> None:
        """Look for a timetable that breaks no hard rule, at a low temperature and where rules are broken."""
        self.note_feasible()
        mix = self._mix()._replace(seats=min(0.1, self._seats), chains=REPAIR_CHAIN_SHARE, places=0.15, broken=0.5)
        while self.chain.best_hard > 0 and self.budget.fraction(self.chain) < until and self.budget.stop.reason() is None:
            self._chunk(mix, self.plan.warm)
            if self.chunks % ADAPT_EVERY == 0:
                self.chain.adapt(GROWTH, RELAXED, MOST_HARD_WEIGHT * self.plan.hard_weight)

    def run(self, until: float) -> None:
        """Cool from the temperature that heating finds, to the plan's last one at the end of all."""
        if self.hot is None:
            self.hot = self._heat()
            self.chain.weigh(min(self.plan.hard_weight, HARD_HEAT * self.hot))
            self.begin = self.budget.fraction(self.chain)
        hot, begin = self.hot, self.begin
        while not self.budget.is_over(self.chain) and (fraction := self.budget.fraction(self.chain)) < until:
            done = (fraction - begin) / max(1.0 - begin, 1e-9)
            self._chunk(self._mix(), float(hot * (self.plan.cold / hot) ** done))
            if self.chain.hard > 0 and self.chunks % ADAPT_EVERY == 0:
                self.chain.adapt(GROWTH, RELAXED, MOST_HARD_WEIGHT * self.plan.hard_weight)

    def _heat(self) -> float:
        """The temperature at which the timetable costs `HEATED` times the repaired one: where annealing begins to find its own.

        What single moves cost does not say it: most of them may be far too dear ever to be made.
        """
        chain, budget = self.chain, self.budget
        before, temperature, began = chain.cost, 2.0 * self.plan.cold, budget.fraction(chain)
        while temperature < self.plan.hot and budget.fraction(chain) < began + HEATING and budget.stop.reason() is None:
            until = budget.fraction(chain) + HEATING / HEATING_STEPS
            while budget.fraction(chain) < until and not budget.is_over(chain):
                self._chunk(self._mix(), temperature)
            if chain.cost > HEATED * before:
                break
            temperature *= HEATING_FACTOR
        return temperature

    def _mix(self) -> TermMix:
        return TermMix(
            seats=self._seats,
            chains=self.chain_share,
            blocks=self._blocks,
            rooms=0.25,
            places=0.1,
            broken=0.1,
            chain_length=8,
            tries=200,
        )

    def _chunk(self, mix: TermMix, temperature: float) -> None:
        steps = self.budget.steps(self.chain) if self.chunks else min(FIRST_STEPS, self.budget.steps(self.chain))
        began = self.budget.clock()
        self.chain.anneal(mix, steps, temperature)
        took = self.budget.clock() - began
        self.budget.rate = steps / max(took, 1e-6)
        self.chunks += 1
        self.note_feasible()
        if self.watch is not None:
            self.watch(self.chain, min(1.0, self.budget.fraction(self.chain)))

    def note_feasible(self) -> None:
        if self.feasible_s is None and self.chain.best_hard == 0:
            self.feasible_s = self.budget.elapsed_s
