"""Reads of progress outside a stream: Redis first, the job's row where Redis has nothing to be trusted."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.conf import settings

from progress.record import Record, is_terminal, seq_of
from progress.source import source_shared
from progress.store import store_shared


def snapshot(*, job_id: UUID) -> Record | None:
    """The job's newest record. Asks Redis, and the database when that one is missing or stale."""
    return snapshots(job_ids=[job_id]).get(job_id)


def snapshots(*, job_ids: list[UUID]) -> dict[UUID, Record]:
    """The newest records by job: one MGET and at most one query; unknown ids are absent."""
    found = {job_id: record for job_id, record in zip(job_ids, store_shared().read_many(job_ids), strict=True) if record}
    missing = [job_id for job_id in job_ids if job_id not in found or _is_stale(found[job_id])]
    if missing:
        for job_id, row in source_shared().records(missing).items():
            found[job_id] = _newer(found.get(job_id), row)
    return found


def active_snapshots(*, user: Any) -> list[Record]:
    """Those of all active jobs that the user may watch, in the source's order."""
    job_ids = list(source_shared().active_ids(user))
    found = snapshots(job_ids=job_ids)
    return [found[job_id] for job_id in job_ids if job_id in found]


def _is_stale(record: Record) -> bool:
    """It says running but was not renewed: its worker may be gone, and the row knows."""
    renewed_at = record.get("last_updated")
    age = time.time() - renewed_at if isinstance(renewed_at, int | float) else float("inf")
    # A record from the future was written before this machine's clock, or the worker's, was set back.
    return not is_terminal(record) and abs(age) >= settings.STREAM_STALE_S


def _newer(in_redis: Record | None, row: Record) -> Record:
    if in_redis is None or is_terminal(row):
        return row
    return max((in_redis, row), key=seq_of)
