"""The reviewer's inbox, and everybody's own choice of e-mails."""

from __future__ import annotations

from typing import cast

from django.contrib import messages as notices_shown
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academics.models import Membership
from academics.selectors import organizations_visible
from generation.review.inbox import inbox_elsewhere, inbox_items
from generation.web.guards import organization_current, role_current, role_page


@require_safe
@role_page
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for whoever asks, newest first."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    role = role_current(request)
    user = cast(User, request.user)
    context = {
        "organization": organization,
        "organizations": organizations_visible(user=user),
        "role": role,
        "items": inbox_items(organization=organization, role=role, user=user),
        "elsewhere": inbox_elsewhere(organization=organization, user=user),
    }
    return render(request, "generation/reviewing/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """Which e-mails somebody gets, institution by institution; the form holds their own memberships only."""
    memberships = Membership.objects.filter(user=cast(User, request.user)).select_related("organization").order_by("organization__name")
    if request.method == "POST":
        chosen = {name: set(request.POST.getlist(name)) for name in ("reviews", "published")}
        for membership in memberships:
            membership.notify_reviews = str(membership.pk) in chosen["reviews"]
            membership.notify_published = str(membership.pk) in chosen["published"]
            membership.save(update_fields=["notify_reviews", "notify_published"])
        notices_shown.success(request, "Your choice is kept.")
        return redirect("notices")
    return render(request, "generation/reviewing/notices.html", {"memberships": memberships})
