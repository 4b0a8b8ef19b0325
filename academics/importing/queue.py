"""Where an action of an import is done: at once where it is small, otherwise by a worker."""

from __future__ import annotations

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from academics.import_models import Stepped
from academics.importing.batches import batch_begin, batch_is_large, batch_run
from academics.importing.messages import QueueAway
from academics.importing.steps import step_give_up
from academics.models import ImportBatch

TASK = "academics.tasks.import_run"
# A request must be answered soon whatever the broker does.
_IMPATIENT = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "socket_timeout": 1.5, "socket_connect_timeout": 1.5}


def batch_start(*, batch: ImportBatch, action: str) -> bool:
    """Begin an action; True when it is done, False when a worker does it. Raises `ImportRefusal`; the row has its words too."""
    attempt = batch_begin(batch=batch, action=action)
    if not batch_is_large(batch):
        batch_run(batch_id=batch.pk, attempt=attempt)
        batch.refresh_from_db()
        return True
    step_send(task=TASK, row=batch)
    return False


def step_send(*, task: str, row: Stepped) -> None:
    """Have a worker do what the row was claimed for; where the queue is away it goes back a step."""
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=_IMPATIENT, connect_timeout=2) as connection:
            current_app.send_task(task, args=[str(row.pk), row.attempt], connection=connection, retry=False)
    except (OperationalError, RedisError, OSError, TimeoutError):
        step_give_up(row)
        raise QueueAway("queue_away") from None
