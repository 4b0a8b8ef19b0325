"""UniTime's files: what is read, what is listed as left out, and solutions that an independent reading of the file finds sound."""

from __future__ import annotations

import json
import random
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.management import call_command

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.formats import FormatError, unitime
from generation.formats.unsupported import LEFT_OUT, UnsupportedError

TINY = Path(__file__).parents[2] / "data" / "tiny_unitime.xml"
TEXT = TINY.read_text()


def placements(text: str) -> dict[str, tuple[set[tuple[int, int]], str]]:
    """Of each class with a time and, where it needs one, a room: its (day, slot) cells and the room."""
    found = {}
    for each in ElementTree.fromstring(text).find("classes"):
        times = [time for time in each.findall("time") if time.get("solution") == "true"]
        rooms = [room.get("id") for room in each.findall("room") if room.get("solution") == "true"]
        if len(times) == 1 and len(rooms) == (0 if each.get("nrRooms") == "0" else 1):
            days = [day for day, bit in enumerate(times[0].get("days")) if bit == "1"]
            start, length = int(times[0].get("start")), int(times[0].get("length"))
            found[each.get("id")] = ({(day, start + step) for day in days for step in range(length)}, (rooms or [""])[0])
    return found


def faults(text: str) -> list[str]:
    """What is wrong with a solution, by the file alone: classes without a place, and overlaps of rooms, instructors and required groups."""
    root, places, found = ElementTree.fromstring(text), placements(text), []
    classes = {each.get("id"): each for each in root.find("classes")}
    found += [f"{name} has no place" for name in classes if name not in places]
    shared = {room.get("id") for room in root.find("rooms") if room.get("constraint") == "false"} | {""}
    apart = {
        frozenset(pair)
        for each in root.iter("constraint")
        if each.get("pref") == "R" and each.get("type") in ("DIFF_TIME", "SAME_STUDENTS", "SAME_INSTR")
        for pair in combinations([member.get("id") for member in each], 2)
    }
    for a, b in combinations(places, 2):
        if places[a][0] & places[b][0]:
            people = [{person.get("id") for person in classes[name].findall("instructor")} for name in (a, b)]
            if places[a][1] == places[b][1] and places[a][1] not in shared:
                found.append(f"{a} and {b} are in one room")
            if people[0] & people[1] or frozenset((a, b)) in apart:
                found.append(f"{a} and {b} overlap")
    return found


def test_a_file_is_read_with_its_grid_and_what_its_classes_may_choose() -> None:
    problem = unitime.to_problem(unitime.parse(TEXT))

    assert (problem.num_days, problem.periods_per_day, problem.num_sections, problem.num_lectures) == (7, 12, 6, 9)
    assert problem.names.periods[:3] == ("08:00", "08:30", "09:00")
    assert problem.lecture_length.tolist() == [2, 2, 2, 2, 2, 3, 3, 6, 2]
    assert problem.names.rooms == ("1", "2", "3", unitime.NO_ROOM)
    assert problem.section_one_room.tolist() == [1, 0, 0, 1, 0, 0]
    assert not problem.room_available[1].all()  # the second room is closed for half a day
    assert problem.student_sections[0].tolist() == [0, 1, 3, 4]


def test_a_solution_is_sound_by_the_file_alone_and_costs_what_its_preferences_say(tmp_path: Path) -> None:
    out, report = tmp_path / "out.xml", tmp_path / "out.json"

    call_command("solve", str(TINY), iterations=20, solution=str(out), report=str(report), quiet=True)

    found = json.loads(report.read_text())
    assert (found["format"], found["feasible"]) == ("unitime", True)
    assert faults(out.read_text()) == []
    # The best of all times and rooms: only the two lectures of the one who teaches both can not have all they wish.
    assert found["soft"] == found["breakdown"]["pair_preferred"] + found["breakdown"]["disliked_times"]


