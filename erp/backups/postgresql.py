"""PostgreSQL's own programs: pg_dump reads everything as of one moment; pg_restore and psql put it back in one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from erp.backups.messages import BackupRefusal

MEMBER = "database.dump"
LOCK_WAIT = "20s"
# A program of version 17 sets it for servers that do not know it yet.
NEWER_SETTING = b"SET transaction_timeout"


def dump(*, to: Path) -> int:
    """The major version of the pg_dump that wrote it."""
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60000", f"--file={to}", *_connecting())
    return _major("pg_dump")


def restore(*, dump: Path, file: Path, tables: Sequence[str]) -> None:
    """Over the database in one transaction: after a failure it is as it was. ``tables``: those of Timeloom that are there, and go."""
    script, first = dump.with_name("restore.sql"), dump.with_name("first.sql")
    _script(dump, script, file)
    quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
    first.write_text(f"SET lock_timeout = '{LOCK_WAIT}';\n" + (f"DROP TABLE IF EXISTS {quoted} CASCADE;\n" if tables else ""))
    connection.close()
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    _run("psql", *options, f"--file={first}", f"--file={script}", *_connecting())


def _script(dump: Path, script: Path, file: Path) -> None:
    """The dump as statements, whole before the first one is run."""
    command = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)]
    is_old = _server_major() < 17
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())  # noqa: S603 - our own words
    with script.open("wb") as out, running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stdout:
            if not (is_old and line.startswith(NEWER_SETTING)):
                out.write(line)
            if line.startswith(b"CREATE TABLE"):
                break
        shutil.copyfileobj(running.stdout, out)
        said = running.stderr.read()
    if running.returncode:
        raise BackupRefusal("damaged", file=file, member=f"{MEMBER} ({_last_line(said)})")


def others(*, within_s: float) -> list[str]:
    """Who else is connected, looked at for a while: a process between two requests holds no connection."""
    deadline = time.monotonic() + within_s
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE(NULLIF(application_name, ''), usename, '?') || COALESCE(' at ' || host(client_addr), '')"
                " || ', process ' || pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            found = [name for (name,) in cursor.fetchall()]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def programs_require(*, dumped_by: int = 0) -> None:
    """Refuses programs that are missing, older than the server, or older than the one that wrote the backup."""
    server = _server_major()
    for program in ("pg_dump", "pg_restore", "psql"):
        if shutil.which(program) is None:
            raise BackupRefusal("no_program", program=program, server=server)
        found = _major(program)
        if found < server:
            raise BackupRefusal("old_program", program=program, found=found, what="the server is", server=server)
        if found < dumped_by:
            raise BackupRefusal("old_program", program=program, found=found, what="the backup was written by one", server=dumped_by)


def size_unpacked(sizes: Mapping[str, int]) -> int:
    """The dump, and the statements, which are several times as large; the database may stand on another disk."""
    return 6 * sizes[MEMBER]


def name() -> str:
    return str(connection.settings_dict["NAME"])


def _server_major() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def _major(program: str) -> int:
    command = [program, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False).stdout  # noqa: S603 - one of three
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _connecting() -> list[str]:
    return DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])[0][1:]


def _environment() -> dict[str, str]:
    """With the password, which must not stand among the arguments, where every user of the machine could read it."""
    return {**os.environ, **(DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])[1] or {}), "LC_ALL": "C"}


def _run(program: str, *arguments: str) -> None:
    command = [program, *arguments]  # no shell reads them
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=_environment(), check=False)  # noqa: S603
    if done.returncode:
        raise BackupRefusal("program_failed", program=program, why=_last_line(done.stderr))


def _last_line(said: bytes) -> str:
    """The line that says what is wrong: the first error, or else the last words."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it gave no reason")[:300]
