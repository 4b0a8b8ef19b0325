"""Databases as sites begin with them: made once in a run of the tests, then copied.

Migrations, the demo university and its people take longer than most tests of the sites that begin with them. Of the processes of a parallel
run, and of those that they start, the first that needs a database makes it; the others wait for it.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from tests.postgres import PostgresServer
from tests.processes import REPOSITORY, manage

MIGRATED = (("migrate", "-v", "0"),)
WITH_DEMO = (*MIGRATED, ("demo", "--scale", "small"))
WITH_PEOPLE = (*WITH_DEMO, ("demo_users",))


def database_begin(path: Path, *commands: tuple[str, ...], **env: str) -> str:
    """A database that these management commands have filled; returns what they said."""
    first, said = _begun(commands, tuple(sorted(env.items())))
    shutil.copyfile(first, path)
    return said


def _begun(commands: tuple[tuple[str, ...], ...], env: tuple[tuple[str, str], ...]) -> tuple[Path, str]:
    return _first(commands, () if commands == WITH_DEMO[: len(commands)] else env)  # no setting changes what these make


@functools.cache
def _first(commands: tuple[tuple[str, ...], ...], env: tuple[tuple[str, str], ...]) -> tuple[Path, str]:
    """What begins with the same commands begins with the same file."""
    key = hashlib.sha256(repr((REPOSITORY, commands, env)).encode()).hexdigest()
    folder = _folder() / "first" / key[:16]
    folder.mkdir(parents=True, exist_ok=True)
    path, done = folder / "first.sqlite3", folder / "said"
    with (folder / "made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given up with the process, however it ends
        if not done.exists():
            said = _make(path, commands, env)
            assert not path.with_name(f"{path.name}-wal").exists(), "not all is in the file"
            done.write_text(said)
    return path, done.read_text()


@functools.cache
def _folder() -> Path:
    """The run's, which its first process takes away (tests/settings.py); a bench has one of its own."""
    if name := os.environ.get("TIMELOOM_TESTS"):
        return Path(name)
    folder = tempfile.mkdtemp(prefix="timeloom-first-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _make(path: Path, commands: tuple[tuple[str, ...], ...], env: tuple[tuple[str, str], ...]) -> str:
    path.unlink(missing_ok=True)  # half of one, where a process was killed
    if not commands:
        path.touch()
        return ""
    earlier, said = _begun(commands[:-1], env)
    shutil.copyfile(earlier, path)
    return said + run(*commands[-1], env=dict(env) | {"TIMELOOM_VAR": str(path.parent), "DATABASE_URL": f"sqlite:///{path}"})


def postgresql_begin(server: PostgresServer, name: str) -> str:
    """A migrated database; the first of each server is kept, and the others are made like it."""
    return server.database_make(name, like=postgresql_first(server))


def postgresql_first(server: PostgresServer) -> str:
    """The name of that first one, which nobody may be connected to."""
    if server not in _migrated:
        with tempfile.TemporaryDirectory() as folder:
            for command in MIGRATED:
                run(*command, env={"TIMELOOM_VAR": folder, "DATABASE_URL": server.database_make("migrated")})
        _migrated.add(server)
    return "migrated"


_migrated: set[PostgresServer] = set()


def run(*command: str, env: dict[str, str]) -> str:
    done = manage(*command, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
