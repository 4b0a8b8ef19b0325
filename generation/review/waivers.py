"""Named waivers: an institution accepts so many violations of one rule, of one variant at one revision, for a reason.

Administrators and reviewers write them while the variant is in review; whoever approves confirms each of them. An edit
by hand makes a new revision, and with it every waiver void.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from academics.access import states_for
from generation.errors import Conflict, Invalid
from generation.models import Waiver, Workflow
from generation.review.gates import breaches_hard, breaches_left, revision_require, waivers_valid
from generation.text import messages
from generation.timetable.locks import Lock, event_add, workflow_lock


@transaction.atomic
def waiver_make(*, workflow: Workflow, user: User, constraint: str, amount: int, owner: str, reason: str) -> Waiver:
    """Writes a waiver for what is in review. Locks the workflow's row and the variant's."""
    lock = workflow_lock(workflow, "waive", states_for("workflow-waivers"))
    revision_require(lock.workflow, lock.variant)
    left = breaches_left(breaches_hard(lock.variant), list(waivers_valid(lock.workflow)))
    if constraint not in left:
        raise Invalid(field="constraint", text=messages.waiver_not_needed(constraint, left))
    if not 1 <= amount <= left[constraint]:
        raise Invalid(field="amount", text=messages.waiver_amount(constraint, amount, left[constraint]))
    for name, text in (("owner", owner), ("reason", reason)):
        if not text.strip():
            raise Invalid(field=name, text=messages.WAIVER_NEEDS[name])
    waiver = Waiver.objects.create(
        workflow=lock.workflow,
        variant=lock.variant,
        revision=lock.workflow.revision,
        constraint=constraint,
        amount=amount,
        owner=owner.strip(),
        reason=reason.strip(),
        made_by=user,
    )
    _tell(lock, "waive", user, waiver)
    return waiver


@transaction.atomic
def waiver_withdraw(*, workflow: Workflow, waiver: Waiver, user: User) -> Waiver:
    """Takes a waiver back while the variant is in review; it stays in the history."""
    lock = workflow_lock(workflow, "withdraw", states_for("waiver-withdraw"))
    if not Waiver.objects.filter(pk=waiver.pk, workflow=lock.workflow, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise Conflict(text=messages.WAIVER_WITHDRAWN)
    _tell(lock, "withdraw", user, waiver)
    waiver.refresh_from_db()
    return waiver


def _tell(lock: Lock, action: str, user: User, waiver: Waiver) -> None:
    event_add(
        lock.workflow, action, user=user, comment=messages.waiver_words(waiver.constraint, waiver.amount, waiver.owner, waiver.reason)
    )
