"""The reader on an event loop of the test: how often it asks whom, and what it passes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis.asyncio
from django.db import OperationalError

from progress import reader as reader_module
from progress.authorization import Grant
from progress.events import Event
from progress.reader import Channel, Reader
from progress.record import Record, record_encode
from progress.slots import Admission
from progress.store import Outage, ProgressStore, key_of
from progress.stream import stream_events
from tests.clocks import Stopwatch
from tests.processes import Valkey

TIMEOUT_S = 10


class RowSource:
    """Rows in a dictionary, and a list of what was asked."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Record] = {}
        self.asked: list[int] = []
        self.error: Exception | None = None

    def records(self, job_ids: list[UUID]) -> dict[UUID, Record]:
        self.asked.append(len(job_ids))
        if self.error:
            raise self.error
        return {job_id: self.rows[job_id] for job_id in job_ids if job_id in self.rows}


class OneSlot:
    """Counts how often a stream gives its place back."""

    num_given_back = 0

    def admission(self, job_id: UUID) -> Admission:
        return Admission(self, Grant(1, "", "", job_id, 1), "sse")  # type: ignore[arg-type]

    def leave(self, admission: Admission) -> None:
        self.num_given_back += 1


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> RowSource:
    source = RowSource()
    monkeypatch.setattr(reader_module, "source_shared", lambda: source)
    return source


@pytest.fixture
async def reader(valkey: Valkey, settings: Any, source: RowSource) -> AsyncIterator[Reader]:
    settings.REDIS_URL = valkey.url
    settings.STREAM_POLL_S = 0.05
    settings.STREAM_DB_FALLBACK_S = 0.1
    settings.STREAM_BACKOFF_MAX_S = 0.05
    settings.STREAM_HEARTBEAT_S = 5
    reader = Reader()
    yield reader
    reader.close()
    if reader._task:
        await asyncio.wait_for(reader._task, TIMEOUT_S)


def record_at(overall: float, *, seq: int, status: str = "running") -> Record:
    return {"job_id": "x", "seq": seq, "status": status, "overall_progress": overall}


