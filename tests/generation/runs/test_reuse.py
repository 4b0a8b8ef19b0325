"""The same request twice: the earlier result at once, unless anything that matters differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from academics.models import Organization, Room
from generation.models import GenerationJob
from generation.problem.builder import problem_hash, problem_load
from generation.runs import reuse
from tests.factories import VariantFactory, member
from tests.factories.university import university

pytestmark = pytest.mark.django_db
REQUEST: dict[str, Any] = {"time_limit_s": 5, "seed": 7, "variants": 1}


@pytest.fixture
def organization() -> Organization:
    return university().organization


@pytest.fixture
def run(organization: Organization) -> GenerationJob:
    """A run as the saga leaves it."""
    term = organization.term_set.get()
    job = GenerationJob(organization=organization, term=term, time_limit_s=5, seed=7, num_variants=1, status="completed", attempt=1)
    problem = problem_load(organization=organization, term=term)
    learned = {"swap": 0.3}
    job.reuse_key = reuse.reuse_key(problem_hash(problem), reuse.params_of(job, problem.weights, learned_values=learned))
    job.save()
    VariantFactory(job=job, hard=0)
    return job


def generate(organization: Organization, **body: Any) -> Any:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    return client.post("/api/generation-jobs/generate/", REQUEST | body)


def test_the_same_again_is_the_earlier_result_at_once_and_marked(organization: Organization, run: GenerationJob) -> None:
    response = generate(organization)

    assert response.status_code == 201
    found = response.json()
    assert (found["job_id"], found["status"], found["is_reused"], found["reused_from"]) == (str(run.pk), "completed", True, str(run.pk))
    assert response.headers["Location"].endswith(f"/api/generation-jobs/{run.pk}/")
    assert GenerationJob.objects.count() == 1


@pytest.mark.parametrize("body", [{"run_anyway": True}, {"seed": 8}, {"time_limit_s": 6}, {"variants": 2}, {"weights": {"lunch": 9}}])
def test_run_anyway_and_other_parameters_make_a_new_run(organization: Organization, run: GenerationJob, body: dict[str, Any]) -> None:
    found = generate(organization, **body).json()

    assert (found["status"], found["is_reused"], found["reused_from"]) == ("pending", False, None)
    assert found["job_id"] != str(run.pk)


def test_without_a_seed_only_an_explicit_word_gives_the_earlier_result(organization: Organization, run: GenerationJob) -> None:
    GenerationJob.objects.filter(pk=run.pk).update(seed=1)
    problem = problem_load(organization=organization, term=run.term)  # type: ignore[arg-type]
    run.seed = 1
    key = reuse.reuse_key(problem_hash(problem), reuse.params_of(run, problem.weights, learned_values={}))
    GenerationJob.objects.filter(pk=run.pk).update(reuse_key=key)

    assert generate(organization, seed=None).json()["status"] == "pending"
    assert generate(organization, seed=None, run_anyway=False).json()["job_id"] == str(run.pk)


def _stopped(run: GenerationJob) -> None:
    GenerationJob.objects.filter(pk=run.pk).update(is_partial=True)


def _resumed(run: GenerationJob) -> None:
    GenerationJob.objects.filter(pk=run.pk).update(attempt=2)


def _failed(run: GenerationJob) -> None:
    GenerationJob.objects.filter(pk=run.pk).update(status="failed")


def _incomplete(run: GenerationJob) -> None:
    run.variants.update(hard=1)


def _edited(run: GenerationJob) -> None:
    run.variants.update(revision=1)


def _other_data(run: GenerationJob) -> None:
    room = Room.objects.filter(organization=run.organization).first()
    assert room is not None
    room.capacity += 1
    room.save()


@pytest.mark.parametrize("change", [_stopped, _resumed, _failed, _incomplete, _edited, _other_data])
def test_a_result_that_the_request_would_not_give_again_is_not_handed_out(
    organization: Organization, run: GenerationJob, change: Callable[[GenerationJob], None]
) -> None:
    change(run)

    assert generate(organization).json()["status"] == "pending"


def test_nor_one_of_another_programme(organization: Organization, run: GenerationJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "code_version", lambda: "engine-of-tomorrow")

    assert generate(organization).json()["status"] == "pending"


def test_an_idempotency_key_still_gives_its_own_job(organization: Organization, run: GenerationJob) -> None:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    address, key = "/api/generation-jobs/generate/", {"idempotency-key": "k"}

    first = client.post(address, REQUEST | {"run_anyway": True}, headers=key).json()
    second = client.post(address, REQUEST, headers=key).json()

    assert first["job_id"] == second["job_id"] != str(run.pk)


def test_the_page_offers_the_earlier_result_and_a_way_to_run_anyway(organization: Organization, run: GenerationJob) -> None:
    client = Client()
    client.force_login(member(organization, "admin"))
    form = {"time": "other", "time_other_s": "5", "variants": "1", "seed": "7", "form_key": "a"}

    page = client.post("/admin/timetables/new", form)
    anyway = client.post("/admin/timetables/new", form | {"run_anyway": "1"})

    assert "Nothing has changed since the run of" in page.content.decode()
    assert f"/admin/timetables/{run.pk}/review" in page.content.decode()
    new = GenerationJob.objects.exclude(pk=run.pk).get()
    assert anyway.url == f"/admin/timetables/status/{new.pk}"  # type: ignore[attr-defined]
