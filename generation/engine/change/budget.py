"""What a change may cost at most, and what it may not touch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

MOST = 1_000_000  # of lectures or people: a university has fewer


@dataclass(frozen=True, slots=True)
class ChangeBudget:
    """``None``: any number. ``untouched`` are lectures that keep their place, come what may."""

    max_lectures: int | None = None
    max_people: int | None = None
    is_only_rooms: bool = False  # lectures that have a place keep its time
    untouched: Collection[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        for name, value in (("max_lectures", self.max_lectures), ("max_people", self.max_people)):
            if value is not None and not 0 <= value <= MOST:
                raise ValueError(f"{name}: {value} is not between 0 and {MOST}")

    @property
    def is_limited(self) -> bool:
        return self.max_lectures is not None or self.max_people is not None
