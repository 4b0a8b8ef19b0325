"""Who sees which page, and in which institution they are. Used by the pages alone; REST has permissions of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from academics.access import access_required
from academics.ids import number_read
from academics.models import Organization, Term
from academics.selectors import CHOSEN, Role, organization_in_session, organizations_visible, role_in
from generation.models import GenerationJob

STAFF_ROLES = frozenset({Role.ADMIN, Role.REVIEWER})
Page = Callable[..., HttpResponse]


@dataclass(slots=True)
class Here:
    """What was read for one request, and is for it alone: whoever stays longer, as streams do, asks the table of roles again."""

    organization: Organization | None = None
    is_organization_known: bool = False
    roles: dict[tuple[int | None, int], str | None] = field(default_factory=dict)


def _here(request: HttpRequest) -> Here:
    found = getattr(request, "_here", None)
    if not isinstance(found, Here):
        found = request._here = Here()  # type: ignore[attr-defined]
    return found


def organization_current(request: HttpRequest) -> Organization | None:
    """The institution that the pages show; ``?organization=CODE``, or a term of another one, changes it for the session. Read once a
    request."""
    here, wanted = _here(request), request.GET.get("organization")
    if here.is_organization_known:
        return here.organization
    visible = organizations_visible(user=request.user)
    if wanted:
        chosen = visible.filter(code=wanted).first()
        if chosen is None:
            raise Http404
    else:
        # A timetable's own page leads to the form for its term, whichever institution was chosen before.
        term, remembered = number_read(request.GET.get("term", ""), max_digits=9), organization_remembered(request)
        chosen = None
        if term is not None and remembered is not None:
            chosen = visible.filter(pk__in=Term.objects.filter(pk=term).values("organization")).exclude(pk=remembered.pk).first()
        if chosen is None:
            return remembered
    request.session[CHOSEN] = chosen.code
    here.organization, here.is_organization_known = chosen, True
    return chosen


def organization_remembered(request: HttpRequest) -> Organization | None:
    """The one of this session, else the demo, else the first that the user may see. Read once a request."""
    here = _here(request)
    if not here.is_organization_known:
        here.organization = organization_in_session(user=request.user, code=request.session.get(CHOSEN, ""))
        here.is_organization_known = True
    return here.organization


def role_at(request: HttpRequest, organization_id: int) -> str | None:
    """The role of whoever asks. Read once a request."""
    roles, key = _here(request).roles, (request.user.pk, organization_id)
    if key not in roles:
        roles[key] = role_in(user=request.user, organization_id=organization_id)
    return roles[key]


def role_current(request: HttpRequest) -> str | None:
    organization = organization_current(request)
    return role_at(request, organization.pk) if organization else None


def role_page(view: Page) -> Page:
    """A page for signed-in people whose role where they are now is in the table's row; others get a 403."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if role_current(request) not in access_required(request).roles:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def job_page(view: Page) -> Page:
    """A page about one job: another institution's job does not exist, a role that is not in the table's row is refused."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, job_id: UUID, **kwargs: Any) -> HttpResponse:
        related = GenerationJob.objects.select_related("organization", "term", "requested_by")
        job = related.filter(pk=job_id, organization__in=organizations_visible(user=request.user)).first()
        if job is None:
            raise Http404
        if role_at(request, job.organization_id) not in access_required(request).roles:
            raise PermissionDenied
        return view(request, job, **kwargs)

    return guarded


def staff_page(view: Page) -> Page:
    """For those who run the site: they see its figures on the health address, too."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, **kwargs)

    return guarded
