"""What a move is said to change is what the judge finds after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation import move_effects as module
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.annealing import Chain
from tests.factories.problems import place, problem_make, problem_random, solution_random, weeks_added


def moved(solution: Solution, lecture: int, slot: int, room: int) -> Solution:
    result = solution.copy()
    result.slot[lecture], result.room[lecture] = slot, room
    return result


def change_judged(problem: Problem, solution: Solution, lecture: int, slot: int, room: int) -> dict[str, int]:
    before = evaluate(problem, solution).breakdown
    after = evaluate(problem, moved(solution, lecture, slot, room)).breakdown
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_change_said_before_a_move_is_the_judges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    solution = solution_random(problem, rng)
    board = Board(problem, solution)
    for lecture in range(problem.num_lectures):
        found = move_effects(board, lecture)
        slot, room = int(rng.integers(problem.num_timeslots)), int(rng.integers(problem.num_rooms))

        assert found.change(slot, room) == change_judged(problem, solution, lecture, slot, room)
        hard = sum(amount for name, amount in found.change(slot, room).items() if CONSTRAINTS[name].is_hard)
        assert found.score(slot, room).hard == hard
        assert found.score(slot, room).soft == sum(found.change(slot, room).values()) - hard


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_board_goes_on_from_each_move(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    solution = solution_random(problem, rng)
    board = Board(problem, solution.copy())
    score = evaluate(problem, solution).score
    for _ in range(10):
        lecture, slot = int(rng.integers(problem.num_lectures)), int(rng.integers(problem.num_timeslots))
        room = int(rng.integers(problem.num_rooms))
        change = move_effects(board, lecture).score(slot, room)
        board.put(lecture, slot, room)
        score = replace(score, hard=score.hard + change.hard, soft=score.soft + change.soft)

    assert score == evaluate(problem, board.solution).score


@pytest.mark.parametrize("seed", range(5))
def test_the_search_prices_its_own_moves_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=seed)
    chain.insert(chain.movable, only_clean=False)
    board = Board(problem, chain.current)
    for lecture in chain.movable.tolist():
        if chain.state.slot[lecture] < 0:
            continue
        found = move_effects(board, lecture)
        for slot in np.flatnonzero(chain.fixed.l_ok[lecture]).tolist():
            for room in np.flatnonzero(chain.fixed.class_ok[chain.fixed.l_class[lecture]]).tolist():
                if chain.fixed.room_ok[room, slot : slot + problem.lecture_length[lecture]].all():
                    change = found.score(slot, room)
                    assert (change.hard, change.soft) == tuple(kernels.move_delta(chain.fixed, chain.state, lecture, slot, room))


OF_SEATS_ALONE = ["linked_sections", "section_sizes"]  # who sits where decides these, whatever the times: no move changes them


def test_every_constraint_is_known_to_move_effects() -> None:
    """A new constraint without terms needs its line there, else moves by hand are priced without it."""
    source = Path(module.__file__).read_text(encoding="utf-8")

    unknown = [each.id for each in CONSTRAINTS.values() if each.terms.is_empty and f'"{each.id}"' not in source]
    assert unknown == OF_SEATS_ALONE


def test_the_present_room_is_kept_where_it_is_as_good() -> None:
    problem = problem_make((0, 1), rooms=3)
    board = Board(problem, place(problem, [(0, 2), (0, 0)]))

    assert move_effects(board, 0).best_rooms().tolist() == [2] * problem.num_timeslots


def test_the_best_places_leave_out_where_the_lecture_is() -> None:
    problem = problem_make((0, 0), rooms=2)
    board = Board(problem, place(problem, [(0, 0), (1, 0)]))

    places = move_effects(board, 0).best_places(10)

    assert (0, 0) not in places
    assert [slot for slot, _ in places].count(0) == 1, "the other room at the present time"
    assert sorted({slot for slot, _ in places}) == list(range(8))
    assert places[-1] == (1, 1), "the section's other lecture is then"


def test_the_best_places_at_a_given_time_are_its_rooms() -> None:
    problem = problem_make((0,), rooms=4)
    board = Board(problem, place(problem, [(0, 0)]))

    assert move_effects(board, 0).best_places(10, slot=0) == [(0, 1), (0, 2), (0, 3)]
