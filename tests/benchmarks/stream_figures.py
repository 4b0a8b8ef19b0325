"""What the streams' suite measures with: watchers' processes, a writer of records, and the kernel's and Redis's own accounts."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from progress.record import record_encode
from progress.store import key_of
from tests.benchmarks.options import ROOT, OptionError
from tests.benchmarks.tables import Figures
from tests.processes import Valkey

STREAMS_PER_CLIENT = 1500
# Not the reader's own second, so that in the end every point of its tick was written at.
WRITE_S = 1.03
SPARE_FILES = 200
SAMPLE_S = 0.1
# Established, or given up by the client and not yet by the server; what the server has closed itself is the kernel's.
OPEN_STATES = frozenset({"01", "08"})
CRITERIA = ("lunch", "min_days", "compactness", "room_stability", "free_days", "late_hours")


def files_allow(num_streams: int) -> None:
    """Raise this process's limit of open files, which those that it starts inherit."""
    needed = num_streams + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise OptionError(
            f"STREAMS: {num_streams} streams need {needed} open files in one process, and here are at most {hard} allowed (ulimit -Hn). "
            f"Raise that, or ask for fewer: STREAMS={max(1, hard - SPARE_FILES)}."
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@dataclass(frozen=True)
class Load:
    """A job's id and a token for each stream."""

    streams: list[tuple[str, str]]


class ClientGroup:
    """Watchers in as many processes as they need; a context manager, which ends them."""

    def __init__(self, kind: str, port: int, load: Load) -> None:
        parts = [load.streams[start : start + STREAMS_PER_CLIENT] for start in range(0, len(load.streams), STREAMS_PER_CLIENT)]
        self._orders = [
            {"do": "open", "kind": kind, "port": port, "streams": part, "source": f"127.0.0.{2 + index % 250}"}
            for index, part in enumerate(parts)
        ]
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.benchmarks.stream_clients"]
        for _ in self._orders:
            self._processes.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()  # the end of its commands is its own
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()

    def open(self) -> Figures:
        answers = self._ask(self._orders)
        statuses = {status for answer in answers for status in answer["refused"]}
        refused = {status: sum(answer["refused"].get(status, 0) for answer in answers) for status in sorted(statuses)}
        seconds = max(answer["seconds"] for answer in answers)
        return {"connected": sum(answer["connected"] for answer in answers), "seconds": seconds, "refused": refused}

    def measure(self) -> None:
        self._ask([{"do": "measure"}] * len(self._orders))

    def report(self) -> Figures:
        answers = self._ask([{"do": "report"}] * len(self._orders))
        summed = {key: sum(answer[key] for answer in answers) for key in ("num_served", "num_broken", "cpu")}
        delays_ms = [delay for answer in answers for delay in answer["delays_ms"]]
        return {**summed, "delays_ms": delays_ms, "seconds": max(answer["seconds"] for answer in answers)}

    def leave(self) -> None:
        self._ask([{"do": "leave"}] * len(self._orders))

    @staticmethod
    def wait(seconds: float) -> None:
        time.sleep(seconds)

    def _ask(self, commands: Sequence[Mapping[str, Any]]) -> list[Figures]:
        """All at once, and their answers when all have one."""
        for process, command in zip(self._processes, commands, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
        return [self._answer(process) for process in self._processes]

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> Figures:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of watchers ended with status {process.wait()}")
        return dict(json.loads(line))


class Proc:
    """The server's processes as the kernel sees them."""

    def __init__(self, pids: Sequence[int], database: Path, port: int) -> None:
        self._pids = pids
        self._database = str(database)
        self._port = f":{port:04X}"
        self.most_databases = 0

    def cpu_s(self) -> float:
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def num_connections(self) -> int:
        """Of clients, as far as the kernel has them on the server's side."""
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(1 for line in lines if line[1].endswith(self._port) and line[3] in OPEN_STATES and line[9] != "0")

    def num_databases(self) -> int:
        """SQLite's connections: each holds the file open once."""
        return sum(1 for pid in self._pids for file in _open_files(pid) if file == self._database)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Notes the most database connections at once."""
        with _repeating(SAMPLE_S, self._note_databases):
            yield

    def _note_databases(self) -> None:
        self.most_databases = max(self.most_databases, self.num_databases())


def _open_files(pid: int) -> Iterator[str]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            yield str(link.readlink())


@contextlib.contextmanager
def _repeating(seconds: float, action: Callable[[], object]) -> Iterator[None]:
    is_over = threading.Event()

    def repeat() -> None:
        while not is_over.wait(seconds):
            action()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextlib.contextmanager
def writing(valkey: Valkey, jobs: Sequence[str]) -> Iterator[None]:
    """What 50 workers do: each job's record anew about once a second, at a moment of its own, with the time in it."""
    with valkey.client() as client:
        began = {job: random.random() * WRITE_S for job in jobs}
        due = sorted((at, job) for job, at in began.items())
        started, number = time.monotonic(), 0

        def write() -> None:
            nonlocal number
            while due[0][0] <= time.monotonic() - started:
                at, job = due.pop(0)
                number += 1
                client.set(key_of(job), record_encode(record_of(job, number)), ex=7200)
                due.append((at + WRITE_S, job))

        with _repeating(0.005, write):
            yield


def record_of(job: str, number: int) -> Figures:
    """As long as a job's with three variants."""
    now = time.time()
    figures = {"hard": 0, "soft": 900 - number % 500, "placed": 2000, "unplaced": 0, "breakdown": dict.fromkeys(CRITERIA, 150)}
    variants = [{"label": f"Variant {index}", **figures} for index in range(3)]
    return {
        "job_id": job,
        "schema": 1,
        "seq": int(now * 1000),
        "stage": "ga_optimization",
        "stage_progress": 50.0,
        "overall_progress": 82.5,
        "status": "running",
        "eta_seconds": 30,
        "started_at": int(now) - 30,
        "last_updated": int(now),
        "written_ms": int(now * 1000),
        "metadata": {
            "completed_items": 1,
            "total_items": 3,
            "variants": [{**variant, "breakdown": dict.fromkeys(CRITERIA, 150)} for variant in variants],
        },
    }


def delays(delays_ms: Sequence[int]) -> Figures:
    """Quantiles of the time from a record's writing to its receipt; None where nothing came."""
    ordered = sorted(delays_ms)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "most_ms": 1.0}
    return {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None for name, share in shares.items()}


def commands_per_second(before: Mapping[str, Any], after: Mapping[str, Any], seconds: float) -> dict[str, float]:
    """Of each command that was called meanwhile, from Redis's own counts."""

    def calls(stats: Mapping[str, Any], name: str) -> int:
        return int(stats.get(name, {}).get("calls", 0))

    grown = {name: calls(after, name) - calls(before, name) for name in after}
    return {name.removeprefix("cmdstat_"): count / seconds for name, count in grown.items() if count}


def metric(url: str, name: str, *, token: str) -> int:
    """One figure of the server's own account."""
    request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}", "Connection": "close"})
    with urllib.request.urlopen(request, timeout=20) as response:
        found = re.search(rf"^{name} (\S+)$", response.read().decode(), re.MULTILINE)
    return int(float(found[1])) if found else 0


def settled_s(is_settled: Callable[[], bool], *, limit_s: float) -> float | None:
    """The seconds that it took; None when it did not happen."""
    began = time.monotonic()
    while not is_settled():
        if time.monotonic() - began > limit_s:
            return None
        time.sleep(0.1)
    return round(time.monotonic() - began, 1)
