"""Jobs over REST: statuses, bodies and who gets which."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from academics.models import Membership
from generation.models import GenerationJob
from tests.factories import JobFactory, OrganizationFactory, TermFactory, member

pytestmark = pytest.mark.django_db
Status = GenerationJob.Status
Role = Membership.Role
GENERATE = "/api/generation-jobs/generate/"


@pytest.fixture
def admin() -> User:
    return member(OrganizationFactory(), Role.ADMIN)


def client(user: User) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)
    return api


def job_of(user: User, **facts: Any) -> GenerationJob:
    job: GenerationJob = JobFactory(organization=user.memberships.get().organization, **facts)
    return job


def test_generate_answers_201_with_the_jobs_address(admin: User) -> None:
    answer = client(admin).post(GENERATE, {"time_limit_s": 5}, format="json")
    assert answer.status_code == 201
    assert answer.data["status"] == "pending"
    assert answer.data["id"] == answer.data["job_id"]
    assert answer["Location"].endswith(f"/api/generation-jobs/{answer.data['id']}/")
    assert client(admin).get(answer["Location"]).data["time_limit_s"] == 5


def test_an_idempotency_key_repeated_gives_the_same_job(admin: User) -> None:
    answers = [client(admin).post(GENERATE, {}, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data["id"] == answers[1].data["id"]


def test_a_job_names_its_term_by_its_code(admin: User) -> None:
    organization = Membership.objects.get(user=admin).organization
    autumn = TermFactory(organization=organization, code="2026-A", semester="autumn", academic_year="2026/27", is_current=False)
    TermFactory(organization=organization, code="2027-S", semester="spring", academic_year="2026/27")

    answer = client(admin).post(GENERATE, {"term": "2026-A"}, format="json")
    assert (answer.status_code, answer.data["term"], answer.data["semester"]) == (201, autumn.code, "autumn")
    answer = client(admin).post(GENERATE, {"term": "2026-A", "semester": "autumn", "academic_year": "2026/27"}, format="json")
    assert (answer.status_code, answer.data["term"]) == (201, autumn.code)

    for body in ({"term": "2026-a"}, {"term": "2026-A", "semester": "spring"}):
        answer = client(admin).post(GENERATE, body, format="json")
        assert (answer.status_code, list(answer.data)) == (400, ["term"])
        assert "2026-A (autumn 2026/27); 2027-S (spring 2026/27)" in answer.data["term"][0]
    assert GenerationJob.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_limit_s": "soon"}, "time_limit_s"),
        ({"time_limit_s": "NaN"}, "time_limit_s"),
        ({"time_limit_s": [1]}, "time_limit_s"),
        ({"seed": 1.5}, "seed"),
        ({"seed": True}, "seed"),
        ({"variants": 99}, "variants"),
        ({"weights": [1]}, "weights"),
        ({"weights": {"lunch": "much"}}, "weights"),
        ({"weights": {"beauty": 1}}, "weights"),
        ({"semester": {"a": 1}}, "semester"),
        ({"department_id": 10**30}, "department_id"),
        ([1, 2], "non_field_errors"),
        ("text", "non_field_errors"),
    ],
)
def test_wrong_bodies_are_400_with_the_field(admin: User, body: object, field: str) -> None:
    answer = client(admin).post(GENERATE, body, format="json")
    assert (answer.status_code, list(answer.data)) == (400, [field])
    assert not GenerationJob.objects.exists()


def test_a_body_that_is_no_json_is_400(admin: User) -> None:
    answer = client(admin).post(GENERATE, b"{", content_type="application/json")
    assert (answer.status_code, list(answer.data)) == (400, ["detail"])


def test_nobody_gets_401_and_other_roles_403(admin: User) -> None:
    organization = admin.memberships.get().organization
    assert APIClient().post(GENERATE).status_code == 401
    assert client(member(organization, Role.REVIEWER)).post(GENERATE).status_code == 403
    assert client(admin).post(GENERATE, {"organization": OrganizationFactory().code}, format="json").status_code == 404


@pytest.mark.parametrize("job_id", ["nonsense", "123", "123e4567-e89b-42d3-a456-426614174000", "%00"])
@pytest.mark.parametrize(("method", "tail"), [("get", ""), ("delete", ""), ("post", "cancel/"), ("delete", "cancel/"), ("post", "stop/")])
def test_ids_that_name_no_job_are_404(admin: User, job_id: str, method: str, tail: str) -> None:
    answer = getattr(client(admin), method)(f"/api/generation-jobs/{job_id}/{tail}")
    assert (answer.status_code, list(answer.data)) == (404, ["detail"])


def test_a_foreign_job_is_404_and_a_viewer_gets_403(admin: User) -> None:
    job = job_of(admin)
    stranger = member(OrganizationFactory(), Role.ADMIN)
    viewer = member(job.organization, Role.VIEWER)
    reviewer = member(job.organization, Role.REVIEWER)
    address = f"/api/generation-jobs/{job.id}/"
    assert client(stranger).get(address).status_code == 404
    assert client(viewer).get(address).status_code == 403
    assert client(viewer).get("/api/generation-jobs/").status_code == 403
    assert client(reviewer).get(address).status_code == 200
    assert client(reviewer).post(f"{address}cancel/").status_code == 403


def test_the_list_is_paged_filtered_and_ones_own(admin: User, django_assert_max_num_queries: Any) -> None:
    JobFactory()
    for status in (Status.COMPLETED, Status.FAILED, Status.FAILED):
        job_of(admin, status=status)
    with django_assert_max_num_queries(5):
        assert client(admin).get("/api/generation-jobs/").data["count"] == 3
    assert client(admin).get("/api/generation-jobs/?status=failed").data["count"] == 2
    assert client(admin).get("/api/generation-jobs/?status=lost").status_code == 400


@pytest.mark.parametrize(("method", "tail"), [("delete", ""), ("delete", "cancel/"), ("post", "cancel/")])
def test_cancel_is_accepted_while_the_job_is_active(admin: User, method: str, tail: str) -> None:
    job = job_of(admin, status=Status.RUNNING)
    answer = getattr(client(admin), method)(f"/api/generation-jobs/{job.id}/{tail}")
    assert (answer.status_code, answer.data["status"]) == (202, "cancelling")
    job.refresh_from_db()
    assert job.status == Status.CANCELLING


def test_cancelling_a_finished_job_is_409_and_names_its_status(admin: User) -> None:
    job = job_of(admin, status=Status.COMPLETED)
    answer = client(admin).post(f"/api/generation-jobs/{job.id}/cancel/")
    assert answer.status_code == 409
    assert "completed" in answer.data["detail"]


def test_stop_is_409_before_there_is_a_timetable_and_202_after(admin: User) -> None:
    job = job_of(admin, status=Status.RUNNING)
    address = f"/api/generation-jobs/{job.id}/stop/"
    assert client(admin).post(address).status_code == 409
    GenerationJob.objects.update(has_incumbent=True)
    assert client(admin).post(address).status_code == 202


def test_a_number_longer_than_any_float_is_refused_in_few_words(admin: User) -> None:
    answer = client(admin).post(GENERATE, {"seed": 10**4000}, format="json")
    assert answer.status_code == 400
    assert len(answer.data["seed"][0]) < 200


def test_true_is_no_number_of_seconds(admin: User) -> None:
    assert client(admin).post(GENERATE, {"time_limit_s": True}, format="json").status_code == 400


def test_a_job_says_why_it_has_no_complete_timetable(admin: User) -> None:
    job = job_of(admin, status=Status.COMPLETED, explanation={"verdict": "unknown", "headline": "Not proven impossible."})
    other = job_of(admin, status=Status.COMPLETED)
    with_values = job_of(admin, status=Status.COMPLETED, explanation={**job.explanation, "statements": {"headline": {"id": "not_proven"}}})
    answers = [client(admin).get(f"/api/generation-jobs/{each.id}/").data["explanation"] for each in (job, with_values, other)]
    assert answers == [job.explanation, job.explanation, None]
