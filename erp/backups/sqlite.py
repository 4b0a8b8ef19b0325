"""SQLite's own backup interface: all of a database as it stands at one moment, while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from erp.backups.messages import BackupRefusal

MEMBER = "database.sqlite3"
BUSY_S = 20.0


def dump(*, to: Path) -> int:
    """Copies the database to a file of its own. One step: in several, every write of another process begins the copy anew."""
    path = _path()
    if not path.exists():
        raise BackupRefusal("no_database", database=path)
    with closing(sqlite3.connect(path, timeout=BUSY_S)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    if not _is_sound(to):
        raise BackupRefusal("program_failed", program="SQLite's check of the copy", why="the database itself may be damaged")
    return 0


def restore(*, dump: Path, file: Path, tables: Any) -> None:
    """Over the database in one transaction: after a failure it is as it was. Others that have it open see the new one."""
    if not _is_sound(dump):
        raise BackupRefusal("damaged", file=file, member=MEMBER)
    connection.close()
    with closing(sqlite3.connect(dump)) as source, closing(sqlite3.connect(_path(), timeout=BUSY_S)) as target:
        target.execute("PRAGMA journal_mode = DELETE")  # with a log, its pages would have to be as large as the copy's
        source.backup(target, pages=-1)


def others(*, within_s: float) -> list[str]:
    """Nobody has to be connected to write to a file: the lock of the data directory says who serves."""
    return []


def version() -> str:
    return sqlite3.sqlite_version


def programs_require(*, dumped_by: int = 0) -> None:
    """SQLite needs none."""


def size_unpacked(sizes: Mapping[str, int]) -> int:
    """The copy, and the database that it becomes."""
    return 2 * sizes[MEMBER]


def name() -> str:
    return str(_path())


def _path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as opened:
            return bool(opened.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
