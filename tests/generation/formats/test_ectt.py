"""The extended format of curriculum-based files, and UD1 to UD5 as an independent check counts them."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.search_data import search_data
from generation.formats import FormatError, ctt, ectt
from generation.formats.unsupported import LEFT_OUT, UnsupportedError
from tests.generation.formats import ud_validator

TINY = Path(__file__).parents[2] / "data" / "tiny.ectt"
TEXT = TINY.read_text()
SHARED = os.environ.get("TIMELOOM_SHARED", "")
FILES = [TINY, *(Path(SHARED) / "data" / "ectt" / name for name in ("EA01.ectt", "DDS4.ectt"))]
# What the validator's components are called here.
NAMES = {
    "Lectures": ("unplaced", "section_clash"),
    "Conflicts": ("curriculum_clash", "instructor_clash"),
    "RoomOccupancy": ("room_clash",),
    "Availability": ("availability",),
    "RoomCapacity": ("room_capacity",),
    "MinWorkingDays": ("min_days",),
    "IsolatedLectures": ("compactness",),
    "Windows": ("curriculum_gaps",),
    "RoomStability": ("room_stability",),
    "StudentMinMaxLoad": ("curriculum_load",),
    "TravelDistance": ("building_changes",),
    "RoomSuitability": ("preferred_rooms", "room_features"),
    "DoubleLectures": ("double_lectures",),
}


def searched(problem: Problem, proposals: int) -> list[Solution]:
    """Timetables without clashes on the way of a short search: what could be placed, in a random order."""
    fixed = search_data(problem)
    state = kernels.new_state(fixed, Solution.empty(problem), 1)
    order = np.random.default_rng(1).permutation(problem.num_lectures).astype(np.int32)
    kernels.insert_all(fixed, state, order, 60.0, True)
    found, mix = [], np.array([0.3, 0.2, 0.3, 0.2])
    for _ in range(3):
        found.append(Solution(state.slot.copy(), state.room.copy()))
        assert kernels.score_of(state) == evaluate(problem, found[-1]).score
        kernels.anneal(fixed, state, np.arange(problem.num_lectures, dtype=np.int32), mix, proposals, np.array([2.0, 1.0, 60.0, 0.0]))
    return found


@pytest.mark.parametrize("formulation", ectt.FORMULATIONS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_independent_check_counts_every_formulation_as_the_evaluator_does(file: Path, formulation: str) -> None:
    if not SHARED and file != TINY:
        pytest.skip("TIMELOOM_SHARED names no folder with the published instances")
    text = file.read_text()
    problem = ectt.to_problem(ectt.parse(text, file=file.name), formulation)

    for solution in searched(problem, 20_000):
        evaluation = evaluate(problem, solution)
        checked = ud_validator.check(text, ctt.write_solution(problem, solution), formulation)

        for component, amount in checked.items():
            assert amount == sum(evaluation.breakdown.get(name, 0) for name in NAMES[component]), component
        assert sum(checked.values()) == evaluation.score.hard + evaluation.score.soft


@pytest.mark.parametrize("formulation", ectt.FORMULATIONS)
def test_the_check_and_the_evaluator_agree_on_timetables_full_of_clashes_but_for_what_clashes_hide(formulation: str) -> None:
    problem = ectt.to_problem(ectt.parse(TEXT), formulation)
    rng = np.random.default_rng(3)

    for _ in range(20):
        slots = [rng.choice(problem.num_timeslots, size=np.count_nonzero(problem.lecture_section == s), replace=False) for s in range(5)]
        room = rng.integers(0, problem.num_rooms, problem.num_lectures).astype(np.int32)
        solution = Solution(np.concatenate(slots).astype(np.int32), room)
        breakdown = evaluate(problem, solution).breakdown
        checked = ud_validator.check(TEXT, ctt.write_solution(problem, solution), formulation)

        for component in checked.keys() - {"StudentMinMaxLoad"}:  # two lectures at once are one period here
            assert checked[component] == sum(breakdown.get(name, 0) for name in NAMES[component]), component


def test_solve_writes_a_solution_and_names_the_formulation(tmp_path: Path) -> None:
    solution, report = tmp_path / "tiny.sol", tmp_path / "tiny.json"

    call_command(
        "solve",
        str(TINY),
        "--formulation",
        "ud4",
        iterations=5,
        solution=str(solution),
        report=str(report),
        quiet=True,
        stages="ga_optimization",
    )

    found, checked = json.loads(report.read_text()), ud_validator.check(TEXT, solution.read_text(), "UD4")
    assert (found["format"], found["formulation"], found["feasible"]) == ("ectt", "UD4", True)
    assert sum(checked.values()) == found["soft"]


def test_a_file_is_read_with_all_that_the_extended_format_adds() -> None:
    instance = ectt.read(TINY)

    assert (instance.min_daily, instance.max_daily) == (2, 3)
    assert instance.double_lectures == (True, False, True, True, False)
    assert instance.buildings == ("0", "0", "1")
    assert instance.unsuitable_rooms == (("SceCosC", "rA"), ("Geotec", "rB"), ("TecCos", "rC"))


def test_ud2_of_an_extended_file_is_the_plain_file(tmp_path: Path) -> None:
    instance = ectt.read(TINY)

    plain = ctt.to_problem(ctt.parse(ctt.write(instance.plain)))
    extended = ectt.to_problem(instance, "UD2")

    assert extended.weights == plain.weights
    for solution in searched(plain, 2_000):
        assert evaluate(extended, solution).breakdown == evaluate(plain, solution).breakdown


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Min_Max_Daily_Lectures: 2 3", "Min_Max_Daily_Lectures: 2", "is not two numbers"),
        ("Min_Max_Daily_Lectures: 2 3", "Min_Max_Daily_Lectures: 4 3", "the fewest, 4, are more than the most, 3"),
        ("Min_Max_Daily_Lectures: 2 3\n", "", "field Min_Max_Daily_Lectures: it is missing from the head"),
        ("RoomConstraints: 3", "RoomConstraints: 4", "the head says 4, but ROOM_CONSTRAINTS has 3 rows"),
        ("SceCosC Ocra 3 3 30 1", "SceCosC Ocra 3 3 30", "5 fields where 6 belong"),
        ("SceCosC Ocra 3 3 30 1", "SceCosC Ocra 3 3 30 2", "field double_lectures: '2' is neither 0 nor 1"),
        ("rA 32 0", "rA 32", "2 fields where 3 belong"),
        ("TecCos rC", "TecCos rX", "no room 'rX' stands in ROOMS"),
        ("TecCos rC", "Nobody rC", "no course 'Nobody' stands in COURSES"),
        ("ROOM_CONSTRAINTS:\n", "", "END. stands where ROOM_CONSTRAINTS: belongs"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert TEXT.count(old) == 1 or old == "RoomConstraints: 3"

    with pytest.raises(FormatError) as caught:
        ectt.parse(TEXT.replace(old, new, 1), file="tiny.ectt")

    assert message in str(caught.value).replace("SceCosC rA\n", "")


def test_a_course_without_a_suitable_room_is_refused_where_rooms_count() -> None:
    text = TEXT.replace("RoomConstraints: 3", "RoomConstraints: 5").replace("TecCos rC", "TecCos rC\nTecCos rA\nTecCos rB")
    instance = ectt.parse(text)

    assert ectt.to_problem(instance, "UD5").num_sections == 5
    with pytest.raises(UnsupportedError, match="1 x course without a suitable room"):
        ectt.to_problem(instance, "UD3")
    assert ectt.to_problem(instance, "UD4", allow_unsupported=True).source[LEFT_OUT] == {"course without a suitable room": 1}


def test_a_formulation_that_a_plain_file_cannot_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"UD5 needs what only the extended format says"):
        call_command("solve", str(TINY.with_name("tiny.ctt")), formulation="UD5", iterations=1)


def test_broken_files_are_refused_and_nothing_else_is_raised() -> None:
    rng = random.Random(7)
    for _ in range(400):
        text = list(TEXT)
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(text))
            text[place] = rng.choice(["", "\n", " ", "9", "-", ":", "\u00e9", "END.", text[place] * 3])
        try:
            ectt.to_problem(ectt.parse("".join(text)), rng.choice(list(ectt.FORMULATIONS)))
        except FormatError:
            continue
