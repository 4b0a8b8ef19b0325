"""The review page's buttons: who sees which, what they say, and the service behind each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import Http404, QueryDict

from academics.access import roles_for
from academics.ids import number_read, numbers_read
from academics.selectors import Role
from generation.dates.messages import day_words
from generation.errors import Conflict, Invalid
from generation.models import Comment, GenerationJob, Variant, Workflow
from generation.review.comments import comment_make, comment_resolve
from generation.review.gates import put_forward_event
from generation.review.rejections import rejection_in_force
from generation.review.waivers import waiver_make, waiver_withdraw
from generation.review.workflow import variant_select, workflow_approve, workflow_publish, workflow_reject
from generation.text import labels as words
from generation.text import messages
from generation.timetable.term_dates import today_in

Status = Workflow.Status
MAX_COMMENT = 4000  # the form's own limit; nobody who uses it meets this one
MAX_OWNER = 200
# By the button's name: those of its address over REST.
ADDRESSES = {
    "select": "variant-select",
    "approve": "workflow-approve",
    "reject": "workflow-reject",
    "publish": "workflow-publish",
    "waive": "workflow-waivers",
    "withdraw": "waiver-withdraw",
    "comment": "workflow-comments",
    "resolve": "comment-resolve",
}
ROLES: dict[str, tuple[str, ...]] = {button: roles_for(address, "POST") for button, address in ADDRESSES.items()}


@dataclass(frozen=True, slots=True)
class Button:
    id: str
    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class PublicationDays:
    """From which day it may hold, where another timetable of the term is published."""

    first: dt.date
    last: dt.date
    usual: dt.date


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be done now, by this person."""

    title: str
    why: str
    actions: tuple[Button, ...] = ()
    takes_comment: bool = False
    comment_help: str = "Needed when you send it back: say what has to change."
    days: PublicationDays | None = None


def perform(action: str, *, job: GenerationJob, user: User, form: QueryDict) -> str:
    """Calls the action's service; returns what to say. Raises the service's refusal."""
    comments = _text(form, "comments")
    if action == "select":
        variant = _variant(job, form)
        variant_select(variant=variant, user=user, comments=comments)
        return f"“{variant.label}” is put forward. It now waits for the reviewer."
    workflow = Workflow.objects.select_related("variant", "job__organization").filter(job=job).first()
    if action == "comment":
        return _comment(job, workflow, user, form)
    if workflow is None:
        raise Http404
    if action == "approve":
        confirmed = numbers_read(form.getlist("waivers"))
        workflow_approve(workflow=workflow, user=user, comments=comments, waivers=confirmed, revision=number_read(form.get("revision", "")))
        return "Approved. An administrator can publish it now."
    if action == "reject":
        workflow_reject(workflow=workflow, user=user, comments=comments)
        return "Sent back, with your comment."
    if action == "publish":
        valid_from = _day(form)
        workflow_publish(workflow=workflow, user=user, comments=comments, valid_from=valid_from)
        since = f" It holds from {day_words(valid_from)}." if valid_from else ""
        return f"Published. Everybody of the institution can read it now.{since}"
    return _about_a_row(action, workflow, user, form)


