"""The one door to the formats: by name, by suffix, and no further than what is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generation.formats import FormatError
from generation.formats.ctt import write_solution
from generation.formats.instances import format_guess, problem_read, solution_write
from generation.formats.json import write_problem
from tests.factories.problems import place

TINY = Path(__file__).parents[2] / "data" / "tiny.ctt"


@pytest.mark.parametrize(
    ("name", "expected"), [("a.ctt", "ctt"), ("a.CTT", "ctt"), ("a.json", "json"), ("a.xml", "itc2019"), ("a.fet", "fet"), ("a", "ctt")]
)
def test_a_format_is_known_by_the_files_name(name: str, expected: str) -> None:
    assert format_guess(name) == expected


def test_the_same_problem_is_read_from_either_format(tmp_path: Path) -> None:
    problem = problem_read(TINY)
    copy = tmp_path / "copy.json"
    copy.write_text(write_problem(problem))

    assert write_problem(problem_read(copy)) == write_problem(problem)


def test_a_solution_is_written_in_its_format() -> None:
    problem = problem_read(TINY, format_name="ctt")
    solution = place(problem, [(0, 0)])

    assert solution_write(problem, solution, format_name="ctt") == write_solution(problem, solution) == "SceCosC rB 0 0\n"
    assert '"timeloom-solution"' in solution_write(problem, solution, format_name="json")


def test_a_term_with_weeks_is_no_problem_of_one_week() -> None:
    with pytest.raises(FormatError, match="has weeks, which the model of one week cannot hold"):
        problem_read(TINY.with_name("tiny_itc2019.xml"))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ctt")
    with pytest.raises(FormatError, match="not a file on a disk"):
        problem_read(tmp_path / "pipe.ctt")
