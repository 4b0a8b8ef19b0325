from __future__ import annotations

import threading

import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY, Problem
from generation.engine.model.solution import Solution
from generation.engine.observer import Silent
from generation.engine.params import SolveParams
from generation.engine.search.annealing import Chain
from generation.engine.solve import Context, SearchState
from generation.engine.stages.construction import Builder, run
from generation.engine.stop import Flag, Never
from tests.clocks import Stopwatch
from tests.factories.problems import problem_make


def full_week(num: int = 8) -> Problem:
    """As many lectures of one curriculum as timeslots, each section with a window of its own: only CP-SAT sees the one order."""
    available = np.zeros((num, num), dtype=bool)
    for section in range(num):
        available[section, max(0, section - 1) : section + 2] = True
    return problem_make(list(range(num)), section_curricula=[[0]] * num, section_available=available)


def built(problem: Problem, iterations: int | None = 1) -> SearchState:
    context = Context.create(problem, SolveParams(iterations=iterations), observer=Silent(), stop=Never())
    state = SearchState()
    run(context, state)
    return state


def test_tight_curriculum_is_placed_without_a_clash() -> None:
    problem = full_week()
    state = built(problem)
    assert state.base is not None
    assert evaluate(problem, state.base).score.hard == 0


def test_rooms_are_counted_by_what_each_lecture_may_use() -> None:
    """Two labs for four lab lectures in two timeslots, while other lectures could take any room."""
    problem = problem_make(
        list(range(8)), days=1, periods=2, rooms=4, lecture_room_kind=[1, 1, 1, 1, -1, -1, -1, -1], room_kind=[0, 0, 1, 1]
    )
    state = built(problem)
    assert state.base is not None
    assert evaluate(problem, state.base).score.hard == 0


def test_pairs_that_must_stand_to_one_another_are_built_so() -> None:
    """A week that is full, in an order that only the pairs name; each pair is built whole or on what is placed already."""
    pairs = [(n, n + 1, CONSECUTIVE if n % 2 else BEFORE, 0, 0) for n in range(3)] + [(3, 4, DAYS_APART, 1, 0), (4, 5, GROUPED, 0, 0)]
    problem = problem_make(list(range(8)), section_curricula=[[0]] * 8, lecture_pairs=[*pairs, (6, 7, SAME_DAY, 0, 0)])
    state = built(problem)
    assert state.base is not None
    assert evaluate(problem, state.base).score.hard == 0


def test_a_shared_room_is_filled() -> None:
    problem = problem_make(list(range(4)), days=1, periods=2, rooms=2, room_sharing=[2, 1], lecture_length=[2, 2, 1, 1])
    state = built(problem)
    assert state.base is not None
    assert evaluate(problem, state.base).score.hard == 0


def test_what_is_placed_already_stays_while_the_next_cluster_is_placed() -> None:
    problem = full_week()
    context = Context.create(problem, SolveParams(iterations=1), observer=Silent(), stop=Never())
    chain = Chain(problem, problem.weights, Solution.empty(problem), 1)
    builder = Builder(context, chain)
    builder.place([0, 1, 2], 1.0)
    placed = chain.current
    builder.place([3, 4, 5, 6, 7], 1.0)
    assert (chain.current.slot[:3] == placed.slot[:3]).all()


def test_cluster_that_was_boxed_in_is_repaired_by_freeing_its_neighbours() -> None:
    problem = full_week()
    context = Context.create(problem, SolveParams(iterations=1), observer=Silent(), stop=Never())
    start = Solution.empty(problem)
    start.slot[1], start.room[1] = 0, 0  # takes the only timeslots that section 0 has, together with section 2
    start.slot[2], start.room[2] = 1, 0
    chain = Chain(problem, problem.weights, start, 1)
    builder = Builder(context, chain)
    assert builder.place([0, 3, 4, 5, 6, 7], 1.0) > 0
    builder.repair()
    assert evaluate(problem, chain.current).score.hard == 0


def test_impossible_lectures_are_placed_with_the_fewest_violations_not_dropped() -> None:
    problem = problem_make([0, 1, 2, 3], rooms=1, days=1, periods=3)
    state = built(problem)
    assert state.base is not None
    assert state.base.num_unplaced == 0
    assert evaluate(problem, state.base).score.hard == 1


def test_stop_reaches_into_a_running_solve() -> None:
    """Many lectures for too few timeslots: proving the best number takes CP-SAT far longer than the test waits."""
    rng = np.random.default_rng(1)
    num = 120
    problem = problem_make(
        list(range(num)),
        rooms=40,
        days=2,
        periods=4,
        section_curricula=[rng.choice(40, 4, replace=False).tolist() for _ in range(num)],
        lecture_length=rng.integers(1, 4, num),
    )
    flag = Flag()
    context = Context.create(problem, SolveParams(time_limit_s=600), observer=Silent(), stop=flag)
    builder = Builder(context, Chain(problem, problem.weights, Solution.empty(problem), 1))
    timer = threading.Timer(0.3, flag.raise_, args=("stop",))
    stopwatch = Stopwatch()
    timer.start()
    builder.place(list(range(num)), 60.0)
    timer.join()
    assert stopwatch.took_less_than(2.5)
