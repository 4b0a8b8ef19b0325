from __future__ import annotations

from generation.engine.bounds import lower_bound
from generation.engine.problem import Weights
from tests.factories.problems import problem_make


def test_days_that_a_section_cannot_have_are_certain() -> None:
    assert lower_bound(problem_make([0, 0], section_min_days=[4], days=5, weights=Weights(min_days=5))) == 10


def test_students_too_many_for_every_room_are_certain() -> None:
    problem = problem_make([0, 1], section_size=[100, 50], room_capacity=[60, 60], capacity_is_hard=False, weights=Weights.udine())
    assert lower_bound(problem) == 40


def test_second_large_lecture_may_use_the_large_room_at_another_time() -> None:
    problem = problem_make([0, 1], section_size=[100, 100], room_capacity=[100, 10], capacity_is_hard=False, weights=Weights.udine())
    assert lower_bound(problem) == 0
