"""The web server's connections to PostgreSQL: a pool in each process, so that a crowd waits for its turn instead of being refused.

Without it each request that runs has a connection of its own, and PostgreSQL refuses those beyond its `max_connections`. Workers and beat
have few threads that touch the database, and fork; they keep a connection each and no pool.
"""

from __future__ import annotations

import os
import select
import time
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.pq import ExecStatus

ALIAS = "default"
# Unused connections beyond the first are given back after so long.
IDLE_S = 60.0


class CheckedConnection(psycopg.Connection[Any]):
    """A connection whose check has an end: a database that accepts and stays silent would hold a request for minutes."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """The pool's check whether PostgreSQL still answers, the only caller: Django goes by cursors. An empty query there and back."""
        deadline = time.monotonic() + settings.DATABASE_CONNECT_TIMEOUT_S
        self.pgconn.send_query(b"")
        self.pgconn.flush()
        readable = select.poll()  # `select` itself knows no file beyond the 1,024th, and streams are many
        readable.register(self.pgconn.socket, select.POLLIN)
        while self.pgconn.is_busy():
            if not readable.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise psycopg.OperationalError("PostgreSQL did not answer a pooled connection in time")
            self.pgconn.consume_input()
        while result := self.pgconn.get_result():
            if result.status != ExecStatus.EMPTY_QUERY:
                raise psycopg.OperationalError(result.get_error_message())


def pool_begin() -> None:
    """Give this process a pool; for a web process after it was forked, and before it asks the database anything."""
    configuration = connections.settings[ALIAS]
    if configuration["ENGINE"] != "django.db.backends.postgresql" or settings.DATABASE_POOL_SIZE == 0:
        return
    configuration["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": settings.DATABASE_POOL_SIZE,
        "timeout": settings.DATABASE_POOL_WAIT_S,
        "max_idle": IDLE_S,
        "connection_class": CheckedConnection,
    }
    # A connection that PostgreSQL closed meanwhile (a restart) is found out before a request gets it.
    configuration["CONN_HEALTH_CHECKS"] = True
    configuration["CONN_MAX_AGE"] = 0  # given back after each request
    # Its sockets belong to this process, and its threads do not live on in a child.
    os.register_at_fork(after_in_child=_forget)


def pool_end() -> None:
    """Close the pool's connections, at the end of a web process."""
    if has_pool():
        wrapper: Any = connections[ALIAS]
        wrapper.close()
        wrapper.close_pool()


def has_pool() -> bool:
    return "pool" in connections.settings[ALIAS].get("OPTIONS", {})


def _forget() -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    DatabaseWrapper._connection_pools.clear()  # type: ignore[attr-defined]
    connections.settings[ALIAS]["OPTIONS"].pop("pool", None)
    wrapper: Any = connections[ALIAS]
    wrapper.settings_dict["OPTIONS"].pop("pool", None)
    wrapper.connection = None  # it came from the parent's pool; the next query opens another
