"""What arithmetic alone refuses, with the numbers, and what it must let pass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.preflight import preflight
from generation.engine.infeasibility.statements import Obstacle
from generation.engine.model.fixed_places import Held
from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, SAME_DAY, Problem
from generation.text.infeasibility.obstacles import obstacle_text, obstacles_text
from generation.text.infeasibility.phrases import Phrases
from tests.factories.problems import blocked, problem_make, problem_random, solution_random, weeks_added
from tests.factories.trials import least_penalty, problem_trial

EIGHT = 8  # timeslots: two days of four periods
LABS = {"lecture_room_kind": [1] * 5, "room_kind": [1, 0]}
BREAKS = [True, False, True, False, True, False]  # two pairs of periods and two single ones
CLOSED = blocked(2, EIGHT, *((1, slot) for slot in range(EIGHT)))
SHUT = blocked(2, EIGHT, *((0, slot) for slot in range(EIGHT)))
APART = [(a, b, DAYS_APART, 2, 0) for a, b in ((0, 1), (0, 2), (1, 2))]


def messages(problem: Problem, obstacles: Sequence[Obstacle] | None = None) -> list[str]:
    """The sentences that people read, in the problem's own names."""
    return [obstacle_text(each, Phrases(problem)) for each in (preflight(problem) if obstacles is None else obstacles)]


