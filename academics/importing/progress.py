"""How far an import is. In Redis, because the import itself is one transaction, of which nobody sees anything before its end."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from typing import Any

import structlog
from django.core.cache import caches
from redis.exceptions import RedisError

from academics.importing.planning import OnProgress

log = structlog.get_logger(__name__)
EVERY_S = 0.3
KEPT_S = 3600


def _key(batch_id: uuid.UUID) -> str:
    return f"import:{batch_id}"


@contextlib.contextmanager
def progress_news(batch_id: uuid.UUID) -> Iterator[OnProgress]:
    """For the work on one import: its progress is written, and removed at the end."""
    try:
        yield _progress_writer(batch_id)
    finally:
        forget(batch_id)


def _write(key: str, value: Any, kept_s: int) -> bool:
    try:
        caches["live"].set(key, value, kept_s)
    except (RedisError, OSError) as error:
        log.warning("import_progress_not_written", key=key, error=str(error))
        return False
    return True


def _progress_writer(batch_id: uuid.UUID) -> OnProgress:
    """Writes the progress, a few times a second at most. While Redis is away nothing is written, and the import goes on."""
    last = 0.0

    def on_progress(words: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY_S:
            return
        last = now
        if not _write(_key(batch_id), {"words": words, "done": done, "total": total}, KEPT_S):
            last = now + 10  # not at every step

    return on_progress


def news(batch_id: uuid.UUID) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] | None = caches["live"].get(_key(batch_id))
    except (RedisError, OSError):
        return None
    return found


def forget(batch_id: uuid.UUID) -> None:
    try:
        caches["live"].delete(_key(batch_id))
    except (RedisError, OSError) as error:
        log.warning("import_progress_not_forgotten", batch_id=str(batch_id), error=str(error))
