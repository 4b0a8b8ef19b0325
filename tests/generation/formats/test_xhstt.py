"""XHSTT archives: what is read, what is listed as left out, and costs that an independent check of the definitions confirms."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.search_data import search_data
from generation.formats import FormatError, xhstt
from generation.formats.unsupported import LEFT_OUT, UnsupportedError
from tests.generation.formats import xhstt_checker

TINY = Path(__file__).parents[2] / "data" / "tiny_xhstt.xml"
TEXT = TINY.read_text()


def test_an_archive_is_read_with_events_split_as_their_constraints_allow() -> None:
    problem = xhstt.to_problem(xhstt.parse(TEXT))

    assert (problem.num_days, problem.periods_per_day, problem.num_sections) == (3, 4, 6)
    parts = {name: problem.lecture_length[problem.lecture_section == n].tolist() for n, name in enumerate(problem.names.sections)}
    assert parts == {"Math1": [2, 1, 1], "Math2": [2, 1], "Bio1": [1, 1], "Bio2": [1, 1], "Sport1": [1], "Sport2": [1]}
    assert problem.names.rooms == ("Lab", "Hall", xhstt.NO_ROOM)
    assert problem.names.instructors == ("Ann", "Bob", "C1", "C2")


def test_the_checker_and_the_evaluator_agree_on_timetables_that_break_no_rule() -> None:
    problem = xhstt.to_problem(xhstt.parse(TEXT))
    fixed, clean = search_data(problem), 0
    mix = np.array([0.3, 0.2, 0.3, 0.2])
    for seed in range(12):
        state = kernels.new_state(fixed, Solution.empty(problem), seed)
        order = np.random.default_rng(seed).permutation(problem.num_lectures).astype(np.int32)
        kernels.insert_all(fixed, state, order, 60.0, False)
        for _ in range(6):
            kernels.anneal(fixed, state, np.arange(problem.num_lectures, dtype=np.int32), mix, 400, np.array([6.0, 1.0, 60.0, 0.0]))
            solution = Solution(state.slot.copy(), state.room.copy())
            evaluation = evaluate(problem, solution)
            hard, soft = xhstt_checker.check(xhstt.write_solution(problem, solution))

            assert evaluation.score == kernels.score_of(state)
            assert (evaluation.score.hard == 0) == (hard == 0)
            if hard == 0:
                clean += 1
                assert soft == evaluation.score.soft
    assert clean > 10


def test_solve_writes_an_archive_whose_solution_costs_what_the_report_says(tmp_path: Path) -> None:
    out, report = tmp_path / "out.xml", tmp_path / "out.json"

    call_command("solve", str(TINY), iterations=10, solution=str(out), report=str(report), quiet=True)

    found = json.loads(report.read_text())
    assert (found["format"], found["feasible"]) == ("xhstt", True)
    assert xhstt_checker.check(out.read_text()) == (0, found["soft"])
    assert xhstt.parse(out.read_text()).instance.get("Id") == "ToySchool"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (
            '<SpreadEventsConstraint Id="SPM"><Name>SPM</Name><Required>true',
            '<SpreadEventsConstraint Id="SPM"><Name>SPM</Name><Required>false',
            "SpreadEvents of lectures of several periods",
        ),
        (
            "<Weight>4</Weight><CostFunction>Linear",
            "<Weight>4</Weight><CostFunction>Quadratic",
            "ClusterBusyTimes with a cost that is Quadratic",
        ),
        (
            '<AvoidClashesConstraint Id="AC"><Name>AC</Name><Required>true',
            '<AvoidClashesConstraint Id="AC"><Name>AC</Name><Required>false',
            "resource that may clash",
        ),
        ("<LinkEventsConstraint", "<FancyConstraint", "Fancy"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_kind(old: str, new: str, kind: str) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new).replace("</LinkEventsConstraint>", "</FancyConstraint>" if "Fancy" in new else "</LinkEventsConstraint>")

    with pytest.raises(UnsupportedError, match=kind):
        xhstt.to_problem(xhstt.parse(text))
    assert xhstt.to_problem(xhstt.parse(text), allow_unsupported=True).source[LEFT_OUT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<timetable/>", "the root element is <timetable>"),
        ("<HighSchoolTimetableArchive/>", "the archive has 0 instances"),
        (TEXT.replace("<Duration>4</Duration>", "<Duration>four</Duration>"), "'four' is not a whole number from 1 to 60"),
        (TEXT.replace('<Resource Reference="Ann"><Role>', '<Resource Reference="Eve"><Role>'), "there is no resource 'Eve'"),
        (TEXT.replace("<Weight>4</Weight>", "<Weight>x</Weight>"), "Weight: 'x' is not a whole number"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        xhstt.to_problem(xhstt.parse(text, file="toy.xml"), allow_unsupported=True)

    assert message in str(caught.value)
    assert str(caught.value).startswith("toy.xml")


def test_broken_archives_are_refused_and_nothing_else_is_raised() -> None:
    rng = random.Random(13)
    for _ in range(150):
        text = TEXT
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice(["", '"', "<", "9", "-", "0", "Id", text[place] * 3]) + text[place + rng.randint(0, 3) :]
        try:
            xhstt.to_problem(xhstt.parse(text), allow_unsupported=True)
        except FormatError:
            continue


def test_events_that_are_linked_twice_are_linked_once() -> None:
    begin, end = TEXT.index("<LinkEventsConstraint"), TEXT.index("</LinkEventsConstraint>") + len("</LinkEventsConstraint>")
    once = xhstt.to_problem(xhstt.parse(TEXT)).same_start
    more = "".join(TEXT[begin:end].replace('Id="', f'Id="more{number}') for number in range(3))
    assert len(once)
    assert xhstt.to_problem(xhstt.parse(TEXT[:end] + more + TEXT[end:])).same_start.tolist() == once.tolist()
