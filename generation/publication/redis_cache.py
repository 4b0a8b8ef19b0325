"""What was rendered, kept in Redis for all processes. A Redis that is away costs time, never an answer."""

from __future__ import annotations

import functools
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)
PREFIX = "published:2:"  # counts on where pickled classes move
AWAY_S = 1.0  # so long nobody asks a Redis that did not answer
TIMEOUT_S = 0.5

Kept = TypeVar("Kept")


class PageCache:
    """A miss and a Redis that is away look the same. Safe for threads; only this program writes there, so that pickles are its own."""

    def __init__(self) -> None:
        self._away_until = 0.0
        self._pending: dict[str, Any] = {}  # what must be put before anything is believed

    def get(self, name: str) -> Any:
        found = self._tried(lambda client: client.get(PREFIX + name))
        return None if found is None else pickle.loads(found)  # noqa: S301

    def put(self, name: str, value: Any, *, keep_s: float | None) -> None:
        milliseconds = None if keep_s is None else max(1, round(1000 * keep_s))
        self._tried(lambda client: client.set(PREFIX + name, pickle.dumps(value), px=milliseconds))

    def put_required(self, name: str, value: Any) -> None:
        """Now, or before the next look at anything."""
        self._pending[name] = value
        self._tried(lambda client: None)

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    def put_first(self, name: str, value: Any) -> Any:
        """What stands there: the value, unless somebody else was faster. None when Redis is away."""
        self._tried(lambda client: client.set(PREFIX + name, pickle.dumps(value), nx=True))
        return self.get(name)

    def remembered(self, name: str, make: Callable[[], Kept], *, keep_s: float) -> Kept:
        found = self.get(name)
        if found is None:
            found = make()
            self.put(name, found, keep_s=keep_s)
        return found  # type: ignore[no-any-return]

    def _tried(self, what: Callable[[redis.Redis], Any]) -> Any:
        if time.monotonic() < self._away_until:
            return None
        try:
            client = _client(settings.REDIS_URL)
            for name, value in list(self._pending.items()):
                client.set(PREFIX + name, pickle.dumps(value))
                if self._pending.get(name) is value:
                    del self._pending[name]
            return what(client)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_S
            (log.warning if _is_started(settings.REDIS_URL) else log.debug)("pages_not_kept", error=str(error))
            return None


def _is_started(url: str) -> bool:
    """Before the first start the embedded server has no socket yet: then nothing can be kept, and nobody reads."""
    return not url.startswith("unix://") or Path(url.removeprefix("unix://").partition("?")[0]).exists()


@functools.cache
def _client(url: str) -> redis.Redis:
    """One for the process: its connections are shared by all threads."""
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0))


page_cache = PageCache()