@pytest.mark.parametrize(
    ("problem", "expected", "values"),
    [
        (problem_make([]), "no_lectures", {"found": 0}),
        (problem_make([0], rooms=0), "no_rooms", {"found": 0}),
        (problem_make([0], days=0), "no_timeslots", {"found": 0}),
        (
            problem_make([0, 1, 1], lecture_length=[3, 3, 3], section_instructors=[[0], [0]]),
            "instructor_overload",
            {"instructor": "Dr 0", "periods": 9, "open": 8},
        ),
        (
            problem_make([0, 1, 1], section_instructors=[[0], [0]], instructor_max_weekly=[2]),
            "instructor_weekly_limit",
            {"instructor": "Dr 0", "periods": 3, "limit": 2},
        ),
        (
            problem_make([0, 1, 1], section_instructors=[[0], [0]], instructor_max_daily=[1], daily_load_is_hard=True),
            "instructor_daily_limit",
            {"instructor": "Dr 0", "periods": 3, "limit": 1},
        ),
        (
            problem_make([0] * 5, section_instructors=[[0]], instructor_free_days=[1], free_days_is_hard=True),
            "instructor_free_days",
            {"instructor": "Dr 0", "periods": 5, "limit": 1, "fits": 4},
        ),
        (
            problem_make([0] * 3, section_instructors=[[0]], instructor_free_half_days=[3], free_half_days_is_hard=True),
            "instructor_free_half_days",
            {"instructor": "Dr 0", "periods": 3, "limit": 3, "fits": 2},
        ),
        (
            problem_make([0, 0], section_available=blocked(1, EIGHT, *((0, slot) for slot in range(7)))),
            "section_overload",
            {"section": "C0-1", "periods": 2, "open": 1},
        ),
        (
            problem_make([0, 1, 2], lecture_length=[3, 3, 3], section_curricula=[[0], [0], [0]]),
            "curriculum_overload",
            {"curriculum": "Q0", "periods": 9, "open": 8},
        ),
        (problem_make([0], lecture_length=[5]), "lecture_too_long", {"section": "C0-1", "length": 5, "longest": 4}),
        (
            problem_make([0], lecture_length=[3], break_after=[False, True, False, False]),
            "lecture_too_long",
            {"section": "C0-1", "length": 3, "longest": 2},
        ),
        (problem_make([0], section_size=[31]), "no_suitable_room", {"section": "C0-1", "need": "any kind of room, at least 31 seats"}),
        (
            problem_make([0], lecture_room_kind=[1], lecture_features=[[False, True]]),
            "no_suitable_room",
            {"section": "C0-1", "need": "lab, at least 30 seats, sink"},
        ),
        (
            problem_make([0], lecture_length=[2], section_available=blocked(1, EIGHT, (0, 1), (0, 2), (0, 5), (0, 6))),
            "no_start",
            {"section": "C0-1", "length": 2},
        ),
        (
            problem_make([0], section_available=blocked(1, EIGHT, (0, 0)), blocked_starts=[(0, slot) for slot in range(1, EIGHT)]),
            "no_allowed_start",
            {"section": "C0-1", "allowed": 1},
        ),
        (problem_make([0], lecture_pin_slot=[3], blocked_starts=[(0, 3)]), "pinned_time_not_allowed", {"section": "C0-1", "slot": 3}),
        (problem_make([0], lecture_pin_slot=[3], lecture_length=[2]), "pinned_time_blocked", {"section": "C0-1", "slot": 3}),
        (
            problem_make([0], lecture_pin_room=[1], room_capacity=[30, 20]),
            "pinned_room_unsuitable",
            {"section": "C0-1", "room": "R1"},
        ),
        (
            problem_make([0, 1], lecture_pin_slot=[2, 3], lecture_pin_room=[0, 0], lecture_length=[2, 1]),
            "pins_conflict",
            {"first": "C0-1", "second": "C1-1", "slot": 3, "reason": "room", "room": "R0"},
        ),
        (
            problem_make([0, 1], lecture_pin_slot=[2, 2], section_curricula=[[0], [0]]),
            "pins_conflict",
            {"reason": "curriculum", "curriculum": "Q0"},
        ),
        (
            problem_make([0, 1, 2, 3, 4], lecture_length=[2] * 5, **LABS),
            "too_few_rooms",
            {"need": "lab, at least 30 seats", "rooms": 1, "periods": 10, "open": 8},
        ),
        (
            problem_make([0, 1, 2, 3, 4], lecture_length=[2] * 5, room_available=SHUT, **LABS),
            "too_few_rooms",
            {"room": "R0", "rooms": 1, "periods": 10, "open": 0},
        ),
        (
            problem_make([0, 1], lecture_pin_slot=[3, -1], days=1, lecture_pairs=[(0, 1, BEFORE, 0, 0)]),
            "pair_impossible",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0] * 3, days=4, section_available=blocked(1, 16, *((0, slot) for slot in range(4, 8))), lecture_pairs=APART),
            "too_few_days",
            {"section": "C0-1", "lectures": 3, "days": 2},
        ),
        (
            problem_make([0, 1], lecture_pairs=[(0, 1, BEFORE, 0, 0), (1, 0, CONSECUTIVE, 0, 0)]),
            "rules_contradict",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0, 1], same_start=[(0, 1)], same_start_is_hard=True, lecture_pairs=[(0, 1, DAYS_APART, 1, 0)]),
            "rules_contradict",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0, 1, 2], lecture_pairs=[(0, 1, BEFORE, 0, 0), (1, 2, BEFORE, 0, 0), (2, 0, BEFORE, 0, 0)]),
            "order_in_a_circle",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0, 1], same_start=[(0, 1)], same_start_is_hard=True, no_overlap=[(0, 1)]),
            "joint_start_conflict",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0, 1], same_start=[(0, 1), (0, 1)], same_start_factor=[0, 3], section_curricula=[[0], [0]]),
            "joint_start_conflict",
            {"first": "C0-1", "second": "C1-1", "curriculum": "Q0"},
        ),
        (
            problem_make([0, 1, 2], same_start=[(0, 1), (0, 2)], same_start_is_hard=True, section_instructors=[[], [0], [0]], rooms=3),
            "joint_start_conflict",
            {"first": "C1-1", "second": "C2-1", "instructor": "Dr 0"},
        ),
        (
            problem_make([0, 0], same_start=[(0, 1)], same_start_is_hard=True),
            "joint_start_conflict",
            {"section": "C0-1"},
        ),
        (
            problem_make([0, 1], same_start=[(0, 1)], same_start_is_hard=True, lecture_room_kind=[1, 1], room_kind=[1, 0]),
            "joint_start_rooms",
            {"first": "C0-1", "second": "C1-1", "need": "lab, at least 30 seats", "lectures": 2, "room": "R0"},
        ),
        (
            problem_make([0, 1], same_start=[(0, 1)], same_start_is_hard=True, lecture_pin_slot=[2, -1], blocked_starts=[(1, 2)]),
            "joint_start_times",
            {"first": "C0-1", "second": "C1-1"},
        ),
        (
            problem_make([0, 1, 2], lecture_length=[2] * 3, days=1, periods=6, section_curricula=[[0]] * 3, break_after=BREAKS),
            "curriculum_long_lectures",
            {"curriculum": "Q0", "periods": 6, "open": 6, "places": 2},
        ),
        (
            problem_make([0] * 3, lecture_length=[2] * 3, days=1, periods=6, break_after=BREAKS),
            "section_long_lectures",
            {"section": "C0-1", "periods": 6, "open": 6, "places": 2},
        ),
        (
            problem_make([0, 1, 2], lecture_length=[2] * 3, days=1, periods=6, break_after=BREAKS, rooms=1),
            "rooms_long_lectures",
            {"need": "any kind of room, at least 30 seats", "rooms": 1, "lectures": 3, "places": 2},
        ),
        (problem_make([0], lecture_pin_room=[1], room_available=CLOSED), "no_start", {"section": "C0-1", "room": "R1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_impossible_is_refused_with_its_numbers(problem: Problem, expected: str, values: Mapping[str, Any]) -> None:
    found = preflight(problem)

    assert [obstacle.id for obstacle in found] == [expected]
    phrases = Phrases(problem)
    words = phrases.fields(found[0].values)
    sentence = obstacle_text(found[0], phrases)
    assert {name: words[name] for name in values} == {
        name: phrases.time(value) if name == "slot" else value for name, value in values.items()
    }
    assert all(str(words[name]) in sentence for name in values if name != "reason")
    assert sentence.count(". ") >= 1, "a sentence of advice follows"


@pytest.mark.parametrize(
    "problem",
    [
        problem_make([0, 1], lecture_length=[4, 4], section_instructors=[[0], [0]], section_curricula=[[0], [0]]),
        problem_make([0, 1, 1], section_instructors=[[0], [0]], instructor_max_weekly=[3]),
        problem_make([0], section_size=[31], capacity_is_hard=False),
        problem_make([0, 1, 2, 3], lecture_length=[2] * 4, lecture_room_kind=[1] * 4, room_kind=[1, 0]),
        problem_make([0, 1], lecture_pin_slot=[2, 2], lecture_pin_room=[0, 1]),
        problem_make([0, 0], same_start=[(0, 1)]),
        problem_make([0], section_size=[33], capacity_tolerance_percent=10),
        problem_make([0] * 3, days=5, lecture_pairs=APART),
        problem_make([0] * 3, days=4, lecture_pairs=APART[1:]),
        problem_make([0, 1, 2], lecture_pairs=[(0, 1, BEFORE, 0, 0), (1, 0, BEFORE, 0, 3), (1, 2, BEFORE, 0, 0), (0, 2, SAME_DAY, 0, 0)]),
        problem_make([0, 1], lecture_pin_slot=[2, -1], lecture_pairs=[(0, 1, CONSECUTIVE, 0, 0), (1, 0, BEFORE, 0, 2)], days=1),
        problem_make([0, 1], rooms=1, lecture_length=[4, 4], days=1, room_sharing=[2]),
        problem_make([0, 1], lecture_pin_slot=[2, 2], lecture_pin_room=[0, 0], room_sharing=[2, 1]),
    ],
)
def test_what_just_fits_passes(problem: Problem) -> None:
    assert preflight(problem) == []


def test_only_the_first_obstacles_are_told_in_words() -> None:
    problem = problem_make(range(8), section_size=[31] * 8)
    obstacles = preflight(problem)

    assert len(obstacles) == 8
    assert obstacles_text(obstacles, Phrases(problem)).endswith("There are 3 more obstacles of this sort.")
    assert obstacles_text(obstacles[:2], Phrases(problem)) == " ".join(messages(problem, obstacles[:2]))


def test_one_rule_about_two_courses_is_one_cause_whichever_sections_break_it() -> None:
    pairs = list(product((0, 1), (2, 3)))
    problem = problem_make(range(4), rooms=4, same_start=pairs, same_start_is_hard=True, no_overlap=pairs)
    of_two = replace(problem, names=replace(problem.names, courses=("A", "A", "B", "B")))

    found = preflight(of_two)

    assert len(found) == 4
    assert obstacles_text(found, Phrases(of_two)) == (
        f"{messages(of_two, found[:1])[0]} It is the same 3 times more, for other sections of these courses."
    )


def test_one_more_obstacle_is_one() -> None:
    problem = problem_make(range(6), section_size=[31] * 6)

    assert obstacles_text(preflight(problem), Phrases(problem)).endswith("There is 1 more obstacle of this sort.")


def test_equal_lectures_of_a_section_are_told_once() -> None:
    assert len(preflight(problem_make([0, 0, 0], section_size=[31]))) == 1


def test_what_has_a_timetable_is_never_refused() -> None:
    rng, num_feasible = np.random.default_rng(3), 0
    for _ in range(360):
        problem = weeks_added(_two_lectures(problem_random(rng)), rng.spawn(1)[0])
        for _ in range(30):
            if evaluate(problem, solution_random(problem, rng, unplaced=0.0)).is_feasible:
                num_feasible += 1
                assert preflight(problem) == []
                break
    assert num_feasible > 20


def _two_lectures(problem: Problem) -> Problem:
    """Few enough lectures for chance to find a timetable now and then; seats that no placement mends are left out."""
    few = slice(0, 2)
    names = ("lecture_section", "lecture_length", "lecture_room_kind", "lecture_features", "lecture_pin_slot", "lecture_pin_room")
    return replace(
        problem,
        same_start=problem.same_start[:0],
        same_start_factor=problem.same_start_factor[:0],
        blocked_starts=problem.blocked_starts[problem.blocked_starts[:, 0] < 2],
        lecture_pairs=problem.lecture_pairs[:4] % [2, 2, 5, 9, 9],
        section_parent=problem.section_parent[:0],
        section_limit=problem.section_limit[:0],
        set_rules=problem.set_rules[:0],
        **{name: getattr(problem, name)[few] for name in names},
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"room_capacity": [20, 28]},
            "With a tolerance of 8 % of the seats (2 students) room R1 would do, which has 28 seats for 30 students",
        ),
        ({"room_capacity": [20, 10]}, "With a tolerance of 50 % of the seats (10 students) room R0 would do"),
        ({"room_capacity": [10, 10], "capacity_tolerance": 3}, "With a tolerance of 20 students room R0 would do"),
        ({"room_capacity": [28, 28], "room_available": blocked(2, EIGHT, *((0, slot) for slot in range(8)))}, "room R1 would do"),
        ({"room_capacity": [20, 28], "lecture_room_kind": [1]}, ""),
        (
            {"room_capacity": [20, 28], "room_features": [[True, False], [False, False]], "lecture_features": [[True, False]]},
            "room R0 would do",
        ),
        ({"room_capacity": [28, 29], "room_available": np.zeros((2, EIGHT), dtype=np.bool_)}, ""),
    ],
)
def test_where_no_room_has_the_seats_the_tolerance_that_would_do_is_named(facts: dict[str, Any], words: str) -> None:
    problem = problem_make([0], **facts)
    (found,) = [each for each in preflight(problem) if each.id == "no_suitable_room"]
    (message,) = messages(problem, [found])

    assert words in message
    assert found.is_seats == bool(words) == ("tolerance" in message)


