"""The calendars themselves, and the page on which people make and revoke the links to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from generation.errors import Refusal
from generation.models import Feed
from generation.publication.current import current_publications
from generation.publication.feeds import (
    CalendarFile,
    calendar_file,
    calendar_of_feed,
    feed_create,
    feed_find,
    feed_label,
    feed_read,
    feed_revoke,
    feed_token,
    feeds_of,
)
from generation.timetable.grid import BY, By
from generation.timetable.visibility import uuid_or_404


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar that a secret link opens; a forged, unknown or revoked one opens nothing."""
    found = feed_find(token)
    if found is None:
        raise Http404
    feed_read(found)
    return _calendar_answer(request, calendar_of_feed(found), is_public=False)


@require_safe
def calendar_public(request: HttpRequest, organization: str, by: By, key: str) -> HttpResponse:
    """The same without a secret, where the organization's timetables are public."""
    current = current_publications(organization)
    if current is None or not current.is_public or not current.publications:
        raise Http404
    return _calendar_answer(request, calendar_file(current, by=by, key=key), is_public=True)


def _calendar_answer(request: HttpRequest, file: CalendarFile, *, is_public: bool) -> HttpResponse:
    """304 without rendering, where the reader has it already."""
    etag = f'"{file.content_hash}"'
    answer: Any = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(file.content(), content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = 'inline; filename="timetable.ics"'
    answer.headers["ETag"] = etag
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    patch_cache_control(answer, **({"public": True} if is_public else {"private": True}), no_cache=True)
    return answer  # type: ignore[no-any-return]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's links: make one, copy it, revoke it."""
    if request.method == "POST":
        return _feed_action(request)
    wanted = {name: request.GET.get(name, "") for name in ("organization", "by", "key")}
    rows = [_row(request, each) for each in feeds_of(user=request.user)]  # type: ignore[arg-type]
    is_valid = wanted["by"] in BY and bool(wanted["key"])
    context = {
        "wanted": wanted if is_valid and not any(row["is"](wanted) for row in rows) else None,
        "wanted_words": f"{Feed.By(wanted['by']).label} {wanted['key']}" if is_valid else "",
        "rows": rows,
    }
    return render(request, "generation/published/feeds.html", context)


def _feed_action(request: HttpRequest) -> HttpResponse:
    form = request.POST
    back = reverse("feeds")
    try:
        if form.get("action") == "revoke":
            feed_revoke(user=request.user, feed_id=uuid_or_404(form.get("feed", "")))  # type: ignore[arg-type]
            notices.success(request, "The link is revoked: it opens nothing any more.")
        else:
            by = form.get("by", "")
            if by not in Feed.By.values:
                raise Http404
            made, _ = feed_create(user=request.user, organization_code=form.get("organization") or None, by=by, key=form.get("key", ""))  # type: ignore[arg-type]
            notices.success(request, f"Here is your link to {feed_label(made)}. Whoever has it can read this calendar until you revoke it.")
            back = f"{back}#feed-{made.pk}"
    except Refusal as refusal:
        notices.error(request, str(refusal))
        again = {name: form[name] for name in ("organization", "by", "key") if form.get(name)}
        back = f"{back}?{urlencode(again)}" if again else back
    return redirect(back)


def _row(request: HttpRequest, each: Feed) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("feed", args=[feed_token(each)]))
    return {
        "feed": each,
        "label": feed_label(each),
        "address": address,
        "webcal": "webcal" + address[address.index(":") :],
        "is": lambda wanted: (each.organization.code, each.by, each.key) == (wanted["organization"], wanted["by"], wanted["key"]),
    }
