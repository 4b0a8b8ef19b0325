"""A job source over the real tables, simple enough to be right at a glance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from academics.models import Membership
from generation.models import GenerationJob
from progress.record import Record
from progress.source import Access


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
