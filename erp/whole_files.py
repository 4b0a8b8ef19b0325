"""Files that are there whole or not at all, and readable by nobody else."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its name when the block is through and all of it is on the disk.

    Mode 0600. When the block fails it is gone, and what had the name before still has it.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        os.close(number)
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
        with _folder(path.parent) as folder:
            os.fsync(folder)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[int]:
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield number
    finally:
        os.close(number)