@pytest.mark.parametrize("capacity", [[20, 28], [3, 17], [29, 1]])
def test_with_the_tolerance_that_is_named_the_room_does(capacity: list[int]) -> None:
    problem = problem_make([0], room_capacity=capacity)
    (message,) = messages(problem)
    percent = int(re.search(r"of (\d+) %", message)[1])  # type: ignore[index]
    students = int(re.search(r"\((\d+) student", message)[1])  # type: ignore[index]

    assert preflight(replace(problem, capacity_tolerance_percent=percent)) == []
    assert preflight(replace(problem, capacity_tolerance=students)) == []
    assert preflight(replace(problem, capacity_tolerance_percent=percent - 1)) != []


def every(first: list[int], second: list[int], kind: int, days: int = 0) -> list[tuple[int, ...]]:
    return [(a, b, kind, days, 0) for a in first for b in second]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # Two courses of three lectures by one instructor: eight timeslots, four a day.
        (every([0, 1, 2], [3, 4, 5], SAME_DAY), "Lectures of C0 and C1 must be held on one day, and there are no times for the 6 lectures"),
        (every([0, 1, 2], [3, 4, 5], BEFORE), ""),
        (every([0, 1, 2], [3, 4, 5], DAYS_APART, 1), ""),
        (every([0, 1, 2], [3, 4, 5], DAYS_APART, 1) + every([3, 4, 5], [0, 1, 2], BEFORE), ""),
        (
            every([0, 1, 2], [3, 4, 5], BEFORE) + every([0], [1, 2], BEFORE) + every([0], [1, 2], DAYS_APART, 1),
            "The rules that tie lectures of C0 and C1 to one another can be kept one by one and not all together.",
        ),
    ],
)
def test_rules_that_not_all_lectures_of_two_courses_can_keep_are_refused_by_name(pairs: list[tuple[int, ...]], expected: str) -> None:
    problem = problem_make([0, 0, 0, 1, 1, 1], section_instructors=[[0], [0]], lecture_pairs=np.array(pairs, dtype=np.int32).reshape(-1, 5))

    found = preflight(problem)

    assert obstacles_text(found, Phrases(problem)).startswith(expected)
    assert bool(found) == bool(expected)


