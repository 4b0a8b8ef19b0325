"""What changed since a variant was last put forward: lectures that stand elsewhere now."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from generation.models import Snapshot, Variant, Workflow, WorkflowEvent
from generation.timetable.lecture_moves import Moved, lectures_elsewhere, num_elsewhere
from generation.timetable.lectures import lectures_of, places_of
from generation.timetable.when import Place


@dataclass(frozen=True)
class Changes:
    """Since when, how many lectures moved, and the first of them; ``event`` is the putting forward that is compared with."""

    event: WorkflowEvent
    num_moves: int
    moves: tuple[Moved, ...]


def snapshot_keep(*, event: WorkflowEvent, variant: Variant) -> None:
    """Stores where each lecture of the variant stands; some 100 kB for 8,000 lectures."""
    places = [(number, *place) for number, place in places_of(variant).items()]
    Snapshot.objects.create(event=event, data=zlib.compress(json.dumps(places, separators=(",", ":")).encode(), 6))


def snapshot_places(snapshot: Snapshot) -> dict[int, Place]:
    return {lecture: (day, period, room) for lecture, day, period, room in json.loads(zlib.decompress(bytes(snapshot.data)))}


def changes_since_review(workflow: Workflow, *, most: int) -> Changes | None:
    """What changed between the last putting forward and this one (or now, where it was sent back); None at a first review.

    Two queries, where each lecture stands, and those of the moved ones that are asked for.
    """
    if workflow.variant is None:
        return None
    forwards = workflow.history.filter(action="select", snapshot__isnull=False).select_related("snapshot", "user", "variant")
    earlier = list(forwards.order_by("-created_at", "-id")[:2])
    earlier = _before_now(workflow, earlier)
    if not earlier:
        return None
    before = snapshot_places(earlier[0].snapshot)
    elsewhere = lectures_elsewhere(before, places_of(workflow.variant))
    # Of a large timetable few lectures are shown, and what people read of all of them is most of what is stored.
    shown = lectures_of(workflow.variant, numbers=elsewhere[:most])
    return Changes(earlier[0], len(elsewhere), tuple(Moved(lecture.at(before[lecture.number]), lecture) for lecture in shown))


def _before_now(workflow: Workflow, forwards: list[WorkflowEvent]) -> list[WorkflowEvent]:
    """Without the present putting forward, which comes first."""
    is_sent_back = workflow.status in (Workflow.Status.DRAFT, Workflow.Status.REJECTED)
    return forwards if is_sent_back else forwards[1:]


def moves_counted(events: Mapping[Workflow, Sequence[WorkflowEvent]]) -> dict[UUID, int]:
    """The number of moves of `changes_since_review`, of many workflows at once; ``events``: what was done with each, in order.

    Three queries. None of a workflow whose review is its first.
    """
    forwards = {workflow: [event for event in reversed(done) if event.action == "select"] for workflow, done in events.items()}
    every = [event.pk for found in forwards.values() for event in found]
    with_places = set(Snapshot.objects.filter(event__in=every).values_list("event", flat=True)) if every else set()
    compared: dict[int, Workflow] = {}
    for workflow, found in forwards.items():
        earlier = _before_now(workflow, [event for event in found if event.pk in with_places])
        if earlier and workflow.variant_id is not None:
            compared[earlier[0].pk] = workflow
    if not compared:
        return {}
    before = {
        variant_id: snapshot_places(snapshot)
        for snapshot in Snapshot.objects.filter(event__in=list(compared))
        if (variant_id := compared[snapshot.event_id].variant_id) is not None
    }
    counts = num_elsewhere(before)
    return {workflow.pk: counts[workflow.variant_id] for workflow in compared.values() if workflow.variant_id in counts}
