"""The way to the queue and a look into it. A broker that is away is an answer here, never an exception."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TASK = "generation.tasks.generate"
RENDER_TASK = "generation.tasks.rendering"
NOTICES_TASK = "generation.tasks.notices"
# Searches have a queue of their own (settings: CELERY_TASK_ROUTES); all else is short and uses the other one.
SEARCHES = "searches"
SHORT = "short"

log = structlog.get_logger(__name__)

# A POST must answer soon whatever the broker does: one try, short timeouts, a connection of our own.
_IMPATIENT = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "socket_timeout": 1.5, "socket_connect_timeout": 1.5}
_AWAY = (OperationalError, RedisError, OSError, TimeoutError)


def _connection() -> Connection:
    return Connection(settings.CELERY_BROKER_URL, transport_options=_IMPATIENT, connect_timeout=2)


def message_send(*, job_id: uuid.UUID) -> bool:
    """Queues the job's task by id; False when the broker is away (the sweep queues it later)."""
    try:
        with _connection() as connection:
            # By name: whoever files a job need not load the search.
            current_app.send_task(TASK, args=[str(job_id)], connection=connection, retry=False)
    except _AWAY as error:
        log.warning("job_not_queued", job_id=str(job_id), error=str(error))
        return False
    log.info("job_queued", job_id=str(job_id))
    return True


def rendering_send(*, rendering_id: uuid.UUID) -> bool:
    """Queues the making of one book; False when the broker is away (the sweep queues it later)."""
    try:
        with _connection() as connection:
            current_app.send_task(RENDER_TASK, args=[str(rendering_id)], connection=connection, retry=False)
    except _AWAY as error:
        log.warning("rendering_not_queued", rendering_id=str(rendering_id), error=str(error))
        return False
    return True


def notices_send(*, event_id: int) -> bool:
    """Queues the notices of one event; False when the broker is away (the sweep sends them)."""
    try:
        with _connection() as connection:
            current_app.send_task(NOTICES_TASK, args=[event_id], connection=connection, retry=False)
    except _AWAY as error:
        log.warning("notices_not_queued", event_id=event_id, error=str(error))
        return False
    return True


def messages_waiting() -> str | None:
    """The raw text of all searches' messages that wait; None when the broker does not answer.

    Messages that a worker took are left out: a dead worker's stay there for hours, and a live one has claimed its job.
    """
    try:
        with _connection() as connection:
            channel: Any = connection.default_channel  # of the Redis transport: it has the client
            waiting = channel.client.lrange(SEARCHES, 0, -1)
    except _AWAY as error:
        log.warning("queue_not_read", error=str(error))
        return None
    return "\n".join(raw.decode("utf-8", "replace") for raw in waiting)