AWAY = np.zeros((1, EIGHT), dtype=np.bool_)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        # One person who is never there: neither each of the sections nor each lecture is told of besides.
        (problem_make([0, 1, 2], section_instructors=[[0]] * 3, instructor_available=AWAY), ["instructor_overload"]),
        # The only lab is always closed: it is not each lecture that has no time.
        (problem_make([0, 1], lecture_room_kind=[1, 1], room_kind=[0, 1], room_available=CLOSED), ["too_few_rooms"]),
        # Two courses with two lectures each: one teacher, not one sentence for each pair of lectures.
        (
            problem_make(
                [0, 0, 1, 1],
                same_start=[(0, 2), (1, 3)],
                same_start_is_hard=True,
                section_instructors=[[0], [0]],
                section_curricula=[[], []],
            ),
            ["joint_start_conflict"],
        ),
        (problem_make([0], section_curricula=[[0]], section_available=AWAY), ["section_overload"]),
    ],
)
def test_each_cause_is_told_once(problem: Problem, expected: list[str]) -> None:
    assert [obstacle.id for obstacle in preflight(problem)] == expected


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (
            problem_make([0, 0, 1, 1], same_start=[(0, 2), (1, 3)], same_start_is_hard=True, section_instructors=[[0], [0]]),
            "Lectures of C0-1 and C1-1 must start together, and Instructor Dr 0 teaches both.",
        ),
        (
            problem_make([0, 1, 2], lecture_length=[2] * 3, days=1, periods=6, section_curricula=[[0]] * 3, break_after=BREAKS),
            "do not fit into the 6 timeslots open for them: all of them last 2 periods on end, and the open times hold only 2 such "
            "lectures (2 a day) without an overlap, because of the breaks after period 1, period 3 and period 5.",
        ),
        (problem_make([0], lecture_pin_room=[1], room_available=CLOSED), "it is fixed to room R1, which is open at no time."),
        (
            problem_make([0], lecture_pin_slot=[3], section_instructors=[[0]], instructor_available=blocked(1, EIGHT, (0, 3))),
            "it is fixed to day 1, period 4; Instructor Dr 0 is available in 7 of 8 timeslots, not on day 1, period 4.",
        ),
        (problem_make([0], lecture_pin_slot=[3], lecture_length=[2]), "where its 2 periods would run into a break or past the day's end."),
        (
            problem_make([0], section_available=blocked(1, EIGHT, (0, 0)), blocked_starts=[(0, slot) for slot in range(1, EIGHT)]),
            "its rules let it begin only on day 1, period 1; section C0-1 can meet in 7 of 8 timeslots, not on day 1, period 1.",
        ),
        (
            problem_make([0, 1], lecture_pin_slot=[3, -1], days=1, lecture_pairs=[(0, 1, BEFORE, 0, 0)]),
            "C0-1 can begin only on day 1, period 4 (it is fixed); C1-1 can begin at any time.",
        ),
    ],
)
def test_a_refusal_says_why(problem: Problem, cause: str) -> None:
    assert [cause in message for message in messages(problem)] == [True]