async def until(condition: Any) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_five_hundred_and_one_jobs_cost_two_mgets_a_tick(
    reader: Reader, store: ProgressStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    mget = redis.asyncio.Redis.mget

    def counted(self: Any, keys: Any, *args: Any) -> Any:
        sizes.append(len(keys))
        return mget(self, keys, *args)

    monkeypatch.setattr(redis.asyncio.Redis, "mget", counted)
    job_ids = [uuid4() for _ in range(501)]
    with ExitStack() as stack:
        channels = [stack.enter_context(reader.watching(job_id)) for job_id in job_ids for _ in range(2)]
        for job_id in job_ids:
            store.write(job_id, record_encode(record_at(5, seq=1)))
        await until(lambda: all(channel.version for channel in channels))

    assert set(sizes) == {500, 1}


async def test_of_many_watchers_each_job_is_asked_for_once_a_tick_in_parts_of_it(
    reader: Reader, store: ProgressStore, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STREAM_POLL_S = 0.4
    monkeypatch.setattr(reader_module, "WATCHERS_A_PART", 5)
    asked: list[set[str]] = []
    mget = redis.asyncio.Redis.mget

    def noted(self: Any, keys: Any, *args: Any) -> Any:
        asked.append(set(keys))
        return mget(self, keys, *args)

    job_ids = [uuid4() for _ in range(20)]
    for job_id in job_ids:
        store.write(job_id, record_encode(record_at(5, seq=1)))
    with ExitStack() as stack:
        channels = [stack.enter_context(reader.watching(job_id)) for job_id in job_ids]
        await until(lambda: all(channel.version for channel in channels))
        monkeypatch.setattr(redis.asyncio.Redis, "mget", noted)
        await until(lambda: len(asked) >= 8)

    assert [len(keys) for keys in asked[:8]] == [5] * 8
    assert set().union(*asked[:4]) == set().union(*asked[4:8]) == {key_of(job_id) for job_id in job_ids}


async def test_rows_of_all_missing_jobs_are_asked_for_together_and_not_at_each_tick(reader: Reader, source: RowSource) -> None:
    job_ids = [uuid4() for _ in range(30)]
    source.rows = {job_id: record_at(3, seq=0) for job_id in job_ids}
    with ExitStack() as stack:
        channels = [stack.enter_context(reader.watching(job_id)) for job_id in job_ids]
        started = asyncio.get_running_loop().time()
        await until(lambda: len(source.asked) >= 3)
        elapsed = asyncio.get_running_loop().time() - started

    assert set(source.asked) == {30}
    assert elapsed >= 0.18
    assert {channel.version for channel in channels} == {1}


async def test_reader_stops_when_nobody_watches_and_starts_again(reader: Reader, store: ProgressStore) -> None:
    job_id = uuid4()
    store.write(job_id, record_encode(record_at(5, seq=1)))
    for _ in range(2):
        with reader.watching(job_id) as channel:
            await until(lambda channel=channel: channel.version == 1)
        await until(lambda: reader._task is not None and reader._task.done())
        assert reader._client is None


async def test_watcher_who_comes_while_the_reader_winds_up_is_served(
    reader: Reader, store: ProgressStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, closing = uuid4(), uuid4(), asyncio.Event()
    for job_id in (first, second):
        store.write(job_id, record_encode(record_at(5, seq=1)))
    disconnect = reader._disconnect

    async def slowly() -> None:
        closing.set()
        await asyncio.sleep(0.05)
        await disconnect()

    monkeypatch.setattr(reader, "_disconnect", slowly)
    with reader.watching(first) as channel:
        await until(lambda: channel.version == 1)
    await asyncio.wait_for(closing.wait(), TIMEOUT_S)
    with reader.watching(second) as channel:
        await until(lambda: channel.version == 1)


async def test_redis_away_means_rows_from_the_first_failure_and_back_again(
    reader: Reader, source: RowSource, store: ProgressStore, valkey: Valkey
) -> None:
    job_id = uuid4()
    store.write(job_id, record_encode(record_at(5, seq=1)))
    with reader.watching(job_id) as channel:
        await until(lambda: channel.version == 1)
        valkey.stop()
        source.rows[job_id] = record_at(7, seq=2)
        await until(lambda: channel.record["overall_progress"] == 7)
        assert reader._outage.failures >= 1
        await asyncio.to_thread(valkey.start)
        store.write(job_id, record_encode(record_at(9, seq=3)), is_urgent=True)
        await until(lambda: channel.record["overall_progress"] == 9)

        assert reader._outage.failures == 0


async def test_redis_that_hangs_is_no_silence_at_the_intervals_of_an_installation(
    reader: Reader, source: RowSource, store: ProgressStore, valkey: Valkey, settings: Any
) -> None:
    settings.STREAM_POLL_S, settings.STREAM_DB_FALLBACK_S, settings.STREAM_BACKOFF_MAX_S = 1, 3, 30
    reader._outage = Outage(first_s=1, max_s=30)
    job_id = uuid4()
    store.write(job_id, record_encode(record_at(5, seq=1)))
    assert valkey.process is not None
    with reader.watching(job_id) as channel:
        await until(lambda: channel.version == 1)
        os.kill(valkey.process.pid, signal.SIGSTOP)
        try:
            seconds = []
            for overall in (7, 8):  # the second while the attempts at Redis hang and back off
                stopwatch, source.rows[job_id] = Stopwatch(), record_at(overall, seq=overall)
                await until(lambda overall=overall: channel.record["overall_progress"] == overall)
                seconds.append(stopwatch.free_s())
        finally:
            os.kill(valkey.process.pid, signal.SIGCONT)
        await asyncio.to_thread(store.write, job_id, record_encode(record_at(9, seq=9)), is_urgent=True)
        await until(lambda: channel.record["overall_progress"] == 9)

    assert max(seconds) < 5, seconds


async def test_a_storm_of_newcomers_asks_the_database_in_a_few_queries(reader: Reader, source: RowSource) -> None:
    job_ids = [uuid4() for _ in range(200)]
    source.rows = {job_id: record_at(3, seq=0) for job_id in job_ids}
    with ExitStack() as stack:
        channels = []
        for job_id in job_ids:
            channels.append(stack.enter_context(reader.watching(job_id)))
            await asyncio.sleep(0)
        await until(lambda: all(channel.version for channel in channels))

    assert len(source.asked) <= 5


async def test_newcomer_is_served_from_its_row_at_the_first_failure(reader: Reader, source: RowSource, valkey: Valkey) -> None:
    valkey.stop()
    job_id = uuid4()
    source.rows[job_id] = record_at(7, seq=2)
    with reader.watching(job_id) as channel:
        await until(lambda: channel.version == 1)

        assert reader._outage.failures < 5


async def test_database_that_fails_is_asked_again(reader: Reader, source: RowSource) -> None:
    job_id = uuid4()
    source.rows[job_id] = record_at(7, seq=2)
    source.error = OperationalError("locked")
    with reader.watching(job_id) as channel:
        await until(lambda: len(source.asked) >= 2)
        source.error = None
        await until(lambda: channel.version == 1)


async def test_stream_survives_a_source_that_breaks(reader: Reader, source: RowSource, caplog: pytest.LogCaptureFixture) -> None:
    job_id = uuid4()
    source.rows[job_id] = record_at(7, seq=2)
    source.error = RuntimeError("a bug")
    with reader.watching(job_id) as channel:
        await until(lambda: len(source.asked) >= 2)
        source.error = None
        await until(lambda: channel.version == 1)

    assert "could not be read" in caplog.text


async def test_job_deleted_while_watched_ends_the_stream(reader: Reader, source: RowSource) -> None:
    slots = OneSlot()
    events = stream_events(reader, slots.admission(uuid4()), last_event_id=0)
    async with asyncio.timeout(TIMEOUT_S):
        frames = [frame async for frame in events]

    assert b"event: connected" in frames[0]
    assert frames[-1].endswith(b'event: done\ndata: {"status":"missing"}\n\n')
    assert slots.num_given_back == 1


async def test_slow_watcher_gets_the_newest_record_only(reader: Reader, store: ProgressStore) -> None:
    job_id = uuid4()
    store.write(job_id, record_encode(record_at(1, seq=1)))
    with reader.watching(job_id) as channel:
        await until(lambda: channel.version == 1)
        events = stream_events(reader, OneSlot().admission(job_id), last_event_id=0)
        assert b"event: connected" in await anext(events)
        for seq in (2, 3):
            store.write(job_id, record_encode(record_at(seq, seq=seq)))
            await until(lambda seq=seq: channel.record["seq"] == seq)

        assert (await anext(events)).startswith(b"id: 3\n")
        await events.aclose()


def test_frame_is_the_wire_format() -> None:
    assert Event("progress", 7, b'{"a":1}').frame == b'id: 7\nevent: progress\ndata: {"a":1}\n\n'


@pytest.mark.parametrize(
    ("offered", "is_taken"),
    [
        (record_at(20, seq=5), True),
        (record_at(20, seq=4), True),
        (record_at(5, seq=3), False),
        (record_at(10, seq=4), False),
        (record_at(5, seq=0, status="failed"), True),
    ],
)
async def test_older_records_are_passed_over_except_ends(offered: Record, is_taken: bool) -> None:
    channel = Channel(uuid4())
    channel.offer(record_at(10, seq=4))
    channel.offer(offered)

    assert channel.version == (2 if is_taken else 1)


def test_key_is_the_contracts() -> None:
    assert key_of("abc") == "progress:job:abc"
