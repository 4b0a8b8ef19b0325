"""Evolution: one island a variant, with as many individuals as there are workers for it.

Mutation is a part of an annealing by the compiled search; crossover inherits whole days or clusters and repairs. What a
generation is depends on the proposals that the time allows. While they are few, all of them make one way from hot to
warm, in parts, and between two parts the individuals that stand worse give way to children of the best and themselves;
the refinement walks the cold end. Where they are many, a longer way gains less than a second one: whole annealings
follow one another (the founders), then children of the best are annealed from warm, and the refinement begins with the best.

References
----------
Fortin et al. 2012, "DEAP: evolutionary algorithms made easy" (toolbox). Bellio et al. 2016 (annealing). A population
whose worse members are replaced on the way down: Hukushima and Iba 2003, "Population annealing".
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from deap import base, tools

from generation.engine.context import STEPS_AN_ITERATION, Context, best_take, position_note, position_take
from generation.engine.model.solution import Score, Solution
from generation.engine.params import STAGES
from generation.engine.search.annealing import Chain, Clock, StepClock, WallClock
from generation.engine.search_state import SearchState
from generation.engine.stages.reporter import Reporter

STAGE = "ga_optimization"
COUNTED_SHARE = 0.7  # of the counted proposals and of the way down; with a clock, what the stage's time is of all
PARTS = 5  # of the one way down
# Proposals a lecture of a whole annealing: at least so many, and with more time the root of so many times all of them, for
# longer ones are better too. Excess over the best known of ten ITC-2007 instances in 10 s: one annealing 132, two and a
# child 114; of six in 150 million proposals: one 75, three 65.
FOUNDER, FOUNDER_ROOT = 60_000, 21_000
FOUNDERS_SHARE = 0.75  # of the proposals, where several founders fit
CHILD_SHARE = 0.5  # of a founder's proposals
WARM = 1.0  # where children begin: from 0.6 and 2 they gained no more
KEPT = 6  # timetables that may become parents


class Fitness(base.Fitness):  # type: ignore[misc]
    """Hard violations and penalty; of an individual on its way, 0 and the mean cost of the last proposals. Less is better."""

    weights = (-1.0, -1.0)


class Individual:
    """A chain, and the fitness that DEAP's selection looks at."""

    def __init__(self, chain: Chain, key: tuple[int, int]) -> None:
        self.chain = chain
        self.key = key  # of its variant and itself
        self.fitness = Fitness()
        self.done = 0.0  # of this stage's work
        self.found = chain.best  # the best so far, as of the last chunk: the chain's own is not to be read while it computes


class Parent:
    """A timetable at the end of a life."""

    def __init__(self, score: Score, solution: Solution) -> None:
        self.score = score
        self.solution = solution
        self.fitness = Fitness((score.hard, score.soft))


class Life(NamedTuple):
    """What every individual does in one generation."""

    begins: Literal["on", "afresh", "child"]  # where it stands, at the construction, or as a child of two parents
    span: tuple[float, float]  # of the way down
    share: float  # of the stage


def founder_length(proposals: float) -> float:
    """Proposals a lecture of one whole annealing, where the stage has so many."""
    return max(FOUNDER, math.sqrt(FOUNDER_ROOT * proposals))


def lives(proposals: float, span: float, child_from: float) -> list[Life]:
    """The stage's generations for so many proposals a lecture; `span` is its part of the way where there is only one."""
    founder = founder_length(proposals)
    child = CHILD_SHARE * founder
    num_founders = int(FOUNDERS_SHARE * proposals / founder)
    if num_founders < 2:
        return [Life("on", (span * part / PARTS, span * (part + 1) / PARTS), 1 / PARTS) for part in range(PARTS)]
    num_children = int((1 - FOUNDERS_SHARE) * proposals / child)
    weight = num_founders * founder + num_children * child
    return [
        *[Life("afresh", (0.0, 1.0), founder / weight)] * num_founders,
        *[Life("child", (child_from, 1.0), child / weight)] * num_children,
    ]


def _between(span: tuple[float, float], part: int) -> float:
    return span[0] + (span[1] - span[0]) * part / PARTS


