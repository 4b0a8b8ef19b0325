"""What was rendered, kept in Django's cache in Redis for all processes. A Redis that is away costs time, never an answer.

Three things are ours, and no cache of Django has them: nobody waits for a Redis that did not answer a moment ago; a new version that it
could not take is sent before anything is believed again; and one cache serves all threads of the process, where `django.core.cache.caches`
has one for each thread, with connections of its own.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
AWAY_S = 1.0  # so long nobody asks a Redis that did not answer

Kept = TypeVar("Kept")


class PageCache:
    """A miss and a Redis that is away look the same. Safe for threads."""

    def __init__(self) -> None:
        self._away_until = 0.0
        self._pending: dict[str, Any] = {}  # what must be set before anything is believed

    def get(self, name: str) -> Any:
        return self._tried(lambda cache: cache.get(name))

    def put(self, name: str, value: Any, *, keep_s: float | None) -> None:
        """Redis counts whole seconds here: what is right for less than one is not kept."""
        self._tried(lambda cache: cache.set(name, value, keep_s))

    def put_required(self, name: str, value: Any) -> None:
        """Now, or before the next look at anything."""
        self._pending[name] = value
        self._tried(lambda cache: None)

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    def put_first(self, name: str, value: Any) -> Any:
        """What stands there: the value, unless somebody else was faster. None when Redis is away."""
        self._tried(lambda cache: cache.add(name, value, None))
        return self.get(name)

    def remembered(self, name: str, make: Callable[[], Kept], *, keep_s: float) -> Kept:
        found = self.get(name)
        if found is None:
            found = make()
            self.put(name, found, keep_s=keep_s)
        return found  # type: ignore[no-any-return]

    def _tried(self, what: Callable[[BaseCache], Any]) -> Any:
        if time.monotonic() < self._away_until:
            return None
        try:
            cache = cache_shared()
            for name, value in list(self._pending.items()):
                cache.set(name, value, None)
                if self._pending.get(name) is value:
                    del self._pending[name]
            return what(cache)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_S
            (log.warning if _is_started(_address()) else log.debug)("pages_not_kept", error=str(error))
            return None


def kept_at_once(names: Sequence[str]) -> list[Any]:
    """What lies under each of these names at one moment; None where nothing does. Raises where Redis is away.

    Asked once more after a failure: a process that stood still for a moment finds its time over and the answer there.
    """
    try:
        found = cache_shared().get_many(names)
    except (RedisError, OSError):
        found = cache_shared().get_many(names)
    return [found.get(name) for name in names]


def cache_shared() -> BaseCache:
    return _cache(_address())


def _address() -> str:
    return str(settings.CACHES["published"]["LOCATION"])


@functools.cache
def _cache(url: str) -> BaseCache:
    """One for the process: its connections are shared by all threads."""
    return caches.create_connection("published")


def _is_started(url: str) -> bool:
    """Before the first start the embedded server has no socket yet: then nothing can be kept, and nobody reads."""
    return not url.startswith("unix://") or Path(url.removeprefix("unix://").partition("?")[0]).exists()


page_cache = PageCache()
