"""Which processes of the installation are at work on a data directory, so that nothing is restored beneath them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_held: list[int] = []  # descriptors, open for the life of the process


def serving_hold() -> None:
    """Marks this process, and those that it forks, as serving. Ends it while a backup is being restored."""
    if _held:
        return
    descriptor = os.open(_path(), os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SystemExit(f"A backup is being restored on the data directory {settings.VAR_DIR}. Start again when that is done.") from None
    _held.append(descriptor)


@contextlib.contextmanager
def serving_excluded() -> Iterator[bool]:
    """True, and nobody can begin to serve meanwhile; False where somebody serves on this data directory."""
    with _path().open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _path() -> Path:
    return Path(settings.VAR_DIR) / "serving.lock"
