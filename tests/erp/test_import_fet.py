"""FET's files into the database: what an institution has then, what its problem costs, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.models import CourseOffering, Organization, Room, Rule, StudentGroup, Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.formats import fet
from generation.models import Variant
from generation.problem.builder import problem_load
from tests.fet_files import activity, element, fet_text, times

ACTIVITIES = (
    activity(1, teacher="T1", students="A1", length=2),
    activity(2, teacher="T1", students="A2"),
    activity(3, teacher="T2", students="Y1", subject="Sport"),
    activity(4, teacher="T2", students="B"),
    activity(5, teacher="T1", students="Y2"),
    activity(6, teacher="T2", students="Y2", subject="Sport"),
)
LOCKED = ("Permanently_Locked", "true")
NINE = times("Preferred_Time_Slot", ("Mo", "9"), ("Tu", "9"), ("We", "9"), prefix="Preferred_")
APART = "<Activity_Id>4</Activity_Id>"
BOTH_ROOMS = "<Preferred_Room>R1</Preferred_Room><Preferred_Room>R2</Preferred_Room>"
TIME = (
    element("TeacherNotAvailableTimes", [("Teacher", "T1")], inside=times("Not_Available_Time", ("Mo", "8"))),
    element("StudentsSetNotAvailableTimes", [("Students", "A1")], inside=times("Not_Available_Time", ("Tu", "11"))),
    element("MinDaysBetweenActivities", [("Activity_Id", 2), ("MinDays", 2)], inside=APART),
    element("ActivitiesNotOverlapping", [("Activity_Id", 5)], inside=APART),
    element("ActivityPreferredStartingTime", [("Activity_Id", 5), ("Preferred_Day", "We"), ("Preferred_Hour", "9"), LOCKED]),
    element("ActivityPreferredTimeSlots", [("Activity_Id", 3)], weight=75, inside=NINE),
    element("TwoActivitiesOrdered", [("First_Activity_Id", 1), ("Second_Activity_Id", 3)]),
)
SPACE = (
    element("ActivityPreferredRoom", [("Activity_Id", 1), ("Room", "R1"), LOCKED]),
    element("ActivityPreferredRooms", [("Activity_Id", 3)], inside=BOTH_ROOMS),
)


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "school.fet"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_the_institution_has_what_the_file_says_and_its_timetables_break_the_same_rules(tmp_path: Path) -> None:
    path = _file(tmp_path, fet_text(ACTIVITIES, time=TIME, space=SPACE))
    direct = fet.to_problem(fet.read(path))

    call_command("import_data", str(path), organization="school")

    school = Organization.objects.get(code="school")
    assert (CourseOffering.objects.count(), Room.objects.count()) == (6, 2)
    assert StudentGroup.objects.get(code="A1").parent == StudentGroup.objects.get(code="A")
    assert sorted(Rule.objects.values_list("kind", flat=True)) == ["before", "days_apart", "no_overlap", "outside", "pin_time"]
    loaded = problem_load(organization=school, term=Term.objects.get())
    lecture = {name: number for number, name in enumerate(loaded.names.courses)}
    named = [lecture[code] for code in ("Maths 1", "Maths 2", "Sport 1", "Maths 3", "Maths 4", "Sport 2")]
    none = loaded.num_rooms - 1
    rng = np.random.default_rng(1)
    for _ in range(200):
        slot = np.array([rng.integers(0, 3) * 4 + rng.integers(0, 3) for _ in range(6)], dtype=np.int32)
        room = np.array([0, 2, rng.integers(0, 2), 2, 2, 2], dtype=np.int32)
        there = Solution(np.zeros(6, dtype=np.int32), np.zeros(6, dtype=np.int32))
        there.slot[named], there.room[named] = slot, np.where(room == 2, none, room)
        one, other = evaluate(direct, Solution(slot, room)), evaluate(loaded, there)
        assert (one.score.hard, 3 * one.score.soft) == (other.score.hard, other.score.soft)


@pytest.mark.django_db
def test_components_of_one_activity_are_one_course(tmp_path: Path) -> None:
    parts = [activity(n, teacher="T1", students="B").replace("<Activity_Group_Id>0", "<Activity_Group_Id>1") for n in (1, 2, 3)]
    apart = "".join(f"<Activity_Id>{n}</Activity_Id>" for n in (1, 2, 3))
    days = element("MinDaysBetweenActivities", [("Number_of_Activities", 3)], weight=95, inside=f"{apart}<MinDays>1</MinDays>")

    call_command("import_data", str(_file(tmp_path, fet_text(parts, time=[days]))), organization="school")

    offering = CourseOffering.objects.get()
    assert [(each.count, each.length, each.room_kind) for each in offering.meetings.all()] == [(3, 1, "none")]
    rule = Rule.objects.get()
    assert (rule.kind, rule.days, rule.is_hard, rule.factor) == ("days_apart", 1, False, 4)


@pytest.mark.django_db
def test_a_finished_timetable_becomes_a_variant_and_no_rules(tmp_path: Path) -> None:
    place = [("Preferred_Day", "Tu"), ("Preferred_Hour", "9"), ("Permanently_Locked", "false")]
    time = element("ActivityPreferredStartingTime", [("Activity_Id", 1), *place])
    space = element("ActivityPreferredRoom", [("Activity_Id", 1), ("Room", "R2"), ("Permanently_Locked", "false")])
    wish = element("ActivityPreferredRooms", [("Activity_Id", 1)], inside=BOTH_ROOMS)
    path = _file(tmp_path, fet_text([activity(1, teacher="T1", students="B")], time=[time], space=[space, wish]))

    call_command("import_data", str(path), organization="school")

    entry = Variant.objects.get().entries.get()
    assert (entry.day, entry.period, entry.room) == (1, 1, "R2")
    assert not Rule.objects.exists()


@pytest.mark.django_db
def test_what_has_no_place_in_the_data_is_counted_and_refused_until_somebody_says_to_leave_it_out(tmp_path: Path) -> None:
    gaps = element("StudentsMaxGapsPerWeek", [("Max_Gaps", 0)])
    other = element("TwoActivitiesOrderedIfSameDay", [("First_Activity_Id", 1), ("Second_Activity_Id", 2)])
    path = _file(tmp_path, fet_text(ACTIVITIES, time=[gaps, other]))

    with pytest.raises(CommandError, match=r"4 x most idle periods, 1 x an order of lectures on one day cannot be kept"):
        call_command("import_data", str(path), organization="school")
    assert not Organization.objects.exists()

    call_command("import_data", str(path), organization="school", allow_unsupported=True)
    assert Organization.objects.get().source["left_out"] == {"most idle periods": 4, "an order of lectures on one day": 1}


@pytest.mark.django_db
def test_days_that_are_not_those_of_a_week_from_monday_on_are_said_or_moved(tmp_path: Path) -> None:
    text = fet_text(ACTIVITIES[1:2]).replace("<Name>Mo<", "<Name>Sunday<").replace("<Name>Tu<", "<Name>Monday<")
    path = _file(tmp_path, text.replace("<Name>We<", "<Name>Tuesday<"))

    call_command("import_data", str(path), organization="school")

    term = Term.objects.get()
    assert (term.num_days, term.week_start) == (7, 6)
    assert set(Rule.objects.get().timeslots.values_list("day", flat=True)) == {2, 3, 4, 5}
