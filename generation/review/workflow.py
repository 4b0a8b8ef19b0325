"""The way of a variant to publication: put forward, approved or rejected, published, archived.

Each change holds the workflow's row and then the variant's (`timetable.locks`), so that two people who decide at once
come one after the other; who finds another status there gets a `Conflict`, and nothing has changed. The gates
stand in `review.gates`. Callers have checked the role (`generation.timetable.visibility`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from academics.access import states_for
from academics.models import Organization
from generation.dates.editions import edition_begin
from generation.errors import Conflict, Invalid
from generation.models import GenerationJob, Variant, Waiver, Workflow, WorkflowEvent
from generation.review.changes import snapshot_keep
from generation.review.gates import breaches_require_cover, revision_require, two_people_require
from generation.review.notices import notices_write
from generation.review.rejections import rejection_in_force
from generation.text import messages
from generation.timetable.locks import event_add, variant_lock, workflow_lock

Status = Workflow.Status


@transaction.atomic
def variant_select(*, variant: Variant, user: User, comments: str = "") -> Workflow:
    """Puts a completed job's variant forward for review, as it is now.

    Asking again for the same variant changes nothing, unless it was edited since: then its present revision waits. What was
    sent back goes forward as it was only with an answer to the reviewer (``comments``).
    """
    if variant.job.status != GenerationJob.Status.COMPLETED:
        raise Conflict(text=messages.job_not_completed(variant.job.status))
    Workflow.objects.get_or_create(job=variant.job)
    workflow = Workflow.objects.select_for_update().get(pk=variant.job_id)
    workflow.job = variant.job
    chosen = variant_lock(variant.pk)
    if workflow.variant_id == variant.pk and workflow.status in (Status.IN_REVIEW, Status.APPROVED):
        if chosen.revision == workflow.revision and workflow.status == Status.IN_REVIEW:
            workflow.variant = variant
            return workflow
        if chosen.revision == workflow.revision:
            raise Conflict(text=messages.wrong_workflow_status("select", workflow.status, states_for("variant-select")))
    elif workflow.status not in states_for("variant-select"):
        raise Conflict(text=messages.wrong_workflow_status("select", workflow.status, states_for("variant-select")))
    elif not comments.strip() and (rejection := rejection_in_force(variant=variant)) is not None:
        raise Conflict(text=messages.rejected_as_it_is(variant, rejection))
    before, workflow.variant, workflow.revision = workflow.status, chosen, chosen.revision
    snapshot_keep(event=_move(workflow, "select", Status.IN_REVIEW, user=user, comment=comments, before=before), variant=chosen)
    variant.job.variants.exclude(pk=variant.pk).update(is_selected=False)
    variant.job.variants.filter(pk=variant.pk).update(is_selected=True)
    variant.is_selected, workflow.variant = True, variant
    variant.revision = chosen.revision
    return workflow


@transaction.atomic
def workflow_approve(
    *, workflow: Workflow, user: User, comments: str = "", waivers: Collection[int] = (), revision: int | None = None
) -> Workflow:
    """Approves the variant as it was put forward; ``waivers`` (ids) are confirmed, and must cover every hard violation.

    ``revision``: the one that the approver has seen.
    """
    lock = workflow_lock(workflow, "approve", states_for("workflow-approve"))
    revision_require(lock.workflow, lock.variant, seen=revision)
    confirmed = breaches_require_cover(lock.workflow, lock.variant, confirmed=waivers)
    two_people_require(lock.workflow, user, confirmed)
    Waiver.objects.filter(pk__in=[waiver.pk for waiver in confirmed]).update(confirmed_by=user, confirmed_at=timezone.now())
    _move(lock.workflow, "approve", Status.APPROVED, user=user, comment=comments)
    return _as_now(workflow, lock.workflow)


@transaction.atomic
def workflow_reject(*, workflow: Workflow, user: User, comments: str) -> Workflow:
    if not comments.strip():
        raise Invalid(field="comments", text=messages.REJECT_NEEDS_COMMENT)
    lock = workflow_lock(workflow, "reject", states_for("workflow-reject"))
    _move(lock.workflow, "reject", Status.REJECTED, user=user, comment=comments)
    return _as_now(workflow, lock.workflow)


@transaction.atomic
def workflow_publish(*, workflow: Workflow, user: User, comments: str = "", valid_from: dt.date | None = None) -> Workflow:
    """Publishes an approved timetable and archives the one it replaces. Locks the organization's row first.

    ``valid_from``: the first day for which it holds, before which the earlier one does; left out, it holds for the whole term.
    """
    organization_id = workflow.job.organization_id
    # Two published at the same moment must not both stay: they queue up here, and the database lets only one stand.
    Organization.objects.select_for_update().get(pk=organization_id)
    lock = workflow_lock(workflow, "publish", states_for("workflow-publish"))
    revision_require(lock.workflow, lock.variant)
    confirmed = lock.workflow.waivers.filter(confirmed_at__isnull=False).values_list("pk", flat=True)
    breaches_require_cover(lock.workflow, lock.variant, confirmed=set(confirmed))
    earlier = Workflow.objects.select_for_update().filter(status=Status.PUBLISHED, organization=organization_id, term=workflow.job.term_id)
    replaced = list(earlier.exclude(pk=workflow.pk))
    edition_begin(workflow=lock.workflow, earlier=next(iter(replaced), None), valid_from=valid_from, user=user)
    for other in replaced:
        _move(other, "archive", Status.ARCHIVED, user=user, comment=messages.replaced_by(timezone.localtime(workflow.job.created_at)))
    _move(lock.workflow, "publish", Status.PUBLISHED, user=user, comment=comments)
    return _as_now(workflow, lock.workflow)


def _move(workflow: Workflow, action: str, to: str, *, user: User, comment: str = "", before: str = "") -> WorkflowEvent:
    """Changes the status of a held row and writes the history. One update, one insert."""
    before = before or workflow.status
    workflow.status = to
    workflow.save(update_fields=["status", "variant", "revision", "updated_at"])
    event = event_add(workflow, action, user=user, comment=comment, before=before)
    notices_write(event=event)
    return event


def _as_now(workflow: Workflow, held: Workflow) -> Workflow:
    """The caller's own object brought up to date; it has the whole variant already."""
    workflow.status, workflow.revision, workflow.updated_at = held.status, held.revision, held.updated_at
    return workflow
