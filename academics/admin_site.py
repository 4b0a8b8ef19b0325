"""The data-entry site: who may enter follows from memberships, and signing in happens on the site's own page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from academics.models import Organization
from academics.selectors import CHOSEN, organization_in_session, organizations_administered


def administered_ids(request: HttpRequest) -> frozenset[int]:
    """The organizations whose data this request may edit; one query per request."""
    if not hasattr(request, "_administered_ids"):
        ids = organizations_administered(user=request.user).values_list("id", flat=True)
        request._administered_ids = frozenset(ids)  # type: ignore[attr-defined]
    found: frozenset[int] = request._administered_ids  # type: ignore[attr-defined]
    return found


def organization_chosen(request: HttpRequest) -> Organization | None:
    """The institution that the other pages show, where the request may edit it. One query per request."""
    if not hasattr(request, "_organization_chosen"):
        found = organization_in_session(user=request.user, code=request.session.get(CHOSEN, ""))
        is_ours = found is not None and (sees_everything(request.user) or found.pk in administered_ids(request))
        request._organization_chosen = found if is_ours else None  # type: ignore[attr-defined]
    chosen: Organization | None = request._organization_chosen  # type: ignore[attr-defined]
    return chosen


def sees_everything(user: User | AnonymousUser) -> bool:
    return user.is_active and user.is_superuser


class TimeloomAdminSite(UnfoldAdminSite):
    site_title = "Timeloom"
    site_header = "Timeloom"
    index_title = "Data"

    def has_permission(self, request: HttpRequest) -> bool:
        return sees_everything(request.user) or bool(administered_ids(request))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One sign-in page for the whole site. Whoever is signed in and comes here lacks the role."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("Only an administrator of an institution may edit its data.")
        return redirect_to_login(request.GET.get("next", "/admin/"), settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One page for it, too, where guesses at the old password are counted."""
        return redirect("password")
