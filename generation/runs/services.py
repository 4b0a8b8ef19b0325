"""What people do with jobs: start, cancel, stop. Every status change is a guarded update."""

from __future__ import annotations

import reprlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from academics.access import roles_for
from academics.models import Department, Organization, Term
from academics.selectors import organizations_visible, role_in
from generation.engine.change.budget import MOST
from generation.engine.model.problem import WEIGHT_IDS
from generation.errors import Conflict, Forbidden, Invalid, Missing, TooMany
from generation.models import GenerationJob, KeptPlaces
from generation.retention.kept_places import Kept
from generation.retention.request import KINDS as KEEP_KINDS
from generation.retention.request import MINIMAL, NOTHING, Keeping, KeepRequest, keeping_of
from generation.runs.reuse import job_reusable
from generation.web.lookup import key_check, organization_for_job
from generation.worker.dispatch import jobs_dispatch, queue_hold
from progress.tracker import ProgressTracker

Status = GenerationJob.Status
MAX_WEIGHT = 100
MAX_VARIANTS = 10
MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a user asks of a run; None means: the usual."""

    organization: str | None = None
    term: str | None = None  # its code
    semester: str | None = None
    academic_year: str | None = None
    department_id: int | None = None
    time_limit_s: float | None = None
    seed: int | None = None
    variants: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    run_anyway: bool | None = None  # see `job_start_or_reuse`
    keep: str | None = None  # what stays of an earlier timetable: see `keeping.choice`
    keep_from: str | None = None
    keep_departments: Sequence[str] | None = None
    keep_leave_out: bool | None = None
    max_lectures: int | None = None  # of the smallest change (`keep="minimal"`), as the two that follow
    max_people: int | None = None
    only_rooms: bool | None = None


class Started(NamedTuple):
    """The job that has, or will have, the result; whether it is an earlier one's."""

    job: GenerationJob
    is_reused: bool


def job_start(*, user: User | None, request: JobRequest, idempotency_key: str = "", is_queued: bool = True) -> GenerationJob:
    """Files a job and, after the commit, releases whichever is next. The same key gives the same job.

    Writes one row; raises the refusals of `errors`. ``is_queued=False`` leaves the row to the caller, who runs it;
    no user is somebody at the server's own terminal, who may do everything.
    """
    job = _job_requested(user, request, idempotency_key)
    earlier = _job_with_key(job)
    return earlier or _job_file(job, keeping_of(job=job, request=_keep_from(request)), is_queued=is_queued)


def _job_requested(user: User | None, request: JobRequest, idempotency_key: str) -> GenerationJob:
    organization = organization_for_job(user=user, code=request.organization)
    key_check(idempotency_key)
    return _job_from(user, organization, request, idempotency_key)


def _job_file(job: GenerationJob, keeping: Keeping | None, *, is_queued: bool) -> GenerationJob:
    job.is_inline = not is_queued
    try:
        with transaction.atomic():
            if is_queued:
                try:
                    queue_hold(job.organization)
                except TooMany:
                    earlier = _with_key(job).first()  # that which filled the queue may have been this very request
                    if earlier is None:
                        raise
                    return earlier
            job.fixed = keeping.summary() if keeping else {}
            job.save(force_insert=True)
            if keeping:
                KeptPlaces.objects.create(job=job, data=keeping.plan.kept.document())
            if is_queued:
                transaction.on_commit(jobs_dispatch)
    except IntegrityError:
        # Another request with this key was faster; without one, the error is ours.
        earlier = _job_with_key(job)
        if earlier is None:
            raise
        return earlier
    return job


def job_start_or_reuse(*, user: User | None, request: JobRequest, idempotency_key: str = "") -> Started:
    """The earlier run where one is the same, else a new job. Unless the request says so, only a named seed runs the same again.

    Reads the whole term where an earlier run looks the same; raises the refusals of `errors`.
    """
    job = _job_requested(user, request, idempotency_key)
    earlier = _job_with_key(job)
    if earlier is not None:
        return Started(earlier, is_reused=False)
    keeping = keeping_of(job=job, request=_keep_from(request))
    is_run_anyway = request.seed is None if request.run_anyway is None else request.run_anyway
    same = None if is_run_anyway else job_reusable(job=job, kept=keeping.plan.kept if keeping else Kept())
    return Started(same, is_reused=True) if same else Started(_job_file(job, keeping, is_queued=True), is_reused=False)


