"""A problem of any origin as a file of FET: what must be kept is in it, what FET can't say is counted, and FET's program accepts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY, SAME_PERIOD, Problem
from generation.engine.model.solution import Solution
from generation.formats import fet
from generation.formats.fet_writer import FetText, write_problem
from tests.factories.problems import problem_make
from tests.fet_files import fet_accepts, needs_fet

Places = list[tuple[int, int]]  # timeslot and room of each lecture


def solution_of(places: Places) -> Solution:
    slots, rooms = (np.array([place[side] for place in places], dtype=np.int32) for side in (0, 1))
    return Solution(slots, rooms)


def written(problem: Problem, places: Places | None = None, *, without_room: tuple[int, ...] = ()) -> FetText:
    none = np.isin(np.arange(problem.num_rooms), without_room)
    return write_problem(problem, name="Faculty", without_room=none, solution=None if places is None else solution_of(places))


def hard_of_file(text: str, problem: Problem, places: Places) -> int:
    """How many rules these places break, as the file is read."""
    read = fet.to_problem(fet.parse(text))
    rooms = {name: number for number, name in enumerate(read.names.rooms)}
    moved = [(slot, rooms.get(problem.names.rooms[room], read.num_rooms - 1)) for slot, room in places]
    return int(evaluate(read, solution_of(moved)).score.hard)


CLOSED_AT_0 = [[False, *[True] * 7], [True] * 8]
# What a problem says, and places of its two lectures (two days of four periods) that keep it and that break it.
RULES: dict[str, tuple[dict[str, Any], Places, Places]] = {
    "one instructor": ({"section_instructors": [[0], [0]]}, [(0, 0), (1, 1)], [(0, 0), (0, 1)]),
    "one curriculum": ({"section_curricula": [[0], [0]]}, [(0, 0), (1, 1)], [(0, 0), (0, 1)]),
    "one room": ({}, [(0, 0), (1, 0)], [(0, 0), (0, 0)]),
    "no overlap": ({"no_overlap": [[0, 1]]}, [(0, 0), (1, 1)], [(0, 0), (0, 1)]),
    "same start": ({"same_start": [[0, 1]], "same_start_is_hard": True}, [(1, 0), (1, 1)], [(1, 0), (2, 1)]),
    "section closed": ({"section_available": CLOSED_AT_0}, [(1, 0), (0, 1)], [(0, 0), (1, 1)]),
    "both closed": ({"section_available": [CLOSED_AT_0[0]] * 2}, [(1, 0), (2, 1)], [(1, 0), (0, 1)]),
    "seats of both": ({"rooms": 3, "section_size": [30, 30], "room_capacity": [20, 40, 50]}, [(0, 1), (0, 2)], [(0, 1), (0, 0)]),
    "instructor away": (
        {"instructor_available": [[False, *[True] * 7]], "section_instructors": [[0], []]},
        [(1, 0), (0, 1)],
        [(0, 0), (1, 1)],
    ),
    "room closed": ({"room_available": CLOSED_AT_0}, [(1, 0), (0, 1)], [(0, 0), (1, 1)]),
    "start blocked": ({"blocked_starts": [[0, 0]]}, [(1, 0), (0, 1)], [(0, 0), (1, 1)]),
    "break": ({"lecture_length": [2, 1], "break_after": [False, True, False, False]}, [(0, 0), (3, 1)], [(1, 0), (3, 1)]),
    "fixed time": ({"lecture_pin_slot": [5, -1]}, [(5, 0), (0, 1)], [(4, 0), (0, 1)]),
    "fixed room": ({"lecture_pin_room": [1, -1]}, [(0, 1), (0, 0)], [(0, 0), (0, 1)]),
    "seats": ({"section_size": [30, 5], "room_capacity": [20, 40]}, [(0, 1), (0, 0)], [(0, 0), (0, 1)]),
    "feature": (
        {"lecture_features": [[True], [False]], "room_features": [[False], [True]]},
        [(0, 1), (0, 0)],
        [(0, 0), (0, 1)],
    ),
    "before": ({"lecture_pairs": [[0, 1, BEFORE, 0, 0]]}, [(0, 0), (5, 0)], [(5, 0), (0, 0)]),
    "consecutive": ({"lecture_pairs": [[0, 1, CONSECUTIVE, 0, 0]]}, [(1, 0), (2, 0)], [(2, 0), (1, 0)]),
    "grouped": ({"lecture_pairs": [[0, 1, GROUPED, 0, 0]]}, [(2, 0), (1, 0)], [(2, 0), (0, 0)]),
    "same day": ({"lecture_pairs": [[0, 1, SAME_DAY, 0, 0]]}, [(2, 0), (0, 0)], [(2, 0), (4, 0)]),
    "same hour": ({"lecture_pairs": [[0, 1, SAME_PERIOD, 0, 0]]}, [(2, 0), (6, 0)], [(2, 0), (5, 0)]),
    "days apart": ({"lecture_pairs": [[0, 1, DAYS_APART, 1, 0]]}, [(2, 0), (5, 0)], [(2, 0), (1, 0)]),
    "daily limit": (
        {"section_instructors": [[0], [0]], "instructor_max_daily": [1], "daily_load_is_hard": True},
        [(0, 0), (4, 0)],
        [(0, 0), (2, 0)],
    ),
    "limit on end": (
        {"section_instructors": [[0], [0]], "instructor_max_consecutive": [1], "consecutive_load_is_hard": True},
        [(0, 0), (2, 0)],
        [(0, 0), (1, 0)],
    ),
    "free day": (
        {"section_instructors": [[0], [0]], "instructor_free_days": [1], "free_days_is_hard": True},
        [(0, 0), (2, 0)],
        [(0, 0), (4, 0)],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_must_be_kept_is_a_rule_of_the_file(rule: str) -> None:
    given, good, bad = RULES[rule]
    problem = problem_make([0, 1], **given)
    assert evaluate(problem, solution_of(good)).score.hard == 0
    assert evaluate(problem, solution_of(bad)).score.hard > 0

    text = written(problem).text

    assert hard_of_file(text, problem, good) == 0
    assert hard_of_file(text, problem, bad) > 0


def test_lectures_of_a_section_that_is_nobodys_do_not_overlap() -> None:
    problem = problem_make([0, 0])
    assert hard_of_file(written(problem).text, problem, [(0, 0), (0, 1)]) > 0


def test_what_many_lectures_have_in_common_stands_in_the_file_once() -> None:
    """Two lists for each lecture made 317 MB of a university of 8,000."""
    problem = problem_make([0, 1], section_available=[CLOSED_AT_0[0]] * 2)
    assert (written(problem).text.count("<Preferred_Room>"), written(problem).text.count("<Preferred_Starting_Time>")) == (2, 7)


def whole() -> tuple[Problem, Places]:
    """Two days with four periods; a seminar without a room (the third), a hall for two lectures at once, and lectures of some weeks."""
    problem = problem_make(
        [0, 0, 1, 2, 3, 4, 5],
        rooms=3,
        instructors=3,
        lecture_length=[2, 1, 1, 1, 1, 1, 1],
        lecture_room_kind=[0, 0, 0, 0, 1, 0, 0],
        room_kind=[0, 0, 1],
        room_sharing=[2, 1, 9],
        section_instructors=[[0], [1], [0], [1], [2], [2]],
        section_curricula=[[0], [0], [], [0], [], []],
        section_min_days=[2, 0, 0, 0, 0, 0],
        instructor_dislike=[[0] * 8, [0] * 7 + [2], [3] + [0] * 7],
        students=[[0, 2], [1]],
        lecture_pairs=[[0, 1, BEFORE, 0, 0], [2, 3, SAME_DAY, 0, 2]],
        num_weeks=4,
        lecture_weeks=[15, 15, 15, 15, 15, 3, 12],
    )
    return problem, [(0, 0), (5, 0), (2, 0), (6, 1), (3, 2), (0, 0), (0, 1)]


def test_what_fet_cannot_say_is_counted_and_stands_in_the_file() -> None:
    problem, places = whole()
    assert evaluate(problem, solution_of(places)).score.hard == 0

    found = written(problem, places, without_room=(2,))

    assert found.left_out["lecture at the time of another one of other weeks, inactive in the file"] == 1
    assert found.left_out["lecture that is held in some weeks only, in the file in every week"] == 1
    assert found.left_out["wish that this timetable does not keep"] == 3  # the day of two lectures, and two disliked times
    assert found.left_out["student with courses of his or her own choice"] == 1
    assert found.notes["room that several lectures share: as several rooms"] == 1
    assert all(f"{count} x {kind}" in found.text for kind, count in found.left_out.items())
    read = fet.parse(found.text)
    assert [each.is_active for each in read.activities] == [True] * 6 + [False]
    assert [room.name for room in read.rooms] == ["R0", "R0 (2)", "R1"]


@needs_fet
@pytest.mark.parametrize("is_locked", [True, False])
def test_fets_own_program_accepts_the_file_and_completes_it(is_locked: bool, tmp_path: Path) -> None:
    problem, places = whole()
    found = written(problem, places if is_locked else None, without_room=(2,))
    assert fet_accepts(found.text, tmp_path)
