"""What a timetable counts of each constraint: people and things, each once, whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import SINGULARS, Counted, counted_words, counts_of, found_of
from generation.engine.model.problem import SAME_DAY, Problem, Weights
from generation.engine.model.schedule import Timetable
from tests.factories.problems import OFF, place, problem_make, problem_random, solution_random

R0, R1 = 0, 1


def counted(problem: Problem, placements: list[tuple[int, int]]) -> dict[str, Counted]:
    return counts_of(Timetable(problem, place(problem, placements)))


def test_every_constraint_has_a_unit_and_every_unit_its_singular() -> None:
    units = [each.counted for each in CONSTRAINTS.values()]

    assert {unit.name for unit in units} | {unit.also for unit in units if unit.also} == set(SINGULARS)


def test_students_are_counted_once_and_their_clashes_apart() -> None:
    """Three courses at once in two timeslots: a student of all three has a clash in each, and is one student."""
    problem = problem_make([0, 0, 1, 1, 2, 2], rooms=3, students=[[0, 1, 2], [0, 1], [2], [0]])
    at_once = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]

    found = counted(problem, at_once)["student_clash"]

    assert found == Counted(2, 4)
    assert counted_words("student_clash", found) == "2 students (4 clashes)"
    assert counted_words("student_clash", Counted(1, 1)) == "1 student (1 clash)"
    assert counted(problem, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)])["student_clash"] == Counted(0)


def test_a_lecture_counts_once_however_many_dislike_its_time_or_miss_a_seat() -> None:
    dislike = np.zeros((2, 8), dtype=np.int8)
    dislike[:, 0] = 3
    problem = problem_make(
        [0, 1],
        instructors=2,
        section_instructors=[[0, 1], []],
        instructor_dislike=dislike.tolist(),
        room_capacity=[10, 200],
        capacity_is_hard=False,
    )

    found = counted(problem, [(0, R0), (1, R1)])

    assert found["disliked_times"] == Counted(1, 1)
    assert found["room_capacity"] == Counted(1, 20)
    assert found["room_fit"] == Counted(1, 170)


def test_days_periods_sections_and_pairs_are_counted_as_such() -> None:
    problem = problem_make(
        [0, 0, 0, 1], section_min_days=[2, 1], section_curricula=[[0], [0]], lecture_pairs=[(0, 3, SAME_DAY, 0, 1), (1, 3, SAME_DAY, 0, 1)]
    )

    found = counted(problem, [(0, R0), (2, R1), (3, R0), (5, R0)])

    assert found["min_days"] == Counted(1, 1)
    assert counted_words("min_days", found["min_days"]) == "1 section (1 day too few)"
    assert found["curriculum_gaps"] == Counted(1)
    assert found["room_stability"] == Counted(1, 1)
    assert found["pair_preferred"] == Counted(2)


@pytest.mark.parametrize("seed", range(12))
def test_no_count_exceeds_what_there_is_and_none_depends_on_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    solution = solution_random(problem, rng)
    timetable = Timetable(problem, solution)
    of_week = problem.num_timeslots * (problem.num_instructors + problem.num_curricula)
    there_are = {
        "students": len(problem.student_sections),
        "instructors": problem.num_instructors,
        "curricula": problem.num_curricula,
        "sections": problem.num_sections,
        "lectures": problem.num_lectures,
        "rooms": problem.num_rooms,
        "pairs": len(problem.lecture_pairs) + len(problem.same_start),
        "periods": of_week,
        "days": problem.num_days * (problem.num_instructors + problem.num_curricula),
    }

    found = counts_of(timetable)

    assert {name: each for name, each in found.items() if each.count > there_are[CONSTRAINTS[name].counted.name]} == {}
    amounts = {name: sum(each.amount for each in CONSTRAINTS[name].find(timetable)) for name in found}
    assert {name for name, each in found.items() if each.count} == {name for name, amount in amounts.items() if amount}
    for weights in (OFF, Weights(**dict.fromkeys(Weights().as_dict(), 97))):
        assert counts_of(Timetable(replace(problem, weights=weights), solution)) == found


def test_of_very_many_findings_the_dearest_are_kept_and_all_are_counted() -> None:
    problem = problem_random(np.random.default_rng(7))
    timetable = Timetable(problem, solution_random(problem, np.random.default_rng(8)))

    whole, few = found_of(timetable, most=10**6), found_of(timetable, most=2)

    assert any(each.num_unlisted > 2 for each in few.values())
    for name, all_of in whole.items():
        some = few[name]
        dearest = sorted(range(len(all_of.listed)), key=lambda number: (-all_of.listed[number].amount, number))
        assert some.listed == [all_of.listed[number] for number in sorted(dearest[:2])]
        assert (some.units, some.counted) == (all_of.units, all_of.counted)
        assert some.num_unlisted == len(all_of.listed) - len(some.listed)
        assert some.units_unlisted + sum(each.amount for each in some.listed) == all_of.units
        left_out = {lecture for number in dearest[2:] for lecture in all_of.listed[number].lectures}
        assert some.lectures_unlisted == tuple(sorted(left_out))
