"""The pages of archives: download one, give one, see what is in it and where it would go, read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from academics.access import access_required
from academics.importing.api import upload_is_too_large
from academics.importing.batches import file_name
from academics.importing.lifecycle import progress_of
from academics.importing.messages import ImportRefusal
from academics.models import ArchiveReading, Organization
from academics.selectors import organizations_administered, organizations_visible
from erp.archive import readings
from erp.archive.overview import members_known, organization_counts
from erp.archive.reading import organization_has_rows
from generation.web.guards import organization_current, role_current

Status = ArchiveReading.Status
EARLIER_SHOWN = 20
MOST_TARGETS = 200


@csrf_exempt  # only until the length is known; `_archives` is protected
@require_http_methods(["GET", "HEAD", "POST"])
def archives(request: HttpRequest) -> HttpResponse:
    """An upload that is too large is refused before any of it is read, the form's token included."""
    if request.method == "POST" and upload_is_too_large(request.META.get("CONTENT_LENGTH")):
        return render(request, "academics/import_too_large.html", {"most": settings.IMPORT_MAX_MB}, status=413)
    return _archives(request)


@csrf_protect
@login_required
def _archives(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    # On a new installation the superuser has no institution yet, and an archive may create the first one.
    if not user.is_superuser and role_current(request) not in access_required(request).roles:
        raise PermissionDenied
    error = ""
    if request.method == "POST":
        upload, reading = request.FILES.get("file"), None
        name = file_name(upload.name or "") if upload else "The upload"
        try:
            reading = readings.reading_create(user=user, file=name, data=upload.read() if upload else b"")
            readings.reading_look(reading=reading)
            return redirect("archive-reading-page", reading_id=reading.pk)
        except ImportRefusal as refusal:
            if reading is not None:
                reading.delete()
            error = str(refusal)
    earlier = ArchiveReading.objects.filter(user=user).select_related("organization").defer(*ArchiveReading.LARGE)
    context = {
        "organization": organization_current(request),
        "organizations": organizations_visible(user=user),
        "earlier": earlier[:EARLIER_SHOWN],
        "error": error,
        "most": settings.IMPORT_MAX_MB,
    }
    return render(request, "erp/archives.html", context, status=400 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def archive_reading_page(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """One archive, in the state in which it is; a POST names what to do with it."""
    reading = readings.reading_get(user=cast(User, request.user), reading_id=reading_id)
    if request.method != "POST":
        return _shown(request, reading)
    try:
        return _act(request, reading)
    except ArchiveReading.DoesNotExist:  # discarded in another window meanwhile
        raise Http404 from None


def _act(request: HttpRequest, reading: ArchiveReading) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return _shown(request, reading, status=400)
    try:
        return action(request, reading) or redirect("archive-reading-page", reading_id=reading.pk)
    except ImportRefusal as refusal:
        reading.refresh_from_db()
        if reading.error != str(refusal):  # what the row keeps is shown with it
            ArchiveReading.objects.filter(pk=reading.pk).update(error="")
            notices.error(request, str(refusal))
        return redirect("archive-reading-page", reading_id=reading.pk)


def _look(request: HttpRequest, reading: ArchiveReading) -> None:
    readings.reading_look(reading=reading)


def _read(request: HttpRequest, reading: ArchiveReading) -> None:
    code = request.POST.get("target", "") or request.POST.get("new_code", "").strip()
    code = readings.target_check(user=cast(User, request.user), code=code)
    readings.reading_start(reading=reading, code=code, replace="replace" in request.POST)


def _discard(request: HttpRequest, reading: ArchiveReading) -> HttpResponse:
    readings.reading_discard(reading=reading)
    notices.info(request, f"Discarded: {reading.name}. Nothing was written.")
    return redirect("archive-page")


def _give_up(request: HttpRequest, reading: ArchiveReading) -> None:
    readings.reading_give_up(reading=reading)


ACTIONS: dict[str, Callable[[HttpRequest, ArchiveReading], HttpResponse | None]] = {
    "look": _look,
    "read": _read,
    "discard": _discard,
    "give_up": _give_up,
}


def _shown(request: HttpRequest, reading: ArchiveReading, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"reading": reading, "overview": reading.overview, "progress": progress_of(reading)}
    if reading.overview:
        context |= _members_context(reading, cast(User, request.user))
    if reading.status == Status.LOOKED:
        context |= _targets_context(request, reading)
    template = "erp/archive_running.html" if reading.is_active else "erp/archive_reading.html"
    return render(request, template, context, status=status)


def _members_context(reading: ArchiveReading, user: User) -> dict[str, Any]:
    members = reading.overview["members"]
    known = set(members_known(members=members, reader=user))
    return {
        "members_known": len(known),
        "members_unknown": [name for name in members if name not in known],
        "makes_users": user.is_superuser,
    }


def _targets_context(request: HttpRequest, reading: ArchiveReading) -> dict[str, Any]:
    """Where it may go, and what stands there."""
    governed = list(organizations_administered(user=request.user)[:MOST_TARGETS])
    own = next((each for each in governed if each.code == reading.overview.get("code")), None)
    here = organization_current(request)
    chosen = next((each for each in governed if each.code == reading.code), None)
    if chosen is None and not cast(User, request.user).is_superuser:
        chosen = own or next((each for each in governed if each == here), None)
    return {
        "targets": [{"organization": each, "has_data": organization_has_rows(each), "is_chosen": each == chosen} for each in governed],
        "twin": own,
        "twin_counts": organization_counts(organization=own) if own else [],
        "new_code": _code_free(reading.code if chosen is None and reading.code else reading.overview.get("code") or "institution"),
    }


def _code_free(wanted: str) -> str:
    """The code, with a number behind it where it is taken."""
    taken = set(Organization.objects.filter(code__startswith=wanted[:30]).values_list("code", flat=True))
    numbered = (f"{wanted[:30]}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(code for code in numbered if code not in taken)