def job_cancel(*, user: User | None, job_id: uuid.UUID) -> GenerationJob:
    """Gives a job up: a waiting one ends at once, a running one when its worker sees it. Guarded writes."""
    job = _job_visible(user, job_id, "job-cancel")
    now = timezone.now()
    rows = GenerationJob.objects.filter(id=job.id)
    for _ in range(2):  # between the two updates the sweep may put a running job back to waiting
        # Waiting: nobody else would end it. A job between two attempts has nothing kept either.
        if rows.filter(status=Status.PENDING).update(status=Status.CANCELLED, finished_at=now, checkpoint=None, has_incumbent=False):
            job.refresh_from_db()
            job_tracker(job).cancelled()
            jobs_dispatch()
            return job
        rows.filter(status=Status.RUNNING).update(status=Status.CANCELLING)
        job.refresh_from_db()
        if job.status == Status.CANCELLING:
            return job
    raise Conflict("job_finished", status=job.status, action="cancelled")


def job_tracker(job: GenerationJob) -> ProgressTracker:
    """Progress of a job that no worker holds: to be ended, or marked as waiting. An end is written to the row, then to Redis."""

    def save(record: dict[str, Any]) -> None:
        status = Status.PENDING if record["status"] == Status.RUNNING else record["status"]
        GenerationJob.objects.filter(id=job.id, status=status).update(progress=record)

    started_at = job.started_at or job.created_at
    # As the next holder will: whoever had the job last may only be frozen, and writes over neither this nor what follows.
    attempt = job.attempt + 1
    return ProgressTracker.resume(job.progress, job_id=job.id, started_at=int(started_at.timestamp()), attempt=attempt, save_row=save)


def job_stop(*, user: User, job_id: uuid.UUID) -> GenerationJob:
    """Asks a running job to finish now with the best timetables so far. Guarded write."""
    job = _job_visible(user, job_id, "job-stop")
    running = GenerationJob.objects.filter(id=job.id, status=Status.RUNNING, has_incumbent=True)
    num_updated = running.filter(stop_requested_at=None).update(stop_requested_at=timezone.now())
    job.refresh_from_db()
    if num_updated or (job.status == Status.RUNNING and job.stop_requested_at):
        return job
    if job.status == Status.CANCELLING:
        raise Conflict("job_cancelling")
    if job.status in GenerationJob.ACTIVE:
        raise Conflict("job_has_no_timetable", status=job.status)
    raise Conflict("job_finished", status=job.status, action="stopped")


def _job_visible(user: User | None, job_id: uuid.UUID, address: str) -> GenerationJob:
    jobs = GenerationJob.objects.select_related("organization", "term").defer(*GenerationJob.LARGE)
    if user is not None:
        jobs = jobs.filter(organization__in=organizations_visible(user=user))
    job = jobs.filter(id=job_id).first()
    if job is None:
        raise Missing("job_unknown", job_id=str(job_id))
    if user is None:
        return job
    role = role_in(user=user, organization_id=job.organization_id)
    if role not in roles_for(address, "POST"):
        raise Forbidden("role_needed", organization=job.organization.name, role=role)
    return job


def _job_with_key(job: GenerationJob) -> GenerationJob | None:
    return _with_key(job).first()


def _with_key(job: GenerationJob) -> QuerySet[GenerationJob]:
    if not job.idempotency_key:
        return GenerationJob.objects.none()
    mine = GenerationJob.objects.filter(organization=job.organization, requested_by=job.requested_by)
    return mine.filter(idempotency_key=job.idempotency_key)


