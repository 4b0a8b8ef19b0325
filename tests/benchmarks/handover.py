"""A HUP under open streams at the real server (SUITE=handover): for how long nobody accepts, and when each stream is back.

STREAMS=500 chooses the number. Two web processes; every watcher does what a browser does: it reads, and opens the stream again after the
pause that the server named.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import quantiles

from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.stream_clients import SSE_PATH
from tests.benchmarks.stream_figures import Load, files_allow, metric, writing
from tests.benchmarks.streams import Installation, installed
from tests.benchmarks.tables import Column, Figures, Table
from tests.processes import Server, start_server

NUM_STREAMS, NUM_PROCESSES, READY_WITHIN_S = 500, 2, 300.0
COLUMNS = (Column("streams", "streams", ",d"), Column("figure", "figure", is_text=True), Column("found", "found", ",.2f", is_compared=True))
FIGURES = {
    "boot_s": "processes replaced, s",
    "silent_s": "longest without an acceptor, s",
    "refused": "connections refused",
    "hinted": "streams told to come back",
    "back": "streams back",
    "p50_s": "p50 without a stream, s",
    "p99_s": "p99 without a stream, s",
    "counted": "streams counted",
    "before": "processes before",
    "during": "processes during",
    "after": "processes after",
}
NOTES = [
    "An acceptor: a small page over a new connection, asked every 20 ms. Counted: `sse_connections_total` after the HUP, which counts on "
    "over both generations."
]


@dataclass
class Watcher:
    """One browser's stream, as often as it has to be opened."""

    port: int
    request: bytes
    num_events: int = 0
    num_opened: int = 0
    is_hinted: bool = False
    lost_at: float = 0.0
    away_s: float | None = None

    async def watch(self) -> None:
        while True:
            pause_s = 3.0
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                pause_s = await self._once()
            self.lost_at = time.monotonic()
            await asyncio.sleep(pause_s)

    async def _once(self) -> float:
        pause_s = 3.0
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self.request)
            while line := await reader.readline():
                if line.startswith(b"event: progress"):
                    self.num_events += 1
                    if self.lost_at and self.away_s is None:
                        self.away_s = time.monotonic() - self.lost_at
                elif line.startswith(b"event: connected"):
                    self.num_opened += 1
                elif found := re.match(rb"retry: (\d+)", line):
                    pause_s = int(found[1]) / 1000
                elif line.startswith(b": the server restarts"):
                    self.is_hinted = True
        finally:
            writer.close()
        return pause_s


@dataclass
class Knocking:
    """Asks all the time, each time by a new connection."""

    port: int
    longest_s: float = 0.0
    num_refused: int = 0
    _answered: float = field(default_factory=time.monotonic)

    async def knock(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                is_answered = bool(await reader.readline())
                writer.close()
            except OSError:
                self.num_refused, is_answered = self.num_refused + 1, False
            if is_answered:
                now = time.monotonic()
                self.longest_s, self._answered = max(self.longest_s, now - self._answered), now
            await asyncio.sleep(0.02)


def run(options: Options) -> Outcome:
    numbers = options.streams or (NUM_STREAMS,)
    files_allow(max(numbers))
    rows = []
    with installed(max(numbers)) as installation:
        for number in numbers:
            sys.stderr.write(f"handover: {number} streams, a HUP\n")
            env = {**installation.env, "WEB_CONCURRENCY": str(NUM_PROCESSES)}
            with start_server(env, folder=installation.folder) as server, writing(installation.valkey, installation.jobs):
                found = asyncio.run(_handed_over(installation, server, number))
                rows += [{"streams": number, "figure": words, "found": found[key]} for key, words in FIGURES.items()]
    title = f"A HUP of {NUM_PROCESSES} web processes under open streams"
    return Outcome([Table("handover", title, COLUMNS, rows, NOTES, keys=("streams", "figure"))])


async def _handed_over(installation: Installation, server: Server, number: int) -> Figures:
    load: Load = installation.load(number)
    watchers = [Watcher(server.port, _request(job, token)) for job, token in load.streams]
    knocking = Knocking(server.port)
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    try:
        await _until(lambda: all(watcher.num_events for watcher in watchers), "the streams' first news")
        tasks.append(asyncio.create_task(knocking.knock()))
        await asyncio.sleep(2)
        old, before = set(server.worker_pids()), await _processes(server)
        began = time.monotonic()
        os.kill(server.process.pid, signal.SIGHUP)
        await _until(lambda: len(server.worker_pids()) > NUM_PROCESSES, "the new processes")
        during = await _processes(server)
        await _until(lambda: not old & set(server.worker_pids()), "the end of the old processes")
        boot_s = time.monotonic() - began
        await _until(lambda: all(watcher.away_s is not None for watcher in watchers), "all streams")
        after = await _processes(server)
        counted = await asyncio.to_thread(metric, server.url, "sse_connections_total", token="bench")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    away = quantiles([watcher.away_s or READY_WITHIN_S for watcher in watchers], n=100)
    return {
        "boot_s": boot_s,
        "silent_s": knocking.longest_s,
        "refused": knocking.num_refused,
        "hinted": sum(watcher.is_hinted for watcher in watchers),
        "back": sum(watcher.away_s is not None for watcher in watchers),
        "p50_s": away[49],
        "p99_s": away[98],
        "counted": counted,
        "before": before,
        "during": during,
        "after": after,
    }


def _request(job: str, token: str) -> bytes:
    return f"GET {SSE_PATH.format(job)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _processes(server: Server) -> int:
    return int(await asyncio.to_thread(metric, server.url, "web_processes", token="bench"))


async def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {READY_WITHIN_S:g} s")
        await asyncio.sleep(0.05)
