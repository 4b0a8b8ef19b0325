"""The demand over HTTP: its pages, and the same over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from academics.models import CourseOffering, Enrolment, Rule, Student, Term
from tests.clients import client_of, rest_of, text_of
from tests.factories import OrganizationFactory, member
from tests.factories.university import university

pytestmark = pytest.mark.django_db
PAGE, REST = "/admin/demand/", "/api/demand/"


@pytest.fixture
def term() -> Term:
    term = university()
    students = [Student.objects.create(organization=term.organization, code=f"S{n}") for n in range(24)]
    offerings = CourseOffering.objects.filter(term=term).order_by("id")[:3]
    Enrolment.objects.bulk_create(Enrolment(organization=term.organization, student=s, offering=o) for s in students for o in offerings)
    return term


def first(term: Term) -> CourseOffering:
    return CourseOffering.objects.filter(term=term).order_by("id")[0]


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("pairs", "Students in both"),
        ("matrix", "Students who take both"),
        ("sections", "1 section of 24"),
        ("bands", "No band is set"),
        ("odd", "Students in both"),
    ],
)
def test_each_view_is_read_by_administrators_and_reviewers(term: Term, view: str, says: str) -> None:
    for role in ("admin", "reviewer"):
        assert says in text_of(client_of(term, role).get(PAGE, {"view": view, "search": ""}))
    assert client_of(term, "viewer").get(PAGE, {"view": view}).status_code == 403


def test_what_is_no_number_in_an_address_is_left_out(term: Term) -> None:
    client = client_of(term, "admin")
    for odd in ("9" * 5000, "²", "-1", "x"):
        assert client.get(PAGE, {"view": "matrix", "offering": odd}).status_code == 200
        assert client.get(f"{PAGE}bands/new", {"offering": odd}).status_code == 200
        assert client.post(f"{PAGE}bands/new", {"offering": odd, "slot": f"{odd}-0"}).status_code == 400


def test_only_an_administrator_is_offered_what_changes_data(term: Term) -> None:
    assert "Set a band" in text_of(client_of(term, "admin").get(PAGE))
    assert "Set a band" not in text_of(client_of(term, "reviewer").get(PAGE))
    assert "Preview the sections" not in text_of(client_of(term, "reviewer").get(f"{PAGE}offerings/{first(term).pk}"))


def test_an_institution_without_data_is_told_what_to_do() -> None:
    organization = OrganizationFactory()
    client = Client()
    client.force_login(member(organization, "admin"))
    assert "There is no term yet" in text_of(client.get(PAGE))
    assert client.get(f"{PAGE}bands/new").status_code == 302


def test_splitting_shows_first_and_then_does_it(term: Term) -> None:
    client, address = client_of(term, "admin"), f"{PAGE}offerings/{first(term).pk}"

    preview = text_of(client.get(address, {"size": "7"}))
    assert "This makes 4 sections of 6" in preview
    assert first(term).num_sections == 0
    assert client.post(address, {"size": "7", "sections": ""}).status_code == 302
    assert (first(term).num_sections, first(term).max_section_size) == (4, 7)
    assert client.post(address, {"size": "none"}).status_code == 400
    assert client.post(address, {}).status_code == 400
    assert client_of(university(), "admin").get(address).status_code == 404
    assert client_of(term, "reviewer").post(address, {"size": "3"}).status_code == 403


def test_a_band_is_set_and_taken_away_on_the_page(term: Term) -> None:
    client = client_of(term, "admin")
    ids = [str(o.pk) for o in CourseOffering.objects.filter(term=term)[:2]]

    assert "Its courses" in text_of(client.get(f"{PAGE}bands/new", {"offering": ids, "search": "C"}))
    wrong = client.post(f"{PAGE}bands/new", {"offering": ids, "name": "Choice", "kind": "inside", "slot": ["9-9", "x"]})
    assert (wrong.status_code, Rule.objects.count()) == (400, 0)
    right = client.post(f"{PAGE}bands/new", {"offering": ids, "name": "Choice", "kind": "inside", "slot": ["0-1", "1-1"], "is_hard": "0"})
    assert right.status_code == 302
    assert "should meet only on Monday 09:00 and Tuesday 09:00" in text_of(client.get(PAGE, {"view": "bands"}))
    for _ in range(2):  # the second time there is nothing left to take away
        assert client.post(f"{PAGE}bands/delete", {"name": "Choice"}).status_code == 302
    assert Rule.objects.count() == 0


def test_rest_tells_pairs_courses_and_the_matrix(term: Term) -> None:
    rest = rest_of(term, "reviewer")

    pairs = rest.get(REST, {"page_size": 2}).json()
    courses = rest.get(f"{REST}courses/", {"search": "C0"}).json()
    matrix = rest.get(f"{REST}matrix/", {"course": ["C0", "C1"]}).json()

    assert (pairs["count"], len(pairs["results"]), pairs["least"]) == (3, 2, {"students": 0, "arguments": []})
    assert pairs["results"][0]["first"]["code"] == "C0"
    assert pairs["results"][0]["students"] == 24
    assert courses["results"][0]["sections"] == [24]
    assert matrix["students"] == [[0, 24], [24, 0]]


@pytest.mark.parametrize(
    ("address", "query", "field"),
    [
        (REST, {"department": "none"}, "department"),
        (REST, {"curriculum": "none"}, "curriculum"),
        (REST, {"term": "none"}, "term"),
        (f"{REST}matrix/", {"course": "none"}, "course"),
        (f"{REST}matrix/", {"course": [f"C{n}" for n in range(41)]}, "course"),
    ],
)
def test_rest_names_what_is_wrong_in_the_address(term: Term, address: str, query: dict[str, Any], field: str) -> None:
    response = rest_of(term, "admin").get(address, query)
    assert (response.status_code, list(response.json())) == (400, [field])


def test_rest_splits_and_says_before_what_it_would_make(term: Term) -> None:
    rest = rest_of(term, "admin")

    tried = rest.post(f"{REST}split/", {"course": "C0", "sections": 5, "dry_run": True}, format="json")
    assert (tried.json()["words"], first(term).num_sections) == ("5 sections of 4 to 5", 0)
    made = rest.post(f"{REST}split/", {"course": "C0", "sections": 5}, format="json")
    assert (made.json()["sections"], first(term).num_sections) == ([5, 5, 5, 5, 4], 5)
    for body, field in (
        ({"course": "C0"}, "size"),
        ({"course": "C9", "size": 3}, "course"),
        ({"course": "C0", "sections": 99}, "sections"),
        ({}, "course"),
    ):
        refused = rest.post(f"{REST}split/", body, format="json")
        assert (refused.status_code, list(refused.json())) == (400, [field])
    assert rest_of(term, "reviewer").post(f"{REST}split/", {"course": "C0", "size": 3}, format="json").status_code == 403
    stranger = rest_of(university(), "admin")
    assert (
        stranger.post(f"{REST}split/", {"course": "C0", "size": 3, "organization": term.organization.code}, format="json").status_code
        == 404
    )


def test_rest_sets_lists_and_takes_away_bands(term: Term) -> None:
    rest = rest_of(term, "admin")
    body = {"name": "Art / music", "kind": "outside", "courses": ["C0", "C1"], "timeslots": ["0-0"], "keep_free": ["Q0"]}

    assert rest.post(f"{REST}bands/", body, format="json").status_code == 201
    assert rest.post(f"{REST}bands/", body, format="json").status_code == 409
    assert rest.post(f"{REST}bands/", body | {"name": "B", "timeslots": ["0-99"]}, format="json").status_code == 400
    assert rest.post(f"{REST}bands/", body | {"name": "B", "keep_free": ["none"]}, format="json").json().keys() == {"keep_free"}
    assert [band["courses"] for band in rest_of(term, "reviewer").get(f"{REST}bands/").json()] == [["C0", "C1"]]
    assert rest.delete(f"{REST}bands/Art%20/%20music/").status_code == 204
    assert rest.delete(f"{REST}bands/Art%20/%20music/").status_code == 404
