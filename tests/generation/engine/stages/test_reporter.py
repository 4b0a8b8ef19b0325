"""What a running search hands on: facts that add up, and timetables for checkpoints before a stage has ended."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Score, Solution
from generation.engine.observer import Facts, Silent
from generation.engine.params import Profile, SolveParams
from generation.engine.solve import Context, KernelDisagreementError, SearchState, VariantState
from generation.engine.stages import reporter
from generation.engine.stages.reporter import Reporter
from generation.engine.stop import Never
from tests.factories.problems import OFF, problem_random, solution_random


class Watcher(Silent):
    def __init__(self) -> None:
        self.told: list[Facts] = []
        self.checkpoints: list[SearchState] = []

    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        self.told.append(facts)

    def checkpoint(self, state: SearchState) -> None:
        self.checkpoints.append(SearchState.from_bytes(state.to_bytes()))


def a_reporter(problem: Problem, start: Solution) -> tuple[Reporter, VariantState, Watcher]:
    watcher = Watcher()
    context = Context.create(problem, SolveParams(), observer=watcher, stop=Never())
    profile = Profile("Lunch", replace(OFF, lunch=7, min_days=2))
    variant = VariantState(profile, 1, start, evaluate(problem, start).score)
    state = SearchState(variants=[variant])
    return Reporter("ga_optimization", context, state, variant, [0.0], 0), variant, watcher


def two_timetables(problem: Problem, rng: np.random.Generator) -> tuple[Solution, Solution]:
    """The worse one under the variant's weights first."""
    weights = replace(OFF, lunch=7, min_days=2)
    found = [solution_random(problem, rng) for _ in range(2)]
    worse, better = sorted(found, key=lambda each: evaluate(problem, each, weights=weights).score, reverse=True)
    return worse, better


@pytest.fixture
def problem() -> Problem:
    return problem_random(np.random.default_rng(5))


def test_facts_are_those_of_the_judge_under_the_variants_weights(problem: Problem) -> None:
    worse, _ = two_timetables(problem, np.random.default_rng(6))
    mine, variant, watcher = a_reporter(problem, worse)
    expected = evaluate(problem, worse, weights=variant.profile.weights)

    mine.tell(0.5, expected.score, worse)

    (facts,) = watcher.told
    assert facts.breakdown == expected.breakdown
    assert (facts.hard, facts.soft, facts.unplaced, facts.variant) == (expected.score.hard, expected.score.soft, expected.unplaced, "Lunch")
    assert facts.broken == expected.score.hard - expected.breakdown["unplaced"]


def test_an_improvement_reaches_the_checkpoint_while_the_stage_runs(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "KEEP_S", 0.0)
    worse, better = two_timetables(problem, np.random.default_rng(6))
    mine, variant, watcher = a_reporter(problem, worse)
    weights = variant.profile.weights

    mine.tell(0.1, evaluate(problem, worse, weights=weights).score, worse)
    assert not watcher.checkpoints
    mine.tell(0.2, evaluate(problem, better, weights=weights).score, better)

    (kept,) = watcher.checkpoints
    assert kept.variants[0].incumbent.difference(better) == 0
    assert kept.variants[0].score == variant.score == evaluate(problem, better).score


def test_a_score_that_the_tally_does_not_find_ends_the_search(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "KEEP_S", 0.0)
    worse, better = two_timetables(problem, np.random.default_rng(6))
    mine, variant, _ = a_reporter(problem, worse)
    mine.tell(0.1, evaluate(problem, worse, weights=variant.profile.weights).score, worse)

    with pytest.raises(KernelDisagreementError, match="the tally"):
        mine.tell(0.2, Score(0, 0), better)


def test_variants_tell_side_by_side_without_a_torn_checkpoint(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "KEEP_S", 0.0)
    monkeypatch.setattr(reporter, "KEEP_SHARE", 1e9)
    rng = np.random.default_rng(7)
    start = Solution.empty(problem)
    mine, first, watcher = a_reporter(problem, start)
    state = mine._state
    second = VariantState(first.profile, 2, start, first.score)
    state.variants.append(second)
    tellers = [mine, Reporter("ga_optimization", mine._context, state, second, [0.0], 0)]
    weights = first.profile.weights
    random = [solution_random(problem, rng) for _ in range(60)]
    falling = sorted(((evaluate(problem, each, weights=weights).score, each) for each in random), key=lambda pair: pair[0], reverse=True)

    def tell_all(each: Reporter) -> None:
        for score, solution in falling:
            each.tell(0.5, score, solution)

    threads = [threading.Thread(target=tell_all, args=[each]) for each in tellers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(watcher.checkpoints) > 20
    for kept in watcher.checkpoints:
        for variant in kept.variants:
            assert evaluate(problem, variant.incumbent).score == variant.score
