"""Finds jobs that nobody works on any more: a dead worker's, and those whose message was lost. When a lease is believed: `LeaseWatch`.

What follows differs from other long work (`academics.long_work`): a job resumes from its checkpoint, fails after so many lost
workers or so long a time, and is left for the next round where its worker has the row locked.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from academics.long_work import LeaseWatch, work_sweep
from academics.models import DataChange
from generation.exports.books import renderings_sweep
from generation.models import GenerationJob
from generation.review.notices import notices_sweep
from generation.runs.services import job_tracker
from generation.text.messages import WAITING, refusal_text
from generation.wishes.mail import wish_mails_sweep
from generation.worker.dispatch import jobs_dispatch, released_sweep

log = structlog.get_logger(__name__)
Status = GenerationJob.Status
CHANGES_KEPT = 100  # of each institution


def jobs_sweep(watch: LeaseWatch) -> None:
    """One round. Every write is guarded, so rounds of several processes may overlap."""
    for job in watch.silent(_held_jobs()):
        with structlog.contextvars.bound_contextvars(**job.log_facts):
            _silent_job_end(job)
    released_sweep()


def sweep_forever(*, ended: threading.Event | None = None) -> None:
    """Rounds until the process ends; a database that is away for a while ends one round, not the thread."""
    ended, of_jobs, of_work = ended or threading.Event(), LeaseWatch(), LeaseWatch()
    while True:
        try:
            jobs_sweep(of_jobs)
            work_sweep(of_work)
            notices_sweep()
            wish_mails_sweep()
            renderings_sweep()
            changes_sweep()
        except (DatabaseError, InterfaceError) as error:
            log.warning("sweep_failed", error=str(error))
        finally:
            connection.close()
        if ended.wait(settings.JOB_SWEEP_S):
            return


def changes_sweep() -> None:
    """Clears away old marks of changed data. One query, and four for each institution that has many."""
    DataChange.objects.compact(keep=CHANGES_KEPT)


def _held_jobs() -> list[GenerationJob]:
    held = (Status.RUNNING, Status.CANCELLING)
    return list(GenerationJob.objects.defer(*GenerationJob.LARGE).filter(status__in=held, lease_expires_at__isnull=False))


def _silent_job_end(job: GenerationJob) -> None:
    """Resumed from its checkpoint, or from the beginning where it had none; or failed with the reason; a cancelling one is cancelled."""
    reason = _reason_to_fail(job)
    if job.status == Status.CANCELLING:
        if _change(job, status=Status.CANCELLED, **_ended()):
            job_tracker(job).cancelled()
    elif reason:
        if _change(job, status=Status.FAILED, error=reason, **_ended()):
            job_tracker(job).failed(reason)
    elif _change(job, status=Status.PENDING, lease_expires_at=None, queued_at=None):
        job_tracker(job).waiting(WAITING)
        jobs_dispatch()
    log.info("silent_job_found", was=job.status, attempt=job.attempt, reason=reason)


def _reason_to_fail(job: GenerationJob) -> str:
    limit_s = settings.CELERY_TASK_TIME_LIMIT
    if job.started_at and timezone.now() - job.started_at > timedelta(seconds=limit_s):
        return refusal_text("job_too_long", limit_s=limit_s)
    lost = job.attempt - job.handovers
    if lost >= settings.JOB_ATTEMPTS:
        return refusal_text("worker_lost_often", attempts=lost)
    return ""


def _change(job: GenerationJob, **changes: object) -> bool:
    """Only while the row is as it was found: still that attempt's, still silent. One that somebody has locked waits for the next round."""
    rows = GenerationJob.objects.filter(id=job.id, attempt=job.attempt, status=job.status, lease_expires_at=job.lease_expires_at)
    with transaction.atomic():
        is_free = rows.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True).first()
        return bool(is_free and rows.update(**changes))


def _ended() -> dict[str, object]:
    return {"finished_at": timezone.now(), "lease_expires_at": None, "checkpoint": None, "has_incumbent": False}
