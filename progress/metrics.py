"""What Prometheus reads: figures of this process's streams, and durations that the workers sum up in Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest, multiprocess
from prometheus_client.core import SummaryMetricFamily
from prometheus_client.registry import Collector

from progress.store import store_shared

CONNECTIONS = Counter("sse_connections_total", "Streams that were opened.")
ACTIVE = Gauge("sse_connections_active", "Streams that are open.", multiprocess_mode="livesum")
REDIS_MISSES = Counter("sse_redis_misses_total", "Watched jobs that had no usable record in Redis at a poll.")
DB_FALLBACK = Counter("sse_db_fallback_total", "Watched jobs whose row was asked instead of Redis.")
REJECTED = Counter("sse_rejected_total", "Streams refused because a limit was reached.")


class DurationsCollector(Collector):
    """Stage and job durations: the workers are other processes, so their sums live in Redis."""

    def collect(self) -> Iterator[SummaryMetricFamily]:
        durations = store_shared().durations()
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
