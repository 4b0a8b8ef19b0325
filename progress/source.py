"""What this app needs to know of jobs, and who tells it: a class given by a setting."""

from __future__ import annotations

import functools
from collections.abc import Collection, Hashable
from typing import Any, Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.utils.module_loading import import_string

from progress.record import Record

Access = Literal["ok", "forbidden", "missing"]
Watcher = User | AnonymousUser


# A user with what signing in goes by, the places whose jobs it may watch, and all places of which it is a member.
AccountRights = tuple[User, set[Hashable], set[Hashable]]


class JobSource(Protocol):
    """The truth about jobs. Its methods query the database; they are called from threads, never on the event loop."""

    def access(self, user: Any, job_id: UUID) -> Access:
        """Whether the user may watch the job; another organization's job is `missing`."""

    def places(self, job_ids: Collection[UUID]) -> dict[UUID, Hashable]:
        """To whom each job belongs, which never changes; one query, unknown ids are absent."""

    def accounts(self, user_ids: Collection[int], session_keys: Collection[str]) -> tuple[dict[int, AccountRights], set[str]]:
        """The users, and the sessions among these that have not ended; both by one query, unknown ones are absent."""

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
