"""A job followed from outside a web server: from this machine's store and rows, or by the stream of a server.

Both yield records and, while something is away, a sentence for people; neither gives up before the job's end.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from progress import messages
from progress.record import Record, is_terminal
from progress.snapshots import snapshot

REFUSALS = (400, 401, 403, 404)
# Three heartbeats without a word: the connection is dead, whatever it says.
SILENT_HEARTBEATS = 3
BROKEN = (OSError, HTTPException, ValueError)


class Unwatchable(Exception):
    """The job can't be followed by this caller, now or later; the message says why."""


@dataclass
class Patience:
    """Pauses of 1, 2, 4 ... seconds between tries, from the beginning again after a success."""

    sleep: Callable[[float], object] = time.sleep
    failures: int = 0

    def wait(self, at_least_s: float = 0) -> None:
        self.sleep(max(at_least_s, self.next_s))
        self.failures += 1

    @property
    def next_s(self) -> float:
        return float(min(settings.STREAM_BACKOFF_MAX_S, 2 ** min(self.failures, 10)))


def local_records(job_id: UUID, *, patience: Patience | None = None) -> Iterator[Record | str]:
    """Redis first, the row where it has nothing; queries the database and sleeps in between."""
    patience = patience or Patience()
    while True:
        try:
            record = snapshot(job_id=job_id)
        except (DatabaseError, InterfaceError):
            connection.close()
            yield messages.WATCH_DATABASE_AWAY.format(in_s=f"{patience.next_s:g}")
            patience.wait()
            continue
        if record is None:
            raise Unwatchable(messages.NO_JOB.format(job_id=job_id))
        patience.failures = 0
        yield record
        if is_terminal(record):
            return
        patience.sleep(settings.STREAM_POLL_S / 2)


def remote_records(url: str, job_id: UUID, *, headers: Mapping[str, str], patience: Patience | None = None) -> Iterator[Record | str]:
    """The server's event stream, opened again as often as it breaks."""
    patience = patience or Patience()
    while True:
        pause_s, why = 0.0, "the connection ended"
        try:
            with stream_open(url, job_id, headers=headers) as response:
                for name, data in events_read(response):
                    patience.failures = 0
                    if name == "progress":
                        yield data
                    elif name == "ended":
                        raise Unwatchable(str(data["detail"]))  # the right to watch is gone
                    elif name == "done":
                        return
        except urllib.error.HTTPError as error:
            pause_s, why = _refused(error)
        except BROKEN as error:
            why = str(getattr(error, "reason", "") or error) or type(error).__name__
        yield messages.WATCH_RECONNECTING.format(url=url, why=why, in_s=f"{max(pause_s, patience.next_s):g}")
        patience.wait(pause_s)


def _refused(error: urllib.error.HTTPError) -> tuple[float, str]:
    with error:
        detail = detail_of(error.read(10_000)) or f"HTTP {error.code}"
    if error.code in REFUSALS or 300 <= error.code < 400:
        raise Unwatchable(detail)
    after = error.headers.get("Retry-After", "")
    return (min(300.0, float(after)) if after.isdigit() else 0.0), detail


def detail_of(body: bytes) -> str:
    """What a refusal says in its JSON; nothing where it is not ours."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the server that was named, and to no other."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        return None


@contextmanager
def stream_open(
    url: str, job_id: UUID, *, headers: Mapping[str, str], timeout_s: float | None = None, is_direct: bool = False
) -> Iterator[HTTPResponse]:
    """The open event stream; a refusal raises HTTPError, an address that is none ``Unwatchable``. Direct: by no proxy."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Unwatchable(messages.WATCH_BAD_URL.format(url=url))
    address = f"{url.rstrip('/')}/api/generation/stream/{job_id}/"
    request = urllib.request.Request(address, headers={"Accept": "text/event-stream", **headers})  # noqa: S310  checked above
    timeout_s = timeout_s or settings.STREAM_HEARTBEAT_S * SILENT_HEARTBEATS
    proxies = [urllib.request.ProxyHandler({})] if is_direct else []
    with urllib.request.build_opener(_NoRedirect, *proxies).open(request, timeout=timeout_s) as response:
        yield response


def events_read(lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of each event as it arrives; heartbeats have neither."""
    name = data = ""
    for line in lines:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data = value
        elif not field and data:
            yield name, json.loads(data)
            name = data = ""
