"""What a group's students attend by choice belongs to its week."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from academics.models import Course, CourseOffering, Curriculum, Enrolment, Meeting, Student, Term
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.exports import export_file
from generation.models import GenerationJob, Workflow
from generation.problem.builder import problem_load
from generation.text.display_names import Naming
from generation.timetable.electives import electives_of
from generation.timetable.results import entries_of
from tests.factories import member, review_job
from tests.factories.evaluated import evaluated_job
from tests.factories.small_university import small_university

pytestmark = pytest.mark.django_db
FILLED = import_module("generation.migrations.0026_electives_of_what_is_shown")


def offered(term: Term, code: str, students: list[Student]) -> None:
    """One more course, of no curriculum, for these students."""
    mine = {"organization": term.organization}
    course = Course.objects.create(**mine, code=code, name=f"Elective {code}")
    offering = CourseOffering.objects.create(**mine, term=term, course=course)
    Meeting.objects.create(offering=offering, count=1)
    Enrolment.objects.bulk_create(Enrolment(**mine, student=student, offering=offering) for student in students)


def listed(term: Term) -> dict[str, list[str]]:
    problem = problem_load(organization=term.organization, term=term)
    naming = Naming(term.organization_id)
    rows = entries_of(problem, Solution.empty(problem), curriculum_of=naming.curriculum_of_students)
    return {row["section"]: row["electives"] for row in rows if row["section"].startswith("E")}


def test_a_lecture_names_the_curricula_of_whose_students_at_least_one_in_ten_chose_it() -> None:
    term = small_university()
    students = list(Student.objects.order_by("id"))
    guest = Student.objects.create(organization=term.organization, code="GUEST")
    mine = {"organization": term.organization, "curriculum": Curriculum.objects.get()}
    more = [Student.objects.create(**mine, code=f"M{n}") for n in range(11)]
    core = CourseOffering.objects.get(course__code="C0")
    Enrolment.objects.bulk_create(Enrolment(organization=term.organization, student=each, offering=core) for each in more)
    offered(term, "E1", students[:3])
    offered(term, "E2", [guest])
    offered(term, "E3", students[:2])

    assert listed(term) == {"E1": ["Y1"], "E2": [], "E3": []}, "three of 21, a guest, two of 21"


def test_students_who_are_enrolled_in_their_electives_alone_count_for_their_curriculum() -> None:
    term = small_university()
    students = list(Student.objects.order_by("id"))
    Enrolment.objects.all().delete()
    CourseOffering.objects.update(expected_students=10)
    offered(term, "E1", students[:5])

    assert listed(term) == {"E1": ["Y1"]}


def test_an_elective_belongs_to_the_group_whose_students_take_it_and_not_to_the_other() -> None:
    term = small_university()
    CourseOffering.objects.update(max_section_size=5)
    problem = problem_load(organization=term.organization, term=term)
    solution = Solution.empty(problem)
    attended = dict(zip(problem.names.students, solution.attended(problem), strict=True))
    second = problem.names.curricula.index("Y1/2")
    of_second = [code for code, row in attended.items() if all(second in problem.section_curricula[section] for section in row)]
    offered(term, "E1", list(Student.objects.filter(code__in=of_second)))

    assert listed(term) == {"E1": ["Y1/2"]}


def test_without_curricula_nothing_is_looked_for() -> None:
    term = small_university()
    problem: Problem = problem_load(organization=term.organization, term=term)

    assert electives_of(problem, Solution.empty(problem), curriculum_of={}) == {}


@pytest.fixture
def job() -> GenerationJob:
    job: GenerationJob = review_job(num_variants=1, workflow="published")
    for entry in job.variants.get().entries.filter(course="DRA"):  # of CUR2, and chosen by students of CUR1
        entry.electives = ["CUR1"]
        entry.save()
    return job


@pytest.mark.both_databases
def test_a_groups_published_week_calendar_and_files_hold_its_electives_marked_as_such(job: GenerationJob) -> None:
    client = Client()
    client.force_login(member(job.organization, "viewer"))
    page = f"/timetables/{job.organization.code}/curriculum/CUR1/?view="

    for view in ("grid", "week&date=2026-10-12"):
        text = client.get(f"{page}{view}").content.decode()
        assert "Drama" in text
        assert text.count('<span class="mark">elective</span>') == 1
    variant = job.variants.get()
    rows = csv.DictReader(io.StringIO(export_file(variant, kind="csv", by="curriculum", key="CUR1").content.decode("utf-8-sig")))
    assert {row["Course"]: row["Elective of"] for row in rows} == {"ALG": "", "BIO": "", "CHE": "", "DRA": "CUR1"}
    assert b"SUMMARY:DRA Drama (elective)" in export_file(variant, kind="ics", by="curriculum", key="CUR1").content
    assert b"SUMMARY:DRA Drama\r\n" in export_file(variant, kind="ics", by="curriculum", key="CUR2").content
    api = APIClient()
    api.force_authenticate(member(job.organization, "viewer"))
    found = api.get(f"/api/timetable/variants/{variant.pk}/entries/?curriculum=CUR1").json()["results"]
    assert {row["course"]: row["electives"] for row in found} == {"ALG": [], "BIO": [], "CHE": [], "DRA": ["CUR1"]}


@pytest.mark.both_databases
def test_an_upgrade_fills_in_the_electives_of_what_is_published() -> None:
    term = small_university()
    CourseOffering.objects.update(max_section_size=5)
    offered(term, "E1", list(Student.objects.order_by("id"))[:3])
    expected = {section: found for section, found in listed(term).items() if found}
    shown, draft = (evaluated_job(term, shifts=(0,)) for _ in range(2))
    Workflow.objects.filter(job=shown).update(status="published", variant=shown.variants.get())
    FILLED.electives_fill(apps, SimpleNamespace(connection=connection))

    def stored(job: GenerationJob) -> dict[str, list[str]]:
        return {entry.section: entry.electives for entry in job.variants.get().entries.all() if entry.electives}

    assert stored(shown) == expected
    assert expected
    assert stored(draft) == {}
