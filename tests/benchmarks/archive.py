"""How long others wait while an archive is read (SUITE=archive): a large university, 100,000 members, and arrays of 80 MB in a small file.

On both databases: the seconds of the reading, and the longest time that one small write of somebody else took meanwhile.
"""

from __future__ import annotations

import base64
import io
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.backup_drill import Database
from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.postgres import PostgresServer, postgres_missing
from tests.processes import manage

NUM_MEMBERS = 100_000
ARRAYS_MB = 80
COLUMNS = (
    Column("database", "database", is_text=True),
    Column("what", "archive", is_text=True),
    Column("size_mb", "MB", ".1f"),
    Column("read_s", "seconds in all", ".1f", is_compared=True),
    Column("wait_s", "longest wait of another writer, s", ".2f", is_compared=True),
    Column("said", "outcome", is_text=True),
)


def run(options: Options) -> Outcome:
    notes = ["The start of the command is included in the seconds."]
    with tempfile.TemporaryDirectory(prefix="timeloom-archive-") as name:
        folder = Path(name)
        rows = _measured("SQLite", Database(f"sqlite:///{folder}/timeloom.sqlite3", folder), options)
        if reason := postgres_missing():
            notes.append(f"Not on PostgreSQL: {reason}.")
        else:
            with PostgresServer() as server:
                rows += _measured("PostgreSQL", Database(server.database_make("archive"), folder), options)
    return Outcome([Table("archive", "Archives that are read while somebody writes", COLUMNS, rows, notes, keys=("database", "what"))])


def _measured(title: str, database: Database, options: Options) -> list[Figures]:
    database.manage("migrate", "-v0")
    database.manage("demo", "--scale", options.scale, "--organization", "large")
    if options.time_s:  # a timetable of so many seconds, whose problem and lectures are in the archive
        database.manage("generate", "--organization", "large", "--inline", "--time-limit", str(options.time_s))
    whole = database.folder / "large.json"
    database.manage("export_archive", str(whole), "--organization", "large")
    archive = json.loads(whole.read_text())
    files = [("a large university", whole, "2")]
    files.append((f"{NUM_MEMBERS:,} members", _with_members(archive, database.folder / "members.json"), "3"))
    if archive["tables"]["generation.frozenproblem"]["rows"]:
        files.append((f"arrays of {ARRAYS_MB} MB", _with_arrays(archive, database.folder / "arrays.json"), "4"))
    return [_read(title, database, what, path, f"copy-{number}") for what, path, number in files]


def _read(title: str, database: Database, what: str, path: Path, code: str) -> Figures:
    with _somebody_writes(database) as waits:
        began = time.monotonic()
        done = manage("import_data", str(path), "--organization", code, env=database.env, timeout_s=3600)
        read_s = time.monotonic() - began
    said = "read" if done.returncode == 0 else done.stderr.strip().splitlines()[-1][:100]
    return {
        "database": title,
        "what": what,
        "size_mb": path.stat().st_size / 2**20,
        "read_s": read_s,
        "wait_s": max(waits),
        "said": said,
    }


@contextmanager
def _somebody_writes(database: Database) -> Iterator[list[float]]:
    waits, ended = [0.0], threading.Event()

    def write() -> None:
        with closing(database.connect()) as connection:
            while not ended.is_set():
                began = time.monotonic()
                connection.execute("UPDATE auth_user SET last_name = '' WHERE id = -1")
                connection.commit()
                waits.append(time.monotonic() - began)
                ended.wait(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()


def _with_members(archive: dict[str, Any], path: Path) -> Path:
    members = [{"username": f"m{number}", "role": "viewer"} for number in range(NUM_MEMBERS)]
    tables = {name: content | {"rows": []} for name, content in archive["tables"].items()}
    return _written(archive | {"members": members, "tables": tables}, path)


def _with_arrays(archive: dict[str, Any], path: Path) -> Path:
    """A problem with one array more, of zeros, which take no room in the file."""
    content = archive["tables"]["generation.frozenproblem"]
    at = content["columns"].index("data")
    with np.load(io.BytesIO(base64.b64decode(content["rows"][0][at]))) as stored:
        arrays = {name: stored[name] for name in stored.files}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays, more=np.zeros(ARRAYS_MB * 2**20, dtype=np.uint8))
    content["rows"][0][at] = base64.b64encode(buffer.getvalue()).decode()
    return _written(archive, path)


def _written(archive: dict[str, Any], path: Path) -> Path:
    path.write_text(json.dumps({name: value for name, value in archive.items() if name != "digest"}))
    return path
