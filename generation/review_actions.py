"""The review page's buttons: who sees which, what they say, and the service behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, QueryDict

from academics.selectors import Role
from generation import words
from generation.models import GenerationJob, Variant, Workflow
from generation.review import variant_select, workflow_approve, workflow_publish, workflow_reject

Status = Workflow.Status
MAX_COMMENT = 4000  # the form's own limit; nobody who uses it meets this one
ROLES: dict[str, tuple[str, ...]] = {
    "select": (Role.ADMIN,),
    "approve": (Role.ADMIN, Role.REVIEWER),
    "reject": (Role.ADMIN, Role.REVIEWER),
    "publish": (Role.ADMIN,),
}


@dataclass(frozen=True, slots=True)
class Button:
    id: str
    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be done now, by this person."""

    title: str
    why: str
    actions: tuple[Button, ...] = ()
    takes_comment: bool = False


def perform(action: str, *, job: GenerationJob, user: User, form: QueryDict) -> str:
    """Calls the action's service; returns what to say. Raises the service's refusal."""
    comments = form.get("comments", "").replace("\0", "")[:MAX_COMMENT]  # PostgreSQL keeps no NUL
    if action == "select":
        variant = next((each for each in job.variants.select_related("job") if str(each.pk) == form.get("variant")), None)
        if variant is None:
            raise Http404
        variant_select(variant=variant, user=user)
        return f"“{variant.label}” is put forward. It now waits for the reviewer."
    workflow = Workflow.objects.select_related("variant", "job").filter(job=job).first()
    if workflow is None:
        raise Http404
    if action == "approve":
        workflow_approve(workflow=workflow, user=user, comments=comments)
        return "Approved. An administrator can publish it now."
    if action == "reject":
        workflow_reject(workflow=workflow, user=user, comments=comments)
        return "Sent back, with your comment."
    workflow_publish(workflow=workflow, user=user, comments=comments)
    return "Published. Everybody of the institution can read it now."


def history(workflow: Workflow | None) -> list[dict[str, Any]]:
    if workflow is None:
        return []
    events = workflow.history.select_related("user", "variant")
    return [
        {
            "created_at": event.created_at,
            "user": event.user,
            "variant": event.variant,
            "comment": event.comment,
            "words": words.ACTIONS[event.action],
        }
        for event in events
    ]


def decision(*, role: str | None, workflow: Workflow | None, shown: Variant) -> Decision:
    """The one thing to do on the review page."""
    status = workflow.status if workflow else Status.DRAFT
    if status in (Status.DRAFT, Status.REJECTED):
        return _decision_before(role, status, shown)
    if status == Status.IN_REVIEW:
        return _decision_in_review(workflow, shown)
    if status == Status.APPROVED:
        return _decision_approved(role)
    if status == Status.PUBLISHED:
        return Decision(
            "This timetable is published", "Everybody of the institution can read it. A later one that you publish replaces it."
        )
    return Decision("A later timetable replaced this one", "It is kept here with its history.")


def _decision_before(role: str | None, status: str, shown: Variant) -> Decision:
    if role != Role.ADMIN:
        return Decision("Not put forward yet", "An administrator chooses a variant first; then you decide.")
    title = "Choose a variant and put it forward" if status == Status.DRAFT else "The reviewer sent it back"
    why = f"You are looking at “{shown.label}”. Choose another one in the table above, or put this one forward to the reviewer."
    if shown.hard:
        why += f" It breaks {words.count_words(shown.hard, 'rule', 'rules')}, so the reviewer cannot approve it."
    return Decision(title, why, (Button("select", f"Put “{shown.label}” forward", "primary"),))


def _decision_in_review(workflow: Workflow | None, shown: Variant) -> Decision:
    chosen = workflow.variant if workflow else None
    label = chosen.label if chosen else ""
    why = f"“{label}” was put forward." if chosen == shown else f"“{label}” was put forward; you are looking at “{shown.label}”."
    buttons = (Button("approve", f"Approve “{label}”", "primary"), Button("reject", "Send back", "danger"))
    return Decision("Approve it or send it back", why, buttons, takes_comment=True)


def _decision_approved(role: str | None) -> Decision:
    if role != Role.ADMIN:
        return Decision("Approved", "An administrator can publish it now.")
    return Decision(
        "Approved: publish it",
        "Everybody of the institution can then read it; an earlier one is replaced.",
        (Button("publish", "Publish", "primary"),),
    )
