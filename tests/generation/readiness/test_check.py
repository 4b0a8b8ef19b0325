"""Readiness: counts, what is missing, and the arithmetic; kept until the data change."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Meeting,
    Room,
    RoomFeature,
    Student,
    Term,
)
from generation.readiness.check import readiness_check, readiness_known
from generation.readiness.report import Load, Readiness, Trouble
from tests.factories import OrganizationFactory, TermFactory
from tests.factories.university import university

pytestmark = pytest.mark.django_db


def check(term: Term) -> Readiness:
    return readiness_check(organization=term.organization, term=term)


def trouble(found: Readiness, id_: str) -> Trouble:
    return next(each for each in found.troubles if each.id == id_)


def load(found: Readiness, name: str) -> Load:
    return next(each for each in found.loads.rooms if each.name == name)


def test_a_sound_institution_is_ready_with_its_counts() -> None:
    term = university()
    Instructor.objects.update(department=Department.objects.create(organization=term.organization, code="D"))
    offering = CourseOffering.objects.first()
    assert offering is not None
    student = Student.objects.create(organization=term.organization, code="S")
    Enrolment.objects.create(organization=term.organization, student=student, offering=offering)

    found = check(term)

    assert found.is_ready
    assert found.troubles == ()
    counts = {count.id: count.number for count in found.counts}
    assert counts["offerings"] == counts["sections"] == 6
    assert (counts["lectures"], counts["rooms"], counts["rooms_classroom"], counts["students"], counts["enrolments"]) == (12, 3, 3, 1, 1)


def test_no_term_no_periods_and_too_little_data_stop_it() -> None:
    organization = OrganizationFactory()
    assert [each.id for each in readiness_check(organization=organization, term=None).red] == ["no_term"]

    term = TermFactory(organization=organization)
    term.periods.all().delete()

    ids = [each.id for each in check(term).red]
    assert ids[:4] == ["no_timeslots", "too_few_courses", "too_few_instructors", "too_few_rooms"]


def test_more_periods_asked_of_a_kind_of_room_than_open_stop_it() -> None:
    term = university(num_courses=6, num_meetings=4)
    lab = Room.objects.create(organization=term.organization, code="LAB2", kind="lab", capacity=40)
    Meeting.objects.update(room_kind="lab")

    found = check(term)

    assert (load(found, "lab").asked, load(found, "lab").open, load(found, "lab").level) == (24, 20, "red")
    warning = trouble(found, "too_few_rooms")
    assert "take 24 periods" in warning.message
    assert "only 20 open timeslots" in warning.message
    assert "q=lab" in warning.records[0].address
    lab.delete()
    assert "no room is of that kind" in trouble(check(term), "room_kind_unknown").message
    assert "no_suitable_room" not in {each.id for each in check(term).troubles}, "the cause is told once"


def test_the_scarcest_size_of_room_is_told_below_its_kind() -> None:
    term = university(num_courses=6, num_meetings=4)
    Room.objects.update(capacity=10)
    Room.objects.filter(code="R0").update(capacity=40)

    found = check(term)

    assert (load(found, "all rooms").asked, load(found, "all rooms").open) == (24, 60)
    assert load(found, "all rooms with 40 seats or more").level == "red"


def test_an_instructor_with_more_to_teach_than_open_is_named_with_the_record() -> None:
    term = university(num_courses=6, num_instructors=3)
    instructor = Instructor.objects.get(code="I1")
    Instructor.objects.filter(pk=instructor.pk).update(name="Dr Rao")
    Availability.objects.bulk_create(
        Availability(organization=term.organization, term=term, instructor=instructor, day=day, period=period)
        for day in range(5)
        for period in range(4)
        if (day, period) not in {(0, 0), (0, 1), (1, 0)}
    )

    found = check(term)

    warning = trouble(found, "instructor_overload")
    assert warning.level == "red"
    assert warning.message.startswith("Dr Rao (I1) has 4 periods to teach")
    assert warning.records[0].address == f"/admin/academics/instructor/{instructor.pk}/change/"
    fullest = found.loads.instructors[0]
    assert (fullest.name, fullest.asked, fullest.open) == ("Dr Rao (I1)", 4, 3)


def test_nobody_is_called_by_the_name_of_one_whose_code_theirs_begins_with() -> None:
    term = university(num_courses=6, num_instructors=3)
    Instructor.objects.filter(code="I0").update(name="Dr Rao", max_weekly_periods=1)
    Instructor.objects.filter(code="I1").update(code="I01", name="", max_weekly_periods=1)

    messages = [each.message for each in check(term).troubles if each.id.startswith("instructor")]

    assert any(message.startswith("Dr Rao (I0) has ") for message in messages)
    assert any(message.startswith("Instructor I01 has ") for message in messages)


def test_a_curriculum_and_a_section_that_do_not_fit_are_named_by_their_records() -> None:
    term = university(num_courses=6, num_meetings=4, num_days=2)
    offering = CourseOffering.objects.get(course__code="C0")
    Meeting.objects.filter(offering=offering).update(count=9)

    found = check(term)

    assert trouble(found, "section_overload").records[0].address == f"/admin/academics/courseoffering/{offering.pk}/change/"
    assert "/admin/academics/curriculum/" in trouble(found, "curriculum_overload").records[0].address


@pytest.mark.parametrize(
    ("id_", "level"),
    [
        ("no_meetings", "amber"),
        ("no_instructors", "amber"),
        ("no_size", "amber"),
        ("no_department", "amber"),
        ("student_without_enrolment", "amber"),
        ("empty_curriculum", "amber"),
        ("room_without_seats", "amber"),
        ("feature_unknown", "red"),
    ],
)
def test_each_gap_in_the_data_is_told_with_its_record(id_: str, level: str) -> None:
    term = university()
    mine = {"organization": term.organization}
    CourseOffering.objects.create(**mine, term=term, course=Course.objects.create(**mine, code="BARE"))
    Room.objects.create(**mine, code="EMPTY", capacity=0)
    feature = RoomFeature.objects.create(**mine, code="GAS")
    Meeting.objects.filter(offering__course__code="C0")[0].features.add(feature)
    Curriculum.objects.create(**mine, code="IDLE")
    for code in ("S1", "S2"):
        Student.objects.create(**mine, code=code)
    Enrolment.objects.create(**mine, student=Student.objects.get(code="S1"), offering=CourseOffering.objects.get(course__code="C1"))

    warning = trouble(check(term), id_)

    assert warning.level == level
    assert warning.records[0].address.startswith("/admin/academics/")
    assert warning.message.startswith(("1 ", "3 instructors"))


def test_a_class_under_two_codes_lacks_only_what_neither_of_them_has() -> None:
    term = university()
    mine = {"organization": term.organization}
    other = CourseOffering.objects.get(course__code="C0")
    bare = CourseOffering.objects.create(**mine, term=term, course=Course.objects.create(**mine, code="BARE"))
    gaps = ("no_meetings", "no_instructors", "no_size", "no_students_known")
    lacking = {each.id for each in check(term).troubles if any(record.name == "BARE" for record in each.records)}

    CourseOffering.objects.filter(pk=other.pk).update(taught_with=bare, expected_students=30)

    assert lacking.intersection(gaps) == {"no_meetings", "no_instructors", "no_size"}
    assert [each.id for each in check(term).troubles if each.id in gaps and any(record.name == "BARE" for record in each.records)] == []


def test_many_obstacles_of_a_sort_are_told_together() -> None:
    term = university(num_courses=12)
    CourseOffering.objects.update(expected_students=55)

    warning = [each for each in check(term).red if each.id == "no_suitable_room"]

    assert len(warning) == 6
    assert warning[-1].message.startswith("And 7 more of this sort")


def test_sections_of_one_course_are_told_once() -> None:
    term = university()
    CourseOffering.objects.filter(course__code="C0").update(expected_students=165, max_section_size=55)

    warning = [each.message for each in check(term).red if each.id == "no_suitable_room"]

    assert len(warning) == 1
    assert warning[0].endswith("It is the same for 2 more sections of the course.")


def test_the_check_is_kept_until_any_data_change() -> None:
    term = university()
    assert readiness_known(term=term) is None
    first = check(term)
    with CaptureQueriesContext(connection) as queries:
        assert check(term) == first
        assert readiness_known(term=term) == first
    assert len(queries) == 2

    Room.objects.filter(code="R0").update(capacity=1)

    assert readiness_known(term=term) is None


def test_what_just_fits_is_a_warning() -> None:
    assert [Load("x", asked, 10).level for asked in (9, 10, 11)] == ["good", "amber", "red"]
    assert Load("x", 1, 0).level == "red"
