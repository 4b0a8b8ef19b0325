"""Finds jobs that nobody works on any more: a dead worker's, and those whose message was lost."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from generation.messages import refusal_text
from generation.models import GenerationJob
from generation.queue import messages_waiting
from generation.services import job_queue, job_tracker

log = structlog.get_logger(__name__)
Status = GenerationJob.Status


def jobs_sweep() -> None:
    """One round. Every write is guarded, so rounds of several processes may overlap."""
    now = timezone.now()
    for job in _silent_jobs():
        _silent_job_end(job)
    since = now - timedelta(seconds=settings.JOB_REQUEUE_AFTER_S)
    waiting = GenerationJob.objects.filter(status=Status.PENDING).filter(Q(queued_at__lt=since) | Q(queued_at=None, created_at__lt=since))
    lost = _without_message(list(waiting.order_by("created_at").values_list("id", flat=True)))
    for job_id in lost:
        if not job_queue(job_id=job_id):
            return
        log.info("job_queued_again", job_id=str(job_id))


def sweep_forever(*, ended: threading.Event | None = None) -> None:
    """Rounds until the process ends; a database that is away for a while ends one round, not the thread."""
    ended = ended or threading.Event()
    while True:
        try:
            jobs_sweep()
        except (DatabaseError, InterfaceError) as error:
            log.warning("sweep_failed", error=str(error))
        finally:
            connection.close()
        if ended.wait(settings.JOB_SWEEP_S):
            return


def _silent_jobs() -> QuerySet[GenerationJob]:
    held = (Status.RUNNING, Status.CANCELLING)
    return GenerationJob.objects.defer(*GenerationJob.LARGE).filter(status__in=held, lease_expires_at__lt=timezone.now())


def _silent_job_end(job: GenerationJob) -> None:
    """Resumed from its checkpoint, or failed with the reason; a cancelling one is cancelled."""
    reason = _reason_to_fail(job)
    if job.status == Status.CANCELLING:
        if _change(job, status=Status.CANCELLED, **_ended()):
            job_tracker(job).cancelled()
    elif reason:
        if _change(job, status=Status.FAILED, error=reason, **_ended()):
            job_tracker(job).failed(reason)
    elif _change(job, status=Status.PENDING, lease_expires_at=None, queued_at=None):
        job_queue(job_id=job.id)
    log.info("silent_job_found", job_id=str(job.id), was=job.status, attempt=job.attempt, reason=reason)


def _reason_to_fail(job: GenerationJob) -> str:
    limit_s = settings.CELERY_TASK_TIME_LIMIT
    if job.started_at and timezone.now() - job.started_at > timedelta(seconds=limit_s):
        return refusal_text("job_too_long", limit_s=limit_s)
    if job.attempt >= settings.JOB_ATTEMPTS:
        return refusal_text("worker_lost_often", attempts=job.attempt)
    if not GenerationJob.objects.filter(id=job.id, checkpoint__isnull=False).exists():
        return refusal_text("worker_lost", after=" before there was anything to go on from")
    return ""


def _change(job: GenerationJob, **changes: object) -> bool:
    """Only while the row is as it was found: still that attempt's, and still silent."""
    rows = GenerationJob.objects.filter(id=job.id, attempt=job.attempt, status=job.status, lease_expires_at=job.lease_expires_at)
    return bool(rows.update(**changes))


def _ended() -> dict[str, object]:
    return {"finished_at": timezone.now(), "lease_expires_at": None, "checkpoint": None, "has_incumbent": False}


def _without_message(job_ids: list[UUID]) -> list[UUID]:
    waiting = messages_waiting() if job_ids else None
    return [] if waiting is None else [job_id for job_id in job_ids if str(job_id) not in waiting]
