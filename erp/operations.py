"""The Operations page: how the site is just now, with plain graphs of the last half hour, and the self-test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from erp.request_ids import faults
from erp.sizes import sizes_known
from generation.models import GenerationJob, Notice
from generation.timetable.job_selectors import jobs_visible
from generation.web.guards import staff_page
from progress.figures import Figures, history_shared
from progress.health import health
from progress.messages import SELFTEST_BUSY
from progress.selftest import Hop, SelftestBusy, own_server, selftest_once
from progress.slots import slots_shared

WIDTH, HEIGHT, MARGIN = 240, 48, 2
NUM_FAILURES = 8
Status = GenerationJob.Status


@dataclass(frozen=True)
class Measure:
    """One figure of the page: which, in what unit, and the least height of its graph, so that noise stays small."""

    field: str
    title: str
    unit: str
    least: float
    digits: int = 0


MEASURES = (
    Measure("open_streams", "Open streams", "", 10),
    Measure("open_sockets", "Open WebSockets", "", 10),
    Measure("watched_jobs", "Jobs watched", "", 5),
    Measure("lag_s", "Delay to a watcher, typical", "s", 1, 2),
    Measure("lag_p95_s", "Delay to a watcher, slowest 5 %", "s", 1, 2),
    Measure("reader_tick_ms", "One round of the reader", "ms", 10, 1),
    Measure("redis_errors_per_minute", "Failed attempts at Redis, a minute", "", 5, 1),
    Measure("row_reads_per_minute", "Asked of the database instead, a minute", "", 5, 1),
    Measure("responses_per_minute", "Answers, a minute", "", 60),
    Measure("error_percent", "Answers that were the server's fault", "%", 5, 1),
    Measure("memory_mb", "Memory of the web server", "MB", 256),
)


@dataclass(frozen=True)
class Graph:
    title: str
    now: str
    most: str
    lines: Sequence[str]
    """Points of an SVG polyline for each unbroken stretch."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def operations(request: HttpRequest) -> HttpResponse:
    """Asks Redis, the workers and the database; a POST runs the self-test, one at a time, within half a minute."""
    hops, refusal = _tested(request) if request.method == "POST" else (None, "")
    history = history_shared()
    context = {
        "health": health(num_open=slots_shared().num_open),
        "graphs": graphs(history.lately(), history.series()),
        "work": _work(cast(User, request.user)),
        "faults": list(faults),
        "failures": _failures(cast(User, request.user)),
        "notices": list(Notice.objects.exclude(error="").select_related("event__workflow__organization")[:NUM_FAILURES]),
        "sizes": sizes_known(),
        "at": timezone.now(),
        "hops": hops,
        "refusal": refusal,
        "is_sound": hops is not None and not any(hop.error for hop in hops),
    }
    return render(request, "erp/operations.html", context)


def _tested(request: HttpRequest) -> tuple[list[Hop] | None, str]:
    try:
        return selftest_once(user_id=cast(User, request.user).pk, target=own_server(request)), ""
    except SelftestBusy:
        return None, SELFTEST_BUSY


def graphs(lately: Figures, series: Sequence[Figures]) -> list[Graph]:
    return [_graph(measure, getattr(lately, measure.field), [getattr(each, measure.field) for each in series]) for measure in MEASURES]


def _graph(measure: Measure, now: float | None, values: Sequence[float | None]) -> Graph:
    known = [value for value in (*values, now) if value is not None]
    return Graph(
        title=measure.title,
        now=_words(now, measure),
        most=_words(max(known), measure) if known else "",
        lines=_lines(values, top=max([measure.least, *known])),
    )


def _words(value: float | None, measure: Measure) -> str:
    return "–" if value is None else f"{value:,.{measure.digits}f} {measure.unit}".rstrip()


def _lines(values: Sequence[float | None], *, top: float) -> list[str]:
    """From left to right; where nothing is known the line is broken."""
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    lines: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            lines.append([])
            continue
        y = HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN)
        lines[-1].append(f"{MARGIN + index * step:.1f},{y:.1f}")
    # A single point has no length to be seen by.
    return [" ".join(points if len(points) > 1 else [points[0], points[0]]) for points in lines if points]


def _work(user: User) -> dict[str, Any]:
    """The jobs that the user may see, by what they wait for."""
    jobs = jobs_visible(user=user)
    counts = dict(jobs.filter(status__in=GenerationJob.ACTIVE).order_by().values_list("status").annotate(Count("id")))
    return {
        "waiting": counts.get(Status.PENDING, 0),
        "running": counts.get(Status.RUNNING, 0) + counts.get(Status.CANCELLING, 0),
        "waiting_since": jobs.filter(status=Status.PENDING).aggregate(first=Min("created_at"))["first"],
    }


def _failures(user: User) -> list[GenerationJob]:
    return list(jobs_visible(user=user).filter(status=Status.FAILED).order_by("-finished_at")[:NUM_FAILURES])
