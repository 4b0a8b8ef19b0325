"""A copy of a variant to change by hand: a draft of its own, whatever becomes of the timetable that it was copied from.

It is a run of its own in the list, with one variant, so that it goes its own way to publication: what is in review,
approved or published stays as it is while its copy is corrected. Where the data have changed since, the copy is carried over
to those of today: it shows today's people, is evaluated by today's rules, and says what differs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generation.errors import Conflict
from generation.models import Entry, FrozenProblem, GenerationJob, Seating, Variant, Workflow
from generation.problem.stored_problem import VERSION, problem_of
from generation.timetable.conflict_store import conflicts_copy, conflicts_write
from generation.timetable.counts import certificate_facts
from generation.timetable.locks import variant_lock
from generation.timetable.provenance import code_version
from generation.timetable.results import BATCH
from generation.today import messages
from generation.today.carrying import CarriedOver, Carrying
from generation.today.comparison import Fit
from generation.web.lookup import key_check

OF_JOB = ("organization_id", "term_id", "department_id", "time_limit_s", "seed", "weights", "is_partial", "explanation", "input_hash")
OF_VARIANT = ("weights", "seed", "hard", "soft", "breakdown", "statistics")
MOST_LINES = 50  # of what differs, that a copy keeps
MOST_NAME = 16  # characters of a user's name in a label


def variant_copy(*, variant: Variant, user: User, idempotency_key: str = "") -> Variant:
    """A draft with the same timetable, evaluated by the data of today; the same key gives the same copy. Reads the whole term, and
    writes a job with all that hangs on it. Where the two can't be compared the copy is evaluated as the original was, and says so.

    Raises `Conflict` where the run is not completed, kept no problem to change its timetable by, or has as many copies as one may
    have; and where the key was used for something else.
    """
    key_check(idempotency_key)
    if variant.job.status != GenerationJob.Status.COMPLETED:
        raise Conflict("job_unfinished", status=variant.job.status)
    problem = problem_of(job=variant.job)
    earlier = _made_with(variant, user, idempotency_key)
    if earlier is not None:
        return earlier
    # Before the transaction, for it may take a while; should an edit come in between, it is done again while edits wait.
    carrying = Carrying(variant, problem)
    try:
        return _copy(variant, user, idempotency_key, carrying)
    except IntegrityError:
        # Another request with this key was faster; without one, the error is ours.
        earlier = _made_with(variant, user, idempotency_key)
        if earlier is None:
            raise
        return earlier


def origin_context(job: GenerationJob) -> dict[str, Any]:
    """What a copy, or a timetable that was taken over, was made from, for its pages; empty for a run."""
    origin = job.origin
    if not origin:
        return {}
    if "variant_id" not in origin:
        return {"origin": origin, "origin_made_at": datetime.fromisoformat(origin["made_at"])}
    found = Variant.objects.filter(pk=origin["variant_id"], job__organization=job.organization_id).values_list("job_id", flat=True).first()
    return {
        "origin": origin,
        "origin_made_at": datetime.fromisoformat(origin["made_at"]),
        "origin_address": f"{reverse('timetable-review', args=[found])}?variant={origin['variant_id']}" if found else "",
    }


def differs_context(variant: Variant | None) -> dict[str, Any]:
    """How a copy's original stood to the data that the copy was evaluated by, for its pages; empty where it was the same. One query."""
    if variant is None:
        return {}
    certificate = Variant.objects.filter(pk=variant.pk).values_list("certificate", flat=True).first() or {}
    return {"differs": certificate["differs"]} if certificate.get("differs") else {}


def _made_with(variant: Variant, user: User, key: str) -> Variant | None:
    if not key:
        return None
    mine = GenerationJob.objects.filter(organization=variant.job.organization_id, requested_by=user, idempotency_key=key)
    job = mine.defer(*GenerationJob.LARGE).first()
    if job is None:
        return None
    if job.origin.get("variant_id") != str(variant.pk):
        raise Conflict("key_used", key=key[:60])
    return Variant.objects.select_related("job__organization", "job__term").get(job=job)


@transaction.atomic
def _copy(variant: Variant, user: User, key: str, carrying: Carrying) -> Variant:
    variant_lock(variant.pk)  # an edit comes before the copy or after it
    source = Variant.objects.select_related("job__organization", "job__term").get(pk=variant.pk)
    job, now = source.job, timezone.now()
    run = _run_of(job)
    _limit_check(run, job.organization_id)
    origin = {
        "run_id": run,
        "variant_id": str(source.pk),
        "job_id": str(job.pk),
        "label": source.label,
        "revision": source.revision,
        "made_at": job.created_at.isoformat(),
    }
    carried = carrying.of(source)
    is_carried = isinstance(carried, CarriedOver)
    facts = {name: getattr(job, name) for name in OF_JOB} | ({"explanation": {}, "input_hash": ""} if is_carried else {})
    copied = GenerationJob.objects.create(
        **facts,
        num_variants=1,
        requested_by=user,
        idempotency_key=key,
        status=GenerationJob.Status.COMPLETED,
        has_incumbent=True,
        started_at=now,
        finished_at=now,
        origin=origin,
    )
    copied.organization, copied.term = job.organization, job.term
    made = Variant.objects.create(
        job=copied,
        index=0,
        label=_label(source, user, now),
        certificate=source.certificate | {"copied_from": origin} | _differs(source, carried) | _certified(carried),
        **{name: getattr(source, name) for name in OF_VARIANT}
        | (_score_columns(source, carried) if isinstance(carried, CarriedOver) else {}),
    )
    if isinstance(carried, CarriedOver):
        _contents_write(made, carried)
    else:
        _contents_copy(source, made)
    Workflow.objects.create(job=copied)
    return made


