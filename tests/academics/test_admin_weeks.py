"""A whole week of times marked on the page of an instructor, a room, an offering or a section."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from academics.models import Availability, Instructor, Membership, Section, Term
from tests.factories import UserFactory, member
from tests.factories.small_university import small_university

pytestmark = pytest.mark.django_db
Marks = dict[tuple[int, int], int]


@pytest.fixture
def term() -> Term:
    return small_university("ours")


@pytest.fixture
def person(term: Term) -> Instructor:
    return Instructor.objects.filter(organization=term.organization).order_by("code")[0]


@pytest.fixture
def registrar(term: Term, client: Client) -> Client:
    client.force_login(member(term.organization, Membership.Role.ADMIN))
    return client


def _address(row: Any) -> str:
    return reverse(f"admin:academics_{row._meta.model_name}_change", args=[row.pk])


def _post(client: Client, row: Any, term: Term, cells: dict[str, Any]) -> Any:
    facts = {"code": row.code, "max_weekly_periods": 0, "max_daily_periods": 0, "max_consecutive_periods": 0}
    facts |= {"min_free_days": 0, "min_free_half_days": 0}
    return client.post(_address(row), facts | {f"week-{term.pk}-{slot}": value for slot, value in cells.items()})


def _marks(**owner: Any) -> Marks:
    return {(mark.day, mark.period): mark.rating for mark in Availability.objects.filter(**owner)}


def test_an_instructors_week_is_shown_and_saved(registrar: Client, term: Term, person: Instructor) -> None:
    mine = {"organization": term.organization, "term": term, "instructor": person}
    Availability.objects.create(**mine, day=0, period=0, rating=-4)
    Availability.objects.create(**mine, day=0, period=1, rating=2)
    page = registrar.get(_address(person)).content.decode()

    saved = _post(registrar, person, term, {"0-0": "0", "0-1": "2", "4-3": "-3"})

    assert 'aria-label="Friday, period 4 (11:00)"' in page
    assert page.count('<option value="-4" selected>cannot</option>') == 1
    assert saved.status_code == 302
    assert _marks(instructor=person) == {(0, 1): 2, (4, 3): -3}
    assert set(Availability.objects.values_list("organization", "term")) == {(term.organization_id, term.pk)}


def test_what_another_marked_meanwhile_stays(registrar: Client, term: Term, person: Instructor) -> None:
    Availability.objects.create(organization=term.organization, term=term, instructor=person, day=1, period=1)

    _post(registrar, person, term, {"1-1": "0", "1-1-was": "0", "2-2": "-4", "2-2-was": "0"})

    assert _marks(instructor=person) == {(1, 1): -4, (2, 2): -4}


def test_nonsense_and_times_outside_the_week_change_nothing(registrar: Client, term: Term, person: Instructor) -> None:
    theirs = small_university("theirs")

    wrong = _post(registrar, person, term, {"1-1": "9"})
    strange = _post(registrar, person, theirs, {"1-1": "-4"})
    _post(registrar, person, term, {"6-1": "-4", "1-9": "-4"})

    assert "is no rating. They are -4 (cannot)" in wrong.context["adminform"].form.errors["week"][0]
    assert "of another institution" in strange.context["adminform"].form.errors["week"][0]
    assert not Availability.objects.exists()


def test_a_new_instructor_is_marked_at_once_and_a_section_in_its_offerings_term(registrar: Client, term: Term) -> None:
    facts = {"organization": term.organization_id, "code": "new", "max_weekly_periods": 0, "max_daily_periods": 0}
    facts |= {"max_consecutive_periods": 0, "min_free_days": 0, "min_free_half_days": 0, f"week-{term.pk}-3-0": "-4"}
    section = Section.objects.create(organization=term.organization, offering=term.offerings.all()[0], code="A")

    registrar.post(reverse("admin:academics_instructor_add"), facts)
    fields = {"offering": section.offering_id, "code": "A", "size": 10, f"week-{term.pk}-0-2": "3"}
    registrar.post(_address(section), fields)

    assert _marks(instructor__code="new") == {(3, 0): -4}
    assert _marks(section=section) == {(0, 2): 3}
    assert "Save first" in registrar.get(reverse("admin:academics_section_add")).content.decode()


def test_an_offerings_week_is_that_of_its_term_alone(client: Client, term: Term) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    later = Term.objects.create(organization=term.organization, code="T2", num_days=5)

    page = client.get(_address(term.offerings.all()[0])).content.decode()

    assert f"week-{term.pk}-0-0" in page
    assert f"week-{later.pk}-0-0" not in page
