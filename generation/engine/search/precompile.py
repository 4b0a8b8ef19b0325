"""Compile the kernels before anybody waits for them."""

from __future__ import annotations

import numpy as np

from generation.engine.model.problem import SEAT_ALONE, Csr, Names, Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.annealing import Chain, Cooling, StepClock


def warm() -> None:
    """Run every kernel once on a problem of two lectures, which compiles it or fetches it from numba's disk cache."""
    problem = _tiny()
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(np.arange(2, dtype=np.int32), only_clean=False)
    chain.anneal(Cooling(), StepClock(200), is_over=lambda: False)
    chain.eject(is_over=lambda: False, most_steps=1)
    chain.costs()
    chain.reseat(seed=1, tries=10)
    kernels.remove_clashes(chain.fixed, chain.state, np.zeros(2, dtype=np.uint8))


def _tiny() -> Problem:
    def pair(value: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.full(2, value, dtype=np.int32)

    none = np.zeros((0, 2), dtype=np.int32)
    slots = np.ones((2, 4), dtype=bool)
    return Problem(
        name="warm-up",
        num_days=2,
        periods_per_day=2,
        names=Names(("a", "b"), ("a", "b"), ("a", "b"), ("r", "s"), ("i", "j"), ("q",)),
        weights=Weights(),
        lecture_section=np.arange(2, dtype=np.int32),
        lecture_length=pair(1),
        lecture_room_kind=pair(-1),
        lecture_features=np.zeros((2, 0), dtype=bool),
        lecture_pin_slot=pair(-1),
        lecture_pin_room=pair(-1),
        section_size=pair(10),
        section_min_days=pair(1),
        section_available=slots,
        section_building=pair(-1),
        section_instructors=Csr.of([[0], [1]]),
        section_curricula=Csr.of([[0], [0]]),
        section_cluster_hint=pair(-1),
        room_capacity=pair(20),
        room_kind=pair(0),
        room_features=np.zeros((2, 0), dtype=bool),
        room_building=pair(0),
        room_available=slots,
        instructor_available=slots,
        instructor_dislike=np.zeros((2, 4), dtype=np.int32),
        instructor_max_daily=pair(1),
        instructor_max_weekly=pair(0),
        instructor_max_consecutive=pair(1),
        student_sections=Csr.of([[0, 1]]),
        no_overlap=none,
        same_start=none,
        break_after=np.zeros(2, dtype=bool),
        lunch_window=np.zeros(2, dtype=bool),
        section_offering=np.arange(2, dtype=np.int32),
        seat_bundle=pair(SEAT_ALONE),
    )
