"""Reads ids and numbers out of addresses and forms, where anything may stand: what is none is None, and the caller says what that means.

`progress.admission` has a reader of its own, as `progress` imports no other app.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


def uuid_read(text: str | UUID) -> UUID | None:
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        return None


def number_read(text: str, *, max_digits: int = 18) -> int | None:
    """A whole number without a sign. 18 digits fit a primary key; Python itself refuses to read thousands of them."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= max_digits else None


def numbers_read(texts: Iterable[str]) -> set[int]:
    """Those that are numbers; the others are left out."""
    return {number for each in texts if (number := number_read(each)) is not None}
