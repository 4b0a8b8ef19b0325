"""How far an import is. In Redis, because the import itself is one transaction, of which nobody sees anything before its end."""

from __future__ import annotations

import time
import uuid
from typing import Any

import structlog
from django.core.cache import caches
from redis.exceptions import RedisError

from academics.importing.planning import Told

log = structlog.get_logger(__name__)
EVERY_S = 0.3
KEPT_S = 3600


def _key(batch_id: uuid.UUID) -> str:
    return f"import:{batch_id}"


def teller(batch_id: uuid.UUID) -> Told:
    """Writes what is told, a few times a second at most. Redis away: nobody is told, and the import goes on."""
    last = 0.0

    def told(words: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY_S:
            return
        last = now
        news = {"words": words, "done": done, "total": total, "at": time.time()}
        try:
            caches["live"].set(_key(batch_id), news, KEPT_S)
        except (RedisError, OSError) as error:
            last = now + 10  # not at every step
            log.warning("import_progress_not_written", batch_id=str(batch_id), error=str(error))

    return told


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
