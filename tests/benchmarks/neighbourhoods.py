"""Bar 5: proposals a second of each compiled neighbourhood, and how they grow from one thread to two (SUITE=kernels).

Each neighbourhood runs alone, from one annealed timetable, cold (where a search spends its end) and hot. One thread and
two threads take turns slice by slice, so that a machine that changes its pace does so for both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import BALANCED, Chain, Cooling, WallClock
from generation.engine.search.precompile import warm
from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.subjects import subjects
from tests.benchmarks.tables import Column, Figures, Table

MOVES = ("PlaceChange", "RoomChange", "TimeChange", "KempeChain")  # as the shares of `Cooling.mix` are ordered
COLD, HOT = 0.3, 5.0  # in the units of `Cooling`
SLICE_S = 0.4
SLICES = 3
LEAST_SCALING = 1.7
COLUMNS = (
    Column("instance", "instance", is_text=True),
    Column("move", "neighbourhood", is_text=True),
    Column("cold", "cold, 1 thread", ",.0f", is_compared=True),
    Column("cold_2", "2 threads", ",.0f"),
    Column("cold_scaling", "ratio", ".2f"),
    Column("hot", "hot, 1 thread", ",.0f", is_compared=True),
    Column("hot_2", "2 threads", ",.0f"),
    Column("hot_scaling", "ratio", ".2f"),
    Column("share", "of a core", ".0%"),
)


class CountingClock(WallClock):
    """A wall clock that keeps the number of proposals made."""

    def __init__(self, seconds: float, rate: float) -> None:
        super().__init__(seconds, rate)
        self.done = 0

    def advance(self, steps: int, seconds: float) -> None:
        self.done += steps
        super().advance(steps, seconds)


def run(options: Options) -> Outcome:
    settled = options.or_else(time_s=5)
    warm()
    rows: list[Figures] = []
    for name, problem in subjects(options, usual=("comp02", "comp05")):
        rows += speeds(name, problem, anneal_s=settled.time_s)
    title = f"Bar 5: proposals a second, after {settled.time_s:g} s of annealing; median of {SLICES} slices of {SLICE_S:g} s"
    return Outcome([Table("kernels", title, COLUMNS, rows, notes(rows), keys=("instance", "move"))])


def notes(rows: Sequence[Figures]) -> list[str]:
    mixed = [row for row in rows if row["move"] == "all, as mixed"]
    slow = [f"{row['instance']} {min(row['cold_scaling'], row['hot_scaling']):.2f}" for row in mixed if _is_slow(row)]
    verdict = f"missed: {', '.join(slow)}" if slow else "met"
    return [
        f"Cold is a temperature of {COLD:g}, hot one of {HOT:g}, in the search's own units. Of a core: the least that a thread had.",
        f"Bar: two threads make at least {LEAST_SCALING:g} times as many proposals as one, all neighbourhoods mixed: {verdict}.",
    ]


def _is_slow(row: Figures) -> bool:
    return bool(min(row["cold_scaling"], row["hot_scaling"]) < LEAST_SCALING)


def speeds(name: str, problem: Problem, *, anneal_s: float) -> list[Figures]:
    """A row for each neighbourhood alone, and one for the usual mixture."""
    chains = annealed(problem, anneal_s)
    rows = []
    for move, mix in (*alone(len(BALANCED)), ("all, as mixed", BALANCED)):
        row: Figures = {"instance": name, "move": move}
        for state, temperature in (("cold", COLD), ("hot", HOT)):
            one, two, share = rates(chains, Cooling(hot=temperature, cold=temperature, mix=mix))
            row |= {state: one, f"{state}_2": two, f"{state}_scaling": two / one}
            row["share"] = min(share, row.get("share", 1.0))
        rows.append(row)
    return rows


def alone(number: int) -> list[tuple[str, tuple[float, ...]]]:
    """Each index of the mixture by itself; one that has no name here is told by its number."""
    names = [*MOVES, *(f"neighbourhood {index}" for index in range(len(MOVES), number))]
    return [(names[index], tuple(float(other == index) for other in range(number))) for index in range(number)]


def annealed(problem: Problem, seconds: float) -> tuple[Chain, Chain]:
    """Two chains with memory of their own at the same annealed timetable."""
    first = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    first.insert(np.asarray(first.movable), only_clean=False)
    clock = WallClock(seconds, first.rate)
    first.anneal(first.full_cooling(clock), clock, is_over=lambda: False)
    _, solution = first.best
    second, third = (Chain(problem, problem.weights, solution, seed, first.fixed) for seed in (2, 3))
    return second, third


def rates(chains: tuple[Chain, Chain], cooling: Cooling) -> tuple[float, float, float]:
    """Proposals a second of one thread and of two together, and the share of two cores that the two had."""
    start = chains[0].best[1]
    found: dict[int, list[float]] = {1: [], 2: []}
    shares = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(SLICES):
            for number in found:
                for chain in chains[:number]:
                    chain.load(start)
                began, used = time.perf_counter(), time.process_time()
                done = sum(pool.map(lambda chain: _slice(chain, cooling), chains[:number]))
                seconds = time.perf_counter() - began
                found[number].append(done / seconds)
                shares.append((time.process_time() - used) / (number * seconds))
    return statistics.median(found[1]), statistics.median(found[2]), min(shares)


def _slice(chain: Chain, cooling: Cooling) -> int:
    clock = CountingClock(SLICE_S, chain.rate)
    chain.anneal(cooling, clock, is_over=lambda: False)
    return clock.done
