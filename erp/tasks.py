"""What the queue calls for archives."""

from __future__ import annotations

import uuid

import structlog
from celery import shared_task

from academics.importing import live
from academics.importing.messages import ImportRefusal
from erp.archive.readings import TASK, reading_run

log = structlog.get_logger(__name__)


# A message that comes twice finds its attempt begun, and leaves.
@shared_task(name=TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def archive_run(reading_id: str, attempt: int) -> None:
    """Looks at, or reads, one archive; the row has everything else, and takes the refusal."""
    key = uuid.UUID(reading_id)
    try:
        with live.at_work(key) as told:
            reading_run(reading_id=key, attempt=attempt, told=told)
    except ImportRefusal as refusal:
        log.info("archive_refused", reading_id=reading_id, reason=str(refusal))
