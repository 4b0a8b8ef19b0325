"""Values that no timetable can have go out of the domains before the search: those without support in another class's domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import IntArray
from generation.engine.term_model.problem import TermProblem


@dataclass(frozen=True)
class NoValueLeftError(Exception):
    """A class that no timetable can place: its last values fell to a rule with another class, or to its rooms.

    ``rule`` is -1 where it has no time at which one of its rooms is open; ``other`` is the class that the rule ties it to, or -1.
    ``value`` is the last time (of rules on rooms, room) that fell.
    """

    class_: int
    rule: int
    value: int
    other: int

    def __str__(self) -> str:
        if self.rule < 0:
            return f"class {self.class_} has no time at which one of its rooms is open"
        return f"class {self.class_} has no value that rule {self.rule} allows beside class {self.other}"


@dataclass(frozen=True, slots=True)
class Domains:
    """Times and rooms of each class, as rows; a class without a room has the dummy room ``R``. Rooms come cheapest first."""

    time_ptr: IntArray
    times: IntArray
    time_cost: NDArray[np.float64]
    room_ptr: IntArray
    rooms: IntArray
    room_cost: NDArray[np.float64]

    @property
    def num_values(self) -> int:
        return len(self.times) + len(self.rooms)

    def kept(self, alive_time: NDArray[np.uint8], alive_room: NDArray[np.uint8]) -> Domains:
        time_ptr, times, time_cost = _kept(self.time_ptr, self.times, self.time_cost, alive_time)
        room_ptr, rooms, room_cost = _kept(self.room_ptr, self.rooms, self.room_cost, alive_room)
        return Domains(time_ptr, times, time_cost, room_ptr, rooms, room_cost)


def _kept(
    ptr: IntArray, values: IntArray, cost: NDArray[np.float64], alive: NDArray[np.uint8]
) -> tuple[IntArray, IntArray, NDArray[np.float64]]:
    running = np.concatenate([[0], np.cumsum(alive)])
    keep = alive != 0
    return running[ptr].astype(np.int32), values[keep], cost[keep]


def all_values(problem: TermProblem) -> Domains:
    """The domains as the problem has them; a class that needs a room and has none in its list stands in the dummy room as well."""
    room_rows, cost_rows = [], []
    for k in range(problem.num_classes):
        begin, end = problem.class_rooms.indptr[k], problem.class_rooms.indptr[k + 1]
        if not problem.class_needs_room[k] or begin == end:
            room_rows.append(np.array([problem.num_rooms], np.int32))
            cost_rows.append(np.zeros(1))
            continue
        cost = problem.class_room_cost[begin:end].astype(np.float64)
        rooms = problem.class_rooms.indices[begin:end]
        order = np.lexsort((rooms, cost))
        room_rows.append(rooms[order].astype(np.int32))
        cost_rows.append(cost[order])
    room_ptr = np.zeros(problem.num_classes + 1, np.int32)
    room_ptr[1:] = np.cumsum([len(row) for row in room_rows])
    return Domains(
        problem.class_times.indptr.astype(np.int32),
        problem.class_times.indices.astype(np.int32),
        problem.class_time_cost.astype(np.float64),
        room_ptr,
        np.concatenate(room_rows) if room_rows else np.zeros(0, np.int32),
        np.concatenate(cost_rows) if cost_rows else np.zeros(0),
    )
