"""What the queue calls for imports."""

from __future__ import annotations

import uuid

import structlog
from celery import shared_task

from academics.importing import live
from academics.importing.batches import batch_run
from academics.importing.messages import ImportRefusal
from academics.importing.queue import TASK

log = structlog.get_logger(__name__)


# A message that comes twice finds its attempt begun, and leaves.
@shared_task(name=TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def import_run(batch_id: str, attempt: int) -> None:
    """Checks, imports or undoes one batch; the row has everything else, and takes the refusal."""
    key = uuid.UUID(batch_id)
    try:
        with live.at_work(key) as told:
            batch_run(batch_id=key, attempt=attempt, told=told)
    except ImportRefusal as refusal:
        log.info("import_refused", batch_id=batch_id, reason=str(refusal))
