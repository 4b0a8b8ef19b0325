"""The part of a page that says how a timetable fits the data of today, fetched where that is not known yet."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation.models import GenerationJob, Workflow
from generation.today.page_context import fit_shown
from generation.today.selectors import fit_of, is_in_use
from generation.web.guards import job_page, role_at

PARTS = {"line": "generation/today/_line.html", "whole": "generation/today/_fit.html", "published": "generation/today/_published.html"}


@never_cache
@require_safe
@job_page
def timetable_today(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """One variant beside the data of today, as a part of another page; ``?variant=`` names it, else it is the one put forward."""
    part = request.GET.get("part", "whole")
    workflow = Workflow.objects.filter(pk=job.pk).first()
    variants = list(job.variants.defer("conflicts", "certificate"))
    forward = workflow.variant_id if workflow else None
    wanted = request.GET.get("variant") or str(forward or (variants[0].pk if variants else ""))
    variant = next((each for each in variants if str(each.pk) == wanted), None)
    if part not in PARTS or (variant is None and (variants or request.GET.get("variant"))):
        raise Http404
    shown = None
    if variant is not None and is_in_use(job):
        variant.job = job
        shown = fit_shown(variant, fit_of(variant), role=role_at(request, job.organization_id), part=part)
    return render(request, PARTS[part], {"today": shown})
