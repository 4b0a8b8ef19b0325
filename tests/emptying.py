"""After a test that committed: its rows go, and nothing else.

Django's `flush` empties every table, and has content types and permissions made again, which takes longer than most of these tests.
"""

from __future__ import annotations

import functools

from django.db import connections, transaction
from django.test import TransactionTestCase

# Made with the tables, and never written by a test.
STAY = {"django_content_type", "auth_permission"}


def rows_take_away(case: TransactionTestCase) -> None:
    """In the place of `TransactionTestCase._fixture_teardown`."""
    for name in case._databases_names(include_mirrors=False):
        quote = connections[name].ops.quote_name
        # Keys are checked at the end of the transaction, so the order is free; by the driver's own cursor, as nobody is to hear of it.
        with transaction.atomic(using=name), connections[name].cursor() as cursor:
            filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in _tables(name))
            for (table,) in cursor.cursor.execute(filled).fetchall():
                cursor.cursor.execute(f"DELETE FROM {quote(table)}")


@functools.cache
def _tables(name: str) -> list[str]:
    tables = connections[name].introspection.django_table_names(only_existing=True, include_views=False)
    return [table for table in tables if table not in STAY]
