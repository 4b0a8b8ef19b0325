"""Evolution: one island per variant, whose founder is a full annealing and whose kin are what it passed through.

DEAP's toolbox over integer arrays [2, L] (start, room). Crossover inherits whole days or whole
clusters of the second parent and repairs; mutation is a burst of the compiled search, far longer
than any crossover. A short run gives nearly all of its time to the founder: on ITC-2007 one long
annealing beats several short ones.

References
----------
Fortin et al. 2012, "DEAP: evolutionary algorithms made easy" (toolbox).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from deap import base, tools

from generation.engine.callbacks import Facts
from generation.engine.chain import Chain, Clock, Cooling, StepClock, WallClock
from generation.engine.problem import IntArray
from generation.engine.solution import Score, Solution
from generation.engine.state import Context, SearchState, VariantState, judged

STAGE = "ga_optimization"
STEPS_AN_ITERATION = 2_000  # proposals of the founder for each of `SolveParams.iterations`
FOUNDER_SHARE = 0.85  # of an island's time
POPULATION = 6
BURST_S = 0.4
SNAPSHOTS_FROM = 0.6  # of the founder's way: earlier timetables are too hot to be of use
MUTATION = Cooling(hot=1.2, cold=0.1)


class Fitness(base.Fitness):  # type: ignore[misc]
    """Hard violations first, then the penalty; less is better."""

    weights = (-1.0, -1.0)


@dataclass
class Individual:
    genes: IntArray  # [2, L]: start timeslots and rooms
    fitness: Fitness = field(default_factory=Fitness)

    @classmethod
    def of(cls, solution: Solution, score: Score) -> Individual:
        individual = cls(np.stack([solution.slot, solution.room]))
        individual.fitness.values = (score.hard, score.soft)
        return individual

    @property
    def score(self) -> Score:
        return Score(*(int(value) for value in self.fitness.values))

    @property
    def solution(self) -> Solution:
        return Solution(self.genes[0].copy(), self.genes[1].copy())


def run(context: Context, state: SearchState) -> None:
    """Improve every variant on an island of its own."""
    done = [0.0] * len(state.variants)
    islands = [Island(context, state, variant, index, done) for index, variant in enumerate(state.variants)]
    if not islands or context.is_over(STAGE):
        return
    context.run_side_by_side(STAGE, [island.evolve for island in islands])
    context.observer.checkpoint(state)


class Island:
    """One variant's population, steered by the variant's weights."""

    def __init__(self, context: Context, state: SearchState, variant: VariantState, index: int, done: list[float]) -> None:
        self._context = context
        self._state = state
        self._variant = variant
        self._index = index
        self._done = done  # of every island, for the progress of all together
        self._rng = context.rng(2, index)
        self._population: list[Individual] = []
        self._generation = 0

    def evolve(self, budget_s: float) -> None:
        """Run the island; its variant takes the best individual if that is better under the variant's weights."""
        if self._context.is_over(STAGE):
            return
        self._chain = Chain(self._context.problem, self._variant.profile.weights, self._variant.incumbent, self._variant.seed)
        self._chain.turn = self._context.turns
        self._toolbox = self._tools()
        before = self._chain.best[0]
        clock, generations = self._clocks(budget_s)
        self._found(clock)
        while generations.fraction() < 1.0 and not self._context.is_over(STAGE):
            self._breed(generations)
        best = min(self._population, key=lambda individual: individual.score)
        if best.score < before:
            solution = best.solution
            self._variant.score = judged(self._context.problem, solution, best.score, self._variant.profile.weights)
            self._variant.incumbent = solution
        self._tell(1.0)

    def _clocks(self, budget_s: float) -> tuple[Clock, Clock]:
        """The founder's budget and that of all generations after it."""
        iterations = self._context.params.iterations
        if iterations is not None:
            return StepClock(STEPS_AN_ITERATION * iterations), StepClock(max(1, iterations // 10))
        founder = WallClock(FOUNDER_SHARE * budget_s, self._chain.rate)
        return founder, WallClock(budget_s, self._chain.rate)

    def _tools(self) -> Any:
        toolbox = base.Toolbox()
        toolbox.register("select", self._tournament)
        toolbox.register("mate", self._inherit)
        toolbox.register("mutate", self._burst)
        return toolbox

    def _found(self, clock: Clock) -> None:
        """The founder: a full annealing; timetables on its way become its kin."""
        snapshots: list[float] = list(np.linspace(SNAPSHOTS_FROM, 0.95, POPULATION - 1))

        def on_chunk(fraction: float) -> None:
            if snapshots and fraction >= snapshots[0]:
                snapshots.pop(0)
                self._population.append(Individual.of(self._chain.current, self._chain.score))
            self._tell(FOUNDER_SHARE * fraction)

        self._chain.anneal(self._chain.full_cooling(clock), clock, is_over=self._is_over, on_chunk=on_chunk)
        score, solution = self._chain.best
        self._population.append(Individual.of(solution, score))

    def _breed(self, clock: Clock) -> None:
        """One generation: a child of two parents, which replaces the worst unless it is worse or a copy."""
        self._generation += 1
        first, second = self._toolbox.select(self._population, 2)
        child = self._toolbox.mutate(self._toolbox.mate(first, second), clock)
        worst = max(range(len(self._population)), key=lambda i: self._population[i].score)
        known = any(np.array_equal(child.genes, other.genes) for other in self._population)
        if not known and (child.score < self._population[worst].score or len(self._population) < POPULATION):
            if len(self._population) >= POPULATION:
                self._population.pop(worst)
            self._population.append(child)
        self._tell(FOUNDER_SHARE + (1 - FOUNDER_SHARE) * clock.fraction())

    def _tournament(self, population: list[Individual], k: int) -> list[Individual]:
        """The best individual, and the better of two others: kin of one chain, so pressure must be high."""
        best = tools.selBest(population, 1)
        rivals = [population[int(i)] for i in self._rng.integers(0, len(population), 2)]
        return [*best, *tools.selBest(rivals, k - 1)]

    def _inherit(self, first: Individual, second: Individual) -> Individual:
        """The first parent with one or two whole days, or a quarter of the clusters, as in the second."""
        genes = first.genes.copy()
        problem, clusters = self._context.problem, self._state.clusters or []
        if self._rng.random() < 0.5 or len(clusters) < 4:
            days = self._rng.choice(problem.num_days, size=min(2, problem.num_days), replace=False)
            taken = np.isin(second.genes[0] // problem.periods_per_day, days) & (second.genes[0] >= 0)
        else:
            chosen = self._rng.choice(len(clusters), size=max(1, len(clusters) // 4), replace=False)
            taken = np.isin(problem.lecture_section, np.concatenate([clusters[int(i)] for i in chosen]))
        genes[:, taken] = second.genes[:, taken]
        return Individual(genes)

    def _burst(self, child: Individual, clock: Clock) -> Individual:
        """Repair and improve by the compiled search, warm enough to mend what crossover broke."""
        self._chain.load(child.solution)
        self._chain.insert(self._chain.movable, only_clean=False)
        burst: Clock
        if isinstance(clock, WallClock):
            burst = WallClock(min(BURST_S, clock.left_s), self._chain.rate)
        else:
            burst = StepClock(STEPS_AN_ITERATION)
            clock.advance(1, 0.0)
        self._chain.anneal(MUTATION, burst, is_over=self._is_over)
        score, solution = self._chain.best
        return Individual.of(solution, score)

    @property
    def _is_over(self) -> Callable[[], bool]:
        return lambda: self._context.is_over(STAGE)

    def _tell(self, fraction: float) -> None:
        best, solution = self._chain.best
        for individual in self._population:
            if individual.score < best:
                best, solution = individual.score, individual.solution
        self._context.note_feasible(self._state, best)
        self._done[self._index] = max(self._done[self._index], min(1.0, fraction))
        total, finished = len(self._done), sum(1 for share in self._done if share >= 1.0)
        facts = Facts(finished, total, best.hard, best.soft, solution.num_unplaced, self._variant.profile.label, self._generation)
        self._context.report(STAGE, sum(self._done) / total, facts)
