"""What stands where a room would, for lectures that take none: they are online, or have no room."""

from __future__ import annotations

from collections.abc import Collection

from academics.without_room import LABELS

A_ROOM = "a room"  # the feature that every room has, where a timetable has lectures that need none
# Instead, where a room of the institution is called so.
_OTHERWISE = {label: f"({label})" for label in LABELS.values()}
_CODES = frozenset((*_OTHERWISE, *_OTHERWISE.values()))


def code_without_room(kind: str, taken: Collection[str]) -> str:
    label = LABELS[kind]
    return _OTHERWISE[label] if label in taken else label


def label_without_room(code: str) -> str:
    """What people read."""
    return next((label for label in LABELS.values() if code.strip("()").startswith(label)), code)


def is_without_room(code: str, rooms: Collection[str] = ()) -> bool:
    """Whether the code of a timetable's place is none of a room. ``rooms``: codes of the institution's own."""
    return code.rpartition("/")[0] in _CODES or (code in _CODES and code not in rooms)
