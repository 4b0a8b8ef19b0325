"""A chain of moves changes what it says, moves nobody who must stay, and is found where a lecture has no free place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.move_chains import MOST_MOVES, MoveChain, move_chains
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from tests.factories.problems import place, problem_make, problem_random

LONG_S = 60.0


def placed(problem: Problem, seed: int) -> Solution:
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
    chain.insert(chain.movable, only_clean=True)
    return chain.current


def after(solution: Solution, chain: MoveChain) -> Solution:
    result = solution.copy()
    for lecture, slot, room in chain.moves:
        result.slot[lecture], result.room[lecture] = slot, room
    return result


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_chain_changes_what_the_evaluator_finds_after_it(seed: int) -> None:
    problem = problem_random(np.random.default_rng(seed), days=2)
    solution = placed(problem, seed % 1000)
    before = evaluate(problem, solution).breakdown
    board = Board(problem, solution.copy())
    fixed = {seed % problem.num_lectures}
    for lecture in range(min(6, problem.num_lectures)):
        for chain in move_chains(board, lecture, num=5, seconds=LONG_S, fixed=fixed - {lecture}):
            then = evaluate(problem, after(solution, chain)).breakdown
            assert chain.amounts == {name: then[name] - before[name] for name in then if then[name] != before[name]}
            assert chain.score.hard <= 0
            assert chain.moves[0][0] == lecture
            assert 2 <= len(chain.moves) <= MOST_MOVES
            moved = [each[0] for each in chain.moves]
            assert len(set(moved)) == len(moved)
            assert not set(moved[1:]) & fixed
    assert (board.solution.slot == solution.slot).all()
    assert (board.solution.room == solution.room).all()


def test_a_lecture_makes_way_for_a_longer_one() -> None:
    """One room, four periods: two short lectures leave no two periods together free."""
    problem = problem_make([0, 1, 2], days=1, periods=4, rooms=1, lecture_length=[2, 1, 1])
    solution = place(problem, {1: (1, 0), 2: (2, 0)})
    board = Board(problem, solution.copy())
    assert move_effects(board, 0).hard.min() > -2, "no single place is free"

    best = move_chains(board, 0, num=3, seconds=LONG_S)[0]

    assert evaluate(problem, after(solution, best)).score.hard == 0
    assert len(best.moves) == 2


def test_the_one_in_the_way_is_given_way_to_in_turn() -> None:
    """Each lecture suits the next one's room alone, so two others have to move on."""
    features = [[False, False], [True, False], [True, True]]
    problem = problem_make(
        [0, 1, 2],
        days=1,
        periods=1,
        rooms=3,
        room_features=[[True, True], [True, False], [False, False]],
        lecture_features=features[::-1],
    )
    solution = place(problem, {1: (0, 0), 2: (0, 1)})
    board = Board(problem, solution.copy())

    best = move_chains(board, 0, num=3, seconds=LONG_S)[0]

    assert best.moves == ((0, 0, 0), (1, 0, 1), (2, 0, 2))
    assert evaluate(problem, after(solution, best)).score.hard == 0


def test_nothing_is_found_once_the_time_is_over() -> None:
    problem = problem_random(np.random.default_rng(1))

    assert move_chains(Board(problem, placed(problem, 1)), 0, num=3, seconds=0.0) == []


@pytest.mark.parametrize("room", [0, 1])
def test_a_lecture_stays_in_its_room_where_that_is_given(room: int) -> None:
    problem = problem_random(np.random.default_rng(5))
    board = Board(problem, placed(problem, 5))

    found = [chain for lecture in range(problem.num_lectures) for chain in move_chains(board, lecture, num=5, seconds=LONG_S, room=room)]

    assert {chain.moves[0][2] for chain in found} <= {room}
