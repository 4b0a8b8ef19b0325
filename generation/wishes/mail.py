"""E-mails to instructors about the form: each with their own link."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from generation.models import WishAnswer, WishMail
from generation.review.notices import mails_deliver, mails_late
from generation.timetable.term_dates import zone_of
from generation.wishes.links import RELATED, link_address

Kind = WishMail.Kind
AT_ONCE = 500
SUBJECTS = {
    Kind.ASK: "Your wishes for {term}",
    Kind.REMIND: "Reminder: your wishes for {term}",
    Kind.RETURN: "Please look at your wishes for {term} again",
    Kind.RECEIPT: "What became of your wishes for {term}",
}


def mails_write(*, answers: Iterable[WishAnswer], kind: WishMail.Kind) -> int:
    """Writes an e-mail to each of these who has an address, unless the same one still waits. How many. The sweep sends them."""
    with transaction.atomic():
        them = {answer.pk: answer for answer in answers if answer.instructor.email}
        # Whoever presses the button twice, or with a colleague, waits here for the first, and finds what that one wrote.
        list(WishAnswer.objects.select_for_update().filter(pk__in=them).order_by("pk").values_list("pk"))
        waiting = WishMail.objects.filter(answer__in=them, kind=kind, status=WishMail.Status.PENDING).values_list("answer_id", flat=True)
        missing = [them[pk] for pk in them.keys() - set(waiting)]
        rows = [WishMail(answer=answer, kind=kind, email=answer.instructor.email) for answer in sorted(missing, key=lambda each: each.pk)]
        WishMail.objects.bulk_create(rows, batch_size=AT_ONCE)
    return len(rows)


def wish_mails_sweep() -> None:
    """Sends what waits, some at a time; what fails is tried again later."""
    _deliver(WishMail.objects.filter(mails_late()))


def _deliver(found: QuerySet[WishMail]) -> None:
    mails_deliver(found.select_related(*(f"answer__{path}" for path in RELATED)), mail_words)


def mail_words(mail: WishMail) -> tuple[str, str]:
    """Subject and text."""
    answer, kind = mail.answer, WishMail.Kind(mail.kind)
    found = answer.round
    term = found.term.name or found.term.code
    context = {
        "answer": answer,
        "kind": mail.kind,
        "round": found,
        "term": term,
        "closes": timezone.localtime(found.closes_at, zone_of(found.organization.time_zone)),
        "address": link_address(answer, "result" if kind == Kind.RECEIPT else "answer"),
    }
    subject = f"[Timeloom] {SUBJECTS[kind].format(term=term)} ({found.organization.name})"
    return " ".join(subject.split()), render_to_string("generation/wishes/mail.txt", context)
