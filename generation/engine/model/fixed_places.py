"""What fixes lectures to a time or a room, where it is not a rule of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Holder = Literal["rule", "hand", "kept"]


@dataclass(frozen=True, slots=True)
class Held:
    """By lecture: *hand* where somebody has pinned it, *kept* where only this run had to keep it. Of all others a rule."""

    in_time: Mapping[int, Holder] = field(default_factory=dict)
    in_room: Mapping[int, Holder] = field(default_factory=dict)
