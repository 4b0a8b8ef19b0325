"""One stream's bytes, and how many streams and sockets a process carries."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from uuid import UUID

from django.conf import settings

from progress.events import job_events
from progress.metrics import ACTIVE, CONNECTIONS, REJECTED, Kind
from progress.reader import Reader

HEARTBEAT = b": heartbeat\n\n"
RETRY_MS = 3000


class Slots:
    """The open streams and sockets of this process, in all and by user. Used on the event loop only."""

    def __init__(self) -> None:
        self._by_user: Counter[int] = Counter()

    @property
    def num_open(self) -> int:
        return self._by_user.total()

    def take(self, user_id: int, kind: Kind = "sse") -> Callable[[], None] | None:
        """What gives the place back (any number of calls), or ``None`` when a limit is reached."""
        if self.num_open >= settings.STREAM_LIMIT or self._by_user[user_id] >= settings.STREAM_LIMIT_PER_USER:
            REJECTED[kind].inc()
            return None
        self._by_user[user_id] += 1
        CONNECTIONS[kind].inc()
        ACTIVE[kind].inc()
        is_open = True

        def give_back() -> None:
            nonlocal is_open
            if is_open:
                is_open = False
                self._by_user[user_id] -= 1
                self._by_user += Counter()  # forgets users without a stream
                ACTIVE[kind].dec()

        return give_back


def farewell_frame() -> bytes:
    """The process stops: come back soon, but not all at the same moment."""
    return b"retry: %d\n: the server restarts\n\n" % random.randint(500, 3000)


async def stream_events(reader: Reader, job_id: UUID, *, last_event_id: int, give_back: Callable[[], None]) -> AsyncIterator[bytes]:
    """The job's events as server-sent ones, heartbeats in between."""
    is_done, first = False, b"retry: %d\n" % RETRY_MS
    try:
        async with aclosing(job_events(reader, job_id, last_event_id=last_event_id)) as events:
            async for event in events:
                is_done = event is not None and event.name == "done"
                yield first + event.frame if event else HEARTBEAT
                first = b""
        if not is_done:
            yield farewell_frame()
    finally:
        give_back()
