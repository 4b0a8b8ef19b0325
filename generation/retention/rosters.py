"""Who sits in the sections that stay: their students are neither moved out nor replaced by others.

A section stays once one of its lectures keeps its time. What the loader assigned is rearranged by exchanges that the engine knows
(`engine.search.student_exchange.units_of`), so that sizes and combinations of core sections, and with them every hard rule, are as
assigned. After that only students who sit in the same sections that stay may exchange their other seats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from generation.engine.model.problem import SEAT_ALONE, SEAT_FIXED, Csr, IntArray, Problem
from generation.engine.search.exchange_units import Units, units_of
from generation.retention.kept_places import KeptPlace, Roster

Combination = tuple[int, ...]  # sections, seat by seat
FREE = -1  # in a combination: any section that does not stay


@dataclass(frozen=True)
class Seated:
    """What becomes of the students of sections that stay."""

    num_staying: int = 0  # students who keep every such seat, and have one
    leaving: tuple[tuple[str, str], ...] = ()  # (student, section): enrolled still, but without the seat
    joining: tuple[tuple[str, str], ...] = ()  # (student, section): came to the course since, or lost another seat


def rosters_made(
    sections: Sequence[tuple[str, str]], attended: Mapping[str, Iterable[int]], places: Iterable[KeptPlace]
) -> tuple[Roster, ...]:
    """The students of each section that stays; ``sections`` are courses and sections by the numbers in ``attended``."""
    stays = {(place.key.course, place.key.section) for place in places if place.day is not None}
    students: dict[tuple[str, str], list[str]] = {name: [] for name in sections if name in stays}
    for student, numbers in attended.items():
        for number in numbers:
            if sections[number] in students:
                students[sections[number]].append(student)
    return tuple(Roster(*name, tuple(sorted(codes))) for name, codes in students.items())


def problem_seated(problem: Problem, rosters: Sequence[Roster], units: Units | None = None) -> Problem:
    """The problem whose students sit where they sat in sections that stay, as far as enrolments still let them, and are held there.

    ``units`` are the problem's, where somebody has them already.
    """
    stays = _stays(problem, rosters)
    if not stays or not problem.has_movable_seats:
        return problem
    seats = _rearranged(problem, units or units_of(problem), stays)
    attended = Csr(problem.student_sections.indptr, seats)
    return replace(problem, student_sections=attended, seat_bundle=_held(problem, seats, frozenset(stays)))


def seating_summary(problem: Problem, rosters: Sequence[Roster]) -> Seated:
    """Who keeps such a seat, who leaves one and who comes to one, in a problem that has been seated."""
    names, offering = problem.names, problem.section_offering
    stays = _stays(problem, rosters)
    if not stays or not len(offering):
        return Seated()
    now: dict[int, set[str]] = {section: set() for section in stays}
    enrolled: dict[int, set[str]] = defaultdict(set)
    for student, row in zip(names.students, problem.student_sections, strict=True):
        for section in row.tolist():
            enrolled[int(offering[section])].add(student)
            if section in now:
                now[section].add(student)
    leaving = [(student, section) for section, was in stays.items() for student in (was & enrolled[int(offering[section])]) - now[section]]
    joining = [(student, section) for section, was in stays.items() for student in now[section] - was]
    staying = {student for section, was in stays.items() for student in was & now[section]} - {student for student, _ in leaving}
    return Seated(len(staying), _named(problem, leaving), _named(problem, joining))


def _named(problem: Problem, found: Iterable[tuple[str, int]]) -> tuple[tuple[str, str], ...]:
    return tuple((student, problem.names.sections[section]) for student, section in sorted(found))


def _stays(problem: Problem, rosters: Sequence[Roster]) -> dict[int, set[str]]:
    """The sections of this problem that stay, each with its students."""
    number = {name: section for section, name in enumerate(zip(problem.names.courses, problem.names.sections, strict=True))}
    known = ((number.get((roster.course, roster.section)), roster.students) for roster in rosters)
    return {section: set(students) for section, students in known if section is not None}


def _rearranged(problem: Problem, units: Units, stays: Mapping[int, set[str]]) -> IntArray:
    """Seats exchanged until everybody who can sits where the rosters say; inside each class of the engine's units."""
    seats: list[int] = problem.student_sections.indices.tolist()
    offering: list[int] = problem.section_offering.tolist()
    pointers, places, student = units.unit_ptr.tolist(), units.unit_seats.tolist(), units.unit_student.tolist()
    of_offering: dict[int, list[int]] = defaultdict(list)
    for section in stays:
        of_offering[offering[section]].append(section)
    for first, end in pairwise(units.class_ptr.tolist()):  # the units stand in the order of their classes
        parallel = [of_offering.get(offering[seats[seat]], []) for seat in places[pointers[first] : pointers[first + 1]]]
        if not any(parallel):
            continue
        mine = [places[pointers[unit] : pointers[unit + 1]] for unit in range(first, end)]
        dealt = [tuple([seats[seat] for seat in each]) for each in mine]
        codes = [problem.names.students[student[unit]] for unit in range(first, end)]
        wanted = [tuple([next((s for s in group if code in stays[s]), FREE) for group in parallel]) for code in codes]
        for each, combination in zip(mine, _assigned(dealt, wanted, stays), strict=True):
            for seat, section in zip(each, combination, strict=True):
                seats[seat] = section
    return np.array(seats, dtype=np.int32)


