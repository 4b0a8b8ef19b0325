"""The real server with the two institutions, and a way back to how it was at the start."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.first_databases import MIGRATED, database_begin
from tests.processes import Server, manage, start_server, start_valkey

WORDS = {"own": "Kestrelmoor", "foreign": "Quillhaven"}  # in every name of an institution's
FILL = """
import json
from tests.fuzzing.filling import fill
print("FILLED" + json.dumps(fill()))
"""


@dataclass(frozen=True)
class Site:
    """`known` is what requests may name and `examples` what works, by institution; `tokens` are by institution and role."""

    server: Server
    database: Path
    known: dict[str, dict[str, list[Any]]]
    examples: dict[str, dict[str, list[dict[str, Any]]]]
    tokens: dict[str, str]
    schema: dict[str, Any]

    def begin_anew(self) -> None:
        """The rows as they were when the server started; it goes on serving."""
        with (
            contextlib.closing(sqlite3.connect(self.database.with_suffix(".first"))) as first,
            contextlib.closing(sqlite3.connect(self.database, timeout=30)) as served,
        ):
            first.backup(served)


@contextlib.contextmanager
def start_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="tlf-", dir="/tmp") as name, start_valkey(Path(name)) as valkey:
        folder = Path(name)
        database = folder / "site.sqlite3"
        env = {
            "TIMELOOM_VAR": str(folder / "var"),
            "SECRET_KEY": "a-secret-of-the-fuzzer-that-is-long-enough-for-hmac",
            "REDIS_URL": valkey.url,
            "DATABASE_URL": f"sqlite:///{database}",
            "SIGN_IN_RATE": "100000/minute",
            "LOG_LEVEL": "warning",
        }
        database_begin(database, *MIGRATED)
        filled = manage("shell", "-v", "0", "-c", FILL, env=env)
        if filled.returncode:
            raise RuntimeError(f"The database could not be filled: {filled.stderr.strip()[-2000:]}")
        described = manage("spectacular", "--format", "openapi-json", env=env)
        facts = json.loads(filled.stdout.split("FILLED", 1)[1])
        with contextlib.closing(sqlite3.connect(database)) as served, contextlib.closing(sqlite3.connect(f"{folder}/site.first")) as first:
            served.backup(first)
        with start_server(env, folder=folder) as server:
            yield Site(server, database, **facts, schema=json.loads(described.stdout))
