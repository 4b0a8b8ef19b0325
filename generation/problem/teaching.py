"""Who teaches which section of an offering.

An offering's instructors are dealt to its sections in turn; more instructors than sections teach together. A section with
instructors of its own keeps those, and they are dealt to no other section: where sections name theirs, a section that names
nobody is taught by those of the offering whom no section names, or by nobody yet. "TBA" names nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from academics.selectors import SectionRow, TermRows
from generation.text.nobody import is_nobody


class Teaching:
    """Instructors by section, as ids."""

    def __init__(self, rows: TermRows) -> None:
        self._rows = rows
        self.nobody = {instructor.id for instructor in rows.instructors if is_nobody(instructor.code, instructor.name)}

    def teachers(self, offering: int, own: Sequence[SectionRow], num_sections: int) -> list[list[int]]:
        """Who teaches each section of an offering, of which the institution has formed those in `own` (all or none)."""
        named: list[Sequence[int]] = [self._rows.section_instructors.get(section.id, ()) for section in own]
        return section_teachers(named or [()] * num_sections, self._rows.offering_instructors.get(offering, ()), self.nobody)


def section_teachers(named: Sequence[Sequence[int]], team: Sequence[int], nobody: Collection[int] = ()) -> list[list[int]]:
    """Who teaches each section, by whom each one names, and the instructors of the offering. ``nobody`` are records that stand for none."""
    people = [[each for each in instructors if each not in nobody] for instructors in named]
    taken = {instructor for each in people for instructor in each}
    rest = [each for each in team if each not in taken and each not in nobody]
    empty = [number for number, each in enumerate(named) if not each]  # one that names "TBA" has said whom it waits for
    for number, dealt in zip(empty, assigned_in_turn(rest, len(empty)), strict=True):
        people[number] = dealt
    return people


def assigned_in_turn(instructors: Sequence[int], num_sections: int) -> list[list[int]]:
    dealt: list[list[int]] = [[] for _ in range(num_sections)]
    for turn in range(max(len(instructors), num_sections) if instructors and num_sections else 0):
        instructor = instructors[turn % len(instructors)]
        if instructor not in dealt[turn % num_sections]:
            dealt[turn % num_sections].append(instructor)
    return dealt
