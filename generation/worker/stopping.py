"""That a worker is being stopped, as its parent says to the children of its pool: by memory that they share since the fork.

The parent must hold no connection (erp/forks.py) and the search does not listen to signals; so the parent writes a number
here, the thread that keeps each job's lease reads it (generation/runs/lease.py), and the parent sees here who is still at work.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from collections.abc import Iterator

NUM_PLACES = 1024  # by process id; two of one pool at the same place would only shorten the wait
LOOK_S = 0.05
_memory = memoryview(mmap.mmap(-1, 4 * (NUM_PLACES + 1))).cast("i")


def stopping_begin(*, wait_s: float) -> bool:
    """In the parent: says so, and waits until nobody holds a job any more. False where somebody did to the end."""
    _memory[NUM_PLACES] = 1
    deadline = time.monotonic() + wait_s
    while any(map(_is_alive, _memory[:NUM_PLACES])):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def is_stopping() -> bool:
    return bool(_memory[NUM_PLACES])


@contextlib.contextmanager
def job_held() -> Iterator[None]:
    """While a process holds a job."""
    place = os.getpid() % NUM_PLACES
    _memory[place] = os.getpid()
    try:
        yield
    finally:
        _memory[place] = 0


def _is_alive(pid: int) -> bool:
    """A killed child has left its mark."""
    if not pid:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
