"""Memory that solvers leave behind."""

from __future__ import annotations

import ctypes
import gc


def collect_models() -> None:
    """Give the memory of finished models back to the system; glibc keeps it otherwise."""
    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):  # not glibc: the allocator does as it likes
        return
