from __future__ import annotations

import numpy as np

from generation.engine.model.problem import Problem
from generation.engine.search.search_data import search_data
from generation.engine.stages.clustering import clusters
from tests.factories.problems import problem_make


def two_faculties(num_courses: int = 60) -> Problem:
    """Students of even and of odd courses, who never meet."""
    rng = np.random.default_rng(1)
    halves = [np.arange(0, num_courses, 2), np.arange(1, num_courses, 2)]
    return problem_make(list(range(num_courses)), students=[rng.choice(halves[u % 2], 4, replace=False).tolist() for u in range(400)])


def test_clusters_hold_each_section_once_and_stay_near_the_target() -> None:
    problem = two_faculties()
    found = clusters(problem, search_data(problem), 10, seed=1)
    assert sorted(section for part in found for section in part) == list(range(60))
    assert max(len(part) for part in found) <= 15
    assert len(found) <= 10


def test_sections_without_common_students_are_kept_apart() -> None:
    problem = two_faculties()
    assert all(len({section % 2 for section in part}) == 1 for part in clusters(problem, search_data(problem), 10, seed=1))


def test_same_seed_gives_the_same_clusters() -> None:
    problem = two_faculties()
    first, again = (clusters(problem, search_data(problem), 10, seed=4) for _ in range(2))
    assert first == again


def test_cluster_with_the_least_choice_comes_first() -> None:
    available = np.ones((12, 8), dtype=bool)
    available[6:, 1:] = False
    problem = problem_make(list(range(12)), section_curricula=[[int(s >= 6)] for s in range(12)], section_available=available)
    assert clusters(problem, search_data(problem), 6, seed=1)[0] == [6, 7, 8, 9, 10, 11]
