"""Published pages that lie ready for strangers, sent before Django's many layers are woken for them.

Wrapped around the site's handler. An answer that says `HEADER` is kept as it is; the next stranger who asks for the same
gets it at the price of one look into Redis, as long as the turn lasts in which it was made (`generation.published.standing`).
"""

from __future__ import annotations

import asyncio
import functools
import pickle
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import redis.asyncio
import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from generation.published.shelf import AWAY_S, PREFIX, TIMEOUT_S, shelf
from generation.published.standing import TURN

log = structlog.get_logger(__name__)
PATH = "/timetables/"
HEADER = "X-Timeloom-Ready"  # the turn, and the seconds for which the answer is right; never sent on
MOST_AT_ONCE = 6
MOST_BYTES = 512 * 1024

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Ready:
    """A whole answer with status 200."""

    turn: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def etag(self) -> bytes:
        return dict(self.headers).get(b"etag", b"")


class ReadyPages:
    def __init__(self, application: Application) -> None:
        self._application = application
        self._away_until = 0.0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._application(scope, receive, send)
            return
        name = _name(scope)
        if name and (ready := await self._find(name)):
            await _answer(scope, ready, send)
            return
        async with _few():
            # Who had to wait often finds that somebody before has made it.
            if name and (ready := await self._find(name)):
                await _answer(scope, ready, send)
            else:
                await self._application(scope, receive, _Keeper(name, send))

    async def _find(self, name: str) -> Ready | None:
        if shelf.owes or time.monotonic() < self._away_until:
            return None
        try:
            turn, found = cast(list[bytes | None], await _client().mget(PREFIX + TURN, PREFIX + name))
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("pages_not_found", error=str(error))
            return None
        if turn is None or found is None:
            return None
        ready: Ready = pickle.loads(found)  # noqa: S301  only this program writes there
        return ready if ready.turn == pickle.loads(turn) else None  # noqa: S301


class _Keeper:
    """Passes an answer on, and keeps it where its header asks for that."""

    def __init__(self, name: str, send: Send) -> None:
        self._name, self._send = name, send
        self._start: Mapping[str, Any] = {}
        self._wish = b""

    async def __call__(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            wished = HEADER.lower().encode()
            self._wish = next((value for key, value in message["headers"] if key.lower() == wished), b"")
            message = {**message, "headers": [pair for pair in message["headers"] if pair[0].lower() != wished]}
            self._start = message
        await self._send(message)
        if message["type"] == "http.response.body" and self._wish and self._name and not message.get("more_body"):
            await self._keep(message.get("body", b""))

    async def _keep(self, body: bytes) -> None:
        if self._start["status"] != 200 or not 0 < len(body) <= MOST_BYTES:
            return
        turn, _, seconds = self._wish.decode().partition(" ")
        headers = tuple((bytes(key).lower(), bytes(value)) for key, value in self._start["headers"])
        ready = Ready(turn, headers, body)
        await asyncio.to_thread(shelf.put, self._name, ready, keep_s=float(seconds))


async def _answer(scope: Mapping[str, Any], ready: Ready, send: Send) -> None:
    given = next((value for key, value in scope["headers"] if key == b"if-none-match"), b"")
    has_it = bool(ready.etag) and ready.etag in given
    left_out = (b"content-length", b"content-encoding", b"content-type") if has_it else ()
    headers = [pair for pair in ready.headers if pair[0] not in left_out]
    await send({"type": "http.response.start", "status": 304 if has_it else 200, "headers": headers})
    is_empty = has_it or scope["method"] == "HEAD"
    await send({"type": "http.response.body", "body": b"" if is_empty else ready.body})


def _name(scope: Mapping[str, Any]) -> str:
    """Under which the answer to this request is kept; empty where it is not a stranger's, or must have Django's own answer."""
    if scope["method"] not in ("GET", "HEAD"):
        return ""
    headers = dict(scope["headers"])
    host, _ = split_domain_port(headers.get(b"host", b"").decode("latin-1"))
    allowed = settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
    if settings.SESSION_COOKIE_NAME.encode() in headers.get(b"cookie", b"") or b"authorization" in headers or b"origin" in headers:
        return ""
    if not host or not validate_host(host, allowed) or b"gzip" not in headers.get(b"accept-encoding", b""):
        return ""
    return f"ready-{scope['path']}?{scope['query_string'].decode('latin-1')}"


@functools.cache
def _few() -> asyncio.Semaphore:
    """A crowd that finds nothing ready must not wake a thread for each."""
    return asyncio.Semaphore(MOST_AT_ONCE)


@functools.cache
def _client() -> redis.asyncio.Redis:
    """Of the process's one event loop."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0), max_connections=64
    )
