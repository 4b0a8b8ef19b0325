"""Several workers are one search: they cool over the whole of its time, and exchange what they find."""

from __future__ import annotations

from pathlib import Path

from generation.engine.term_model.solve import search_term
from generation.formats import itc2019
from tests.benchmarks.term_maker import TermScale, term_make


def test_two_workers_find_no_dearer_timetable_than_one(tmp_path: Path) -> None:
    file = tmp_path / "made.xml"
    term_make(file, scale=TermScale(courses=60, students=800, rooms=24), seed=3)
    problem = itc2019.read(file)
    costs = [search_term(problem, iterations=40_000, seed=1, workers=workers).score.total for workers in (1, 2)]

    # Each has its own proposals. Workers that begin anew after each exchange end at twice the cost of one.
    assert costs[1] < 1.2 * costs[0]
