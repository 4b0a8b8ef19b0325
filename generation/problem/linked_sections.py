"""Tutorials and labs beside their lecture, once everybody sits: what the problem says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

import numpy as np

from generation.engine.model.problem import IntArray
from generation.problem.curriculum_groups import curriculum_groups
from generation.problem.sectioning import Dealing, grouped

COVERED = 0.9  # of a curriculum's students: combinations of sections beyond that are a few people's own


class Links:
    """Which sections belong together, as sections' indices."""

    def __init__(self, dealing: Dealing, offering_sections: Sequence[range]) -> None:
        self._dealing = dealing
        self._sections = offering_sections
        self._num_sections = offering_sections[-1].stop if offering_sections else 0

    def parents(self) -> IntArray:
        """``Problem.section_parent``; empty where no offering has parts."""
        if not self._dealing.lecture:
            return np.zeros(0, dtype=np.int32)
        parents = np.full(self._num_sections, -1, dtype=np.int32)
        for part, lecture in self._dealing.lecture.items():
            parents[self._sections[part]] = [self._sections[lecture][number] for number in self._dealing.parents[part]]
        return parents

    def limits(self) -> IntArray:
        """``Problem.section_limit``: of lectures with parts, and of these."""
        if not self._dealing.lecture:
            return np.zeros(0, dtype=np.int32)
        limits = np.zeros(self._num_sections, dtype=np.int32)
        for offering in self._dealing.families:
            sections = self._sections[offering]
            limits[sections] = [self._dealing.limit(offering, number) for number in range(len(sections))]
        return limits

    def apart(self) -> set[tuple[int, int]]:
        """Sections that must not overlap: a part's with its lecture's, and those of two parts that are mostly the same students'."""
        pairs = {(int(parent), section) for section, parent in enumerate(self.parents()) if parent >= 0}
        for parts in grouped((lecture, part) for part, lecture in self._dealing.lecture.items()).values():
            for first, second in combinations(parts, 2):
                pairs.update(self._cousins(first, second))
        return {(min(pair), max(pair)) for pair in pairs}

    def _cousins(self, first: int, second: int) -> Iterator[tuple[int, int]]:
        one, other = self._dealing.seats[first], self._dealing.seats[second]
        shared = Counter((number, other[student]) for student, number in one.items() if student in other)
        sizes = Counter(one.values()), Counter(other.values())
        for a, b in product(range(len(self._sections[first])), range(len(self._sections[second]))):
            if 2 * shared[a, b] >= min(sizes[0][a], sizes[1][b]) > 0 or (not one and not other and self._are_beside(first, a, second, b)):
                yield self._sections[first][a], self._sections[second][b]

    def _are_beside(self, first: int, a: int, second: int, b: int) -> bool:
        """Where no student is known: whether the two would cut the same part out of the lecture section's list."""
        (parent, begin, end), (other, start, stop) = self._cut(first, a), self._cut(second, b)
        return parent == other and begin < stop and start < end

    def _cut(self, part: int, number: int) -> tuple[int, float, float]:
        parents = self._dealing.parents[part]
        siblings = [n for n, parent in enumerate(parents) if parent == parents[number]]
        place = siblings.index(number)
        return parents[number], place / len(siblings), (place + 1) / len(siblings)

    def groups(self, curriculum: int, offerings: Sequence[int], seats: Mapping[int, frozenset[int]]) -> list[list[int]]:
        """`curriculum_groups`, with a lecture and its parts as one course whose sections are the combinations that its students sit in."""
        courses: list[Sequence[int]] = []
        whole: set[int] = set()
        combined: dict[int, tuple[int, ...]] = {}
        attending = dict(seats)
        for family in grouped((self._dealing.lecture.get(o, o), o) for o in offerings).values():
            if len(family) == 1:
                courses.append(self._sections[family[0]])
                continue
            whole.add(len(courses))
            first = self._num_sections + len(combined)
            for number, (sections, students) in enumerate(self._combinations(curriculum, family), first):
                combined[number], attending[number] = sections, students
            courses.append(range(first, self._num_sections + len(combined)))
        made = curriculum_groups(courses, attending, frozenset(whole))
        return [[section for course in group for section in combined.get(course, (course,))] for group in made]

    def _combinations(self, curriculum: int, family: Sequence[int]) -> list[tuple[tuple[int, ...], frozenset[int]]]:
        """The combinations of sections that most students of the curriculum attend, and every section in one of them."""
        seats = [self._dealing.seats[offering] for offering in family]
        students = [s for s in seats[0] if self._dealing.student_group[s] == curriculum and all(s in each for each in seats)]
        attended = grouped((self._combination(family, [each[s] for each in seats]), s) for s in students)
        if not attended:
            return [(sections, frozenset[int]()) for sections in self._aligned(family)]
        kept: dict[tuple[int, ...], frozenset[int]] = {}
        met: set[int] = set()
        for sections, members in sorted(attended.items(), key=lambda item: (-len(item[1]), item[0])):
            if sum(map(len, kept.values())) < COVERED * len(students) or not met.issuperset(sections):
                kept[sections] = frozenset(members)
                met.update(sections)
        return sorted(kept.items())

    def _combination(self, family: Sequence[int], numbers: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._sections[offering][number] for offering, number in zip(family, numbers, strict=True))

    def _aligned(self, family: Sequence[int]) -> list[tuple[int, ...]]:
        """Where no student is known: each section of the most split part, with those that lie beside it."""
        parts = [offering for offering in family if offering in self._dealing.parents]
        split = max(parts, key=lambda part: len(self._sections[part]))
        found = []
        for number in range(len(self._sections[split])):
            parent, begin, _ = self._cut(split, number)
            numbers = [parent if offering not in parts else self._beside(offering, parent, begin) for offering in family]
            found.append(self._combination(family, numbers))
        return found

    def _beside(self, part: int, parent: int, begin: float) -> int:
        siblings = [n for n, each in enumerate(self._dealing.parents[part]) if each == parent] or [0]
        return siblings[int(begin * len(siblings))]
