"""How far an import is. In Redis, because the import itself is one transaction, of which nobody sees anything before its end.

Beside the news lies a mark that runs out by Redis's own clock unless the process at work renews it, so that a killed one is
told from one that has nothing new to tell.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

from academics.importing.planning import Told

log = structlog.get_logger(__name__)
EVERY_S = 0.3
KEPT_S = 3600


def _key(batch_id: uuid.UUID) -> str:
    return f"import:{batch_id}"


@contextlib.contextmanager
def at_work(batch_id: uuid.UUID) -> Iterator[Told]:
    """Around the work on one import: what it tells is written, and that it lives. Forgotten at the end."""
    is_over = threading.Event()
    _mark_renew(batch_id)
    beat = threading.Thread(target=_beat, args=[batch_id, is_over], name=f"import-{batch_id}", daemon=True)
    beat.start()
    told = _teller(batch_id)
    told("At work", 0, 1)  # from here on its silence says that the process is gone
    try:
        yield told
    finally:
        is_over.set()
        beat.join()
        forget(batch_id)


def _beat(batch_id: uuid.UUID, is_over: threading.Event) -> None:
    while not is_over.wait(settings.JOB_LEASE_RENEW_S):
        _mark_renew(batch_id)


def _mark_renew(batch_id: uuid.UUID) -> None:
    _write(_mark(batch_id), "", math.ceil(settings.JOB_LEASE_S))


def _mark(batch_id: uuid.UUID) -> str:
    return f"import-alive:{batch_id}"


def _write(key: str, value: Any, kept_s: int) -> bool:
    try:
        caches["live"].set(key, value, kept_s)
    except (RedisError, OSError) as error:
        log.warning("import_progress_not_written", key=key, error=str(error))
        return False
    return True


def _teller(batch_id: uuid.UUID) -> Told:
    """Writes what is told, a few times a second at most. Redis away: nobody is told, and the import goes on."""
    last = 0.0

    def told(words: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY_S:
            return
        last = now
        _mark_renew(batch_id)  # before the news: one that told something has its mark, also in a Redis that was wiped
        if not _write(_key(batch_id), {"words": words, "done": done, "total": total}, KEPT_S):
            last = now + 10  # not at every step

    return told


def news(batch_id: uuid.UUID) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] | None = caches["live"].get(_key(batch_id))
    except (RedisError, OSError):
        return None
    return found


def is_silent(batch_id: uuid.UUID) -> bool:
    """It told of itself and then no more: its process is gone. Unknown, as where Redis was wiped or is away, is not silent."""
    try:
        known = caches["live"].get_many([_key(batch_id), _mark(batch_id)])
    except (RedisError, OSError):
        return False
    return _key(batch_id) in known and _mark(batch_id) not in known


def forget(batch_id: uuid.UUID) -> None:
    try:
        caches["live"].delete_many([_key(batch_id), _mark(batch_id)])
    except (RedisError, OSError) as error:
        log.warning("import_progress_not_forgotten", batch_id=str(batch_id), error=str(error))
