"""Why a timetable was sent back: said beside it, and asked about where it is put forward again as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from generation.models import Variant, Workflow, WorkflowEvent
from generation.review.changes import snapshot_places
from generation.timetable.lectures import places_of

Status = Workflow.Status


def rejections_of(job_ids: Collection[UUID]) -> dict[UUID, WorkflowEvent]:
    """The last sending back of each: by whom, when and why. One query, or none."""
    if not job_ids:
        return {}
    events = WorkflowEvent.objects.filter(workflow__in=job_ids, action="reject").select_related("user").order_by("created_at", "id")
    return {event.workflow_id: event for event in events}


def rejection_in_force(*, variant: Variant) -> WorkflowEvent | None:
    """The sending back of just this timetable, whichever variant or copy of it; None where a lecture stands elsewhere than then.

    Two queries; four more, with the variant's lectures, where its run or what it was copied from was sent back.
    """
    origin = variant.job.origin
    runs = {variant.job_id, *(UUID(origin[name]) for name in ("job_id", "run_id") if origin.get(name))}
    mine = Workflow.objects.filter(organization=variant.job.organization_id, pk__in=runs, status=Status.REJECTED)
    rejections = rejections_of(list(mine.values_list("pk", flat=True)))
    return next((event for event in rejections.values() if _is_as_rejected(variant, event)), None)


def _is_as_rejected(variant: Variant, event: WorkflowEvent) -> bool:
    forwards = WorkflowEvent.objects.filter(workflow=event.workflow_id, action="select", snapshot__isnull=False).select_related("snapshot")
    forward = forwards.order_by("-created_at", "-id").first()
    if forward is None:  # put forward by an early release, which kept no places
        return (variant.pk, variant.revision) == (event.variant_id, event.revision)
    return snapshot_places(forward.snapshot) == places_of(variant)


def said_on_card(status: str, events: Iterable[WorkflowEvent]) -> list[WorkflowEvent]:
    """What whoever decides next has to know: why it was sent back, and what was answered when it was put forward again."""
    done = list(events)
    rejection = next((event for event in reversed(done) if event.action == "reject"), None)
    forward = next((event for event in reversed(done) if event.action == "select"), None)
    if status == Status.REJECTED:
        return [rejection] if rejection else []
    if status == Status.IN_REVIEW:
        return [event for event in (rejection, forward) if event is not None and event.comment]
    return []
