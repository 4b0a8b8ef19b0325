"""The one reader of a process: it polls Redis for every watched job, and wakes those who watch.

One MGET a tick serves any number of streams. A frame is built once for all that watch a job; who is slow gets
the newest one, nothing is queued. Everything here runs on the server's event loop, so nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from progress.events import Event, progress_event
from progress.metrics import DB_FALLBACK, REDIS_MISSES, TICK, WATCHED
from progress.record import Record, is_terminal, seq_of
from progress.source import source_shared
from progress.store import REDIS_ERRORS, Outage, key_of, reader_client, record_read
from progress.threads import in_thread

logger = logging.getLogger(__name__)

CHUNK = 500
# The jobs are read in as many parts of a tick as there are times so many watchers: frames for all at once take long to send.
WATCHERS_A_PART = 1000
MOST_PARTS = 10
# Streams that open together share one extra tick.
GATHER_S = 0.02


@dataclass(eq=False, slots=True)
class Channel:
    """A watched job: its newest record, and the event that its watchers wait for."""

    job_id: UUID
    num_watchers: int = 0
    version: int = 0  # 0: nothing known yet
    record: Record = field(default_factory=dict)
    event: Event | None = None  # the record as its watchers receive it
    is_gone: bool = False  # neither Redis nor the database knows it any more
    raw: bytes | str | None = None  # as last seen in Redis
    is_readable: bool = False
    seen_at: float = 0.0  # when `raw` last changed
    row_read_at: float = float("-inf")
    serial: int = 0  # says in which part of a tick it is read where watchers are many
    spoke_at: float = 0.0  # when its watchers were last woken
    _waiting: list[asyncio.Future[bool]] = field(default_factory=list)

    @property
    def is_ended(self) -> bool:
        return is_terminal(self.record)

    def offer(self, record: Record) -> None:
        """Take the record over unless it is the same or older: rows lag behind Redis, and a Redis may return with old ones."""
        # A later attempt begins at its checkpoint, and a row at what it last received: neither may take back what was shown.
        shown = self.record.get("overall_progress", 0)
        if record["overall_progress"] < shown:
            record = {**record, "overall_progress": shown}
        is_newer = seq_of(record) >= seq_of(self.record) or is_terminal(record)
        if self.is_ended or record == self.record or not is_newer:
            return
        self.record = record
        self.event = progress_event(record)
        self.version += 1
        self.wake()

    async def news(self) -> bool:
        """Waits until there is something to look at; false where only a heartbeat is due."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        return await waiter

    def wake(self, *, has_news: bool = True) -> None:
        """One future for each watcher, and no timer: the reader beats for all of a job together."""
        waiting, self._waiting = self._waiting, []
        self.spoke_at = asyncio.get_running_loop().time()
        for waiter in waiting:
            if not waiter.done():  # its client may have left
                waiter.set_result(has_news)


