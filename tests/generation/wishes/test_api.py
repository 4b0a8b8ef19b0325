"""Answers about wishes over REST."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from academics.models import Availability, Instructor, Organization
from generation.models import WishAnswer
from generation.wishes.rounds import round_save
from tests.factories import OrganizationFactory, TermFactory, member

pytestmark = pytest.mark.django_db
MANY = 500


@pytest.fixture
def organization() -> Organization:
    organization: Organization = OrganizationFactory()
    now = timezone.now()
    Instructor.objects.bulk_create(Instructor(organization=organization, code=f"i{number:04}") for number in range(MANY))
    round_save(
        term=TermFactory(organization=organization), opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=7), message=""
    )
    return organization


def send(client: Client, method: str, address: str, body: Any) -> Any:
    return client.generic(method, address, json.dumps(body), content_type="application/json")


def test_many_answers_are_put_in_at_once_decided_on_and_read(organization: Organization) -> None:
    client = Client()
    client.force_login(member(organization, "admin"))
    times = [{"day": 0, "period": 1, "wish": "impossible"}, {"day": 2, "period": 3, "wish": "like"}]
    answers = [{"instructor": f"i{number:04}", "times": times, "reason": "Clinic"} for number in range(MANY)]

    wrong = send(client, "POST", "/api/wishes/", {"answers": [*answers[:2], {"instructor": "i0003", "times": times}]})
    assert wrong.status_code == 400
    assert "i0003: Say why the times are impossible" in wrong.json()["answers"][0]
    assert not WishAnswer.objects.filter(state="sent").exists()
    assert send(client, "POST", "/api/wishes/", {"answers": answers}).json() == {"imported": MANY}

    listed = client.get("/api/wishes/?state=sent&page_size=2").json()
    assert listed["count"] == MANY
    first = listed["results"][0]
    assert (first["instructor"], first["state"], first["said"]["times"], first["said"]["reason"]) == ("i0000", "sent", times, "Clinic")
    address = f"/api/wishes/{first['id']}/"
    softened = send(client, "PATCH", address, {"action": "soften", "revision": first["revision"], "rating": -2})
    assert (softened.status_code, softened.json()["state"]) == (200, "softened")
    assert send(client, "PATCH", address, {"action": "accept", "revision": first["revision"]}).status_code == 409

    term = organization.term_set.get()
    client.post(f"/admin/rules/wishes/?term={term.pk}", {"action": "accept-all"})
    marks = Availability.objects.filter(term=term, is_wish=True)
    assert (marks.count(), marks.filter(rating=-4).count(), marks.filter(rating=-2).count()) == (2 * MANY, MANY - 1, 1)
