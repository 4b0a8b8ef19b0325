from __future__ import annotations

import numpy as np

from generation.engine.params import SolveParams
from generation.engine.solve import search, warm
from generation.engine.stages.refinement import NEIGHBOURHOODS, Choice, averaged, situation
from tests.factories.problems import problem_make


def test_neighbourhood_that_paid_is_chosen_more_often() -> None:
    choice = Choice({}, np.random.default_rng(1))
    for _ in range(30):
        for name in NEIGHBOURHOODS:
            choice.learn("000", name, 5.0 if name == "chains" else 0.0, "000")
    picked = [choice.pick("000") for _ in range(100)]
    assert picked.count("chains") > 70


def test_every_neighbourhood_is_tried_now_and_then() -> None:
    choice = Choice({"000:chains": 100.0}, np.random.default_rng(1))
    assert {choice.pick("000") for _ in range(200)} == set(NEIGHBOURHOODS)


def test_situation_tells_budget_stagnation_and_outcome() -> None:
    assert situation(0.0, 0, has_improved=True) == "001"
    assert situation(0.99, 9, has_improved=False) == "220"


def test_values_of_several_variants_are_averaged() -> None:
    assert averaged([{"a": 1.0}, {"a": 3.0, "b": 2.0}]) == {"a": 2.0, "b": 2.0}


def test_timed_run_returns_what_it_learned_and_a_counted_one_nothing() -> None:
    problem = problem_make([0, 0, 1, 1], section_min_days=[2, 2])
    known = {"220:rooms": 3.0}
    warm()
    # A starved machine may not come to learn anything in the first three seconds.
    runs = (search(problem, SolveParams(time_limit_s=limit_s, learned_values=known)).learned_values for limit_s in (3.0, 12.0, 48.0))
    assert any(learned.keys() > known.keys() for learned in runs)
    assert search(problem, SolveParams(iterations=2, learned_values=known)).learned_values == {}
