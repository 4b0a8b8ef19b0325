"""Who may read an organization's published timetables: members, and everybody where it made them public.

A stranger learns nothing: where nothing is for them, an organization that exists is the same as one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from academics.models import Organization
from academics.selectors import role_in
from generation.published.publication import Publication, publication_of, workflows_published


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
    role: str | None
    publication: Publication | None
    terms: tuple[tuple[str, str], ...]  # code and name of each term that has one published


def reading_of(request: HttpRequest, code: str, *, term: str = "") -> Reading:
    """Raises `SignInNeeded`, and 404 for strangers and for a term in which nothing is published."""
    organization = Organization.objects.filter(code=code).first()
    is_public = organization is not None and organization.is_public
    if not is_public and not request.user.is_authenticated:
        raise SignInNeeded
    role = role_in(user=request.user, organization_id=organization.pk) if organization else None
    if organization is None or (role is None and not is_public):
        raise Http404
    workflows = workflows_published(organization_id=organization.pk)
    chosen = next((each for each in workflows if not term or (each.term and each.term.code == term)), None)
    if chosen is None and (role is None or term):
        raise Http404
    terms = tuple((each.term.code, each.term.name or each.term.code) for each in workflows if each.term)
    publication = publication_of(chosen) if chosen else None
    return Reading(organization.pk, organization.code, organization.name, is_public, role, publication, terms)
