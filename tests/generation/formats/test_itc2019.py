"""ITC-2019's files: what is read, what is refused with its place, and the solution file that is written."""

from __future__ import annotations

import dataclasses
import os
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from generation.engine.model.problem import Csr
from generation.engine.term_model.problem import TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.formats import FormatError, itc2019
from tests.generation.engine.term_model.random_terms import random_solution, random_term, term_xml

TINY = Path(__file__).parents[2] / "data" / "tiny_itc2019.xml"
TEXT = TINY.read_text()


def as_file(problem: TermProblem, number: int) -> dict[str, object]:
    """What a file says of a class, whatever the order of its times."""
    row = slice(problem.class_times.indptr[number], problem.class_times.indptr[number + 1])
    rooms = slice(problem.class_rooms.indptr[number], problem.class_rooms.indptr[number + 1])
    times = (problem.time_days, problem.time_weeks, problem.time_start, problem.time_length)
    return {
        "times": [tuple(int(part[time]) for part in times) for time in problem.class_times.indices[row]],
        "time_cost": problem.class_time_cost[row].tolist(),
        "rooms": [problem.names.rooms[room] for room in problem.class_rooms.indices[rooms]],
        "room_cost": problem.class_room_cost[rooms].tolist(),
        "needs_room": bool(problem.class_needs_room[number]),
        "limit": int(problem.class_limit[number]),
        "parent": int(problem.class_parent[number]),
    }


def test_a_file_is_read_with_everything_that_it_says() -> None:
    problem = itc2019.read(TINY)

    assert (problem.name, problem.num_days, problem.num_weeks, problem.slots_per_day) == ("tiny", 7, 4, 288)
    assert dataclasses.astuple(problem.weights) == (2, 1, 10, 5)
    assert problem.names.classes == ("1", "2", "3", "4")
    # The cheaper of two alike; the mask's bit d is the d-th character.
    assert as_file(problem, 0) == {
        "times": [(0b0010101, 0b1111, 96, 12), (0b0001010, 0b0101, 120, 18)],
        "time_cost": [0, 4],
        "rooms": ["A", "B"],
        "room_cost": [0, 3],
        "needs_room": True,
        "limit": 20,
        "parent": -1,
    }
    assert (as_file(problem, 1)["rooms"], as_file(problem, 1)["needs_room"]) == ([], False)
    assert as_file(problem, 3)["parent"] == 2
    assert problem.room_travel.tolist() == [[0, 2], [2, 0]]
    assert problem.room_closed.tolist() == [[1, 0b1, 100, 20]]
    assert problem.room_closed_weeks.tolist() == [0b10]
    assert problem.rules.tolist() == [[11, 1, 0, 0, 0], [17, 0, 7, 1, 12]]
    assert [row.tolist() for row in problem.rule_classes] == [[0, 1], [0, 1, 2]]
    assert [row.tolist() for row in problem.student_courses] == [[0, 1], [1]]
    assert problem.class_course.tolist() == [0, 0, 1, 1]


def test_random_terms_are_the_same_when_written_and_read() -> None:
    for seed in range(20):
        problem = random_term(seed)
        again = itc2019.parse(term_xml(problem))

        for field in dataclasses.fields(TermProblem):
            if field.name.startswith(("time_", "class_time")) or field.name in ("class_times", "names"):
                continue
            one, other = getattr(problem, field.name), getattr(again, field.name)
            if isinstance(one, Csr):
                assert [row.tolist() for row in one] == [row.tolist() for row in other], field.name
            elif isinstance(one, np.ndarray) and field.name in ("room_closed", "room_closed_weeks"):
                assert sorted(one.tolist()) == sorted(other.tolist())
            elif isinstance(one, np.ndarray):
                assert (one.dtype, one.tolist()) == (other.dtype, other.tolist()), field.name
            else:
                assert one == other, field.name
        assert [as_file(problem, number) for number in range(problem.num_classes)] == [
            as_file(again, number) for number in range(again.num_classes)
        ]


def test_a_solution_is_written_in_the_competitions_form() -> None:
    problem = itc2019.read(TINY)
    solution = TermSolution(np.array([1, 0, -1, 0]), np.array([1, -1, -1, 0]), Csr.of([[0, 3], [3]]))

    root = ElementTree.fromstring(itc2019.write_solution(problem, solution, itc2019.SolutionHead(runtime_s=12.4, cores=2)))
    assert {name: root.get(name) for name in ("name", "runtime", "cores")} == {"name": "tiny", "runtime": "12", "cores": "2"}
    assert {"technique", "author", "institution", "country"} <= set(root.attrib)
    assert [dict(each.attrib) for each in root] == [
        {"id": "1", "days": "0101000", "start": "120", "weeks": "1010", "room": "B"},
        {"id": "2", "days": "1010100", "start": "96", "weeks": "1111"},
        {"id": "3"},
        {"id": "4", "days": "1010100", "start": "96", "weeks": "1111", "room": "A"},
    ]
    assert [[student.get("id") for student in each] for each in root] == [["s1"], [], [], ["s1", "s2"]]


