"""Bytes from disk to text, within limits, with one clear message when they are not text."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from generation.formats import FormatError

MEGABYTE = 1024 * 1024


def text_read(path: str | os.PathLike[str], *, max_bytes: int) -> str:
    """The text of a file of at most ``max_bytes``, UTF-8 with or without a byte order mark."""
    file = os.fspath(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) and not Path(path).is_dir():  # a pipe would be waited for, for ever
            raise FormatError(file, 0, "", "this is not a file on a disk. Save what it gives as a file and name that.")
        with Path(path).open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise FormatError(file, 0, "", f"the file cannot be opened ({error.strerror}).") from error
    return text_decode(data, file=file, max_bytes=max_bytes)


def text_decode(data: bytes, *, file: str, max_bytes: int) -> str:
    """The text of ``data``, as `text_read` does for a file."""
    if len(data) > max_bytes:
        raise FormatError(file, 0, "", f"the file is larger than {max_bytes // MEGABYTE} MB, the most that is read.")
    if not data.strip():
        raise FormatError(file, 0, "", "the file is empty.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(file, _line_of(data, error.start), "", "this is not text (UTF-8).") from error
    if "\0" in text:
        raise FormatError(file, _line_of(data, data.index(b"\0")), "", "this is a binary file, not text.")
    return text


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
