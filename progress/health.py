"""Is everything there that a job needs? Words for anybody, figures for staff."""

from __future__ import annotations

import functools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import KombuError

from progress.figures import history_shared
from progress.store import REDIS_ERRORS, ProgressStore, store_shared


class Workers:
    """How many Celery workers answer a ping; sent at most every few seconds, and only by one caller at a time."""

    def __init__(self) -> None:
        # One thread for all pings: kombu keeps a reply queue for each thread that ever pinged.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="progress-ping")
        self._lock = threading.Lock()
        self._pinged_at = float("-inf")
        self._num_answering = 0

    def count(self) -> int:
        with self._lock:
            if time.monotonic() - self._pinged_at >= settings.HEALTH_WORKERS_S:
                # As many answers as last time end the wait early; whether there are more by now is found out for the next caller.
                self._num_answering = self._executor.submit(self._ping, max(1, self._num_answering)).result()
                self._pinged_at = time.monotonic()
                if self._num_answering:
                    self._executor.submit(self._look_for_more)
            return self._num_answering

    def _look_for_more(self) -> None:
        self._num_answering = max(self._num_answering, self._ping(None))

    def _ping(self, limit: int | None) -> int:
        try:
            return len(current_app.control.ping(timeout=settings.HEALTH_PING_S, limit=limit) or [])
        except (*REDIS_ERRORS, KombuError):
            return 0


@functools.cache
def workers_shared() -> Workers:
    return Workers()


def health(*, num_open: int, store: ProgressStore | None = None) -> dict[str, Any]:
    """Words and figures. Asks Redis, the database and (through Redis) the workers, each within a bounded time."""
    has_redis = (store or store_shared()).ping()
    num_workers = workers_shared().count() if has_redis else 0
    words = {
        "redis": "up" if has_redis else "down",
        "database": "up" if _has_database() else "down",
        "workers": ("up" if num_workers else "down") if has_redis else "unknown",
        "streams": "open" if num_open < settings.STREAM_LIMIT else "full",
    }
    is_healthy = words["redis"] == words["database"] == words["workers"] == "up"
    return {
        "status": "healthy" if is_healthy else "unhealthy",
        **words,
        "figures": {"workers": num_workers, **_places(num_open), **_figures()},
    }


def _places(num_open: int) -> dict[str, float]:
    """Of the process that answers: each has a limit, and places, of its own. All other figures are of all processes together."""
    return {"process_id": os.getpid(), "open_streams": num_open, "stream_limit": settings.STREAM_LIMIT}


def _figures() -> dict[str, float | None]:
    """Of the last five minutes: how the web server has been."""
    lately = asdict(history_shared().lately())
    del lately["at"]
    lately["error_rate"] = None if lately["error_percent"] is None else lately["error_percent"] / 100
    return {
        {"open_streams": "streams_sse", "open_sockets": "streams_websocket"}.get(name, name): None if value is None else round(value, 3)
        for name, value in lately.items()
    }


def _has_database() -> bool:
    """Whether the database answers. Past the web server's pool: that all its connections are in use is no fault of the database."""
    direct = connection.copy()
    has_pool = direct.settings_dict["OPTIONS"].pop("pool", None) is not None
    probe = direct if has_pool else connection
    try:
        with probe.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    finally:
        if has_pool:
            direct.close()
    return True
