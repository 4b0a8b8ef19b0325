"""A course under two codes: one lecture, with everybody of both, one teacher and one room."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from academics.models import CourseOffering, Organization
from academics.placements import Placement
from academics.selectors import (
    AvailabilityRow,
    CurriculumRow,
    EnrolmentRow,
    GroupRow,
    InstructorRow,
    MeetingRow,
    OfferingRow,
    PeriodRow,
    RoomPreferenceRow,
    RoomRow,
    RuleRow,
    SectionRow,
    StudentRow,
    TermRows,
)
from generation.engine.model.problem import Problem, Weights
from generation.existing.placing import places_laid
from generation.problem.builder import problem_from_rows, problem_hash, problem_load
from generation.problem.cross_listed import cross_listed, is_also
from tests.factories import OrganizationFactory, TermFactory
from tests.factories.small_university import small_university
from tests.factories.tables import files_import, import_run

CS, MATH, OTHER, LAB = 1, 2, 3, 4


def offering(id_: int, code: str, title: str = "", **facts: Any) -> OfferingRow:
    return OfferingRow(id_, code, title, None, 0, 60, 0, None)._replace(**facts)


def rows_of(**facts: Any) -> TermRows:
    """MATH1 is taught with CS1; each has a student and a curriculum of its own, and CS1 two lectures a week."""
    rows = TermRows(
        num_days=5,
        periods=[PeriodRow(n, dt.time(8 + n), dt.time(8 + n, 50), False, False) for n in range(4)],
        rooms=[RoomRow(n, f"R{n}", "", 100, "room", None) for n in (1, 2)],
        room_features={},
        features=[],
        buildings=[],
        departments=[],
        instructors=[InstructorRow(n, f"I{n}", "", None, 0, 0, 0) for n in (1, 2)],
        offerings=[
            offering(CS, "CS1", "Logic"),
            offering(MATH, "MATH1", "Logic", taught_with_id=CS),
            offering(OTHER, "OTHER"),
        ],
        offering_instructors={CS: [1], MATH: [2]},
        offering_curricula={CS: [1], MATH: [2], OTHER: [2]},
        meetings=[MeetingRow(1, CS, 2, 1, ""), MeetingRow(2, MATH, 3, 1, ""), MeetingRow(3, OTHER, 1, 1, "")],
        meeting_features={},
        sections=[],
        section_instructors={},
        curricula=[CurriculumRow(n, f"Q{n}", "", None) for n in (1, 2)],
        students=[StudentRow(n, f"S{n}", "", None, None) for n in (1, 2, 3)],
        enrolments=[EnrolmentRow(1, CS, None), EnrolmentRow(2, MATH, None), EnrolmentRow(3, CS, None), EnrolmentRow(3, MATH, None)],
        availability=[],
        rules=[],
        rule_offerings={},
    )
    return replace(rows, **facts)


def made(rows: TermRows) -> Problem:
    return problem_from_rows(rows, name="cross", weights=Weights(), seed=1)


def test_students_and_curricula_of_both_attend_one_lecture_with_one_teacher() -> None:
    problem = made(rows_of())

    assert problem.names.sections == ("CS1", "OTHER")
    assert problem.names.titles == ("Logic (also MATH1)", "")
    assert [problem.names.instructors[each] for each in problem.section_instructors[0]] == ["I1"]
    assert problem.section_size.tolist() == [3, 0]  # who takes it under both codes takes it once
    assert [problem.names.curricula[each] for each in problem.section_curricula[0]] == ["Q1", "Q2"]
    assert problem.lecture_section.tolist() == [0, 0, 1]


def test_what_the_one_that_stays_lacks_comes_from_the_other_and_sizes_add() -> None:
    rows = rows_of(enrolments=[], offering_instructors={MATH: [2]}, meetings=[MeetingRow(2, MATH, 3, 1, "")])
    rows = replace(rows, offerings=[o._replace(expected_students=20 if o.id == CS else 15) for o in rows.offerings])

    problem = made(rows)

    assert problem.section_size[0] == 35
    assert [problem.names.instructors[each] for each in problem.section_instructors[0]] == ["I2"]
    assert problem.lecture_section.tolist() == [0, 0, 0]


def test_a_class_under_two_codes_is_not_split_at_the_largest_section_of_one_of_them() -> None:
    rows = rows_of(enrolments=[])
    sizes = {CS: (40, 40), MATH: (25, 25)}
    rows = replace(
        rows,
        offerings=[
            o._replace(expected_students=sizes[o.id][0], max_section_size=sizes[o.id][1], num_sections=1) if o.id in sizes else o
            for o in rows.offerings
        ],
    )

    problem = made(rows)

    assert problem.names.sections == ("CS1", "OTHER")
    assert problem.section_size.tolist() == [65, 0]


def test_it_goes_section_by_section_by_code_and_then_in_order() -> None:
    sections = [
        SectionRow(1, CS, "A", 20),
        SectionRow(2, CS, "B", 30),
        SectionRow(3, MATH, "M", 5),
        SectionRow(4, MATH, "A", 7),
        SectionRow(5, MATH, "N", 9),
    ]
    groups = [GroupRow(1, "G1", "", None, 20), GroupRow(2, "G2", "", None, 7)]
    enrolments = [EnrolmentRow(1, CS, 1), EnrolmentRow(2, MATH, 4)]
    rows = rows_of(sections=sections, groups=groups, section_groups={1: [1], 4: [2]}, enrolments=enrolments)
    rows = replace(rows, section_instructors={4: [2], 3: [2]})

    problem = made(rows)

    assert problem.names.sections == ("A", "B", "N", "OTHER")
    assert problem.section_size.tolist()[:3] == [27, 35, 9]
    assert [[problem.names.instructors[each] for each in problem.section_instructors[s]] for s in range(3)] == [["I2"], ["I2"], ["I1"]]
    assert {problem.names.curricula[each] for each in problem.section_curricula[0]} >= {"G1", "G2"}
    assert cross_listed(rows) == {"MATH1": {"course": "CS1", "sections": {"A": "A", "M": "B", "N": "N"}}}


def test_rules_marks_and_preferred_rooms_of_both_hold() -> None:
    rows = rows_of(
        rules=[RuleRow(1, "no_overlap", None, 0, None, None, True, "")],
        rule_offerings={1: [MATH, OTHER]},
        availability=[AvailabilityRow(None, None, CS, 0, 0, 2), AvailabilityRow(None, None, MATH, 0, 0, -4)],
        room_preferences=[RoomPreferenceRow(MATH, 0, 2, None)],
    )

    problem = made(rows)

    assert problem.no_overlap.tolist() == [[0, 1]]
    assert not problem.section_available[0, 0]
    assert problem.preferred_rooms.tolist() == [[0, 1, 0]]


def test_a_lab_of_the_one_that_goes_stays_with_its_own_students() -> None:
    rows = rows_of()
    lab = offering(LAB, "MATH1-LAB", part_of_id=MATH)
    rows = replace(rows, offerings=[*rows.offerings, lab], meetings=[*rows.meetings, MeetingRow(4, LAB, 1, 1, "")])

    problem = made(rows)
    taught = made(replace(rows, offerings=[*rows.offerings[:-1], offering(5, "CS1-LAB", part_of_id=CS), lab._replace(taught_with_id=5)]))

    assert problem.section_size[problem.names.sections.index("MATH1-LAB")] == 2
    assert taught.section_size[taught.names.sections.index("CS1-LAB")] == 3


@pytest.mark.parametrize("facts", [{CS: MATH, MATH: CS}, {CS: CS, MATH: None}, {CS: None, MATH: 99}])
def test_circles_and_offerings_of_other_terms_lead_nowhere(facts: dict[int, int | None]) -> None:
    rows = rows_of()

    problem = made(replace(rows, offerings=[o._replace(taught_with_id=facts.get(o.id)) for o in rows.offerings]))

    assert problem.names.sections == ("CS1", "MATH1", "OTHER")


def test_an_existing_timetable_may_list_it_under_both_codes() -> None:
    rows = rows_of()
    problem = replace(made(rows), source={"cross_listed": cross_listed(rows)})
    places = [Placement(course, "", day, 1, None, 1, "R1") for course in ("MATH1", "CS1") for day in (0, 2)]

    laid = places_laid(problem, places, periods={n: n for n in range(4)})

    assert laid.solution.slot.tolist() == [1, 9, -1]
    assert (is_also("Logic (also MATH1; STAT5 Sets)", "MATH1"), is_also("Logic (also MATH11)", "MATH1")) == (True, False)
    assert is_also("Logic (also MATH1; STAT5 Sets)", "STAT5")


@pytest.mark.django_db
def test_a_term_from_the_database_knows_where_courses_went() -> None:
    term = small_university()
    plain = problem_load(organization=term.organization, term=term)
    first, second = CourseOffering.objects.filter(term=term).order_by("id")[:2]
    CourseOffering.objects.filter(pk=second.pk).update(taught_with=first)

    problem = problem_load(organization=term.organization, term=term)

    assert problem.source["cross_listed"] == {"C1": {"course": "C0", "sections": {}}}
    assert (problem.num_sections, problem.num_lectures) == (plain.num_sections - 1, plain.num_lectures - 2)
    assert "cross_listed" not in plain.source
    assert problem_hash(problem) != problem_hash(plain)


HEADINGS = "Course,Cross-listed with,Expected students\n"


@pytest.fixture
def organization(db: None) -> Organization:
    found = OrganizationFactory()
    TermFactory(organization=found, code="T1", is_current=True)
    files_import(found, {"courses.csv": "Code\nCS1\nMATH1\nSTAT1\n"})
    return found


def test_a_table_names_the_course_that_it_is_taught_with_and_it_is_undone(organization: Organization) -> None:
    text = HEADINGS + "MATH1,CS1,10\nCS1,,20\n"

    batch = files_import(organization, {"offerings.csv": text})
    again = files_import(organization, {"offerings.csv": text})
    taken = files_import(organization, {"offerings.csv": HEADINGS + "MATH1,,10\n"})
    assert (batch.problems, taken.problems) == ([], [])
    assert again.counts["offerings"]["unchanged"] == 2
    assert not CourseOffering.objects.exclude(taught_with=None).exists()
    import_run(taken, "undo")

    assert CourseOffering.objects.get(course__code="MATH1").taught_with == CourseOffering.objects.get(course__code="CS1")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("MATH1,MATH1,1\n", "MATH1 can't be taught with itself."),
        ("MATH1,CS1,1\n", "CS1 is not offered in T1."),
        ("MATH1,CS1,1\nCS1,STAT1,1\nSTAT1,,1\n", "MATH1 would be taught with CS1, which is taught with STAT1."),
    ],
)
def test_a_wrong_cross_listing_is_named(organization: Organization, rows: str, words: str) -> None:
    batch = files_import(organization, {"offerings.csv": HEADINGS + rows})

    assert batch.problems[0]["message"] == words
    assert not CourseOffering.objects.exists()


def test_a_part_is_never_one_lecture_with_the_lecture_that_it_is_a_part_of(organization: Organization) -> None:
    headings = HEADINGS.rstrip("\n") + ",Part of\n"
    batch = files_import(organization, {"offerings.csv": headings + "CS1,,1,\nMATH1,CS1,1,CS1\n"})

    assert [each["message"] for each in batch.problems] == ["MATH1 is a part of CS1, so the two can't be one lecture."]
    files_import(organization, {"offerings.csv": HEADINGS + "CS1,,1\nMATH1,,1\n"})
    lab = CourseOffering.objects.get(course__code="MATH1")
    lab.part_of = lab.taught_with = CourseOffering.objects.get(course__code="CS1")
    with pytest.raises(ValidationError, match="can't be one lecture"):
        lab.clean()
