"""The WebSocket of a job's progress: the stream's events for clients that speak WebSocket.

    WS /ws/timetable/progress/{job_id}/      {"type": "connected" | "progress" | "done" | "ended", "data": {...}}

Signed in by the session's cookie (from our own pages: see `handshake_refusal`), by an Authorization header, or, from a
script that can't set headers, by the subprotocols ``timeloom.progress`` and ``bearer.TOKEN``. A token in the
address would stand in the log of every proxy, so there it is not read.

A refusal answers the handshake with the stream's own status and words (or closes with 4000 + status).
After `done` the server closes with 1000, after `ended` (the right to watch is gone) with 4000 + the status that a new
handshake would get, at its shutdown with 1012. What a client sends is ignored; one message of
more than 4 KB closes the socket with 1009, and a client that answers no ping within a heartbeat is closed
(deploy/gunicorn.conf.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from io import BytesIO
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from progress import messages
from progress.admission import Refusal, admit, handshake_refusal
from progress.events import DENIAL_STATUS
from progress.reader import reader_shared
from progress.slots import Admission
from progress.stream import job_events

SUBPROTOCOL = "timeloom.progress"
TOKEN_PREFIX = "bearer."  # noqa: S105  what stands before a token, none itself
CLOSED_DONE, CLOSED_FAILED, CLOSED_RESTART = 1000, 1011, 1012

logger = logging.getLogger(__name__)
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def request_of(scope: Scope) -> HttpRequest:
    """The handshake as the request that it is, so that one code reads cookies and tokens."""
    headers = list(scope["headers"])
    token = next((offer.removeprefix(TOKEN_PREFIX) for offer in scope["subprotocols"] if offer.startswith(TOKEN_PREFIX)), None)
    if token is not None and not any(name == b"authorization" for name, _ in headers):
        headers.append((b"authorization", b"Bearer " + token.encode("latin-1", "replace")))
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme, "headers": headers}, BytesIO())
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)  # reads nothing yet
    return request


class Socket(AsyncWebsocketConsumer):
    """A consumer without Channels' look after database connections, a turn of the shared thread: ours have none."""

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.connect":
            await self.connect()
        elif message["type"] == "websocket.disconnect":
            raise StopConsumer


class ProgressSocket(Socket):
    """One socket: a task sends the events, while this consumer waits for the client to leave."""

    def __init__(self) -> None:
        super().__init__()
        self._sending: asyncio.Task[None] | None = None
        self._admission: Admission | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """The place is given back however the socket ends, also by a client that leaves in the middle of the handshake."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._admission is not None:
                self._admission.give_back()
            if self._sending is not None:
                self._sending.cancel()
                # A client that left in the middle of a send, or the cancelling itself: the socket is over either way.
                await asyncio.gather(self._sending, return_exceptions=True)

    async def connect(self) -> None:
        request = request_of(self.scope)
        answer = handshake_refusal(request) or await admit(request, self.scope["url_route"]["kwargs"]["job_id"], kind="websocket")
        if isinstance(answer, Refusal):
            await refuse(self, answer)
            return
        self._admission = answer
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in self.scope["subprotocols"] else None)
        self._sending = asyncio.create_task(self._send_events(answer))

    async def _send_events(self, admission: Admission) -> None:
        try:
            code = await self._send_all(admission)
        except OSError:
            return  # the client left in the middle of a send; the message of its leaving follows
        except Exception:
            # The boundary of a task: without a word the client would wait for ever.
            logger.exception("A WebSocket on job %s failed", admission.job_id)
            code = CLOSED_FAILED
        await self.close(code)

    async def _send_all(self, admission: Admission) -> int:
        code = CLOSED_RESTART
        async with aclosing(job_events(reader_shared(), admission)) as events:
            async for event in events:
                if event is not None:  # silence is filled by the server's pings
                    await self.send(text_data=event.message)
                    code = CLOSED_DONE if event.name == "done" else code
        return 4000 + DENIAL_STATUS[admission.denial] if admission.denial else code


class NoSocket(Socket):
    """Every other address: the router itself would answer with a traceback."""

    async def connect(self) -> None:
        await refuse(self, Refusal(404, messages.NO_SOCKET))


async def refuse(consumer: AsyncWebsocketConsumer, refusal: Refusal) -> None:
    """Before the socket is accepted, with a real HTTP status where the server can send one."""
    if "websocket.http.response" not in consumer.scope.get("extensions", {}):
        await consumer.close(refusal.close_code)
        return
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **refusal.headers}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await consumer.base_send({"type": "websocket.http.response.start", "status": refusal.status, "headers": encoded})
    body = json.dumps({"detail": refusal.detail}).encode()
    await consumer.base_send({"type": "websocket.http.response.body", "body": body})


urlpatterns = [
    path("ws/timetable/progress/<str:job_id>/", ProgressSocket.as_asgi()),
    re_path("", NoSocket.as_asgi()),
]
