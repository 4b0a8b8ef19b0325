"""How much is in the database, table by table: rows and bytes, as the database itself counts them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection

KEPT_S = 600
KEY = "table-sizes"
MOST_SHOWN = 12
MOST_READ_MB = 1024  # SQLite reads the whole file to say how large its tables are
ROWS_COUNTED = 200_000


@dataclass(frozen=True, slots=True)
class TableSize:
    name: str
    rows: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The largest tables first."""

    bytes: int
    tables: list[TableSize]
    is_estimate: bool


def sizes_known() -> Sizes:
    """Queried at most every ten minutes."""
    kept = cache.get(KEY)
    if kept is not None:
        return Sizes(kept["bytes"], [TableSize(**each) for each in kept["tables"]], kept["is_estimate"])
    found = sizes_read()
    cache.set(KEY, asdict(found), KEPT_S)
    return found


def sizes_read() -> Sizes:
    return _of_postgresql() if connection.vendor == "postgresql" else _of_sqlite()


def _of_postgresql() -> Sizes:
    """From the catalogue: rows as of the last ANALYZE, bytes with indexes and what is stored apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()[0]
        cursor.execute(
            "SELECT relname, GREATEST(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 3 DESC LIMIT %s",
            [MOST_SHOWN],
        )
        tables = [TableSize(*row) for row in cursor.fetchall()]
    return Sizes(whole, tables, is_estimate=True)


def _of_sqlite() -> Sizes:
    """Rows are counted in small tables, and estimated by the last key in large ones."""
    path = Path(str(connection.settings_dict["NAME"]))
    whole = sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())
    with connection.cursor() as cursor:
        if whole > MOST_READ_MB * 2**20:
            return Sizes(whole, [], is_estimate=True)
        cursor.execute(
            "SELECT COALESCE(m.tbl_name, s.name), SUM(s.pgsize) FROM dbstat s LEFT JOIN sqlite_master m ON m.name = s.name"
            " WHERE s.aggregate = 1 GROUP BY 1 ORDER BY 2 DESC LIMIT %s",
            [MOST_SHOWN],
        )
        found = cursor.fetchall()
        return Sizes(whole, [TableSize(name, _count(cursor, name), size) for name, size in found], is_estimate=False)


def _count(cursor: Any, table: str) -> int | None:
    if table.startswith("sqlite_"):
        return None
    cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT {ROWS_COUNTED})")  # noqa: S608 - names of its own tables
    number = int(cursor.fetchone()[0])
    if number == ROWS_COUNTED:
        cursor.execute(f"SELECT MAX(rowid) FROM {connection.ops.quote_name(table)}")  # noqa: S608
        number = int(cursor.fetchone()[0])
    return number
