from __future__ import annotations

import pytest

from generation.engine.params import SolveParams
from generation.engine.solve import search
from generation.engine.stages.evolution import FOUNDER, lives
from tests.factories.problems import problem_make


def test_few_proposals_make_one_way_down_in_parts() -> None:
    parts = lives(FOUNDER, span=0.7, child_from=0.5)
    assert {life.begins for life in parts} == {"on"}
    assert [part.span[0] for part in parts[1:]] == [part.span[1] for part in parts[:-1]]
    assert parts[0].span[0] == 0
    assert parts[-1].span[1] == pytest.approx(0.7)


def test_many_proposals_make_whole_annealings_and_then_children() -> None:
    begins = [life.begins for life in lives(20 * FOUNDER, span=0.7, child_from=0.5)]
    assert begins.count("afresh") >= 2
    assert begins.count("child") >= 1
    assert begins == sorted(begins)  # children come last


@pytest.mark.parametrize("proposals", [1, FOUNDER, 3 * FOUNDER, 50 * FOUNDER])
def test_generations_take_the_whole_stage(proposals: float) -> None:
    assert sum(life.share for life in lives(proposals, span=0.7, child_from=0.5)) == pytest.approx(1.0)


@pytest.mark.parametrize("workers", [1, 2])
def test_counted_run_with_several_annealings_gives_the_same_timetable_twice(workers: int) -> None:
    problem = problem_make([0, 0, 1, 1], section_min_days=[2, 2])
    params = SolveParams(iterations=700, workers=workers)  # 350,000 proposals a lecture
    first, second = (search(problem, params).best for _ in range(2))
    assert first.solution.difference(second.solution) == 0
    assert first.score == second.score
