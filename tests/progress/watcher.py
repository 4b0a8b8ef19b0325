"""Somebody who follows a job as a browser does: the stream, opened again as often as it breaks, until its `done`."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.processes import SOON_S, wait_until
from tests.progress.intervals import IS_FULL, PATIENCE
from tests.progress.site import Site, open_stream

PAUSE_S = 3.0 if IS_FULL else 0.1  # before it opens the stream again, as the stream tells a browser
# What every watcher saw, for the table of faults: the fault, how it was told, the seconds without news.
faults_seen: list[tuple[str, str, float]] = []
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    name: str  # an event's name, "refused" or "broken"
    data: dict[str, Any]
    at: float


class Watcher:
    """What it saw is in ``seen``, in order."""

    def __init__(self, site: Site, job_id: str) -> None:
        self._site, self.job_id = site, job_id
        self._left = threading.Event()
        self._last_id = ""
        self.seen: list[Seen] = []
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._left.set()
        self._thread.join(SOON_S)

    def waits_for(self, overall: float, *, timeout_s: float = SOON_S) -> None:
        self.waits_until(lambda: overall in self.overalls(), timeout_s, f"{overall} %")

    def waits_for_sign(self, name: str, *, num: int = 1) -> None:
        """More of these than there were so far."""
        self.waits_for_number(name, self.count(name) + num)

    def waits_for_number(self, name: str, wanted: int) -> None:
        """As many of these, counted from the beginning: for a sign that may come before one can wait for it."""
        self.waits_until(lambda: self.count(name) >= wanted, SOON_S, repr(name))

    def waits_for_words(self, words: str, *, timeout_s: float = SOON_S) -> None:
        """Of the record's message to people."""
        self.waits_until(lambda: words in self._shown(), timeout_s, repr(words))

    def _shown(self) -> list[str]:
        return [seen.data["metadata"].get("message", "") for seen in list(self.seen) if seen.name == "progress"]

    def waits_until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        try:
            wait_until(condition, timeout_s=timeout_s * PATIENCE, what=what)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the watcher saw {self.summary()}") from None

    def count(self, name: str) -> int:
        return sum(seen.name == name for seen in self.seen)

    def overalls(self) -> list[float]:
        return [seen.data["overall_progress"] for seen in self.seen if seen.name == "progress"]

    def assert_ended(self, status: str, *, timeout_s: float = SOON_S) -> None:
        """The whole promise: never back, no other refusal than a polite one, and the end once."""
        self._thread.join(timeout_s * PATIENCE)
        assert not self._thread.is_alive(), f"no end within {timeout_s * PATIENCE} s: {self.summary()}"
        assert self.overalls() == sorted(self.overalls())
        assert {seen.data["status"] for seen in self.seen if seen.name == "refused"} <= {503}
        assert [seen.data for seen in self.seen if seen.name == "done"] == [{"status": status}]
        assert [seen.name for seen in self.seen[-2:]] == ["progress", "done"]
        assert self.seen[-2].data["status"] == status

    def summary(self) -> str:
        """For people: what it saw, and for how long it saw nothing new at most."""
        return f"{self.seen_words()}; at most {self.longest_s():.1f} s without news"

    def longest_s(self) -> float:
        news = [seen.at for seen in self.seen if seen.name in ("progress", "done")]
        return max((later - earlier for earlier, later in itertools.pairwise(news)), default=0.0)

    def seen_words(self) -> str:
        runs: list[tuple[str, int]] = []
        for name in (seen.name for seen in self.seen if seen.name != "comment"):
            runs[-1:] = [(name, runs[-1][1] + 1)] if runs and runs[-1][0] == name else [*runs[-1:], (name, 1)]
        return ", ".join(name if num == 1 else f"{name} x{num}" for name, num in runs)

    def _follow(self) -> None:
        while not self._left.is_set():
            try:
                if self._follow_once():
                    return
            except httpx.HTTPError:
                pass  # told below, as a browser shows it
            self._saw("broken")
            self._left.wait(PAUSE_S)

    def _follow_once(self) -> bool:
        headers = {"Last_Event_ID": self._last_id} if self._last_id else {}
        with open_stream(self._site, self.job_id, **headers) as (response, events):
            if response.status_code != 200:
                self._saw("refused", status=response.status_code, after=response.headers.get("Retry-After"))
                return False
            for event in events:
                self._last_id = event.id or self._last_id
                self._saw(event.name, **event.data)
                if event.name == "done":
                    return next(events, None) is None  # whatever came after it would be seen as broken
                if self._left.is_set():
                    return True
        return False

    def _saw(self, name: str, **data: Any) -> None:
        self.seen.append(Seen(name, data, time.monotonic()))


@contextmanager
def watching(site: Site, job_id: str, *, fault: str) -> Iterator[Watcher]:
    """A watcher of the job; what it saw is logged for the table of faults (``pytest -rP``)."""
    watcher = Watcher(site, job_id)
    try:
        yield watcher
    finally:
        watcher.leave()
        logger.warning("%s: %s", fault, watcher.summary())
        faults_seen.append((fault, watcher.seen_words(), watcher.longest_s()))
