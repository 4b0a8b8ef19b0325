"""Published pages that lie ready for strangers, sent before Django's many layers are woken for them.

Wrapped around the site's handler. An answer that says `HEADER` is kept as it is; the next stranger who asks for the same
gets it at the price of one look into Redis, as long as the turn lasts in which it was made (`generation.publication.current`).

It keeps them in Django's cache (`generation.publication.redis_cache`), but is no view or middleware of Django's: the way through those
costs 6 ms of a processor for each request, also where the page itself comes from the cache; from here it is 0.6 ms, and 0.2 in a
crowd. A whole institution that opens its timetable at once (200 requests a second) would take more than one processor for the former.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from redis.exceptions import RedisError

from generation.publication.current import turn_joined, turn_names
from generation.publication.redis_cache import AWAY_S, kept_at_once, page_cache

log = structlog.get_logger(__name__)
PATH = "/timetables/"
HEADER = "X-Timeloom-Ready"  # the turn, and the seconds for which the answer is right; never sent on
MOST_AT_ONCE = 6
MOST_BYTES = 512 * 1024
RETRY_S = 5
MOST_CODES = 1000

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
        self._organizations: dict[str, str] = {}  # whose turn the pages under a code had last: to ask for both at once

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._application(scope, receive, send)
            return
        name = _name(scope)
        if name and (ready := await self._find(name)):
            await _answer(scope, ready, send)
            return
        keeper = _Keeper(name)
        try:
            # Only the work is done in here. What a request brings was read before (erp/door.py), and what is answered is sent
            # afterwards, so that no slow caller keeps others out.
            async with asyncio.timeout(settings.PUBLISHED_WAIT_S) as wait, _few():
                wait.reschedule(None)
                # Who had to wait often finds that somebody before has made it.
                ready = await self._find(name) if name else None
                if ready is None:
                    await self._application(scope, receive, keeper.take)
        except TimeoutError:
            if wait.expired():
                await _refuse(send)
                return
            raise
        if ready is None:
            await keeper.send_all(send)
        else:
            await _answer(scope, ready, send)

    async def _find(self, name: str) -> Ready | None:
        if page_cache.has_pending or time.monotonic() < self._away_until:
            return None
        try:
            return await self._look(name)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("pages_not_found", error=str(error))
            return None

    async def _look(self, name: str) -> Ready | None:
        """One look where the code's institution is known, else two."""
        code = name.split("/")[2]
        known = self._organizations.get(code, "")
        found, *turns = await _looks().find([name, *turn_names(known)])
        if found is None:
            return None
        ready: Ready = found
        organization = ready.turn.partition(":")[0]
        if organization != known:
            turns = await _looks().find(turn_names(organization))
            if len(self._organizations) >= MOST_CODES:
                self._organizations.clear()
            self._organizations[code] = organization
        return ready if all(turns) and ready.turn == turn_joined(organization, *turns) else None


class _Keeper:
    """Takes an answer, sends it on when it is whole, and keeps it where its header asks for that."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._messages: list[Mapping[str, Any]] = []
        self._wish = b""

    async def take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            wished = HEADER.lower().encode()
            self._wish = next((value for key, value in message["headers"] if key.lower() == wished), b"")
            message = {**message, "headers": [pair for pair in message["headers"] if pair[0].lower() != wished]}
        self._messages.append(message)

    async def send_all(self, send: Send) -> None:
        if self._wish and self._name:
            start, *parts = self._messages
            await self._keep(start, b"".join(part.get("body", b"") for part in parts))
        for message in self._messages:
            await send(message)

    async def _keep(self, start: Mapping[str, Any], body: bytes) -> None:
        if start["status"] != 200 or not 0 < len(body) <= MOST_BYTES:
            return
        turn, _, seconds = self._wish.decode().partition(" ")
        headers = tuple((bytes(key).lower(), bytes(value)) for key, value in start["headers"])
        ready = Ready(turn, headers, body)
        await asyncio.to_thread(page_cache.put, self._name, ready, keep_s=float(seconds))


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", str(RETRY_S).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": f"Many people ask just now. Try again in {RETRY_S} seconds.".encode()})


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


class _Looks:
    """All requests of a process look into Redis together: one question at a time, and meanwhile the names for the next are gathered.

    A crowd needs no connection for each, of which there would soon be too many, and a page that many want is fetched once.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, names: Sequence[str]) -> list[Any]:
        loop = asyncio.get_running_loop()
        asked = [self._waiting.setdefault(name, loop.create_future()) for name in names]
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._ask())
        # Shielded: who gives up must not take it from the others. Together, so that no failure is left unheard.
        found = await asyncio.gather(*map(asyncio.shield, asked), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return found

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await asyncio.to_thread(kept_at_once, list(asked))
                for future, value in zip(asked.values(), found, strict=True):
                    future.set_result(value)
            except (RedisError, OSError) as error:
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # heard, also where everybody has given up
            finally:
                for future in asked.values():
                    future.cancel()  # where nothing was found out, nobody waits for ever


@functools.cache
def _looks() -> _Looks:
    """Of the process's one event loop."""
    return _Looks()


@functools.cache
def _few() -> asyncio.Semaphore:
    """A crowd that finds nothing ready must not wake a thread for each."""
    return asyncio.Semaphore(MOST_AT_ONCE)
