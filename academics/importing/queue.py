"""Where an action of an import is done: at once where it is small, otherwise by a worker."""

from __future__ import annotations

from academics.import_models import Stepped
from academics.importing.batches import batch_begin, batch_is_large, batch_run
from academics.importing.messages import QueueAway
from academics.long_work import work_give_up, work_queue
from academics.models import ImportBatch


def batch_start(*, batch: ImportBatch, action: str) -> bool:
    """Begin an action; True when it is done, False when a worker does it. Raises `ImportRefusal`; the row has its words too."""
    attempt = batch_begin(batch=batch, action=action)
    if not batch_is_large(batch):
        batch_run(batch_id=batch.pk, attempt=attempt)
        batch.refresh_from_db()
        return True
    step_send(batch)
    return False


def step_send(row: Stepped) -> None:
    """Have a worker do what the row was claimed for; where the queue is away it goes back a step."""
    if not work_queue(row):
        work_give_up(row)
        raise QueueAway("queue_away")
