"""Many queries that see the data as they stand at one moment, whatever is written meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection, transaction


@contextlib.contextmanager
def consistent_read() -> Iterator[None]:
    """A read-only transaction on the data of one moment; no writer waits for it, and it waits for none.

    Inside a transaction of the caller's it changes nothing: its isolation was chosen when it began.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with _deferred():
            yield


@contextlib.contextmanager
def _deferred() -> Iterator[None]:
    """The settings have transactions of SQLite take the lock of writers when they begin; one that only reads must not."""
    connection.ensure_connection()  # which sets the mode of the settings
    mode, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            connection.transaction_mode = mode  # type: ignore[attr-defined]
            yield
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]
