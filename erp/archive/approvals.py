"""Whether an archive's records of approvals agree with one another and with its lectures.

That somebody approved a timetable elsewhere can't be proved here, and every timetable that was read says so
(`generation.timetable.archive_origin`). What contradicts itself, though, is refused: it can't have happened anywhere.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from academics.access import ACCESS
from academics.models import Organization
from academics.selectors import role_in
from erp.archive.messages import ArchiveRefusal, ForbiddenArchive
from generation.models import Variant, Waiver, Workflow, WorkflowEvent
from generation.review.gates import breaches_hard, breaches_left

Status = Workflow.Status
DECIDED = (Status.APPROVED, Status.PUBLISHED, Status.ARCHIVED)
IN_FORCE = (Status.APPROVED, Status.PUBLISHED)
# By action: what it began from, and what it led to.
STEPS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "select": ((Status.DRAFT, Status.REJECTED, Status.IN_REVIEW, Status.APPROVED), Status.IN_REVIEW),
    "approve": ((Status.IN_REVIEW,), Status.APPROVED),
    "reject": ((Status.IN_REVIEW,), Status.REJECTED),
    "publish": ((Status.APPROVED,), Status.PUBLISHED),
    "archive": ((Status.PUBLISHED,), Status.ARCHIVED),
}
CLOCKS_DIFFER = timedelta(minutes=10)
WORKFLOW, EVENT, WAIVER, VARIANT = "generation.workflow", "generation.workflowevent", "generation.waiver", "generation.variant"
CHECKED = frozenset({WORKFLOW, EVENT, WAIVER, VARIANT})
Rows = Mapping[str, Mapping[Any, int]]  # by table and key here: the archive's row


def publishing_require(*, organization: Organization, reader: User | None) -> None:
    """What is published in the archive is seen by the world once it is read: only who may publish reads it."""
    if reader is None or not Workflow.objects.filter(organization=organization, status=Status.PUBLISHED).exists():
        return
    if role_in(user=reader, organization_id=organization.pk) not in ACCESS["workflow-publish"]["POST"].roles:
        raise ForbiddenArchive("publishes", code=organization.code)


def approvals_check(*, organization: Organization, rows: Rows, roles: Mapping[str, str], file: str) -> None:
    """Refuses the first contradiction by file, table, row and column. ``roles``: the archive's members."""
    check = _Check(rows, roles, file, organization)
    workflows = Workflow.objects.filter(organization=organization, status__in=DECIDED)
    for workflow in workflows.select_related("job__organization", "job__term", "variant").iterator(chunk_size=20):
        check.workflow(workflow)


