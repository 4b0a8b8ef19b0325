"""Lectures of a variant into their table: a large term has tens of thousands, for which `bulk_create` takes seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, models

from generation.models import Entry

BATCH = 2000


def entries_insert(*, variant_id: UUID, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes rows as `results.entries_of` makes them; each names every column. Their keys are not needed afterwards."""
    fields = [field for field in Entry._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"INSERT INTO {quote(Entry._meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608 - names of our own columns
    owner = Entry._meta.get_field("variant").get_db_prep_save(variant_id, connection)
    # Numbers, texts and truths go as they are; only lists need words of the database's own.
    lists = {field.name: field for field in fields if isinstance(field, models.JSONField)}
    names = [field.name for field in fields]

    def values(row: Mapping[str, Any]) -> Iterator[Any]:
        for name in names:
            if name == "variant":
                yield owner
            else:
                yield lists[name].get_db_prep_save(row[name], connection) if name in lists else row[name]

    rest = iter(rows)
    with connection.cursor() as cursor:
        while some := [tuple(values(row)) for row in islice(rest, BATCH)]:
            cursor.executemany(statement, some)
