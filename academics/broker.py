"""The way to the queues. A broker that is away is an answer here, never an exception. Loaded before the models are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
SHORT = "short"  # the queue of all but searches: settings, CELERY_TASK_ROUTES
# A request must be answered soon whatever the broker does: one try, short timeouts, a connection of our own.
IMPATIENT = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "socket_timeout": 1.5, "socket_connect_timeout": 1.5}
AWAY = (OperationalError, RedisError, OSError, TimeoutError)


def broker() -> Connection:
    return Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT, connect_timeout=2)


def task_send(task: str, args: Sequence[object], *, over: Connection | None = None) -> bool:
    """Queues a task by its name, so that nobody who queues has to load the work; False when the broker is away."""
    try:
        with over or broker() as link:
            current_app.send_task(
                task, args=[str(each) if isinstance(each, uuid.UUID) else each for each in args], connection=link, retry=False
            )
    except AWAY as error:
        log.warning("task_not_queued", task=task, error=str(error))
        return False
    return True


def messages_waiting(queue: str) -> str | None:
    """The raw text of all messages that wait in a queue; None when the broker does not answer.

    Messages that a worker took are left out: a dead worker's stay there for hours, and a live one has begun its work.
    """
    try:
        with broker() as link:
            channel: Any = link.default_channel  # of the Redis transport: it has the client
            waiting = channel.client.lrange(queue, 0, -1)
    except AWAY as error:
        log.warning("queue_not_read", queue=queue, error=str(error))
        return None
    return "\n".join(raw.decode("utf-8", "replace") for raw in waiting)
