"""Where pages say that a timetable no longer fits the data of today, and the part of a page that is fetched where it is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from academics.selectors import Role
from generation.models import GenerationJob, Variant, Workflow
from generation.today.comparison import Fit
from generation.today.selectors import fit_at_once, fit_of, fits_known, is_in_use
from generation.web.guards import job_page, role_at

LINES_SHOWN = 50
PARTS = {"line": "generation/today/_line.html", "whole": "generation/today/_fit.html", "published": "generation/today/_published.html"}


@dataclass(frozen=True)
class FitShown:
    """One timetable's, as a page shows it."""

    fit: Fit | None  # None: to be fetched
    part: str
    address: str  # of the part to be fetched
    review: str
    repair: str = ""  # where it is put right; for those who may

    @property
    def lines(self) -> tuple[str, ...]:
        return self.fit.lines[:LINES_SHOWN] if self.fit else ()

    @property
    def more(self) -> int:
        return max(0, len(self.fit.lines) - LINES_SHOWN) if self.fit else 0


def fit_shown(variant: Variant, fit: Fit | None, *, role: str | None, part: str = "whole") -> FitShown:
    job = variant.job
    here = {"variant": str(variant.pk)}
    again = {"term": str(job.term_id)} if job.term_id else {}
    if fit is None or fit.is_compared:
        again |= {"keep": "sound", "keep_from": str(variant.pk)}
    return FitShown(
        fit=fit,
        part=part,
        address=f"{reverse('timetable-today', args=[job.pk])}?{urlencode(here | {'part': part})}",
        review=f"{reverse('timetable-review', args=[job.pk])}?{urlencode(here)}",
        repair=f"{reverse('timetable-new')}?{urlencode(again)}" if role == Role.ADMIN else "",
    )


def fit_context(variant: Variant, *, role: str | None, part: str = "whole") -> dict[str, FitShown]:
    """For a page about one timetable; empty for one that was replaced."""
    return {"today": fit_shown(variant, fit_at_once(variant), role=role, part=part)} if is_in_use(variant.job) else {}


def fit_published(variant_id: str, *, role: str | None) -> dict[str, FitShown]:
    """For a published page. The variant's row is read without its lists and its run's."""
    large = ("conflicts", "certificate", *(f"job__{name}" for name in GenerationJob.LARGE))
    variant = Variant.objects.select_related("job__organization", "job__term", "job__workflow").defer(*large).filter(pk=variant_id).first()
    return fit_context(variant, role=role, part="published") if variant is not None else {}


def fits_listed(variants: Iterable[Variant], *, role: str | None) -> Mapping[UUID, FitShown]:
    """For a list: what is known, and where to fetch the rest. One small query, however many there are."""
    listed = list(variants)
    known = fits_known(listed)
    return {variant.pk: fit_shown(variant, known.get(variant.pk), role=role, part="line") for variant in listed}


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
