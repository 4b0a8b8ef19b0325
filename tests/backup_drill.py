"""Backups that are taken while somebody writes, restored, and compared row by row with the one moment that they claim."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import manage

EDITED = ("academics_organization", "academics_building", "academics_room", "academics_student")


@dataclass
class Database:
    url: str
    folder: Path  # the data directory

    @property
    def env(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url, "TIMELOOM_VAR": str(self.folder), "REDIS_URL": f"unix://{self.folder}/none.sock"}

    def connect(self) -> Any:
        if self.url.startswith("sqlite"):
            return sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)
        return psycopg.connect(self.url)

    def manage(self, *arguments: str) -> str:
        done = manage(*arguments, env=self.env, timeout_s=900)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def number_write(self, connection: Any, number: int) -> None:
        """One transaction over several tables: every name is the number."""
        for table in EDITED:
            connection.execute(f"UPDATE {table} SET name = '{number}'")

    def numbers(self) -> set[int]:
        with closing(self.connect()) as connection:
            found = [connection.execute(f"SELECT DISTINCT name FROM {table}").fetchall() for table in EDITED]
        return {int(name) for rows in found for (name,) in rows}

    def digest(self) -> str:
        """Of every row of every table."""
        digest = hashlib.sha256()
        with closing(self.connect()) as connection:
            for table in self._tables(connection):
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                digest.update(repr((table, sorted(map(repr, rows)))).encode())
        return digest.hexdigest()

    def _tables(self, connection: Any) -> list[str]:
        if self.url.startswith("sqlite"):
            listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        else:
            listed = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        return sorted(name for (name,) in connection.execute(listed).fetchall())


@dataclass
class Writes:
    """By number: when its transaction was about to be committed, and when it was."""

    before: dict[int, float] = field(default_factory=dict)
    after: dict[int, float] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return max(self.after, default=0)

    def longest_wait_s(self) -> float:
        times = sorted(self.after.values())
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


@contextmanager
def somebody_writes(database: Database, *, pause_s: float) -> Iterator[Writes]:
    writes, ended = Writes(), threading.Event()

    def write() -> None:
        with closing(database.connect()) as connection:
            number = 0
            while not ended.is_set():
                number += 1
                database.number_write(connection, number)
                writes.before[number] = time.monotonic()
                connection.commit()
                writes.after[number] = time.monotonic()
                ended.wait(pause_s)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while not writes.after and thread.is_alive():
            time.sleep(0.01)
        yield writes
    finally:
        ended.set()
        thread.join()


def drill(database: Database, targets: list[Database], *, pause_s: float = 0.02) -> tuple[list[dict[str, Any]], Writes]:
    """One backup for each target while somebody writes; each restored, and found to be one moment between begin and end."""
    taken: list[tuple[Path, float, float]] = []
    with somebody_writes(database, pause_s=pause_s) as writes:
        for index in range(len(targets)):
            file, began = database.folder / f"{index}.backup", time.monotonic()
            database.manage("backup", str(file))
            taken.append((file, began, time.monotonic()))
    return [_compared(database, target, writes, *each) for target, each in zip(targets, taken, strict=True)], writes


def _compared(database: Database, target: Database, writes: Writes, file: Path, began: float, ended: float) -> dict[str, Any]:
    restoring = time.monotonic()
    target.manage("restore", str(file))
    restored_s = time.monotonic() - restoring
    numbers = target.numbers()
    assert len(numbers) == 1, f"rows of several moments: {numbers}"
    (number,) = numbers
    assert writes.before[number] <= ended, "it is of a time after the end"
    assert writes.after.get(number + 1, began) >= began, "it is of a time before the begin"
    with closing(database.connect()) as connection:
        database.number_write(connection, number)
        connection.commit()
    assert database.digest() == target.digest(), "another row differs"
    return {"number": number, "backup_s": ended - began, "restore_s": restored_s, "size_mb": file.stat().st_size / 2**20}
