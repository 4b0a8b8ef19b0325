"""Rows to a problem: sections, groups of a curriculum, ratings and rules."""

from __future__ import annotations

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academics.demo import demo_rows
from academics.models import CourseOffering, Organization, Section, Term
from academics.selectors import term_counts
from generation.engine.problem import Weights
from generation.loading import problem_from_rows, problem_hash, problem_load


def test_the_demo_from_the_database_equals_the_demo_in_memory(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)

    loaded = problem_load(organization=demo, term=term)

    direct = problem_from_rows(demo_rows(scale="small"), name=loaded.name, weights=Weights(), seed=1)
    assert problem_hash(loaded) == problem_hash(direct)


def test_the_number_of_queries_is_fixed(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)

    with CaptureQueriesContext(connection) as queries:
        problem_load(organization=demo, term=term)

    assert len(queries) <= 22


def test_a_department_narrows_the_offerings_and_the_counts(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)
    department = demo.department_set.get(code="D001")

    part = problem_load(organization=demo, term=term, department_id=department.pk)

    assert {code[:4] for code in part.names.courses} == {"D001"}
    assert term_counts(organization=demo, term=term, department_id=department.pk).courses == len(set(part.names.courses))
    assert term_counts(organization=demo, term=term) == (60, 84, 36)


def test_sections_share_students_evenly_and_instructors_in_turn() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)

    assert problem.section_size.max() <= 24
    assert all(len(instructors) == 1 for instructors in problem.section_instructors)
    assert problem.section_size.sum() == len(problem.student_sections.indices) == len(demo_rows(scale="small").enrolments)


def test_every_group_of_a_curriculum_has_one_section_of_each_of_its_courses() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)

    for group, name in enumerate(problem.names.curricula):
        members = [s for s in range(problem.num_sections) if group in problem.section_curricula[s]]
        assert sorted(problem.names.courses[s] for s in members) == [f"{name.split('/')[0][:4]}-{name[6]}0{n}" for n in range(4)]


def test_a_fixed_seat_is_kept_and_a_section_of_another_offering_is_no_seat(demo: Organization) -> None:
    first, second = CourseOffering.objects.order_by("id")[:2]
    own = [Section.objects.create(organization=demo, offering=first, code=code) for code in "ABC"]
    strange = [Section.objects.create(organization=demo, offering=second, code=code) for code in "ABCD"][3]
    first.enrolments.update(section=strange)
    kept = first.enrolments.order_by("id")[0]
    first.enrolments.filter(pk=kept.pk).update(section=own[2])

    problem = problem_load(organization=demo, term=first.term)

    sections = problem.student_sections[problem.names.students.index(kept.student.code)]
    assert problem.names.sections[:3] == ("A", "B", "C")
    assert 2 in sections
    assert problem.section_size[:3].sum() == first.enrolments.count()


def test_weights_of_the_run_go_over_the_organization_s(demo: Organization) -> None:
    demo.weights = {"min_days": 7, "compactness": 9}
    term = Term.objects.get(organization=demo)

    problem = problem_load(organization=demo, term=term, weights={"compactness": 0})

    assert (problem.weights.min_days, problem.weights.compactness, problem.weights.lunch) == (7, 0, Weights().lunch)


def test_what_is_liked_makes_the_rest_disliked() -> None:
    rows = demo_rows(scale="small")
    liking = next(mark.instructor_id for mark in rows.availability if mark.rating == 1)

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    liked = [m.day * 8 + m.period for m in rows.availability if m.instructor_id == liking]
    costs = problem.instructor_dislike[liking - 1]
    assert not costs[liked].any()
    assert (np.delete(costs, liked) == 1).all()


def test_rules_become_pins_and_pairs() -> None:
    rows = demo_rows(scale="small")
    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    pinned = np.flatnonzero(problem.lecture_pin_slot >= 0)
    assert problem.lecture_pin_slot[pinned].tolist() == [1 * 8 + 2]
    assert len(np.flatnonzero(problem.lecture_pin_room >= 0)) == 1
    assert len(problem.no_overlap)
    assert (problem.lecture_section[problem.same_start[:, 0]] != problem.lecture_section[problem.same_start[:, 1]]).all()
    assert not problem.same_start_is_hard


@pytest.fixture
def demo(db: None) -> Organization:
    call_command("demo", "--scale", "small", verbosity=0)
    return Organization.objects.get(code="demo")
