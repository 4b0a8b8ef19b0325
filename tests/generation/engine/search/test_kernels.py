"""Every delta of the compiled search against the judge's full evaluation, and its counters against counters from scratch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.solution import Score, Solution
from generation.engine.search import kernels
from generation.engine.search.annealing import Chain
from generation.engine.search.search_data import Fixed, search_data
from tests.factories.problems import place, problem_make, problem_random, weeks_added

COUNTERS = (
    "room_count",
    "week_rooms",
    "sec_count",
    "conf",
    "sec_day",
    "sec_days",
    "g_count",
    "g_mask",
    "g_cost",
    "kind_room",
    "kind_rooms",
    "at_num",
)
EVERYTHING, NOTHING = 1e9, 1e-9  # temperatures

seeds = st.integers(0, 2**32 - 1)
slowly = settings(max_examples=60, deadline=None)


def legal_places(fixed: Fixed, lecture: int) -> list[tuple[int, int]]:
    rooms = fixed.rooms[fixed.class_ptr[fixed.l_class[lecture]] : fixed.class_ptr[fixed.l_class[lecture] + 1]]
    starts = fixed.starts[fixed.starts_ptr[lecture] : fixed.starts_ptr[lecture + 1]]
    return [(int(t), int(r)) for t in starts for r in rooms if kernels.room_is_open(fixed, lecture, int(t), int(r))]


def random_state(seed: int) -> tuple[np.random.Generator, Problem, Fixed, kernels.State]:
    """A small problem with everything switched on or off at random, and a legal, clashing timetable."""
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    fixed = search_data(problem)
    solution = Solution.empty(problem)
    for lecture in range(problem.num_lectures):
        places = legal_places(fixed, lecture)
        if places and rng.random() < 0.9:
            solution.slot[lecture], solution.room[lecture] = places[rng.integers(len(places))]
    return rng, problem, fixed, kernels.new_state(fixed, solution, seed % 1000)


def judge(problem: Problem, state: kernels.State) -> Score:
    return evaluate(problem, Solution(state.slot, state.room)).score


def assert_counters_right(fixed: Fixed, state: kernels.State) -> None:
    fresh = kernels.new_state(fixed, Solution(state.slot, state.room), 1)
    for name in COUNTERS:
        np.testing.assert_array_equal(getattr(state, name), getattr(fresh, name), err_msg=name)


def plus(score: Score, delta: tuple[int, int]) -> Score:
    return Score(score.hard + delta[0], score.soft + delta[1])


@slowly
@given(seeds)
def test_score_of_a_loaded_timetable_is_the_judges(seed: int) -> None:
    _, problem, _, state = random_state(seed)
    assert kernels.score_of(state) == judge(problem, state)


@slowly
@given(seeds)
def test_removal_and_insertion_deltas_are_exact(seed: int) -> None:
    rng, problem, fixed, state = random_state(seed)
    for lecture in rng.integers(0, problem.num_lectures, 6).tolist():
        before, places = judge(problem, state), legal_places(fixed, lecture)
        if state.slot[lecture] >= 0:
            delta = kernels.remove_delta(fixed, state, lecture)
            kernels.remove(fixed, state, lecture)
        elif places:
            place = places[rng.integers(len(places))]
            delta = kernels.add_delta(fixed, state, lecture, *place)
            kernels.add(fixed, state, lecture, *place)
        else:
            continue
        assert plus(before, delta) == judge(problem, state)
    assert_counters_right(fixed, state)


@slowly
@given(seeds)
def test_move_delta_is_exact(seed: int) -> None:
    rng, problem, fixed, state = random_state(seed)
    for lecture in rng.integers(0, problem.num_lectures, 6).tolist():
        places = legal_places(fixed, lecture)
        if state.slot[lecture] < 0 or not places:
            continue
        place = places[rng.integers(len(places))]
        before, delta = judge(problem, state), kernels.move_delta(fixed, state, lecture, *place)
        kernels.take(fixed, state, lecture, -1, *place)
        assert plus(before, delta) == judge(problem, state)
    assert_counters_right(fixed, state)


@slowly
@given(seeds)
def test_swap_delta_is_exact(seed: int) -> None:
    _, problem, fixed, state = random_state(seed)
    placed = np.flatnonzero(state.slot >= 0).tolist()
    for a in placed:
        for b in placed:
            if a == b or not kernels.can_swap(fixed, state, a, b):
                continue
            before, delta = judge(problem, state), kernels.swap_delta(fixed, state, a, b)
            kernels.take(fixed, state, a, b, int(state.slot[b]), int(state.room[b]))
            assert plus(before, delta) == judge(problem, state)
    assert_counters_right(fixed, state)


@pytest.mark.parametrize("temperature", [EVERYTHING, NOTHING])
@slowly
@given(seeds)
def test_kempe_chain_is_counted_exactly_and_undone_when_rejected(temperature: float, seed: int) -> None:
    rng, problem, fixed, state = random_state(seed)
    for stamp, lecture in enumerate(rng.integers(0, problem.num_lectures, 8).tolist(), start=1):
        starts = np.flatnonzero(fixed.l_ok[lecture])
        if state.slot[lecture] < 0 or not len(starts):
            continue
        before = Solution(state.slot.copy(), state.room.copy())
        outcome = kernels.propose_kempe(fixed, state, lecture, int(rng.choice(starts)), stamp, 30.0, temperature)
        assert kernels.score_of(state) == judge(problem, state)
        if outcome != kernels.ACCEPTED:
            assert before.difference(Solution(state.slot, state.room)) == 0
    assert_counters_right(fixed, state)


@slowly
@given(seeds)
def test_annealing_keeps_score_counters_and_best(seed: int) -> None:
    _, problem, fixed, state = random_state(seed)
    before = kernels.score_of(state)
    pool = np.flatnonzero((np.diff(fixed.starts_ptr) > 0) & (np.diff(fixed.class_ptr)[fixed.l_class] > 0)).astype(np.int32)
    kernels.anneal(fixed, state, pool, np.array([0.3, 0.2, 0.3, 0.2]), 500, np.array([5.0, 0.999, 30.0, 0.0]))
    assert kernels.score_of(state) == judge(problem, state)
    best, solution = kernels.best_of(state)
    assert best == evaluate(problem, solution).score
    assert best <= before
    assert_counters_right(fixed, state)


@slowly
@given(seeds, st.booleans())
def test_insertion_keeps_the_score_and_never_leaves_the_domain(seed: int, only_clean: bool) -> None:
    _, problem, fixed, state = random_state(seed)
    before = kernels.score_of(state)
    left = kernels.insert_all(fixed, state, np.arange(problem.num_lectures, dtype=np.int32), 30.0, only_clean)
    assert kernels.score_of(state) == judge(problem, state)
    assert left == np.count_nonzero(state.slot < 0)
    for lecture in np.flatnonzero(state.slot >= 0).tolist():
        assert (int(state.slot[lecture]), int(state.room[lecture])) in legal_places(fixed, lecture)
    if only_clean:
        assert kernels.score_of(state).hard <= before.hard


@slowly
@given(seeds)
def test_removing_clashes_breaks_no_more_rules_and_spares_pinned_lectures(seed: int) -> None:
    _, problem, fixed, state = random_state(seed)
    before, placed = kernels.score_of(state), np.flatnonzero(state.slot >= 0)
    pinned = (problem.lecture_pin_slot >= 0).astype(np.uint8)
    kernels.remove_clashes(fixed, state, pinned)
    assert kernels.score_of(state) == judge(problem, state)
    assert kernels.score_of(state).hard <= before.hard
    assert all(state.slot[lecture] >= 0 for lecture in placed if pinned[lecture])


@pytest.mark.parametrize(
    "places", [(7, 0), (3, 0), (8, 0), (0, 2), (0, -1)], ids=["week's end", "day's end", "no such time", "no room", "none"]
)
def test_places_that_no_timetable_can_have_never_reach_compiled_code(places: tuple[int, int]) -> None:
    """Two periods from the last of a day on: they would be written beside the arrays."""
    problem = problem_make([0, 1], lecture_length=[2, 2])
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)

    for attempt in (
        lambda: Chain(problem, problem.weights, place(problem, [places]), seed=1),
        lambda: chain.load(place(problem, [(0, 0), places])),
        lambda: chain.put(0, *places),
        lambda: kernels.load(chain.fixed, chain.state, np.zeros(3, dtype=np.int32), np.zeros(3, dtype=np.int32)),
    ):
        with pytest.raises(ValueError, match="lecture"):
            attempt()
    assert chain.score == evaluate(problem, chain.current).score


def test_a_chain_that_meets_a_longer_lecture_counts_the_clash_where_students_cost_nothing() -> None:
    """One instructor: a lecture of one period changes to the second period of another's two."""
    problem = problem_make([0, 1], lecture_length=[1, 2], section_instructors=[[0], [0]], weights=Weights(student_clash=0))
    fixed = search_data(problem)
    state = kernels.new_state(fixed, place(problem, [(6, 0), (1, 1)]), 1)

    outcome = kernels.propose_kempe(fixed, state, 0, 2, 1, 0.0, EVERYTHING)

    assert outcome == kernels.ACCEPTED
    assert state.slot.tolist() == [2, 1]
    assert kernels.score_of(state) == judge(problem, state)
    assert judge(problem, state).hard == 1
