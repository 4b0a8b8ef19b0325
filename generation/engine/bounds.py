"""Lower bounds on the soft penalty of a feasible timetable, by counting alone."""

from __future__ import annotations

import numpy as np

from generation.engine.problem import Problem


def lower_bound(problem: Problem) -> int:
    """A penalty that no feasible timetable goes below.

    Two sums of different penalties that add up: days that a section can never have, as it has fewer
    lectures than its minimum of days; and students without a seat even in the largest rooms, where
    each room holds one lecture a timeslot.
    """
    return _days_short(problem) + _seats_short(problem)


def _days_short(problem: Problem) -> int:
    lectures = np.bincount(problem.lecture_section, minlength=problem.num_sections)
    possible = np.minimum(lectures, problem.num_days)
    return int(problem.weights.min_days * np.maximum(0, problem.section_min_days - possible).sum())


def _seats_short(problem: Problem) -> int:
    """Largest lectures to the largest room-timeslots: no assignment leaves fewer students standing."""
    if problem.capacity_is_hard or not problem.weights.room_capacity:
        return 0
    size = np.sort(problem.section_size[problem.lecture_section])[::-1]
    seats = np.sort(np.repeat(problem.room_capacity, problem.room_available.sum(axis=1)))[::-1]
    if len(seats) < len(size):
        return 0
    return int(problem.weights.room_capacity * np.maximum(0, size - seats[: len(size)]).sum())
