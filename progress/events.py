"""The events that a watcher of a job receives, as bytes for a stream and text for a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from progress import messages
from progress.authorization import Denial
from progress.record import Record, record_encode, seq_of

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


def ended_event(denial: Denial, seq: int) -> Event:
    """The right to watch is gone: why, and the status that a new request would get."""
    data = {"status": DENIAL_STATUS[denial], "reason": denial, "detail": DENIAL_DETAIL[denial]}
    return Event("ended", seq, json.dumps(data, separators=(",", ":")).encode())
