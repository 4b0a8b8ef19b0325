"""What the review page shows beside the week: waivers, comments, and what changed since the last review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q

from academics.ids import number_read
from generation.models import Comment, Variant, Workflow
from generation.review.changes import changes_since_review
from generation.review.gates import breaches_hard, breaches_left, waivers_valid
from generation.text.messages import constraint_label
from generation.timetable.lecture_moves import move_row
from generation.timetable.when import Clock, place_words

MOST_MOVES = 200
MOST_THREADS = 200


def comments_open(workflow: Workflow | None, variant: Variant) -> dict[int, int]:
    """How many open threads each lecture has. One query."""
    if workflow is None:
        return {}
    rows = Comment.objects.filter(workflow=workflow, variant=variant, thread=None, resolved_at=None)
    return dict(rows.order_by().values_list("lecture").annotate(Count("id")))


def comments_context(workflow: Workflow | None, variant: Variant, *, lecture: str, clocks: Sequence[Clock]) -> dict[str, Any]:
    """The variant's threads, open ones first, each with its lecture's words; ``lecture`` is the one to comment on."""
    number = number_read(lecture, max_digits=9)
    threads = _threads(workflow, variant)
    wanted = {thread.lecture for thread in threads} | ({number} if number is not None else set())
    entries = {entry.lecture: entry for entry in variant.entries.filter(lecture__in=wanted)}
    rows = [
        {"thread": thread, "entry": entries.get(thread.lecture), "place": _place_of(entries.get(thread.lecture), clocks)}
        for thread in threads
    ]
    about = entries.get(number) if number is not None else None
    return {"threads": rows, "comment_about": about, "comment_place": _place_of(about, clocks)}


def _threads(workflow: Workflow | None, variant: Variant) -> list[Comment]:
    if workflow is None:
        return []
    answers = Prefetch("answers", Comment.objects.select_related("author"))
    threads = Comment.objects.filter(workflow=workflow, variant=variant, thread=None)
    ordered = threads.annotate(is_done=Q(resolved_at__isnull=False)).order_by("is_done", "-created_at", "-id")
    return list(ordered.select_related("author", "resolved_by").prefetch_related(answers)[:MOST_THREADS])


def waivers_context(workflow: Workflow | None) -> dict[str, Any]:
    """While in review: which rules are broken, which waivers stand, and what is left to waive."""
    if workflow is None or workflow.variant is None or workflow.status != Workflow.Status.IN_REVIEW:
        return {}
    breaches = breaches_hard(workflow.variant)
    waivers = list(waivers_valid(workflow).select_related("made_by"))
    left = breaches_left(breaches, waivers)
    return {
        "waivers": [{"waiver": waiver, "label": constraint_label(waiver.constraint)} for waiver in waivers],
        "waivers_left": [{"constraint": name, "label": constraint_label(name), "amount": amount} for name, amount in sorted(left.items())],
    }


def changes_context(workflow: Workflow | None, *, clocks: Sequence[Clock]) -> dict[str, Any]:
    """The lectures that moved since the last review, in words."""
    changes = changes_since_review(workflow, most=MOST_MOVES) if workflow is not None else None
    if changes is None:
        return {}
    return {
        "changes": changes,
        "changes_rows": [move_row(move, clocks) for move in changes.moves],
        "changes_more": changes.num_moves - len(changes.moves),
    }


def _place_of(entry: Any, clocks: Sequence[Clock]) -> str:
    return place_words((entry.day, entry.period, entry.room), clocks) if entry is not None else ""
