"""Which students' seats may be exchanged for one another: of parallel sections, and together with what they are linked to.

It depends on the problem alone and needs none of the compiled search (`search.student_exchange`), so that pages can ask it too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from generation.engine.model.problem import SEAT_ALONE, SEAT_FIXED, IntArray, Problem


class Units(NamedTuple):
    """What may be exchanged; it depends on the problem alone, not on who sits where."""

    seat_unit: IntArray
    unit_student: IntArray
    unit_ptr: IntArray
    unit_seats: IntArray
    unit_class: IntArray
    class_ptr: IntArray
    class_units: IntArray


def units_of(problem: Problem) -> Units:
    """The units of seats that at least one other student could take over."""
    attended = problem.student_sections
    offering = problem.section_offering[attended.indices]
    num_parallel = np.bincount(problem.section_offering)
    family = _families(problem)[offering].tolist() if problem.section_parent.size else []
    by_class: dict[tuple[int, ...], list[tuple[int, list[int]]]] = {}
    for student, (first, end) in enumerate(zip(attended.indptr[:-1].tolist(), attended.indptr[1:].tolist(), strict=True)):
        bundles = problem.seat_bundle[first:end].tolist()
        if family:
            bundles = _linked(bundles, family[first:end])
        for bundle, seats in _bundles(bundles, offering[first:end].tolist(), first):
            moving = [seat for seat in seats if num_parallel[offering[seat]] > 1]
            if moving:
                by_class.setdefault((bundle, *offering[seats].tolist()), []).append((student, moving))
    classes = [units for units in by_class.values() if len(units) > 1]
    units = [unit for members in classes for unit in members]
    unit_class = np.repeat(np.arange(len(classes)), [len(members) for members in classes])
    seat_unit = np.full(len(attended.indices), -1, dtype=np.int32)
    for number, (_, seats) in enumerate(units):
        seat_unit[seats] = number
    return Units(
        seat_unit=seat_unit,
        unit_student=_ints([student for student, _ in units]),
        unit_ptr=_ints(np.concatenate([[0], np.cumsum([len(seats) for _, seats in units])])),
        unit_seats=_ints([seat for _, seats in units for seat in seats]),
        unit_class=_ints(unit_class),
        class_ptr=_ints(np.concatenate([[0], np.cumsum([len(members) for members in classes])])),
        class_units=_ints(np.arange(len(units))),
    )


def _families(problem: Problem) -> IntArray:
    """By offering: the lecture that it is a part of, itself where it has parts, -1 where it is neither."""
    family = np.full(int(problem.section_offering.max(initial=-1)) + 1, -1, dtype=np.int32)
    children = np.flatnonzero(problem.section_parent >= 0)
    lectures = problem.section_offering[problem.section_parent[children]]
    family[problem.section_offering[children]] = lectures
    family[lectures] = lectures
    return family


def _linked(bundle: list[int], family: list[int]) -> list[int]:
    """One student's bundles, where linked seats that would not move together stay."""
    together: dict[int, set[int]] = {}
    for number, lecture in zip(bundle, family, strict=True):
        together.setdefault(lecture, set()).add(number)
    stay = {lecture for lecture, numbers in together.items() if lecture >= 0 and (len(numbers) > 1 or numbers == {SEAT_ALONE})}
    torn = {number for lecture in stay for number in together[lecture] if number != SEAT_ALONE}
    return [SEAT_FIXED if lecture in stay or number in torn else number for number, lecture in zip(bundle, family, strict=True)]


def _bundles(bundle: list[int], offering: list[int], first: int) -> list[tuple[int, list[int]]]:
    """One student's movable seats by what they move with, each in the order of the offerings."""
    if len(set(offering)) < len(offering):  # somebody twice in one course could end up twice in one section
        return []
    alone: list[tuple[int, list[int]]] = []
    together: dict[int, list[int]] = {}
    for place in sorted(range(len(bundle)), key=offering.__getitem__):
        if bundle[place] == SEAT_ALONE:
            alone.append((SEAT_ALONE, [first + place]))
        elif bundle[place] != SEAT_FIXED:
            together.setdefault(bundle[place], []).append(first + place)
    return alone + list(together.items())


def _ints(values: Any) -> IntArray:
    return np.array(values, dtype=np.int32)
