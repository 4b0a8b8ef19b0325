"""The compiled search, made ready once per process, so that no job pays for compiling."""

from __future__ import annotations

import functools
import time

import structlog

from generation.engine.solve import warm

log = structlog.get_logger(__name__)


@functools.cache
def kernels_warm() -> None:
    """Compiles the kernels, or reads them from the disk; a second call in this process costs nothing."""
    began = time.monotonic()
    warm()
    log.info("kernels_warm", seconds=round(time.monotonic() - began, 2))
