"""The ASGI application: Django with streams that keep no thread, WebSockets, and an end of both when the server stops."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import IO, Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
django.setup(set_prefix=False)

from erp.client_address import TrueClient  # noqa: E402
from erp.door import Door  # noqa: E402
from erp.request_ids import Receive, RequestIds, Send  # noqa: E402
from erp.serving import serving_hold  # noqa: E402
from erp.stream_handler import serve_stream  # noqa: E402
from generation.publication.response_cache import ReadyPages  # noqa: E402
from progress.figures import process_note, sample_forever  # noqa: E402
from progress.reader import reader_shared  # noqa: E402  needs the settings
from progress.sockets import urlpatterns as socket_urlpatterns  # noqa: E402
from progress.threads import ClosingExecutor  # noqa: E402

STREAM_PATH = "/api/generation/stream/"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


serving_hold()
process_note()


class StreamingHandler(ASGIHandler):
    """Django's handler, without its thread per open request on the stream's path.

    Django gives each request a context in which synchronous code has a thread of its own, kept until the
    response ends; 500 streams would keep 500 threads. `serve_stream` needs none.
    """

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        """A body that comes in chunks announces no length, and would be taken for none at all."""
        length = body_file.seek(0, os.SEEK_END)
        body_file.seek(0)
        if length and not any(name == b"content-length" for name, _ in scope["headers"]):
            scope = {**scope, "headers": [*scope["headers"], (b"content-length", str(length).encode())]}
        return super().create_request(scope, body_file)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        close_connections_of_error_pages()
        figures_sampled()
        if scope["type"] == "http" and scope["path"].removeprefix(scope.get("root_path", "")).startswith(STREAM_PATH):
            end_streams_at_shutdown()
            await serve_stream(self, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@functools.cache
def close_connections_of_error_pages() -> None:
    """Django renders error pages on the loop's own threads, and would leave there the connection on which the session was looked up."""
    asyncio.get_running_loop().set_default_executor(ClosingExecutor(thread_name_prefix="loop"))


@functools.cache
def figures_sampled() -> asyncio.Task[None]:
    """From the first request on; the loop ends it with everything else."""
    return asyncio.get_running_loop().create_task(sample_forever())


@functools.cache
def end_streams_at_shutdown() -> None:
    """Put the end of all streams and sockets before what the server does at a stop signal, or it waits for them in vain.

    Done at the first stream: the server sets its own handlers after it has imported this module.
    """
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            _chain(number, lambda: loop.call_soon_threadsafe(reader_shared().close))


def _chain(number: signal.Signals, action: Callable[[], object]) -> None:
    earlier = signal.getsignal(number)

    def handle(signal_number: int, frame: FrameType | None) -> None:
        action()
        if callable(earlier):
            earlier(signal_number, frame)

    if callable(earlier):  # a default or ignored signal stays as it is
        signal.signal(number, handle)


class SocketHandler(URLRouter):
    """Channels' router of the WebSockets; no channel layer is behind it, the reader wakes each socket itself."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        end_streams_at_shutdown()
        await super().__call__(scope, receive, send)


application = TrueClient(
    RequestIds(ProtocolTypeRouter({"http": Door(ReadyPages(StreamingHandler())), "websocket": SocketHandler(socket_urlpatterns)}))
)
