"""Django for event streams: the same middleware and view, without a turn of a thread for each layer, and few objects for each stream.

Django runs synchronous middleware of an asynchronous request on a thread, two turns for each layer, and keeps three tasks
for each open answer. The site's middleware does no input or output for a stream's request (sessions and users are lazy, and
the view signs in by itself), so here it is simply called.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver, set_script_prefix
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from erp.request_ids import Receive, Send

View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
# Serves files, and knows no asynchronous call.
LEFT_OUT = ("whitenoise.middleware.WhiteNoiseMiddleware",)


def called_directly(middleware: Any) -> Any:
    """The same class, whose hooks are called on the event loop."""
    if not (isinstance(middleware, type) and issubclass(middleware, MiddlewareMixin)):
        return middleware  # asynchronous by itself

    class Direct(middleware):  # type: ignore[misc]  # of a class that is known when it runs
        async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
            response = self.process_request(request) if hasattr(self, "process_request") else None
            response = response or await self.get_response(request)
            return cast(HttpResponseBase, self.process_response(request, response) if hasattr(self, "process_response") else response)

    return Direct


@functools.cache
def chain() -> View:
    """The middleware of the settings around the view that the address names."""
    view_hooks: list[Any] = []

    async def view(request: HttpRequest) -> HttpResponseBase:
        match = get_resolver(settings.ROOT_URLCONF).resolve(request.path_info)
        request.resolver_match = match
        for hook in view_hooks:
            if response := hook(request, match.func, match.args, match.kwargs):
                return cast(HttpResponseBase, response)
        return cast(HttpResponseBase, await match.func(request, *match.args, **match.kwargs))

    handler: Any = convert_exception_to_response(view)
    for path in reversed(settings.MIDDLEWARE):
        if path not in LEFT_OUT:
            instance = called_directly(import_string(path))(handler)
            if hasattr(instance, "process_view"):
                view_hooks.insert(0, instance.process_view)
            handler = convert_exception_to_response(instance)
    return cast(View, handler)


async def serve_stream(django: ASGIHandler, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """One request on the stream's path, whatever its method, to the end of its answer or until its client has left."""
    if not await _is_complete(receive):
        return
    set_script_prefix(get_script_prefix(scope))
    request, refusal = django.create_request(scope, BytesIO())
    response = refusal if request is None else await chain()(request)
    assert response is not None
    sender = asyncio.current_task()
    assert sender is not None
    leaving = asyncio.create_task(_cancel_when_left(receive, sender))
    try:
        await django.send_response(response, send)
    except asyncio.CancelledError:
        if not leaving.done():
            raise
        sender.uncancel()  # the client has left: no more is to be done
    finally:
        leaving.cancel()
        response.close()


async def _is_complete(receive: Receive) -> bool:
    """Reads what the client sends along, which is nobody's; false where it leaves meanwhile."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        if not message.get("more_body", False):
            return True


async def _cancel_when_left(receive: Receive, sender: asyncio.Task[Any]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    sender.cancel()
