"""Progress records in Redis: one synchronous door for the tracker and snapshots, one client for the reader."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import redis
import redis.asyncio
import redis.asyncio.retry
from django.conf import settings
from prometheus_client import Counter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from progress.record import Record, record_decode

logger = logging.getLogger(__name__)
T = TypeVar("T")

# A hash with ``name:count`` and ``name:sum`` of the seconds that stages and jobs took.
DURATIONS_KEY = "progress:durations"
SCAN_COUNT = 5000  # keys that Redis looks at in one go, a millisecond or two
# Beside a record: the attempt at the job that wrote it, and whether it was an end. "3:1"
ATTEMPT_KEY = "progress:attempt:"
# A worker that was frozen, or cut off, may wake up when another one has long had the job, or when it has ended.
WRITE_FENCED = """
local seen = redis.call('GET', KEYS[2])
if seen then
    local attempt, ended = string.match(seen, '^(%d+):(%d)$')
    local newest, mine = tonumber(attempt), tonumber(ARGV[3])
    if newest and (mine < newest or (mine == newest and ended == '1')) then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3] .. ':' .. ARGV[4], 'EX', ARGV[2])
return 1
"""
SELFTEST_KEY, SELFTEST_TTL_S = "progress:selftest:", 60
UNREADABLE = Counter("sse_redis_unreadable_total", "Progress records in Redis that were truncated, no JSON or of a newer schema.")
REDIS_FAILURES = Counter("sse_redis_errors_total", "Attempts at Redis that failed, of the reader and of snapshots.")
# What a broken connection raises, from the client or from the socket under it.
REDIS_ERRORS = (RedisError, OSError, TimeoutError)


def key_of(job_id: UUID | str) -> str:
    return f"progress:job:{job_id}"


def record_read(raw: bytes | str | None) -> Record | None:
    """The record; one that cannot be trusted counts as missing, and is counted."""
    record = record_decode(raw)
    if record is None and raw is not None:
        UNREADABLE.inc()
    return record


class Outage:
    """When to try Redis again: doubling pauses while it is away, one line in the log per outage."""

    def __init__(self, *, first_s: float, max_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.failures = 0
        self._first_s, self._max_s, self._clock = first_s, max_s, clock
        self._retry_at = 0.0

    def is_due(self) -> bool:
        return self.failures == 0 or self._clock() >= self._retry_at

    def failed(self, error: BaseException) -> None:
        self._retry_at = self._clock() + min(self._max_s, self._first_s * 2 ** min(self.failures, 30))
        self.failures += 1
        REDIS_FAILURES.inc()
        if self.failures == 1:
            logger.warning("Redis does not answer (%s); progress goes on without it", error)

    def succeeded(self) -> None:
        if self.failures:
            logger.info("Redis answers again after %d failed attempts", self.failures)
        self.failures = 0


class ProgressStore:
    """Synchronous access that never raises for a Redis that is away, and costs next to nothing meanwhile."""

    def __init__(self, url: str, *, ttl_s: int, timeout_s: float, retry_first_s: float, retry_max_s: float) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0), health_check_interval=0
        )
        self._ttl_s = ttl_s
        self._outage = Outage(first_s=retry_first_s, max_s=retry_max_s)

    @property
    def is_away(self) -> bool:
        return self._outage.failures > 0

    def write(self, job_id: UUID | str, raw: bytes, *, is_urgent: bool = False) -> bool:
        """Whether it was written; an urgent record is tried even in the pause between attempts."""
        return self._attempt(lambda: self._client.set(key_of(job_id), raw, ex=self._ttl_s), is_urgent=is_urgent) is not None

    def write_fenced(self, job_id: UUID | str, raw: bytes, *, attempt: int, is_end: bool) -> bool:
        """The same, unless a later attempt has written, or this one has ended; an end is urgent."""
        keys = (key_of(job_id), f"{ATTEMPT_KEY}{job_id}")
        arguments = (raw, self._ttl_s, attempt, int(is_end))
        return self._attempt(lambda: self._client.eval(WRITE_FENCED, len(keys), *keys, *arguments), is_urgent=is_end) == 1

    def read(self, job_id: UUID | str) -> Record | None:
        return self.read_many([job_id])[0]

    def read_many(self, job_ids: Sequence[UUID | str]) -> list[Record | None]:
        """One record or ``None`` per id, in their order; one MGET."""
        if not job_ids:
            return []
        raws = self._attempt(lambda: self._client.mget([key_of(job_id) for job_id in job_ids]))
        return [record_read(raw) for raw in raws] if raws is not None else [None] * len(job_ids)

    def duration_add(self, name: str, seconds: float) -> None:
        """Add to the running sums of how long a stage or a job took; the metrics page reads them."""

        def add() -> list[object]:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hincrby(DURATIONS_KEY, f"{name}:count", 1)
            pipeline.hincrbyfloat(DURATIONS_KEY, f"{name}:sum", round(seconds, 3))
            return pipeline.execute()

        self._attempt(add)

    def durations(self) -> dict[str, float]:
        """``name:count`` and ``name:sum`` of every stage and of jobs by their end; empty when Redis is away."""
        found = self._attempt(lambda: self._client.hgetall(DURATIONS_KEY)) or {}
        return {key.decode() if isinstance(key, bytes) else key: float(value) for key, value in found.items()}

    def selftest_note(self, job_id: UUID | str, user_id: int) -> None:
        """Whose made-up job this is, for as long as a self-test may take."""
        self._attempt(lambda: self._client.set(f"{SELFTEST_KEY}{job_id}", user_id, ex=SELFTEST_TTL_S), is_urgent=True)

    def is_selftest_of(self, job_id: UUID | str, user_id: int) -> bool:
        raw = self._attempt(lambda: self._client.get(f"{SELFTEST_KEY}{job_id}"))
        return raw is not None and int(raw) == user_id

    def num_records(self) -> int | None:
        """How many jobs' records Redis holds; ``None`` when it is away. Walks over all keys, so it is for staff alone."""
        return self._attempt(lambda: sum(1 for _ in self._client.scan_iter(match=key_of("*"), count=SCAN_COUNT)))

    def ping(self) -> bool:
        """Ask Redis now, whatever the pause."""
        return bool(self._attempt(self._client.ping, is_urgent=True))

    def close(self) -> None:
        self._client.close()

    def _attempt(self, operation: Callable[[], T], *, is_urgent: bool = False) -> T | None:
        if not (is_urgent or self._outage.is_due()):
            return None
        try:
            result = operation()
        except REDIS_ERRORS as error:
            self._outage.failed(error)
            return None
        self._outage.succeeded()
        return result


Store = TypeVar("Store", bound=ProgressStore)


def store_made(kind: type[Store], *, ttl_s: int) -> Store:
    return kind(
        settings.REDIS_URL,
        ttl_s=ttl_s,
        timeout_s=settings.PROGRESS_REDIS_TIMEOUT_S,
        retry_first_s=settings.PROGRESS_REDIS_RETRY_S,
        retry_max_s=settings.PROGRESS_REDIS_RETRY_MAX_S,
    )


@functools.cache
def store_shared() -> ProgressStore:
    """This process's store; redis-py's pool notices a fork by itself."""
    return store_made(ProgressStore, ttl_s=settings.PROGRESS_TTL_S)


def reader_client() -> redis.asyncio.Redis:
    """The one asynchronous client of a reader; the reader closes it."""
    client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.STREAM_REDIS_TIMEOUT_S,
        socket_connect_timeout=settings.STREAM_REDIS_TIMEOUT_S,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
        max_connections=2,
    )
    return client
