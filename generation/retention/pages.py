"""The part of the form of a new timetable that says what its choice would keep."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academics.ids import number_read
from academics.models import Term
from generation.retention.page_context import stays_context
from generation.web.guards import organization_current, role_page


@never_cache
@require_safe
@role_page
def timetable_stays(request: HttpRequest) -> HttpResponse:
    """For the form of a new timetable: what its choice would keep."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    asked = request.GET.get("term", "")
    terms = Term.objects.filter(organization=organization)
    number = number_read(asked, max_digits=9)
    term = terms.order_by("-is_current").first() if number is None else terms.filter(pk=number).first()
    return render(request, "generation/keeping/_stays.html", stays_context(organization, term, request.GET))
