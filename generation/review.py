"""The way of a variant to publication: put forward, approved or rejected, published, archived.

Each change of status is an update guarded by the status it expects. Who finds another status there
gets a `RefusalError`, and nothing has changed. Callers have checked the role (`generation.visibility`).
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from academics.models import Organization
from generation import messages
from generation.models import GenerationJob, Variant, Workflow, WorkflowEvent

Status = Workflow.Status


class RefusalError(Exception):
    """The workflow's state does not allow what was asked; the text is for people."""


class CommentMissingError(RefusalError):
    """A rejection says why."""


@transaction.atomic
def variant_select(*, variant: Variant, user: User) -> Workflow:
    """Puts a completed job's variant forward for review. Asking again for the same variant changes nothing."""
    if variant.job.status != GenerationJob.Status.COMPLETED:
        raise RefusalError(messages.job_not_completed(variant.job.status))
    workflow, _ = Workflow.objects.get_or_create(job=variant.job)
    if workflow.status == Status.IN_REVIEW and workflow.variant_id == variant.pk:
        return workflow
    _move(workflow, "select", (Status.DRAFT, Status.REJECTED), Status.IN_REVIEW, user=user, variant=variant)
    variant.job.variants.exclude(pk=variant.pk).update(is_selected=False)
    variant.is_selected = True
    variant.save(update_fields=["is_selected"])
    return workflow


@transaction.atomic
def workflow_approve(*, workflow: Workflow, user: User, comments: str = "") -> Workflow:
    """Approves a variant without hard violations."""
    _require(workflow, "approve", (Status.IN_REVIEW,))
    if workflow.variant is not None and workflow.variant.hard:
        raise RefusalError(messages.variant_has_hard_violations(workflow.variant))
    return _move(workflow, "approve", (Status.IN_REVIEW,), Status.APPROVED, user=user, comment=comments)


@transaction.atomic
def workflow_reject(*, workflow: Workflow, user: User, comments: str) -> Workflow:
    if not comments.strip():
        raise CommentMissingError(messages.REJECT_NEEDS_COMMENT)
    return _move(workflow, "reject", (Status.IN_REVIEW,), Status.REJECTED, user=user, comment=comments)


@transaction.atomic
def workflow_publish(*, workflow: Workflow, user: User, comments: str = "") -> Workflow:
    """Publishes an approved timetable and archives the one it replaces. Locks the organization's row."""
    # Two published at the same moment must not both stay: they queue up here, and the database lets only one stand.
    Organization.objects.select_for_update().get(pk=workflow.job.organization_id)
    _require(workflow, "publish", (Status.APPROVED,))
    earlier = Workflow.objects.filter(status=Status.PUBLISHED, organization=workflow.job.organization_id, term=workflow.job.term_id)
    for other in earlier.exclude(pk=workflow.pk):
        _move(other, "archive", (Status.PUBLISHED,), Status.ARCHIVED, user=user, comment=messages.replaced_by(workflow.job_id))
    _move(workflow, "publish", (Status.APPROVED,), Status.PUBLISHED, user=user, comment=comments)
    return workflow


def _require(workflow: Workflow, action: str, expected: tuple[str, ...]) -> None:
    if workflow.status not in expected:
        raise RefusalError(messages.wrong_workflow_status(action, workflow.status, expected))


def _move(
    workflow: Workflow, action: str, expected: tuple[str, ...], to: str, *, user: User, comment: str = "", variant: Variant | None = None
) -> Workflow:
    """Changes the status if it is still the one that was read, and writes the history. One update, one insert."""
    _require(workflow, action, expected)
    before, chosen = workflow.status, variant or workflow.variant
    changes: dict[str, Any] = {"status": to, "variant": chosen, "updated_at": timezone.now()}
    # The variant is guarded as well: nobody approves one that was exchanged behind their back.
    guarded = Workflow.objects.filter(pk=workflow.pk, status=before, variant=workflow.variant_id)
    if guarded.update(**changes) != 1:
        current = Workflow.objects.filter(pk=workflow.pk).values_list("status", flat=True).first() or Status.DRAFT
        raise RefusalError(messages.wrong_workflow_status(action, current, expected))
    WorkflowEvent.objects.create(
        workflow=workflow, action=action, from_status=before, to_status=to, variant=chosen, user=user, comment=comment.strip()
    )
    for name, value in changes.items():
        setattr(workflow, name, value)
    return workflow
