"""A made-up job sent the whole way: writer, Redis, reader, stream and WebSocket, each hop with its time or its error.

The job has no row. It is shown to the one person who started the test (see `progress.auth`), and counts nowhere.
"""

from __future__ import annotations

import json
import queue
import threading
import time
import urllib.error
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from progress import messages
from progress.following import BROKEN, Unwatchable, detail_of, events_read, stream_open
from progress.record import seq_of
from progress.store import SELFTEST_TTL_S, ProgressStore, store_made
from progress.tracker import ProgressTracker

# So long each hop is waited for; the reader polls about every second.
WAIT_S = 8.0
Events = Iterator[tuple[str, dict[str, Any]]]
_testing = threading.Lock()


@dataclass(frozen=True)
class Hop:
    name: str
    seconds: float | None = None  # None: it did not get there
    error: str = ""

    @property
    def milliseconds(self) -> int | None:
        return None if self.seconds is None else round(self.seconds * 1000)


@dataclass(frozen=True)
class Target:
    """The server under test, and how to be let in. ``connect_to`` is its own address where a proxy has another."""

    url: str
    headers: Mapping[str, str]
    connect_to: tuple[str, int] | None = None


class SelftestBusy(Exception):
    """Another one runs in this process."""


class _Uncounted(ProgressStore):
    """A made-up job must not change how long jobs take."""

    def duration_add(self, name: str, seconds: float) -> None:
        return


@dataclass
class Follower:
    """One way to the watcher, followed on a thread of its own, with the moments at which its events came."""

    name: str
    open: Callable[[], Events]
    _arrived: queue.SimpleQueue[tuple[float, str, int] | str] = field(default_factory=queue.SimpleQueue)

    def start(self) -> None:
        threading.Thread(target=self._follow, name=f"selftest-{self.name}", daemon=True).start()

    def _follow(self) -> None:
        try:
            for name, data in self.open():
                self._arrived.put((time.monotonic(), name, seq_of(data)))
            self._arrived.put(messages.HOP_ENDED)
        except (*BROKEN, WebSocketException, Unwatchable, urllib.error.HTTPError) as error:
            self._arrived.put(reason_of(error))

    def wait_for(self, hop: str, since: float, name: str, seq: int = 0) -> Hop:
        """The hop to this event, whatever comes before it."""
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                event = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return Hop(hop, error=messages.HOP_SILENT.format(wait_s=f"{WAIT_S:g}"))
            if isinstance(event, str):
                return Hop(hop, error=event)
            if event[1] == name and event[2] >= seq:
                return Hop(hop, seconds=max(0.0, event[0] - since))


def reason_of(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{error.code}: {detail_of(error.read(10_000))}"
    if isinstance(error, InvalidStatus):
        return f"{error.response.status_code}: {detail_of(bytes(error.response.body or b''))}"
    return str(getattr(error, "reason", "") or error) or type(error).__name__


def own_server(request: HttpRequest) -> Target:
    """This very server, as the caller named it and signed in as the caller, but without the proxy in between."""
    port = request.META.get("SERVER_PORT", "")
    own = (request.META["SERVER_NAME"], int(port)) if port.isdigit() and port != "0" else None
    headers = {name: request.headers[name] for name in ("Cookie", "Authorization") if name in request.headers}
    return Target(f"{request.scheme}://{request.get_host()}", headers, connect_to=own)


def selftest_once(*, user_id: int, target: Target) -> list[Hop]:
    """One at a time: each holds a thread for seconds. Raises `SelftestBusy`."""
    if not _testing.acquire(blocking=False):
        raise SelftestBusy
    try:
        return selftest_run(user_id=user_id, target=target)
    finally:
        _testing.release()


def selftest_run(*, user_id: int, target: Target) -> list[Hop]:
    """Every hop in order; the ways to the watcher are not tried without Redis. Takes seconds."""
    job_id = uuid.uuid4()
    with closing(store_made(_Uncounted, ttl_s=SELFTEST_TTL_S)) as store:
        tracker = ProgressTracker(job_id, started_at=int(time.time()), store=store)
        hops = _written(store, tracker, job_id, user_id)
        if hops[-1].error:
            return hops
        ways = [
            Follower("stream", lambda: _stream_events(target, job_id)),
            Follower("WebSocket", lambda: _socket_events(target, job_id)),
        ]
        return hops + _followed(ways, tracker)


def _written(store: ProgressStore, tracker: ProgressTracker, job_id: uuid.UUID, user_id: int) -> list[Hop]:
    began = time.monotonic()
    store.selftest_note(job_id, user_id)
    tracker.start()
    if store.is_away:
        return [Hop("Writer to Redis", error=messages.HOP_REDIS_AWAY)]
    written = time.monotonic()
    hops = [Hop("Writer to Redis", written - began)]
    record = store.read(job_id)
    if record is None or seq_of(record) != seq_of(tracker.record):
        return [*hops, Hop("Read back from Redis", error=messages.HOP_NOT_KEPT)]
    return [*hops, Hop("Read back from Redis", time.monotonic() - written)]


def _followed(ways: list[Follower], tracker: ProgressTracker) -> list[Hop]:
    began = time.monotonic()
    for way in ways:
        way.start()
    hops = [way.wait_for(f"Open the {way.name}", began, "progress") for way in ways]
    ways = [way for way, hop in zip(ways, hops, strict=True) if not hop.error]
    written = time.monotonic()
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    hops += [way.wait_for(f"Writer to reader to {way.name}", written, "progress", seq_of(tracker.record)) for way in ways]
    ended = time.monotonic()
    tracker.completed()
    return hops + [way.wait_for(f"The end by the {way.name}", ended, "done") for way in ways]


def _stream_events(target: Target, job_id: uuid.UUID) -> Events:
    url, headers = target.url, dict(target.headers)
    if target.connect_to is not None:
        headers["Host"] = urlsplit(target.url).netloc
        host, port = target.connect_to
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    with stream_open(url, job_id, headers=headers, timeout_s=WAIT_S, is_direct=target.connect_to is not None) as response:
        yield from events_read(response)


def _socket_events(target: Target, job_id: uuid.UUID) -> Events:
    address = f"{target.url.replace('http', 'ws', 1).rstrip('/')}/ws/timetable/progress/{job_id}/"
    where: dict[str, Any] = {}
    if target.connect_to is not None:
        address = address.replace("wss:", "ws:", 1)  # a proxy in front ends TLS, and this goes behind it
        where = {"sock": create_connection(target.connect_to, timeout=WAIT_S), "proxy": None}
    with connect(address, additional_headers=dict(target.headers), open_timeout=WAIT_S, **where) as socket:
        for text in socket:
            message = json.loads(text)
            yield message["type"], message["data"]
