"""Problems small enough to try every timetable, in which every hard constraint can bite."""

from __future__ import annotations

import itertools

import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from tests.factories.problems import free_random, problem_make, weights_random


def problem_trial(rng: np.random.Generator) -> Problem:
    """Three lectures of two sections in two days of three periods and two rooms; about half of these have no timetable."""
    pins = np.where(rng.random((2, 3)) < 0.05, rng.integers(0, 2, (2, 3)), -1)
    return problem_make(
        [0, 0, 1],
        sections=2,
        rooms=2,
        instructors=2,
        days=2,
        periods=3,
        lecture_length=rng.integers(1, 3, 3),
        lecture_room_kind=np.where(rng.random(3) < 0.2, 1, -1),
        lecture_pin_slot=pins[0],
        lecture_pin_room=pins[1],
        section_curricula=[[0], [0, 1][: int(rng.integers(0, 3))]],
        section_instructors=[[0], [int(rng.integers(0, 2))]],
        section_min_days=rng.integers(0, 3, 2),
        section_size=rng.integers(10, 60, 2),
        section_building=rng.integers(-1, 2, 2),
        section_available=rng.random((2, 6)) < 0.93,
        room_capacity=rng.integers(10, 70, 2),
        room_building=[0, 1],
        room_kind=rng.integers(0, 2, 2),
        room_available=rng.random((2, 6)) < 0.95,
        instructor_available=rng.random((2, 6)) < 0.93,
        instructor_dislike=rng.integers(0, 4, (2, 6)),
        instructor_max_daily=rng.integers(0, 3, 2),
        instructor_max_consecutive=rng.integers(0, 2, 2),
        no_overlap=[[0, 1]] if rng.random() < 0.3 else [],
        same_start=[[int(rng.integers(0, 2)), 2]] if rng.random() < 0.4 else [],
        blocked_starts=[[int(rng.integers(0, 3)), int(rng.integers(0, 6))]],
        break_after=[False, bool(rng.random() < 0.2), False],
        lunch_window=[False, True, False],
        weights=weights_random(rng),
        **{
            flag: bool(rng.random() < 0.15)
            for flag in ("capacity_is_hard", "daily_load_is_hard", "consecutive_load_is_hard", "same_start_is_hard")
        },
        **free_random(rng.spawn(1)[0], 2, 1) | {"free_days_is_hard": False, "free_half_days_is_hard": False},
    )


def least_penalty(problem: Problem) -> int | None:
    """The least penalty of all feasible timetables, by trying every one; None where there is none."""
    places = list(itertools.product(range(problem.num_timeslots), range(problem.num_rooms)))
    verdicts = (
        evaluate(problem, Solution(*np.array(chosen, dtype=np.int32).T))
        for chosen in itertools.product(places, repeat=problem.num_lectures)
    )
    return min((each.score.soft for each in verdicts if each.is_feasible), default=None)
