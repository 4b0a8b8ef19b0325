"""E-mails about a review: who gets one, what it says, and sending it.

A notice is a row, written in the transaction of the step that it tells of. A task sends it after the commit; where no worker takes
that up in time, or a mail server is away, the sweep tries again. So nothing that happens to an e-mail stops or undoes a step.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from academics.models import Membership
from academics.selectors import Role
from generation.models import Notice, WorkflowEvent
from generation.queue import notices_send
from generation.review.gates import put_forward_event
from generation.text import messages

log = structlog.get_logger(__name__)
ATTEMPTS = 3
MOST_AT_ONCE = 200


def notices_write(*, event: WorkflowEvent) -> None:
    """Keeps whom to tell of the step; they are told once it is committed. Call inside its transaction."""
    people = [user for user in _people(event) if user.email and user.is_active and user.pk != event.user_id]
    if not people:
        return
    Notice.objects.bulk_create([Notice(event=event, user=user, email=user.email) for user in dict.fromkeys(people)])
    transaction.on_commit(partial(notices_send, event_id=event.pk), robust=True)


def _people(event: WorkflowEvent) -> Iterable[User]:
    """Put forward: reviewers, or the administrators where there are none. Decided: who put it forward, and administrators.
    Published: the members who asked."""
    members = Membership.objects.filter(organization=event.workflow.job.organization_id).select_related("user").order_by("id")
    admins = [member.user for member in members.filter(role=Role.ADMIN, notify_reviews=True)]
    if event.action == "select":
        reviewers = members.filter(role=Role.REVIEWER)
        return [member.user for member in reviewers if member.notify_reviews] if reviewers else admins
    if event.action in ("approve", "reject"):
        return [*_putter(event, members), *admins]
    if event.action == "publish":
        return [member.user for member in members.filter(notify_published=True)]
    return []


def _putter(event: WorkflowEvent, members: QuerySet[Membership]) -> list[User]:
    """Whoever put it forward, unless they switched notices off; a superuser need not be a member."""
    forward = put_forward_event(event.workflow)
    if forward is None or forward.user is None:
        return []
    return [] if members.filter(user=forward.user, notify_reviews=False).exists() else [forward.user]


def notices_sweep() -> None:
    """Sends what waits too long, or failed some time ago."""
    now = timezone.now()
    late = Q(tried_at=None, created_at__lt=now - timedelta(seconds=settings.NOTICES_LATE_S))
    again = Q(tried_at__lt=now - timedelta(seconds=settings.NOTICES_AGAIN_S))
    _deliver(Notice.objects.filter(late | again))


def notices_deliver(*, event_id: int) -> None:
    """Sends the notices of one step that nobody has tried yet."""
    _deliver(Notice.objects.filter(event=event_id, tried_at=None))


def _deliver(found: QuerySet[Notice]) -> None:
    """Over one connection; what fails is logged and kept on its row."""
    waiting = found.filter(status=Notice.Status.PENDING).select_related(
        "event__user", "event__variant", "event__workflow__job__organization", "event__workflow__job__term"
    )
    mine = [notice for notice in waiting.defer("event__variant__conflicts").order_by("id")[:MOST_AT_ONCE] if _claim(notice)]
    if not mine:
        return
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        for notice in mine:
            _keep(notice, error)
        return
    try:
        for notice in mine:
            _send(notice, connection)
    finally:
        connection.close()


def _claim(notice: Notice) -> bool:
    rows = Notice.objects.filter(pk=notice.pk, status=Notice.Status.PENDING, attempts=notice.attempts)
    return rows.update(attempts=F("attempts") + 1, tried_at=timezone.now()) == 1


def _send(notice: Notice, connection: BaseEmailBackend) -> None:
    """Errors of mail servers are errors of the system, too: `smtplib.SMTPException` is an `OSError`."""
    try:
        subject, body = notice_words(notice)
        EmailMessage(subject, body, to=[notice.email], connection=connection).send()
    except (OSError, ValueError) as error:  # ValueError: an address or a line that no e-mail can hold
        _keep(notice, error)
    else:
        Notice.objects.filter(pk=notice.pk).update(status=Notice.Status.SENT, error="")
        log.info("notice_sent", notice_id=notice.pk, event_id=notice.event_id)


def _keep(notice: Notice, error: Exception) -> None:
    is_last = notice.attempts + 1 >= ATTEMPTS
    log.warning("notice_not_sent", notice_id=notice.pk, attempt=notice.attempts + 1, error=str(error))
    status = Notice.Status.FAILED if is_last else Notice.Status.PENDING
    Notice.objects.filter(pk=notice.pk).update(status=status, error=f"{type(error).__name__}: {error}"[:300])


def notice_words(notice: Notice) -> tuple[str, str]:
    """Subject and text."""
    event = notice.event
    job = event.workflow.job
    term = job.term.name or job.term.code if job.term else ""
    label = event.variant.label if event.variant else ""
    is_published = event.action == "publish"
    address = reverse("published") if is_published else reverse("timetable-review", args=[job.pk])
    context = {
        "event": event,
        "who": str(event.user) if event.user else "Somebody",
        "what": messages.NOTICE_WHAT[event.action],
        "label": label,
        "term": term,
        "organization": job.organization.name,
        # What people wrote to each other about a decision is not for every reader.
        "comment": "" if is_published else event.comment,
        "quality": messages.quality_words(event.variant) if event.action == "select" and event.variant else "",
        "address": f"{settings.SITE_URL}{address}",
        "settings_address": f"{settings.SITE_URL}{reverse('notices')}",
    }
    about = ", ".join(word for word in (label, term) if word)
    subject = f"[Timeloom] {messages.NOTICE_SUBJECTS[event.action]}: {about} ({job.organization.name})"
    return " ".join(subject.split()), render_to_string("generation/reviewing/notice.txt", context)
