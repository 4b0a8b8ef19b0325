"""What changed since a variant was last put forward: lectures that stand elsewhere now."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

from generation.models import Snapshot, Variant, Workflow, WorkflowEvent

Place = tuple[int | None, int | None, str]  # day, period, room


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
    if workflow.status in (Workflow.Status.IN_REVIEW, Workflow.Status.APPROVED, Workflow.Status.PUBLISHED, Workflow.Status.ARCHIVED):
        earlier = earlier[1:]  # the first is the present one
    if not earlier:
        return None
    before = snapshot_places(earlier[0].snapshot)
    return Changes(earlier[0], _moves(before, workflow.variant))


def _moves(before: dict[int, Place], variant: Variant) -> tuple[Move, ...]:
    entries = variant.entries.order_by("lecture").values_list("lecture", "course", "title", "section", "day", "period", "room")
    found = []
    for lecture, course, title, section, day, period, room in entries:
        after = (day, period, room)
        if before.get(lecture, after) != after:
            found.append(Move(lecture, course, title, section, before[lecture], after))
    return tuple(found)
