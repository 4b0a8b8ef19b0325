"""Waivers, comments and history over REST."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from generation.models import Comment, Edit, GenerationJob
from tests.factories import OrganizationFactory, member, review_job
from tests.factories.generation import conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> GenerationJob:
    job = review_job(workflow="in_review", num_variants=2)
    job.variants.filter(index=0).update(hard=2, conflicts=[conflict("room_clash", 2, is_hard=True)])
    return job


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def reviewer(job: GenerationJob) -> APIClient:
    return client_of(member(job.organization, "reviewer", username="nowak"))


def at(job: GenerationJob, rest: str) -> str:
    return f"/api/timetable/workflows/{job.pk}/{rest}"


MOVED = "Moved ALG-1 from Monday 08:00 in R1 to Tuesday 08:00 in R1"
WAIVER = {"constraint": "room_clash", "amount": 2, "owner": "Dean Kowalska", "reason": "The hall is rebuilt."}


def test_a_waiver_is_written_listed_confirmed_and_kept_in_the_history(reviewer: APIClient, job: GenerationJob) -> None:
    made = reviewer.post(at(job, "waivers/"), WAIVER)
    refused = reviewer.post(at(job, "approve/"), {})
    approved = reviewer.post(at(job, "approve/"), {"waivers": [made.json()["id"]], "revision": 0})

    assert (made.status_code, refused.status_code, approved.status_code) == (201, 409, 200)
    assert str(made.json()["id"]) in refused.json()["detail"]
    (listed,) = reviewer.get(at(job, "waivers/")).json()
    assert (listed["confirmed_by"], listed["is_in_force"], listed["made_by"]) == ("nowak", True, "nowak")
    assert [event["action"] for event in approved.json()["history"]] == ["waive", "approve"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"constraint": "lunch"}, "constraint"),
        ({"constraint": "unplaced"}, "constraint"),
        ({"amount": 3}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"owner": "  "}, "owner"),
        ({"owner": "x" * 201}, "owner"),
        ({"reason": None}, "reason"),
        ({"reason": "x" * 4001}, "reason"),
    ],
)
def test_a_wrong_waiver_is_a_400_that_names_its_field(reviewer: APIClient, job: GenerationJob, change: dict[str, Any], field: str) -> None:
    response = reviewer.post(at(job, "waivers/"), WAIVER | change, format="json")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_a_waiver_is_withdrawn_once(reviewer: APIClient, job: GenerationJob) -> None:
    made = reviewer.post(at(job, "waivers/"), WAIVER).json()["id"]
    statuses = [reviewer.post(at(job, f"waivers/{each}/withdraw/")).status_code for each in (made, made, made + 1, "x", "9" * 30)]
    assert statuses == [200, 409, 404, 404, 404]


def test_a_thread_is_begun_answered_resolved_and_opened_again(reviewer: APIClient, job: GenerationJob) -> None:
    begun = reviewer.post(at(job, "comments/"), {"text": "Too late in the day.", "lecture": 3}).json()
    answered = reviewer.post(at(job, "comments/"), {"text": "No other room.", "thread": begun["id"]}).json()
    resolved = [reviewer.post(at(job, f"comments/{begun['id']}/resolve/")).json() for _ in range(2)]
    reviewer.post(at(job, "comments/"), {"text": "There is one now.", "thread": answered["answers"][0]["id"]})

    assert (begun["author"], begun["lecture"], begun["resolved_at"]) == ("nowak", 3, None)
    assert [answer["text"] for answer in answered["answers"]] == ["No other room."]
    assert resolved[0]["resolved_by"] == "nowak"
    assert resolved[0] == resolved[1]
    (thread,) = reviewer.get(at(job, "comments/?is_resolved=false")).json()["results"]
    assert (len(thread["answers"]), thread["resolved_at"]) == (2, None)
    assert reviewer.get(at(job, "")).json()["num_open_comments"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "", "lecture": 0}, "text"),
        ({"text": " \n", "lecture": 0}, "text"),
        ({"text": "x" * 4001, "lecture": 0}, "text"),
        ({"text": 7, "lecture": 0}, "text"),
        ({"text": "x"}, "lecture"),
        ({"text": "x", "lecture": 99}, "lecture"),
        ({"text": "x", "lecture": -1}, "lecture"),
        ({"text": "x", "thread": 10**12}, "thread"),
        ({"text": "x", "lecture": 0, "variant_id": "no"}, "variant_id"),
        ({"text": "x", "lecture": 0, "variant_id": "123e4567-e89b-42d3-a456-426614174000"}, "variant_id"),
    ],
)
def test_a_wrong_comment_is_a_400_that_names_its_field(reviewer: APIClient, job: GenerationJob, body: dict[str, Any], field: str) -> None:
    response = reviewer.post(at(job, "comments/"), body, format="json")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_a_comment_on_a_draft_names_its_variant(job: GenerationJob) -> None:
    draft = review_job(num_variants=1, organization=job.organization)
    admin = client_of(member(job.organization, "admin"))
    variant = str(draft.variants.get().pk)
    assert admin.post(at(draft, "comments/"), {"text": "Why so late?", "lecture": 0}).status_code == 400
    assert admin.post(at(draft, "comments/"), {"text": "Why so late?", "lecture": 0, "variant_id": variant}).status_code == 201


def test_an_archived_timetable_is_kept_as_it_was(reviewer: APIClient, job: GenerationJob) -> None:
    job.workflow.__class__.objects.update(status="archived")
    answers = [reviewer.post(at(job, "comments/"), {"text": "x", "lecture": 0}), reviewer.post(at(job, "waivers/"), WAIVER)]
    assert [answer.status_code for answer in answers] == [409, 409]


def test_roles_and_strangers(job: GenerationJob) -> None:
    thread = Comment.objects.create(workflow=job.workflow, variant=job.variants.first(), lecture=0, text="Hm.")
    calls = [("waivers/", WAIVER), ("comments/", {"text": "x", "lecture": 0}), (f"comments/{thread.pk}/resolve/", {})]
    for rest, body in calls:
        statuses = [
            client.post(at(job, rest), body).status_code
            for client in (
                APIClient(),
                client_of(member(OrganizationFactory(), "admin")),
                client_of(member(job.organization, "viewer")),
            )
        ]
        assert statuses == [401, 404, 403], rest
    thread.refresh_from_db()
    assert thread.resolved_at is None
    other = review_job(workflow="in_review", organization=job.organization)
    assert client_of(member(job.organization, "admin")).post(at(other, f"comments/{thread.pk}/resolve/")).status_code == 404


def test_the_history_is_a_file_that_no_spreadsheet_runs(reviewer: APIClient, job: GenerationJob) -> None:
    reviewer.post(at(job, "comments/"), {"text": "=HYPERLINK(1)", "lecture": 3})
    reviewer.post(at(job, "reject/"), {"comments": "@later"})
    place = {"day": 0, "period": 0, "room": "R1", "is_time_pinned": False, "is_room_pinned": False}
    Edit.objects.create(
        variant=job.variants.get(index=0),
        number=1,
        action="move",
        changes=[{"lecture": 0, "section": "ALG-1", "before": place, "after": place | {"day": 1}}],
        hard=0,
        soft=0,
    )

    file = reviewer.get(at(job, "history/?as=csv"))
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    document = reviewer.get(at(job, "history/?as=json")).json()

    assert file.headers["Content-Disposition"].startswith("attachment")
    assert [(row[1], row[2], row[-1]) for row in rows[1:]] == [
        ("nowak", "commented", "'=HYPERLINK(1)"),
        ("nowak", "sent back", "'@later"),
        ("", "moved", MOVED),
    ]
    told = [(line["action"], line["text"]) for line in document["history"]]
    assert told == [("comment", "=HYPERLINK(1)"), ("reject", "@later"), ("move", MOVED)]
    assert reviewer.get(at(job, "history/?as=exe")).status_code == 400