def run(context: Context, state: SearchState) -> None:
    """Anneal every variant on an island of its own."""
    if not state.variants or context.is_over(STAGE):
        return
    if any(position.stage == STAGES[-1] for position in state.positions.values()):
        return  # an earlier process had come to the refinement, which goes on from there
    done = [0.0] * len(state.variants)
    islands = [Island(context, state, index, done) for index in range(len(state.variants))]
    context.is_settled = not any(individual.chain.has_choice for island in islands for individual in island.population)
    if context.is_settled:
        return
    slowest = min(islands, key=lambda island: island.proposals)
    for island in islands:
        island.lives = slowest.lives  # so that all variants begin each generation together
    until_s, budget_s = context.elapsed_s, context.remaining_s(STAGE)
    for generation, life in enumerate(slowest.lives):
        until_s += budget_s * life.share
        runs = [partial(island.mutate, individual, generation) for island in islands for individual in island.population]
        context.run_side_by_side(STAGE, runs, until_s=until_s)
        if context.is_over(STAGE) or all(island.has_all for island in islands):
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
        self.population = [Individual(self._chain(member), (index, member)) for member in range(size)]
        self._parents: list[Parent] = []
        self._reporter = Reporter(STAGE, context, state, self.variant, done, index)
        self._before, self._construction = self.population[0].chain.best
        self._plan()
        self._toolbox = self._tools()
        self._generation = 0

    @property
    def _has_several(self) -> bool:
        return self.lives[0].begins == "afresh"

    def _chain(self, member: int) -> Chain:
        variant, context = self.variant, self._context
        chain = Chain(context.problem, variant.profile.weights, variant.incumbent, variant.seed + 15_485_863 * member)
        chain.permit, chain.units = context.semaphore, context.units
        return chain

    def _resume(self) -> None:
        """From where an earlier process left off: the rest of its way, in the time that is left."""
        taken = [position_take(self._state, individual.key, individual.chain) for individual in self.population]
        known = [position for position in taken if position is not None]
        if known and not self._has_several:
            way = min(position.way for position in known)
            span = (way, way + (1 - way) * self._span)
            self.lives = [Life("on", (_between(span, part), _between(span, part + 1)), 1 / PARTS) for part in range(PARTS)]

    def _plan(self) -> None:
        """Plan the whole way down for every individual, and the stage's generations."""
        context, first = self._context, self.population[0].chain
        whole, share = self._whole(first.rate)
        plan = first.full_cooling(whole)
        if context.is_tight:  # from hot it would hardly be without a broken rule again
            plan = replace(plan, hot=min(plan.hot, WARM))
        self.proposals = share * whole.steps_left() / max(1, len(first.movable))
        self._child_length = CHILD_SHARE * founder_length(self.proposals)
        self._span = share if context.uses(STAGES[-1]) else 1.0
        self.lives = lives(self.proposals, self._span, plan.way_of(WARM))
        for individual in self.population:
            individual.chain.plan = plan
            individual.chain.rate = first.rate
        self._resume()

    def _whole(self, rate: float) -> tuple[Clock, float]:
        """The clock of one chain from here to the end of the search, and this stage's share of it."""
        context, iterations = self._context, self._context.params.iterations
        if iterations is not None:
            return StepClock(STEPS_AN_ITERATION * iterations), COUNTED_SHARE
        total_s = context.remaining_s(STAGES[-1])
        share = min(1.0, context.remaining_s(STAGE) / max(1e-6, total_s))
        return WallClock(total_s * context.share_of_worker(len(self._state.variants)), rate), share

    def _tools(self) -> Any:
        toolbox = base.Toolbox()
        toolbox.register("select", tools.selBest)
        toolbox.register("mate", self._inherit)
        return toolbox

    def mutate(self, individual: Individual, generation: int, budget_s: float) -> None:
        """One life; the last quarter of it gives the fitness of an individual that goes on."""
        chain, life = individual.chain, self.lives[generation]
        costs: list[float] = []
        before = sum(earlier.share for earlier in self.lives[:generation])

        def on_chunk(fraction: float) -> None:
            individual.done = max(individual.done, min(1.0, before + life.share * fraction))
            if fraction > 0.75 or not costs:
                costs.append(chain.cost)
            position_note(self._state, individual.key, STAGE, chain, life.span[0] + fraction * (life.span[1] - life.span[0]))
            self._tell(individual)

        chain.anneal(chain.plan.over(life.span), self._clock(chain, life, budget_s), is_over=self._is_over, on_chunk=on_chunk)
        individual.fitness.values = (0.0, float(np.mean(costs or [chain.cost])))
        self._tell(individual)

    def _clock(self, chain: Chain, life: Life, budget_s: float) -> Clock:
        iterations = self._context.params.iterations
        if iterations is not None:
            return StepClock(int(self._span * STEPS_AN_ITERATION * iterations * life.share))
        return WallClock(budget_s, chain.rate)

    def breed(self, generation: int) -> None:
        """Let each individual begin the next generation's life."""
        self._generation = generation + 1
        if self._has_several:
            self._remember()
        if self._generation == len(self.lives):
            return
        begins = self.lives[self._generation].begins
        if begins == "on":
            self._replace_worse()
            return
        for individual in self.population:
            chain = individual.chain
            chain.load(self._construction if begins == "afresh" else self._child())
            chain.insert(chain.movable, only_clean=False)
            chain.relax()

    def _remember(self) -> None:
        """The best timetables so far, without copies."""
        for individual in self.population:
            score, solution = individual.chain.best
            if not any(score == parent.score and np.array_equal(solution.slot, parent.solution.slot) for parent in self._parents):
                self._parents.append(Parent(score, solution))
        self._parents = self._toolbox.select(self._parents, min(KEPT, len(self._parents)))

    def _child(self) -> Solution:
        """Of the best and of another."""
        others = self._parents[1:] or self._parents
        other = others[int(self._rng.integers(len(others)))]
        child: Solution = self._toolbox.mate(self._parents[0].solution, other.solution)
        return child

    def _replace_worse(self) -> None:
        """Those who stand worse become children of the best and themselves."""
        best, *others = self._toolbox.select(self.population, len(self.population))
        for other in others[(len(self.population) - 1) // 2 :]:
            other.chain.go_to(self._toolbox.mate(best.chain.current, other.chain.current))
            other.chain.insert(other.chain.movable, only_clean=False)

    def _inherit(self, first: Solution, second: Solution) -> Solution:
        """The first with one or two whole days, or a quarter of the clusters, as they are in the second."""
        problem, clusters = self._context.problem, self._state.clusters or []
        if self._rng.random() < 0.5 or len(clusters) < 4:
            days = self._rng.choice(problem.num_days, size=min(2, problem.num_days), replace=False)
            taken = np.isin(second.slot // problem.periods_per_day, days) & (second.slot >= 0)
        else:
            chosen = self._rng.choice(len(clusters), size=max(1, len(clusters) // 4), replace=False)
            taken = np.isin(problem.lecture_section, np.concatenate([clusters[int(i)] for i in chosen]))
        return Solution(np.where(taken, second.slot, first.slot), np.where(taken, second.room, first.room), first.seats)

    def hand_over(self) -> None:
        """The variant takes the best timetable seen if that is better under its weights; the chains go on to the refinement."""
        chains = [individual.chain for individual in self.population]
        if self._has_several:
            self._remember()
        for rank, chain in enumerate(chains):
            chain.way = self.lives[-1].span[1]
            if self._has_several:  # from warm again, several times
                chain.load(self._parents[min(rank, len(self._parents) - 1)].solution)
                chain.way, chain.walk = chain.plan.way_of(WARM), int(self._child_length * len(chain.movable))
        self._state.chains[self._index] = chains
        best_take(self._context, self.variant, chains, self._before)

    @property
    def has_all(self) -> bool:
        """Whether a timetable was found that none can be better than."""
        return any(self._context.is_perfect(individual.found[0]) for individual in self.population)

    def _is_over(self) -> bool:
        return self._context.is_over(STAGE) or self.has_all

    def _tell(self, individual: Individual) -> None:
        individual.found = min(individual.found, individual.chain.best, key=lambda found: found[0])
        score, solution = min((each.found for each in self.population), key=lambda found: found[0])
        done = sum(each.done for each in self.population) / len(self.population)
        self._reporter.tell(done, score, solution, generation=self._generation)
