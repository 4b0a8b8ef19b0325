"""How the web server has been lately: what Prometheus reads, sampled here too, for the health address and the page.

Each process keeps half an hour of its own samples. Where several processes add their figures up for Prometheus,
every sample is of all of them together.
"""

from __future__ import annotations

import asyncio
import functools
import os
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, multiprocess

from progress.metrics import MEMORY, PROCESSES
from progress.threads import in_thread

KEPT_S = 30 * 60
WINDOW_S = 5 * 60
PREFIXES = ("sse_", "websocket_", "http_", "web_")
# A metric's name with its label, as Prometheus spells it.
Raw = Mapping[str, float]


@dataclass(frozen=True)
class Figures:
    """One stretch of time: states at its end, rates over it. ``None`` where nothing happened to tell by."""

    at: float
    open_streams: float
    open_sockets: float
    total_connections: float  # since the web server started
    watched_jobs: float
    memory_mb: float
    web_processes: float
    responses_per_minute: float
    error_percent: float | None
    reader_tick_ms: float | None
    redis_errors_per_minute: float
    row_reads_per_minute: float
    lag_s: float | None
    lag_p95_s: float | None


def raw_read() -> Raw:
    """All metrics of the web server at this moment."""
    process_note()
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return {
        sample.name + "".join(f":{value}" for value in sample.labels.values()): sample.value
        for family in registry.collect()
        if family.name.startswith(PREFIXES)
        for sample in family.samples
    }


def process_note() -> None:
    """Adds this process to those that the figures are of; also before its first request."""
    PROCESSES.set(1)
    MEMORY.set(memory_bytes())


def memory_bytes() -> int:
    """What this process holds now; where the system does not say, the most it ever held."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def figures_between(earlier: tuple[float, Raw], later: tuple[float, Raw]) -> Figures:
    (began, before), (ended, now) = earlier, later

    def grown(name: str) -> float:
        return max(0.0, now.get(name, 0.0) - before.get(name, 0.0))

    minutes = max(ended - began, 0.001) / 60
    responses = sum(grown(name) for name in now if name.startswith("http_responses_total:"))
    ticks = grown("sse_reader_tick_seconds_count")
    lags = {float(name.rpartition(":")[2]): grown(name) for name in now if name.startswith("sse_lag_seconds_bucket:")}
    return Figures(
        at=ended,
        open_streams=now.get("sse_connections_active", 0.0),
        open_sockets=now.get("websocket_connections_active", 0.0),
        total_connections=now.get("sse_connections_total", 0.0) + now.get("websocket_connections_total", 0.0),
        watched_jobs=now.get("sse_watched_jobs", 0.0),
        memory_mb=now.get("web_memory_bytes", 0.0) / 2**20,
        web_processes=now.get("web_processes", 0.0),
        responses_per_minute=responses / minutes,
        error_percent=100 * grown("http_responses_total:5xx") / responses if responses else None,
        reader_tick_ms=1000 * grown("sse_reader_tick_seconds_sum") / ticks if ticks else None,
        redis_errors_per_minute=grown("sse_redis_errors_total") / minutes,
        row_reads_per_minute=grown("sse_db_fallback_total") / minutes,
        lag_s=quantile(lags, 0.5),
        lag_p95_s=quantile(lags, 0.95),
    )


def quantile(counts: Mapping[float, float], share: float) -> float | None:
    """From a histogram's cumulative counts by upper bound; straight within a bucket, as Prometheus does it."""
    bounds = sorted(counts)
    total = counts[bounds[-1]] if bounds else 0.0
    if not total:
        return None
    wanted, low, below = share * total, 0.0, 0.0
    for bound in bounds:
        if counts[bound] >= wanted:
            within = counts[bound] - below
            return low if bound == float("inf") or not within else low + (bound - low) * (wanted - below) / within
        low, below = bound, counts[bound]
    return low


class History:
    """Samples of the last half hour, the newest last."""

    def __init__(self, *, clock: Callable[[], float] = time.time, read: Callable[[], Raw] = raw_read) -> None:
        self._clock, self._read = clock, read
        self._samples: deque[tuple[float, Raw]] = deque(maxlen=max(2, int(KEPT_S / settings.OPERATIONS_SAMPLE_S)))

    def sample(self) -> None:
        self._samples.append((self._clock(), self._read()))

    def series(self) -> list[Figures]:
        samples = list(self._samples)
        return [figures_between(earlier, later) for earlier, later in pairwise(samples)]

    def lately(self) -> Figures:
        """The last five minutes up to now, or as much of them as is known."""
        now = (self._clock(), self._read())
        known = [sample for sample in list(self._samples) if now[0] - sample[0] <= WINDOW_S]
        return figures_between(known[0] if known else (now[0] - WINDOW_S, {}), now)


@functools.cache
def history_shared() -> History:
    return History()


async def sample_forever() -> None:
    """A sample now and then as long as the process serves; a millisecond's work, on a thread."""
    while True:
        await in_thread(history_shared().sample)
        await asyncio.sleep(settings.OPERATIONS_SAMPLE_S)