def _run_of(job: GenerationJob) -> str:
    """The run that the job's timetable came from, by however many copies."""
    return str(job.origin.get("run_id") or job.origin.get("job_id") or job.pk)


def _limit_check(run: str, organization: int) -> None:
    """Holds the run's row, so that two copies at once are counted one after the other."""
    held = GenerationJob.objects.select_for_update().filter(pk=run, organization=organization)
    made_at = held.values_list("created_at", flat=True).first()
    mine = GenerationJob.objects.filter(organization=organization)
    copies = mine.filter(Q(origin__run_id=run) | Q(origin__job_id=run)).count()
    if copies >= settings.COPIES_LIMIT:
        when = f" of {timezone.localtime(made_at):%-d %b %Y, %H:%M}" if made_at else ""
        raise Conflict("copies_limit", when=when, copies=copies, most=settings.COPIES_LIMIT)


def _contents_copy(source: Variant, made: Variant) -> None:
    """Its lectures, its violations, who attends which section, and the problem that it is evaluated by."""
    columns = [field.attname for field in Entry._meta.concrete_fields if field.name not in ("id", "variant")]
    rows = source.entries.order_by("id").values(*columns)
    Entry.objects.bulk_create([Entry(variant=made, **row) for row in rows], batch_size=BATCH)
    conflicts_copy(source=source.pk, target=made.pk)
    seating = Seating.objects.filter(pk=source.pk).first()
    if seating is not None:
        Seating.objects.create(variant=made, data=seating.data)
    frozen = FrozenProblem.objects.get(pk=source.job_id)
    FrozenProblem.objects.create(job=made.job, version=frozen.version, data=frozen.data)


def _score_columns(source: Variant, carried: CarriedOver) -> dict[str, Any]:
    """The columns that today's data decide. What was proven of the earlier data is no bound today."""
    evaluated = carried.judgement
    statistics = {name: value for name, value in source.statistics.items() if name != "lower_bound"} | evaluated.statistics
    return {"hard": evaluated.score.hard, "soft": evaluated.score.soft, "breakdown": evaluated.breakdown, "statistics": statistics}


def _certified(carried: CarriedOver | Fit) -> dict[str, Any]:
    """For the certificate: what was found in the copy, where it was evaluated anew by today's data."""
    return certificate_facts(carried.judgement.breakdown) if isinstance(carried, CarriedOver) else {}


def _differs(source: Variant, carried: CarriedOver | Fit) -> dict[str, Any]:
    """For the certificate: how the original stood to the data that the copy is evaluated by."""
    if isinstance(carried, Fit):
        return {"differs": {"headline": carried.obstacle, "lines": [], "more": 0}} if carried.obstacle else {}
    fit, evaluated = carried.fit, carried.judgement
    facts = {"problem_hash": carried.problem_hash, "violations": evaluated.breakdown, "code_version": code_version()}
    lines = list(fit.lines)
    if (source.hard, source.soft) != (evaluated.score.hard, evaluated.score.soft):
        # Rules, wishes and how they are counted may have changed where no lecture stopped fitting.
        lines.insert(0, messages.scored_differently(was=(source.hard, source.soft), now=(evaluated.score.hard, evaluated.score.soft)))
    if fit.is_ok and not lines:
        return facts
    headline = "" if fit.is_ok else messages.headline(num_lectures=fit.num_lectures, num_missing=fit.num_missing, data=messages.THAT_DAY)
    return facts | {"differs": {"headline": headline, "lines": lines[:MOST_LINES], "more": max(0, len(lines) - MOST_LINES)}}


def _contents_write(made: Variant, carried: CarriedOver) -> None:
    """The same as `_contents_copy`, by today's data."""
    Entry.objects.bulk_create([Entry(variant=made, **row) for row in carried.entries], batch_size=BATCH)
    conflicts_write(variant_id=made.pk, rows=carried.judgement.conflicts, is_new=True)
    if carried.seating:
        Seating.objects.create(variant=made, data=carried.seating)
    FrozenProblem.objects.create(job=made.job, version=VERSION, data=carried.problem)


def _label(source: Variant, user: User, now: datetime) -> str:
    """What it is a copy of, by whom and when; a copy of a copy is named after the first."""
    first = source.label.split(" (copy, ")[0]
    added = f" (copy, {user.get_username()[:MOST_NAME]}, {timezone.localtime(now):%-d %b %H:%M})"
    most = Variant._meta.get_field("label").max_length or 0
    return f"{first[: most - len(added)].rstrip()}{added}"
