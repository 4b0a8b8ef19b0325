"""What is kept for how long. Old runs, imports and readings go, one in a transaction of its own; what was decided about stays.

Never touched: a run whose timetable is in review, approved or published; what such a run was copied from, keeps places of, or
is compared with; the timetable that the published one replaced, and those that are shown for earlier days of their term; and whatever
is still at work.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from academics.importing.batches import batches_tidy
from academics.models import ArchiveReading, ImportBatch
from generation.exports.books import renderings_sweep
from generation.models import GenerationJob, Notice, PublishedEdition, Variant, Workflow

log = structlog.get_logger(__name__)
Status = GenerationJob.Status
DECIDED = (Workflow.Status.IN_REVIEW, Workflow.Status.APPROVED, Workflow.Status.PUBLISHED)
FINISHED = tuple(status for status in Status.values if status not in GenerationJob.ACTIVE)
BATCH = 500  # of small rows


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is kept for so many days; 0 is for ever."""

    title: str
    setting: str
    old: Callable[[datetime], QuerySet[Any]]
    remove: Callable[[QuerySet[Any], datetime], int]


def retention_run(*, dry_run: bool = False) -> dict[str, int]:
    """How many of each kind went, or would. Guarded and in short transactions, so that it may run twice at once, and be ended anywhere."""
    removed = {}
    for kind in KINDS:
        days = getattr(settings, kind.setting)
        if not days:
            continue
        before = timezone.now() - timedelta(days=days)
        old = kind.old(before)
        removed[kind.title] = old.count() if dry_run else kind.remove(old, before)
    if not dry_run:
        batches_tidy()
        renderings_sweep()
        log.info("retention_run", **{title.replace(" ", "_"): number for title, number in removed.items() if number})
    return removed


# Runs.


def _jobs_old(before: datetime) -> QuerySet[GenerationJob]:
    """Finished long ago, and nothing that somebody decided about needs them."""
    ended = Q(finished_at__lt=before) | Q(finished_at=None, created_at__lt=before)
    return GenerationJob.objects.filter(ended, status__in=FINISHED).exclude(pk__in=jobs_protected())


def jobs_protected() -> set[uuid.UUID]:
    """Runs that stay whatever their age. Reads the runs that were decided about, and by which others they were made."""
    decided = GenerationJob.objects.filter(workflow__status__in=DECIDED)
    protected = set(decided.values_list("pk", flat=True)) | set(_replaced())
    # Earlier timetables of the term that are still shown for their own days.
    protected |= set(PublishedEdition.objects.filter(superseded_at=None).values_list("workflow", flat=True))
    fresh = set(protected)
    while fresh:
        origins = GenerationJob.objects.filter(pk__in=fresh).values_list("origin", "fixed")
        named = {text for origin, fixed in origins for text in (origin.get("job_id"), origin.get("run_id"), fixed.get("job_id")) if text}
        fresh = {uuid.UUID(text) for text in named} - protected
        protected |= fresh
    return protected


def _replaced() -> Iterator[uuid.UUID]:
    """Of each institution and term the timetable that was published before the present one."""
    seen = set()
    archived = Workflow.objects.filter(status=Workflow.Status.ARCHIVED).order_by("-updated_at", "-pk")
    for key, organization_id, term_id in archived.values_list("pk", "organization_id", "term_id"):
        if (organization_id, term_id) not in seen:
            seen.add((organization_id, term_id))
            yield key


def _jobs_remove(old: QuerySet[GenerationJob], before: datetime) -> int:
    return sum(_job_remove(key, before) for key in list(old.values_list("pk", flat=True)))


@transaction.atomic
def _job_remove(key: uuid.UUID, before: datetime) -> int:
    """One run with all that hangs on it, unless somebody put it forward, or copied it, just now."""
    if not _jobs_old(before).select_for_update(of=("self",)).filter(pk=key).first():
        return 0
    GenerationJob.objects.get(pk=key).delete()
    return 1


# Timetables of runs that nobody put forward: the run itself stays in the list.


def _variants_old(before: datetime) -> QuerySet[Variant]:
    never_put_forward = Q(job__workflow=None) | Q(job__workflow__history=None, job__workflow__variant=None)
    return Variant.objects.filter(never_put_forward, job__in=_jobs_old(before)).distinct()


def _variants_remove(old: QuerySet[Variant], before: datetime) -> int:
    removed = 0
    for key in list(old.order_by().values_list("pk", flat=True)):
        with transaction.atomic():
            job = GenerationJob.objects.select_for_update().filter(variants=key).only("pk").first()
            if job is not None and _variants_old(before).filter(pk=key).exists():
                Variant.objects.only("pk").get(pk=key).delete()
                removed += 1
    return removed


# Small rows, and those that go with their own.


def _rows_remove(old: QuerySet[Any], before: datetime) -> int:
    removed = 0
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            gone = old.model._default_manager.filter(pk__in=keys).delete()[0]
        removed += len(keys)
        if not gone:
            break
    return removed


def _each_remove(old: QuerySet[Any], before: datetime) -> int:
    """Large rows, one at a time."""
    return sum(bool(old.filter(pk=key).delete()[0]) for key in list(old.values_list("pk", flat=True)))


def _over(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Imports or readings that are not at work."""
    active = model.active_statuses()  # type: ignore[attr-defined]
    return model._default_manager.filter(created_at__lt=before).exclude(status__in=active)


KINDS = (
    Kind("runs", "JOBS_KEPT_DAYS", _jobs_old, _jobs_remove),
    Kind("timetables nobody put forward", "VARIANTS_KEPT_DAYS", _variants_old, _variants_remove),
    Kind("imports", "IMPORTS_KEPT_DAYS", partial(_over, ImportBatch), _each_remove),
    Kind("archives read", "IMPORTS_KEPT_DAYS", partial(_over, ArchiveReading), _each_remove),
    Kind(
        "e-mails",
        "NOTICES_KEPT_DAYS",
        lambda before: Notice.objects.filter(created_at__lt=before).exclude(status=Notice.Status.PENDING),
        _rows_remove,
    ),
    Kind("sessions", "SESSIONS_KEPT_DAYS", lambda before: Session.objects.filter(expire_date__lt=before), _rows_remove),
)
