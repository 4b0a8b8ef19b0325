"""The header's links, for the role that somebody has where they are."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from academics.selectors import Role
from generation.review.inbox import inbox_count
from generation.web.guards import STAFF_ROLES, organization_remembered, role_at

INBOX = "/admin/timetables/inbox"
OPERATIONS = "/admin/operations/"  # of the whole server: for its staff, whatever their role where they are


class Navigation:
    """What the header needs. Reads the role only when a page draws it."""

    LINKS = (
        ("/", "Home", frozenset(Role.values)),
        ("/admin/import/", "Import", frozenset({Role.ADMIN})),
        ("/admin/readiness/", "Readiness", STAFF_ROLES),
        ("/admin/rules/", "Rules", STAFF_ROLES),
        ("/admin/demand/", "Demand", STAFF_ROLES),
        ("/admin/timetables/", "Timetables", STAFF_ROLES),
        (INBOX, "Inbox", STAFF_ROLES),
        ("/timetables/", "Published", frozenset(Role.values)),
        ("/admin/", "Data", frozenset({Role.ADMIN})),
        (OPERATIONS, "Operations", frozenset[str]()),
    )

    def __init__(self, request: HttpRequest) -> None:
        self._path = request.path
        self._user = request.user
        self._is_staff = getattr(request.user, "is_staff", False)
        # Error pages draw the header too: an address that names a foreign institution must not fail again here.
        self.organization = organization_remembered(request)
        self.role = role_at(request, self.organization.pk) if self.organization else None

    @property
    def role_words(self) -> str:
        return Role(self.role).label if self.role else ""

    @property
    def links(self) -> list[dict[str, Any]]:
        here = max((address for address, _, _ in self.LINKS if self._path.startswith(address)), key=len)
        return [
            {
                "address": address,
                "words": words,
                "is_here": address == here and (address != "/" or self._path == "/"),
                "count": self._num_waiting() if address == INBOX else 0,
            }
            for address, words, roles in self.LINKS
            if self.role in roles or address == "/" or (self._is_staff and address == OPERATIONS)
        ]

    def _num_waiting(self) -> int:
        if self.organization is None or not isinstance(self._user, User):
            return 0
        return inbox_count(organization=self.organization, role=self.role, user=self._user)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``nav`` in every template. Nobody is known yet where a middleware refused the request."""
    if not hasattr(request, "user"):
        return {}
    return {"nav": SimpleLazyObject(lambda: Navigation(request))}
