"""Who may read an organization's published timetables: members, and everybody where it made them public.

A stranger learns nothing: where nothing is for them, an organization that exists is the same as one that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from academics.selectors import role_in
from generation.publication.current import current_publications
from generation.publication.publication import Publication


class SignInNeeded(Exception):
    """Nobody is signed in, and what was asked for is not public, if it is there at all."""

    def response(self, request: HttpRequest) -> HttpResponse:
        return redirect_to_login(request.get_full_path())


@dataclass(frozen=True)
class Reading:
    """What somebody may read."""

    organization_id: int
    organization: str
    organization_name: str
    is_public: bool
    turn: str
    role: str | None
    publication: Publication | None
    terms: tuple[tuple[str, str], ...]  # code and name of each term that has one published


def reading_of(request: HttpRequest, code: str, *, term: str = "") -> Reading:
    """Raises `SignInNeeded`, and 404 for strangers and for a term in which nothing is published."""
    current = current_publications(code)
    is_public = current is not None and current.is_public
    if not is_public and not request.user.is_authenticated:
        raise SignInNeeded
    is_somebody = current is not None and request.user.is_authenticated
    role = role_in(user=request.user, organization_id=current.organization_id) if current and is_somebody else None
    if current is None or (role is None and not is_public):
        raise Http404
    publication = current.publication(term)
    if publication is None and (role is None or term):
        raise Http404
    terms = tuple((each.term, each.term_name) for each in current.publications if each.term)
    return Reading(current.organization_id, current.code, current.name, is_public, current.turn, role, publication, terms)


def reading_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the view what the user may read of the organization in the address; whoever has to sign in for it goes there first."""

    @wraps(view)
    def guarded(request: HttpRequest, organization: str, **named: Any) -> HttpResponse:
        try:
            reading = reading_of(request, organization, term=request.GET.get("term", ""))
        except SignInNeeded as needed:
            return needed.response(request)
        return view(request, reading, **named)

    return guarded
