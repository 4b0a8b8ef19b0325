"""The sweep: jobs whose worker is gone, and waiting ones whose message was lost."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from academics.long_work import LeaseWatch
from academics.models import DataChange, Room
from academics.selectors import data_revision
from generation.models import GenerationJob
from generation.queue import messages_waiting
from generation.runs.lease import job_claim
from generation.runs.recovery import changes_sweep, jobs_sweep
from generation.text.messages import WAITING
from progress.store import store_shared
from tests.factories import JobFactory, OrganizationFactory
from tests.processes import SOON_S, Valkey

pytestmark = pytest.mark.django_db
Status = GenerationJob.Status


@pytest.fixture(autouse=True)
def _redis(settings: Any, valkey_server: Valkey) -> Iterator[None]:
    settings.REDIS_URL = valkey_server.url
    settings.CELERY_BROKER_URL = valkey_server.url.replace("unix://", "redis+socket://")
    store_shared.cache_clear()
    with valkey_server.client() as client:
        client.flushall()
    yield
    store_shared.cache_clear()


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def held(**facts: Any) -> GenerationJob:
    """A job whose worker was seen last when its lease was renewed, more than a lease ago."""
    usual = {"status": Status.RUNNING, "attempt": 1, "started_at": ago(60), "lease_expires_at": ago(1), "queued_at": ago(60)}
    job: GenerationJob = JobFactory(**usual | facts)
    return job


class Clock:
    """One that nobody sets."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


def swept(job: GenerationJob, *, over_s: float = 10, clock: Clock | None = None, watch: LeaseWatch | None = None) -> GenerationJob:
    """After two rounds, so many seconds apart."""
    clock = clock or Clock()
    watch = watch or LeaseWatch(clock)
    jobs_sweep(watch)
    clock.now += over_s
    jobs_sweep(watch)
    return GenerationJob.objects.get(id=job.id)


def is_queued(job: GenerationJob) -> bool:
    return str(job.id) in (messages_waiting() or "")


def test_a_dead_workers_job_without_a_checkpoint_begins_anew() -> None:
    job = swept(held())
    assert (job.status, job.attempt, job.error) == (Status.PENDING, 1, "")
    assert is_queued(job)


def test_a_job_that_lost_its_worker_too_often_fails_in_row_and_progress_alike() -> None:
    job = swept(held(attempt=3, progress={"overall_progress": 20.0, "stage": "cpsat_solving", "status": "running"}))
    assert job.status == job.progress["status"] == Status.FAILED
    assert "ended unexpectedly" in job.error
    assert job.progress["metadata"]["error"] == job.error
    assert job.progress["overall_progress"] == 20.0
    in_redis = store_shared().read(job.id)
    assert in_redis is not None
    assert in_redis["metadata"]["error"] == job.error


def test_a_dead_workers_job_goes_on_from_its_checkpoint() -> None:
    job = swept(held(checkpoint=b"state"))
    assert (job.status, job.attempt, job.error) == (Status.PENDING, 1, "")
    assert is_queued(job)
    claimed = job_claim(job_id=job.id)
    assert claimed is not None
    assert claimed.attempt == 2


def test_watchers_are_told_that_a_job_waits_though_its_row_is_behind_what_they_saw() -> None:
    told = {"overall_progress": 80.0, "stage": "ga_optimization", "status": "running", "seq": 70}
    job = held(checkpoint=b"state", progress={**told, "overall_progress": 76.0, "seq": 60})
    store_shared().write(job.id, json.dumps(told).encode())

    job = swept(job)

    in_redis = store_shared().read(job.id)
    for record in (job.progress, in_redis):
        assert record is not None
        assert (record["status"], record["overall_progress"], record["metadata"]["message"]) == ("running", 80.0, WAITING)
        assert record["seq"] > 70


def test_a_job_that_killed_its_workers_thrice_fails() -> None:
    job = swept(held(checkpoint=b"state", attempt=3))
    assert job.status == Status.FAILED
    assert "3 times" in job.error
    assert job.checkpoint is None


def test_a_job_beyond_the_hard_limit_fails(settings: Any) -> None:
    settings.CELERY_TASK_TIME_LIMIT = 100
    job = swept(held(checkpoint=b"state", started_at=ago(101)))
    assert job.status == Status.FAILED
    assert "longer than the 100 seconds" in job.error


def test_a_dead_workers_cancelled_job_is_cancelled() -> None:
    job = swept(held(status=Status.CANCELLING, checkpoint=b"state"))
    assert job.status == job.progress["status"] == Status.CANCELLED


