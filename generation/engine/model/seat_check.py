"""What the evaluator demands of a seating: nobody loses a seat, a fixed one, a course, or what keeps core courses apart."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from generation.engine.model.problem import SEAT_ALONE, SEAT_FIXED, Problem
from generation.engine.model.solution import Solution


class SeatingError(RuntimeError):
    """Students sit where they may not: an error of ours, never a result."""


def seats_check(problem: Problem, solution: Solution) -> None:
    """Compare a solution's seats with those that the problem dealt.

    Raises
    ------
    SeatingError
        If a student has another number of seats, a fixed seat has moved, a seat is in a section of another
        offering, a section has another number of students, or seats that move together form a combination
        of sections that nobody had before.
    """
    if solution.seats is None:
        return
    dealt: list[int] = problem.student_sections.indices.tolist()
    seats: list[int] = solution.seats.tolist()
    offering: list[int] = problem.section_offering.tolist()
    bundle: list[int] = problem.seat_bundle.tolist()
    if not len(seats) == len(dealt) == len(bundle):
        raise SeatingError(f"{len(seats)} seats where {len(dealt)} belong, of which {len(bundle)} may move")
    for seat, (old, new) in enumerate(zip(dealt, seats, strict=True)):
        if new != old and (not 0 <= new < len(offering) or offering[new] != offering[old] or bundle[seat] == SEAT_FIXED):
            raise SeatingError(f"seat {seat} has moved from section {old} to section {new}")
    if Counter(seats) != Counter(dealt):
        raise SeatingError("sections have other numbers of students than were dealt to them")
    if _combinations(problem, seats) != _combinations(problem, dealt):
        raise SeatingError("core sections are combined as nobody's were before")


def _combinations(problem: Problem, seats: list[int]) -> Counter[tuple[int, tuple[int, ...]]]:
    """How many students have each combination of sections among the seats that move together."""
    bundle: list[int] = problem.seat_bundle.tolist()
    bounds: list[int] = problem.student_sections.indptr.tolist()
    together: dict[tuple[int, int], list[int]] = {}
    for student, (first, end) in enumerate(pairwise(bounds)):
        for seat in range(first, end):
            if bundle[seat] not in (SEAT_FIXED, SEAT_ALONE):
                together.setdefault((student, bundle[seat]), []).append(seats[seat])
    return Counter((number, tuple(sorted(sections))) for (_, number), sections in together.items())
