"""A job source over the real tables, simple enough to be right at a glance."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from academics.models import Membership
from generation.models import GenerationJob
from progress.record import Record
from progress.source import Access, AccountRights


class TableSource:
    def access(self, user: Any, job_id: UUID) -> Access:
        job = GenerationJob.objects.filter(pk=job_id).first()
        if job is None:
            return "missing"
        if user.is_superuser:
            return "ok"
        membership = Membership.objects.filter(user=user, organization_id=job.organization_id).first()
        if membership is None:
            return "missing"
        return "forbidden" if membership.role == Membership.Role.VIEWER else "ok"

    def places(self, job_ids: Collection[UUID]) -> dict[UUID, Hashable]:
        return {job.id: job.organization_id for job in GenerationJob.objects.filter(pk__in=job_ids)}

    def accounts(self, user_ids: Collection[int], session_keys: Collection[str]) -> tuple[dict[int, AccountRights], set[str]]:
        found: dict[int, AccountRights] = {}
        for user in User.objects.filter(pk__in=user_ids):
            roles = dict(Membership.objects.filter(user=user).values_list("organization", "role"))
            found[user.pk] = (user, {place for place, role in roles.items() if role != "viewer"}, set(roles))
        lasting = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
        return found, set(lasting.values_list("session_key", flat=True))

    def records(self, job_ids: list[UUID]) -> dict[UUID, Record]:
        return {job.id: self._record(job) for job in GenerationJob.objects.filter(pk__in=job_ids)}

    def active_ids(self, user: Any) -> list[UUID]:
        watched = Membership.objects.filter(user=user).exclude(role=Membership.Role.VIEWER).values("organization")
        jobs = GenerationJob.objects.filter(status__in=GenerationJob.ACTIVE, organization__in=watched)
        return list(jobs.order_by("created_at").values_list("id", flat=True))

    @staticmethod
    def _record(job: GenerationJob) -> Record:
        waiting = {
            "job_id": str(job.id),
            "stage": "loading",
            "stage_progress": 0.0,
            "overall_progress": 0.0,
            "eta_seconds": None,
            "started_at": None,
            "last_updated": int(job.created_at.timestamp()),
            "metadata": {"completed_items": 0, "total_items": 0},
        }
        return waiting | job.progress | {"status": job.status}
