"""What readiness warns of beside gaps: parts and sections that do not fit, idle rules, bands, limits, marks, and the term itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Enrolment,
    Holiday,
    Instructor,
    Meeting,
    Organization,
    Period,
    Room,
    RoomPreference,
    Rule,
    Section,
    Student,
    Term,
)
from generation.readiness.check import readiness_check
from generation.readiness.report import Trouble
from tests.factories.university import university

pytestmark = pytest.mark.django_db


def troubles(term: Term, id_: str) -> list[Trouble]:
    term.refresh_from_db()
    return [
        each
        for each in readiness_check(organization=Organization.objects.get(pk=term.organization_id), term=term).troubles
        if each.id == id_
    ]


def message(term: Term, id_: str) -> str:
    (found,) = troubles(term, id_)
    assert found.records
    assert all(record.address.startswith("/admin/") for record in found.records)
    return found.message


def offering(code: str) -> CourseOffering:
    return CourseOffering.objects.get(course__code=code)


def part(term: Term, **facts: Any) -> CourseOffering:
    """C1 becomes the lab of C0, which has 40 students in two sections."""
    CourseOffering.objects.filter(course__code="C0").update(expected_students=40, max_section_size=20)
    CourseOffering.objects.filter(course__code="C1").update(part_of=offering("C0"), **facts)
    return offering("C1")


def sections(of: CourseOffering, *sizes: int, parents: tuple[Section | None, ...] = ()) -> list[Section]:
    whose = parents or (None,) * len(sizes)
    code = of.course.code
    return [
        Section.objects.create(organization_id=of.organization_id, offering=of, code=f"{code}-S{n}", size=size, parent=parent)
        for n, (size, parent) in enumerate(zip(sizes, whose, strict=True), 1)
    ]


def enrol(codes: list[str], *courses: str, section: Section | None = None) -> None:
    for code in codes:
        of = offering(courses[0]).organization
        student, _ = Student.objects.get_or_create(organization=of, code=code)
        for course in courses:
            Enrolment.objects.create(organization=of, student=student, offering=offering(course), section=section)


def rule(term: Term, kind: str, *codes: str, **facts: Any) -> Rule:
    made = Rule.objects.create(organization=term.organization, term=term, kind=kind, **facts)
    made.offerings.set(CourseOffering.objects.filter(course__code__in=codes))
    return made


PART_IDS = ("part_sections_missing", "part_seats", "part_sections_more", "section_seats", "part_without_lecture", "part_of_another_section")


def test_parts_that_fit_say_nothing() -> None:
    term = university()
    lab = part(term, num_sections=4, max_section_size=10)
    assert [troubles(term, id_) for id_ in PART_IDS] == [[]] * 6

    lecture = sections(offering("C0"), 20, 20)
    sections(lab, 10, 10, 20, parents=(lecture[0], lecture[0], lecture[1]))

    assert [troubles(term, id_) for id_ in PART_IDS] == [[]] * 6


def test_a_section_of_a_lecture_without_a_lab_is_named_with_its_students() -> None:
    term = university()
    lab = part(term)
    lecture = sections(offering("C0"), 20, 20)
    sections(lab, 20, parents=(lecture[0],))

    assert message(term, "part_sections_missing").startswith("C0-S2 has no section of C1 to go with: its 20 students would have to join")
    assert {record.name for record in troubles(term, "part_sections_missing")[0].records} == {"C0", "C1"}


def test_labs_with_too_few_seats_for_their_lecture_section_are_counted() -> None:
    term = university()
    sections(part(term), 8, 9, 20)

    warning = [each.message for each in troubles(term, "part_seats")]

    assert warning == [
        "C0/1 has 20 students, and the 2 sections of C1 that go with it 17 seats: 3 too few. Add a section, or make them larger."
    ]


def test_a_lab_that_asks_for_fewer_sections_than_it_needs_is_told_how_many_it_gets() -> None:
    term = university()
    part(term, num_sections=3, max_section_size=10)

    assert message(term, "part_sections_more").startswith("C1 requires 3 sections and will have 4: each of the 2 sections of C0")


def test_own_sections_with_too_few_seats_are_counted() -> None:
    term = university()
    sections(offering("C2"), 8, 9)

    assert message(term, "section_seats").startswith("C2 has 2 sections with 17 seats for 20 students: 3 too few.")


def test_enrolments_in_a_lab_alone_or_in_one_of_another_section_are_listed() -> None:
    term = university()
    lab = part(term)
    lecture = sections(offering("C0"), 20, 20)
    labs = sections(lab, 20, 20, parents=(lecture[0], lecture[1]))
    enrol(["alone"], "C1")
    enrol(["apart", "right"], "C0", section=lecture[0])
    enrol(["apart"], "C1", section=labs[1])
    enrol(["right"], "C1", section=labs[0])

    assert message(term, "part_without_lecture").startswith("1 enrolment is in a tutorial or lab without its lecture")
    assert [record.name for record in troubles(term, "part_of_another_section")[0].records] == ["apart"]


@pytest.mark.parametrize(
    ("kind", "codes", "facts", "reason"),
    [
        ("pin_time", (), {"day": 0, "period": 0}, "it names no course"),
        ("pin_time", ("C0",), {"day": 6, "period": 0}, "its time lies outside the week, which has 5 days of 4 periods"),
        ("pin_time", ("C0",), {"day": 0, "period": 0, "lecture": 2}, "it is about the 3rd lecture, and C0 has 2"),
        ("pin_room", ("C0",), {}, "it names no room"),
        ("inside", ("C0", "C1"), {}, "it lists no timeslot of the week"),
        ("no_overlap", ("C0",), {}, "C0 has one section, which is alone in it"),
        ("days_apart", ("BARE",), {}, "BARE has no lectures"),
        ("before", ("ONE",), {}, "each section of ONE has 1 lecture a week"),
    ],
)
def test_a_rule_that_touches_nothing_is_told_with_the_reason(kind: str, codes: tuple[str, ...], facts: dict[str, Any], reason: str) -> None:
    term = university()
    mine = {"organization": term.organization}
    CourseOffering.objects.create(**mine, term=term, course=Course.objects.create(**mine, code="BARE"))
    single = CourseOffering.objects.create(**mine, term=term, course=Course.objects.create(**mine, code="ONE"), expected_students=9)
    Meeting.objects.create(offering=single)
    rule(term, "days_apart", "C3")  # of its own two lectures: this one does something
    idle = rule(term, kind, *codes, **facts)

    assert f" does nothing: {reason}" in message(term, "rule_without_effect")
    assert troubles(term, "rule_without_effect")[0].records[0].address == f"/admin/rules/{kind}-{idle.pk}"


def test_bands_that_share_a_course_or_a_student_are_told() -> None:
    term = university()
    rule(term, "same_start", "C0", "C2", band="Language")
    rule(term, "same_start", "C2", "C4", band="Art")
    enrol(["twice"], "C0", "C2")
    enrol(["once"], "C0")

    assert message(term, "offering_in_two_bands").startswith("C2 is in 2 elective bands, ")
    assert message(term, "band_taken_twice").startswith("1 student takes more than one course of the band Language")


def test_a_refusal_leads_to_the_rules_and_the_person_behind_it_and_is_told_once() -> None:
    term = university(num_courses=6, num_instructors=3)  # C0 and C3 have the same teacher, and two lectures each
    Instructor.objects.filter(code="I0").update(name="Dr Rao")
    together = rule(term, "same_start", "C0", "C3")
    rule(term, "same_start", "C1", "C2")
    teacher = Instructor.objects.get(code="I0")

    (warning,) = troubles(term, "joint_start_conflict")

    assert warning.message.startswith("Lectures of C0 and C3 must start together, and Dr Rao (I0) teaches both.")
    assert f"/admin/rules/same_start-{together.pk}" in [record.address.rstrip("/") for record in warning.records]
    assert f"/admin/academics/instructor/{teacher.pk}/change/" in [record.address for record in warning.records]
    assert not [record for record in warning.records if "C1" in record.name]


def test_both_rules_that_fix_a_lecture_to_different_rooms_are_told() -> None:
    term = university()
    rules = [rule(term, "pin_room", "C0", room=Room.objects.get(code=code)) for code in ("R0", "R1")]

    (warning,) = troubles(term, "pinned_room_unsuitable")

    assert "is fixed to room R1" in warning.message
    assert "room R0 as well, to which another rule fixes it" in warning.message
    assert {f"/admin/rules/pin_room-{each.pk}" for each in rules} <= {record.address.rstrip("/") for record in warning.records}


def test_limits_that_the_work_goes_beyond_are_counted() -> None:
    term = university(num_courses=6, num_instructors=3)
    Instructor.objects.filter(code="I0").update(max_daily_periods=1, name="Dr Rao")
    Instructor.objects.filter(code="I1").update(max_consecutive_periods=1)
    Meeting.objects.filter(offering__course__code="C1").update(length=2)
    Availability.objects.bulk_create(
        Availability(organization=term.organization, term=term, instructor=Instructor.objects.get(code="I0"), day=day, period=period)
        for day in (0, 1, 2)
        for period in range(4)
    )

    assert message(term, "instructor_daily_tight").startswith("Dr Rao (I0) has 4 periods to teach; at most 1 a day on 2 open days make 2.")
    assert message(term, "lecture_beyond_consecutive").startswith("I1 teaches at most 1 period on end, and a lecture of C1 has 2.")
    assert troubles(term, "lecture_beyond_daily") == []

    Organization.objects.update(hardness={"consecutive_load": True, "daily_load": True})

    assert troubles(term, "lecture_beyond_consecutive")[0].level == "red"
    assert troubles(term, "instructor_daily_tight") == []  # the run's own arithmetic says it
    assert troubles(term, "instructor_daily_limit")


def test_marks_spreads_and_preferred_rooms_that_cannot_be_are_told() -> None:
    term = university()
    mine = {"organization": term.organization, "term": term}
    room = Room.objects.get(code="R0")
    for rating in (-4, 2):
        Availability.objects.create(**mine, room=room, day=1, period=2, rating=rating)
    Availability.objects.create(**mine, offering=offering("C0"), day=5, period=0)
    CourseOffering.objects.filter(course__code="C1").update(min_days=3)
    Room.objects.filter(code="R2").update(capacity=5)
    RoomPreference.objects.create(offering=offering("C2"), room=Room.objects.get(code="R2"))

    assert message(term, "availability_twice") == (
        "Room R0: 1 time is marked in two ways (Tuesday, period 3, as -4 and 2). Keep one mark of each."
    )
    assert message(term, "availability_outside_week").startswith("C0: 1 marked time lies outside the week, which has 5 days of 4 periods.")
    assert message(term, "min_days_beyond").startswith("C1 is to be spread over 3 days, and there are only 2 lectures a week")
    assert message(term, "preferred_rooms_unsuitable").startswith("C2 prefers room R2 (classroom, 5 seats), and none of its lectures")


def test_the_term_itself_is_looked_at() -> None:
    term = university()
    Holiday.objects.create(term=term, name="New Year", starts_on=dt.date(2025, 1, 1))
    Holiday.objects.create(term=term, name="Break", starts_on=dt.date(2027, 1, 20), ends_on=dt.date(2027, 3, 1))
    Period.objects.filter(term=term, index=1).update(starts_at=dt.time(8, 30))
    Term.objects.create(organization=term.organization, code="T-2")
    Organization.objects.update(time_zone="Europe/Nowhere")

    assert message(term, "holiday_outside_term").startswith("New Year, 2025-01-01 lies outside the term, 2026-10-05 to 2027-01-29.")
    assert message(term, "periods_overlap").startswith("Period 2 begins at 08:30, before period 1 ends at 08:50")
    assert "2 terms are marked as current" in message(term, "current_term_unclear")
    assert "“Europe/Nowhere” is no time zone" in message(term, "time_zone_unknown")

    Term.objects.filter(pk=term.pk).update(starts_on=None)

    assert message(term, "term_without_dates").startswith("The first day of the term is not entered")


def test_people_who_share_an_address_and_enrolments_in_a_strange_section_are_listed() -> None:
    term = university()
    Instructor.objects.filter(code__in=["I0", "I1"]).update(email="office@example.org")
    enrol(["lost"], "C0", section=sections(offering("C1"), 20)[0])
    offering("C3").curricula.clear()

    assert message(term, "email_shared").startswith("2 instructors share their e-mail addresses")
    assert message(term, "section_of_another_course").startswith("1 enrolment names a section of another course")
    assert message(term, "no_students_known").startswith("1 offering is in no curriculum and has no enrolments")


def test_many_of_a_sort_are_told_together() -> None:
    term = university(num_courses=9)
    CourseOffering.objects.update(min_days=4)

    warning = troubles(term, "min_days_beyond")

    assert len(warning) == 6
    assert warning[-1].message == "And 4 more of this sort."
    assert len(warning[-1].records) == 4


def test_sections_that_nobody_teaches_yet_are_counted_with_their_records() -> None:
    term = university()
    first, *_ = sections(offering("C0"), 10, 10, 10)
    first.instructors.add(*offering("C0").instructors.all())

    assert message(term, "section_without_instructor").startswith("2 sections have nobody to teach them yet: C0-S2 and C0-S3.")
    assert len(troubles(term, "section_without_instructor")[0].records) == 2


def test_weeks_that_the_term_has_not_stop_a_run_and_name_their_record() -> None:
    term = university()
    Term.objects.filter(pk=term.pk).update(starts_on=dt.date(2026, 10, 5), ends_on=dt.date(2027, 1, 29))
    CourseOffering.objects.filter(course__code="C0").update(weeks="12-18")
    CourseOffering.objects.filter(course__code="C1").update(weeks="1-7")
    term.refresh_from_db()

    found = message(term, "weeks_unreadable")

    assert found.startswith("C0 has the weeks \u201c12-18\u201d. Week 18 is not in the term. The term has weeks 1 to 17")
    report = readiness_check(organization=term.organization, term=term)
    assert [count.number for count in report.counts if count.name == "Offerings not held in every week"] == [1]
    assert not report.is_ready
