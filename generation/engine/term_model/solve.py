"""A timetable for a term: reduce, construct, repair, anneal; each stage's result evaluated independently."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from generation.engine.context import KernelDisagreementError
from generation.engine.observer import Facts, Observer, Silent
from generation.engine.search_state import StageReport
from generation.engine.stop import Never, Reason, StopCriterion
from generation.engine.term_model.annealing import REPAIR_UNTIL, Annealing, Budget, Plan
from generation.engine.term_model.chain import TermChain
from generation.engine.term_model.evaluate import TermEvaluation, evaluate
from generation.engine.term_model.preparation import prepared, warm
from generation.engine.term_model.problem import TermProblem
from generation.engine.term_model.reduction import NoValueLeftError
from generation.engine.term_model.solution import TermScore, TermSolution

EXCHANGES = 24  # times at which workers meet, in the second half of the annealing
SEEDS_APART = 7_919


@dataclass(frozen=True, slots=True)
class TermResult:
    """The best timetable found, complete in any case, and what it took."""

    solution: TermSolution
    evaluation: TermEvaluation
    stages: list[StageReport]
    time_to_feasible_s: float | None
    moves_per_second: int
    stopped_by: Reason | None
    impossible: NoValueLeftError | None  # why no timetable keeps all hard rules, where reducing the domains found it

    @property
    def score(self) -> TermScore:
        return self.evaluation.score


def search_term(
    problem: TermProblem,
    *,
    time_limit_s: float = 60.0,
    iterations: int | None = None,
    seed: int = 1,
    workers: int = 1,
    observer: Observer | None = None,
    stop: StopCriterion | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> TermResult:
    """Place all classes and seat all students.

    Parameters
    ----------
    time_limit_s
        Seconds of ``clock``; compiling the kernels, where that has not happened yet, comes before.
    iterations
        Proposals of each worker instead: then the result depends on them, ``seed`` and ``workers`` alone.
    workers
        Chains on threads of their own, which exchange the best timetable.
    clock
        For measurements on a busy machine: `time.thread_time` counts the processor's seconds of a single worker.

    Raises
    ------
    KernelDisagreementError
        If the compiled search and the evaluator differ on a stage's result.
    """
    warm()
    search = _Search(problem, Budget(clock, time_limit_s, iterations, stop or Never()), seed, workers, observer or Silent())
    search.prepare()
    search.repair()
    search.anneal()
    return search.result()


class _Search:
    def __init__(self, problem: TermProblem, budget: Budget, seed: int, workers: int, observer: Observer) -> None:
        self.problem, self.budget, self.observer = problem, budget, observer
        self.seeds = [seed + SEEDS_APART * number for number in range(workers)]
        self.stages: list[StageReport] = []
        self.workers: list[Annealing] = []
        self.impossible: NoValueLeftError | None = None
        self._stage_began = 0.0
        self._stage = "construction"

    def prepare(self) -> None:
        data, self.impossible = prepared(self.problem)
        first = TermChain(self.problem, data, self.seeds[0])
        first.weigh(1_000.0)
        first.construct()
        plan = Plan.of(first)
        chains = [first]
        for seed in self.seeds[1:]:
            other = TermChain(self.problem, data, seed)
            other.construct()
            other.load_best_of(first)
            chains.append(other)
        for chain in chains:
            chain.weigh(plan.hard_weight)
            self.workers.append(Annealing(chain, plan, self._own_budget(), None if self.workers else self._watch))
        began = self.budget.clock()
        self._ended("construction")
        # The last evaluation counts for the time as well.
        took = self.budget.clock() - began
        for worker in self.workers:
            worker.budget.seconds = max(0.5 * worker.budget.seconds, worker.budget.seconds - took)

    def _own_budget(self) -> Budget:
        """Each worker learns its own rate of proposals; clock, limit and stop are common."""
        own = Budget(self.budget.clock, self.budget.seconds, self.budget.iterations, self.budget.stop)
        own.began = self.budget.began
        return own

    def _watch(self, chain: TermChain, fraction: float) -> None:
        """Progress of the first worker, at each of its safe points."""
        classes = self.problem.num_classes
        hard = chain.best_hard
        self.observer.progress(
            self._stage, fraction, Facts(classes, classes, hard=hard, soft=round(chain.best_cost), unplaced=0, broken=hard)
        )

    def repair(self) -> None:
        self._stage = "repair"
        self._each(lambda worker: worker.repair(REPAIR_UNTIL))
        self._ended("repair")

    def anneal(self) -> None:
        self._stage = "annealing"
        if len(self.workers) == 1:
            self.workers[0].run(1.0)
        else:
            begin = max(worker.budget.fraction(worker.chain) for worker in self.workers)
            for number in range(1, 2 * EXCHANGES + 1):
                until = begin + (1.0 - begin) * number / (2 * EXCHANGES)
                self._each(lambda worker, until=until: worker.run(until))  # type: ignore[misc]
                if number > EXCHANGES:
                    self._exchange()
        self._ended("annealing")

    def _each(self, part: Callable[[Annealing], None]) -> None:
        if len(self.workers) == 1:
            part(self.workers[0])
            return
        with ThreadPoolExecutor(len(self.workers)) as pool:
            list(pool.map(part, self.workers))

    def _exchange(self) -> None:
        """The worst chain goes on from the present timetable of the best one."""
        ordered = sorted(self.workers, key=lambda worker: (worker.chain.hard, worker.chain.cost))
        best, worst = ordered[0].chain, ordered[-1].chain
        if (best.hard, best.cost) < (worst.hard, worst.cost):
            worst.load(best.state.at_time, best.state.at_room, best.state.seat, best.state.config_of)

    @property
    def best(self) -> TermChain:
        return min((worker.chain for worker in self.workers), key=lambda chain: (chain.best_hard, chain.best_cost))

    def _ended(self, name: str) -> None:
        chain = self.best
        seconds = self.budget.elapsed_s - self._stage_began
        self._stage_began = self.budget.elapsed_s
        self._solution: TermSolution = chain.solution()
        self._evaluation: TermEvaluation = evaluate(self.problem, self._solution)
        score = self._evaluation.score
        if (score.hard, score.total) != (chain.best_hard, round(chain.best_cost)):
            raise KernelDisagreementError(
                f"after {name} the search has {chain.best_hard} breaks at {chain.best_cost:.0f}, evaluated {score.hard} at {score.total}"
            )
        self.stages.append(StageReport(name, seconds, score.hard, score.total))
        facts = Facts(self.problem.num_classes, self.problem.num_classes, hard=score.hard, soft=score.total, unplaced=0, broken=score.hard)
        self.observer.progress(name, 1.0, facts)

    def result(self) -> TermResult:
        feasible = [worker.feasible_s for worker in self.workers if worker.feasible_s is not None]
        proposals = sum(worker.chain.proposals for worker in self.workers)
        return TermResult(
            solution=self._solution,
            evaluation=self._evaluation,
            stages=self.stages,
            time_to_feasible_s=round(min(feasible), 3) if feasible else None,
            moves_per_second=int(proposals / max(self.budget.elapsed_s, 1e-6)),
            stopped_by=self.budget.stop.reason(),
            impossible=self.impossible,
        )
