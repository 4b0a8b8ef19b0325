"""One stream's bytes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import aclosing

from progress.events import LAST_EVENTS, job_events
from progress.reader import Reader
from progress.slots import Admission

HEARTBEAT = b": heartbeat\n\n"
RETRY_MS = 3000


def farewell_frame() -> bytes:
    """The process stops: come back soon, but not all at the same moment."""
    return b"retry: %d\n: the server restarts\n\n" % random.randint(500, 3000)


async def stream_events(reader: Reader, admission: Admission, *, last_event_id: int) -> AsyncIterator[bytes]:
    """The job's events as server-sent ones, heartbeats in between."""
    is_done, first = False, b"retry: %d\n" % RETRY_MS
    try:
        async with aclosing(job_events(reader, admission, last_event_id=last_event_id)) as events:
            async for event in events:
                is_done = event is not None and event.name in LAST_EVENTS
                yield first + event.frame if event else HEARTBEAT
                first = b""
        if not is_done:
            yield farewell_frame()
    finally:
        admission.give_back()
