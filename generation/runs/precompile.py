"""The compiled search, made ready once per process, so that no job pays for compiling."""

from __future__ import annotations

import fcntl
import functools
import gc
import threading
import time
from concurrent.futures import Future

import structlog
from django.conf import settings

from generation.engine.solve import warm

log = structlog.get_logger(__name__)


@functools.cache
def kernels_ready() -> Future[None]:
    """Begins to compile the kernels, or to read them from the disk, in a thread; the same future for every caller."""
    ready: Future[None] = Future()
    threading.Thread(target=_warm, args=[ready], name="warm", daemon=True).start()
    return ready


def _warm(ready: Future[None]) -> None:
    began = time.monotonic()
    try:
        # One process compiles at a time; the others then find its work on the disk.
        with (settings.VAR_DIR / "kernels.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            warm()
        # What was loaded stays; the search asks for garbage after each of its CP-SAT models, and would look through all of it.
        gc.freeze()
    except Exception as error:  # whoever waits for the future gets it
        ready.set_exception(error)
    else:
        log.info("kernels_ready", seconds=round(time.monotonic() - began, 2))
        ready.set_result(None)
