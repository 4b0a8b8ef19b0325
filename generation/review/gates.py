"""What keeps a variant from being approved or published. Callers hold the workflow's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import QuerySet, Sum

from generation.errors import Conflict
from generation.models import Variant, Waiver, Workflow, WorkflowEvent
from generation.text import messages
from generation.timetable.archive_origin import taken_over_of
from generation.timetable.conflict_store import hard_amounts

UNPLACED = "unplaced"


def breaches_hard(variant: Variant) -> dict[str, int]:
    """How often each hard rule is broken, a lecture without a place counting its periods. At most three queries."""
    found: Counter[str] = Counter(hard_amounts(variant.pk) if variant.hard else {})
    # A row whose figures were not brought up to date with its lectures must not slip through.
    periods = variant.entries.filter(day__isnull=True).aggregate(periods=Sum("length"))["periods"] or 0
    found[UNPLACED] = max(found[UNPLACED], periods)
    found["unnamed"] = max(0, variant.hard - sum(found.values()))
    return {name: amount for name, amount in found.items() if amount}


def waivers_valid(workflow: Workflow) -> QuerySet[Waiver]:
    """Those for the very variant and revision that is put forward, and not withdrawn."""
    return workflow.waivers.filter(variant=workflow.variant_id, revision=workflow.revision, withdrawn_at=None)


def breaches_left(breaches: dict[str, int], waivers: Collection[Waiver]) -> dict[str, int]:
    """What the waivers do not cover; each covers what it names and nothing else."""
    covered: Counter[str] = Counter()
    for waiver in waivers:
        covered[waiver.constraint] += waiver.amount
    return {name: amount - covered[name] for name, amount in breaches.items() if amount > covered[name]}


def breaches_require_cover(workflow: Workflow, variant: Variant, *, confirmed: Collection[int]) -> list[Waiver]:
    """The waivers that the approver confirms and that cover every broken rule; refuses where any is left."""
    breaches = breaches_hard(variant)
    waivers = list(waivers_valid(workflow)) if breaches else []
    left = breaches_left(breaches, [waiver for waiver in waivers if waiver.pk in confirmed])
    if left:
        unread = [waiver for waiver in waivers if waiver.pk not in confirmed]
        raise Conflict(text=messages.variant_has_hard_violations(variant, left, breaches_left(breaches, waivers), unread))
    return [waiver for waiver in waivers if waiver.pk in confirmed]


def revision_require(workflow: Workflow, variant: Variant, *, seen: int | None = None) -> None:
    """The variant is as it was put forward, and as the caller saw it."""
    if variant.revision != workflow.revision:
        raise Conflict(text=messages.variant_changed(variant, workflow.revision))
    if seen is not None and seen != workflow.revision:
        raise Conflict(text=messages.revision_unseen(variant, seen))


def two_people_require(workflow: Workflow, user: User, waivers: Collection[Waiver]) -> None:
    """Where the institution asks for two people, who put it forward or wrote one of its waivers does not approve it."""
    if not workflow.job.organization.needs_two_people:
        return
    forward = put_forward_event(workflow)
    if forward is not None and forward.user_id == user.pk:
        raise Conflict(text=messages.SAME_PERSON)
    if forward is not None and _brought_by(user, forward):
        raise Conflict(text=messages.SAME_PERSON_ARCHIVE)
    if any(waiver.made_by_id == user.pk for waiver in waivers):
        raise Conflict(text=messages.SAME_PERSON_WAIVER)


def _brought_by(user: User, forward: WorkflowEvent) -> bool:
    """Whether the user read it from an archive as it was put forward elsewhere, or put it forward under an account that was not here."""
    taken_over = taken_over_of(forward.workflow_id)
    if taken_over is None or forward.created_at > taken_over.read_at:
        return False
    return user.get_username() in (taken_over.read_by, forward.user_name)


def put_forward_event(workflow: Workflow) -> WorkflowEvent | None:
    """Who put forward what is put forward now."""
    return workflow.history.filter(action="select").select_related("user").last()