def _day(form: QueryDict) -> dt.date | None:
    text = form.get("valid_from", "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(field="valid_from", text=messages.not_a_day(text)) from None


def _about_a_row(action: str, workflow: Workflow, user: User, form: QueryDict) -> str:
    """Waivers and threads."""
    if action == "waive":
        constraint, amount = form.get("constraint", ""), number_read(form.get("amount", ""))
        if amount is None:
            raise Invalid(field="amount", text=messages.WAIVER_NEEDS["amount"])
        owner = _text(form, "owner")[:MAX_OWNER]
        waiver_make(workflow=workflow, user=user, constraint=constraint, amount=amount, owner=owner, reason=_text(form, "reason"))
        return "The waiver is written. It counts once whoever approves confirms it."
    if action == "withdraw":
        waiver = workflow.waivers.filter(pk=number_read(form.get("waiver", "")) or 0).first()
        if waiver is None:
            raise Conflict(text=messages.NO_SUCH_WAIVER)
        waiver_withdraw(workflow=workflow, waiver=waiver, user=user)
        return "The waiver is withdrawn."
    thread = Comment.objects.filter(workflow=workflow, thread=None, pk=number_read(form.get("thread", "")) or 0).first()
    if thread is None:
        raise Conflict(text=messages.NO_SUCH_COMMENT)
    comment_resolve(comment=thread, user=user)
    return "Resolved."


def _comment(job: GenerationJob, workflow: Workflow | None, user: User, form: QueryDict) -> str:
    variant = None if form.get("thread") else _variant(job, form)
    comment_make(
        workflow=workflow or Workflow(job=job),
        user=user,
        text=_text(form, "text"),
        variant=variant,
        lecture=number_read(form.get("lecture", "")),
        thread_id=number_read(form.get("thread", "")) if form.get("thread") else None,
    )
    return "Your comment is kept."


def _variant(job: GenerationJob, form: QueryDict) -> Variant:
    variants = job.variants.select_related("job").defer("conflicts")
    variant = next((each for each in variants if str(each.pk) == form.get("variant")), None)
    if variant is None:
        raise Http404
    return variant


def _text(form: QueryDict, name: str) -> str:
    return form.get(name, "").replace("\0", "")[:MAX_COMMENT]  # PostgreSQL keeps no NUL


def decision(*, role: str | None, workflow: Workflow | None, shown: Variant, user: User) -> Decision:
    """The one thing to do on the review page."""
    status = workflow.status if workflow else Status.DRAFT
    if workflow is None or status in (Status.DRAFT, Status.REJECTED):
        return _decision_before(role, status, shown)
    if status in (Status.IN_REVIEW, Status.APPROVED) and workflow.variant and workflow.variant.revision != workflow.revision:
        return _decision_changed(role, workflow, workflow.variant)
    if status == Status.IN_REVIEW:
        return _decision_in_review(workflow, shown, user)
    if status == Status.APPROVED:
        return _decision_approved(role, workflow)
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
    is_answer = role == Role.ADMIN and status == Status.REJECTED and rejection_in_force(variant=shown) is not None
    if is_answer:
        why = f"“{shown.label}” is as it was then. Change it, choose another one above, or say why it should be looked at again as it is."
    if shown.hard:
        why += f" It breaks {words.count_words(shown.hard, 'rule', 'rules')}: it can be approved only with a waiver for each."
    if is_answer:
        again = Button("select", f"Put “{shown.label}” forward again", "primary")
        return Decision(
            title, why, (again,), takes_comment=True, comment_help="Needed as nothing in it has changed: your answer to the reviewer."
        )
    return Decision(title, why, (Button("select", f"Put “{shown.label}” forward", "primary"),))


def _decision_changed(role: str | None, workflow: Workflow, chosen: Variant) -> Decision:
    """Edited by hand after it was put forward: nobody approves or publishes what nobody read."""
    why = f"“{chosen.label}” was edited after it was put forward."
    back = (Button("reject", "Send back", "danger"),) if workflow.status == Status.IN_REVIEW else ()
    if role != Role.ADMIN:
        return Decision("Edited since it was put forward", f"{why} An administrator has to put it forward again.", back, bool(back))
    again = Button("select", f"Put “{chosen.label}” forward again", "primary")
    return Decision("Edited since it was put forward", f"{why} Put it forward again as it is now.", (again, *back), bool(back))


def _decision_in_review(workflow: Workflow, shown: Variant, user: User) -> Decision:
    chosen = workflow.variant
    label = chosen.label if chosen else ""
    why = f"“{label}” was put forward." if chosen == shown else f"“{label}” was put forward; you are looking at “{shown.label}”."
    back = Button("reject", "Send back", "danger")
    forward = put_forward_event(workflow)
    if workflow.job.organization.needs_two_people and forward is not None and forward.user_id == user.pk:
        return Decision("A colleague decides", f"You put “{label}” forward, and your institution requires two people.", (back,), True)
    return Decision("Approve it or send it back", why, (Button("approve", f"Approve “{label}”", "primary"), back), takes_comment=True)


def _decision_approved(role: str | None, workflow: Workflow) -> Decision:
    if role != Role.ADMIN:
        return Decision("Approved", "An administrator can publish it now.")
    days = _days(workflow)
    why = "Everybody of the institution can then read it; an earlier one is replaced."
    if days is not None:
        why = "Everybody of the institution can then read it. The timetable that is published now stays as it is for the days before."
    return Decision("Approved: publish it", why, (Button("publish", "Publish", "primary"),), days=days)


def _days(workflow: Workflow) -> PublicationDays | None:
    """Asked for where another timetable is published, and the term has days left. One query."""
    term = workflow.job.term
    if term is None or term.starts_on is None or term.ends_on is None:
        return None
    today = today_in(workflow.job.organization.time_zone)
    published = Workflow.objects.filter(organization=workflow.job.organization_id, term=term, status=Status.PUBLISHED)
    if today > term.ends_on or not published.exists():
        return None
    return PublicationDays(term.starts_on, term.ends_on, max(today, term.starts_on))
