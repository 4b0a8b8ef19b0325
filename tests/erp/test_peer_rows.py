"""Files of UniTime and XHSTT into the database: what an institution has then, what its problem costs, and what is left out."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.models import CourseOffering, Curriculum, Enrolment, Instructor, Organization, Period, Room, Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.formats import unitime
from generation.models import Variant
from generation.problem.builder import problem_load

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
UNITIME, XHSTT = (DATA / "tiny_unitime.xml").read_text(), DATA / "tiny_xhstt.xml"
# One pattern of days and one room: all that the file says has a place in the data.
KEPT = (
    ('<room id="2" pref="0"/>\n      <time days="1010000" start="108"', '<time days="1010000" start="108"'),
    ('<time days="0101000" start="108"', '<time days="1010000" start="126"'),
    ('<time days="0010100" start="108"', '<time days="1010000" start="96"'),
    ('<constraint id="3" type="SAME_START" pref="-1"><class id="21"/><class id="13"/></constraint>', ""),
)


def plain_college() -> str:
    text = UNITIME
    for old, new in KEPT:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_a_college_of_unitime_costs_what_its_file_says(tmp_path: Path) -> None:
    file = tmp_path / "college.xml"
    file.write_text(plain_college())
    direct = unitime.to_problem(unitime.read(file))

    call_command("import_data", str(file), organization="college")

    college = Organization.objects.get()
    assert (CourseOffering.objects.count(), Room.objects.count(), Enrolment.objects.count()) == (6, 3, 6)
    assert str(Period.objects.get(index=1).starts_at) == "08:30:00"
    loaded = problem_load(organization=college, term=Term.objects.get())
    rng, sound = np.random.default_rng(3), 0
    open_ = np.ones((direct.num_lectures, direct.num_timeslots), dtype=bool)
    open_[direct.blocked_starts[:, 0], direct.blocked_starts[:, 1]] = False
    lectures = {course: np.flatnonzero(loaded.lecture_section == n) for n, course in enumerate(loaded.names.courses)}
    here = [lectures[direct.names.courses[section]] for section in range(direct.num_sections)]
    order = np.concatenate([here[section] for section in range(direct.num_sections)])
    rooms = np.array([loaded.names.rooms.index(name) for name in direct.names.rooms[:-1]] + [loaded.num_rooms - 1])
    for _ in range(120):
        chosen = rng.integers(0, 60, direct.num_sections)  # of each class one of its times
        slots = [np.flatnonzero(row) for row in open_]
        slot = np.array([slots[n][chosen[section] % len(slots[n])] for n, section in enumerate(direct.lecture_section)], dtype=np.int32)
        fits = [np.flatnonzero((direct.room_features | ~wanted).all(axis=1)) for wanted in direct.lecture_features]
        room = np.array([rng.choice(each) for each in fits], dtype=np.int32)
        there = Solution(np.zeros_like(slot), np.zeros_like(room))
        there.slot[order], there.room[order] = slot, rooms[room]
        one, other = evaluate(direct, Solution(slot, room)), evaluate(loaded, there)
        assert (one.score.hard == 0) == (other.score.hard == 0)
        assert 3 * one.score.soft == other.score.soft
        sound += one.score.hard == 0
    assert sound > 5


def test_what_a_college_says_and_the_data_cannot_is_listed() -> None:
    with pytest.raises(CommandError, match="1 x lectures at most some days apart") as refused:
        call_command("import_data", str(DATA / "tiny_unitime.xml"), organization="college")
    assert "1 x courses whose lectures must be in one room" in str(refused.value)
    assert not Organization.objects.exists()


def test_the_times_and_rooms_that_a_solved_college_marks_are_a_timetable(tmp_path: Path) -> None:
    """The last time of each class, but of one, and its first room."""
    root = ElementTree.fromstring(plain_college())
    for each in root.iterfind("classes/class"):
        each.findall("time")[0 if each.get("id") == "12" else -1].set("solution", "true")
        for room in each.findall("room")[:1]:
            room.set("solution", "true")
    file = tmp_path / "solved.xml"
    file.write_bytes(ElementTree.tostring(root))

    call_command("import_data", str(file), organization="college")

    variant = Variant.objects.get()
    placed = sorted((each.course, each.day, each.period, each.room) for each in variant.entries.all())
    assert placed[:4] == [
        ("MA 101 Lec 1", 0, 4, "2"),
        ("MA 101 Lec 1", 2, 4, "2"),
        ("MA 101 Lec 1", 4, 4, "2"),
        ("MA 101 Rec 1", 1, 0, "1"),
    ]
    assert (len(placed), variant.hard) == (9, 0)


def test_a_school_of_xhstt_has_teachers_and_classes() -> None:
    call_command("import_data", str(XHSTT), organization="school", allow_unsupported=True)

    assert sorted(Instructor.objects.values_list("code", flat=True)) == ["Ann", "Bob"]
    assert sorted(Curriculum.objects.values_list("code", flat=True)) == ["C1", "C2"]
    assert sorted(Room.objects.values_list("code", flat=True)) == ["Hall", "Lab"]
    math = CourseOffering.objects.get(course__code="Math1")
    assert [(each.count, each.length) for each in math.meetings.order_by("-length")] == [(1, 2), (2, 1)]
    assert Organization.objects.get().source["left_out"]["most idle periods"] == 3


def test_teachers_who_are_chosen_are_no_rooms(tmp_path: Path) -> None:
    text = XHSTT.read_text()
    old = '<Resource Reference="Bob"><Role>Teacher</Role><ResourceType Reference="Teacher"/></Resource>'
    file = tmp_path / "school.xml"
    file.write_text(text.replace(old, '<Resource><Role>Teacher</Role><ResourceType Reference="Teacher"/></Resource>', 1))

    call_command("import_data", str(file), organization="school", allow_unsupported=True)

    assert sorted(Instructor.objects.values_list("code", flat=True)) == ["Ann", "Bob"]
    assert sorted(Room.objects.values_list("code", flat=True)) == ["Hall", "Lab"]
    assert Organization.objects.get().source["left_out"]["event whose teacher or class is to be chosen"] == 1
    assert [each.code for each in CourseOffering.objects.get(course__code="Sport2").instructors.all()] == ["Ann"]
