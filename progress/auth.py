"""Who calls, for views outside the REST framework: a session's cookie or an access token."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication

from progress.source import Access, Watcher, source_shared
from progress.store import store_shared


def authenticate(request: HttpRequest) -> Watcher:
    """The caller, or nobody. Queries the session and the user; a wrong token is nobody, whatever the cookie says."""
    if "Authorization" in request.headers:
        try:
            found = JWTAuthentication().authenticate(request)  # type: ignore[arg-type]  # reads META alone
        except AuthenticationFailed:
            return AnonymousUser()
        if found is not None:
            return found[0]  # type: ignore[return-value]
    return get_user(request)


def authorise(request: HttpRequest, job_id: UUID | None) -> tuple[Watcher, Access]:
    """Authentication and ownership in one call, for a thread; no id means an address that names no job."""
    user = authenticate(request)
    if not user.is_authenticated or job_id is None:
        return user, "missing"
    access = source_shared().access(user, job_id)
    if access == "missing" and user.is_staff and store_shared().is_selftest_of(job_id, user.pk):
        return user, "ok"  # the made-up job of this person's own self-test
    return user, access