def test_random_placements_that_break_no_rule_are_those_that_the_file_allows() -> None:
    problem = unitime.to_problem(unitime.parse(TEXT))
    rng, sound = np.random.default_rng(5), 0
    open_ = np.ones((problem.num_lectures, problem.num_timeslots), dtype=bool)
    open_[problem.blocked_starts[:, 0], problem.blocked_starts[:, 1]] = False
    meetings = [np.flatnonzero(problem.lecture_section == section) for section in range(problem.num_sections)]
    for _ in range(400):
        slot = np.array([rng.choice(np.flatnonzero(row)) for row in open_], dtype=np.int32)
        if rng.random() < 0.7:  # all meetings of a class at one place among their starts, which is mostly one of its times
            for own in meetings:
                place = rng.integers(0, 100)
                slot[own] = [np.flatnonzero(open_[lecture])[place % open_[lecture].sum()] for lecture in own]
        room = np.array([rng.choice(np.flatnonzero(problem.room_features @ row)) for row in problem.lecture_features], dtype=np.int32)
        solution = Solution(slot, room)
        breakdown = evaluate(problem, solution).breakdown
        # Closed rooms aside, which the file says by a pattern that this check does not read.
        is_sound = not any(breakdown[each] for each in breakdown if each in HARD and each != "room_availability")
        sound += is_sound
        assert is_sound == (faults(unitime.write_solution(problem, solution)) == [])
    assert sound > 5


HARD = {
    "unplaced",
    "section_clash",
    "instructor_clash",
    "no_overlap",
    "room_clash",
    "room_features",
    "blocked_start",
    "pair_required",
    "one_room",
}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('type="DIFF_TIME" pref="R"', 'type="SPREAD" pref="R"', "group constraint SPREAD"),
        ('type="DIFF_TIME" pref="R"', 'type="DIFF_TIME" pref="P"', r"group constraint DIFF_TIME \(P\)"),
        ('capacity="40"', 'capacity="40" discouraged="true"', "discouraged room"),
        ('classLimit="18" department="1" dates="1111"', 'classLimit="18" department="1" dates="0011"', "class on other dates than most"),
        ('nrRooms="0"', 'nrRooms="2"', "class in several rooms at once"),
        ('weight="1.0"', 'weight="0.4"', "student's request with a weight"),
        (
            '<time days="0001000" start="96" length="12" pref="0"/>',
            '<time days="0001000" start="96" length="18" pref="0"/>',
            "another pattern",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_by_kind(old: str, new: str, kind: str) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    if 'nrRooms="2"' in text:
        text = text.replace(
            '<time days="0000100" start="120" length="12" pref="0"/>',
            '<room id="3"/><time days="0000100" start="120" length="12" pref="0"/>',
        )

    with pytest.raises(UnsupportedError, match=kind):
        unitime.to_problem(unitime.parse(text))
    assert unitime.to_problem(unitime.parse(text), allow_unsupported=True).source[LEFT_OUT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<problem/>", "the root element is <problem>"),
        ("<timetable>", "this is not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><timetable>&b;</timetable>', "declares entities"),
        ("<timetable/>", "there is no class"),
        (TEXT.replace('start="132"', 'start="300"'), "start: '300' is not a whole number from 0 to 287"),
        (TEXT.replace('days="0001000"', 'days="00x1000"'), "does not name days of a week"),
        (TEXT.replace('<room id="3" pref="0"/>', '<room id="9" pref="0"/>'), "no room '9' stands in <rooms>"),
        (TEXT.replace('start="132"', 'start="133"'), "is the most that is read"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=r"tiny\.xml") as caught:
        unitime.to_problem(unitime.parse(text, file="tiny.xml"), allow_unsupported=True)

    assert message in str(caught.value)


def test_broken_files_are_refused_and_nothing_else_is_raised() -> None:
    rng = random.Random(11)
    for _ in range(150):
        text = TEXT
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice(["", '"', "<", "9", "-", "0", "id", text[place] * 3]) + text[place + rng.randint(0, 3) :]
        try:
            unitime.to_problem(unitime.parse(text), allow_unsupported=True)
        except FormatError:
            continue


def test_deep_and_large_files_are_refused_before_they_are_built() -> None:
    with pytest.raises(FormatError, match="the most that are read"):
        unitime.parse("<timetable>" + "<class/>" * 400_000 + "</timetable>")
    with pytest.raises(FormatError, match="there is no class"):
        unitime.to_problem(unitime.parse("<timetable>" + "<a>" * 50_000 + "</a>" * 50_000 + "</timetable>"))
