"""Variants, their entries and their conflicts over REST."""

import json
import zlib
from typing import Any

import pytest
from rest_framework.test import APIClient

from generation.models import GenerationJob, Seating
from tests.factories import EntryFactory, OrganizationFactory, member, review_job
from tests.factories.generation import conflict

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
KEYS = {
    "lower_bound",
    "id",
    "job_id",
    "label",
    "weights",
    "seed",
    "hard",
    "soft",
    "breakdown",
    "counts",
    "statistics",
    "certificate",
    "is_selected",
    "note",
    "revision",
    "change",
    "fits_today",
}


@pytest.fixture
def job() -> GenerationJob:
    return review_job()


@pytest.fixture
def client(job: GenerationJob) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(job.organization, "reviewer"))
    return client


def rows(client: APIClient, address: str) -> list[dict[str, Any]]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_list_holds_the_jobs_variants_in_order(client: APIClient, job: GenerationJob) -> None:
    review_job(organization=job.organization)
    review_job()
    assert len(rows(client, "/api/timetable/variants/")) == 6
    found = rows(client, f"/api/timetable/variants/?job_id={job.pk}")
    assert [row["label"] for row in found] == [variant.label for variant in job.variants.all()]
    assert set(found[0]) == KEYS
    assert {row["job_id"] for row in found} == {str(job.pk)}


def test_list_of_a_foreign_job_is_empty_and_a_malformed_id_a_mistake(client: APIClient) -> None:
    assert rows(client, f"/api/timetable/variants/?job_id={review_job().pk}") == []
    assert client.get("/api/timetable/variants/?job_id=7").status_code == 400


def test_list_takes_the_same_number_of_queries_for_more_variants(
    client: APIClient, job: GenerationJob, django_assert_max_num_queries: Any
) -> None:
    review_job(organization=job.organization, num_variants=8)
    with django_assert_max_num_queries(3):
        rows(client, "/api/timetable/variants/")


def test_detail_has_the_contracts_shape(client: APIClient, job: GenerationJob) -> None:
    variant = job.variants.first()
    found = client.get(f"/api/timetable/variants/{variant.pk}/").json()
    assert set(found) == KEYS
    assert sum(found["breakdown"].values()) == found["hard"] + found["soft"]


@pytest.mark.parametrize(
    ("query", "courses"),
    [
        ("", ["ALG", "BIO", "CHE", "DRA"]),
        ("section=BIO-1", ["BIO"]),
        ("room=R1", ["ALG", "CHE"]),
        ("instructor=Kowalska", ["ALG", "CHE", "DRA"]),
        ("instructor=Łódź", ["BIO"]),
        ("curriculum=CUR2", ["DRA"]),
        ("day=1", ["BIO", "CHE"]),
        ("day=1&room=R1", ["CHE"]),
        ("room=none", []),
    ],
)
def test_entries_are_filtered(client: APIClient, job: GenerationJob, query: str, courses: list[str]) -> None:
    found = rows(client, f"/api/timetable/variants/{job.variants.first().pk}/entries/?{query}")
    assert [row["course"] for row in found] == courses


