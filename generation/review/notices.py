"""E-mails about a review: who gets one, what it says, and sending it.

A notice is a row, written in the transaction of the step that it tells of. A task sends it after the commit; where no worker takes
that up in time, or a mail server is away, the sweep tries again. So nothing that happens to an e-mail stops or undoes a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeVar

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
from generation.models import Notice, OutgoingMail, WorkflowEvent
from generation.queue import notices_send
from generation.review.gates import put_forward_event
from generation.text import messages

log = structlog.get_logger(__name__)
ATTEMPTS = 3
MOST_AT_ONCE = 200
Mail = TypeVar("Mail", bound=OutgoingMail)


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
    _deliver(Notice.objects.filter(mails_late()))


def notices_deliver(*, event_id: int) -> None:
    """Sends the notices of one step that nobody has tried yet."""
    _deliver(Notice.objects.filter(event=event_id, tried_at=None))


def _deliver(found: QuerySet[Notice]) -> None:
    related = found.select_related("event__user", "event__variant", "event__workflow__job__organization", "event__workflow__job__term")
    mails_deliver(related.defer("event__variant__conflicts"), notice_words)


def mails_late() -> Q:
    """What waits too long, or failed some time ago."""
    now = timezone.now()
    late = Q(tried_at=None, created_at__lt=now - timedelta(seconds=settings.NOTICES_LATE_S))
    return late | Q(tried_at__lt=now - timedelta(seconds=settings.NOTICES_AGAIN_S))


def mails_deliver(found: QuerySet[Mail], words: Callable[[Mail], tuple[str, str]]) -> None:
    """Sends what waits among these, over one connection; what fails is logged and kept on its row. `words` gives subject and text."""
    waiting = found.filter(status=OutgoingMail.Status.PENDING)
    mine = [notice for notice in waiting.order_by("id")[:MOST_AT_ONCE] if _claim(notice)]
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
            _send(notice, words, connection)
    finally:
        connection.close()


def _claim(mail: OutgoingMail) -> bool:
    rows = type(mail)._default_manager.filter(pk=mail.pk, status=mail.Status.PENDING, attempts=mail.attempts)
    return rows.update(attempts=F("attempts") + 1, tried_at=timezone.now()) == 1


def _send(mail: Mail, words: Callable[[Mail], tuple[str, str]], connection: BaseEmailBackend) -> None:
    """Errors of mail servers are errors of the system, too: `smtplib.SMTPException` is an `OSError`."""
    try:
        subject, body = words(mail)
        EmailMessage(subject, body, to=[mail.email], connection=connection).send()
    except (OSError, ValueError) as error:  # ValueError: an address or a line that no e-mail can hold
        _keep(mail, error)
    else:
        type(mail)._default_manager.filter(pk=mail.pk).update(status=mail.Status.SENT, error="")
        log.info("notice_sent", notice=str(mail._meta.model_name), notice_id=mail.pk)


def _keep(mail: OutgoingMail, error: Exception) -> None:
    is_last = mail.attempts + 1 >= ATTEMPTS
    log.warning("notice_not_sent", notice=str(mail._meta.model_name), notice_id=mail.pk, attempt=mail.attempts + 1, error=str(error))
    status = mail.Status.FAILED if is_last else mail.Status.PENDING
    type(mail)._default_manager.filter(pk=mail.pk).update(status=status, error=f"{type(error).__name__}: {error}"[:300])


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
