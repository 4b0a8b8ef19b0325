"""What a request may contain, decided before Django is called: how much, how slowly, and from whom.

Django's handler keeps the whole body of a request, of whatever size and to whatever address, before it looks at anything. So
here bytes are counted as they arrive. An address takes little, unless files belong there (`UPLOADS`) and the caller may give
some; a stranger takes less still; a method that an address does not have takes nothing. What is announced larger is refused
unread, what turns out larger is cut off, and what comes too slowly is not waited for. What is small is complete, in memory,
before anything behind this waits for a turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from academics.access import ACCESS, ANYONE
from academics.models import Membership
from erp.request_ids import Application, Receive, Send
from erp.security_headers import ENCODED
from progress.auth import authenticate
from progress.threads import in_thread

UPLOADS = {"imports", "import-list", "archive", "archive-page"}
FORM_BYTES = 1_000_000  # what a form has beside its files, at most
BODILESS = ("GET", "HEAD", "OPTIONS", "TRACE")
# After a refusal so much is still taken and dropped, so that a client in the middle of sending gets to read the answer.
LINGER_BYTES, LINGER_S, UNREAD_S = 256 * 1024, 2.0, 0.5
WAIT_S = 5
Headers = list[tuple[bytes, bytes]]


class TooLargeError(Exception):
    """More came than the address takes."""


class TooSlowError(Exception):
    """Less came than somebody who means it sends."""


class GoneError(Exception):
    """The caller left in the middle."""


@dataclass
class Load:
    """What this process holds just now of bodies that are being read."""

    num_bytes: int = 0
    num_uploads: int = 0


@dataclass
class Pace:
    """How long the next bytes are waited for: a grace at first, then as long as the mean stays above the least rate."""

    num_bytes: int = 0
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def next(self, receive: Receive) -> Mapping[str, Any]:
        wait_s = settings.BODY_WAIT_S + self.num_bytes / (1024 * settings.BODY_MIN_KB_S)
        try:
            async with asyncio.timeout_at(self.began + min(wait_s, settings.BODY_MAX_S)):
                message = await receive()
        except TimeoutError:
            raise TooSlowError from None
        self.num_bytes += len(message.get("body", b""))
        return message


class Door:
    def __init__(self, application: Application) -> None:
        self._application = application
        self._load = Load()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        length = length_announced(scope["headers"])
        if length == 0 and scope["method"] in BODILESS:
            await self._application(scope, receive, send)
        else:
            await Visit(self._application, self._load, scope, receive, send, length).admit()


@dataclass
class Visit:
    """One request that has a body, or changes something."""

    application: Application
    load: Load
    scope: dict[str, Any]
    receive: Receive
    send: Send
    length: int | None  # None: in chunks

    async def admit(self) -> None:
        method, name = self.scope["method"], address_name(self.scope["path"].removeprefix(self.scope.get("root_path", "")))
        row = ACCESS.get(name, {})
        if method not in BODILESS and row and method not in row and not self._is_rest:
            await self._refuse(405, "This address does not take that", "Go back, and use the buttons of the page.", allow=", ".join(row))
        elif self.length == 0:
            await self.application(self.scope, self.receive, self.send)
        elif method in BODILESS or name == "" or (row and method not in row):
            await self._pass_without_body()
        elif not has_credentials(self.scope["headers"]):
            is_open = method in row and ANYONE in row[method].who
            await self._read(settings.BODY_STRANGER_MAX_KB * 1024, must_sign_in=not is_open)
        elif name in UPLOADS:
            await self._upload(name)
        else:
            await self._read(settings.BODY_MAX_KB * 1024)

    @property
    def _is_rest(self) -> bool:
        return bool(self.scope["path"].startswith("/api/"))

    async def _pass_without_body(self) -> None:
        """The site answers as it would to nothing: that there is no such address, or that the caller may not."""
        headers = [pair for pair in self.scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
        scope = {**self.scope, "headers": [*headers, (b"content-length", b"0")]}
        await self.application(scope, _received(b"", asyncio.Event().wait), self._send_and_close)

    async def _read(self, most: int, *, must_sign_in: bool = False) -> None:
        """A body that is taken into memory whole."""
        pace, held = Pace(), 0
        body = bytearray()
        try:
            if (self.length or 0) > most:
                raise TooLargeError
            more = True
            while more:
                message = await pace.next(self.receive)
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                self.load.num_bytes += pace.num_bytes - held
                held = pace.num_bytes
                if held > most:
                    raise TooLargeError
                if self.load.num_bytes > settings.BODIES_MAX_MB * 2**20:
                    await self._refuse_busy()
                    return
                more = message.get("more_body", False)
            await self.application(self.scope, _received(bytes(body), self.receive), self.send)
        except TooLargeError:
            await (self._ask_to_sign_in() if must_sign_in else self._refuse_large(most))
        except TooSlowError:
            await self._refuse_slow()
        finally:
            self.load.num_bytes -= held

    async def _upload(self, name: str) -> None:
        """Files of whoever may give some, passed on as they arrive; others' are not read."""
        try:
            may = await in_thread(upload_allowed, self.scope, name)
        except (DatabaseError, InterfaceError):
            await self._refuse_busy()
            return
        most = settings.IMPORT_MAX_MB * 2**20 + FORM_BYTES
        if may is None:
            await self._ask_to_sign_in()
        elif not may:
            await self._pass_without_body()
        elif (self.length or 0) > most:
            await self._refuse_large(most)
        elif self.load.num_uploads >= settings.UPLOADS_AT_ONCE:
            await self._refuse_busy()
        else:
            await self._upload_read(most)

    async def _upload_read(self, most: int) -> None:
        pace = Pace()
        is_whole = False

        async def receive() -> Mapping[str, Any]:
            nonlocal is_whole
            if is_whole:
                return await self.receive()
            message = await pace.next(self.receive)
            if pace.num_bytes > most:
                raise TooLargeError
            is_whole = not message.get("more_body", False)
            return message

        self.load.num_uploads += 1
        try:
            await self.application(self.scope, receive, self.send)
        except TooLargeError:
            await self._refuse_large(most)
        except TooSlowError:
            await self._refuse_slow()
        finally:
            self.load.num_uploads -= 1

    async def _send_and_close(self, message: Mapping[str, Any]) -> None:
        """Ends the connection behind the answer: what is still on its way was not read."""
        if message["type"] == "http.response.start":
            headers = [pair for pair in message.get("headers", []) if pair[0].lower() != b"connection"]
            await self.send({**message, "headers": [*headers, (b"connection", b"close")]})
        elif message.get("more_body"):
            await self.send(message)
        else:
            await self.send({**message, "more_body": True})
            await self._linger()
            await self.send({"type": "http.response.body", "body": b""})

    async def _linger(self) -> None:
        """Whoever is still sending gets the time to see the answer; a connection that is closed before takes it away from them.

        A little is read and thrown away. Then nothing more is: a proxy that can't send on looks at what has come.
        """
        num_bytes, more = 0, True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while more and num_bytes < LINGER_BYTES:
                    message = await self.receive()
                    num_bytes += len(message.get("body", b""))
                    more = message.get("more_body", False)
                if more:
                    await asyncio.sleep(UNREAD_S)

    async def _ask_to_sign_in(self) -> None:
        if self._is_rest:
            await self._refuse(401, "Sign in", "Sign in before you send this.", www_authenticate='Bearer realm="api"')
            return
        address = quote(self.scope["path"])
        await self._answer(302, [(b"location", f"{settings.LOGIN_URL}?next={address}".encode())], b"")

    async def _refuse_large(self, most: int) -> None:
        allowed = f"{most // 2**20} MB" if most >= 2**20 else f"{most // 1024} KB"
        await self._refuse(413, "That is too much at once", f"This address takes at most {allowed} at a time. Send a part at a time.")

    async def _refuse_slow(self) -> None:
        words = "It arrived too slowly, and nothing was done. Try again on a faster line, or send a part at a time."
        await self._refuse(408, "That took too long", words)

    async def _refuse_busy(self) -> None:
        words = f"Too much arrives just now, and nothing was done. Try again in {WAIT_S} seconds."
        await self._refuse(503, "The site is busy", words, retry_after=str(WAIT_S))

    async def _refuse(self, status: int, title: str, words: str, **headers: str) -> None:
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if self._is_rest:
            body, kind = json.dumps({"detail": words}).encode(), b"application/json"
        else:
            body, kind = render_to_string("refused.html", {"title": title, "words": words}).encode(), b"text/html; charset=utf-8"
        await self._answer(status, [*given, (b"content-type", kind)], body)

    async def _answer(self, status: int, headers: Headers, body: bytes) -> None:
        whole = [*headers, *ENCODED, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self._send_and_close({"type": "http.response.start", "status": status, "headers": whole})
        await self._send_and_close({"type": "http.response.body", "body": body})


def length_announced(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """0 without a body, None where it comes in chunks."""
    known = dict(headers)
    if b"transfer-encoding" in known:
        return None
    length = known.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def has_credentials(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the caller may be somebody; decided without a look at the database."""
    cookie = settings.SESSION_COOKIE_NAME.encode() + b"="
    return any(name == b"authorization" or (name == b"cookie" and cookie in value) for name, value in headers)


def address_name(path: str) -> str:
    """The address's name in the table of who may do what; the data entry's own, which has no row, as `admin`, and none as nothing."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return "admin" if match.namespaces else match.url_name or ""


def upload_allowed(scope: Mapping[str, Any], name: str) -> bool | None:
    """Whether the caller may give files at this address; None for nobody. Queries the user and, of others than superusers, the roles."""
    request: HttpRequest = ASGIRequest({**scope, "headers": scope["headers"]}, BytesIO())
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    user = authenticate(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    roles = ACCESS[name]["POST"].roles
    return user.is_superuser or Membership.objects.filter(user=user, role__in=roles).exists()


def _received(body: bytes, afterwards: Any) -> Receive:
    """The body that was read, then what comes after it: the caller's leaving, if anything."""
    is_given = False

    async def receive() -> Mapping[str, Any]:
        nonlocal is_given
        if is_given:
            return await afterwards()  # type: ignore[no-any-return]
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
