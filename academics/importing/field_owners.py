"""The same files every night: what people edited by hand since the last run is not overwritten, unless the recipe says so.

A run of a named recipe leaves a short digest of each value that its files had. At the next run a field whose value in the database is not
the one that the last run left was edited by hand, and stays. Rows that are new in the files, and fields that nobody edited, are written.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FILE = "file"
MOST_SHOWN = 100
MOST_DIGESTS = 2_000_000  # of one recipe: what is beyond them counts as never edited
Digests = dict[str, dict[str, dict[str, str]]]  # by entity, key and field


@dataclass
class FieldOwners:
    """``owners``: by entity and field ``file``, where the files count whatever was edited. ``before``: the digests of the last run."""

    owners: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    before: Digests = field(default_factory=dict)
    now: Digests = field(default_factory=dict)
    kept: list[dict[str, str]] = field(default_factory=list)
    num_kept: int = 0
    _num: int = 0

    def note(self, entity: str, key: str, names: Sequence[str], values: Sequence[Any], missing: Any) -> None:
        """What the files say of a row."""
        if self._num > MOST_DIGESTS:
            return
        found = {name: digest(value) for name, value in zip(names, values, strict=True) if value is not missing}
        self.now.setdefault(entity, {})[key] = found
        self._num += len(found)

    def is_kept(self, entity: str, key: str, name: str, new: Any, old: Any) -> bool:
        """Whether somebody edited the field since the last run, and the files don't own it."""
        last = self.before.get(entity, {}).get(key, {}).get(name)
        if last is None or new == old or self.owners.get(entity, {}).get(name) == FILE or digest(old) == last:
            return False
        self.num_kept += 1
        return True

    def show(self, entity: str, key: str, label: str, *, kept: str, file: str) -> None:
        if len(self.kept) < MOST_SHOWN:
            self.kept.append({"kind": entity, "key": key, "column": label, "kept": kept, "file": file})

    @property
    def packed(self) -> bytes:
        """The digests for the next run; rows that this run's files do not have keep theirs."""
        merged = {entity: {**self.before.get(entity, {}), **self.now.get(entity, {})} for entity in {*self.before, *self.now}}
        return zlib.compress(json.dumps(merged, separators=(",", ":")).encode(), 6)


def digests_unpacked(packed: bytes | memoryview | None) -> Digests:
    found: Digests = json.loads(zlib.decompress(bytes(packed))) if packed else {}
    return found


def digest(value: Any) -> str:
    return hashlib.blake2s(repr(_plain(value)).encode(), digest_size=6).hexdigest()


def _plain(value: Any) -> Any:
    """The same of values that are equal, whether they were read from a file or from the database."""
    return tuple(_plain(each) for each in value) if isinstance(value, tuple | list) else value
