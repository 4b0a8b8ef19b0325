"""What changed since a variant was last put forward: lectures that stand elsewhere now."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from generation.models import Entry, Snapshot, Variant, Workflow, WorkflowEvent
from generation.timetable.when import Place


@dataclass(frozen=True)
class Move:
    """A lecture that stands elsewhere than it did."""

    lecture: int
    course: str
    title: str
    section: str
    before: Place
    after: Place


@dataclass(frozen=True)
class Changes:
    """Since when, and which lectures moved; ``event`` is the putting forward that is compared with."""

    event: WorkflowEvent
    moves: tuple[Move, ...]


def snapshot_keep(*, event: WorkflowEvent, variant: Variant) -> None:
    """Stores where each lecture of the variant stands; some 100 kB for 8,000 lectures."""
    places = list(variant.entries.order_by("lecture").values_list("lecture", "day", "period", "room"))
    Snapshot.objects.create(event=event, data=zlib.compress(json.dumps(places, separators=(",", ":")).encode(), 6))


def snapshot_places(snapshot: Snapshot) -> dict[int, Place]:
    return {lecture: (day, period, room) for lecture, day, period, room in json.loads(zlib.decompress(bytes(snapshot.data)))}


def changes_since_review(workflow: Workflow) -> Changes | None:
    """What changed between the last putting forward and this one (or now, where it was sent back); None at a first review.

    Two queries and the variant's lectures.
    """
    if workflow.variant is None:
        return None
    forwards = workflow.history.filter(action="select", snapshot__isnull=False).select_related("snapshot", "user", "variant")
    earlier = list(forwards.order_by("-created_at", "-id")[:2])
    earlier = _before_now(workflow, earlier)
    if not earlier:
        return None
    before = snapshot_places(earlier[0].snapshot)
    return Changes(earlier[0], _moves(before, workflow.variant))


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
    before: dict[UUID, dict[int, Place]] = {}
    counts: dict[UUID, int] = {}
    by_variant: dict[UUID | None, UUID] = {}
    for snapshot in Snapshot.objects.filter(event__in=list(compared)):
        workflow = compared[snapshot.event_id]
        before[workflow.pk], counts[workflow.pk], by_variant[workflow.variant_id] = snapshot_places(snapshot), 0, workflow.pk
    entries = Entry.objects.filter(variant__in=list(by_variant)).order_by()
    for variant_id, lecture, *place in entries.values_list("variant", "lecture", "day", "period", "room").iterator(chunk_size=2000):
        key, after = by_variant[variant_id], tuple(place)
        counts[key] += before[key].get(lecture, after) != after
    return counts


def _moves(before: dict[int, Place], variant: Variant) -> tuple[Move, ...]:
    entries = variant.entries.order_by("lecture").values_list("lecture", "course", "title", "section", "day", "period", "room")
    found = []
    for lecture, course, title, section, day, period, room in entries:
        after = (day, period, room)
        if before.get(lecture, after) != after:
            found.append(Move(lecture, course, title, section, before[lecture], after))
    return tuple(found)
