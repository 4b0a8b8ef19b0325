"""Backups under load (SUITE=backup): ten while somebody writes, each restored and compared with one moment, on both databases.

A university of the large scale; one writer changes every name of four tables in one transaction, again and again. For each
backup every row of every table has to equal the moment whose number the restored names say, and that moment has to lie between the
command's begin and its end.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.backup_drill import Database, drill
from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.postgres import PostgresServer, postgres_missing

NUM_BACKUPS = 10
TITLE = f"{NUM_BACKUPS} backups while somebody writes, each restored"
COLUMNS = (
    Column("database", "database", is_text=True),
    Column("backups", "equal to one moment", is_text=True),
    Column("writes", "writes meanwhile"),
    Column("wait_s", "writer's longest wait, s", ".2f"),
    Column("backup_s", "slowest backup, s", ".1f", is_compared=True),
    Column("restore_s", "slowest restore, s", ".1f", is_compared=True),
    Column("size_mb", "MB a backup", ".1f"),
)


def run(options: Options) -> Outcome:
    notes = ["Starting the command is included. A difference ends the suite with an error."]
    scale = options.scale
    with tempfile.TemporaryDirectory(prefix="timeloom-backup-") as name:
        folder = Path(name)
        rows = [_measured("SQLite", scale, [_sqlite(folder / f"s{index}") for index in range(NUM_BACKUPS + 1)])]
        if reason := postgres_missing():
            notes.append(f"Not on PostgreSQL: {reason}.")
        else:
            notes.append("PostgreSQL runs without fsync.")
            with PostgresServer() as server:
                names = [f"p{index}" for index in range(NUM_BACKUPS + 1)]
                rows.append(_measured("PostgreSQL", scale, [Database(server.database_make(each), _made(folder / each)) for each in names]))
    return Outcome([Table("backup", TITLE, COLUMNS, rows, notes, keys=("database",))])


def _measured(title: str, scale: str, databases: list[Database]) -> Figures:
    database, *targets = databases
    database.manage("migrate", "-v0")
    database.manage("demo", "--scale", scale)
    found, writes = drill(database, targets, pause_s=0.002)
    return {
        "database": title,
        "backups": f"{len(found)}/{len(targets)}",
        "writes": writes.last,
        "wait_s": writes.longest_wait_s(),
        "backup_s": max(each["backup_s"] for each in found),
        "restore_s": max(each["restore_s"] for each in found),
        "size_mb": max(each["size_mb"] for each in found),
    }


def _sqlite(folder: Path) -> Database:
    return Database(f"sqlite:///{_made(folder)}/timeloom.sqlite3", folder)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
