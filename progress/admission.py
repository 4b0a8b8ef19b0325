"""Who may follow a job, checked once at the start and in one way for streams and sockets."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from progress import messages
from progress.auth import credential_of
from progress.authorization import Grant, authorizer_shared
from progress.metrics import Kind
from progress.slots import Admission, slots_shared

RETRY_S = 5


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer instead of events."""

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def close_code(self) -> int:
        """The same for a WebSocket's server that can't answer a handshake with a status of its own."""
        return 4000 + self.status


class _OriginCheck(CsrfViewMiddleware):
    """Django's own judgement of an Origin: this host, or one of CSRF_TRUSTED_ORIGINS."""

    def is_ours(self, request: HttpRequest) -> bool:
        return bool(self._origin_verified(request))  # type: ignore[attr-defined]  # the stubs leave it out


@functools.cache
def _origin_check() -> _OriginCheck:
    return _OriginCheck(lambda request: None)  # type: ignore[arg-type]  # never called: only its judgement is used


def job_id_read(text: str) -> UUID | None:
    """The id in an address; ``None`` for what can be no job's id."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def admit(request: HttpRequest, job_id: str, *, kind: Kind) -> Admission | Refusal:
    """A look-up together with all who ask just now, then a place if there is one."""
    known_id = job_id_read(job_id)
    try:
        grant = await authorizer_shared().grant(credential_of(request), known_id)
    except (DatabaseError, InterfaceError):
        return Refusal(503, messages.DATABASE_AWAY.format(retry_s=RETRY_S), {"Retry-After": str(RETRY_S)})
    if isinstance(grant, Grant):
        if request.GET:
            return Refusal(400, messages.NO_PARAMETERS.format(names=", ".join(f"`{name[:60]}`" for name in list(request.GET)[:10])))
        admission = slots_shared().take(grant, kind)
        if admission is not None:
            return admission
        return Refusal(503, messages.FULL.format(job_id=known_id, retry_s=RETRY_S), {"Retry-After": str(RETRY_S)})
    if grant == "signed_out":
        return Refusal(401, messages.SIGN_IN, {"WWW-Authenticate": 'Bearer realm="api"'})
    if grant == "forbidden":
        return Refusal(403, messages.FORBIDDEN)
    return Refusal(404, messages.NO_JOB.format(job_id=job_id))


def handshake_refusal(request: HttpRequest) -> Refusal | None:
    """What a browser does not check for a WebSocket: the host's name, and whose page opens it with our cookie.

    A token can't be sent by a stranger's page, so only what would be signed in by the cookie is checked by its
    Origin. A client that sends none is no browser.
    """
    if "Host" in request.headers:
        try:
            request.get_host()
        except DisallowedHost:
            return Refusal(400, messages.FOREIGN_HOST)
    has_token = request.headers.get("Authorization", "").startswith("Bearer ")
    if not has_token and "Origin" in request.headers and not _origin_check().is_ours(request):
        return Refusal(403, messages.FOREIGN_ORIGIN)
    return None
