"""Tracker, store, reader and stream under any interleaving of updates, failures, restarts and ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, OperationalError
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from progress import reader as reader_module
from progress.authorization import Grant
from progress.events import Event
from progress.reader import Reader
from progress.record import STAGE_SHARES, Record, is_terminal
from progress.slots import Admission, Slots
from progress.store import ProgressStore
from progress.stream import job_events
from progress.tracker import ProgressTracker
from tests.processes import Valkey
from tests.progress.site import store_at
from tests.proxy import Proxy, start_proxy

STEP_S, END_S = 0.015, 10
MIN_UPDATES = 5  # an end at once leaves little to interleave


class Database:
    """The job's row; while it is away it neither takes nor gives, and while it lags it is not told of every step."""

    def __init__(self) -> None:
        self.row: Record = {}
        self.is_away = self.is_lagging = False

    def save(self, record: Record) -> None:
        if self.is_away:
            raise DatabaseError("away")
        if is_terminal(record) or not self.is_lagging:
            self.row = record

    def records(self, job_ids: list[UUID]) -> dict[UUID, Record]:
        if self.is_away:
            raise OperationalError("away")
        return dict.fromkeys(job_ids, self.row)


class Job(RuleBasedStateMachine):
    """One job, its worker, and a growing number of watchers on one event loop."""

    def __init__(self, valkey: Valkey, proxy: Proxy, database: Database) -> None:
        super().__init__()
        self.valkey, self.proxy, self.database = valkey, proxy, database
        self.proxy.is_refusing = self.database.is_away = False
        self.job_id = uuid4()
        self.num_updates = 0
        self.stores: list[ProgressStore] = []
        self.tracker = self.tracker_made({})
        self.tracker.start()
        self.loop = asyncio.new_event_loop()
        self.reader = self.loop.run_until_complete(reader_made())
        self.streams: list[list[Event]] = []
        self.watchers: list[asyncio.Task[None]] = []
        self.watch()

    def tracker_made(self, row: Record) -> ProgressTracker:
        self.stores.append(store_at(f"redis://127.0.0.1:{self.proxy.port}"))
        return ProgressTracker.resume(
            row, job_id=self.job_id, started_at=1, attempt=len(self.stores), save_row=self.database.save, store=self.stores[-1]
        )

    def is_running(self) -> bool:
        return not is_terminal(self.tracker.record)

    def pass_time(self, seconds: float = STEP_S) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @rule()
    def watch(self) -> None:
        seen: list[Event] = []
        admission = Admission(Slots(), Grant(1, "", "", self.job_id, 1), "sse")

        async def follow() -> None:
            async for event in job_events(self.reader, admission):
                seen.extend([event] if event else [])

        self.streams.append(seen)
        self.watchers.append(self.loop.create_task(follow()))
        self.pass_time()

    @precondition(is_running)
    @rule(stage=st.sampled_from(list(STAGE_SHARES)), percent=st.floats(0, 100), is_seen=st.booleans(), is_stored=st.booleans())
    def update(self, stage: str, percent: float, is_seen: bool, is_stored: bool) -> None:
        self.num_updates += 1
        self.database.is_lagging = not is_stored
        self.tracker.update(stage, percent, completed_items=0, total_items=1)
        self.pass_time(STEP_S if is_seen else 0)

    @rule(is_away=st.booleans())
    def redis_goes_or_comes(self, is_away: bool) -> None:
        self.proxy.is_refusing = is_away
        self.proxy.cut()
        self.pass_time()

    @rule()
    def redis_is_wiped(self) -> None:
        with self.valkey.client() as client:
            client.flushall()
        self.pass_time()

    @rule(is_away=st.booleans())
    def database_goes_or_comes(self, is_away: bool) -> None:
        self.database.is_away = is_away
        self.pass_time()

    @precondition(is_running)
    @rule(is_wiped=st.booleans(), stage=st.sampled_from(list(STAGE_SHARES)))
    def worker_is_replaced(self, is_wiped: bool, stage: str) -> None:
        if is_wiped:
            self.redis_is_wiped()
        self.tracker = self.tracker_made(self.database.row)
        self.update(stage, 50, is_seen=True, is_stored=True)

    @precondition(lambda job: job.is_running() and job.num_updates >= MIN_UPDATES)
    @rule(status=st.sampled_from(["completed", "failed", "cancelled"]))
    def end(self, status: str) -> None:
        ends: dict[str, Callable[[], None]] = {
            "completed": self.tracker.completed,
            "cancelled": self.tracker.cancelled,
            "failed": partial(self.tracker.failed, "a reason"),
        }
        tell = ends[status]
        if self.database.is_away:
            with pytest.raises(DatabaseError):
                tell()
        else:
            tell()
        self.pass_time()

    def teardown(self) -> None:
        """Everything is back: whoever watches hears of the end, once."""
        try:
            self.redis_goes_or_comes(is_away=False)
            self.database.is_away = False
            if self.is_running():
                self.tracker.completed()
            self.loop.run_until_complete(asyncio.wait_for(asyncio.gather(*self.watchers), END_S))
            for seen in self.streams:
                self.check(seen)
        finally:
            self.loop.run_until_complete(reader_ended(self.reader, self.watchers))
            self.loop.close()
            for store in self.stores:
                store.close()

    def check(self, seen: list[Event]) -> None:
        records = [json.loads(event.data) for event in seen[1:-1]]
        overalls = [record["overall_progress"] for record in records]
        status = self.tracker.record["status"]
        assert [event.name for event in seen] == ["connected", *["progress"] * len(records), "done"]
        assert overalls == sorted(overalls)
        assert [record["status"] in ("completed", "failed", "cancelled") for record in records] == [False] * (len(records) - 1) + [True]
        assert (json.loads(seen[-1].data), records[-1]["status"]) == ({"status": status}, status)
        assert overalls[-1] == 100 if status == "completed" else overalls[-1] < 100


async def reader_made() -> Reader:
    return Reader()


async def reader_ended(reader: Reader, watchers: list[asyncio.Task[None]]) -> None:
    reader.close()
    await asyncio.gather(*watchers, return_exceptions=True)
    if reader._task:
        await reader._task


@pytest.fixture
def proxy(valkey: Valkey) -> Iterator[Proxy]:
    with start_proxy(valkey.socket_path) as proxy:
        yield proxy


def test_any_interleaving_is_told_in_order_and_ends_once(
    valkey: Valkey, proxy: Proxy, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{proxy.port}"
    settings.PROGRESS_WRITE_S = settings.PROGRESS_ROW_S = 0
    settings.STREAM_POLL_S = settings.STREAM_DB_FALLBACK_S = settings.STREAM_BACKOFF_MAX_S = 0.005
    settings.STREAM_STALE_S = 0.05
    settings.STREAM_HEARTBEAT_S = 5
    database = Database()
    monkeypatch.setattr(reader_module, "source_shared", lambda: database)

    def job() -> Job:
        database.row = {}
        database.is_away = proxy.is_refusing = False
        return Job(valkey, proxy, database)

    options = hypothesis_settings(max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(job, settings=options)  # type: ignore[arg-type]  # any callable that makes one
