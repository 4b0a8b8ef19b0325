"""Who may watch which job: looked up for all who open a stream at the same time, and again while their streams are open.

A thousand watchers who come back at once cost three queries in all, not three each; those who are open cost one query
every few seconds, whatever their number.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import time
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError, connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.utils import get_md5_hash_password

from progress.auth import Credential
from progress.source import Access, AccountRights, source_shared
from progress.store import store_shared
from progress.threads import in_thread

Denial = Literal["signed_out", "forbidden", "missing"]
# The place of a self-test's made-up job, which has no row.
SELFTEST: Hashable = "selftest"
# So many are looked up together at most: a list of values in one query has its limits.
BATCH = 500
AT_ONCE_S = 0.5
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """One user as the database has it now."""

    user: User
    password_digest: str  # as tokens carry it
    watched: Collection[Hashable]
    member_of: Collection[Hashable]

    def access(self, place: Hashable) -> Access:
        if self.user.is_superuser or place in self.watched:
            return "ok"
        return "forbidden" if place in self.member_of else "missing"


@dataclass(frozen=True, slots=True)
class Grant:
    """On what a stream was opened; each part of it can come to an end while it is open."""

    user_id: int
    password_digest: str
    session_key: str  # empty where a token was sent
    job_id: UUID
    place: Hashable


@dataclass(frozen=True, slots=True)
class Request:
    credential: Credential | None
    job_id: UUID | None  # none where the address names none


class Authorizer:
    """Collects those who ask while a look-up is on its way, and answers them by the next one. On the event loop only."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Request, asyncio.Future[Grant | Denial]]] = []
        self._task: asyncio.Task[None] | None = None

    async def grant(self, credential: Credential | None, job_id: UUID | None) -> Grant | Denial:
        """Raises what the database raised."""
        if credential is None:
            return "signed_out"
        answer: asyncio.Future[Grant | Denial] = asyncio.get_running_loop().create_future()
        self._waiting.append((Request(credential, job_id), answer))
        if self._task is None or self._task.done():
            # A context of its own: the lines that it logs are no single request's.
            self._task = asyncio.get_running_loop().create_task(self._work(), context=contextvars.Context())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                answers: Sequence[Grant | Denial] = await in_thread(grants_looked_up, [request for request, _ in batch])
            except Exception as error:
                # The boundary of a task: every caller gets the error, and answers by it.
                for _, waiting in batch:
                    if not waiting.done():
                        waiting.set_exception(error)
                continue
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if not waiting.done():  # its client may have left
                    waiting.set_result(answer)


@functools.cache
def authorizer_shared() -> Authorizer:
    return Authorizer()


def grants_looked_up(requests: Sequence[Request]) -> list[Grant | Denial]:
    """A failure that comes at once is tried once more: SQLite may refuse a connection in the moment in which another one closes its log."""
    began = time.monotonic()
    try:
        return grants_of(requests)
    except OperationalError as error:
        logger.warning("Who may watch could not be looked up: %s", error)
        if time.monotonic() - began > AT_ONCE_S:
            raise
        connections.close_all()
        return grants_of(requests)


def grants_of(requests: Sequence[Request]) -> list[Grant | Denial]:
    """Three queries at most: sessions, accounts, jobs. One look into Redis for each staff member's unknown job."""
    keys = {request.credential.session_key for request in requests if request.credential and request.credential.session_key}
    sessions = _sessions(keys) if keys else {}
    user_ids = {user_id for request in requests if (user_id := _user_id(request, sessions)) is not None}
    accounts = _accounts(source_shared().accounts(user_ids, ())[0]) if user_ids else {}
    job_ids = {request.job_id for request in requests if request.job_id is not None}
    places = source_shared().places(job_ids) if job_ids and accounts else {}
    return [_granted(request, sessions, accounts, places) for request in requests]


def _accounts(found: dict[int, AccountRights]) -> dict[int, Account]:
    return {
        user_id: Account(user, get_md5_hash_password(user.password), watched, member_of)
        for user_id, (user, watched, member_of) in found.items()
    }


def denials_of(grants: Collection[Grant]) -> dict[Grant, Denial]:
    """Those whose right is gone, by one query."""
    session_keys = {grant.session_key for grant in grants if grant.session_key}
    found_accounts, sessions = source_shared().accounts({grant.user_id for grant in grants}, session_keys)
    accounts = _accounts(found_accounts)
    found = ((grant, _denial(grant, accounts.get(grant.user_id), sessions)) for grant in grants)
    return {grant: denial for grant, denial in found if denial is not None}


def _denial(grant: Grant, account: Account | None, sessions: Collection[str]) -> Denial | None:
    if account is None or not account.user.is_active or account.password_digest != grant.password_digest:
        return "signed_out"
    if grant.session_key and grant.session_key not in sessions:
        return "signed_out"
    if grant.place == SELFTEST:
        return None if account.user.is_staff else "missing"
    access = account.access(grant.place)
    return None if access == "ok" else access


def _granted(
    request: Request, sessions: dict[str, dict[str, Any]], accounts: dict[int, Account], places: dict[UUID, Hashable]
) -> Grant | Denial:
    user_id, credential = _user_id(request, sessions), request.credential
    account = accounts.get(user_id) if user_id is not None else None
    if account is None or credential is None or not account.user.is_active or not _is_fresh(credential, account, sessions):
        return "signed_out"
    if request.job_id is None:
        return "missing"
    place = places.get(request.job_id)
    if place is None and account.user.is_staff and store_shared().is_selftest_of(request.job_id, account.user.pk):
        place = SELFTEST  # the made-up job of this person's own self-test
    elif place is None:
        return "missing"
    elif (access := account.access(place)) != "ok":
        return access
    return Grant(account.user.pk, account.password_digest, credential.session_key, request.job_id, place)


def _user_id(request: Request, sessions: dict[str, dict[str, Any]]) -> int | None:
    credential = request.credential
    if credential is None or not credential.session_key:
        return credential.user_id if credential else None
    user_id = str(sessions.get(credential.session_key, {}).get(SESSION_KEY, ""))
    return int(user_id) if user_id.isdecimal() else None


def _is_fresh(credential: Credential, account: Account, sessions: dict[str, dict[str, Any]]) -> bool:
    """Whether it was made under the account's present password."""
    if not credential.session_key:
        return constant_time_compare(credential.password_digest, account.password_digest)
    session, user = sessions[credential.session_key], account.user
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    is_ours = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return is_ours and any(constant_time_compare(str(session.get(HASH_SESSION_KEY, "")), each) for each in hashes)


def _sessions(keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the sessions hold that have not expired; one query."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("session_key", "session_data")
    return {key: store.decode(data) for key, data in rows}
