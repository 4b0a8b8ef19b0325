"""ITC-2007 files: what is read, what is refused and how, and agreement with the published validator."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.solution import Score
from generation.formats import FormatError, ctt
from tests.factories.problems import solution_random

TINY = Path(__file__).parents[2] / "data" / "tiny.ctt"
TEXT = TINY.read_text()

# Ten of the twelve lectures, on purpose not well placed: course, room, day, period.
BY_HAND = """\
SceCosC rB 0 0
SceCosC rB 0 1
SceCosC rA 1 0
ArcTec rB 0 2
ArcTec rA 1 1
ArcTec rA 1 2
TecCos rA 0 1
TecCos rA 2 0
Geotec rB 2 1
Geotec rB 2 1
"""


def test_an_instance_is_read_as_it_stands() -> None:
    instance = ctt.read(TINY)

    assert (instance.name, instance.num_days, instance.periods_per_day) == ("Tiny", 3, 3)
    assert instance.courses[0] == ctt.CttCourse("SceCosC", "Ocra", 3, 2, 30)
    assert instance.rooms == (ctt.CttRoom("rB", 32), ctt.CttRoom("rA", 50))
    assert instance.curricula[1] == ctt.CttCurriculum("Cur2", ("TecCos", "Geotec"))
    assert instance.unavailabilities == (("TecCos", 2, 0), ("TecCos", 2, 1), ("ArcTec", 1, 0))


def test_writing_and_reading_gives_the_same_instance() -> None:
    instance = ctt.read(TINY)

    assert ctt.parse(ctt.write(instance)) == instance


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    data = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()

    assert ctt.read_bytes(data, file="tiny.ctt") == ctt.read(TINY)


def test_a_problem_has_a_section_for_each_course_and_only_udines_constraints() -> None:
    problem = ctt.to_problem(ctt.read(TINY))

    assert (problem.num_sections, problem.num_lectures, problem.num_timeslots) == (4, 12, 9)
    assert not problem.capacity_is_hard
    assert {name for name, weight in problem.weights.as_dict().items() if weight} == {
        "room_capacity",
        "min_days",
        "compactness",
        "room_stability",
    }
    assert not problem.section_available[2, 6]
    assert problem.section_available.sum() == 4 * 9 - 3


def test_a_solution_judged_by_hand() -> None:
    problem = ctt.to_problem(ctt.read(TINY))

    found = evaluate(problem, ctt.parse_solution(BY_HAND, problem))

    assert {name: amount for name, amount in found.breakdown.items() if amount} == {
        "unplaced": 2,  # one of TecCos, one of Geotec
        "section_clash": 1,  # Geotec twice on day 2
        "curriculum_clash": 1,  # SceCosC and TecCos, day 0 period 1
        "availability": 1,  # TecCos, day 2 period 0
        "room_clash": 1,  # Geotec twice in rB
        "room_capacity": 10,  # ArcTec has 42 students, rB 32 seats
        "min_days": 5,  # Geotec on one day instead of two
        "compactness": 4,  # TecCos alone in Cur1 on day 2, and in Cur2 on day 0
        "room_stability": 2,  # SceCosC and ArcTec
    }
    assert found.score == Score(6, 21)


def test_a_written_solution_reads_back_the_same() -> None:
    problem = ctt.to_problem(ctt.read(TINY))
    solution = solution_random(problem, np.random.default_rng(5))

    again = ctt.parse_solution(ctt.write_solution(problem, solution), problem)

    assert ctt.write_solution(problem, again) == ctt.write_solution(problem, solution)
    assert evaluate(problem, again) == evaluate(problem, solution)


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        (TEXT[:200], 17, "", "cut off"),
        (TEXT[: TEXT.index("END.")], 26, "", "ends before END."),
        ("hello\n", 1, "", "not a head"),
        ("<html>\n", 1, "", "'<html>'"),
        (changed("Days: 3", "Days: 0"), 4, "Days", "'0' is not a whole number from 1 to 31"),
        (changed("Days: 3", "Days: three"), 4, "Days", "'three'"),
        (changed("Days: 3", "Days: 99999999999999999999"), 4, "Days", "from 1 to 31"),
        (changed("Days: 3\n", ""), 0, "Days", "missing"),
        (changed("Days: 3\n", "Days: 3\nDays: 3\n"), 5, "Days", "twice"),
        (changed("Rooms: 2", "Rooms: 0"), 3, "Rooms", "from 1 to"),
        (changed("Courses: 4", "Courses: 5"), 2, "Courses", "the head says 5, but COURSES has 4 rows"),
        (changed("Constraints: 3", "Constraints: 2"), 7, "Constraints", "has 3 rows"),
        (changed("SceCosC Ocra 3 2 30", "SceCosC Ocra 3 2"), 10, "", "4 fields where 5 belong"),
        (changed("SceCosC Ocra 3 2 30", "SceCosC Ocra -1 2 30"), 10, "lectures", "'-1' is not a whole number from 1"),
        (changed("SceCosC Ocra 3 2 30", "SceCosC Ocra 3 9 30"), 10, "min_days", "from 0 to 3"),
        (changed("SceCosC Ocra 3 2 30", "SceCosC Ocra 3 2 30.5"), 10, "students", "'30.5'"),
        (changed("ArcTec Indaco", "SceCosC Indaco"), 11, "course", "already given in line 10"),
        (changed("rA 50", "rB 50"), 17, "room", "already given in line 16"),
        (changed("Cur2 2 TecCos Geotec", "Cur2 3 TecCos Geotec"), 21, "num_courses", "announces 3 courses and names 2"),
        (changed("Cur2 2 TecCos Geotec", "Cur2 2 TecCos Nobody"), 21, "course", "no course 'Nobody'"),
        (changed("Cur2 2 TecCos Geotec", "Cur2 2 TecCos TecCos"), 21, "course", "twice in one curriculum"),
        (changed("TecCos 2 0", "TecCos 3 0"), 24, "day", "'3' is not a whole number from 0 to 2"),
        (changed("TecCos 2 0", "Nobody 2 0"), 24, "course", "no course 'Nobody'"),
        (changed("ROOMS:", "CURRICULA:"), 15, "", "CURRICULA: stands where ROOMS: belongs"),
        (changed("END.", "ROOM_CONSTRAINTS:"), 28, "", "extended format"),
        (TEXT + "more\n", 29, "", "after END."),
    ],
)
def test_a_wrong_file_is_refused_with_line_field_and_range(text: str, line: int, field: str, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        ctt.parse(text, file="bad.ctt")

    assert (refused.value.file, refused.value.line, refused.value.field) == ("bad.ctt", line, field)
    assert says in refused.value.message
    assert str(refused.value).startswith("bad.ctt")
    assert "\n" not in str(refused.value)


def test_more_lectures_than_can_be_borne_are_refused() -> None:
    rows = "".join(f"c{n} t{n} 2976 1 30\n" for n in range(40))
    text = f"Courses: 40\nRooms: 1\nDays: 5\nPeriods_per_day: 5\nCurricula: 0\nConstraints: 0\nCOURSES:\n{rows}"

    with pytest.raises(FormatError, match="119040 lectures; 100000 is the most"):
        ctt.parse(text + "ROOMS:\nr 1\nCURRICULA:\nUNAVAILABILITY_CONSTRAINTS:\nEND.\n")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not text"),
        (b"Name: a\0b\n", "binary"),
        (b"Name: x\n" * (50 * 1024 * 1024 // 8), "larger than 10 MB"),
    ],
    ids=["empty", "blank", "picture", "zero bytes", "50 MB"],
)
def test_what_is_no_text_file_of_bearable_size_is_refused(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ctt"
    path.write_bytes(data)

    with pytest.raises(FormatError, match=says):
        ctt.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be opened"):
        ctt.read(tmp_path / "none.ctt")


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("SceCosC rB 0\n", "", "3 fields where 4 belong"),
        ("Nobody rB 0 0\n", "course", "no course 'Nobody'"),
        ("SceCosC rZ 0 0\n", "room", "no room 'rZ'"),
        ("SceCosC rB 3 0\n", "day", "from 0 to 2"),
        ("SceCosC rB 0 x\n", "period", "'x'"),
        ("Geotec rB 0 0\n" * 4, "course", "more lines than lectures"),
    ],
)
def test_a_wrong_solution_is_refused(text: str, field: str, says: str) -> None:
    with pytest.raises(FormatError, match=says) as refused:
        ctt.parse_solution(text, ctt.to_problem(ctt.read(TINY)))

    assert refused.value.field == field


def _validator(shared_folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("ctt_validate", shared_folder / "tools" / "ctt_validate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_published_instances_are_judged_as_the_published_validator_does(shared_folder: Path, tmp_path: Path) -> None:
    validator, rng, file = _validator(shared_folder), np.random.default_rng(7), tmp_path / "solution"
    paths = sorted((shared_folder / "data" / "itc2007").glob("*.ctt"))
    assert paths

    for path in paths:
        problem, instance = ctt.to_problem(ctt.read(path)), validator.Instance(str(path))
        assert preflight(problem) == []
        for unplaced in (0.0, 0.1, 0.9):
            solution = solution_random(problem, rng, unplaced=unplaced)
            file.write_text(ctt.write_solution(problem, solution))

            hard, soft, _messages = validator.evaluate(instance, *validator.read_solution(str(file)))

            assert evaluate(problem, solution).score == Score(sum(hard.values()), sum(soft.values())), path.name
