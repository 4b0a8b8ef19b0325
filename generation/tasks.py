"""What the queue calls, and what starts with each of its processes."""

from __future__ import annotations

import threading
import uuid

import structlog
from celery import shared_task
from celery.signals import beat_init, worker_process_init

from generation.exports.books import rendering_run
from generation.models import Rendering
from generation.queue import NOTICES_TASK, TASK
from generation.review.notices import notices_deliver
from generation.runs.precompile import kernels_ready
from generation.runs.recovery import sweep_forever
from generation.runs.saga import job_run
from generation.worker.dispatch import jobs_dispatch

log = structlog.get_logger(__name__)


# A killed worker's message is dropped, not redelivered: the sweep decides from the row, so that a job
# which kills its worker can't do so for ever.
@shared_task(name=TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def generate(job_id: str) -> None:
    """Runs one job, then releases the next; the row has everything else."""
    try:
        job_run(job_id=uuid.UUID(job_id))
    finally:
        jobs_dispatch()


@shared_task(name=NOTICES_TASK, ignore_result=True)
def notices(event_id: int) -> None:
    """Sends the e-mails about one step of a workflow; what fails is tried again by the sweep."""
    notices_deliver(event_id=event_id)


@shared_task(name=Rendering.TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def rendering(rendering_id: str) -> None:
    """Makes one book; the row has everything else."""
    rendering_run(rendering_id=uuid.UUID(rendering_id))


@beat_init.connect
def _sweep_start(**_: object) -> None:
    """Beat sweeps from a thread, for it never forks. A worker's parent does, and has a process for it: erp/sweep_process.py."""
    threading.Thread(target=sweep_forever, name="sweep", daemon=True).start()


@worker_process_init.connect
def _child_prepare(**_: object) -> None:
    kernels_ready()  # does not wait: the pool kills a child that is not up within seconds
