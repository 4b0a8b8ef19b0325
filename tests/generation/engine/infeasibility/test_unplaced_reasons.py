"""Why a lecture has no place: every start of the week counted once, and what would have to move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.unplaced_reasons import Reason, Unplaced, unplaced_reasons
from generation.engine.model.problem import BEFORE
from generation.engine.model.solution import Solution
from generation.text.unplaced_reasons import unplaced_report
from tests.factories.problems import blocked, place, problem_make, problem_random, solution_random, weeks_added

WEEK = {"days": 1, "periods": 4}


def only(found: list[Unplaced]) -> Unplaced:
    (one,) = found
    return one


def test_each_start_counts_once_under_its_first_reason() -> None:
    problem = problem_make(
        [0, 1, 2], **WEEK, rooms=1, section_instructors=[[0], [0], []], instructor_available=blocked(1, 4, (0, 3)), lecture_length=[1, 1, 1]
    )
    told = only(unplaced_reasons(problem, place(problem, {1: (0, 0), 2: (1, 0)})))
    assert told.blocked == {"instructor": 1, "rooms_taken": 1, "instructor_times": 1, "free": 1}
    assert (told.section, told.num_periods) == ("C0-1", 1)
    assert Reason("instructor", 1, (("instructor", "Dr 0"),)) in told.reasons
    assert unplaced_report(told)["message"].startswith("C0-1 has no timeslot and room yet (1 period): of the week's 4 starts, 1 is ")


def test_lecture_in_the_way_that_could_go_elsewhere_is_the_first_remedy() -> None:
    problem = problem_make([0, 1], **WEEK, rooms=1, section_available=blocked(2, 4, (0, 1), (0, 2), (0, 3)))
    told = only(unplaced_reasons(problem, place(problem, {1: (0, 0)})))
    assert (told.ways[0].id, told.ways[0].values[1]) == ("move", ("section", "C1-1"))
    assert (
        unplaced_report(told)["ways"][0]
        == "It would fit on day 1, period 1 if the lecture of C1-1 moved to day 1, period 2, which is free for it."
    )


def test_closed_room_and_absent_instructor_are_remedies() -> None:
    problem = problem_make([0], **WEEK, rooms=1, section_instructors=[[0]], instructor_available=blocked(1, 4, (0, 0), (0, 1)),
                           room_available=blocked(1, 4, (0, 2), (0, 3)))  # fmt: skip
    told = only(unplaced_reasons(problem, Solution.empty(problem)))
    assert unplaced_report(told)["ways"] == [
        "It would fit on day 1, period 3 if room R0 were open then.",
        "It would fit on day 1, period 4 if room R0 were open then.",
        "It would fit on day 1, period 1 if Dr 0 were available then.",
    ]


def test_rules_about_starts_and_pairs_are_named() -> None:
    problem = problem_make([0, 1], **WEEK, blocked_starts=[(0, 3)], lecture_pairs=[(1, 0, BEFORE, 0, 0)])
    told = only(unplaced_reasons(problem, place(problem, {1: (1, 0)})))
    assert told.blocked == {"pair": 2, "free": 1, "starts": 1}
    assert "do not stand to a lecture of C1-1 as they must" in unplaced_report(told)["message"]


def test_long_lecture_names_the_breaks_in_its_way() -> None:
    problem = problem_make(
        [0], **WEEK, lecture_length=[2], break_after=[False, True, False, False], room_available=np.zeros((2, 4), dtype=np.bool_)
    )
    assert only(unplaced_reasons(problem, Solution.empty(problem))).blocked == {"break": 2, "rooms_closed": 2}


def test_a_limit_that_a_place_would_break_is_the_reason() -> None:
    problem = problem_make([0, 1], **WEEK, section_instructors=[[0], [0]], instructor_max_daily=[1], daily_load_is_hard=True)
    told = only(unplaced_reasons(problem, place(problem, {1: (0, 0)})))
    assert told.blocked == {"instructor": 1, "daily": 3}
    assert "3 would make a day of Dr 0 longer than allowed" in unplaced_report(told)["message"]


@pytest.mark.parametrize("seed", range(24))
def test_a_start_called_free_breaks_no_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng.spawn(1)[0])
    # Where a rule asks for the least of something, a lecture's place may end a breach of others too.
    problem = replace(problem, set_rules=problem.set_rules * np.array([1, 1, 1, 0, 1, 1, 1, 1], dtype=np.int32))
    solution = solution_random(problem, rng, unplaced=0.5)
    before = evaluate(problem, solution).score.hard
    for told in unplaced_reasons(problem, solution):
        frees = [
            evaluate(problem, moved).score.hard
            for slot in range(problem.num_timeslots)
            for room in range(problem.num_rooms)
            for moved in [Solution(np.where(np.arange(10) == told.lecture, slot, solution.slot).astype(np.int32),
                                   np.where(np.arange(10) == told.lecture, room, solution.room).astype(np.int32))]
        ]  # fmt: skip
        length = int(problem.lecture_length[told.lecture])
        # Where weeks differ, a room that is overfull in another week hides that it becomes so in the lecture's.
        breaks_nothing = min(frees) == before - length
        assert breaks_nothing == ("free" in told.blocked) or (breaks_nothing and problem.num_weeks)
        assert sum(told.blocked.values()) == problem.num_timeslots
