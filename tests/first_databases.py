"""Databases as sites begin with them: made once in each process of the tests, then copied.

Migrations, the demo university and its people take longer than most tests of the sites that begin with them.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from tests.processes import manage

WITH_DEMO = (("migrate", "-v", "0"), ("demo", "--scale", "small"), ("demo_users",))


def database_begin(path: Path, *commands: tuple[str, ...], **env: str) -> str:
    """A database that these management commands have filled; returns what they said."""
    first, said = _first(commands, tuple(sorted(env.items())))
    shutil.copyfile(first, path)
    return said


@functools.cache
def _first(commands: tuple[tuple[str, ...], ...], env: tuple[tuple[str, str], ...]) -> tuple[Path, str]:
    """What begins with the same commands begins with the same file."""
    folder = Path(tempfile.mkdtemp(dir=settings.VAR_DIR))
    path, said = folder / "first.sqlite3", ""
    if commands:
        earlier, said = _first(commands[:-1], env)
        shutil.copyfile(earlier, path)
        said += run(*commands[-1], env=dict(env) | {"TIMELOOM_VAR": str(folder), "DATABASE_URL": f"sqlite:///{path}"})
    else:
        path.touch()
    assert not path.with_name(f"{path.name}-wal").exists(), "not all is in the file"
    return path, said


def run(*command: str, env: dict[str, str]) -> str:
    done = manage(*command, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
