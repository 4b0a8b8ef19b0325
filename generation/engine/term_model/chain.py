"""One chain of the term's search: its state, what it knows of its costs, and the timetable that it found."""

from __future__ import annotations

import numpy as np

from generation.engine.model.problem import Csr, IntArray
from generation.engine.term_model import kernels
from generation.engine.term_model.kernels import FloatArray, TermMix, TermState
from generation.engine.term_model.problem import TermProblem
from generation.engine.term_model.search_data import N_ROOMS, TermData
from generation.engine.term_model.solution import TermSolution

SEATED_AT_ONCE = 1_000  # requests between two looks at the space for shared students
SAMPLES = 4_000
FREE_SHARE = 0.25


class TermChain:
    """Holds a timetable in which, once `construct` ran, every class has a time and a room, rules broken or not."""

    def __init__(self, problem: TermProblem, data: TermData, seed: int) -> None:
        self.problem = problem
        self.data = data
        self.state: TermState = kernels.new_state(data, seed)
        self.base = 1.0
        self.movable: IntArray = np.flatnonzero((np.diff(data.dt_ptr) > 1) | (np.diff(data.dr_ptr) > 1)).astype(np.int32)
        self.proposals = 0

    @property
    def hard(self) -> int:
        return round(float(self.state.total[1]))

    @property
    def cost(self) -> float:
        return float(self.state.total[0])

    @property
    def best_hard(self) -> int:
        return round(min(float(self.state.total[3]), 1e9))

    @property
    def best_cost(self) -> float:
        return float(self.state.total[2])

    def weigh(self, base: float) -> None:
        """The same weight for all hard rules."""
        self.state.weight[:-1][self.data.rule_hard != 0] = base
        self.state.room_weight[:] = base
        self.state.fresh[:] = 0
        self.base = base

    def construct(self) -> None:
        """Seat all students, then place all classes, those with the fewest values first."""
        self.state.total[1] += np.count_nonzero(self.problem.class_needs_room & (np.diff(self.problem.class_rooms.indptr) == 0))
        order = self._seating_order()
        for begin in range(0, len(order), SEATED_AT_ONCE):
            self.ensure_space()
            kernels.seat_all(self.data, self.state, order[begin : begin + SEATED_AT_ONCE])
        times, rooms = np.diff(self.data.dt_ptr), np.diff(self.data.dr_ptr)
        rivals = 1 + self.data.pair_soft - self.data.pair_ptr[:-1]
        kernels.insert(self.data, self.state, np.argsort(times * np.sqrt(rooms) / np.sqrt(rivals), kind="stable").astype(np.int32))
        kernels.remember(self.data, self.state)

    def _seating_order(self) -> IntArray:
        """Requests, course by course, students with like choices side by side."""
        data = self.data
        if not len(data.q_course):
            return np.zeros(0, np.int32)
        size = np.bincount(data.q_course, minlength=len(data.course_ptr) - 1)
        # A student's rarest courses say most about the company: students are sorted by their courses from the rarest.
        own = zip(data.student_q[:-1], data.student_q[1:], strict=True)
        rows = [sorted(data.q_course[a:b].tolist(), key=lambda course: (size[course], course)) for a, b in own]
        rank = np.empty(len(rows), np.int32)
        rank[sorted(range(len(rows)), key=lambda u: (rows[u], u))] = np.arange(len(rows), dtype=np.int32)
        return np.lexsort((rank[data.q_student], data.q_course)).astype(np.int32)

    def ensure_space(self) -> None:
        """Keep a quarter of the pool of shared students free: compiled code cannot make it larger."""
        state = self.state
        used, size = int(state.pool[0]), len(state.nb)
        if state.pool[1]:
            raise MemoryError("the pool of shared students ran full within one call")
        if used <= (1.0 - FREE_SHARE) * size or not len(self.data.q_course):
            return
        nb = np.zeros(2 * size, np.int32)
        count = np.zeros(2 * size, np.int32)
        nb[:size], count[:size] = state.nb, state.nb_count
        self.state = state._replace(nb=nb, nb_count=count)

    def anneal(self, mix: TermMix, steps: int, temperature: float) -> None:
        self.ensure_space()
        kernels.anneal(self.data, self.state, self.movable, mix, steps, temperature, self.base)
        self.proposals += steps

    def adapt(self, growth: float, relaxed: float, most: float) -> None:
        kernels.adapt(self.data, self.state, growth, relaxed, self.base, most)

    def growths(self) -> FloatArray:
        """By how much single moves that break nothing make the present timetable dearer, sorted."""
        out = np.zeros(SAMPLES)
        found = kernels.sample(self.data, self.state, self.movable, out) if len(self.movable) else 0
        return np.sort(out[:found])

    def load_best_of(self, other: TermChain) -> None:
        """Go to the best timetable that another chain has seen."""
        self.load(other.state.best_time, other.state.best_room, other.state.best_seat, other.state.best_config)

    def reload_best(self) -> None:
        state = self.state
        self.load(state.best_time.copy(), state.best_room.copy(), state.best_seat.copy(), state.best_config.copy())

    def load(self, at_time: IntArray, at_room: IntArray, seat: IntArray, config: IntArray) -> None:
        self.ensure_space()
        kernels.load(self.data, self.state, at_time, at_room, seat, config)

    def solution(self, *, best: bool = True) -> TermSolution:
        """The best timetable, or the present one, as numbers of times, rooms and classes."""
        state, data = self.state, self.data
        at_time, at_room, seat = (state.best_time, state.best_room, state.best_seat) if best else (state.at_time, state.at_room, state.seat)
        rooms = data.dr[at_room]
        begin, end = data.q_ptr[data.student_q[:-1]], data.q_ptr[data.student_q[1:]]
        return TermSolution(
            class_time=data.dt[at_time].astype(np.int32),
            class_room=np.where(rooms < data.num[N_ROOMS], rooms, -1).astype(np.int32),
            student_classes=Csr.of([sorted(seat[a:b][seat[a:b] >= 0].tolist()) for a, b in zip(begin, end, strict=True)]),
        )
