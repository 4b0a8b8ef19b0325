"""Each constraint: a conflict, a harmless case, the exact count. Two days of four periods unless said otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from generation.engine.constraints.register import CONSTRAINTS, HARD_IDS, SOFT_IDS, constraints_of
from generation.engine.model.problem import (
    ANY_MOST,
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    Csr,
    Problem,
    Weights,
)
from generation.engine.model.schedule import Timetable
from tests.factories.problems import OFF, blocked, place, problem_make

R0, R1, R2 = 0, 1, 2


def units(constraint: str, problem: Problem, placements: Sequence[tuple[int, int]] | dict[int, tuple[int, int]]) -> int:
    timetable = Timetable(problem, place(problem, placements))
    return sum(finding.amount for finding in CONSTRAINTS[constraint].find(timetable))


def test_every_constraint_has_its_texts_and_every_weight_a_constraint() -> None:
    for each in CONSTRAINTS.values():
        of_weights = (each.texts.short, each.texts.unit)
        assert all((each.texts.label, each.texts.sentence, each.texts.message, each.texts.suggestion)), each.id
        assert not any(of_weights) if each.is_hard else all(of_weights), each.id
    of_rows = {"set_rule_preferred"}  # no field of Weights: its rows bring their prices, and no institution has any of its own
    assert {name: CONSTRAINTS[name].default_weight for name in SOFT_IDS if name not in of_rows} == Weights().as_dict()
    assert not set(HARD_IDS) & set(SOFT_IDS)


def test_a_message_has_a_kind_for_each_of_its_values() -> None:
    for each in CONSTRAINTS.values():
        assert set(re.findall(r"{(\d)", each.texts.message)) <= {str(number) for number in range(len(each.values))}, each.id


def test_a_problem_switches_each_twin_to_hard_or_to_soft() -> None:
    problem = problem_make(instructor_free_days=[1], instructor_free_half_days=[1])

    soft = {each.id for each in constraints_of(replace(problem, capacity_is_hard=False), Weights(room_capacity=1))}
    hard = {
        each.id
        for each in constraints_of(
            replace(
                problem,
                daily_load_is_hard=True,
                consecutive_load_is_hard=True,
                same_start_is_hard=True,
                free_days_is_hard=True,
                free_half_days_is_hard=True,
            ),
            Weights(room_capacity=1),
        )
    }

    twins = {
        "room_capacity": "room_too_small",
        "daily_load": "daily_limit",
        "consecutive_load": "consecutive_limit",
        "same_start": "joint_start",
        "free_days": "free_days_required",
        "free_half_days": "free_half_days_required",
    }
    assert set(twins) <= soft
    assert not set(twins.values()) & soft
    assert set(twins.values()) <= hard
    assert not set(twins) & hard


def test_a_soft_constraint_of_weight_zero_is_off() -> None:
    assert {each.id for each in constraints_of(problem_make(), OFF) if not each.is_hard} == set()


def test_unplaced_counts_periods() -> None:
    problem = problem_make([0, 0], lecture_length=[3, 1])

    assert units("unplaced", problem, {1: (0, R0)}) == 3
    assert units("unplaced", problem, [(0, R0), (4, R0)]) == 0


def test_a_timeslot_without_a_room_is_no_place() -> None:
    assert units("unplaced", problem_make(), [(0, -1)]) == 1


def test_section_clash_counts_lectures_beyond_the_first() -> None:
    problem = problem_make([0, 0, 0])

    assert units("section_clash", problem, [(0, R0), (0, R1), (0, R0)]) == 2
    assert units("section_clash", problem, [(0, R0), (1, R0), (2, R0)]) == 0


def test_instructor_clash_counts_each_pair_of_sections_and_timeslot() -> None:
    problem = problem_make([0, 1, 2], section_instructors=[[0], [0], [0]])

    assert units("instructor_clash", problem, [(0, R0), (0, R1), (0, R0)]) == 3
    assert units("instructor_clash", problem, [(0, R0), (1, R0), (2, R0)]) == 0


def test_instructor_clash_counts_each_period_of_an_overlap() -> None:
    problem = problem_make([0, 1], section_instructors=[[0], [0]], lecture_length=[3, 2])

    assert units("instructor_clash", problem, [(0, R0), (1, R1)]) == 2


def test_a_pair_of_sections_counts_once_however_many_lectures_and_reasons() -> None:
    problem = problem_make(
        [0, 0, 1], instructors=2, section_instructors=[[0, 1], [0, 1]], section_curricula=[[0], [0]], no_overlap=[(0, 1), (1, 0)]
    )
    placements = [(0, R0), (0, R1), (0, R0)]

    assert units("instructor_clash", problem, placements) == 1
    assert units("curriculum_clash", problem, placements) == 0
    assert units("no_overlap", problem, placements) == 0


def test_curriculum_clash_counts_pairs_without_a_shared_instructor() -> None:
    problem = problem_make([0, 1, 2], section_curricula=[[0], [0], []])

    assert units("curriculum_clash", problem, [(5, R0), (5, R1), (5, R0)]) == 1
    assert units("curriculum_clash", problem, [(5, R0), (6, R0), (5, R1)]) == 0


def test_no_overlap_counts_named_pairs() -> None:
    problem = problem_make([0, 1, 2], no_overlap=[(2, 0)])

    assert units("no_overlap", problem, [(1, R0), (1, R1), (1, R0)]) == 1
    assert units("no_overlap", problem, [(1, R0), (2, R1), (3, R0)]) == 0


def test_room_clash_counts_lectures_beyond_the_first() -> None:
    problem = problem_make([0, 1, 2])

    assert units("room_clash", problem, [(0, R0), (0, R0), (0, R0)]) == 2
    assert units("room_clash", problem, [(0, R0), (0, R1), (1, R0)]) == 0


def test_room_clash_counts_lectures_above_those_that_share_the_room() -> None:
    problem = problem_make([0, 1, 2], room_sharing=[2, 1])

    assert units("room_clash", problem, [(0, R0), (0, R0), (0, R0)]) == 1
    assert units("room_clash", problem, [(0, R0), (0, R0), (1, R0)]) == 0


def test_availability_counts_a_lecture_period_once_whoever_is_blocked() -> None:
    problem = problem_make(
        [0],
        instructors=2,
        section_instructors=[[0, 1]],
        lecture_length=[2],
        section_available=blocked(1, 8, (0, 0)),
        instructor_available=blocked(2, 8, (0, 0), (1, 0), (1, 1)),
    )

    assert units("availability", problem, [(0, R0)]) == 2
    assert units("availability", problem, [(2, R0)]) == 0


def test_room_availability_counts_lecture_periods() -> None:
    problem = problem_make([0], lecture_length=[3], room_available=blocked(2, 8, (0, 1), (0, 2)))

    assert units("room_availability", problem, [(0, R0)]) == 2
    assert units("room_availability", problem, [(0, R1)]) == 0


def test_room_too_small_counts_lectures_not_seats() -> None:
    problem = problem_make([0, 1], section_size=[31, 30], room_capacity=[30, 40])

    assert units("room_too_small", problem, [(0, R0), (1, R0)]) == 1
    assert units("room_too_small", problem, [(0, R1), (1, R0)]) == 0


@pytest.mark.parametrize(("tolerance", "crowded"), [((0, 0), 3), ((2, 0), 1), ((0, 5), 2), ((2, 10), 0), ((3, 0), 0)])
def test_room_too_small_tolerates_some_seats_or_some_percent(tolerance: tuple[int, int], crowded: int) -> None:
    seats, percent = tolerance
    problem = problem_make([0, 1, 2], section_size=[31, 32, 33], capacity_tolerance=seats, capacity_tolerance_percent=percent)

    assert units("room_too_small", problem, [(0, R0), (1, R0), (2, R0)]) == crowded


def test_room_type_counts_lectures_in_another_kind() -> None:
    problem = problem_make([0, 1], lecture_room_kind=[1, -1], room_kind=[0, 1])

    assert units("room_type", problem, [(0, R0), (1, R0)]) == 1
    assert units("room_type", problem, [(0, R1), (1, R1)]) == 0


def test_room_features_counts_lectures_not_features() -> None:
    problem = problem_make([0], lecture_features=[[True, True]], room_features=[[False, False], [True, True]])

    assert units("room_features", problem, [(0, R0)]) == 1
    assert units("room_features", problem, [(0, R1)]) == 0


@pytest.mark.parametrize(("start", "broken"), [(0, 0), (1, 1), (2, 0), (3, 1)])
def test_block_counts_lectures_over_a_break_or_the_days_end(start: int, broken: int) -> None:
    problem = problem_make([0], lecture_length=[2], break_after=[False, True, False, True])

    assert units("block", problem, [(start, R0)]) == broken


def test_a_lecture_past_its_days_end_does_not_reach_the_next_day() -> None:
    problem = problem_make([0, 1], lecture_length=[2, 1], section_instructors=[[0], [0]])

    assert units("instructor_clash", problem, [(3, R0), (4, R1)]) == 0


def test_pin_counts_time_and_room() -> None:
    problem = problem_make([0, 1], lecture_pin_slot=[3, -1], lecture_pin_room=[R1, -1])

    assert units("pin", problem, [(2, R0), (0, R0)]) == 2
    assert units("pin", problem, [(3, R0), (0, R0)]) == 1
    assert units("pin", problem, [(3, R1), (0, R0)]) == 0


def test_blocked_start_counts_lectures_not_periods() -> None:
    problem = problem_make([0, 0], lecture_length=[2, 1], blocked_starts=[(0, 1), (0, 2), (1, 0)])

    assert units("blocked_start", problem, [(1, R0), (0, R0)]) == 2
    assert units("blocked_start", problem, [(0, R0), (1, R0)]) == 0


@pytest.mark.parametrize("constraint", ["daily_load", "daily_limit"])
def test_daily_load_counts_periods_above_the_maximum(constraint: str) -> None:
    problem = problem_make([0, 0, 0, 0], section_instructors=[[0]], instructor_max_daily=[2])

    assert units(constraint, problem, [(0, R0), (1, R0), (2, R0), (3, R0)]) == 2
    assert units(constraint, problem, [(0, R0), (1, R0), (4, R0), (5, R0)]) == 0


@pytest.mark.parametrize("constraint", ["consecutive_load", "consecutive_limit"])
def test_consecutive_load_counts_each_run(constraint: str) -> None:
    problem = problem_make([0] * 5, periods=6, section_instructors=[[0]], instructor_max_consecutive=[1])

    assert units(constraint, problem, [(0, R0), (1, R0), (3, R0), (4, R0), (5, R0)]) == 1 + 2
    assert units(constraint, problem, [(0, R0), (2, R0), (4, R0), (6, R0), (8, R0)]) == 0
    assert units(constraint, problem, [(5, R0), (6, R0), (0, R0), (2, R0), (8, R0)]) == 0


@pytest.mark.parametrize(
    ("kind", "days", "second", "wrong"),
    [
        (BEFORE, 0, 2, 0),
        (BEFORE, 0, 1, 1),
        (BEFORE, 0, 4, 0),
        (CONSECUTIVE, 0, 2, 0),
        (CONSECUTIVE, 0, 3, 1),
        (CONSECUTIVE, 0, 6, 1),
        (SAME_DAY, 0, 3, 0),
        (SAME_DAY, 0, 4, 1),
        (DAYS_APART, 1, 3, 1),
        (DAYS_APART, 1, 4, 0),
        (DAYS_APART, 2, 4, 1),
        (DAYS_APART, 2, 2, 2),
        (DAYS_WITHIN, 0, 3, 0),
        (DAYS_WITHIN, 0, 4, 1),
        (DAYS_WITHIN, 1, 8, 1),
        (BEFORE_IN_DAY, 0, 1, 1),
        (BEFORE_IN_DAY, 0, 2, 0),
        (BEFORE_IN_DAY, 0, 5, 0),
        (GROUPED_IN_DAY, 0, 2, 0),
        (GROUPED_IN_DAY, 0, 3, 1),
        (GROUPED_IN_DAY, 0, 4, 0),
        (PERIODS_APART_IN_DAY, 1, 2, 1),
        (PERIODS_APART_IN_DAY, 1, 3, 0),
        (PERIODS_APART_IN_DAY, 1, 4, 0),
        (SAME_PERIOD, 0, 4, 0),
        (SAME_PERIOD, 0, 5, 1),
        (DAY_PAIRS_APART, 1, 4, 1),
        (DAY_PAIRS_APART, 1, 8, 0),
        (DAY_PAIRS_APART, 2, 8, 1),
        (DAY_PAIRS_WITHIN, 0, 4, 0),
        (DAY_PAIRS_WITHIN, 0, 8, 1),
        (GROUPED_IN_DAY_PAIR, 0, 2, 0),
        (GROUPED_IN_DAY_PAIR, 0, 4, 1),
        (GROUPED_IN_DAY_PAIR, 0, 8, 0),
    ],
)
def test_pairs_count_what_stands_otherwise_than_asked(kind: int, days: int, second: int, wrong: int) -> None:
    problem = problem_make([0, 1], days=3, lecture_length=[2, 1], lecture_pairs=[(0, 1, kind, days, 0), (0, 1, kind, days, 3)])

    assert units("pair_required", problem, [(0, R0), (second, R1)]) == wrong
    assert units("pair_preferred", problem, [(0, R0), (second, R1)]) == 3 * wrong
    assert units("pair_required", problem, {1: (second, R1)}) == 0


def test_grouped_pairs_adjoin_in_either_order_on_one_day() -> None:
    problem = problem_make([0, 1], lecture_length=[2, 1], lecture_pairs=[(0, 1, GROUPED, 0, 0)])

    assert [units("pair_required", problem, [(1, R0), (second, R1)]) for second in (0, 3, 1, 4)] == [0, 0, 1, 1]
    assert units("pair_required", problem, [(2, R0), (4, R1)]) == 1, "the next day does not adjoin"


# Three lectures of two sections on two days of four periods: the second and the fourth period of one day, the first of the next.
@pytest.mark.parametrize(
    ("measure", "block", "looks", "count"),
    [
        (BUSY_PERIODS, 2, "1111 1111", 3),
        (BUSY_PERIODS, 2, "1100 0111", 1),
        (BUSY_DAYS, 2, "1111 1111", 2),
        (BUSY_DAYS, 2, "1111 0111", 1),
        (IDLE_PERIODS, 2, "1111 1111", 1),
        (IDLE_PERIODS, 2, "1101 1111", 0),
        (SPAN, 2, "1111 1111", 3 + 1),
        (SPAN, 2, "1110 1111", 1 + 1),
        (LATE_PERIODS, 2, "1111 1111", 1),
        (LATE_PERIODS, 2, "0111 1111", 0),
        (LATE_DAYS, 2, "1111 1111", 1),
        (LONGEST_RUN, 2, "1111 1111", 1 + 1),
        (OTHER_STARTS, 2, "0100 0000", 1),
        (OTHER_STARTS, 2, "0100 1000", 0),
        (BUSY_DAY_PAIRS, 2, "1111 1111", 1),
        (BUSY_DAY_PAIRS, 2, "1000 0111", 0),
        (FULL_DAY_PAIRS, 2, "1111 1111", 1),
        (FULL_DAY_PAIRS, 2, "1111 0111", 0),
    ],
)
def test_rules_count_the_times_of_a_set_of_sections(measure: int, block: int, looks: str, count: int) -> None:
    seen = [[each == "1" for each in looks.replace(" ", "")]]

    def broken(least: int, most: int, factor: int = 0) -> int:
        rule = (0, measure, block, least, most, 1, 0, factor)
        problem = problem_make([0, 1, 1, 2], rule_sets=[[0, 1]], set_rules=[rule], rule_slots=seen)
        name = "set_rule_preferred" if factor else "set_rule_required"
        return units(name, problem, [(1, R0), (3, R0), (4, R0), (2, R1)])

    assert broken(count, count) == 0
    assert broken(count + 2, ANY_MOST) == 2, "two short of the least"
    if count:
        assert broken(0, count - 1, 3) == 3, "one above the most, times its factor"


def test_a_rule_of_each_day_leaves_empty_days_alone_unless_it_says_otherwise() -> None:
    def short(empty: int) -> int:
        rule = (0, BUSY_PERIODS, 1, 2, ANY_MOST, empty, 0, 0)
        problem = problem_make([0, 0], rule_sets=[[0]], set_rules=[rule], rule_slots=[[True] * 8])
        return units("set_rule_required", problem, [(0, R0), (3, R0)])

    assert (short(0), short(1)) == (0, 2)


def test_avoid_overlap_counts_periods_times_the_factor() -> None:
    problem = problem_make([0, 1, 1], lecture_length=[2, 2, 1], avoid_overlap=[(1, 0, 3), (0, 0, 5)])

    assert units("avoid_overlap", problem, [(0, R0), (1, R1), (5, R0)]) == 3
    assert units("avoid_overlap", problem, [(0, R0), (2, R1), (5, R0)]) == 0


@pytest.mark.parametrize("constraint", ["same_start", "joint_start"])
def test_same_start_counts_placed_pairs_apart(constraint: str) -> None:
    problem = problem_make([0, 1, 2], same_start=[(0, 1), (1, 2)], same_start_is_hard=constraint == "joint_start")

    assert units(constraint, problem, [(0, R0), (1, R0), (1, R1)]) == 1
    assert units(constraint, problem, {0: (0, R0), 2: (1, R0)}) == 0


def test_linked_sections_count_students_outside_the_lecture_section_of_their_lab() -> None:
    students = [[0, 2], [1, 2], [1, 3], [3]]  # the second sits in a lab of the other lecture section, the last in no lecture
    problem = problem_make([0, 1, 2, 3], students=students, section_offering=[0, 0, 1, 1], section_parent=[-1, -1, 0, 1])

    assert units("linked_sections", problem, []) == 1
    assert units("linked_sections", replace(problem, student_sections=Csr.of([[0, 2], [1, 3]])), []) == 0


def test_section_sizes_count_students_above_the_limit() -> None:
    problem = problem_make([0, 1], students=[[0, 1], [0, 1], [0]], section_limit=[1, 2])

    assert units("section_sizes", problem, []) == 2
    assert units("section_sizes", replace(problem, section_limit=np.array([0, 2], dtype=np.int32)), []) == 0


def test_links_and_sizes_count_only_where_a_problem_has_them() -> None:
    assert not {"linked_sections", "section_sizes"} & {each.id for each in constraints_of(problem_make(), OFF)}


def test_a_weighted_same_start_counts_its_factor_and_a_hard_one_its_pairs() -> None:
    problem = problem_make([0, 1, 2], same_start=[(0, 1), (1, 2)], same_start_factor=[7, 2])

    assert units("same_start", problem, [(0, R0), (1, R0), (0, R1)]) == 9
    assert units("joint_start", replace(problem, same_start_is_hard=True), [(0, R0), (1, R0), (0, R1)]) == 2


def test_one_hard_row_of_same_start_leaves_the_others_weighted() -> None:
    problem = problem_make([0, 1, 2], same_start=[(0, 1), (1, 2)], same_start_factor=[0, 2])

    assert units("joint_start", problem, [(0, R0), (1, R0), (0, R1)]) == 1
    assert units("same_start", problem, [(0, R0), (1, R0), (0, R1)]) == 2
    assert {"joint_start", "same_start"} <= {each.id for each in constraints_of(problem, Weights())}


def test_student_clash_counts_shared_students_of_each_pair() -> None:
    problem = problem_make([0, 1, 2], students=[[0, 1, 2], [0, 1], [2]])

    assert units("student_clash", problem, [(0, R0), (0, R1), (0, R0)]) == 2 + 1 + 1
    assert units("student_clash", problem, [(0, R0), (1, R1), (2, R0)]) == 0


def test_student_clash_leaves_hard_clashes_to_the_hard_constraint() -> None:
    problem = problem_make([0, 1], students=[[0, 1]], section_curricula=[[0], [0]])

    assert units("student_clash", problem, [(0, R0), (0, R1)]) == 0


def test_disliked_times_adds_up_instructors_and_periods() -> None:
    dislike = np.zeros((2, 8))
    dislike[0, :2], dislike[1, 1] = 3, 1
    problem = problem_make([0], instructors=2, section_instructors=[[0, 1]], lecture_length=[2], instructor_dislike=dislike)

    assert units("disliked_times", problem, [(0, R0)]) == 7
    assert units("disliked_times", problem, [(2, R0)]) == 0


def test_room_capacity_counts_seats_short() -> None:
    problem = problem_make([0, 0], section_size=[33], room_capacity=[30, 33])

    assert units("room_capacity", problem, [(0, R0), (1, R0)]) == 6
    assert units("room_capacity", problem, [(0, R1), (1, R1)]) == 0


def test_min_days_counts_days_short_and_lectures_without_a_place_give_none() -> None:
    problem = problem_make([0, 0], section_min_days=[2])

    assert units("min_days", problem, []) == 2
    assert units("min_days", problem, [(0, R0), (3, R0)]) == 1
    assert units("min_days", problem, [(0, R0), (4, R0)]) == 0


def test_compactness_counts_isolated_lectures_of_a_curriculum() -> None:
    problem = problem_make([0, 1, 0], section_curricula=[[0], [0]])

    assert units("compactness", problem, [(0, R0), (2, R0), (3, R0)]) == 1
    assert units("compactness", problem, [(3, R0), (4, R0), (0, R0)]) == 3
    assert units("compactness", problem, [(0, R0), (1, R0), (2, R0)]) == 0


def test_compactness_counts_sections_once_in_a_timeslot() -> None:
    problem = problem_make([0, 0, 1], section_curricula=[[0], [0]])

    assert units("compactness", problem, [(0, R0), (0, R1), (0, R0)]) == 2


def test_a_long_lecture_is_never_isolated() -> None:
    problem = problem_make([0], lecture_length=[2], section_curricula=[[0]])

    assert units("compactness", problem, [(0, R0)]) == 0


def test_curriculum_gaps_counts_idle_periods_within_a_day() -> None:
    problem = problem_make([0, 1, 0], section_curricula=[[0], [0]])

    assert units("curriculum_gaps", problem, [(0, R0), (3, R0), (5, R0)]) == 2
    assert units("curriculum_gaps", problem, [(0, R0), (1, R0), (7, R0)]) == 0


def test_instructor_gaps_counts_idle_periods_within_a_day() -> None:
    problem = problem_make([0, 1, 1], section_instructors=[[0], [0]])

    assert units("instructor_gaps", problem, [(0, R0), (2, R0), (4, R0)]) == 1
    assert units("instructor_gaps", problem, [(0, R0), (1, R0), (4, R0)]) == 0


def test_room_stability_counts_rooms_beyond_the_first_for_each_kind() -> None:
    problem = problem_make([0, 0, 0, 0], rooms=3, lecture_room_kind=[0, 0, 0, 1])

    assert units("room_stability", problem, [(0, R0), (1, R1), (2, R2), (3, R1)]) == 2
    assert units("room_stability", problem, [(0, R0), (1, R0), (2, R0), (3, R1)]) == 0


def test_home_building_counts_lectures_elsewhere() -> None:
    problem = problem_make([0, 0, 1], section_building=[1, -1], room_building=[0, 1])

    assert units("home_building", problem, [(0, R0), (1, R1), (2, R0)]) == 1


def test_preferred_rooms_counts_steps_down_the_list_and_rooms_outside_come_last() -> None:
    problem = problem_make([0, 1], rooms=3, preferred_rooms=[(0, R1, 0), (0, R2, 2)])

    assert [units("preferred_rooms", problem, {0: (0, room), 1: (1, R0)}) for room in (R1, R2, R0)] == [0, 2, 3]


def test_disliked_times_counts_what_the_section_dislikes_too() -> None:
    dislike = [[0, 2, 1, 0, 0, 0, 0, 0], [0] * 8]
    problem = problem_make([0, 1], lecture_length=[2, 1], section_instructors=[[0], []], section_dislike=dislike)

    assert units("disliked_times", problem, [(1, R0), (1, R1)]) == 2 + 1


def test_disliked_times_counts_what_is_disliked_for_the_room() -> None:
    problem = problem_make([0, 1], room_dislike=[[1, 3, 0, 0, 0, 0, 0, 0], [0] * 8], lecture_length=[2, 1])

    assert units("disliked_times", problem, [(0, R0), (0, R1)]) == 4


def test_periods_of_the_lunch_window_are_no_gap() -> None:
    problem = problem_make([0, 0, 0, 0], section_instructors=[[0]], section_curricula=[[0]], lunch_window=[False, True, False, False])

    for name in ("curriculum_gaps", "instructor_gaps"):
        assert units(name, problem, [(0, R0), (2, R0), (4, R0), (7, R0)]) == 1
        assert units(name, replace(problem, lunch_window=np.zeros(4, dtype=np.bool_)), [(0, R0), (2, R0), (4, R0), (7, R0)]) == 3


def test_lunch_counts_curriculum_days_and_instructor_days() -> None:
    problem = problem_make([0, 0, 0, 0], section_instructors=[[0]], section_curricula=[[0]], lunch_window=[False, True, True, False])

    assert units("lunch", problem, [(1, R0), (2, R0), (5, R0), (6, R0)]) == 4
    assert units("lunch", problem, [(0, R0), (1, R0), (3, R0), (6, R0)]) == 0
    assert units("lunch", replace(problem, lunch_window=np.zeros(4, dtype=np.bool_)), [(1, R0), (2, R0)]) == 0


def test_room_fit_counts_tens_of_empty_seats() -> None:
    problem = problem_make([0, 1], section_size=[30, 31], room_capacity=[59, 40])

    assert units("room_fit", problem, [(0, R0), (1, R0)]) == 2 + 2
    assert units("room_fit", problem, [(0, R1), (1, R1)]) == 1


def test_one_room_counts_further_rooms_of_sections_that_must_have_one() -> None:
    problem = problem_make([0, 0, 0, 1, 1], rooms=3, section_one_room=[1, 0])

    assert units("one_room", problem, [(0, R0), (1, R1), (2, R2), (3, R0), (4, R1)]) == 2
    assert units("one_room", problem, [(0, R1), (1, R1), (2, R1), (3, R0), (4, R1)]) == 0
    assert "one_room" not in {each.id for each in constraints_of(replace(problem, section_one_room=np.zeros(0, dtype=np.int32)), OFF)}


def test_curriculum_load_counts_periods_missing_and_too_many_of_days_with_any() -> None:
    problem = problem_make([0, 0, 0, 0], section_curricula=[[0]], curriculum_min_daily=[2], curriculum_max_daily=[2])

    assert units("curriculum_load", problem, [(0, R0), (1, R0), (4, R0), (6, R0)]) == 0
    assert units("curriculum_load", problem, [(0, R0), (1, R0), (2, R0), (6, R0)]) == 1 + 1
    assert units("curriculum_load", replace(problem, curriculum_max_daily=np.zeros(0, dtype=np.int32)), [(0, R0), (1, R0), (2, R0)]) == 0


def test_building_changes_count_for_each_curriculum_lectures_right_after_one_another() -> None:
    problem = problem_make([0, 1], rooms=3, section_curricula=[[0, 1], [0, 1]], room_building=[0, 1, -1], lecture_length=[2, 1])

    assert units("building_changes", problem, [(0, R0), (2, R1)]) == 2
    assert units("building_changes", problem, [(0, R0), (2, R0)]) == 0
    assert units("building_changes", problem, [(0, R0), (2, R2)]) == 0  # of the third room nobody knows where it is
    assert units("building_changes", problem, [(0, R0), (3, R1)]) == 0
    assert units("building_changes", problem, [(2, R0), (4, R1)]) == 0  # the next day


def test_double_lectures_count_those_that_stand_alone_on_a_day_with_several() -> None:
    problem = problem_make([0, 0, 0], section_grouped=[1])

    assert units("double_lectures", problem, [(0, R0), (1, R0), (4, R1)]) == 0
    assert units("double_lectures", problem, [(0, R0), (1, R1), (4, R1)]) == 2
    assert units("double_lectures", problem, [(0, R0), (1, R0), (3, R0)]) == 1
    assert units("double_lectures", replace(problem, section_grouped=np.zeros(1, dtype=np.int32)), [(0, R0), (2, R0)]) == 0


@pytest.mark.parametrize(("slot", "room"), [(8, 0), (-2, 0), (0, 2)])
def test_a_place_that_does_not_exist_is_refused(slot: int, room: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        units("unplaced", problem_make(), [(slot, room)])


def test_free_days_counts_the_days_short_of_the_open_ones() -> None:
    problem = problem_make([0, 0, 1], days=3, periods=4, section_instructors=[[0], []], instructor_free_days=[2])
    closed = replace(problem, room_available=blocked(2, 12, *((room, slot) for room in (0, 1) for slot in range(8, 12))))

    assert units("free_days", problem, [(0, R0), (3, R0), (8, R0)]) == 0
    assert units("free_days", problem, [(0, R0), (4, R0), (8, R0)]) == 1
    assert units("free_days", closed, [(0, R0), (4, R0), (1, R0)]) == 2  # of the two days that there are, both should be free
    assert units("free_days_required", replace(problem, free_days_is_hard=True), [(0, R0), (4, R0), (8, R0)]) == 1


def test_free_half_days_are_two_of_a_day_without_teaching() -> None:
    problem = problem_make([0, 0], days=2, periods=5, instructor_free_half_days=[3], section_instructors=[[0]])
    late_lunch = replace(problem, lunch_window=np.array([False, False, False, True, True]))

    assert units("free_half_days", problem, [(0, R0), (2, R0)]) == 0  # the middle period belongs to the morning
    assert units("free_half_days", problem, [(0, R0), (3, R0)]) == 1
    assert units("free_half_days", problem, [(0, R0), (5, R0)]) == 1
    assert units("free_half_days", late_lunch, [(0, R0), (3, R0)]) == 0
    assert units("free_half_days", late_lunch, [(0, R0), (4, R0)]) == 1
    assert units("free_half_days_required", replace(problem, free_half_days_is_hard=True), [(0, R0), (3, R0)]) == 1


def test_free_days_name_the_lectures_of_the_days_with_the_least_teaching() -> None:
    problem = problem_make([0, 0, 0], days=2, instructor_free_days=[1], section_instructors=[[0]])

    (found,) = CONSTRAINTS["free_days"].find(Timetable(problem, place(problem, [(0, R0), (1, R0), (6, R0)])))

    assert (found.lectures, found.slot, found.values) == ((2,), 6, (0, 1))
