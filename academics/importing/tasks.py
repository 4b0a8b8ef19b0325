"""What the queue calls for imports."""

from __future__ import annotations

import uuid

from celery import shared_task

from academics.importing.batches import batch_run
from academics.importing.lifecycle import step_work
from academics.models import ImportBatch


# A message that comes twice finds its attempt begun, and leaves.
@shared_task(name=ImportBatch.TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def import_run(batch_id: str, attempt: int) -> None:
    """Checks, imports or undoes one batch; the row has everything else, and takes the refusal."""
    key = uuid.UUID(batch_id)
    step_work(key, lambda on_progress: batch_run(batch_id=key, attempt=attempt, on_progress=on_progress))
