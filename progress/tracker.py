"""The only writer of progress. Redis may be away: a solve neither fails nor waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from progress.record import SCHEMA, STAGE_SHARES, Record, is_terminal, overall_of, percentage, plain, record_encode, seq_of
from progress.store import ProgressStore, store_shared

logger = logging.getLogger(__name__)
SaveRow = Callable[[Record], None]
TimeLeft = Callable[[], tuple[float, float]]
# An earlier process may have written this many records after the last one that it left; watchers pass over lower numbers.
RESUME_GAP = 1_000_000


class Eta:
    """Seconds to the end: the mean speed over the last points, before there are enough the speed since the start.

    Stages differ in speed, so each begins its points anew: one that went by at once says nothing about the next.
    """

    NUM_POINTS = 10
    # Closer points would make the mean one of milliseconds where a stage reports very often.
    MIN_SPACING_S = 0.5
    # No job takes a week: a longer guess comes from a first step too small to judge by.
    MAX_S = 7 * 24 * 3600

    def __init__(self, now: float, overall: float) -> None:
        self._origin = (now, overall)
        self._points: deque[tuple[float, float]] = deque(maxlen=self.NUM_POINTS)

    def add(self, now: float, overall: float) -> None:
        if not self._points or now - self._points[-1][0] >= self.MIN_SPACING_S:
            self._points.append((now, overall))

    def stage_begins(self) -> None:
        self._points.clear()

    def seconds(self, now: float, overall: float, *, within: tuple[float, float] | None = None) -> int | None:
        """``None`` before enough is done to tell. ``within``: the least and the most that it can be, where that is known."""
        left = self._left(now, overall)
        if within is not None:
            left = min(max(left, within[0]), within[1])
        return max(0, round(left)) if left <= self.MAX_S else None

    def _left(self, now: float, overall: float) -> float:
        is_enough = len(self._points) == self.NUM_POINTS
        speed = self._speed_since(self._points[0], now, overall) if is_enough else 0.0
        # Standing still for ten points says nothing about the rest: then the whole way so far counts.
        speed = speed or self._speed_since(self._origin, now, overall)
        return (100 - overall) / speed if speed > 0 else float("inf")

    @staticmethod
    def _speed_since(point: tuple[float, float], now: float, overall: float) -> float:
        elapsed = now - point[0]
        return (overall - point[1]) / elapsed if elapsed > 0 else 0.0


class ProgressTracker:
    """One job's progress, from the process that runs it; its methods may be called from several threads.

    ``save_row`` stores the record on the job's row: every few seconds, at each change of stage or status, and
    at an end before Redis does. What it raises at an end is raised here; before that it is logged.

    ``attempt`` numbers those who hold the job one after the other: Redis takes nothing more of an earlier one.

    ``clock`` is the time of day, written for people; durations and the ETA go by ``steady``, which nobody sets.
    """

    def __init__(
        self,
        job_id: UUID | str,
        *,
        started_at: int,
        attempt: int = 0,
        save_row: SaveRow | None = None,
        store: ProgressStore | None = None,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store or store_shared()
        self._attempt = attempt
        self._save_row = save_row
        self._clock, self._steady = clock, steady
        self._time_left: TimeLeft | None = None
        self._state = threading.RLock()
        self._publishing = threading.Lock()
        self._overall = 0.0
        self._eta = Eta(steady(), 0.0)
        self._stage_since = steady()
        self._published_seq = 0
        self._redis_at = self._row_at = float("-inf")
        self._record: Record = {
            "job_id": str(job_id),
            "schema": SCHEMA,
            "seq": 0,
            "stage": "loading",
            "stage_progress": 0.0,
            "overall_progress": 0.0,
            "status": "initializing",
            "eta_seconds": None,
            "started_at": started_at,
            "last_updated": int(clock()),
            "metadata": {"completed_items": 0, "total_items": 0},
        }

    @classmethod
    def resume(
        cls,
        record: Mapping[str, Any],
        *,
        job_id: UUID | str | None = None,
        started_at: int | None = None,
        attempt: int = 0,
        save_row: SaveRow | None = None,
        store: ProgressStore | None = None,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Go on where an earlier process left off: from the row's record, or Redis's when that is newer."""
        job_id = job_id or record["job_id"]
        started = int(started_at if started_at is not None else record.get("started_at") or clock())
        tracker = cls(job_id, started_at=started, attempt=attempt, save_row=save_row, store=store, clock=clock, steady=steady)
        in_redis = tracker._store.read(job_id) or {}
        newest = max((record, in_redis), key=seq_of)
        tracker._go_on_from(newest)
        return tracker

    def _go_on_from(self, earlier: Mapping[str, Any]) -> None:
        self._overall = min(99.99, float(earlier.get("overall_progress") or 0))
        self._eta = Eta(self._steady(), self._overall)
        stage = earlier.get("stage")
        self._record |= {
            "seq": seq_of(earlier) + RESUME_GAP if earlier else 0,
            "stage": stage if stage in STAGE_SHARES else "loading",
            "stage_progress": earlier.get("stage_progress") or 0.0,
            "overall_progress": self._overall,
            "metadata": dict(earlier.get("metadata") or self._record["metadata"]),
        }

    @property
    def record(self) -> Record:
        """The newest record, published or not yet; never changed in place."""
        return self._record

    def time_left_from(self, time_left: TimeLeft) -> None:
        """The ETA stays within the least and the most seconds that this tells: of a search that knows when it must end."""
        self._time_left = time_left

    def start(self) -> None:
        """The first record: `initializing`."""
        self._publish(self._next(), is_urgent=True)

    def update(self, stage: str, stage_progress: float, *, completed_items: int, total_items: int, **facts: Any) -> None:
        """``stage_progress`` is 0..100. Cheap enough for every step; what is written is throttled."""
        if stage not in STAGE_SHARES:
            raise ValueError(f"unknown stage {stage!r}; the stages are {', '.join(STAGE_SHARES)}")
        done, now = percentage(stage_progress), self._steady()
        with self._state:
            before = self._record
            if stage != before["stage"]:
                self._eta.stage_begins()
            self._overall = max(self._overall, min(99.99, overall_of(stage, done)))
            self._eta.add(now, self._overall)
            record = self._next(
                stage=stage,
                status="running" if before["status"] == "initializing" else before["status"],
                stage_progress=round(done, 2),
                eta_seconds=self._eta.seconds(now, self._overall, within=self._time_left() if self._time_left else None),
                metadata=_facts({"completed_items": completed_items, "total_items": total_items, **facts}),
            )
        is_news = record is not None and any(record[name] != before[name] for name in ("stage", "status"))
        if record is not None and record["stage"] != before["stage"]:
            self._stage_ended(before["stage"])
        self._publish(record, is_urgent=is_news)

    def waiting(self, message: str) -> None:
        """No worker has the job for now; the next one goes on from here. A record of its own: the row may be behind what was written."""
        self._publish(
            self._next(status="running", eta_seconds=None, metadata=self._record["metadata"] | {"message": message}), is_urgent=True
        )

    def cancelling(self) -> None:
        """The job is to be given up; it ends at the next safe point."""
        self._publish(self._next(status="cancelling"), is_urgent=True)

    def completed(self, **facts: Any) -> None:
        self._end("completed", facts, stage="rl_refinement", stage_progress=100.0, overall_progress=100.0, eta_seconds=0)

    def failed(self, reason: str, **facts: Any) -> None:
        self._end("failed", {**facts, "error": reason}, eta_seconds=None)

    def cancelled(self, **facts: Any) -> None:
        self._end("cancelled", facts, eta_seconds=None)

    def _end(self, status: str, facts: Mapping[str, Any], **fields: Any) -> None:
        with self._state:
            before = self._record
            record = self._next(status=status, metadata=before["metadata"] | _facts(facts), **fields)
        if record is None:
            return
        is_stored = False
        try:
            self._publish(record, is_urgent=True)
            is_stored = True
        finally:
            if not is_stored:  # the row refused this end: another one may still be written
                with self._state:
                    self._record = {**before, "seq": record["seq"]}
        self._stage_ended(before["stage"])
        self._store.duration_add(f"job:{status}", max(0.0, self._clock() - record["started_at"]))

    def _stage_ended(self, stage: str) -> None:
        now = self._steady()
        self._store.duration_add(f"stage:{stage}", max(0.0, now - self._stage_since))
        self._stage_since = now

    def _next(self, **fields: Any) -> Record | None:
        """Take the fields over as the next record; ``None`` after an end, which nothing changes any more."""
        with self._state:
            if is_terminal(self._record):
                return None
            now = self._clock()
            self._record = {
                **self._record,
                "overall_progress": round(self._overall, 2),
                **fields,
                "seq": self._record["seq"] + 1,
                "last_updated": int(now),
                "written_ms": int(now * 1000),  # tells how long the way to a watcher took
            }
            return self._record

    def _publish(self, record: Record | None, *, is_urgent: bool) -> None:
        """Write to Redis and the row what is due; outside the state's lock, so that a slow row holds up no other thread."""
        if record is None:
            return
        now = time.monotonic()
        redis_due = is_urgent or now - self._redis_at >= settings.PROGRESS_WRITE_S
        row_due = self._save_row is not None and (is_urgent or now - self._row_at >= settings.PROGRESS_ROW_S)
        # A thread that is writing a newer record already makes an ordinary one superfluous.
        if not (redis_due or row_due) or not self._publishing.acquire(blocking=is_urgent):
            return
        try:
            if record["seq"] <= self._published_seq:
                return
            self._published_seq = record["seq"]
            self._write(record, row_due=row_due, redis_due=redis_due, now=now)
        finally:
            self._publishing.release()

    def _write(self, record: Record, *, row_due: bool, redis_due: bool, now: float) -> None:
        if redis_due and not is_terminal(record):
            self._write_redis(record, now)
        if row_due:
            self._row_at = now
            self._write_row(record)
        # At an end the row comes first: whoever reads it in Redis must find it in the database.
        if is_terminal(record):
            self._write_redis(record, now)

    def _write_redis(self, record: Record, now: float) -> None:
        self._redis_at = now
        self._store.write_fenced(record["job_id"], record_encode(record), attempt=self._attempt, is_end=is_terminal(record))

    def _write_row(self, record: Record) -> None:
        assert self._save_row is not None
        try:
            self._save_row(record)
        except (DatabaseError, InterfaceError):
            if is_terminal(record):
                raise
            logger.exception("The progress of job %s was not stored on its row; the next record will be", record["job_id"])


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """In plain JSON, without what is not known at this stage."""
    return {name: plain(value) for name, value in facts.items() if value is not None}
