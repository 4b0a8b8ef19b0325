"""The smallest change, compared with every timetable that there is, on problems small enough to try all of them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from generation.engine.change.budget import ChangeBudget
from generation.engine.change.situation import moved_lectures
from generation.engine.change.smallest import Change, smallest_change
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from tests.factories.problems import OFF, blocked, place, problem_make


def change_of(problem: Problem, base: Solution, budget: ChangeBudget | None = None, **given: Any) -> Change:
    return smallest_change(problem, base, budget, time_limit_s=2.0, is_deterministic=True, **{"max_more": 0} | given)


def fewest_by_trying_all(problem: Problem, base: Solution) -> tuple[int, int, int]:
    """Periods without a place, moved lectures and people of the best timetable, each lecture tried everywhere."""
    places = [(-1, -1), *product(range(problem.num_timeslots), range(problem.num_rooms))]
    best = (10**6, 0, 0)
    for tried in product(places, repeat=problem.num_lectures):
        solution = Solution(*(np.array(column, dtype=np.int32) for column in zip(*tried, strict=True)))
        lacking = int(problem.lecture_length[solution.slot < 0].sum())
        moved = moved_lectures(base, solution)
        if (lacking, len(moved)) > best[:2] or evaluate(problem, solution).score.hard != lacking:
            continue
        people = {u for u, row in enumerate(problem.student_sections) for x in moved if problem.lecture_section[x] in row}
        taught = {int(i) for x in moved for i in problem.section_instructors[int(problem.lecture_section[x])]}
        best = min(best, (lacking, len(moved), len(people) + len(taught)))
    return best


def tiny(rng: np.random.Generator) -> tuple[Problem, Solution]:
    """Four lectures in four timeslots and two rooms, and where they were before something was closed."""
    problem = problem_make(
        [0, 1, 2, 2],
        rooms=2,
        instructors=2,
        days=2,
        periods=2,
        weights=OFF,
        section_instructors=[[int(rng.integers(2))], [int(rng.integers(2))], []],
        section_curricula=[[0], [], [0] if rng.random() < 0.5 else []],
        students=[rng.choice(3, size=2, replace=False).tolist() for _ in range(5)],
        room_capacity=[30, int(rng.choice([20, 30]))],
        lecture_length=[int(rng.choice([1, 1, 2])), 1, 1, 1],
        lecture_pairs=[[0, 1, int(rng.choice([0, 3])), 0, 0]] if rng.random() < 0.3 else [],
        room_available=rng.random((2, 4)) < 0.85,
        instructor_available=rng.random((2, 4)) < 0.8,
        instructor_max_daily=[int(rng.choice([0, 1])), 0],
        daily_load_is_hard=True,
    )
    slots = rng.integers(0, 4, size=4)
    placements = {x: (int(slot), int(rng.integers(2))) for x, slot in enumerate(slots) if rng.random() < 0.85}
    return problem, place(problem, placements)


@pytest.mark.parametrize("seed", range(12))
def test_fewest_moves_are_those_found_by_trying_every_timetable(seed: int) -> None:
    problem, base = tiny(np.random.default_rng(seed))
    lacking, moved, people = fewest_by_trying_all(problem, base)

    found = change_of(problem, base)

    first = found.options[0]
    assert (first.score.hard, len(first.moved)) == (lacking, moved)
    assert first.touched.total == people
    assert found.at_least_moved == moved
    assert found.at_least_people <= people
    assert found.is_closed


def test_a_closed_room_moves_its_lectures_to_the_other_one_at_the_same_time() -> None:
    problem = problem_make([0, 1, 2], rooms=2, periods=4, room_available=blocked(2, 8, *((0, t) for t in range(4))))
    base = place(problem, [(0, 0), (1, 0), (5, 0)])

    found = change_of(problem, base)

    assert found.options[0].moved == (0, 1)
    assert found.options[0].solution.slot.tolist() == [0, 1, 5]
    assert found.options[0].solution.room.tolist() == [1, 1, 0]
    assert (found.at_least_moved, found.is_closed) == (2, True)


def test_others_make_way_where_nothing_else_does() -> None:
    """Two rooms, one timeslot open for the first: its only place is taken by one that can go anywhere."""
    problem = problem_make([0, 1], rooms=1, days=1, periods=2, section_available=[[True, False], [True, True]], section_curricula=[[], []])
    base = place(problem, {1: (0, 0)})

    found = change_of(problem, base)

    assert found.options[0].solution.slot.tolist() == [0, 1]
    assert (len(found.options[0].moved), found.at_least_moved, found.num_rounds > 1) == (1, 1, True)


def test_a_budget_that_is_too_small_leaves_lectures_without_a_place_and_says_what_it_takes() -> None:
    problem = problem_make([0, 1, 2], rooms=2, periods=4, room_available=blocked(2, 8, *((0, t) for t in range(4))))
    base = place(problem, [(0, 0), (1, 0), (5, 0)])

    found = change_of(problem, base, ChangeBudget(max_lectures=1))

    assert found.needed is not None
    assert (len(found.needed.moved), found.needed.score.hard) == (2, 0)
    assert found.at_least_moved == 2
    assert (found.options[0].evaluation.unplaced, found.options[0].score.hard) == (1, 1)


@pytest.mark.parametrize(
    ("budget", "unplaced"), [(ChangeBudget(is_only_rooms=True), 0), (ChangeBudget(untouched={0}), 1), (ChangeBudget(untouched={1}), 0)]
)
def test_what_may_not_be_touched_stays(budget: ChangeBudget, unplaced: int) -> None:
    """The first lecture's room closes; the other room is taken by the second, which could go into a third."""
    problem = problem_make([0, 1], rooms=3, days=1, periods=2, room_available=blocked(3, 2, (0, 0), (2, 1)))
    base = place(problem, [(0, 0), (0, 1)])

    found = change_of(problem, base, budget)

    assert found.options[0].evaluation.unplaced == unplaced
    assert found.options[0].solution.slot[1] == 0


def test_nothing_moves_where_nothing_is_broken() -> None:
    problem = problem_make([0, 1], weights=OFF)
    base = place(problem, [(0, 0), (1, 0)])

    found = change_of(problem, base, max_more=2)

    assert [option.moved for option in found.options] == [()]
    assert (found.at_least_moved, found.at_least_people, found.is_closed) == (0, 0, True)


def test_one_more_lecture_is_offered_where_it_buys_something() -> None:
    """The second lecture is at a time that its instructor dislikes, and nothing makes it move."""
    dislike = np.zeros((1, 8), dtype=np.int32)
    dislike[0, 1] = 3
    problem = problem_make([0, 1], rooms=1, section_instructors=[[], [0]], instructor_dislike=dislike, room_available=blocked(1, 8, (0, 0)))
    base = place(problem, [(0, 0), (1, 0)])

    found = change_of(problem, base, max_more=2)

    assert [len(option.moved) for option in found.options] == [1, 2]
    assert found.options[1].score < found.options[0].score
