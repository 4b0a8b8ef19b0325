"""What Prometheus reads: figures of this process's streams, and durations that the workers sum up in Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, get_args

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.core import SummaryMetricFamily
from prometheus_client.registry import Collector

from progress.record import TERMINAL
from progress.store import store_shared

Kind = Literal["sse", "websocket"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WORDS = {"sse": "Streams", "websocket": "WebSockets"}

CONNECTIONS = {kind: Counter(f"{kind}_connections_total", f"{_WORDS[kind]} that were opened.") for kind in KINDS}
ACTIVE = {kind: Gauge(f"{kind}_connections_active", f"{_WORDS[kind]} that are open.", multiprocess_mode="livesum") for kind in KINDS}
REJECTED = {kind: Counter(f"{kind}_rejected_total", f"{_WORDS[kind]} refused because a limit was reached.") for kind in KINDS}
REVOKED = {kind: Counter(f"{kind}_revoked_total", f"{_WORDS[kind]} ended because the right to watch was gone.") for kind in KINDS}
WATCHED = Gauge("sse_watched_jobs", "Jobs that somebody watches.", multiprocess_mode="livesum")
TICK = Histogram(
    "sse_reader_tick_seconds",
    "How long the reader took to ask for all watched jobs once.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
LAG = Histogram(
    "sse_lag_seconds",
    "From the writing of a record to its sending to a watcher.",
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30),
)
REDIS_MISSES = Counter("sse_redis_misses_total", "Watched jobs that had no usable record in Redis at a poll.")
DB_FALLBACK = Counter("sse_db_fallback_total", "Watched jobs read from the database instead of Redis.")
RESPONSES = Counter("http_responses_total", "Answers of the web server by their status.", ["status"])
# Named before the first of them: Prometheus sees no growth in a figure that begins above 0, and an alert would miss the first faults.
for status in ("2xx", "3xx", "4xx", "5xx", "503"):
    RESPONSES.labels(status)
PROCESSES = Gauge("web_processes", "Web processes, which the other figures add up over.", multiprocess_mode="livesum")
MEMORY = Gauge("web_memory_bytes", "Memory that the web processes hold.", multiprocess_mode="livesum")


class DurationsCollector(Collector):
    """Stage and job durations: the workers are other processes, so their sums live in Redis."""

    def collect(self) -> Iterator[SummaryMetricFamily]:
        durations = {f"job:{status}:count": 0.0 for status in TERMINAL} | store_shared().durations()  # from 0, as RESPONSES
        for kind, label, text in (("job", "status", "Jobs by how they ended."), ("stage", "stage", "Stages of jobs.")):
            family = SummaryMetricFamily(f"{kind}_duration_seconds", text, labels=[label])
            for key in sorted(durations):
                what, name, figure = key.split(":")
                if what == kind and figure == "count":
                    family.add_metric([name], int(durations[key]), durations.get(f"{kind}:{name}:sum", 0.0))
            yield family


def metrics_text() -> bytes:
    """The exposition of all web processes together where there are several (PROMETHEUS_MULTIPROC_DIR)."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY)
    durations = CollectorRegistry()
    durations.register(DurationsCollector())
    return text + generate_latest(durations)