def test_what_a_run_had_to_keep_is_not_called_a_rule() -> None:
    problem = problem_make([0, 1], lecture_pin_room=[1, 1], lecture_pin_slot=[2, -1], room_available=CLOSED)
    found = preflight(problem, Held(in_time={0: "kept"}, in_room={0: "kept", 1: "hand"}))

    first, second = messages(problem, found)
    assert "it had to stay in room R1, which is open at no time" in first
    assert "it is pinned by hand to room R1, which is open at no time" in second
    assert [obstacle.tables for obstacle in found] == [(), ()]


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        (0, "have only 8 open timeslots. Add"),
        (3, "have only 5 open timeslots, as room R0 is not available at 3 of the 8. Add"),
        (EIGHT, "have only 0 open timeslots, as room R0 is not available at all of the 8. Add"),
    ],
)
def test_rooms_that_are_closed_are_named_where_too_few_are_open(slots: int, words: str) -> None:
    closed = blocked(2, EIGHT, *((0, slot) for slot in range(slots)))

    problem = problem_make([0, 1, 2, 3, 4], lecture_length=[2] * 5, room_available=closed, **LABS)
    (found,) = [each for each in preflight(problem) if each.id == "too_few_rooms"]

    assert words in obstacle_text(found, Phrases(problem))


@pytest.mark.parametrize("seed", range(3000, 3010))
def test_free_days_are_refused_only_where_no_timetable_has_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = replace(
        problem_trial(rng),
        instructor_free_days=rng.integers(0, 2, 2).astype(np.int32),
        instructor_free_half_days=rng.integers(0, 4, 2).astype(np.int32),
        free_days_is_hard=True,
        free_half_days_is_hard=True,
    )
    found = {each.id for each in preflight(problem)}
    if found & {"instructor_free_days", "instructor_free_half_days"}:
        assert least_penalty(problem) is None


def test_hard_free_days_that_fit_are_not_refused() -> None:
    free = problem_make([0] * 4, section_instructors=[[0]], instructor_free_days=[1], free_days_is_hard=True)

    assert preflight(free) == []
    assert preflight(replace(free, instructor_free_days=np.array([7], dtype=np.int32)))[0].id == "instructor_free_days"
