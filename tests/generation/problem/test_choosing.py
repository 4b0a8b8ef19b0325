"""Who can teach what: offered first to the registrar, or chosen by the program where an offering says so."""

from __future__ import annotations

from itertools import product

import pytest
from django.test import Client

from academics.importing.mapping import kind_guess
from academics.importing.snapshots import snapshot_take
from academics.importing.tables import tables_read
from academics.models import Availability, Course, CourseOffering, Instructor, Section, Term
from generation.problem.builder import problem_load
from generation.problem.choosing import Vacancy, instructors_chosen
from generation.readiness.check import readiness_check
from generation.timetable.results import chosen_words
from tests.factories import UserFactory, VariantFactory
from tests.factories.small_university import small_university
from tests.factories.tables import files_import, import_run


def test_everything_is_taught_where_it_can_be_and_loads_are_even() -> None:
    vacancies = [Vacancy(section, 2, (0, 1)) for section in range(3)] + [Vacancy(3, 2, (0,))]

    chosen = instructors_chosen(vacancies, loads={1: 2}, most={0: 10, 1: 10})

    loads = [2 * sum(who == each for who in chosen.values()) for each in (0, 1)]
    assert chosen[3] == 0
    assert (loads[0], 2 + loads[1]) in ((4, 6), (6, 4))


def test_loads_are_kept_and_a_first_choice_that_blocks_another_is_undone() -> None:
    # In turn 0 would go to the section that anybody could teach.
    vacancies = [Vacancy(0, 3, (0, 1)), Vacancy(1, 2, (0, 2)), Vacancy(2, 3, (1, 2))]

    chosen = instructors_chosen(vacancies, loads={}, most={0: 3, 1: 3, 2: 2})
    best = max(
        sum(each.periods for each, who in zip(vacancies, picked, strict=True) if who is not None)
        for picked in product(*[(None, *each.people) for each in vacancies])
        if all(
            sum(each.periods for each, who in zip(vacancies, picked, strict=True) if who == one) <= most
            for one, most in ((0, 3), (1, 3), (2, 2))
        )
    )

    assert sum(vacancies[section].periods for section in chosen) == best == 8
    assert instructors_chosen([Vacancy(0, 4, (0,))], loads={0: 1}, most={0: 4}) == {}


@pytest.fixture
def term(db: None) -> Term:
    """Six courses of two lectures; the first two name nobody, and I1 and I2 can teach them."""
    term = small_university()
    offerings = list(CourseOffering.objects.filter(term=term).order_by("id")[:2])
    for offering in offerings:
        offering.instructors.clear()
    for code in ("I1", "I2"):
        Instructor.objects.get(code=code).can_teach.set([offering.course for offering in offerings])
    return term


def teachers(term: Term) -> list[list[str]]:
    problem = problem_load(organization=term.organization, term=term)
    return [[problem.names.instructors[who] for who in row] for row in problem.section_instructors]


def test_nobody_is_chosen_until_an_offering_says_so(term: Term) -> None:
    assert teachers(term)[:2] == [[], []]
    assert "offerings have nobody" in " ".join(t.message for t in readiness_check(organization=term.organization, term=term).troubles)

    CourseOffering.objects.filter(term=term).update(chooses_instructor=True)
    found = teachers(term)

    assert [each in (["I1"], ["I2"]) for each in found[:2]] == [True, True]
    assert found[2:] == [["I2"], ["I0"], ["I1"], ["I2"]]  # whoever is named stays
    assert found == teachers(term)
    assert "nobody" not in " ".join(t.message for t in readiness_check(organization=term.organization, term=term).troubles)


def test_a_full_week_and_absence_are_kept_and_who_is_missing_is_said(term: Term) -> None:
    CourseOffering.objects.filter(term=term).update(chooses_instructor=True)
    Instructor.objects.filter(code="I1").update(max_weekly_periods=2)  # of which one course takes both
    second = Instructor.objects.get(code="I2")
    Availability.objects.bulk_create(
        Availability(organization=term.organization, term=term, instructor=second, day=day, period=period)
        for day, period in product(range(5), range(4))
    )

    assert teachers(term)[:2] == [[], []]
    messages = " ".join(t.message for t in readiness_check(organization=term.organization, term=term).troubles)
    assert "2 sections have nobody to teach them yet: C0 and C1" in messages


def test_a_section_that_names_somebody_keeps_them(term: Term) -> None:
    offering = CourseOffering.objects.filter(term=term).order_by("id")[0]
    CourseOffering.objects.filter(pk=offering.pk).update(chooses_instructor=True)
    sections = [Section.objects.create(organization=term.organization, offering=offering, code=code) for code in "AB"]
    sections[0].instructors.add(Instructor.objects.get(code="I0"))

    assert teachers(term)[0] == ["I0"]
    assert teachers(term)[1] in (["I1"], ["I2"])


def test_the_result_says_who_was_chosen(term: Term) -> None:
    CourseOffering.objects.filter(term=term, course__code="C0").update(chooses_instructor=True)
    Instructor.objects.filter(code="I1").update(name="Asha Rao")
    Instructor.objects.get(code="I2").can_teach.clear()

    problem = problem_load(organization=term.organization, term=term)

    assert problem.source["chosen_instructors"] == [["C0", "C0", "I1"]]
    variant = VariantFactory(job__organization=term.organization, statistics={"chosen_instructors": problem.source["chosen_instructors"]})
    assert chosen_words(variant) == "The program chose who teaches 1 section, of those who can: C0 (Asha Rao)."
    variant.statistics = {}
    assert chosen_words(variant) == ""


def test_whoever_can_teach_it_is_offered_first(term: Term) -> None:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    offering = CourseOffering.objects.filter(term=term).order_by("id")[0]
    asked = {"app_label": "academics", "model_name": "courseoffering", "field_name": "instructors"}
    address = f"http://testserver/admin/academics/courseoffering/{offering.pk}/change/"

    offered = [
        [each["text"].split()[0] for each in client.get("/admin/autocomplete/", asked, headers=headers).json()["results"]]
        for headers in ({"referer": address}, {}, {"referer": address.replace(str(offering.pk), "9" * 30)})
    ]

    assert offered == [["I1", "I2", "I0"], ["I0", "I1", "I2"], ["I0", "I1", "I2"]]


def test_a_table_of_who_can_teach_what_is_imported_and_undone(term: Term) -> None:
    before = snapshot_take(organization=term.organization)
    tables = {"can teach.csv": "Instructor,Course\nI0,C3\nI1,C0\n", "offerings.csv": "Course,Choose instructor\nC0,yes\nC1,\n"}

    batch, again = (files_import(term.organization, tables) for _ in range(2))

    assert batch.problems == []
    assert batch.counts["can_teach"] == {"added": 1, "changed": 0, "removed": 0, "unchanged": 1}
    assert again.counts["can_teach"]["unchanged"] == 2
    assert list(Course.objects.get(code="C3").can_be_taught_by.values_list("code", flat=True)) == ["I0"]
    assert CourseOffering.objects.get(course__code="C0").chooses_instructor
    import_run(batch, "undo")
    assert snapshot_take(organization=term.organization) == before
    assert kind_guess(tables_read(file="x.csv", data=b"Course,Instructor\nC0,I0\n")[0], {}).name != "can_teach"
