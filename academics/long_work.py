"""Long work that a worker does: imports, archive readings, books. One way to queue, begin, hold, find again and give up all of it.

The row is the truth, and everything here is a guarded update of it. It waits for a worker (active, not started), is at
work (started, with a lease that its process renews), or is over. Whoever holds it is named by its attempt: a process
whose attempt is past can write nothing any more. The sweep sends a lost message again, and ends what went silent.

Jobs of the generation share the leases and their watch, and have a hold of their own (`generation.runs.lease`): a search
has no transaction open, so its row itself brings cancel and stop, and takes progress and checkpoints; an import holds
SQLite's only write lock for its whole length, so word to it and from it goes by Redis. A job also ends in two more ways,
as it resumes from its checkpoint, and waits for its institution's turn rather than in a queue alone.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from redis.exceptions import RedisError

from academics.broker import SHORT, messages_waiting, task_send
from academics.import_models import LongWork

log = structlog.get_logger(__name__)
MISSED_RENEWALS = 2  # a lease that missed so many, and has run out, is nobody's
UNHELD_S = 900  # what was begun without a lease (by an earlier release) is taken for gone after so long
STOP_KEPT_S = 3600
BUSY_MS = 500
Row = TypeVar("Row", bound=LongWork)


class GivenUp(Exception):
    """Somebody gave the work up, or another process has it: undo it and leave."""


def work_queue(row: LongWork) -> bool:
    """Sends the message of what waits, and notes when; False when the broker is away (the sweep sends it later)."""
    if not task_send(row.TASK, row.message):
        return False
    rows_of(row).filter(started_at=None).update(queued_at=timezone.now())
    return True


# Holding it.


def work_begin(rows: QuerySet[Row], **facts: Any) -> bool:
    """Takes the row at this attempt for this process; False where another copy of the message has it, or it is over. Guarded write."""
    waiting = rows.filter(status__in=rows.model.active_statuses(), started_at=None)
    return bool(waiting.update(started_at=timezone.now(), lease_expires_at=lease_end(), **facts))


def work_do(row: LongWork, do: Callable[[Hold], None]) -> bool:
    """What was begun, done under a hold; False where it was given up meanwhile: all of it is undone, and the row says so."""
    try:
        with Hold(row) as hold:
            do(hold)
    except GivenUp:
        with contextlib.suppress(ObjectDoesNotExist):  # forgotten meanwhile
            work_give_up(row)  # word of it may have come before the row was written
        return False
    return True


def rows_of(row: Row) -> QuerySet[Row]:
    """The row as long as it is at this attempt and not over."""
    return type(row)._default_manager.filter(pk=row.pk, attempt=row.attempt, status__in=row.active_statuses())


def lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_S)


class Hold:
    """A process's hold on what it works on: a context manager whose thread renews the lease, and learns that it was given up.

    While an import writes, SQLite lets nobody else write, its own lease included; so there is a mark in Redis beside the
    lease, and whoever gives work up leaves word there, too.
    """

    def __init__(self, row: LongWork) -> None:
        self._row = row
        self._is_lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"hold-{row.pk}", daemon=True)

    def __enter__(self) -> Hold:
        mark_renew(self._row.pk)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        _redis(lambda cache: cache.delete(_mark(self._row.pk)))

    def check(self) -> None:
        """A safe point: raises when the work must not go on."""
        if self._is_lost:
            raise GivenUp

    def _keep(self) -> None:
        renewed = time.monotonic()
        try:
            while not self._ended.wait(min(settings.JOB_REQUEST_POLL_S, settings.JOB_LEASE_RENEW_S)):
                if _is_stop_requested(self._row):
                    self._is_lost = True
                    return
                if time.monotonic() - renewed >= settings.JOB_LEASE_RENEW_S:
                    renewed = time.monotonic()
                    mark_renew(self._row.pk)
                    self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            if connection.vendor == "sqlite":  # the thread has more to do than to wait for its own process's transaction
                connection.cursor().execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._is_lost = self._is_lost or not rows_of(self._row).update(lease_expires_at=lease_end())
        except (DatabaseError, InterfaceError) as error:
            log.info("work_lease_not_renewed", key=str(self._row.pk), error=str(error))
            connection.close()


def _mark(key: uuid.UUID) -> str:
    return f"work-alive:{key}"


def _stop(key: uuid.UUID) -> str:
    return f"work-given-up:{key}"


def mark_renew(key: uuid.UUID) -> None:
    _redis(lambda cache: cache.set(_mark(key), "", math.ceil(settings.JOB_LEASE_S)))


def _is_stop_requested(row: LongWork) -> bool:
    attempt = _redis(lambda cache: cache.get(_stop(row.pk)))
    return isinstance(attempt, int) and attempt >= row.attempt


def _redis(do: Callable[[Any], Any]) -> Any:
    """Nothing where Redis is away: the row decides, only later."""
    try:
        return do(caches["live"])
    except (RedisError, OSError) as error:
        log.debug("work_mark_not_reached", error=str(error))
        return None


# Giving up.


def work_give_up(row: LongWork) -> bool:
    """Takes the work back, whether it waits or is at work; False, with its present status, where it is over. Guarded write.

    A process at work learns of it within `JOB_REQUEST_POLL_S` by Redis, or when it next renews its lease, and undoes what it did.
    """
    if row.is_active and row.started_at is not None:
        _redis(lambda cache: cache.set(_stop(row.pk), row.attempt, STOP_KEPT_S))
    if not row.is_active:
        return False
    attempt, given_up = row.attempt, row.given_up()
    taken = bool(rows_of(row).update(**given_up))
    if taken:
        log.info("work_given_up", kind=row._meta.model_name, key=str(row.pk), attempt=attempt)
    row.refresh_from_db(fields=["status", "attempt", "queued_at", "started_at", "lease_expires_at"])
    # Its process may have learned of it first, and have undone its own work before this write got through.
    is_done_by_it = row.status == given_up["status"] and ("attempt" not in given_up or row.attempt > attempt)
    return taken or is_done_by_it


# The sweep.


class Leased(Protocol):
    """What a process holds by a lease: the models of long work, and jobs."""

    @property
    def pk(self) -> uuid.UUID: ...
    @property
    def attempt(self) -> int: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def lease_expires_at(self) -> datetime | None: ...


Held = TypeVar("Held", bound=Leased)


class LeaseWatch:
    """For how long each lease was seen unchanged, by the monotonic clock; it is given all of them at every round.

    A lease says by the time of day until when it holds, and clocks are set, or differ between machines. So a lease that
    has run out is believed only after it was seen unchanged for longer than a living process leaves it so; one that says
    it still holds, only after its whole length.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[tuple[object, ...], float] = {}

    def silent(self, held: Iterable[Held]) -> list[Held]:
        """Those that no process holds any more."""
        now, before = self._clock(), self._since
        rows = {(type(row), row.pk, row.attempt, row.lease_expires_at): row for row in held}
        self._since = {lease: before.get(lease, now) for lease in rows}
        return [row for lease, row in rows.items() if now - self._since[lease] >= _patience_s(row)]


