"""Timeslots taken, in arrays: the same as counting lecture by lecture."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.evaluation.move_effects import Board
from generation.engine.model.occupancy import Occupancy
from generation.engine.model.schedule import Timetable
from tests.factories.problems import problem_random, solution_random


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sections_and_rooms_are_taken_where_the_timetable_has_their_lectures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    solution = solution_random(problem, rng, unplaced=rng.choice([0.0, 0.1, 1.0]))

    occupancy, timetable, board = Occupancy(problem, solution), Timetable(problem, solution), Board(problem, solution)

    for counts, meetings, on_board in (
        (occupancy.by_section, timetable.by_section, board.by_section),
        (occupancy.by_room, timetable.by_room, board.by_room),
    ):
        expected = np.zeros_like(counts)
        for owner, slots in meetings.items():
            for slot, lectures in slots.items():
                expected[owner, slot] = len(lectures)
        assert np.array_equal(counts, expected)
        assert np.array_equal(on_board, expected)
