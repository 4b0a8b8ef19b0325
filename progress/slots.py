"""How many streams and sockets a process carries, and whether those who hold one may still watch."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from progress.authorization import Denial, Grant, denials_of
from progress.metrics import ACTIVE, CONNECTIONS, REJECTED, REVOKED, Kind
from progress.threads import in_thread

logger = logging.getLogger(__name__)


class Admission:
    """A place among the open streams; ``give_back`` frees it, called any number of times."""

    __slots__ = ("__weakref__", "_slots", "denial", "grant", "kind", "wake")

    def __init__(self, slots: Slots, grant: Grant, kind: Kind) -> None:
        self._slots: Slots | None = slots
        self.grant = grant
        self.kind = kind
        self.denial: Denial | None = None  # set once the right to watch is gone
        self.wake: Callable[[], None] | None = None  # makes its stream look at `denial`

    @property
    def job_id(self) -> UUID:
        return self.grant.job_id

    def give_back(self) -> None:
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.leave(self)

    def revoke(self, denial: Denial) -> None:
        self.denial = denial
        if self.wake is not None:
            self.wake()


class Slots:
    """The open streams and sockets of this process, in all and by user. Used on the event loop only."""

    def __init__(self) -> None:
        self._by_user: Counter[int] = Counter()
        self._open: set[Admission] = set()
        self._checking: asyncio.Task[None] | None = None

    @property
    def num_open(self) -> int:
        return len(self._open)

    def take(self, grant: Grant, kind: Kind = "sse") -> Admission | None:
        """``None`` when a limit is reached. The first one starts the checks of all."""
        if self.num_open >= settings.STREAM_LIMIT or self._by_user[grant.user_id] >= settings.STREAM_LIMIT_PER_USER:
            REJECTED[kind].inc()
            return None
        admission = Admission(self, grant, kind)
        self._open.add(admission)
        self._by_user[grant.user_id] += 1
        CONNECTIONS[kind].inc()
        ACTIVE[kind].inc()
        if self._checking is None or self._checking.done():
            self._checking = asyncio.get_running_loop().create_task(self._check_on(), context=contextvars.Context())
        return admission

    def leave(self, admission: Admission) -> None:
        self._open.discard(admission)
        user_id = admission.grant.user_id
        self._by_user[user_id] -= 1
        if self._by_user[user_id] <= 0:
            del self._by_user[user_id]
        ACTIVE[admission.kind].dec()

    async def _check_on(self) -> None:
        while self._open:
            await asyncio.sleep(settings.STREAM_RIGHTS_S)
            try:
                await self.check()
            except (DatabaseError, InterfaceError) as error:
                # Where the database does not answer nobody's right can have been taken away in it, either.
                logger.warning("The rights of %d open streams could not be checked: %s", self.num_open, error)
            except Exception:
                # The boundary of a task on which every revocation depends.
                logger.exception("The rights of %d open streams could not be checked", self.num_open)

    async def check(self) -> None:
        """One query for all that are open; ends those whose right is gone."""
        admissions = [admission for admission in self._open if admission.denial is None]
        if not admissions:
            return
        denials = await in_thread(denials_of, {admission.grant for admission in admissions})
        for admission in admissions if denials else ():
            denial = denials.get(admission.grant)
            if denial is not None:
                REVOKED[admission.kind].inc()
                admission.revoke(denial)


@functools.cache
def slots_shared() -> Slots:
    """This process's open streams and sockets."""
    return Slots()
