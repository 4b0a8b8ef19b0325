"""The reviewer's inbox."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generation.page_access import organization_current, page_for, role_current
from generation.reviewing.inbox import inbox_items


@require_safe
@page_for()
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for whoever asks, newest first."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    role = role_current(request)
    items = inbox_items(organization=organization, role=role, user=cast(User, request.user))
    return render(request, "generation/reviewing/inbox.html", {"organization": organization, "role": role, "items": items})
