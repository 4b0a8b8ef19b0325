"""What is old goes, and what somebody decided about stays, with what it is compared with."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from academics.models import ArchiveReading, ImportBatch
from erp import retention
from erp.retention import retention_run
from erp.sizes import sizes_read
from generation.models import Entry, GenerationJob, Notice, Variant, Workflow, WorkflowEvent
from tests.factories import JobFactory, OrganizationFactory, UserFactory, VariantFactory, review_job

pytestmark = pytest.mark.django_db
Status = GenerationJob.Status


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def aged(job: GenerationJob, *, days: float = 500) -> GenerationJob:
    GenerationJob.objects.filter(pk=job.pk).update(created_at=ago(days), finished_at=ago(days))
    return job


def left(*jobs: GenerationJob) -> list[bool]:
    return [GenerationJob.objects.filter(pk=job.pk).exists() for job in jobs]


@pytest.mark.parametrize(
    ("state", "stays"),
    [("draft", False), ("rejected", False), ("in_review", True), ("approved", True), ("published", True)],
)
def test_old_runs_go_unless_somebody_decides_or_decided_for_them(state: str, stays: bool) -> None:
    job = aged(review_job(num_variants=2, workflow=state))
    fresh = aged(review_job(num_variants=1, workflow="draft"), days=399)

    retention_run()

    assert left(job, fresh) == [stays, True]
    assert Variant.objects.filter(job=job.pk).count() == (2 if stays else 0)
    assert Entry.objects.filter(variant__job=job.pk).exists() == stays


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "pending", "running", "cancelling"])
def test_only_what_is_over_goes(status: str) -> None:
    job = aged(JobFactory(status=status))
    retention_run()
    assert left(job) == [status in GenerationJob.ACTIVE]


def test_what_a_published_timetable_is_compared_with_stays() -> None:
    organization = OrganizationFactory()
    published = aged(review_job(organization=organization, num_variants=1, workflow="published"))
    first, copied, kept, before, long_before = (aged(JobFactory(organization=organization, term=published.term)) for _ in range(5))
    GenerationJob.objects.filter(pk=published.pk).update(
        origin={"job_id": str(copied.pk), "run_id": str(copied.pk)}, fixed={"job_id": str(kept.pk)}
    )
    GenerationJob.objects.filter(pk=copied.pk).update(fixed={"job_id": str(first.pk)})
    for job, days in ((before, 10), (long_before, 20)):
        Workflow.objects.create(job=job, status="archived")
        Workflow.objects.filter(pk=job.pk).update(updated_at=ago(days))

    retention_run()

    assert left(published, copied, kept, first, before, long_before) == [True, True, True, True, True, False]


def test_a_run_that_is_put_forward_at_the_last_moment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    job = aged(review_job(num_variants=1, workflow="draft"))
    remove = retention._job_remove

    def late(*facts: Any) -> int:
        Workflow.objects.filter(pk=job.pk).update(status="in_review", variant=job.variants.get())
        return remove(*facts)

    monkeypatch.setattr(retention, "_job_remove", late)
    retention_run()
    assert left(job) == [True]


def test_timetables_that_nobody_put_forward_may_go_before_their_run(settings: Any) -> None:
    settings.VARIANTS_KEPT_DAYS = 30
    never, forward = (aged(review_job(num_variants=1, workflow="draft"), days=40) for _ in range(2))
    WorkflowEvent.objects.create(workflow=forward.workflow, action="select", variant=forward.variants.get(), to_status="in_review")

    retention_run()

    assert left(never, forward) == [True, True]
    assert list(Variant.objects.values_list("job", flat=True)) == [forward.pk]


def test_nothing_goes_where_all_is_kept_for_ever(settings: Any) -> None:
    settings.JOBS_KEPT_DAYS = settings.VARIANTS_KEPT_DAYS = 0
    job = aged(VariantFactory().job, days=5000)
    retention_run()
    assert left(job) == [True]
    assert Variant.objects.count() == 1


def test_imports_readings_mails_and_sessions_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    organization = OrganizationFactory()
    for status in ("imported", "importing"):
        ImportBatch.objects.create(organization=organization, status=status, names=["rooms.csv"])
    ArchiveReading.objects.create(name="a.json", size=2, data=b"", status="read")
    job = review_job(num_variants=1, workflow="published")
    event = WorkflowEvent.objects.filter(workflow=job.pk).first() or WorkflowEvent.objects.create(workflow=job.workflow, action="select")
    for number in range(5):
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=ago(2 if number else -1))
    Notice.objects.create(event=event, user=UserFactory(), email="a@b.example", status="sent")
    for model in (ImportBatch, ArchiveReading, Notice):
        model.objects.update(created_at=ago(500))

    output = io.StringIO()
    call_command("retention", "--dry-run", stdout=output)
    assert (ImportBatch.objects.count(), Session.objects.count()) == (2, 5)
    assert [line.split(maxsplit=1) for line in output.getvalue().splitlines()[2:6]] == [
        ["1", "imports"],
        ["1", "archives read"],
        ["1", "e-mails"],
        ["4", "sessions"],
    ]
    call_command("retention", stdout=output)

    assert list(ImportBatch.objects.values_list("status", flat=True)) == ["importing"]
    assert (ArchiveReading.objects.count(), Notice.objects.count(), Session.objects.count()) == (0, 0, 1)
    call_command("retention", stdout=output)


def test_the_database_says_how_large_its_tables_are() -> None:
    VariantFactory()
    found = sizes_read()
    assert found.bytes > 100_000
    assert found.tables == sorted(found.tables, key=lambda table: -(table.bytes or 0))
    assert any(table.name.startswith(("generation_", "academics_")) for table in found.tables)
