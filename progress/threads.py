"""Database work for streams: a few threads that keep no connection.

Django's own way would give every open stream a thread and its database connection for as long as it lasts.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")
NUM_THREADS = 4


class ClosingExecutor(ThreadPoolExecutor):
    """Threads that close their database connections after each call."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def call() -> T:
            try:
                return function(*args, **kwargs)
            finally:
                connections.close_all()

        return super().submit(call)


@functools.cache
def _executor() -> ClosingExecutor:
    return ClosingExecutor(NUM_THREADS, thread_name_prefix="progress-database")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function on the small executor; its thread's connections are closed afterwards."""
    return await asyncio.get_running_loop().run_in_executor(_executor(), functools.partial(copy_context().run, function, *args, **kwargs))
