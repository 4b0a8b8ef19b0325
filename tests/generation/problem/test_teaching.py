"""Who teaches which section: never somebody whom another section has named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from academics.demo import demo_rows
from academics.models import CourseOffering, Instructor, Section
from academics.selectors import SectionRow
from generation.engine.model.problem import Weights
from generation.problem.builder import problem_from_rows, problem_load
from generation.rulebook.lectures_affected import lectures_of_instructors, touches_of
from tests.factories.university import university

A, B, C, D = range(4)


@pytest.mark.parametrize(
    ("offering", "named", "taught"),
    [
        ((A, B), {0: [A]}, [[A], [B], [B]]),  # B is named by no section: the offering's for the others
        ((A,), {0: [A]}, [[A], [], []]),
        ((A, B), {0: [A], 2: [B]}, [[A], [], [B]]),
        ((A, B), {}, [[A], [B], [A]]),
        ((A, B), {0: [D]}, [[], [A], [B]]),  # D is "TBA"
        ((), {0: [A], 1: [D], 2: [A]}, [[A], [], [A]]),
    ],
)
def test_an_empty_or_tba_section_takes_no_other_section_s_teacher(
    offering: tuple[int, ...], named: dict[int, list[int]], taught: list[list[int]]
) -> None:
    rows = demo_rows(scale="small")
    first, people = rows.offerings[0].id, [each.id for each in rows.instructors[:4]]
    instructors = [each._replace(code="T.B.A." if number == D else each.code) for number, each in enumerate(rows.instructors)]
    rows = replace(
        rows,
        instructors=instructors,
        sections=[SectionRow(number, first, f"own {number}", 10) for number in range(3)],
        section_instructors={number: [people[each] for each in who] for number, who in named.items()},
        offering_instructors={**rows.offering_instructors, first: [people[each] for each in offering]},
    )

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    assert [problem.section_instructors[section].tolist() for section in range(3)] == taught


@pytest.mark.django_db
def test_the_rules_page_counts_an_instructor_s_lectures_as_a_run_deals_them() -> None:
    term = university(num_courses=3, num_instructors=3, num_meetings=2)
    first, second, third = CourseOffering.objects.order_by("id")
    sections = [Section.objects.create(organization=term.organization, offering=first, code=f"S{n}", size=10) for n in range(3)]
    free, taken, tba = (Instructor.objects.create(organization=term.organization, code=code) for code in ("FREE", "TAKEN", "T.B.A."))
    first.instructors.set([free, taken])
    sections[0].instructors.add(taken)
    second.instructors.add(tba)
    third.instructors.set([])
    problem = problem_load(organization=term.organization, term=term)
    taught = Counter(
        problem.names.instructors[instructor]
        for section in problem.lecture_section.tolist()
        for instructor in problem.section_instructors[section].tolist()
    )

    people = dict(Instructor.objects.values_list("pk", "code"))
    found = lectures_of_instructors(term=term, instructors=people, touches=touches_of(term=term))

    assert taught["FREE"] == 4
    assert {people[pk]: number for pk, number in found.items()} == taught
