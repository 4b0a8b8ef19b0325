"""What the queue calls for archives, and every night."""

from __future__ import annotations

import uuid

from celery import shared_task

from academics.importing.lifecycle import step_work
from academics.models import ArchiveReading
from erp.archive.readings import reading_run
from erp.retention import retention_run


# A message that comes twice finds its attempt begun, and leaves.
@shared_task(name=ArchiveReading.TASK, acks_late=True, reject_on_worker_lost=False, ignore_result=True)
def archive_run(reading_id: str, attempt: int) -> None:
    """Looks at, or reads, one archive; the row has everything else, and takes the refusal."""
    key = uuid.UUID(reading_id)
    step_work(key, lambda on_progress: reading_run(reading_id=key, attempt=attempt, on_progress=on_progress))


@shared_task(name="erp.tasks.retention", ignore_result=True)
def retention() -> None:
    """Removes what is older than it is kept; beat starts it every night."""
    retention_run()
