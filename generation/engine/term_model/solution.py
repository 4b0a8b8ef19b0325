"""A timetable of a term: a time and a room for each class, and the classes of each student."""

from __future__ import annotations

from dataclasses import dataclass

from generation.engine.model.problem import Csr, IntArray


@dataclass(frozen=True, slots=True)
class TermSolution:
    """What is decided. Times and rooms are indices of the problem; -1 where a class has none (or needs no room)."""

    class_time: IntArray  # [K] time, -1 = not placed
    class_room: IntArray  # [K] room, -1 = none
    student_classes: Csr  # U rows of classes, sorted


@dataclass(frozen=True, slots=True)
class TermScore:
    """What the evaluator found: hard violations first, then the weighted total."""

    hard: int
    time: int  # the four parts, weighted
    room: int
    distribution: int
    student: int

    @property
    def total(self) -> int:
        return self.time + self.room + self.distribution + self.student
