"""Where published pages are kept in a test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from generation.publication import redis_cache
from tests.processes import Valkey


@contextlib.contextmanager
def kept_in(settings: Any, valkey: Valkey) -> Iterator[None]:
    """Django's cache of published pages lies in this server, and leaves no connection behind."""
    settings.REDIS_URL = valkey.url
    settings.CACHES = settings.CACHES | {"published": settings.CACHES["published"] | {"LOCATION": valkey.url}}
    cache: Any = redis_cache.cache_shared()
    yield
    cache._cache.get_client().connection_pool.disconnect()
    redis_cache._cache.cache_clear()
