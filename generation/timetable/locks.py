"""One decision at a time: the workflow's row is held until the transaction ends, then its variant's.

Everything that changes a workflow takes the two rows in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from academics.selectors import role_in
from generation.errors import Conflict
from generation.models import Variant, Workflow, WorkflowEvent
from generation.text import messages


@dataclass(frozen=True)
class Lock:
    """The rows as they are now."""

    workflow: Workflow
    variant: Variant


def workflow_lock(workflow: Workflow, action: str, expected: tuple[str, ...]) -> Lock:
    """Reads and holds the rows of a workflow with a variant; refuses another status, or a variant that was exchanged since."""
    held = Workflow.objects.select_for_update().filter(pk=workflow.pk).first()
    if held is None or held.status not in expected or held.variant_id is None or held.variant_id != workflow.variant_id:
        raise Conflict(text=messages.wrong_workflow_status(action, held.status if held else Workflow.Status.DRAFT, expected))
    held.job = workflow.job
    variant = variant_lock(held.variant_id)
    held.variant = variant
    return Lock(held, variant)


def variant_lock(variant_id: UUID) -> Variant:
    """The variant's row, held; without what is large until it is asked for."""
    large = ("conflicts", "certificate", "statistics", "breakdown", "weights")
    return Variant.objects.select_for_update().defer(*large).get(pk=variant_id)


def event_add(workflow: Workflow, action: str, *, user: User, comment: str, before: str = "") -> WorkflowEvent:
    """A line of the history, with the workflow as it is now, and what the gates went by: both may change, what was decided stays."""
    return WorkflowEvent.objects.create(
        workflow=workflow,
        action=action,
        from_status=before or workflow.status,
        to_status=workflow.status,
        variant=workflow.variant,
        revision=workflow.revision,
        user=user,
        gates=_gates_now(workflow, user),
        comment=comment.strip(),
    )


def _gates_now(workflow: Workflow, user: User) -> dict[str, Any]:
    organization = workflow.job.organization
    return {"role": role_in(user=user, organization_id=organization.pk) or "", "needs_two_people": organization.needs_two_people}