def test_names_are_written_so_that_they_are_read_again() -> None:
    problem = itc2019.parse(TEXT.replace('id="A"', 'id="A &amp; &quot;B&quot; &lt;Süd&gt;"'))
    text = itc2019.write_solution(problem, random_solution(problem, 1))

    assert {each.get("room") for each in ElementTree.fromstring(text)} <= {'A & "B" <Süd>', "B", None}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('limit="20"', 'limit="many"', r"line \d+, field <class 1> limit: 'many' is not a whole number from 0 to"),
        ('limit="20"', 'limit="-3"', "limit: '-3' is not a whole number"),
        ('days="1010100"', 'days="10101"', "days: '10101' is not one of 0 or 1 for each of the 7 days"),
        ('weeks="1111"', 'weeks="0000"', "weeks: '0000' is not one of 0 or 1 for each of the 4 weeks, with a 1 at least once"),
        ('nrWeeks="4"', 'nrWeeks="400"', "nrWeeks: '400' is not a whole number from 1 to 53"),
        ('nrDays="7"', "", "nrDays: it is missing"),
        ('parent="3"', 'parent="1"', "<class 4> parent: the parent of the class is not in another subpart of the same configuration"),
        ('parent="3"', 'parent="9"', "no class '9' is given in this file"),
        ('<room id="B" penalty="3"/>', '<room id="C" penalty="3"/>', "no room 'C' is given in this file"),
        ('<class id="2" limit="5" room="false">', '<class id="2" limit="5">', "<class 2> room: the class needs a room and lists none"),
        ('<class id="3"', '<class id="1"', "<class 1> id: this class is given twice"),
        ('type="SameAttendees"', 'type="SameMood"', "'SameMood' is not one of the distributions of ITC-2019: SameStart, "),
        ("MaxBreaks(1,12)", "MaxBreaks(1)", r"'MaxBreaks\(1\)' should have 2 numbers in brackets"),
        ('required="true"', 'required="yes"', "required: 'yes' is not true or false"),
        ('<course id="C2"/></student>', '<course id="C2"/><course id="C2"/></student>', "student s1 names this course twice"),
        ("<students>", "<people/><students>", "field <people>: it does not belong into <problem>; there may be <courses>"),
        ("<rooms>", "<rooms/><rooms>", "field <rooms>: it is given twice"),
        ("<optimization", "<x-optimization", "does not belong into <problem>"),
        ("<problem", "<solution", "the root element is <solution>; the problems of ITC-2019 have <problem>"),
        ("</problem>", "", "this is not XML"),
        ("<!DOCTYPE problem>", '<!DOCTYPE problem [<!ENTITY a "b">]>', "declares entities"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(FormatError, match=message):
        itc2019.parse(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "   ", "no xml", "\0", "<problem/>", "<problem", "\ud800", "<a>" * 100_000])
def test_what_is_no_problem_at_all_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        itc2019.parse(text)


def test_parents_in_a_circle_are_refused() -> None:
    with pytest.raises(FormatError, match="has itself as a parent in the end"):
        itc2019.parse(TEXT.replace('<class id="3"', '<class parent="4" id="3"'))


def test_broken_files_are_refused_and_nothing_else_is_raised() -> None:
    draw = random.Random(2019)
    pieces = [TEXT[start : start + 25] for start in range(0, len(TEXT), 25)]
    refused = []
    for _ in range(600):
        text = list(TEXT)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(text))
            text[place : place + draw.choice((0, 1, 9))] = draw.choice(
                ["", "9", "-", '"', "<", ">", "\x00", "é", "99999999999", "0", draw.choice(pieces)]
            )
        try:
            itc2019.parse("".join(text))
        except FormatError as error:
            refused.append(str(error))
    assert len(refused) > 300
    assert all(message.startswith("problem.xml") for message in refused)


@pytest.mark.parametrize(
    "inside",
    [
        lambda: "<a " + "b" * 3_000_000,
        lambda: f'<rooms><room id="{"x" * 2_000_000}"/></rooms>',
        lambda: "<rooms>" + "".join(f'<room id="{number}"/>' for number in range(10_000)) + "</rooms>",
        lambda: "<rooms>" + "".join(f'<room id="1"><travel room="{number}" value="1"/></room>' for number in range(10_000)),
        lambda: "<!--" + "x" * 3_000_000,
    ],
    ids=["long tag", "long name", "rooms", "ways", "comment"],
)
def test_large_files_are_refused_before_they_take_memory(inside: Callable[[], str]) -> None:
    text = '<problem name="n" nrDays="7" nrWeeks="4" slotsPerDay="288">' + inside()
    tracemalloc.start()
    with pytest.raises(FormatError):
        itc2019.parse(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def numbered(count: int, text: str) -> str:
    return "".join(text.replace("NUMBER", str(number)) for number in range(count))


CLASS = '<class id="xNUMBER" room="false"><time days="1000000" start="96" length="12" weeks="1111"/></class>'


@pytest.mark.parametrize(
    ("place", "more", "message"),
    [
        ("</subpart>", lambda: "".join(_timed(number) for number in range(6_100)), "more than 6,000 different times"),
        ("</config>", lambda: numbered(61, f'<subpart id="xNUMBER">{CLASS}</subpart>'), "more than 60 subparts"),
        (
            "</distributions>",
            lambda: '<distribution type="SameDays">' + numbered(2_100, '<class id="xNUMBER"/>') + "</distribution>",
            "more than 2,000,000 pairs of classes",
        ),
        ("</student>", lambda: numbered(201, '<course id="xNUMBER"/>'), "student s1 names more than 200 courses"),
    ],
)
def test_what_the_search_could_not_hold_is_refused(place: str, more: Callable[[], str], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        itc2019.parse(TEXT.replace(place, more() + place, 1))


def _timed(number: int) -> str:
    time = f'<time days="0100000" start="{number % 288}" length="{1 + number // 288}" weeks="1111"/>'
    return f'<class id="x{number}" room="false">{time}</class>'


def test_a_file_beyond_the_largest_is_refused_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(itc2019, "MAX_BYTES", 1000)
    with pytest.raises(FormatError, match="the file is larger than"):
        itc2019.read(TINY)


def test_a_pipe_and_a_folder_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    with pytest.raises(FormatError, match="not a file on a disk"):
        itc2019.read(tmp_path / "pipe.xml")
    with pytest.raises(FormatError, match="cannot be opened"):
        itc2019.read(tmp_path)
