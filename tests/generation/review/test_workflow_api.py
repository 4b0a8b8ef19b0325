"""Workflows over REST."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from generation.models import GenerationJob
from tests.factories import member, review_job
from tests.factories.generation import conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> GenerationJob:
    return review_job(workflow="in_review")


@pytest.fixture
def client(job: GenerationJob) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(job.organization, "admin", username="registrar"))
    return client


def address(job: GenerationJob, action: str = "") -> str:
    return f"/api/timetable/workflows/{job.pk}/{action}"


def test_job_without_a_selection_is_a_draft() -> None:
    job = review_job()
    client = APIClient()
    client.force_authenticate(member(job.organization, "reviewer"))
    found = client.get(address(job)).json()
    assert (found["id"], found["status"], found["selected_variant"], found["history"]) == (str(job.pk), "draft", None, [])
    assert client.post(address(job, "approve/")).status_code == 409


def test_history_says_who_when_and_why(client: APIClient, job: GenerationJob) -> None:
    found = client.post(address(job, "approve/"), {"comments": "Fine by me."}).json()
    event = found["history"][0]
    assert (event["user"], event["action"], event["from_status"], event["to_status"]) == ("registrar", "approve", "in_review", "approved")
    assert event["created_at"]
    assert [comment["comment"] for comment in found["comments"]] == ["Fine by me."]
    assert client.get(address(job)).json() == found


def test_approve_twice_then_publish_twice(client: APIClient, job: GenerationJob) -> None:
    statuses = [client.post(address(job, action)).status_code for action in ("approve/", "approve/", "publish/", "publish/", "reject/")]
    assert statuses == [200, 409, 200, 409, 400]
    assert client.get(address(job)).json()["status"] == "published"


def test_reject_without_a_comment_is_a_400_that_says_so(client: APIClient, job: GenerationJob) -> None:
    response = client.post(address(job, "reject/"), {"comments": " "})
    assert response.status_code == 400
    assert "comment" in response.json()["comments"][0]
    assert client.post(address(job, "reject/"), {"comments": "Room 2 is too small."}).json()["status"] == "rejected"


def test_hard_violations_are_a_409_with_counts(client: APIClient, job: GenerationJob) -> None:
    job.variants.filter(index=0).update(hard=2, conflicts=[conflict("unplaced", 2, is_hard=True)])
    response = client.post(address(job, "approve/"))
    assert response.status_code == 409
    assert "2 hard constraints" in response.json()["detail"]


@pytest.mark.parametrize(
    "body", [{"comments": 5}, {"comments": None}, {"comments": ["a"]}, {"comments": {}}, {"comments": True}, ["a"], "a", 7]
)
def test_wrong_types_are_a_400(client: APIClient, job: GenerationJob, body: Any) -> None:
    assert client.post(address(job, "approve/"), body, format="json").status_code == 400


@pytest.mark.parametrize(
    "text", ["{", "", "\\u0000", '{"comments": "\\u0000"}', '{"comments": "\\ud800"}', '{"comments": ' + "[" * 100_000]
)
def test_broken_json_is_a_400_and_an_empty_body_is_none(client: APIClient, job: GenerationJob, text: str) -> None:
    response = client.post(address(job, "approve/"), text, content_type="application/json")
    assert response.status_code == (400 if text else 200)


def test_comment_has_a_limit(client: APIClient, job: GenerationJob) -> None:
    assert client.post(address(job, "approve/"), {"comments": "x" * 4001}).status_code == 400


def test_body_above_the_sites_limit_is_refused(client: APIClient, job: GenerationJob) -> None:
    body = '{"comments": "' + "x" * 2**20 + '"}'
    response = client.post(address(job, "approve/"), body, content_type="application/json")
    assert response.status_code == 413
    assert "1 MB" in response.json()["detail"]


def test_a_form_with_too_many_fields_is_a_400_in_json(client: APIClient, job: GenerationJob) -> None:
    form = "&".join(f"waivers={number}" for number in range(1001))
    response = client.post(address(job, "approve/"), form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "too many fields" in response.json()["detail"]
