"""What an address names, for a caller whom the table of who may do what lets in."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from rest_framework.request import Request

from academics.access import access_required, roles_for
from academics.ids import uuid_read
from academics.models import Organization, Term
from academics.selectors import Role, organizations_administered, organizations_visible, role_in
from generation.errors import Forbidden, Invalid, Missing
from generation.models import Variant, Workflow
from generation.timetable.visibility import variant_get, workflow_get

MAX_KEY_LENGTH = 200


def job_id_parse(text: str) -> UUID:
    """A malformed id names no job: 404, like an unknown one."""
    found = uuid_read(text)
    if found is None:
        raise Missing("job_unknown", job_id=text)
    return found


def user_asking(request: Request) -> User:
    """The signed-in user: every address that names an object requires one."""
    return cast(User, request.user)


def get_organization(request: Request, code: str | None) -> Organization:
    """The organization of that code, or the caller's own; raises the services' refusals."""
    return organization_for(user=user_asking(request), code=code, roles=access_required(request).roles)


def get_variant(request: Request, variant_id: str) -> Variant:
    access = access_required(request)
    return variant_get(user=user_asking(request), variant_id=variant_id, roles=access.roles, or_published=access.is_open_when_published)


def get_workflow(request: Request, job_id: str) -> Workflow:
    return workflow_get(user=user_asking(request), job_id=job_id, roles=access_required(request).roles)


def term_current(*, organization: Organization) -> Term | None:
    """The term that a new timetable is for."""
    terms = Term.objects.filter(organization=organization)
    return terms.filter(is_current=True).first() or terms.first()


def term_requested(request: HttpRequest, organization: Organization, terms: list[Term]) -> Term | None:
    """The one that the address names, else the current one."""
    term_key = request.GET.get("term", "")
    return next((term for term in terms if str(term.pk) == term_key), None) or term_current(organization=organization)


def term_named(organization: Organization, code: str | None) -> Term | None:
    """The term of this code, or the current one; None only where there is none at all."""
    if code is None:
        return term_current(organization=organization)
    found = Term.objects.filter(organization=organization, code=code).first()
    if found is None:
        known = ", ".join(Term.objects.filter(organization=organization).values_list("code", flat=True)) or "none"
        raise Invalid("term_unknown", field="term", organization=organization.name, asked=f"code {code!r}", known=known)
    return found


def organization_for_job(*, user: User | None, code: str | None) -> Organization:
    """The organization that is meant, where the user is an administrator; the superuser's usual one is the demo."""
    return organization_for(user=user, code=code, roles=roles_for("job-generate", "POST"))


def organization_for(*, user: User | None, code: str | None, roles: tuple[str, ...]) -> Organization:
    """The organization that is meant, where the user has one of these roles."""
    if code is None and (user is None or user.is_superuser):
        code = settings.DEMO_ORGANIZATION
    if code is None:
        organization = _only_organization(cast(User, user))
    else:
        visible = Organization.objects.all() if user is None else organizations_visible(user=user)
        found = visible.filter(code=code).first()
        if found is None:
            raise Missing("organization_unknown", field="organization", code=code)
        organization = found
    if user is None:
        return organization
    role = role_in(user=user, organization_id=organization.pk)
    if role not in roles:
        raise Forbidden("role_needed" if roles == (Role.ADMIN,) else "reader_needed", organization=organization.name, role=role)
    return organization


def _only_organization(user: User) -> Organization:
    visible = list(organizations_visible(user=user))
    if len(visible) > 1:
        governed = list(organizations_administered(user=user))
        visible = governed if len(governed) == 1 else visible
    if not visible:
        raise Forbidden("organization_none")
    if len(visible) > 1:
        codes = ", ".join(organization.code for organization in visible)
        raise Invalid("organization_several", field="organization", codes=codes)
    return visible[0]


def key_check(key: str) -> None:
    if key and (len(key) > MAX_KEY_LENGTH or not key.isprintable()):
        raise Invalid("key_invalid", field="idempotency_key", length=len(key), most=MAX_KEY_LENGTH)