@pytest.mark.parametrize("query", ["day=monday", "day=9", "day=-1", "section=%00"])
def test_wrong_filters_are_a_400_that_names_them(client: APIClient, job: GenerationJob, query: str) -> None:
    response = client.get(f"/api/timetable/variants/{job.variants.first().pk}/entries/?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()


def test_entries_are_paged(client: APIClient, job: GenerationJob) -> None:
    variant = job.variants.first()
    for number in range(60):
        EntryFactory(variant=variant, lecture=100 + number)
    first = client.get(f"/api/timetable/variants/{variant.pk}/entries/").json()
    assert (first["count"], len(first["results"])) == (64, 50)
    assert len(rows(client, first["next"])) == 14
    assert client.get(f"/api/timetable/variants/{variant.pk}/entries/?page=9").status_code == 404


def test_conflicts_sum_to_the_score(client: APIClient, job: GenerationJob) -> None:
    many = [conflict("lunch", 2, who=["CUR1"], slot=5) for _ in range(80)]
    job.variants.filter(index=0).update(
        hard=2, soft=160, conflicts=[*many, conflict("room_clash", 2, is_hard=True, slot=0, room=3, lectures=[0])]
    )
    found = client.get(f"/api/timetable/variants/{job.variants.first().pk}/conflicts/").json()
    amounts = {hard: sum(row["amount"] for row in found["results"] if row["hard"] is hard) for hard in (True, False)}
    assert (found["hard"], found["soft"]) == (amounts[True], amounts[False]) == (2, 160)
    first = found["results"][0]
    assert (first["type"], first["is_hard"], first["when"], first["room"]) == ("room_clash", True, "Monday 08:00", "R1")
    assert {"type", "is_hard", "amount", "who", "when", "message", "suggestion"} <= set(first)


def test_students_say_their_sections_page_by_page(client: APIClient, job: GenerationJob) -> None:
    variant = job.variants.first()
    document = {"sections": ["A/1", "A/2", "B"], "students": {"u2": [0, 2], "u1": [1, 2], "u3": [1]}}
    Seating.objects.create(variant=variant, data=zlib.compress(json.dumps(document).encode()))
    address = f"/api/timetable/variants/{variant.pk}/students/"
    assert client.get(f"{address}?page_size=2").json()["count"] == 3
    assert rows(client, f"{address}?page_size=2") == [
        {"student": "u1", "sections": ["A/2", "B"]},
        {"student": "u2", "sections": ["A/1", "B"]},
    ]
    assert [row["student"] for row in rows(client, f"{address}?section=A/2")] == ["u1", "u3"]
    assert rows(client, f"{address}?student=u3") == [{"student": "u3", "sections": ["A/2"]}]
    assert rows(client, f"/api/timetable/variants/{job.variants.last().pk}/students/") == []


def test_conflicts_can_be_narrowed_and_paged(client: APIClient, job: GenerationJob) -> None:
    address = f"/api/timetable/variants/{job.variants.first().pk}/conflicts/"
    assert [row["type"] for row in rows(client, f"{address}?type=lunch")] == ["lunch"]
    assert rows(client, f"{address}?hard=true") == []
    assert len(rows(client, f"{address}?page_size=1&page=2")) == 1


def test_select_answers_with_the_workflow(job: GenerationJob) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "admin"))
    variant = job.variants.get(index=1)
    found = client.post(f"/api/timetable/variants/{variant.pk}/select/").json()
    assert (found["id"], found["status"], found["selected_variant"]["id"]) == (str(job.pk), "in_review", str(variant.pk))
    assert found["selected_variant"]["is_selected"] is True
    assert client.post(f"/api/timetable/variants/{job.variants.first().pk}/select/").status_code == 409


def test_published_entries_are_for_members_of_the_organization() -> None:
    job = review_job(workflow="published")
    review_job(workflow="published")
    review_job(organization=job.organization, workflow="approved")
    client = APIClient()
    client.force_authenticate(member(job.organization, "viewer"))
    found = rows(client, "/api/timetable/published/")
    assert {row["variant_id"] for row in found} == {str(job.variants.first().pk)}
    assert {(row["organization"], row["term"]) for row in found} == {(job.organization.code, job.term.code)}
    code = job.organization.code
    assert [row["course"] for row in rows(client, f"/api/timetable/published/?organization={code}&term={job.term.code}&room=LAB")] == [
        "BIO"
    ]
    assert rows(client, "/api/timetable/published/?term=other") == []
    assert client.get(f"/api/timetable/published/?organization={OrganizationFactory().code}").status_code == 404


def test_what_was_sent_back_and_has_not_changed_is_a_409_with_the_reason(job: GenerationJob) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "admin"))
    address = f"/api/timetable/variants/{job.variants.get(index=1).pk}/select/"
    client.post(address)
    client.post(f"/api/timetable/workflows/{job.pk}/reject/", {"comments": "Drama is too late."})
    refused = client.post(address)
    assert (refused.status_code, "Drama is too late." in refused.json()["detail"]) == (409, True)
    assert client.post(address, {"comments": " "}, format="json").status_code == 409
    assert client.post(address, {"comments": 5}, format="json").status_code == 400
    found = client.post(address, {"comments": "The hall is free only then."}, format="json").json()
    assert found["comments"][-1]["comment"] == "The hall is free only then."
