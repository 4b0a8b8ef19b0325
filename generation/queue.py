"""The way to the queues. A broker that is away is an answer here, never an exception."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from django.conf import settings

from academics import broker
from academics.broker import AWAY, task_send

TASK = "generation.tasks.generate"
NOTICES_TASK = "generation.tasks.notices"
# Searches have a queue of their own (settings: CELERY_TASK_ROUTES); all else is short and uses the other one.
SEARCHES = "searches"
# Each worker says how many searches it runs at once, and is forgotten when it says nothing for a while, by Redis's own clock.
WORKERS = "search-workers"
ANNOUNCE_S, ANNOUNCED_S = 2, 15
SLOTS_WITHOUT_WORKER = 1  # the first to come finds a job

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


def slots_announce(client: Any, worker: str, slots: int) -> None:
    """A worker's word, over its own connection to the broker."""
    client.sadd(WORKERS, worker)
    client.set(f"{WORKERS}:{worker}", slots, ex=ANNOUNCED_S)


def slots_withdraw(client: Any, worker: str) -> None:
    client.srem(WORKERS, worker)
    client.delete(f"{WORKERS}:{worker}")


def search_slots() -> int | None:
    """How many searches the live workers run at once, or the setting; None when the broker does not answer."""
    try:
        with broker.broker() as link:
            channel: Any = link.default_channel
            workers = sorted(channel.client.smembers(WORKERS))
            said = channel.client.mget([f"{WORKERS}:{each.decode()}" for each in workers]) if workers else []
            gone = [worker for worker, slots in zip(workers, said, strict=True) if slots is None]
            if gone:
                channel.client.srem(WORKERS, *gone)
    except AWAY as error:
        log.warning("slots_not_read", error=str(error))
        return None
    return settings.JOBS_SLOTS or sum(int(slots) for slots in said if slots is not None) or SLOTS_WITHOUT_WORKER
