"""The stream, as a plain Django view, and the figures for Prometheus."""

from __future__ import annotations

import weakref

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from progress import messages
from progress.admission import Refusal, admit
from progress.auth import may_read_metrics
from progress.metrics import metrics_text
from progress.reader import reader_shared
from progress.stream import stream_events


def _refusal(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)


@require_GET
async def stream(request: HttpRequest, job_id: str) -> HttpResponseBase:
    """The job's progress as server-sent events."""
    answer = await admit(request, job_id, kind="sse")
    if isinstance(answer, Refusal):
        return JsonResponse({"detail": answer.detail}, status=answer.status, headers=dict(answer.headers))
    last_id = request.headers.get("Last-Event-ID", "")
    last_event_id = int(last_id) if last_id.isascii() and last_id.isdigit() and len(last_id) < 16 else 0
    response = StreamingHttpResponse(
        stream_events(reader_shared(), answer, last_event_id=last_event_id),
        content_type="text/event-stream; charset=utf-8",
        headers={
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
            # Passes GZipMiddleware by, which would double each small event and hold it back.
            "Content-Encoding": "identity",
        },
    )
    # A client that leaves before the first event never starts the generator, whose `finally` then never runs.
    weakref.finalize(response, answer.give_back)
    return response


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, by token or address; without either in the settings the address does not exist."""
    if not (settings.METRICS_TOKEN or settings.METRICS_ADDRESSES):
        return _refusal(404, messages.NO_METRICS)
    if not may_read_metrics(request):
        return _refusal(403, messages.NO_METRICS)
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)
