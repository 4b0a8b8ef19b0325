"""Whose week a change touches: the students and instructors of lectures that lose their place or get another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution


@dataclass(frozen=True, slots=True)
class Touched:
    """Different people, each once."""

    students: int
    instructors: int

    @property
    def total(self) -> int:
        return self.students + self.instructors


class People:
    """Who attends and teaches which lectures. Where no student is known by name, each section's students count as its own."""

    def __init__(self, problem: Problem, base: Solution) -> None:
        self._problem = problem
        self._attended = base.attended(problem)

    @cached_property
    def students(self) -> list[set[int]]:
        """By section, numbers of students."""
        found: list[set[int]] = [set() for _ in range(self._problem.num_sections)]
        for student, row in enumerate(self._attended):
            for section in row.tolist():
                found[section].add(student)
        if not len(self._attended):
            number = 0
            for section, size in enumerate(self._problem.section_size.tolist()):
                found[section] = set(range(number, number + size))
                number += size
        return found

    @cached_property
    def instructors(self) -> list[set[int]]:
        return [set(row.tolist()) for row in self._problem.section_instructors]

    def touched(self, lectures: Collection[int]) -> Touched:
        """Whose weeks change when these lectures move."""
        sections = {int(section) for section in self._problem.lecture_section[np.array(sorted(lectures), dtype=np.int64)]}
        students, instructors = (set[int]().union(*(rows[s] for s in sections)) for rows in (self.students, self.instructors))
        return Touched(len(students), len(instructors))

    def groups(self, lectures: Collection[int]) -> dict[frozenset[int], int]:
        """People who have the same ones of these lectures, and how many they are."""
        rows: dict[int, set[int]] = defaultdict(set)
        for lecture in lectures:
            section = int(self._problem.lecture_section[lecture])
            for student in self.students[section]:
                rows[student].add(lecture)
            for instructor in self.instructors[section]:
                rows[-1 - instructor].add(lecture)
        found: dict[frozenset[int], int] = defaultdict(int)
        for row in rows.values():
            found[frozenset(row)] += 1
        return found
