"""One id for everything that a click sets off: from the request through the queue to the worker's lines, and in the answer.

Around the ASGI application instead of among Django's middleware: so it costs a stream no thread, and covers WebSockets.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from erp.logs import secret_masked
from progress.metrics import RESPONSES

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

log = structlog.get_logger(__name__)
HEADER = b"x-request-id"
# What may stand in a log line as it is; anything else a caller sends is replaced, not repaired.
SOUND = re.compile(rb"[A-Za-z0-9._-]{1,64}")
ANSWERS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
NUM_FAULTS = 8
READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Fault:
    """An answer that was the server's fault; the log has its traceback under the same id."""

    at: datetime
    method: str
    path: str
    request_id: str


GONE = 499  # the client went on to another page before the answer: nobody's fault
# The last ones of this process, for the Operations page.
faults: deque[Fault] = deque(maxlen=NUM_FAULTS)


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's own id where it is sound, else a new one."""
    given = next((value for name, value in headers if name == HEADER), b"")
    return given.decode() if SOUND.fullmatch(given) else uuid.uuid4().hex


class RequestIds:
    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        request_id = request_id_of(scope["headers"])
        began, status = time.monotonic(), GONE

        async def send_with_id(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] in ANSWERS:
                status = message.get("status", 101)
                message = {**message, "headers": [*message.get("headers", []), (HEADER, request_id.encode())]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._application(scope, receive, send_with_id)
            except Exception:
                status = 500 if status == GONE else status  # nothing was answered: the server itself answers so
                raise
            finally:
                _tell(scope, status, time.monotonic() - began)


def _tell(scope: Mapping[str, Any], status: int, seconds: float) -> None:
    """Counts every answer; a line in the log for what changed something, and for our own faults."""
    # A 503 is a polite answer here (a limit is reached, a part is away), no fault.
    RESPONSES.labels("503" if status == 503 else f"{status // 100}xx").inc()
    method = scope.get("method", "GET")
    if status >= 500 and status != 503:
        log.error("request_failed", method=method, path=scope["path"], status=status)
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        faults.appendleft(Fault(datetime.now(UTC), method, secret_masked(scope["path"])[:200], request_id))
    elif method not in READS:
        log.info("request_handled", method=method, path=scope["path"], status=status, ms=round(seconds * 1000))
