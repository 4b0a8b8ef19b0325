"""The page on which a term is rolled forward: choose, look at what would change, do it."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from academics.errors import UserError
from academics.importing.columns_by_kind import KINDS
from academics.models import Department, Organization, Term
from academics.roll_forward.choices import WHAT, choices_read, source_get, target_get
from academics.roll_forward.services import Rolled, roll_preview, term_roll
from generation.web.guards import organization_current, role_page

TITLES = {"rules": "Rules", "terms": "Terms"}


@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def roll_forward(request: HttpRequest) -> HttpResponse:
    organization = organization_current(request)
    assert organization is not None  # the page is for administrators of it
    error, rolled, status = "", None, 200
    if request.method == "POST":
        try:
            rolled = _rolled(request, organization, is_done=request.POST.get("action") == "roll")
        except UserError as refusal:
            error, status = str(refusal), 400
    if rolled is not None and rolled.batch is not None:
        return redirect("import-page", batch_id=rolled.batch.pk)
    return render(request, "academics/roll_forward.html", _context(request, organization, rolled, error), status=status)


def _rolled(request: HttpRequest, organization: Organization, *, is_done: bool) -> Rolled:
    data = request.POST
    choices = choices_read(organization=organization, what=data.getlist("what"), departments=data.getlist("departments"))
    source = source_get(organization=organization, code=data.get("source", ""))
    target = target_get(
        organization=organization,
        source=source,
        code=data.get("target", ""),
        starts_on=_date(data, "starts_on"),
        ends_on=_date(data, "ends_on"),
        name=data.get("name", "")[:200],
    )
    if is_done:
        return term_roll(organization=organization, source=source, target=target, choices=choices, user=cast(User, request.user))
    return roll_preview(organization=organization, source=source, target=target, choices=choices)


def _date(data: QueryDict, name: str) -> dt.date | None:
    """What a date field of a browser sends; anything else is none."""
    try:
        return dt.date.fromisoformat(data.get(name, ""))
    except ValueError:
        return None


def _context(request: HttpRequest, organization: Organization, rolled: Rolled | None, error: str) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else request.GET
    terms = list(Term.objects.filter(organization=organization).order_by("-is_current", "-starts_on", "-id"))
    chosen = data.getlist("what") if request.method == "POST" else list(WHAT)
    rows = []
    if rolled is not None:
        rows = [
            {"title": KINDS[name].title if name in KINDS else TITLES.get(name, name.capitalize()), "counts": counts}
            | {"samples": rolled.samples.get(name, [])}
            for name, counts in rolled.counts.items()
        ]
    return {
        "organization": organization,
        "terms": terms,
        "source": data.get("source") or (terms[0].code if terms else ""),
        "data": data,
        "what": [(name, words, name in chosen) for name, words in WHAT.items()],
        "departments": Department.objects.filter(organization=organization).order_by("code"),
        "departments_chosen": data.getlist("departments"),
        "rolled": rolled,
        "is_nothing": rolled is not None and rolled.is_nothing and not rolled.places,
        "rows": rows,
        "error": error,
    }
