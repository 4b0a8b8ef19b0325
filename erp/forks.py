"""No connection to the database or to Redis is open while a process forks, and a child uses nothing that it inherited.

SQLite keeps the locks on its file by process. A child that was forked while a connection was open believes that it holds
that connection's locks, takes none of its own, and the next process that closes the file removes the write-ahead log under
it: every row that the child commits is lost, and the file may be destroyed. So a fork waits until all connections to a
SQLite file are closed, none is opened while it goes on, and a child that inherited one all the same is refused the file.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sqlite3
import sys
import threading
import time
import weakref
from typing import Any

import redis
from django.db import connections

logger = logging.getLogger(__name__)

WAIT_S = 30.0  # longer than SQLite itself waits for a lock
LOOK_S = 0.01
REFUSAL = (
    "This process was forked while its parent had the database file open, and would destroy the file. "
    "The parent has to end its transactions before it forks."
)
# What a process makes once and keeps. Clients of Redis are closed before a fork; of all, a child makes its own.
CLIENTS = (("progress.store", "store_shared"), ("generation.publication.redis_cache", "_cache"))
ON_THREADS = (
    ("progress.reader", "reader_shared"),
    ("progress.threads", "_executor"),
    ("generation.runs.precompile", "kernels_ready"),
    ("generation.publication.response_cache", "_looks"),
    ("generation.publication.response_cache", "_few"),
)

# Held by whoever opens a SQLite file, and by a fork from before it until after it.
_gate = threading.Lock()
_open: dict[int, tuple[weakref.ref[SQLiteConnection], int]] = {}  # by identity; with the thread that opened it
_pools: weakref.WeakSet[RedisPool] = weakref.WeakSet()
# In a child: what its parent had open. Never let go, as closing it here, too, would touch the parent's locks.
_inherited: list[SQLiteConnection] = []
_left_alone: list[object] = []


class SQLiteConnection(sqlite3.Connection):
    """A connection that forks know of: the `factory` in the settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A fork waits for this thread where it has one open already, and this thread must not wait for the fork.
        with contextlib.nullcontext() if _num_open(threading.get_ident()) else _gate:
            if _inherited:
                raise sqlite3.OperationalError(REFUSAL)
            super().__init__(*args, **kwargs)
            key = id(self)
            _open[key] = (weakref.ref(self, lambda _: _open.pop(key, None)), threading.get_ident())

    def close(self) -> None:
        super().close()
        _open.pop(id(self), None)


class RedisPool(redis.ConnectionPool):
    """A pool of connections that forks know of: the `pool_class` of the caches in Redis."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _pools.add(self)


@functools.cache
def forks_guard() -> None:
    """Once per process; its children have it too."""
    os.register_at_fork(before=_before, after_in_parent=_gate.release, after_in_child=_in_child)


def _before() -> None:
    """In the thread that forks, whatever the others are doing. Leaves the gate closed."""
    _own_connections_close()
    for pool in list(_pools):
        pool.disconnect(inuse_connections=False)  # one in use is another thread's: the child has a pool of its own
    _forget(CLIENTS)
    deadline = time.monotonic() + WAIT_S
    _gate.acquire()
    while num_others := len(_open) - _num_open(threading.get_ident()):
        if time.monotonic() > deadline:
            logger.error("A process forks although other threads keep %d connections to the database file open", num_others)
            return
        time.sleep(LOOK_S)


def _num_open(thread: int) -> int:
    return sum(owner == thread for _, owner in list(_open.values()))


def _own_connections_close() -> None:
    """Those of the forking thread, but for one in a transaction, which would be lost; the pools of PostgreSQL."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
            if connection.settings_dict["OPTIONS"].get("pool"):
                connection.close_pool()  # type: ignore[attr-defined]  # only PostgreSQL's has one


def _in_child() -> None:
    _inherited.extend(filter(None, (reference() for reference, _ in list(_open.values()))))
    _open.clear()
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            _left_alone.append(connection)
            del connections[connection.alias]  # the next use opens one of the child's own, or is refused
    _forget(CLIENTS + ON_THREADS)
    _gate.release()


def _forget(kept: tuple[tuple[str, str], ...]) -> None:
    for module, name in kept:
        if function := getattr(sys.modules.get(module), name, None):
            function.cache_clear()
