"""What a watcher receives of a job, whichever way it listens: one sequence of events for streams and sockets; and one stream's bytes."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import structlog

from progress.events import LAST_EVENTS, Event, connected_event, ended_event
from progress.metrics import LAG
from progress.reader import Channel, Reader
from progress.record import Record, seq_of
from progress.slots import Admission

log = structlog.get_logger(__name__)

HEARTBEAT = b": heartbeat\n\n"
RETRY_MS = 3000


def done_event(channel: Channel) -> Event:
    status = channel.record["status"] if channel.is_ended else "missing"
    return Event("done", seq_of(channel.record), b'{"status":"%s"}' % status.encode())


async def job_events(reader: Reader, admission: Admission, *, last_event_id: int = 0) -> AsyncGenerator[Event | None, None]:
    """`connected`, every change, and `done`, or `ended` when the right to watch is gone.

    ``None`` for each heartbeat's length of silence. Without one of `LAST_EVENTS` the process stops.
    """
    began, ending, job_id = time.monotonic(), "left", admission.job_id
    try:
        yield connected_event(job_id, last_event_id)
        with reader.watching(job_id) as channel:
            admission.wake = channel.wake
            seen = 0
            while not reader.is_closing:
                if admission.denial is not None:
                    ending = admission.denial
                    yield ended_event(admission.denial, seq_of(channel.record))
                    return
                if channel.version != seen:
                    # The first one may have been written long ago; only those that were waited for show a delay.
                    if seen:
                        _lag_observe(channel.record)
                    seen = channel.version
                    yield channel.event
                elif channel.is_ended or channel.is_gone:
                    ending = "done"
                    yield done_event(channel)
                    return
                elif not await channel.news():
                    yield None
        ending = "restart"
    finally:
        log.info("watch_ended", job_id=str(job_id), how=ending, seconds=round(time.monotonic() - began, 1))


def _lag_observe(record: Record) -> None:
    written_ms = record.get("written_ms")
    if isinstance(written_ms, int):
        # Two machines' clocks may differ a little.
        LAG.observe(max(0.0, time.time() - written_ms / 1000))


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
