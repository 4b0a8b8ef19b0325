"""The bound never exceeds what a timetable costs, and sees what counting can see."""

from __future__ import annotations

import csv
import itertools
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.bounds.day_costs import NEVER, DayPrices, week_minimum
from generation.engine.bounds.lower_bound import bound_begin, lower_bound
from generation.engine.infeasibility.explain import explain
from generation.engine.model.problem import Problem, Weights
from generation.formats import ctt
from tests.factories.problems import OFF, blocked, problem_make, problem_random, weeks_added
from tests.factories.trials import least_penalty, problem_trial

SHARED = Path(os.environ.get("TIMELOOM_SHARED", "/nonexistent")) / "data" / "itc2007"


def value(problem: Problem) -> int:
    return lower_bound(problem).value


def test_days_that_a_section_cannot_have_are_certain() -> None:
    assert value(problem_make([0, 0], section_min_days=[4], days=5, weights=Weights(min_days=5))) == 10


def test_days_on_which_a_section_is_never_open_are_certain() -> None:
    closed = blocked(1, 8, *((0, slot) for slot in range(4)))
    assert value(problem_make([0, 0], section_min_days=[2], section_available=closed, weights=replace(OFF, min_days=5))) == 5


def test_students_too_many_for_every_room_are_certain() -> None:
    problem = problem_make([0, 1], section_size=[100, 50], room_capacity=[60, 60], capacity_is_hard=False, weights=Weights.udine())
    assert value(problem) == 40


def test_second_large_lecture_may_use_the_large_room_at_another_time() -> None:
    problem = problem_make([0, 1], section_size=[100, 100], room_capacity=[100, 10], capacity_is_hard=False, weights=Weights.udine())
    assert value(problem) == 0


def test_large_room_that_is_too_rarely_open_costs_seats_or_another_room() -> None:
    problem = problem_make(
        [0] * 4, section_size=[40], room_capacity=[40, 37], room_available=blocked(2, 8, *((0, slot) for slot in range(2, 8))),
        capacity_is_hard=False, weights=Weights.udine(),
    )  # fmt: skip
    assert value(problem) == 7  # two lectures without 3 seats each, and a second room


def test_lecture_alone_in_its_curriculum_is_isolated() -> None:
    assert value(problem_make([0], section_curricula=[[0]], weights=Weights.udine())) == 2


def test_wish_for_many_days_and_for_neighbours_are_weighed_together() -> None:
    spread = problem_make([0, 0, 0], days=3, section_curricula=[[0]], section_min_days=[3], weights=Weights.udine())
    assert value(spread) == 6  # three days, each with one isolated lecture
    assert value(replace(spread, weights=replace(Weights.udine(), compactness=9))) == 10  # one block, two days short


def test_section_of_two_curricula_pays_for_its_days_once() -> None:
    problem = problem_make([0, 0], section_curricula=[[0, 1]], section_min_days=[4], days=2, weights=replace(OFF, min_days=5))
    assert value(problem) == 10


def test_instructors_cheapest_times_are_the_least() -> None:
    dislike = [[3, 3, 1, 0, 3, 3, 2, 3]]
    problem = problem_make(
        [0, 0, 1], section_instructors=[[0], [0]], instructor_dislike=dislike, weights=replace(OFF, disliked_times=2, instructor_gaps=0)
    )
    assert value(problem) == 6


def test_pairs_that_can_never_start_together_are_certain() -> None:
    problem = problem_make(
        [0, 1, 2, 3], section_instructors=[[0], [0], [], []], same_start=[[0, 1], [2, 3], [0, 2]], lecture_pin_slot=[0, -1, -1, -1],
        section_available=blocked(4, 8, (2, 0)), weights=replace(OFF, same_start=5),
    )  # fmt: skip
    assert value(problem) == 10


def test_long_day_of_an_instructor_is_certain() -> None:
    problem = problem_make(
        [0, 0, 1],
        days=1,
        section_instructors=[[0], [0]],
        instructor_max_daily=[1],
        weights=replace(OFF, daily_load=5),
        lecture_length=[1, 1, 1],
    )
    assert value(problem) == 10


