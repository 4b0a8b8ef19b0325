"""When a search ends: criteria that compose, asked at every safe point.

Cancel and stop are criteria like the time limit (the idea is PyVRP's `pyvrp/stop`). Asking is
cheap and thread-safe; the answer, once not None, never changes back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

Reason = Literal["time", "stop", "cancel"]
POLL_S = 0.05


class StopCriterion(Protocol):
    def reason(self) -> Reason | None:
        """Why to end now, or None to go on."""


class Never:
    def reason(self) -> Reason | None:
        return None


class Deadline:
    """Ends ``seconds`` of wall-clock after its creation."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds

    @property
    def remaining_s(self) -> float:
        return max(0.0, self.ends_at - time.monotonic())

    def reason(self) -> Reason | None:
        return "time" if time.monotonic() >= self.ends_at else None


class Flag:
    """Raised by somebody else: a user's stop or cancel, a signal, a lost lease."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reason: Reason = "cancel"

    def raise_(self, reason: Reason) -> None:
        """Ask for the end; a later cancel outranks an earlier stop."""
        if not self._event.is_set() or reason == "cancel":
            self._reason = reason
        self._event.set()

    def reason(self) -> Reason | None:
        return self._reason if self._event.is_set() else None


class Stoppable(Protocol):
    """A solver that goes on until its own limit unless it is told to stop."""

    def stop_search(self) -> None: ...


@contextmanager
def stopped_when(is_over: Callable[[], bool], solver: Stoppable) -> Iterator[None]:
    """A watcher stops the solver when the search has to end: nothing else interrupts it before its own limit."""
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(POLL_S):
            if is_over():
                solver.stop_search()

    watcher = threading.Thread(target=watch, name="cpsat-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()
