"""Terms so small that every timetable of them can be looked at: the search finds the best, and reduction loses none that is feasible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from generation.engine.model.problem import Csr
from generation.engine.term_model.evaluate import evaluate
from generation.engine.term_model.problem import TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.engine.term_model.solve import search_term
from tests.generation.engine.term_model.random_terms import COUNTABLE, random_term

MOST = 1_500


def timetables(problem: TermProblem) -> Iterator[TermSolution]:
    """Every choice of times and rooms with every seating of the students."""
    rooms_of = [problem.class_rooms[number].tolist() or [-1] for number in range(problem.num_classes)]
    places = [[*product(problem.class_times[number].tolist(), rooms)] for number, rooms in enumerate(rooms_of)]
    seats = product(*(choices(problem, row.tolist()) for row in problem.student_courses))
    seatings = [Csr.of([sorted(own) for own in rows]) for rows in seats]
    for chosen in product(*places):
        times, rooms = (np.array(column, dtype=np.int32) for column in zip(*chosen, strict=True))
        for seating in seatings:
            yield TermSolution(times, rooms, seating)


def choices(problem: TermProblem, courses: list[int]) -> list[tuple[int, ...]]:
    """Of courses with one subpart: a class of each."""
    return list(product(*(np.flatnonzero(problem.class_course == course).tolist() for course in courses)))


def num_timetables(problem: TermProblem) -> int:
    places = np.diff(problem.class_times.indptr) * np.maximum(1, np.diff(problem.class_rooms.indptr))
    return int(np.prod(places)) * int(np.prod([len(choices(problem, row.tolist())) for row in problem.student_courses]))


def test_the_search_finds_the_best_of_all_timetables_and_calls_none_impossible_that_is_not() -> None:
    terms = [random_term(seed, COUNTABLE, hard_share=0.3) for seed in range(40)]
    ends = []
    for problem in terms:
        if num_timetables(problem) > MOST:
            continue
        best = min((score.hard, score.total) for score in (evaluate(problem, each).score for each in timetables(problem)))
        result = search_term(problem, iterations=20_000, seed=1)
        is_feasible = best[0] == 0
        ends.append((is_feasible, result.impossible is not None))

        assert (result.score.hard == 0) == is_feasible, problem.name
        assert not is_feasible or result.score.total == best[1], problem.name
    assert ends.count((True, False)) > 5
    assert ends.count((False, True)) > 2
    assert ends.count((True, True)) == 0
