"""Where pages say that a timetable no longer fits the data of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from academics.selectors import Role
from generation.models import GenerationJob, Variant
from generation.today.comparison import Fit
from generation.today.selectors import fit_at_once, fits_known, is_in_use

LINES_SHOWN = 50


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
