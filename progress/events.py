"""What a watcher hears of a job, whichever way it listens: one sequence of events for streams and sockets."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from progress import messages
from progress.authorization import Denial
from progress.metrics import LAG
from progress.record import Record, record_encode, seq_of

if TYPE_CHECKING:
    from progress.reader import Channel, Reader
    from progress.slots import Admission

log = structlog.get_logger(__name__)
# After these nothing more comes: the job's end, or the end of the right to watch it.
LAST_EVENTS = ("done", "ended")
# The status with which a new request would be refused.
DENIAL_STATUS: dict[Denial, int] = {"signed_out": 401, "forbidden": 403, "missing": 404}
DENIAL_DETAIL: dict[Denial, str] = {
    "signed_out": messages.ENDED_SIGNED_OUT,
    "forbidden": messages.ENDED_FORBIDDEN,
    "missing": messages.ENDED_MISSING,
}


@dataclass(frozen=True)
class Event:
    """One event; ``data`` is one line of JSON. Its two spellings are made once for all that watch the job."""

    name: str
    seq: int
    data: bytes

    @cached_property
    def frame(self) -> bytes:
        """As a server-sent event."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self.seq, self.name.encode(), self.data)

    @cached_property
    def message(self) -> str:
        """As a WebSocket's message."""
        return f'{{"type":"{self.name}","data":{self.data.decode()}}}'


def connected_event(job_id: UUID, last_event_id: int) -> Event:
    """The first one; it carries the watcher's own last id on, so that a reconnect does not count back."""
    return Event("connected", last_event_id, json.dumps({"job_id": str(job_id)}, separators=(",", ":")).encode())


def progress_event(record: Record) -> Event:
    return Event("progress", seq_of(record), record_encode(record))


def done_event(channel: Channel) -> Event:
    status = channel.record["status"] if channel.is_ended else "missing"
    return Event("done", seq_of(channel.record), b'{"status":"%s"}' % status.encode())


def ended_event(denial: Denial, seq: int) -> Event:
    """The right to watch is gone: why, and the status that a new request would get."""
    data = {"status": DENIAL_STATUS[denial], "reason": denial, "detail": DENIAL_DETAIL[denial]}
    return Event("ended", seq, json.dumps(data, separators=(",", ":")).encode())


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
                    # The first one may have been written long ago; only those that were waited for tell of a delay.
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
