from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import ANY_MOST, BUSY_PERIODS, DAYS_APART, IDLE_PERIODS, LATE_PERIODS, Csr, Weights
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.annealing import MEND_FROM, Chain, Cooling, StepClock, WallClock, temperature_scale
from generation.formats.instances import problem_read
from tests.factories.problems import problem_make, problem_random, weeks_added


def test_a_rule_is_not_broken_to_spare_many_students_a_clash() -> None:
    """Two sections of one instructor, and a third that can only be at the first time, with students of both."""
    problem = problem_make(
        [0, 1, 2],
        rooms=3,
        days=1,
        periods=2,
        section_instructors=[[0], [0], []],
        section_available=[[True, True], [True, True], [True, False]],
        students=[[0, 2]] * 30 + [[1, 2]] * 30,
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)

    chain.anneal(Cooling(hot=2.0, cold=0.1), StepClock(5_000), is_over=lambda: False)

    assert chain.score.hard == 0
    assert chain.score.soft == 30 * problem.weights.student_clash


def test_weights_of_free_days_that_nobody_has_leave_the_temperatures_as_they_were() -> None:
    without, weights = problem_make([0]), Weights()
    off = replace(weights, free_days=0, free_half_days=0)

    assert temperature_scale(without, weights) == temperature_scale(without, off)
    assert temperature_scale(problem_make([0], instructor_free_days=[1]), weights) != temperature_scale(without, off)


def test_a_week_without_a_free_period_is_filled_by_lectures_that_make_way() -> None:
    """Seven classes with seven teachers each, once a day, in seven periods: a Latin square."""
    size = 7
    problem = problem_make(
        list(range(size * size)),
        rooms=size,
        days=1,
        periods=size,
        instructors=size,
        section_instructors=[[n // size] for n in range(size * size)],
        section_curricula=[[n % size] for n in range(size * size)],
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=True)
    assert chain.score.hard > 0

    chain.eject(is_over=lambda: False, most_steps=50_000)

    assert (chain.best[0].hard, evaluate(problem, chain.best[1]).score.hard) == (0, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_lectures_make_way_for_days_without_gaps(seed: int) -> None:
    """Five classes with five teachers, each pair on three of five days of five periods. Nobody has a gap, or a day of a single
    period, and every class begins with the first."""
    size = 5
    lectures = [(teacher, form) for teacher in range(size) for form in range(size) for _ in range(3)]
    people = [[n for n, pair in enumerate(lectures) if pair[k] == who] for k in (0, 1) for who in range(size)]
    rules = [(who, IDLE_PERIODS, 0, 0, 0, 0, 0, 0) for who in range(2 * size)]
    rules += [(who, BUSY_PERIODS, 1, 2, ANY_MOST, 0, 0, 0) for who in range(2 * size)]
    rules += [(who, LATE_PERIODS, 1, 0, 0, 0, 0, 0) for who in range(size, 2 * size)]
    apart = [(a, b, DAYS_APART, 1, 0) for a in range(len(lectures)) for b in range(a + 1, len(lectures)) if lectures[a] == lectures[b]]
    problem = problem_make(
        list(range(len(lectures))),
        rooms=size,
        days=size,
        periods=size,
        instructors=size,
        section_instructors=[[teacher] for teacher, _ in lectures],
        section_curricula=[[form] for _, form in lectures],
        lecture_pairs=np.array(apart, dtype=np.int32),
        rule_sets=Csr.of(people),
        set_rules=np.array(rules, dtype=np.int32),
        rule_slots=np.ones((1, size * size), dtype=np.bool_),
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
    chain.insert(chain.movable, only_clean=True)

    chain.eject(is_over=lambda: False, most_steps=20_000)

    score, solution = chain.best
    assert (score.hard, evaluate(problem, solution).score.hard) == (0, 0)


def test_ejection_counts_as_the_evaluation_does_and_keeps_the_best() -> None:
    for seed in range(30):
        problem = problem_random(np.random.default_rng(seed))
        chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
        chain.insert(chain.movable[::2], only_clean=False)
        before = chain.score

        chain.eject(is_over=lambda: False, most_steps=500)

        score, solution = chain.best
        assert score == chain.score == evaluate(problem, solution).score <= before


COUNTERS = {
    *("room_count", "week_rooms", "sec_count", "conf", "sec_day", "sec_days", "g_count", "g_mask", "g_cost", "kind_room", "kind_rooms"),
}


@pytest.mark.parametrize("seed", range(12))
def test_whoever_makes_way_and_comes_back_leaves_every_counter_right(seed: int) -> None:
    """After each few steps the search counts what the evaluation counts, and what it would count from scratch."""
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng) if seed % 2 else problem_random(rng, days=4, periods=3)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
    chain.insert(chain.movable[::2], only_clean=False)
    waiting = chain.waiting()
    with_place = {*waiting.queue[: waiting.count[0]].tolist(), *np.flatnonzero(chain.state.slot >= 0).tolist()}
    kernels.begin_ejection(chain.fixed, chain.state, waiting)

    for _ in range(15):
        kernels.place_by_ejection(chain.fixed, chain.state, waiting, 0.03, 3, 4, 5)

        assert chain.score == evaluate(problem, chain.current).score
        fresh = kernels.new_state(chain.fixed, chain.current, seed)
        assert all((getattr(chain.state, name) == getattr(fresh, name)).all() for name in COUNTERS)
        assert sorted(waiting.queue[: waiting.count[0]].tolist()) == sorted(n for n in with_place if chain.state.slot[n] < 0)


SHARED = Path(os.environ.get("TIMELOOM_SHARED", "/nonexistent")) / "data" / "ectt"


@pytest.mark.skipif(not SHARED.exists(), reason="the instances in the extended format are not here (TIMELOOM_SHARED)")
@pytest.mark.parametrize("name", ["erlangen2012_2", "UUMCAS_A131"])
def test_ejection_ends_what_greed_leaves_of_tight_curricula(name: str) -> None:
    """Without it 15 and 22 lectures had no place after 15 s of the whole search."""
    problem = problem_read(SHARED / f"{name}.ectt")
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    everything = np.arange(problem.num_lectures, dtype=np.int32)
    assert chain.insert(everything, only_clean=True) > 0
    chain.insert(everything, only_clean=False)
    chain.load(chain.current)

    chain.eject(is_over=lambda: False, most_steps=50_000)

    score, solution = chain.best
    assert (score.hard, solution.num_unplaced) == (0, 0)
    assert evaluate(problem, solution).score == score


def test_rules_still_broken_when_it_is_cool_are_mended_on_the_way() -> None:
    """A start from which single moves seldom lead away: everything at one time, and hardly any time to search."""
    problem = problem_make([0, 1, 2, 3], rooms=4, days=1, periods=4, section_instructors=[[0], [0], [0], [0]])
    chain = Chain(problem, problem.weights, Solution(np.zeros(4, dtype=np.int32), np.arange(4, dtype=np.int32)), seed=1)
    assert chain.score.hard == 6
    cold = Cooling(hot=0.1, cold=0.1, span=(MEND_FROM, 1.0), mix=(0.0, 1.0, 0.0, 0.0))  # rooms alone: no clash of an instructor ends so

    chain.anneal(cold, WallClock(0.05, 1_000.0), is_over=lambda: False)

    assert chain.best[0].hard == 0