def _assigned(dealt: Sequence[Combination], wanted: Sequence[Combination], stays: Mapping[int, object]) -> list[Combination]:
    """The assigned combinations, each given once, to those who want their sections that stay; the others get what is nearest."""

    def kept_part(combination: Combination) -> Combination:
        return tuple(section if section in stays else FREE for section in combination)

    given: list[Combination | None] = [own if kept_part(own) == want else None for own, want in zip(dealt, wanted, strict=True)]
    pool: dict[Combination, list[Combination]] = defaultdict(list)
    for own, has in zip(dealt, given, strict=True):
        if has is None:
            pool[kept_part(own)].append(own)
    waiting = [member for member, has in enumerate(given) if has is None]
    for member in waiting:
        if pool.get(wanted[member]):
            given[member] = pool[wanted[member]].pop()
    # Who had more seats in sections that stay chooses first.
    late = sorted((m for m in waiting if given[m] is None), key=lambda m: sum(s == FREE for s in wanted[m]))
    for member in late:
        want = wanted[member]
        near = max((part for part in pool if pool[part]), key=lambda part: sum(a == b for a, b in zip(part, want, strict=True)))
        given[member] = pool[near].pop()
    return [combination for combination in given if combination is not None]


def _held(problem: Problem, seats: IntArray, stays: frozenset[int]) -> IntArray:
    """What may still move together: a bundle with seats in sections that stay is one of those with the same ones only."""
    is_staying = np.isin(seats, list(stays))
    bundle = problem.seat_bundle.copy()
    bundle[is_staying & (bundle == SEAT_ALONE)] = SEAT_FIXED
    numbers: dict[tuple[int, Combination], int] = {}
    next_number = int(bundle.max(initial=0)) + 1
    bundles, sections, staying = bundle.tolist(), seats.tolist(), is_staying.tolist()
    for first, end in pairwise(problem.student_sections.indptr.tolist()):
        together: dict[int, list[int]] = defaultdict(list)
        for seat in range(first, end):
            if bundles[seat] not in (SEAT_FIXED, SEAT_ALONE):
                together[bundles[seat]].append(seat)
        for number, places in together.items():
            kept = tuple(sorted(sections[place] for place in places if staying[place]))
            if kept:
                bundle[places] = SEAT_FIXED if len(kept) == len(places) else numbers.setdefault((number, kept), next_number + len(numbers))
    return bundle
