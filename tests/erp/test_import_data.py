"""Importing a published instance: the database gives back the very problem of the file, and a bad file changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.models import Course, Organization, Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.formats import ctt, ectt
from generation.problem.builder import problem_hash, problem_load
from tests.processes import COMMAND_S

TINY = Path(__file__).parent.parent / "data" / "tiny.ctt"
ROOT = Path(__file__).parent.parent.parent


def _imported(path: Path) -> Problem:
    call_command("import_data", str(path), "--organization", "udine")
    return problem_load(organization=Organization.objects.get(code="udine"), term=Term.objects.get(organization__code="udine"))


def _assert_scored_alike(path: Path) -> None:
    direct, loaded = ctt.to_problem(ctt.read(path)), _imported(path)

    assert loaded.names.sections == direct.names.sections
    assert (loaded.weights, loaded.capacity_is_hard, loaded.source["format"]) == (direct.weights, False, "ctt")
    rng = np.random.default_rng(1)
    for _ in range(20):
        slot = rng.integers(-1, direct.num_timeslots, direct.num_lectures).astype(np.int32)
        room = np.where(slot < 0, -1, rng.integers(0, direct.num_rooms, direct.num_lectures)).astype(np.int32)
        solution = Solution(slot, room)
        mine, theirs = evaluate(loaded, solution), evaluate(direct, solution)
        assert (mine.score, mine.breakdown) == (theirs.score, theirs.breakdown)


@pytest.mark.django_db
def test_tiny_instance_is_judged_as_its_file() -> None:
    _assert_scored_alike(TINY)


@pytest.mark.django_db
def test_comp01_is_judged_as_its_file(shared_folder: Path) -> None:
    _assert_scored_alike(shared_folder / "data" / "itc2007" / "comp01.ctt")


@pytest.mark.django_db
def test_an_extended_file_is_imported_as_ud2_with_the_buildings_of_its_rooms() -> None:
    path = TINY.with_name("tiny.ectt")
    direct, loaded = ectt.to_problem(ectt.read(path)), _imported(path)

    assert loaded.weights == direct.weights
    assert [loaded.names.buildings[building] for building in loaded.room_building] == ["0", "0", "1"]
    solution = Solution(np.arange(direct.num_lectures, dtype=np.int32) % 12, np.zeros(direct.num_lectures, dtype=np.int32))
    assert evaluate(loaded, solution).breakdown == evaluate(direct, solution).breakdown


@pytest.mark.django_db
def test_second_import_is_refused_without_replace_and_the_same_with_it() -> None:
    before = problem_hash(_imported(TINY))

    with pytest.raises(CommandError, match="'udine' has data already"):
        call_command("import_data", str(TINY), "--organization", "udine")
    call_command("import_data", str(TINY), "--organization", "udine", "--replace")

    term = Term.objects.get()
    assert (Organization.objects.count(), Course.objects.count()) == (1, 4)
    assert problem_hash(problem_load(organization=term.organization, term=term)) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cut.ctt", TINY.read_bytes()[:300], "cut.ctt, line "),
        ("empty.ctt", b"", "empty.ctt: the file is empty"),
        ("binary.ctt", bytes(range(256)) * 40, "binary.ctt, line "),
        ("word.ctt", TINY.read_bytes().replace(b"Ocra 3", b"Ocra x"), "word.ctt, line 10, field lectures: 'x' is not a whole number"),
        ("days.ctt", TINY.read_bytes().replace(b"Days: 3", b"Days: 9"), "days.ctt, field Days: 9 days"),
        ("term.xml", b"<problem/>", "no weeks of their own so far, nor travel times. manage.py solve term.xml finds a timetable"),
        ("other.xml", b"<people/>", "other.xml: this is XML of no known format: its root element is <people>"),
        ("school.xml", b'<timetable ascttversion="2020.5.1"/>', "school.xml: an XML file of aSc Timetables is not read. In aSc, export"),
        ("college.xml", b"<timetable/>", "college.xml, field classes: there is no class to timetable"),
    ],
)
def test_a_bad_file_gives_one_clear_line_and_writes_nothing(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CommandError) as refusal:
        call_command("import_data", str(tmp_path / name), "--organization", "udine", "--replace")

    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.returncode == 2
    assert not Organization.objects.exists()


def test_the_command_itself_ends_with_status_2_and_no_traceback(tmp_path: Path) -> None:
    huge = tmp_path / "huge.ctt"
    with huge.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    command = [sys.executable, "manage.py", "import_data", str(huge), "--organization", "udine"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=COMMAND_S)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "huge.ctt: the file is larger than" in done.stderr
