"""A database of its own for a moment, in which an archive is written and checked as a whole before anybody waits for it.

The code of the models does not know it: in this thread the scratch database takes the place of the site's while a block
lasts. Keys of new rows are reserved in the site's database before, so that the rows are copied as they are afterwards.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper

AT_ONCE = 1000
TRIES = 20
Model = type[models.Model]


class Scratch:
    """Holds the file and the two connections. Made by `scratch_database`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.site: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]
        self._own = _wrapper(path)
        self._is_attached = False

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Everything that this thread reads and writes is in the scratch database."""
        with _connected(self._own):
            yield

    def outside(self, call: Callable[..., None]) -> Callable[..., None]:
        """The call with the site's database, from within a block of `inside`: it may have signs of life to write."""

        def called(*arguments: Any) -> None:
            with _connected(self.site):
                call(*arguments)

        return called

    def attach(self) -> None:
        """Where SQLite can, it copies by itself; inside a transaction of the caller's it can't take another file."""
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            self._own.close()
            with connection.cursor() as cursor:
                cursor.execute("ATTACH DATABASE %s AS scratch", [str(self.path)])
            self._is_attached = True

    def rows_copy(self, model: Model, *, since: int | None = None) -> None:
        """All rows of the table, or those with a key of ``since`` or later, into the site's database. Inside a transaction."""
        fields = list(model._meta.concrete_fields)
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        into = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
        if self._is_attached:
            key = quote(str(model._meta.pk.column))
            chosen = "" if since is None else f"WHERE {key} >= {since:d}"
            with connection.cursor() as cursor:
                copied = f"SELECT {columns} FROM scratch.{quote(model._meta.db_table)} {chosen} ORDER BY {key}"  # noqa: S608 - names of models
                cursor.execute(f"{into} {copied}")
            return
        places = ", ".join(["%s"] * len(fields))
        for some in self._chunks(model, since):
            made = [[field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)] for row in some]
            with connection.cursor() as cursor:
                cursor.executemany(f"{into} VALUES ({places})", made)

    def _chunks(self, model: Model, since: int | None) -> Iterator[list[tuple[Any, ...]]]:
        found = model._base_manager.order_by("pk").values_list(*[field.attname for field in model._meta.concrete_fields])
        rows = (found if since is None else found.filter(pk__gte=since)).iterator(chunk_size=AT_ONCE)
        while True:
            with self.inside():  # where the query is made, and not before its first row is wanted
                some = list(islice(rows, AT_ONCE))
            if not some:
                return
            yield some

    def close(self) -> None:
        self._own.close()
        if self._is_attached and self.site.connection is not None:
            with contextlib.suppress(OperationalError), self.site.cursor() as cursor:  # its connection may be another one by now
                cursor.execute("DETACH DATABASE scratch")


@contextlib.contextmanager
def scratch_database(*, first_keys: Mapping[Model, int]) -> Iterator[Scratch]:
    """An empty one with all tables, whose next keys are these."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="archive-") as folder:
        path = Path(folder) / "scratch.sqlite3"
        path.write_bytes(_empty())
        scratch = Scratch(path)
        try:
            with scratch.inside(), connection.cursor() as cursor:
                for model, key in first_keys.items():
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [model._meta.db_table, key - 1])
            yield scratch
        finally:
            scratch.close()


@lru_cache
def _empty() -> bytes:
    """The file of a database without rows."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="archive-") as folder:
        path = Path(folder) / "empty.sqlite3"
        own = _wrapper(path)
        with _connected(own):
            with own.schema_editor() as editor:
                for model in apps.get_models():
                    if model._meta.managed and not model._meta.proxy:
                        editor.create_model(model)
            own.close()
        return path.read_bytes()


def _wrapper(path: Path) -> DatabaseWrapper:
    made = DatabaseWrapper(
        {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "USER": "",
            "PASSWORD": "",
            "HOST": "",
            "PORT": "",
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": False,
            "OPTIONS": {"init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"},
            "TIME_ZONE": None,
            "TEST": {},
        },
        DEFAULT_DB_ALIAS,
    )
    made.ensure_connection()
    made.execute_wrappers.clear()  # marks of changes are for the site's database
    return made


@contextlib.contextmanager
def _connected(own: BaseDatabaseWrapper) -> Iterator[None]:
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def keys_reserve(numbers: Mapping[Model, int]) -> dict[Model, int]:
    """The first of so many keys in a row for each model, which nobody else gets. A short write of its own."""
    with transaction.atomic():
        reserve = _reserved_sqlite if connection.vendor == "sqlite" else _reserved_postgresql
        return {model: reserve(model, number) for model, number in numbers.items()}


def _reserved_sqlite(model: Model, number: int) -> int:
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT COALESCE(MAX("{key}"), 0) FROM "{table}"')  # noqa: S608 - a model's
        last = cursor.fetchone()[0]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        if (found := cursor.fetchone()) is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last + number])
        else:
            last = max(last, found[0])
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + number, table])
    return int(last) + 1


def _reserved_postgresql(model: Model, number: int) -> int:
    """Others may take a number in between: then again."""
    table, key = connection.ops.quote_name(model._meta.db_table), model._meta.pk.column
    some = "SELECT nextval(pg_get_serial_sequence(%s, %s)) AS key FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        for _ in range(TRIES):
            cursor.execute(f"SELECT MIN(key), MAX(key) FROM ({some}) AS taken", [table, key, number])  # noqa: S608 - as above
            first, last = cursor.fetchone()
            if last - first + 1 == number:
                return int(first)
    raise OperationalError(f"{table} is written to so much that no keys in a row could be had")
