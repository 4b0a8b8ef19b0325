"""Sections and who sits in them, before any time is known.

Decisions that are not plain from the rows:

- An offering without sections of its own gets ``ceil(students / max_section_size)`` of them, or more where
  it names a number. Students without a section are dealt by `engine.sectioning`, evenly, or as the sizes of
  the institution's own sections allow.
- Whoever takes a lecture takes its tutorials and labs (`rows_with_parts`): they need no enrolment of their
  own, though one may name the section. A lecture's students are dealt first; then those of each of its
  sections are dealt to the tutorial and lab sections that belong to it. A section that is named in a lab
  brings its section of the lecture with it.
- Own sections of a part that name no section of the lecture belong to its sections in order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from academics.selectors import EnrolmentRow, OfferingRow, SectionRow, TermRows
from generation.engine.model.problem import IntArray
from generation.engine.search.sectioning import sizes_shared, students_assign

Key = TypeVar("Key")
Value = TypeVar("Value")


def index_of(ids: Iterable[int]) -> dict[int | None, int]:
    """Where each id stands; looking None up finds nothing."""
    return {id_: position for position, id_ in enumerate(ids)}


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def num_sections_of(*, students: int, max_section_size: int, num_sections: int) -> int:
    """How many sections an offering without its own gets."""
    return max(1, num_sections, -(-students // max_section_size))


def parts_counted(loads: Sequence[int], *, max_section_size: int, num_sections: int) -> list[int]:
    """How many sections of a part each section of its lecture gets, by the students in it; at least as many as are wanted in all."""
    counts = [max(1, -(-load // max_section_size)) for load in loads]
    while sum(counts) < num_sections:
        counts[max(range(len(counts)), key=lambda number: (loads[number] / counts[number], -number))] += 1
    return counts


def share(total: int, parts: int, number: int) -> int:
    return total // parts + (number < total % parts)


def rows_with_parts(rows: TermRows) -> TermRows:
    """The rows in which every tutorial and lab has its lecture's students, and belongs to its curricula."""
    known = {offering.id: offering for offering in rows.offerings}
    parts = [offering for offering in rows.offerings if offering.part_of_id in known]
    if not parts:
        return rows
    of: dict[int, list[int]] = grouped((e.offering_id, e.student_id) for e in rows.enrolments)
    enrolments, curricula = list(rows.enrolments), dict(rows.offering_curricula)
    for part in parts:
        lecture = part.part_of_id or 0
        have = set(of.get(part.id, ()))
        enrolments += [EnrolmentRow(student, part.id, None) for student in of.get(lecture, ()) if student not in have]
        inherited = [*curricula.get(part.id, ()), *rows.offering_curricula.get(lecture, ())]
        curricula[part.id] = list(dict.fromkeys(inherited))
    offerings = [o._replace(expected_students=known[o.part_of_id].expected_students) if o in parts else o for o in rows.offerings]  # type: ignore[index]
    return replace(rows, offerings=offerings, enrolments=enrolments, offering_curricula=curricula)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Students who share out some sections of an offering among them, by number."""

    offering: int
    numbers: list[int]
    students: list[int]


class Dealing:
    """Offerings, students and sections by index: who sits where, and which sections belong to a lecture's."""

    def __init__(self, rows: TermRows, rng: np.random.Generator) -> None:
        self.rows = rows
        self._offering = index_of(offering.id for offering in rows.offerings)
        self.own_sections: dict[int, list[SectionRow]] = grouped((s.offering_id, s) for s in rows.sections)
        enrolled = {e.student_id for e in rows.enrolments}
        self.students = [student for student in rows.students if student.id in enrolled]
        curriculum = index_of(c.id for c in rows.curricula)
        self.student_group = np.array([curriculum.get(s.curriculum_id, -1) for s in self.students], dtype=np.int32)
        self.lecture = {i: self._offering[o.part_of_id] for i, o in enumerate(rows.offerings) if o.part_of_id in self._offering}
        self.families = {*self.lecture, *self.lecture.values()}
        counts = Counter(self._offering[e.offering_id] for e in rows.enrolments)
        self.num_students = [counts[i] or offering.expected_students for i, offering in enumerate(rows.offerings)]
        self.num_sections = [
            len(self._own(i))
            or num_sections_of(students=self.num_students[i], max_section_size=o.max_section_size, num_sections=o.num_sections)
            for i, o in enumerate(rows.offerings)
        ]
        self.parents: dict[int, list[int]] = {}  # of a part's sections: numbers of the lecture's
        self.seats: list[dict[int, int]] = [{} for _ in rows.offerings]  # student -> number of the section
        self.given: set[tuple[int, int]] = set()  # (offering, student) whose section the institution has named
        self._waiting: list[list[int]] = [[] for _ in rows.offerings]
        self._name_seats()
        cells = [
            _Cell(i, list(range(self.num_sections[i])), [] if i in self.lecture else waiting) for i, waiting in enumerate(self._waiting)
        ]
        self._deal(cells, rng)
        if self.lecture:
            self._deal_parts(rng)

    def _own(self, offering: int) -> list[SectionRow]:
        return self.own_sections.get(self.rows.offerings[offering].id, [])

    def limit(self, offering: int, number: int) -> int:
        """The most students that a section may have."""
        own = self._own(offering)
        return (own[number].size if own else 0) or self.rows.offerings[offering].max_section_size

    def may_join(self, offering: int, student: int, number: int) -> bool:
        """Whether a section has a seat for a student of another; where a number of sections is set, sizes stay within one."""
        loads = Counter(self.seats[offering].values())
        is_even = not self.rows.offerings[offering].num_sections or loads[number] < loads[self.seats[offering][student]]
        return is_even and loads[number] < self.limit(offering, number)

    def expected_size(self, offering: int, number: int) -> int:
        """A section's students where nobody is known by name."""
        if offering not in self.parents:
            own = self._own(offering)
            return (own[number].size if own else 0) or share(self.num_students[offering], self.num_sections[offering], number)
        parents = self.parents[offering]
        siblings = [n for n, parent in enumerate(parents) if parent == parents[number]]
        return share(self.expected_size(self.lecture[offering], parents[number]), len(siblings), siblings.index(number))

    def _name_seats(self) -> None:
        """Seats that the institution has named; who has none waits to be dealt."""
        student = index_of(s.id for s in self.students)
        # By offering too: a section of another offering is no seat in this one, and its student is dealt.
        number = {(s.offering_id, s.id): n for sections in self.own_sections.values() for n, s in enumerate(sections)}
        for enrolment in self.rows.enrolments:
            offering = self._offering[enrolment.offering_id]
            seat = number.get((enrolment.offering_id, enrolment.section_id or 0))
            if seat is not None:
                self.seats[offering][student[enrolment.student_id]] = seat
                self.given.add((offering, student[enrolment.student_id]))
            else:
                self._waiting[offering].append(student[enrolment.student_id])
        for part, lecture in self.lecture.items():
            self._name_lecture(part, lecture)

    def _name_lecture(self, part: int, lecture: int) -> None:
        """Who has a named section in a part sits in the lecture's section that it belongs to."""
        if not self._own(part):
            return
        self.parents[part] = self._own_parents(part, lecture)
        waiting = set(self._waiting[lecture])
        for student, number in self.seats[part].items():
            if student in waiting:
                self.seats[lecture][student] = self.parents[part][number]
                self.given.add((lecture, student))
        self._waiting[lecture] = [student for student in self._waiting[lecture] if student not in self.seats[lecture]]

    def _own_parents(self, part: int, lecture: int) -> list[int]:
        place, own, most = index_of(s.id for s in self._own(lecture)), self._own(part), self.num_sections[lecture]
        return [place.get(section.parent_id, number * most // len(own)) for number, section in enumerate(own)]

    def _deal(self, cells: Sequence[_Cell], rng: np.random.Generator, company: Sequence[NDArray[np.int64]] = ()) -> None:
        """Deal each cell's students to its sections, beside the `company` that sits already."""
        sizes = {n: sizes for n, cell in enumerate(cells) if (sizes := self._sizes(cell))}
        dealt: list[IntArray] = students_assign(
            enrolments=[*(np.array(cell.students, dtype=np.int64) for cell in cells), *company],
            num_sections=[*(len(cell.numbers) for cell in cells), *(1 for _ in company)],
            student_group=self.student_group,
            rng=rng,
            sizes=sizes,
        )
        for cell, numbers in zip(cells, dealt, strict=False):
            seats = self.seats[cell.offering]
            seats.update((student, cell.numbers[n]) for student, n in zip(cell.students, numbers.tolist(), strict=True))

    def _sizes(self, cell: _Cell) -> list[int]:
        """How many each section takes, where equal numbers would fill one of the institution's own above its size."""
        if not cell.students or not any(own.size for own in self._own(cell.offering)):
            return []
        taken = Counter(self.seats[cell.offering].values())
        limits = [self.limit(cell.offering, number) - taken[number] for number in cell.numbers]
        return sizes_shared(len(cell.students), limits) if min(limits) < -(-len(cell.students) // len(limits)) else []

    # Tutorials and labs.

    def _deal_parts(self, rng: np.random.Generator) -> None:
        """Inside each section of a lecture, its students are dealt to the tutorials and labs that belong to it."""
        cells = [cell for part, lecture in self.lecture.items() for cell in self._cells(part, lecture)]
        seated: dict[tuple[int, int], list[int]] = defaultdict(list)
        for offering, seats in enumerate(self.seats):
            for student, number in seats.items():
                seated[offering, number].append(student)
        self._deal(cells, rng, [np.array(students, dtype=np.int64) for students in seated.values()])
        for part in self.lecture:
            loads = Counter(self.seats[part].values())
            for student in self._waiting[part]:
                if student not in self.seats[part]:  # of those who do not take the lecture
                    number = min(range(self.num_sections[part]), key=loads.__getitem__)
                    self.seats[part][student] = number
                    loads[number] += 1

    def _cells(self, part: int, lecture: int) -> list[_Cell]:
        waiting = set(self._waiting[part])
        students: dict[int, list[int]] = grouped((number, student) for student, number in self.seats[lecture].items() if student in waiting)
        if part not in self.parents:
            self.parents[part] = self._formed(part, lecture, students)
            self.num_sections[part] = len(self.parents[part])
        numbers: dict[int, list[int]] = grouped((parent, number) for number, parent in enumerate(self.parents[part]))
        # A section of the lecture without one of the part: its students sit in any, which the evaluator counts.
        anywhere = list(range(self.num_sections[part]))
        return [_Cell(part, numbers.get(parent, anywhere), sorted(members)) for parent, members in sorted(students.items())]

    def _formed(self, part: int, lecture: int, students: dict[int, list[int]]) -> list[int]:
        """How many sections of a part each of the lecture's gets: as its students need, and up to the number wanted."""
        offering: OfferingRow = self.rows.offerings[part]
        expected = [self.expected_size(lecture, number) for number in range(self.num_sections[lecture])]
        loads = [len(students.get(number, ())) for number in range(len(expected))] if students else expected
        counts = parts_counted(loads, max_section_size=offering.max_section_size, num_sections=offering.num_sections)
        return [number for number, count in enumerate(counts) for _ in range(count)]
