"""Threads of comments, each pinned to one lecture of a variant. Administrators and reviewers write and read them."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from generation.errors import Conflict, Invalid
from generation.models import Comment, Variant, Workflow
from generation.text import messages

MAX_TEXT = 4000


@transaction.atomic
def comment_make(
    *, workflow: Workflow, user: User, text: str, variant: Variant | None = None, lecture: int | None = None, thread_id: int | None = None
) -> Comment:
    """Begins a thread about a lecture of the variant, or answers in one; an answer opens a resolved thread again."""
    if workflow.status == Workflow.Status.ARCHIVED:
        raise Conflict(text=messages.COMMENT_ARCHIVED)
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise Invalid(field="text", text=messages.comment_length(len(text), MAX_TEXT))
    thread = _thread(workflow, thread_id) if thread_id is not None else None
    variant, lecture = (thread.variant, thread.lecture) if thread else (variant, lecture)
    if variant is None or variant.job_id != workflow.job_id:
        raise Invalid(field="variant_id", text=messages.COMMENT_NEEDS_VARIANT)
    if lecture is None or not variant.entries.filter(lecture=lecture).exists():
        raise Invalid(field="lecture", text=messages.no_such_lecture(lecture, variant.label, variant.entries.count()))
    Workflow.objects.get_or_create(job=workflow.job)
    if thread is not None and thread.resolved_at is not None:
        Comment.objects.filter(pk=thread.pk).update(resolved_at=None, resolved_by=None)
    return Comment.objects.create(
        workflow_id=workflow.pk, variant=variant, lecture=lecture, thread=thread, revision=variant.revision, text=text, author=user
    )


def comment_resolve(*, comment: Comment, user: User) -> Comment:
    """Marks a thread as done; a second time changes nothing."""
    Comment.objects.filter(pk=comment.pk, resolved_at=None).update(resolved_at=timezone.now(), resolved_by=user)
    comment.refresh_from_db()
    return comment


def _thread(workflow: Workflow, thread_id: int) -> Comment:
    """An answer to an answer goes into the same thread."""
    found = workflow.comments.select_related("thread__variant", "variant").filter(pk=thread_id).first()
    if found is None:
        raise Invalid(field="thread", text=messages.no_such_thread(thread_id))
    return found.thread or found