def _patience_s(row: Leased) -> float:
    if row.lease_expires_at is None:
        is_long = row.started_at is not None and timezone.now() - row.started_at > timedelta(seconds=UNHELD_S)
        return 0.0 if is_long else math.inf
    has_run_out = row.lease_expires_at < timezone.now()
    return float(min(settings.JOB_LEASE_S, MISSED_RENEWALS * settings.JOB_LEASE_RENEW_S) if has_run_out else settings.JOB_LEASE_S)


def long_work_models() -> list[type[LongWork]]:
    return [model for model in apps.get_models() if issubclass(model, LongWork)]


def work_sweep(watch: LeaseWatch) -> None:
    """One round over all kinds. Every write is guarded, so rounds of several processes may overlap."""
    held: list[LongWork] = []
    waiting: list[LongWork] = []
    for model in long_work_models():
        rows = model._default_manager.defer(*model.LARGE).filter(status__in=model.active_statuses())
        held += rows.exclude(started_at=None)
        waiting += rows.filter(_waits_long(), started_at=None)
    for row in watch.silent(held):
        if not _redis(lambda cache, row=row: _mark(row.pk) in cache):  # type: ignore[misc]
            _silent_end(row)
    messages = messages_waiting(SHORT) if waiting else None
    for row in waiting if messages is not None else ():
        if str(row.pk) not in messages:  # type: ignore[operator]
            if not work_queue(row):
                return
            log.info("work_queued_again", kind=row._meta.model_name, key=str(row.pk))


def _waits_long() -> Q:
    """Queued some time ago, or, by a clock that was set back since, in the future; or never."""
    patience = timedelta(seconds=settings.JOB_REQUEUE_AFTER_S)
    since, ahead = timezone.now() - patience, timezone.now() + patience
    was_queued = Q(queued_at__lt=since) | Q(queued_at__gt=ahead)
    return was_queued | Q(queued_at=None, created_at__lt=since) | Q(queued_at=None, created_at__gt=ahead)


def _silent_end(row: LongWork) -> None:
    """Its process is gone, and what that had not committed with it: begun again, or ended with the reason."""
    same = rows_of(row).filter(started_at=row.started_at, lease_expires_at=row.lease_expires_at)
    if same.update(**row.gone()):
        log.warning("silent_work_found", kind=row._meta.model_name, key=str(row.pk), attempt=row.attempt)
        row.refresh_from_db(fields=["status", "attempt", "started_at"])
        if row.is_active:
            work_queue(row)