class Reader:
    """Polls while somebody watches, and stops by itself."""

    def __init__(self) -> None:
        self.is_closing = False
        self._channels: dict[UUID, Channel] = {}
        self._num_watchers = 0
        self._num_channels_ever = 0
        self._part = 0
        self._next_at = 0.0  # when the next part of a tick is due
        self._kick = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._rows_task: asyncio.Task[None] | None = None
        self._client: redis.asyncio.Redis | None = None
        self._outage = Outage(first_s=settings.STREAM_POLL_S, max_s=settings.STREAM_BACKOFF_MAX_S)
        self._is_database_away = False

    @contextmanager
    def watching(self, job_id: UUID) -> Iterator[Channel]:
        """The job's channel, shared with everybody else who watches it; the first watcher starts the polling."""
        channel = self._channels.get(job_id)
        if channel is None:
            now = asyncio.get_running_loop().time()
            channel = self._channels[job_id] = Channel(job_id, serial=self._num_channels_ever, spoke_at=now)
            self._num_channels_ever += 1
        channel.num_watchers += 1
        self._num_watchers += 1
        WATCHED.set(len(self._channels))
        if channel.version == 0:
            self._kick.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._poll())
        try:
            yield channel
        finally:
            channel.num_watchers -= 1
            self._num_watchers -= 1
            if channel.num_watchers == 0:
                del self._channels[job_id]
                WATCHED.set(len(self._channels))

    def close(self) -> None:
        """Ask every stream to end now: the process is about to stop."""
        self.is_closing = True
        for channel in self._channels.values():
            channel.wake()

    async def _poll(self) -> None:
        self._next_at = asyncio.get_running_loop().time()
        try:
            # Somebody may come while the connection of those before is closed: the last look is followed by no wait.
            while self._channels and not self.is_closing:
                while self._channels and not self.is_closing:
                    self._kick.clear()
                    await self._tick_safely()
                    self._beat()
                    await self._pause()
                await self._disconnect()
        finally:
            if self._rows_task is not None:
                self._rows_task.cancel()
            await self._disconnect()  # where it was cancelled in the middle

    async def _tick_safely(self) -> None:
        try:
            with TICK.time():
                await self._tick()
        except Exception:
            # The boundary of a task that every stream depends on: one bad answer must not silence them all.
            logger.exception("A tick of the stream reader failed; the next one tries again")

    def _beat(self) -> None:
        now = asyncio.get_running_loop().time()
        for channel in self._channels.values():
            if now - channel.spoke_at >= settings.STREAM_HEARTBEAT_S:
                channel.wake(has_news=False)

    @property
    def _num_parts(self) -> int:
        """Of a tick: the last of very many frames would otherwise be sent long after the first."""
        return max(1, min(MOST_PARTS, self._num_watchers // WATCHERS_A_PART))

    async def _pause(self) -> None:
        # By the clock: the frames of the last tick are sent meanwhile, which must not stretch the round over all parts.
        now = asyncio.get_running_loop().time()
        self._next_at = max(self._next_at + settings.STREAM_POLL_S / self._num_parts, now + GATHER_S)
        try:
            async with asyncio.timeout_at(self._next_at):
                await self._kick.wait()
                await asyncio.sleep(GATHER_S)
        except TimeoutError:
            return
        self._next_at = asyncio.get_running_loop().time()

    async def _tick(self) -> None:
        self._part = (self._part + 1) % self._num_parts
        channels = [channel for channel in self._channels.values() if self._is_due(channel)]
        if not channels:
            return
        if self._outage.failures:
            # The rows come first: a Redis that hangs answers this tick, too, only by its timeout.
            self._read_rows_if_due(channels)
        self._read_rows_if_due(await self._read_redis(channels))

    def _is_due(self, channel: Channel) -> bool:
        if channel.is_ended:
            return False
        return channel.serial % self._num_parts == self._part or channel.version == 0

    def _read_rows_if_due(self, channels: Sequence[Channel]) -> None:
        now = asyncio.get_running_loop().time()
        if any(now - channel.row_read_at >= settings.STREAM_DB_FALLBACK_S for channel in channels):
            self._ask_rows(channels)

    async def _read_redis(self, channels: Sequence[Channel]) -> Sequence[Channel]:
        """Offer what Redis has; returns the channels that must ask the database: all of them while Redis is away."""
        if not self._outage.is_due():
            return channels
        try:
            raws = await self._fetch([key_of(channel.job_id) for channel in channels])
        except REDIS_ERRORS as error:
            self._outage.failed(error)
            await self._disconnect()
            return channels
        self._outage.succeeded()
        taken = [self._take(channel, raw) for channel, raw in zip(channels, raws, strict=True)]
        REDIS_MISSES.inc(taken.count(False))
        return [channel for channel, is_taken in zip(channels, taken, strict=True) if not is_taken or self._is_stale(channel)]

    async def _fetch(self, keys: Sequence[str]) -> list[bytes | str | None]:
        if self._client is None:
            self._client = reader_client()
        raws: list[bytes | str | None] = []
        for start in range(0, len(keys), CHUNK):
            raws += await self._client.mget(keys[start : start + CHUNK])
        return raws

    def _take(self, channel: Channel, raw: bytes | str | None) -> bool:
        """Whether Redis has a usable record of the job. Equal bytes are not even parsed."""
        if raw == channel.raw:
            return channel.is_readable
        record = record_read(raw)
        channel.raw, channel.is_readable = raw, record is not None
        channel.seen_at = asyncio.get_running_loop().time()
        if record is not None:
            channel.offer(record)
        return channel.is_readable

    @staticmethod
    def _is_stale(channel: Channel) -> bool:
        """A record that says running and never changes: the row may have ended without Redis hearing of it."""
        return not channel.is_ended and asyncio.get_running_loop().time() - channel.seen_at >= settings.STREAM_STALE_S

    def _ask_rows(self, channels: Sequence[Channel]) -> None:
        """Beside the ticks: a database that keeps its answer back must not keep back what Redis has."""
        if self._rows_task is None or self._rows_task.done():
            self._rows_task = asyncio.get_running_loop().create_task(self._read_rows(channels))

    async def _read_rows(self, channels: Sequence[Channel]) -> None:
        """One query for all of them."""
        DB_FALLBACK.inc(len(channels))
        for channel in channels:
            channel.row_read_at = asyncio.get_running_loop().time()
        try:
            rows = await in_thread(source_shared().records, [channel.job_id for channel in channels])
        except (DatabaseError, InterfaceError) as error:
            if not self._is_database_away:
                logger.warning("The database does not answer the stream reader: %s", error)
            self._is_database_away = True
            return
        except Exception:
            # The boundary of the task: one bad row must not take the others' source away; it is read again.
            logger.exception("The rows of %d watched jobs could not be read; they are read again", len(channels))
            return
        self._is_database_away = False
        for channel in channels:
            self._take_row(channel, rows.get(channel.job_id))

    @staticmethod
    def _take_row(channel: Channel, row: Record | None) -> None:
        if row is not None:
            channel.offer(row)
        elif not channel.is_readable:
            channel.is_gone = True
            channel.wake()

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


@functools.cache
def reader_shared() -> Reader:
    """This process's reader, made by the first stream on the server's event loop."""
    return Reader()
