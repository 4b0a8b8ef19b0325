"""The stream, as a plain Django view, and the figures for Prometheus."""

from __future__ import annotations

import functools
import ipaddress
import secrets
import weakref
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from progress import messages
from progress.auth import authorise
from progress.metrics import metrics_text
from progress.reader import reader_shared
from progress.stream import Slots, stream_events
from progress.threads import in_thread

RETRY_S = 5


@functools.cache
def slots_shared() -> Slots:
    """This process's open streams."""
    return Slots()


def job_id_read(text: str) -> UUID | None:
    """The id in an address; ``None`` for what can be no job's id."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _refusal(status: int, detail: str, **headers: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


@require_GET
async def stream(request: HttpRequest, job_id: str) -> HttpResponseBase:
    """The job's progress as server-sent events."""
    known_id = job_id_read(job_id)
    try:
        user, access = await in_thread(authorise, request, known_id)
    except DatabaseError:
        return _refusal(503, messages.DATABASE_AWAY.format(retry_s=RETRY_S), Retry_After=str(RETRY_S))
    if not user.is_authenticated or user.pk is None:
        return _refusal(401, messages.SIGN_IN, WWW_Authenticate='Bearer realm="api"')
    if access == "forbidden":
        return _refusal(403, messages.FORBIDDEN)
    if access == "missing" or known_id is None:
        return _refusal(404, messages.NO_JOB.format(job_id=job_id))
    return _stream_opened(request, known_id, user.pk)


def _stream_opened(request: HttpRequest, job_id: UUID, user_id: int) -> HttpResponseBase:
    give_back = slots_shared().take(user_id)
    if give_back is None:
        return _refusal(503, messages.FULL.format(job_id=job_id, retry_s=RETRY_S), Retry_After=str(RETRY_S))
    last_id = request.headers.get("Last-Event-ID", "")
    last_event_id = int(last_id) if last_id.isascii() and last_id.isdigit() and len(last_id) < 16 else 0
    response = StreamingHttpResponse(
        stream_events(reader_shared(), job_id, last_event_id=last_event_id, give_back=give_back),
        content_type="text/event-stream; charset=utf-8",
        headers={
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
            # Passes GZipMiddleware by, which would double each small event and hold it back.
            "Content-Encoding": "identity",
        },
    )
    # A client that leaves before the first event never starts the generator, whose `finally` then never runs.
    weakref.finalize(response, give_back)
    return response


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, by token or address; without either in the settings the address does not exist."""
    if not (settings.METRICS_TOKEN or settings.METRICS_ADDRESSES):
        return _refusal(404, messages.NO_METRICS)
    if not (_has_token(request) or _is_listed(request.META.get("REMOTE_ADDR", ""))):
        return _refusal(403, messages.NO_METRICS)
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected)


def _is_listed(address: str) -> bool:
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in ipaddress.ip_network(listed, strict=False) for listed in settings.METRICS_ADDRESSES)
