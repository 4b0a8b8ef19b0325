"""The way to the queues. A broker that is away is an answer here, never an exception."""

from __future__ import annotations

import uuid

import structlog

from academics import broker
from academics.broker import task_send

TASK = "generation.tasks.generate"
NOTICES_TASK = "generation.tasks.notices"
# Searches have a queue of their own (settings: CELERY_TASK_ROUTES); all else is short and uses the other one.
SEARCHES = "searches"

log = structlog.get_logger(__name__)


def message_send(*, job_id: uuid.UUID) -> bool:
    """Queues the job's task by id; False when the broker is away (the sweep queues it later)."""
    is_sent = task_send(TASK, [job_id])
    if is_sent:
        log.info("job_queued", job_id=str(job_id))
    return is_sent


def notices_send(*, event_id: int) -> bool:
    """Queues the notices of one event; False when the broker is away (the sweep sends them)."""
    return task_send(NOTICES_TASK, [event_id])


def messages_waiting() -> str | None:
    """The raw text of all searches' messages that wait; None when the broker does not answer."""
    return broker.messages_waiting(SEARCHES)
