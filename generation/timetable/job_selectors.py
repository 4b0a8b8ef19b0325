"""Reads of jobs. Every query is narrowed to what the caller's roles allow."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Account
from django.contrib.sessions.models import Session
from django.db.models import BigIntegerField, BooleanField, CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from academics.access import roles_for
from academics.models import Membership
from academics.selectors import User, role_in
from generation.errors import Forbidden, Missing
from generation.models import GenerationJob
from generation.text.messages import WAITING, waiting_text
from generation.worker.dispatch import Ahead, jobs_ahead

Status = GenerationJob.Status
READERS = roles_for("job-detail")
# A user, the organizations whose jobs it may watch, and all of which it is a member.
AccountRights = tuple[Account, set[Hashable], set[Hashable]]
SESSION_ROW = "(session)"  # in place of a role


def jobs_visible(*, user: User) -> QuerySet[GenerationJob]:
    """The jobs of the organizations where the user is administrator or reviewer, without their checkpoints."""
    jobs = GenerationJob.objects.select_related("organization", "term").defer(*GenerationJob.LARGE)
    if isinstance(user, AnonymousUser) or not user.is_active:
        return jobs.none()
    if user.is_superuser:
        return jobs
    return jobs.filter(organization__in=Membership.objects.filter(user=user, role__in=READERS).values("organization"))


def jobs_listed(*, user: User) -> QuerySet[GenerationJob]:
    """The same for a list; raises Forbidden for somebody who only ever sees published timetables."""
    if isinstance(user, Account) and not user.is_superuser:
        roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
        if roles and roles.isdisjoint(READERS):
            raise Forbidden("jobs_hidden")
    return jobs_visible(user=user)


def job_get(*, user: User, job_id: UUID) -> GenerationJob:
    """One job; Missing for unknown and foreign ones alike, Forbidden for the wrong role."""
    access = job_access(user=user, job_id=job_id)
    if access == "missing":
        raise Missing("job_unknown", job_id=str(job_id))
    if access == "forbidden":
        raise Forbidden("jobs_hidden")
    return jobs_visible(user=user).get(id=job_id)


def job_access(*, user: User, job_id: UUID) -> Literal["ok", "forbidden", "missing"]:
    organization_id = GenerationJob.objects.filter(id=job_id).values_list("organization_id", flat=True).first()
    role = role_in(user=user, organization_id=organization_id) if organization_id is not None else None
    if role is None:
        return "missing"
    return "ok" if role in READERS else "forbidden"


def accounts_now(*, user_ids: Collection[int], session_keys: Collection[str]) -> tuple[dict[int, AccountRights], set[str]]:
    """Users with the organizations whose jobs they may watch and of which they are members, and which sessions still last.

    One query: it is repeated every few seconds for all open streams of a process.
    """
    accounts = Account.objects.filter(pk__in=list(user_ids)).values_list(
        Cast("pk", CharField()), "password", "is_active", "is_superuser", "is_staff", "memberships__organization_id", "memberships__role"
    )
    no = Value(False, output_field=BooleanField())
    nowhere = Value(None, output_field=BigIntegerField())
    sessions = Session.objects.filter(session_key__in=list(session_keys), expire_date__gt=timezone.now()).values_list(
        Cast("session_key", CharField()), Value("", CharField()), no, no, no, nowhere, Value(SESSION_ROW, CharField())
    )
    found: dict[int, AccountRights] = {}
    lasting: set[str] = set()
    for key, password, is_active, is_superuser, is_staff, organization_id, role in accounts.union(sessions, all=True):
        if role == SESSION_ROW:
            lasting.add(key)
            continue
        if int(key) not in found:
            user = Account(pk=int(key), password=password, is_active=is_active, is_superuser=is_superuser, is_staff=is_staff)
            found[int(key)] = (user, set(), set())
        if organization_id is not None:
            _, watched, member_of = found[int(key)]
            member_of.add(organization_id)
            if role in READERS:
                watched.add(organization_id)
    return found, lasting


class JobSource:
    """What `progress` asks about jobs: who may see one, and the row as a record when Redis has none."""

    def access(self, user: User, job_id: UUID) -> Literal["ok", "forbidden", "missing"]:
        return job_access(user=user, job_id=job_id)

    def places(self, job_ids: Collection[UUID]) -> dict[UUID, Hashable]:
        return dict(GenerationJob.objects.filter(id__in=list(job_ids)).values_list("id", "organization_id"))

    def accounts(self, user_ids: Collection[int], session_keys: Collection[str]) -> tuple[dict[int, AccountRights], set[str]]:
        return accounts_now(user_ids=user_ids, session_keys=session_keys)

    def records(self, job_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
        """One query, and one more where a job waits; unknown ids are absent."""
        columns = ("id", "status", "error", "progress", "attempt", "is_partial", "created_at", "started_at", "finished_at")
        jobs = list(GenerationJob.objects.filter(id__in=list(job_ids)).only(*columns))
        waiting = [job.id for job in jobs if job.status == Status.PENDING]
        ahead = jobs_ahead(waiting) if waiting else {}
        return {job.id: record_of(job, ahead=ahead.get(job.id)) for job in jobs}

    def active_ids(self, user: User) -> list[UUID]:
        return list(jobs_visible(user=user).filter(status__in=GenerationJob.ACTIVE).values_list("id", flat=True))


def record_of(job: GenerationJob, *, ahead: Ahead | None = None) -> dict[str, Any]:
    """The row as a progress record. The row's status outranks that of the record it keeps."""
    at = job.finished_at or job.started_at or job.created_at
    record: dict[str, Any] = {
        "job_id": str(job.id),
        "stage": "loading",
        "stage_progress": 0.0,
        "overall_progress": 0.0,
        "eta_seconds": None,
        "started_at": int((job.started_at or job.created_at).timestamp()),
        "last_updated": int(at.timestamp()),
    } | job.progress
    record["status"] = _record_status(job)
    record["metadata"] = {"completed_items": 0, "total_items": 0} | record.get("metadata", {}) | _row_facts(job, ahead)
    if job.status == Status.COMPLETED:
        record |= {"stage": "rl_refinement", "stage_progress": 100.0, "overall_progress": 100.0, "eta_seconds": 0}
    elif job.finished_at:
        record["eta_seconds"] = None
    return record


def _record_status(job: GenerationJob) -> str:
    if job.status == Status.PENDING:
        # Between two attempts watchers see a running job that waits, not one that begins anew.
        return "running" if job.attempt else "initializing"
    return str(job.status)


def _row_facts(job: GenerationJob, ahead: Ahead | None) -> dict[str, Any]:
    if job.status == Status.FAILED:
        return {"error": job.error}
    if job.status == Status.PENDING:
        if ahead is None:
            return {"message": WAITING}
        return {"message": waiting_text(own=ahead.own, others=ahead.others), "jobs_ahead": ahead.own + ahead.others}
    return {"is_partial": True} if job.is_partial else {}
