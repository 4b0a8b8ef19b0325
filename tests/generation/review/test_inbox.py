"""What waits for whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from academics.models import Membership, Organization
from generation.models import GenerationJob, Variant, Workflow
from generation.review.comments import comment_make
from generation.review.inbox import inbox_count, inbox_items
from generation.review.workflow import variant_select, workflow_reject
from tests.factories import OrganizationFactory, TermFactory, member, review_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    organization: Organization = OrganizationFactory()
    return organization


@pytest.fixture
def registrar(organization: Organization) -> User:
    return member(organization, "admin", username="registrar")


@pytest.fixture
def reviewer(organization: Organization) -> User:
    return member(organization, "reviewer", username="nowak")


def forward(job: GenerationJob, user: User) -> Workflow:
    return variant_select(variant=job.variants.select_related("job__organization").get(index=0), user=user)


def to_do(organization: Organization, user: User, role: str) -> list[str]:
    items = inbox_items(organization=organization, role=role, user=user)
    assert len(items) == inbox_count(organization=organization, role=role, user=user)
    return [item.to_do for item in items]


def page(user: User, address: str = "/admin/timetables/inbox") -> str:
    client = Client()
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_status_waits_for_the_role_that_takes_it_on(organization: Organization, registrar: User, reviewer: User) -> None:
    for status in Workflow.Status.values:
        review_job(organization=organization, workflow=status, num_variants=1)
    assert to_do(organization, reviewer, "reviewer") == ["Approve it or send it back"]
    assert sorted(to_do(organization, registrar, "admin")) == [
        "Approve it or send it back",
        "Fix what the reviewer names, and put it forward again",
        "Publish it",
    ]
    assert inbox_count(organization=organization, role="viewer", user=reviewer) == 0


def test_where_two_people_decide_ones_own_timetable_waits_for_others(organization: Organization, registrar: User, reviewer: User) -> None:
    organization.needs_two_people = True
    organization.save()
    job = review_job(organization=organization)
    forward(job, registrar)
    assert to_do(organization, registrar, "admin") == []
    assert to_do(organization, reviewer, "reviewer") == ["Approve it or send it back"]

    Variant.objects.update(revision=1)

    assert to_do(organization, registrar, "admin") == ["Put it forward again"]


def test_what_a_later_timetable_of_the_term_overtook_waits_for_nobody(organization: Organization, registrar: User) -> None:
    term = TermFactory(organization=organization)
    review_job(organization=organization, term=term, workflow="rejected")
    review_job(organization=organization, term=term, workflow="approved")
    review_job(organization=organization, term=term, workflow="published")
    assert to_do(organization, registrar, "admin") == []


def test_the_page_says_who_when_how_good_and_what_changed(organization: Organization, registrar: User, reviewer: User) -> None:
    job = review_job(organization=organization)
    workflow_reject(workflow=forward(job, registrar), user=reviewer, comments="Drama is too late.")
    assert "nowak: Drama is too late." in page(registrar)
    job.variants.get(index=0).entries.filter(course="DRA").update(day=2)
    workflow = forward(job, registrar)
    comment_make(workflow=workflow, user=reviewer, text="Why?", variant=workflow.variant, lecture=0)

    text = page(reviewer)

    for words in ("registrar", "1 lecture moved", "1 open comment", "complete, no rule broken, cost 7", "Variant 0"):
        assert words in text
    assert '1<span class="visually-hidden"> waiting</span>' in text
    assert "Approve it or send it back" in page(reviewer, "/")


def test_an_empty_inbox_says_what_would_come(organization: Organization, registrar: User, reviewer: User) -> None:
    assert "when an administrator puts one forward" in page(reviewer)
    assert "put its best variant forward" in page(registrar)


def test_another_institutions_timetables_wait_for_its_own_people(organization: Organization, reviewer: User) -> None:
    review_job(workflow="in_review")
    assert to_do(organization, reviewer, "reviewer") == []


def test_viewers_have_no_inbox(organization: Organization) -> None:
    client = Client()
    client.force_login(member(organization, "viewer"))
    assert client.get("/admin/timetables/inbox").status_code == 403
    assert "Inbox" not in client.get("/").content.decode()


def test_who_decides_at_two_institutions_is_led_to_where_something_waits(organization: Organization, reviewer: User) -> None:
    other = OrganizationFactory(code="lake", name="Lake College")
    Membership.objects.create(organization=other, user=reviewer, role="reviewer")
    Membership.objects.create(organization=OrganizationFactory(name="Viewed only"), user=reviewer, role="viewer")
    for place in (other, *Organization.objects.filter(name="Viewed only")):
        review_job(organization=place, workflow="in_review")
    here = {"organization": organization.code}
    client = Client()
    client.force_login(reviewer)

    home = client.get("/", here).content.decode()
    inbox = client.get("/admin/timetables/inbox", here).content.decode()

    for text in (home, inbox):
        assert "1 timetable waits for you" in text
        assert "Lake College" in text
        assert 'href="/admin/timetables/inbox?organization=lake"' in text
        assert "Viewed only" not in text.replace('">Viewed only</option>', "")
    assert "Open the inbox of Lake College" in home
    assert f"Nothing waits for you at {organization.name}" in inbox
    assert "Variant 0" in client.get("/admin/timetables/inbox", {"organization": "lake"}).content.decode()