class _Check:
    def __init__(self, rows: Rows, roles: Mapping[str, str], file: str, organization: Organization) -> None:
        self.rows = rows
        self.roles = roles
        self.file = file
        self.needs_two_people = organization.needs_two_people
        self.latest = timezone.now() + CLOCKS_DIFFER

    def workflow(self, workflow: Workflow) -> None:
        events = list(workflow.history.select_related("user").order_by("pk"))  # as they stand in the archive
        self._history(workflow, events)
        forward = approve = None
        for event in events:
            if event.action == "select":
                forward, approve = event, None
            elif event.action == "approve":
                approve = event
                self._approval(event, forward)
        if approve is None:
            raise self._wrong(WORKFLOW, workflow.pk, "status", workflow.status, "nobody approved it in generation.workflowevent")
        if workflow.variant is None:
            raise self._wrong(WORKFLOW, workflow.pk, "variant_id", None, f"what is {workflow.status} names a variant")
        for name in ("variant_id", "revision"):
            if getattr(approve, name) != getattr(workflow, name):
                why = f"the approval is of {getattr(approve, name)!s:.60}"
                raise self._wrong(WORKFLOW, workflow.pk, name, str(getattr(workflow, name)), why)
        if workflow.status in IN_FORCE or workflow.editions.filter(superseded_at=None).exists():  # shown for its days
            self._lectures(workflow, workflow.variant, approve)

    def _history(self, workflow: Workflow, events: list[WorkflowEvent]) -> None:
        """Each step begins where the one before ended, and the last one ends where the workflow stands."""
        status: str = Status.DRAFT
        for event in events:
            if event.from_status != status:
                raise self._wrong(EVENT, event.pk, "from_status", event.from_status, f"the step before it led to {status!r}")
            earlier, later = STEPS.get(event.action, ((status,), status))
            if status not in earlier:
                raise self._wrong(
                    EVENT, event.pk, "action", event.action, f"it begins from {' or '.join(earlier)}, and here stood {status!r}"
                )
            if event.to_status != later:
                raise self._wrong(EVENT, event.pk, "to_status", event.to_status, f"{event.action!r} leads to {str(later)!r}")
            if event.created_at > self.latest:
                raise self._wrong(EVENT, event.pk, "created_at", event.created_at.isoformat(), "that is yet to come")
            status = event.to_status
        if status != workflow.status:
            raise self._wrong(WORKFLOW, workflow.pk, "status", workflow.status, f"its history in {EVENT} ends with {status!r}")

    def _approval(self, approve: WorkflowEvent, forward: WorkflowEvent | None) -> None:
        """By somebody, who might, and who is another one where two people are required."""
        who = _who(approve)
        if not who:
            raise self._wrong(EVENT, approve.pk, "user_id", None, "an approval names who gave it, here or in user_name")
        allowed = ACCESS["workflow-approve"]["POST"].roles
        role = approve.gates.get("role", self.roles.get(who, allowed[0]))  # who is no member any more was one then
        if role not in allowed:
            raise self._wrong(EVENT, approve.pk, "user_id", who, f"the role is {role or 'none'!r}, and {' or '.join(allowed)} approves")
        needs_two = approve.gates.get("needs_two_people", self.needs_two_people)
        if needs_two and forward is not None and _who(forward) == who:
            raise self._wrong(EVENT, approve.pk, "user_id", who, "the same person put it forward, and two different people are needed")

    def _lectures(self, workflow: Workflow, variant: Variant, approve: WorkflowEvent) -> None:
        """What was approved is what the variant is; unless it was changed since, when nobody can publish it."""
        if variant.revision != workflow.revision:
            if workflow.status == Status.PUBLISHED:
                raise self._wrong(VARIANT, variant.pk, "revision", variant.revision, f"revision {workflow.revision} was published")
            return
        waivers = [waiver for waiver in workflow.waivers.all() if self._holds(waiver, workflow, approve)]
        left = breaches_left(breaches_hard(variant), waivers)
        for name, amount in left.items():
            why = f"it is {workflow.status} and breaks {name!r} {amount} times more than the confirmed waivers in {WAIVER} accept"
            raise self._wrong(VARIANT, variant.pk, "hard", variant.hard, why)

    def _holds(self, waiver: Waiver, workflow: Workflow, approve: WorkflowEvent) -> bool:
        is_of_it = (waiver.variant_id, waiver.revision, waiver.withdrawn_at) == (workflow.variant_id, workflow.revision, None)
        if not is_of_it or waiver.confirmed_at is None:
            return False
        for name in ("owner", "reason"):
            if not getattr(waiver, name).strip():
                raise self._wrong(WAIVER, waiver.pk, name, "", "a waiver names its owner and its reason")
        needs_two = approve.gates.get("needs_two_people", self.needs_two_people)
        if needs_two and waiver.made_by_id is not None and waiver.made_by_id == approve.user_id:
            raise self._wrong(
                WAIVER, waiver.pk, "made_by_id", _who(approve), "the same person approved with it, and two different people are needed"
            )
        return True

    def _wrong(self, table: str, key: Any, column: str, value: Any, why: str) -> ArchiveRefusal:
        return contradiction(self.file, table, self.rows[table][key], column, value, why)


def contradiction(file: str, table: str, row: int, column: str, value: Any, why: str) -> ArchiveRefusal:
    return ArchiveRefusal("value", file=file, table=table, row=row, column=column, value=reprlib.repr(value), why=f"{why}.")


def _who(event: WorkflowEvent) -> str:
    return event.user.get_username() if event.user else event.user_name