@pytest.mark.parametrize("seed", range(4))
def test_cheapest_week_is_the_cheapest_of_all_weeks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    open_, dislike = rng.random((2, 4)) < 0.8, rng.integers(0, 3, (2, 4)).astype(np.int32)
    prices = DayPrices(isolated=3, gap=1, lunch=2, lunch_mask=0b0110, excess=4, most_daily=2, run=2, most_on_end=2)
    for number in range(9):
        costs = [
            sum(day_cost(week[day : day + 4], prices) for day in (0, 4)) + int((dislike.ravel() * np.array(week)).sum())
            for week in itertools.product((0, 1), repeat=8)
            if sum(week) == number and not (np.array(week) & ~open_.ravel().astype(int)).any()
        ]
        assert week_minimum(number, open_, prices, dislike) == min(costs, default=NEVER)


def day_cost(day: tuple[int, ...], prices: DayPrices) -> int:
    runs = [len(run) for run in "".join(map(str, day)).split("0") if run]
    busy = [period for period, is_busy in enumerate(day) if is_busy]
    gaps = len(set(range(busy[0], busy[-1])) - {*busy, 1, 2}) if busy else 0  # not the lunch window
    return (
        prices.isolated * runs.count(1)
        + prices.gap * gaps
        + prices.lunch * bool(day[1] and day[2])
        + prices.excess * max(0, len(busy) - prices.most_daily)
        + prices.run * sum(max(0, run - prices.most_on_end) for run in runs)
    )


def test_free_days_that_an_instructors_periods_leave_no_room_for_are_certain() -> None:
    wanted: dict[str, Any] = {"section_instructors": [[0]], "weights": replace(OFF, free_days=7, free_half_days=2)}
    five = problem_make([0] * 5, instructor_free_days=[1], instructor_free_half_days=[3], **wanted)

    # Five periods need two days of four, which are three half-days at the least: one may be busy.
    assert value(five) == 7 + 2 * 2
    assert value(problem_make([0] * 2, instructor_free_days=[1], instructor_free_half_days=[3], **wanted)) == 0


@pytest.mark.parametrize("seed", range(2000, 2012))
def test_the_least_of_free_days_is_what_the_best_timetable_costs_or_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = replace(
        problem_trial(rng),
        weights=replace(OFF, free_days=3, free_half_days=2),
        instructor_free_days=rng.integers(0, 3, 2).astype(np.int32),
        instructor_free_half_days=rng.integers(0, 5, 2).astype(np.int32),
    )
    least = least_penalty(problem)
    assert least is None or value(problem) <= least


@pytest.mark.parametrize("seed", [1001, 1002, 1003, 1004, 1005, 1, 22])
def test_no_timetable_of_a_tiny_problem_is_below_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_trial(rng)
    if seed < 1001:
        problem = weeks_added(problem, rng)
        assert problem.num_weeks > 1
    least = least_penalty(problem)
    if least is not None:
        assert value(problem) <= least
        assert lower_bound(problem, is_counted=True).value <= least


@pytest.mark.parametrize("seed", range(5))
def test_any_problem_has_a_bound_and_an_explanation(seed: int) -> None:
    problem = problem_random(np.random.default_rng(seed))
    assert value(problem) >= 0
    assert explain(problem, limit_s=1.0).headline


def test_bound_beside_the_search_is_the_same() -> None:
    problem = ctt.to_problem(ctt.read("tests/data/tiny.ctt"))
    assert bound_begin(problem, time_limit_s=10.0, is_counted=True).result() == lower_bound(problem, is_counted=True)


def best_known() -> list[tuple[str, int]]:
    file = SHARED / "best-known.csv"
    if not file.exists():
        return []
    rows = list(csv.reader(file.read_text().splitlines()))
    return [(row[0], int(row[1])) for row in rows if row[1].isdigit()]


@pytest.mark.skipif(not SHARED.exists(), reason="the instances of ITC-2007 are not here (TIMELOOM_SHARED)")
def test_bounds_of_published_instances_stay_below_the_best_known() -> None:
    bounds = {name: lower_bound(ctt.to_problem(ctt.read(SHARED / f"{name}.ctt")), limit_s=0.5).value for name, _ in best_known()}
    assert len(bounds) == 10
    assert {name: bounds[name] for name, best in best_known() if bounds[name] > best} == {}
    comp01 = ctt.to_problem(ctt.read(SHARED / "comp01.ctt"))
    assert lower_bound(comp01, limit_s=60).value == 5  # which is also the best known: proven
