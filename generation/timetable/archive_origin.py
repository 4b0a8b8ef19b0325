"""What came out of an archive: it says so wherever somebody relies on its approval."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from generation.models import TakenOver, Variant, WorkflowEvent
from generation.text import messages
from generation.timetable.counts import certificate_read


def taken_over_of(job_id: UUID) -> TakenOver | None:
    """That the run was read from an archive, by whom and when; None for one that was made here. One query."""
    return TakenOver.objects.filter(pk=job_id).first()


def taken_over_words(job_id: UUID) -> str:
    """One sentence; nothing for a run that was made here."""
    found = taken_over_of(job_id)
    return messages.taken_over(found.read_by, found.read_at) if found else ""


def taken_over_facts(job_id: UUID) -> dict[str, Any] | None:
    """The same for programs."""
    found = taken_over_of(job_id)
    return _facts(found) if found else None


def _facts(found: TakenOver) -> dict[str, Any]:
    return {"read_by": found.read_by, "read_at": found.read_at.isoformat(), "detail": messages.taken_over(found.read_by, found.read_at)}


def certificate_with_origin(variant: Variant) -> dict[str, Any]:
    """The variant's certificate, and where it comes from if that is not here."""
    found: TakenOver | None = getattr(variant.job, "taken_over", None)  # a query, where the caller did not join it
    certificate: dict[str, Any] = certificate_read(variant.certificate) | ({"taken_over": _facts(found)} if found else {})
    return certificate


def name_kept(sender: type[User], instance: User, **facts: Any) -> None:
    """An account that goes leaves its name in the history: who approved a timetable is asked for years later."""
    WorkflowEvent.objects.filter(user=instance).update(user_name=instance.get_username())
