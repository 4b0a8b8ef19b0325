"""One stream's events, and how many streams a process carries."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from django.conf import settings

from progress.metrics import ACTIVE, CONNECTIONS, REJECTED
from progress.reader import Channel, Reader, event_frame
from progress.record import seq_of

HEARTBEAT = b": heartbeat\n\n"
RETRY_MS = 3000


class Slots:
    """The open streams of this process, in all and by user. Used on the event loop only."""

    def __init__(self) -> None:
        self._by_user: Counter[int] = Counter()

    @property
    def num_open(self) -> int:
        return self._by_user.total()

    def take(self, user_id: int) -> Callable[[], None] | None:
        """What gives the place back (any number of calls), or ``None`` when a limit is reached."""
        if self.num_open >= settings.STREAM_LIMIT or self._by_user[user_id] >= settings.STREAM_LIMIT_PER_USER:
            REJECTED.inc()
            return None
        self._by_user[user_id] += 1
        CONNECTIONS.inc()
        ACTIVE.inc()
        is_open = True

        def give_back() -> None:
            nonlocal is_open
            if is_open:
                is_open = False
                self._by_user[user_id] -= 1
                self._by_user += Counter()  # forgets users without a stream
                ACTIVE.dec()

        return give_back


def connected_frame(job_id: UUID, last_event_id: int) -> bytes:
    """The first event; it carries the reader's own last id on, so that a reconnect does not count back."""
    data = json.dumps({"job_id": str(job_id)}, separators=(",", ":")).encode()
    return b"retry: %d\n" % RETRY_MS + event_frame("connected", last_event_id, data)


def done_frame(channel: Channel) -> bytes:
    status = channel.record["status"] if channel.is_ended else "missing"
    return event_frame("done", seq_of(channel.record), b'{"status":"%s"}' % status.encode())


def farewell_frame() -> bytes:
    """The process stops: come back soon, but not all at the same moment."""
    return b"retry: %d\n: the server restarts\n\n" % random.randint(500, 3000)


async def stream_events(reader: Reader, job_id: UUID, *, last_event_id: int, give_back: Callable[[], None]) -> AsyncIterator[bytes]:
    """`connected`, then every change, heartbeats in between, and `done`."""
    try:
        yield connected_frame(job_id, last_event_id)
        with reader.watching(job_id) as channel:
            seen = 0
            while not reader.is_closing:
                changed = channel.changed
                if channel.version != seen:
                    seen = channel.version
                    yield channel.frame
                elif channel.is_ended or channel.is_gone:
                    yield done_frame(channel)
                    return
                elif not await _happened(changed, settings.STREAM_HEARTBEAT_S):
                    yield HEARTBEAT
            yield farewell_frame()
    finally:
        give_back()


async def _happened(event: asyncio.Event, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
