"""What this app needs to know of jobs, and who tells it: a class given by a setting."""

from __future__ import annotations

import functools
from typing import Any, Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.utils.module_loading import import_string

from progress.record import Record

Access = Literal["ok", "forbidden", "missing"]
Watcher = User | AnonymousUser


class JobSource(Protocol):
    """The truth about jobs. Its methods query the database; they are called from threads, never on the event loop."""

    def access(self, user: Any, job_id: UUID) -> Access:
        """Whether the user may watch the job; another organization's job is `missing`."""

    def records(self, job_ids: list[UUID]) -> dict[UUID, Record]:
        """The jobs' rows as progress records, by one query; unknown ids are absent."""

    def active_ids(self, user: Any) -> list[UUID]:
        """The jobs that have not ended and that the user may watch."""


@functools.cache
def _source_at(path: str) -> JobSource:
    source: JobSource = import_string(path)()
    return source


def source_shared() -> JobSource:
    """The source that the settings name."""
    return _source_at(settings.PROGRESS_JOB_SOURCE)
