"""The search of a term: counted runs repeat, clocks are kept, and what is impossible is said."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from generation.engine.model.problem import Csr
from generation.engine.observer import Facts, Silent
from generation.engine.stop import Flag
from generation.engine.term_model.evaluate import evaluate
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.reduction import NoValueLeftError
from generation.engine.term_model.solve import TermResult, search_term
from tests.generation.engine.term_model.random_terms import TermSize, random_term


class Recorder(Silent):
    def __init__(self) -> None:
        self.calls: list[tuple[str, float, int | None]] = []

    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        self.calls.append((stage, fraction, facts.soft))


@pytest.fixture(scope="module")
def term() -> TermProblem:
    return random_term(5, TermSize(courses=8, students=30, rules=40), hard_share=0.1)


def _bytes(result: TermResult) -> bytes:
    solution = result.solution
    return solution.class_time.tobytes() + solution.class_room.tobytes() + solution.student_classes.indices.tobytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_counted_runs_depend_on_seed_and_workers_alone(term: TermProblem, workers: int) -> None:
    runs = [search_term(term, iterations=20_000, seed=4, workers=workers) for _ in range(2)]

    assert _bytes(runs[0]) == _bytes(runs[1])
    assert runs[0].evaluation == evaluate(term, runs[0].solution)
    assert [stage.stage for stage in runs[0].stages] == ["construction", "repair", "annealing"]


def test_stages_never_return_worse(term: TermProblem) -> None:
    scores = [(stage.hard, stage.soft) for stage in search_term(term, iterations=50_000).stages]

    assert scores == sorted(scores, reverse=True)


def test_the_search_ends_with_its_time_limit(term: TermProblem) -> None:
    search_term(term, iterations=1)  # compiles
    began = time.monotonic()
    result = search_term(term, time_limit_s=1.0)

    assert time.monotonic() - began < 3.0
    assert result.moves_per_second > 0


def test_an_observer_sees_the_stages_go_on(term: TermProblem) -> None:
    seen = Recorder()
    result = search_term(term, iterations=20_000, observer=seen)

    assert list(dict.fromkeys(stage for stage, _, _ in seen.calls))[-1] == "annealing"
    assert len(seen.calls) > 20
    assert seen.calls[-1] == ("annealing", 1.0, result.score.total)


def test_a_stop_ends_the_search_with_a_whole_timetable(term: TermProblem) -> None:
    stop = Flag()
    stop.raise_("stop")
    result = search_term(term, time_limit_s=60.0, stop=stop)

    assert (result.stopped_by, result.evaluation.unplaced) == ("stop", 0)


def test_a_rule_that_leaves_a_class_no_value_is_named(term: TermProblem) -> None:
    """Two classes at one time each, which overlap, and must not: there is no timetable, and the search gives the best there is."""
    both = [[0], [0], *([0, 1] for _ in range(term.num_classes - 2))]
    term = replace(
        term,
        class_times=Csr.of(both),
        class_time_cost=np.zeros(sum(map(len, both)), np.int32),
        rules=np.array([[RuleKind.NOT_OVERLAP, 1, 0, 0, 0]], np.int32),
        rule_classes=Csr.of([[0, 1]]),
    )
    result = search_term(term, iterations=1_000)

    assert isinstance(result.impossible, NoValueLeftError)
    assert ({result.impossible.class_, result.impossible.other}, result.impossible.rule) == ({0, 1}, 0)
    assert result.evaluation.broken["NotOverlap"] == 1
