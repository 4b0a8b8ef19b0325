"""Every address of the review, walked by everybody who might: who gets what."""

import pytest
from rest_framework.test import APIClient

from generation.models import GenerationJob
from tests.factories import OrganizationFactory, UserFactory, member, review_job

pytestmark = pytest.mark.django_db

# method, address, and the status for: viewer, reviewer, admin. Nobody signed in: 401. A stranger's admin: 404.
READS = [
    ("get", "/api/timetable/variants/{variant}/", 403, 200, 200),
    ("get", "/api/timetable/variants/{variant}/entries/", 403, 200, 200),
    ("get", "/api/timetable/variants/{variant}/conflicts/", 403, 200, 200),
    ("get", "/api/timetable/variants/{variant}/students/", 403, 200, 200),
    ("get", "/api/timetable/variants/{variant}/export/?as=csv", 403, 200, 200),
    ("get", "/api/timetable/workflows/{job}/", 403, 200, 200),
    ("get", "/api/timetable/workflows/{job}/waivers/", 403, 200, 200),
    ("get", "/api/timetable/workflows/{job}/comments/", 403, 200, 200),
    ("get", "/api/timetable/workflows/{job}/history/?as=csv", 403, 200, 200),
]
CHANGES = [
    ("post", "/api/timetable/variants/{variant}/select/", "draft", 403, 403, 200),
    ("post", "/api/timetable/workflows/{job}/approve/", "in_review", 403, 200, 200),
    ("post", "/api/timetable/workflows/{job}/reject/", "in_review", 403, 200, 200),
    ("post", "/api/timetable/workflows/{job}/publish/", "approved", 403, 403, 200),
]
WALK = [(method, address, "in_review", *statuses) for method, address, *statuses in READS] + CHANGES


def client_of(user: object = None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def call(client: APIClient, method: str, address: str, job: GenerationJob) -> int:
    variant = job.variants.get(index=0)
    body = {"comments": "Because."} if method == "post" and "/workflows/" in address else None
    return getattr(client, method)(address.format(variant=variant.pk, job=job.pk), body).status_code


@pytest.mark.parametrize(("method", "address", "state", "viewer", "reviewer", "admin"), WALK)
def test_each_role_gets_its_status(method: str, address: str, state: str, viewer: int, reviewer: int, admin: int) -> None:
    job = review_job(num_variants=1, workflow=state)
    for role, expected in (("viewer", viewer), ("reviewer", reviewer), ("admin", admin)):
        job.workflow.__class__.objects.filter(pk=job.pk).update(status=state, variant=None if state == "draft" else job.variants.first())
        assert call(client_of(member(job.organization, role)), method, address, job) == expected, role
    job.workflow.__class__.objects.filter(pk=job.pk).update(status=state)
    assert call(client_of(UserFactory(is_superuser=True)), method, address, job) in (200, 409)


@pytest.mark.parametrize(("method", "address", "state"), [row[:3] for row in WALK])
def test_nobody_and_strangers_learn_nothing(method: str, address: str, state: str) -> None:
    job = review_job(num_variants=1, workflow=state)
    stranger = member(OrganizationFactory(), "admin")
    assert call(client_of(), method, address, job) == 401
    assert call(client_of(stranger), method, address, job) == 404
    assert call(client_of(UserFactory()), method, address, job) == 404


@pytest.mark.parametrize(("method", "address"), [row[:2] for row in WALK])
@pytest.mark.parametrize("bad", ["123e4567-e89b-42d3-a456-426614174000", "not-an-id", "1", "%00"])
def test_unknown_and_malformed_ids_are_not_found(method: str, address: str, bad: str) -> None:
    client = client_of(UserFactory(is_superuser=True))
    response = getattr(client, method)(address.format(variant=bad, job=bad))
    assert response.status_code == 404
    assert response.json()["detail"]


@pytest.mark.parametrize("address", ["/api/timetable/variants/", "/api/timetable/published/", "/api/auth/me/"])
def test_lists_need_a_user(address: str) -> None:
    assert client_of().get(address).status_code == 401


# What concerns single people: who clashes, who dislikes what, what reviewers wrote to each other.
READERS_ONLY = (
    "/api/timetable/variants/{variant}/conflicts/",
    "/api/timetable/variants/{variant}/students/",
    "/api/timetable/workflows/{job}/",
    "/api/timetable/workflows/{job}/waivers/",
    "/api/timetable/workflows/{job}/comments/",
    "/api/timetable/workflows/{job}/history/?as=csv",
)


@pytest.mark.parametrize(("method", "address"), [row[:2] for row in READS])
def test_viewer_reads_what_is_published_and_nothing_beside(method: str, address: str) -> None:
    job = review_job(num_variants=2, workflow="published")
    viewer = client_of(member(job.organization, "viewer"))
    assert call(viewer, method, address, job) == (403 if address in READERS_ONLY else 200)
    if "variant" in address:
        assert viewer.get(address.format(variant=job.variants.get(index=1).pk)).status_code == 403


def test_a_viewers_file_has_the_lectures_and_nothing_about_single_people() -> None:
    job = review_job(num_variants=1, workflow="published")
    address = f"/api/timetable/variants/{job.variants.get().pk}/export/?as=json"
    seen = {role: client_of(member(job.organization, role)).get(address).json() for role in ("viewer", "reviewer")}
    assert seen["viewer"]["lectures"] == seen["reviewer"]["lectures"]
    assert "conflicts" not in seen["viewer"]
    assert seen["reviewer"]["conflicts"]
