"""Evolution: one island a variant, whose individuals anneal together from hot to warm.

A generation is one part of the way down. Mutation is that part of the annealing, by the compiled search; between two
generations the individuals that stand worse give way to children of the best and themselves, which inherit whole days
or clusters and are repaired. An island has as many individuals as there are workers for it: on ITC-2007 one long
annealing beats several short ones that share a processor. Each variant's search goes on from where it stands here,
still warm, in the refinement.

References
----------
Fortin et al. 2012, "DEAP: evolutionary algorithms made easy" (toolbox). Bellio et al. 2016 (annealing). A population
whose worse members are replaced on the way down: Hukushima and Iba 2003, "Population annealing".
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from deap import base, tools

from generation.engine.chain import Chain, Clock, StepClock, WallClock
from generation.engine.params import STAGES
from generation.engine.problem import IntArray
from generation.engine.solution import Solution
from generation.engine.state import STEPS_AN_ITERATION, Context, SearchState, best_take
from generation.engine.teller import Teller

STAGE = "ga_optimization"
COUNTED_SHARE = 0.7  # of the counted proposals and of the way down; with a clock, what the stage's time is of all
GENERATIONS = 5


class Fitness(base.Fitness):  # type: ignore[misc]
    """The mean cost of the last proposals: less is better. A single timetable says little while it is warm."""

    weights = (-1.0,)


class Individual:
    """A chain, and the fitness that DEAP's selection looks at."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.fitness = Fitness()
        self.done = 0.0  # of this stage's part of the way
        self.found = chain.best  # as of the last chunk: the chain's own is not to be read while it computes

    @property
    def genes(self) -> IntArray:
        """[2, L]: start timeslots and rooms."""
        return np.stack([self.chain.state.slot, self.chain.state.room])


def run(context: Context, state: SearchState) -> None:
    """Anneal every variant on an island of its own."""
    if not state.variants or context.is_over(STAGE):
        return
    done = [0.0] * len(state.variants)
    islands = [Island(context, state, index, done) for index in range(len(state.variants))]
    began, budget_s = context.elapsed_s, context.remaining_s(STAGE)
    for generation in range(GENERATIONS):
        until = began + budget_s * (generation + 1) / GENERATIONS
        runs = [partial(island.mutate, individual, generation) for island in islands for individual in island.population]
        context.run_side_by_side(STAGE, runs, until_s=until)
        if context.is_over(STAGE):
            break
        for island in islands:
            island.breed(generation)
    for island in islands:
        island.hand_over()
    context.observer.checkpoint(state)


class Island:
    """One variant's population, steered by the variant's weights."""

    def __init__(self, context: Context, state: SearchState, index: int, done: list[float]) -> None:
        self._context = context
        self._state = state
        self._index = index
        self._rng = context.rng(2, index)
        self.variant = state.variants[index]
        size = max(1, context.params.workers // len(state.variants))
        self.population = [Individual(self._chain(member)) for member in range(size)]
        self._teller = Teller(STAGE, context, state, self.variant, done, index)
        self._before = self.population[0].chain.best[0]
        self._span = self._plan()
        self._toolbox = self._tools()
        self._generation = 0

    def _chain(self, member: int) -> Chain:
        variant, context = self.variant, self._context
        chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed + 15_485_863 * member)
        chain.turn = context.turns
        return chain

    def _plan(self) -> float:
        """Plan the whole way down for every individual; the part of it that this stage walks."""
        context, first = self._context, self.population[0].chain
        iterations = context.params.iterations
        whole: Clock
        if iterations is not None:
            whole, share = StepClock(STEPS_AN_ITERATION * iterations), COUNTED_SHARE
        else:
            total_s = context.remaining_s(STAGES[-1])
            share = context.remaining_s(STAGE) / max(1e-6, total_s)
            whole = WallClock(total_s * context.share_of_worker(len(self._state.variants)), first.rate)
        plan = first.full_cooling(whole)
        for individual in self.population:
            individual.chain.plan = plan
            individual.chain.rate = getattr(whole, "rate", individual.chain.rate)
        return min(1.0, share) if context.uses(STAGES[-1]) else 1.0

    def _tools(self) -> Any:
        toolbox = base.Toolbox()
        toolbox.register("select", tools.selBest)
        toolbox.register("mate", self._inherit)
        return toolbox

    def mutate(self, individual: Individual, generation: int, budget_s: float) -> None:
        """One part of the annealing; its last quarter gives the fitness."""
        chain = individual.chain
        costs: list[float] = []
        span = (self._span * generation / GENERATIONS, self._span * (generation + 1) / GENERATIONS)

        def on_chunk(fraction: float) -> None:
            individual.done = max(individual.done, min(1.0, (generation + fraction) / GENERATIONS))
            if fraction > 0.75 or not costs:
                costs.append(chain.cost)
            self._tell(individual)

        chain.anneal(chain.plan.over(span), self._clock(chain, budget_s), is_over=self._is_over, on_chunk=on_chunk)
        individual.fitness.values = (float(np.mean(costs or [chain.cost])),)
        self._tell(individual)

    def _clock(self, chain: Chain, budget_s: float) -> Clock:
        iterations = self._context.params.iterations
        if iterations is not None:
            return StepClock(int(self._span * STEPS_AN_ITERATION * iterations) // GENERATIONS)
        return WallClock(budget_s, chain.rate)

    def breed(self, generation: int) -> None:
        """Replace those who stand worse by children of the best and themselves."""
        self._generation = generation + 1
        best, *others = self._toolbox.select(self.population, len(self.population))
        if generation + 1 < GENERATIONS:
            for other in others[(len(self.population) - 1) // 2 :]:
                self._toolbox.mate(best, other)

    def _inherit(self, first: Individual, second: Individual) -> None:
        """The second becomes the first with one or two whole days, or a quarter of the clusters, as they are in itself."""
        genes, theirs = first.genes, second.genes
        problem, clusters = self._context.problem, self._state.clusters or []
        if self._rng.random() < 0.5 or len(clusters) < 4:
            days = self._rng.choice(problem.num_days, size=min(2, problem.num_days), replace=False)
            taken = np.isin(theirs[0] // problem.periods_per_day, days) & (theirs[0] >= 0)
        else:
            chosen = self._rng.choice(len(clusters), size=max(1, len(clusters) // 4), replace=False)
            taken = np.isin(problem.lecture_section, np.concatenate([clusters[int(i)] for i in chosen]))
        genes[:, taken] = theirs[:, taken]
        second.chain.go_to(Solution(genes[0], genes[1], first.chain.current.seats))
        second.chain.insert(second.chain.movable, only_clean=False)

    def hand_over(self) -> None:
        """The variant takes the best timetable seen if that is better under its weights; the chains go on to the refinement."""
        chains = [individual.chain for individual in self.population]
        for chain in chains:
            chain.way = self._span
        self._state.chains[self._index] = chains
        best_take(self._context, self.variant, chains, self._before)

    def _is_over(self) -> bool:
        return self._context.is_over(STAGE)

    def _tell(self, individual: Individual) -> None:
        individual.found = individual.chain.best
        score, solution = min((each.found for each in self.population), key=lambda found: found[0])
        done = sum(each.done for each in self.population) / len(self.population)
        self._teller.tell(done, score, solution, generation=self._generation)