def _keep_from(request: JobRequest) -> KeepRequest | None:
    """What is to stay, its parts checked on their own; None where nothing is."""
    _budgets_check(request)
    if request.keep == NOTHING:
        return None
    if request.keep is None:
        if request.keep_from is None and not request.keep_departments and not request.keep_leave_out:
            return None
        raise Invalid("keep_missing", field="keep", known=", ".join(KEEP_KINDS))
    if request.keep not in KEEP_KINDS:
        raise Invalid("keep_unknown", field="keep", value=request.keep[:60], known=", ".join(KEEP_KINDS))
    if not request.keep_from:
        raise Invalid("keep_from_missing", field="keep_from")
    departments = tuple(dict.fromkeys(request.keep_departments or ()))
    return KeepRequest(
        request.keep,
        request.keep_from,
        departments,
        is_leaving_out=bool(request.keep_leave_out),
        max_lectures=request.max_lectures,
        max_people=request.max_people,
        is_only_rooms=bool(request.only_rooms),
    )


def _budgets_check(request: JobRequest) -> None:
    """What a change may cost goes only with the smallest one."""
    for name in ("max_lectures", "max_people", "only_rooms"):
        value = getattr(request, name)
        if value is None or value is False:
            continue
        if request.keep != MINIMAL:
            raise Invalid("keep_budget_alone", field=name, name=name)
        if name != "only_rooms":
            _range_check(name, value, 0, MOST)


def _job_from(user: User | None, organization: Organization, request: JobRequest, key: str) -> GenerationJob:
    time_limit_s = settings.JOB_TIME_LIMIT_S if request.time_limit_s is None else request.time_limit_s
    seed = 1 if request.seed is None else request.seed
    variants = 3 if request.variants is None else request.variants
    _range_check("time_limit_s", time_limit_s, settings.JOB_TIME_LIMIT_MIN_S, settings.JOB_TIME_LIMIT_MAX_S)
    _range_check("seed", seed, 0, MAX_SEED)
    _range_check("variants", variants, 1, MAX_VARIANTS)
    _weights_check(request.weights)
    return GenerationJob(
        organization=organization,
        term=_term_for(organization, request),
        department_id=_department_for(organization, request.department_id),
        requested_by=user,
        idempotency_key=key,
        time_limit_s=time_limit_s,
        seed=seed,
        num_variants=variants,
        weights=dict(request.weights),
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )


def _term_for(organization: Organization, request: JobRequest) -> Term | None:
    """None only where the organization has no term at all: such a job ends as too little data."""
    asked = {"code": request.term, "semester": request.semester, "academic_year": request.academic_year}
    wanted = {name: value for name, value in asked.items() if value is not None}
    terms = Term.objects.filter(organization=organization)
    found = terms.filter(**wanted).order_by("-is_current", "-starts_on", "-id").first()
    if found is None and wanted:
        known = "; ".join(_term_words(term, with_code=request.term is not None) for term in terms) or "none"
        words = " and ".join(f"{name} {value!r}" for name, value in wanted.items())
        field = "term" if request.term is not None else next(iter(wanted))
        raise Invalid("term_unknown", field=field, organization=organization.name, asked=words, known=known)
    return found


def _term_words(term: Term, *, with_code: bool) -> str:
    words = f"{term.semester} {term.academic_year}".strip()
    return (f"{term.code} ({words})" if words else term.code) if with_code else words or term.code


def _department_for(organization: Organization, department_id: int | None) -> int | None:
    if department_id is not None and not Department.objects.filter(organization=organization, id=department_id).exists():
        raise Invalid("department_unknown", field="department_id", organization=organization.name, department_id=department_id)
    return department_id


def _range_check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # nor is NaN; a whole number may be larger than any float
        raise Invalid("number_range", field=name, name=name, value=reprlib.repr(value), low=low, high=high)


def _weights_check(weights: Mapping[str, int]) -> None:
    for name, value in weights.items():
        if name not in WEIGHT_IDS:
            raise Invalid("weight_unknown", field="weights", name=name, known=", ".join(WEIGHT_IDS))
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_WEIGHT:
            raise Invalid("weight_range", field="weights", name=name, value=reprlib.repr(value), low=0, high=MAX_WEIGHT)
