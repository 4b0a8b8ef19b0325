"""Our own files: everything comes back, and nothing wrong gets in."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Csr, Problem
from generation.formats import FormatError
from generation.formats.json import ARRAYS, LATER_SWITCHES, SCALARS, SWITCHES, parse_problem, parse_solution, write_problem, write_solution
from tests.factories.problems import problem_make, problem_random, solution_random, weeks_added


def assert_equal(one: Problem, other: Problem) -> None:
    for f in fields(Problem):
        a, b = getattr(one, f.name), getattr(other, f.name)
        if isinstance(a, Csr):
            a, b = [row.tolist() for row in a], [row.tolist() for row in b]
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, f.name
            assert a.shape == b.shape, f.name
            a, b = a.tolist(), b.tolist()
        assert a == b, f.name


def test_every_field_of_a_problem_is_kept() -> None:
    kept = {"name", "num_days", "periods_per_day", "names", "weights", "source", *SWITCHES, *SCALARS, *ARRAYS}

    assert kept == {f.name for f in fields(Problem)}


@pytest.mark.parametrize("seed", range(5))
def test_a_problem_and_its_solution_come_back_equal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    solution = solution_random(problem, rng, unplaced=0.2)

    again = parse_problem(write_problem(problem))

    assert_equal(again, problem)
    assert evaluate(again, parse_solution(write_solution(problem, solution), again)) == evaluate(problem, solution)


def test_a_file_without_the_seldom_used_tables_has_these_rules_off() -> None:
    problem = problem_make([0, 1])
    optional = [*SCALARS, *LATER_SWITCHES, *(name for name, rule in ARRAYS.items() if getattr(rule, "is_optional", False))]

    assert_equal(parse_problem(document(**dict.fromkeys(optional), section_instructors=[[], []])), problem)


def test_as_many_seats_as_a_university_twice_the_large_demo_has_are_read() -> None:
    problem = problem_make([0, 1, 2], students=[[0, 1, 2]] * 85_000, section_offering=[0, 1, 2], seat_bundle=[0] * 255_000)

    assert_equal(parse_problem(write_problem(problem)), problem)


def document(**changes: Any) -> str:
    content = json.loads(write_problem(problem_make([0, 1], section_instructors=[[0], [0]])))
    content.update(changes)
    return json.dumps({key: value for key, value in content.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("{", "", "not JSON"),
        ("[]", "format", "not a Timeloom file"),
        ('{"format": "other"}', "format", "timeloom-problem"),
        ("[" * 100_000, "", "nested too deeply"),
        ("[" + "9" * 5000 + "]", "", "number too long"),
        (document(version=2), "version", "2 is not 1"),
        (document(num_days=0), "num_days", "0 is not a whole number from 1 to 31"),
        (document(num_days=True), "num_days", "True"),
        (document(num_days="2"), "num_days", "'2'"),
        (document(room_capacity=None), "room_capacity", "missing"),
        (document(lecture_weeks=["1", "1"], num_weeks=0), "num_weeks", "missing, though lecture_weeks"),
        (document(lecture_weeks=["101", "001"], num_weeks=2), "lecture_weeks[0]", "2 characters 0 or 1"),
        (document(lecture_weeks=["10", "00"], num_weeks=2), "lecture_weeks[1]", "held in no week"),
        (document(lecture_weeks=["10"], num_weeks=2), "lecture_weeks", "1 entries where 2 belong"),
        (document(room_capacity=[30]), "room_capacity", "1 entries where 2 belong"),
        (document(room_capacity=[30, -1]), "room_capacity[1]", "-1 is not a whole number from 0"),
        (document(room_capacity=[30, 2.5]), "room_capacity[1]", "2.5"),
        (document(lecture_section=[0, 2]), "lecture_section[1]", "from 0 to 1"),
        (document(lecture_pin_slot=[8, -1]), "lecture_pin_slot[0]", "from -1 to 7"),
        (document(break_after="012"), "break_after", "4 characters"),
        (document(room_available=["11111111", "1111111x"]), "room_available[1]", "8 characters 0 or 1"),
        (document(section_instructors=[[0], [1]]), "section_instructors[1]", "from 0 to 0"),
        (document(no_overlap=[[0, 1, 1]]), "no_overlap[0]", "3 entries where 2 belong"),
        (document(preferred_rooms=[[0, 1, 101]]), "preferred_rooms[0]", "from 0 to 100"),
        (document(section_dislike=[[0] * 8, [1_000_001] * 8]), "section_dislike[1]", "from 0 to 1000000"),
        (document(capacity_tolerance=-1), "capacity_tolerance", "-1"),
        (document(weights={"beauty": 1}), "weights.beauty", "no such constraint"),
        (document(weights={"lunch": -1}), "weights.lunch", "-1"),
        (document(names={}), "names.sections", "missing"),
        (document(capacity_is_hard=1), "capacity_is_hard", "neither true nor false"),
        (document(section_parent=[-1, 0]), "section_offering", "section_parent says"),
        (document(section_offering=[0, 1], section_parent=[-1, 2]), "section_parent[1]", "from -1 to 1"),
    ],
)
def test_a_wrong_file_is_refused_with_its_field(text: str, field: str, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        parse_problem(text, file="bad.json")

    assert (refused.value.file, refused.value.field) == ("bad.json", field)
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ({"section": "C9-1", "day": 0, "period": 0, "room": "R0"}, "lectures[0].section", "'C0-1' belongs"),
        ({"section": "C0-1", "day": 2, "period": 0, "room": "R0"}, "lectures[0].day", "from 0 to 1"),
        ({"section": "C0-1", "day": 0, "period": 0, "room": "R9"}, "lectures[0].room", "no room 'R9'"),
        ("C0-1", "lectures[0]", "not an object"),
    ],
)
def test_a_wrong_solution_is_refused_with_its_field(row: Any, field: str, says: str) -> None:
    text = json.dumps({"format": "timeloom-solution", "version": 1, "lectures": [row]})

    with pytest.raises(FormatError, match=says) as refused:
        parse_solution(text, problem_make([0]))

    assert refused.value.field == field