def test_a_living_workers_job_is_left_alone() -> None:
    lease = timezone.now() + timedelta(seconds=5)
    assert swept(held(lease_expires_at=lease)).lease_expires_at == lease


def test_one_look_at_a_lease_that_has_run_out_ends_nothing() -> None:
    assert swept(held(checkpoint=b"state"), over_s=0).status == Status.RUNNING


@pytest.mark.parametrize("step_s", [-3600, 3600], ids=["back", "forward"])
def test_a_clock_that_is_set_ends_no_living_job_and_hides_no_dead_one(step_s: float) -> None:
    """The lease was written before the clock was set by an hour."""
    renewed = {"lease_expires_at": ago(step_s - 20), "checkpoint": b"state"}
    living, dead, clock = held(**renewed), held(**renewed), Clock()
    watch = LeaseWatch(clock)
    for _ in range(8):
        jobs_sweep(watch)
        clock.now += 4
        GenerationJob.objects.filter(id=living.id).update(lease_expires_at=F("lease_expires_at") + timedelta(seconds=4))

    assert swept(living, over_s=0, clock=clock, watch=watch).status == Status.RUNNING
    assert swept(dead, over_s=0).status == Status.PENDING


@pytest.mark.parametrize("step_s", [-3600, 3600], ids=["back", "forward"])
def test_a_lost_message_is_sent_again_though_the_clock_was_set(step_s: float) -> None:
    job = JobFactory(status=Status.PENDING, queued_at=ago(step_s + 60))
    swept(job)
    assert is_queued(job)


def test_a_job_that_is_queued_again_keeps_its_request_id(caplog: pytest.LogCaptureFixture) -> None:
    job = held(checkpoint=b"state", request_id="click-7")
    with caplog.at_level("INFO"):
        swept(job)

    message = json.loads(messages_waiting() or "")
    assert message["headers"]["request_id"] == "click-7"
    assert [line for line in caplog.messages if "silent_job_found" in line and "request_id=click-7" in line]


def test_a_lost_message_is_sent_again_and_only_once() -> None:
    job = JobFactory(status=Status.PENDING, queued_at=ago(60))
    swept(job)
    assert is_queued(job)
    GenerationJob.objects.update(queued_at=ago(60))
    swept(job)
    assert (messages_waiting() or "").count("generation.tasks.generate") == 1


def test_a_job_that_was_never_queued_is_queued(settings: Any) -> None:
    settings.JOB_REQUEUE_AFTER_S = 0
    job = swept(JobFactory(status=Status.PENDING))
    assert job.queued_at is not None
    assert is_queued(job)


def test_a_job_that_was_just_released_is_left_to_its_own_message() -> None:
    job = swept(JobFactory(status=Status.PENDING, queued_at=timezone.now()))
    assert not is_queued(job)


def test_without_a_broker_nothing_is_changed(settings: Any, tmp_path: Any) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"
    job = swept(JobFactory(status=Status.PENDING, queued_at=ago(60)))
    assert job.status == Status.PENDING


@pytest.mark.django_db(transaction=True)
def test_a_job_that_somebody_holds_keeps_no_other_from_being_swept() -> None:
    """On PostgreSQL, where rows are locked one by one."""
    first, second = held(checkpoint=b"state"), held(checkpoint=b"state")
    is_locked, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic() if connection.vendor == "postgresql" else contextlib.nullcontext():
            list(GenerationJob.objects.select_for_update().filter(id=first.id))
            is_locked.set()
            is_over.wait(SOON_S)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait(SOON_S)
    try:
        assert swept(second).status == Status.PENDING
        is_held = holder.is_alive()
    finally:
        is_over.set()
        holder.join()

    assert is_held, "the sweep waited for whoever held the other job"
    assert swept(first).status == Status.PENDING


def test_finished_jobs_are_not_touched() -> None:
    job = held(status=Status.COMPLETED)
    assert swept(job).status == Status.COMPLETED


def test_old_marks_of_changed_data_are_cleared_away_and_the_revision_stays_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.runs.recovery.CHANGES_KEPT", 3)
    organization = OrganizationFactory()
    seen = set()
    for number in range(5):
        Room.objects.create(organization=organization, code=f"R{number}", capacity=1)
        seen.add(data_revision(organization.pk))
    changes_sweep()
    Room.objects.create(organization=organization, code="R9", capacity=1)
    seen.add(data_revision(organization.pk))

    assert len(seen) == 6
    assert DataChange.objects.filter(organization_id=organization.pk).count() == 4
