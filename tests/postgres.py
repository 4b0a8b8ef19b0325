"""A private PostgreSQL for the tests, on the loopback and in a temporary directory."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.processes import free_port

# Nothing has to outlive the tests, and queries of a few rows pay for being compiled.
FOR_A_MOMENT = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off"


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def postgres_missing() -> str | None:
    """Why PostgreSQL can't be started here, or None."""
    return None if _postgres_bin() else "PostgreSQL is not installed (Debian: apt-get install postgresql)"


class PostgresServer:
    """A private cluster; as root it runs as the user `postgres`, since PostgreSQL refuses root."""

    def __init__(self, options: str = "") -> None:
        folder = _postgres_bin()
        assert folder is not None
        self._bin, self._options = folder, f"{FOR_A_MOMENT} {options}"
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._directory = Path(tempfile.mkdtemp(prefix="timeloom-pg-"))
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def __enter__(self) -> Self:
        if self._user:
            shutil.chown(self._directory, "postgres")
        data = str(self._directory / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._directory} {self._options}"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self._directory / "log"), "-o", options, "start")
        return self

    def database_make(self, name: str, *, role: str = "postgres", like: str = "template1") -> str:
        """A new database with what the other holds, owned by the role (made if need be, with no rights of its own); returns its URL."""
        here = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        if role != "postgres":
            make = f"CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL;"
            self._run("psql", *here, "-v", "ON_ERROR_STOP=1", "-c", f"DO $$ BEGIN {make} END $$")
        self._run("createdb", *here, "-O", role, "-T", like, name)
        return self.url.removesuffix("/postgres").replace("postgres@", f"{role}@") + f"/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, cwd=self._directory, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self._directory / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._directory, ignore_errors=True)
