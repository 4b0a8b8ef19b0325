"""What an address names, for a caller whom the table of who may do what lets in."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from rest_framework.request import Request

from academics.access import access_required
from academics.ids import uuid_read
from academics.models import Organization
from generation.errors import Missing
from generation.models import Variant, Workflow
from generation.runs.services import organization_for
from generation.timetable.visibility import variant_get, workflow_get


def job_id_parse(text: str) -> UUID:
    """A malformed id names no job: 404, like an unknown one."""
    found = uuid_read(text)
    if found is None:
        raise Missing("job_unknown", job_id=text)
    return found


def user_asking(request: Request) -> User:
    """The signed-in user: every address that names an object asks for one."""
    return cast(User, request.user)


def get_organization(request: Request, code: str | None) -> Organization:
    """The organization of that code, or the caller's own; raises the services' refusals."""
    return organization_for(user=user_asking(request), code=code, roles=access_required(request).roles)


def get_variant(request: Request, variant_id: str) -> Variant:
    access = access_required(request)
    return variant_get(user=user_asking(request), variant_id=variant_id, roles=access.roles, or_published=access.is_open_when_published)


def get_workflow(request: Request, job_id: str) -> Workflow:
    return workflow_get(user=user_asking(request), job_id=job_id, roles=access_required(request).roles)
