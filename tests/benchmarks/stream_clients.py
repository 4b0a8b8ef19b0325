"""Many watchers in one light process: raw sockets that note when each record came, and nothing else.

`python -m tests.benchmarks.stream_clients` reads commands from its standard input, a JSON object a line, and answers each
with one: "open" (with `Orders`), "measure" (forget what came so far), "report", "leave". Clocks are the same machine's.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import resource
import socket
import struct
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SSE_PATH, SOCKET_PATH = "/api/generation/stream/{}/", "/ws/timetable/progress/{}/"
# Thirteen digits until the year 2286: a number that is cut in two by the transport is no match, and is waited for.
WRITTEN = re.compile(rb'"written_ms":(\d{13})')
CARRIED = 32
OPENING_AT_ONCE, OPEN_TIMEOUT_S = 50, 30.0
PING, PONG, CLOSE = 0x9, 0xA, 0x8


@dataclass(frozen=True)
class Orders:
    """Which streams to open: each is a job's id and a token."""

    kind: str
    port: int
    streams: list[tuple[str, str]]
    source: str = "127.0.0.1"  # of this process's connections: each address of the loopback has ports of its own


@dataclass
class Tally:
    """What came to all streams since the last "measure"."""

    began: float = field(default_factory=time.time)
    cpu_began: float = field(default_factory=time.process_time)
    delays_ms: list[int] = field(default_factory=list)
    of_stream: Counter[int] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        seconds = time.time() - self.began
        cpu = (time.process_time() - self.cpu_began) / seconds
        return {"delays_ms": self.delays_ms, "num_served": len(self.of_stream), "seconds": seconds, "cpu": cpu}


class Stream(asyncio.Protocol):
    """One event stream. ``opened`` becomes true at its `connected`, false when it is refused or broken."""

    def __init__(self, client: Clients, number: int, request: bytes) -> None:
        self._client, self._number, self._request = client, number, request
        self._tail = b""
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if not self.opened.done():
            self._open(self._tail + data)
        self._note(now, data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_result(False)
        elif not self._client.is_leaving:
            self._client.num_broken += 1

    def _open(self, seen: bytes) -> None:
        status = seen[9:12]
        if status in (b"200", b"101"):
            if b"connected" in seen:
                self.opened.set_result(True)
        elif len(status) == 3:
            self._client.refused[status.decode()] += 1
            self.opened.set_result(False)

    def _note(self, now: float, data: bytes) -> None:
        whole, end = self._tail + data, 0
        for match in WRITTEN.finditer(whole):
            self._client.tally.delays_ms.append(round(now * 1000) - int(match[1]))
            self._client.tally.of_stream[self._number] += 1
            end = match.end()
        self._tail = whole[max(end, len(whole) - CARRIED) :] if self.opened.done() else whole


class Socket(Stream):
    """One WebSocket; it answers pings, or the server would take it for dead."""

    def __init__(self, client: Clients, number: int, request: bytes) -> None:
        super().__init__(client, number, request)
        self._frames = b""
        self._is_accepted = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._frames += data
        if not self._is_accepted:
            _, ends, rest = self._frames.partition(b"\r\n\r\n")
            if not ends:
                return
            self._is_accepted, self._frames = True, rest
        self._frames_read()

    def _frames_read(self) -> None:
        while len(self._frames) >= 2:
            code, size, start = self._frames[0] & 0x0F, self._frames[1] & 0x7F, 2
            if size >= 126:
                start = 4 if size == 126 else 10
                size = int.from_bytes(self._frames[2:start], "big")
            if len(self._frames) < start + size:
                return
            payload, self._frames = self._frames[start : start + size], self._frames[start + size :]
            if code in (PING, CLOSE) and self.transport is not None:
                # Masked by zeros, which leave the payload as it is.
                self.transport.write(bytes([0x80 | (PONG if code == PING else CLOSE), 0x80 | len(payload)]) + bytes(4) + payload)


class Clients:
    """All streams of this process."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.refused: Counter[str] = Counter()
        self.num_broken = 0
        self.is_leaving = False
        self._streams: list[Stream] = []

    async def open(self, orders: Orders) -> dict[str, Any]:
        began, gate = time.monotonic(), asyncio.Semaphore(OPENING_AT_ONCE)
        took = await asyncio.gather(*(self._open_one(orders, number, gate) for number in range(len(orders.streams))))
        opened = sorted(seconds for seconds in took if seconds is not None)
        longest_s = opened[-1] if opened else None
        return {"connected": len(opened), "seconds": time.monotonic() - began, "longest_s": longest_s, "refused": dict(self.refused)}

    async def _open_one(self, orders: Orders, number: int, gate: asyncio.Semaphore) -> float | None:
        kind = Socket if orders.kind == "websocket" else Stream
        async with gate:
            began = time.monotonic()
            try:
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    stream, source = kind(self, number, request_of(orders, number)), (orders.source, 0)
                    await asyncio.get_running_loop().create_connection(lambda: stream, "127.0.0.1", orders.port, local_addr=source)
                    if orders.kind == "resets" and number % 2:
                        return reset(stream)
                    self._streams.append(stream)
                    is_open = await stream.opened
            except OSError:  # a timeout as well
                return None
            return time.monotonic() - began if is_open else None

    def leave(self) -> None:
        self.is_leaving = True
        for stream in self._streams:
            if stream.transport is not None:
                stream.transport.close()


def reset(stream: Stream) -> None:
    """The request is on its way, and its client is gone by a reset before the first byte of an answer."""
    assert stream.transport is not None
    stream.opened.cancel()
    stream.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.transport.abort()


def request_of(orders: Orders, number: int) -> bytes:
    job_id, token = orders.streams[number]
    path = (SOCKET_PATH if orders.kind == "websocket" else SSE_PATH).format(job_id)
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{orders.port}", f"Authorization: Bearer {token}"]
    if orders.kind == "websocket":
        key = base64.b64encode(os.urandom(16)).decode()
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    else:
        lines.append("Accept: text/event-stream")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def orders_of(command: dict[str, Any]) -> Orders:
    streams = [(job, token) for job, token in command["streams"]]
    return Orders(command["kind"], command["port"], streams, command["source"])


async def serve() -> None:
    clients, loop = Clients(), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        answer: dict[str, Any] = {}
        if command["do"] == "open":
            answer = await clients.open(orders_of(command))
        elif command["do"] == "measure":
            clients.tally, clients.num_broken = Tally(), 0
        elif command["do"] == "report":
            answer = clients.tally.document() | {"num_broken": clients.num_broken}
        elif command["do"] == "leave":
            clients.leave()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(serve())
