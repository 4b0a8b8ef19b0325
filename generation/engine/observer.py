"""What a search tells its caller while it runs. Calls are cheap, throttled by the receiver, and
may come from a worker thread; an observer that raises ends the job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from generation.engine.search_state import SearchState


@dataclass(frozen=True, slots=True)
class Facts:
    """A snapshot for people who watch. ``None`` means: not known at this stage.

    ``hard`` counts lectures without a place by their periods, as the score does; ``broken`` leaves them out.
    """

    completed_items: int
    total_items: int
    hard: int | None = None
    soft: int | None = None
    unplaced: int | None = None
    variant: str | None = None
    generation: int | None = None
    message: str = ""
    broken: int | None = None
    measure: Callable[[], dict[str, int]] | None = None

    @property
    def breakdown(self) -> dict[str, int]:
        """Amounts by constraint, which sum to `hard` and `soft`.

        Counted anew at each call (15 ms at the large scale), so ask at intervals.
        """
        return self.measure() if self.measure else {}


class Observer(Protocol):
    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        """``fraction`` of this stage's work or time is done (0..1, not falling)."""

    def checkpoint(self, state: SearchState) -> None:
        """A safe point after which the search can go on from ``state`` in another process."""


class Silent:
    def progress(self, stage: str, fraction: float, facts: Facts) -> None: ...

    def checkpoint(self, state: SearchState) -> None: ...
