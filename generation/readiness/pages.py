"""Whether the data are ready: the page, and the few words about it that other pages show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academics.models import Term
from academics.selectors import Role
from generation.readiness.check import readiness_check
from generation.readiness.report import Readiness
from generation.web.guards import organization_current, role_current, role_page
from generation.web.lookup import term_current, term_requested

LOADS_SHOWN = 12


@never_cache
@require_safe
@role_page
def readiness(request: HttpRequest) -> HttpResponse:
    """Counts, what is missing, and the arithmetic; ``?term=`` chooses another term."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    terms = list(Term.objects.filter(organization=organization))
    term = term_requested(request, organization, terms)
    report = readiness_check(organization=organization, term=term)
    context = {
        "organization": organization,
        "role": role_current(request),
        "is_admin": role_current(request) == Role.ADMIN,
        "term": term,
        "terms": terms,
        "report": report,
        "loads": _loads_shown(report) if report.loads.rooms else [],
    }
    return render(request, "generation/readiness.html", context)


@never_cache
@require_safe
@role_page
def readiness_summary(request: HttpRequest) -> HttpResponse:
    """For the home page, which does not wait for a check that has still to be made."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    report = readiness_check(organization=organization, term=term_current(organization=organization))
    return render(request, "generation/_readiness_summary.html", {"readiness": report})


def _loads_shown(report: Readiness) -> list[dict[str, Any]]:
    """The tables of the arithmetic: every kind of room, and the fullest of the others."""
    loads, totals = report.loads, report.loads.totals
    tables = (
        ("rooms", "Rooms", "Room kind", loads.rooms, len(loads.rooms)),
        ("instructors", "Instructors", "Instructor", loads.instructors, totals.get("instructors", 0)),
        ("sections", "Sections", "Section", loads.sections, totals.get("sections", 0)),
        ("curricula", "Curricula", "Curriculum", loads.curricula, totals.get("curricula", 0)),
    )
    return [
        {
            "id": id_,
            "title": title,
            "column": column,
            "rows": rows if id_ == "rooms" else rows[:LOADS_SHOWN],
            "note": _note(id_, total),
        }
        for id_, title, column, rows, total in tables
        if rows
    ]


def _note(id_: str, total: int) -> str:
    """Which of them are shown. Parallel sections make several groups of one curriculum's students."""
    what = " groups of students" if id_ == "curricula" else ""
    return f"The fullest {LOADS_SHOWN} of {total:,}{what}." if id_ != "rooms" and total > LOADS_SHOWN else ""
