"""Django's cache in files, for a disk that is full: what cannot be kept is made again, and nobody's answer fails."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

log = structlog.get_logger(__name__)


class SpareFileCache(FileBasedCache):
    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except OSError as error:
            log.warning("not_cached", error=str(error))
