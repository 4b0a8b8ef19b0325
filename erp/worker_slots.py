"""One of a worker's processes is kept free of searches, so that imports, books and e-mails need not wait for one.

Searches come by a queue of their own. While a worker has as many as it may have at once, it does not listen there, and what
waits stays in Redis for it or another worker. A worker with a single process takes everything in turn. Each worker says in Redis
how many it may have, so that the dispatcher (`generation.worker.dispatch`) knows how many to release.

Two workers with a queue of their own each (`-Q searches`, `-Q short`) would do the same without any listening and listening no more,
and whoever wants them may start them so. They are not the usual way, as the second brings a parent and a sweep of its own: an idle
worker of two processes takes about 590 MB, two of one process each about 840 MB (proportional shares, as measured on Linux). They
would also be a second program to start, watch and stop on each machine, and the number of searches would be announced all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import task_received
from celery.worker import state

from academics.broker import AWAY
from generation.queue import ANNOUNCE_S, SEARCHES, TASK, slots_announce, slots_withdraw

log = structlog.get_logger(__name__)
LOOK_S = 0.25


class SearchSlots(bootsteps.StartStopStep):
    """Opens and closes the queue of searches. All in the loop of the worker's parent, which also reads the messages."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._consumer = consumer
        self._timer: Any = None
        self._announced_at = float("-inf")
        super().__init__(consumer, **options)

    def include_if(self, consumer: Any) -> bool:
        """Not where `-Q` left the searches out, nor in pools without the loop (threads, solo)."""
        return bool(consumer.hub) and SEARCHES in consumer.app.amqp.queues.consume_from

    def start(self, consumer: Any) -> None:
        """Again at each new connection to Redis; searches that went on meanwhile still count."""
        self._announced_at = float("-inf")
        self._timer = consumer.timer.call_repeatedly(LOOK_S, self._look)
        task_received.connect(self._on_received, weak=False, dispatch_uid=SEARCHES)

    def stop(self, consumer: Any) -> None:
        task_received.disconnect(dispatch_uid=SEARCHES)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._tell(slots_withdraw)

    def _on_received(self, request: Any, **_: Any) -> None:
        """The next message is only read after this one, so no search too many comes in between."""
        if request.name == TASK:
            self._look(also=request)

    def _look(self, *, also: Any = None) -> None:
        at_work = {request for request in [*state.reserved_requests, *state.active_requests, also] if request and request.name == TASK}
        slots = searches_at_once(self._consumer.pool.num_processes)
        if time.monotonic() - self._announced_at >= ANNOUNCE_S:
            self._announced_at = time.monotonic()
            self._tell(slots_announce, slots)
        may_listen = len(at_work) < slots
        if may_listen != self._consumer.task_consumer.consuming_from(SEARCHES):
            self._listen() if may_listen else self._listen_no_more()

    def _tell(self, what: Callable[..., None], *facts: int) -> None:
        """Over the consumer's own connection: this process forks, and opens none beside it."""
        try:
            with self._consumer.task_consumer.channel.conn_or_acquire() as client:
                what(client, self._consumer.hostname, *facts)
        except AWAY as error:
            log.debug("slots_not_announced", error=str(error))  # the consumer's own polling notices, too, and begins anew

    def _listen(self) -> None:
        queues, messages = self._consumer.app.amqp.queues, self._consumer.task_consumer
        messages.add_queue(queues.select_add(queues[SEARCHES]))
        messages.consume()

    def _listen_no_more(self) -> None:
        self._consumer.app.amqp.queues.deselect(SEARCHES)  # for the next connection
        self._consumer.task_consumer.cancel_by_queue(SEARCHES)


def searches_at_once(num_processes: int) -> int:
    """All processes but one; a worker with a single one has it for everything."""
    return max(1, num_processes - 1)
