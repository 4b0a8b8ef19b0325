"""The form of a term: opening it, whom it asks, and what there is of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from academics.models import Instructor, Term
from academics.selectors import organizations_visible
from generation.models import WishAnswer, WishRound
from generation.wishes import messages
from generation.wishes.links import RELATED

AT_ONCE = 1000


def round_of(term: Term) -> WishRound | None:
    return WishRound.objects.select_related("term", "organization").filter(term=term).first()


def round_save(*, term: Term, opens_at: dt.datetime, closes_at: dt.datetime, message: str) -> WishRound:
    """Opens the term's form, or changes when it is open and what it says; asks whoever has none yet."""
    if closes_at <= opens_at:
        raise messages.wrong("closes_at", "The form closes after it opens.")
    if len(message) > messages.MAX_TEXT:
        raise messages.text_long("message", "Message")
    with transaction.atomic():
        found, _ = WishRound.objects.update_or_create(
            term=term,
            defaults={"organization": term.organization, "opens_at": opens_at, "closes_at": closes_at, "message": message.strip()},
        )
        _ask(found)
    return found


def people_teaching(term: Term) -> QuerySet[Instructor]:
    """Who teaches in the term; all of the institution, as long as nobody is named to teach."""
    people = Instructor.objects.filter(organization=term.organization_id)
    teaching = people.filter(Q(offerings__term=term) | Q(sections__offering__term=term)).distinct()
    return teaching if teaching.exists() else people


def _ask(found: WishRound) -> None:
    missing = people_teaching(found.term).exclude(pk__in=WishAnswer.objects.filter(round=found).values("instructor"))
    rows = [WishAnswer(round=found, instructor=each) for each in missing]
    WishAnswer.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def states_counted(found: WishRound) -> Mapping[str, int]:
    """How many answers are in each state; states without any too."""
    rows = WishAnswer.objects.filter(round=found).order_by().values_list("state").annotate(number=Count("id"))
    return dict.fromkeys(WishAnswer.State.values, 0) | dict(rows)


def answers_own(*, user: User | AnonymousUser) -> QuerySet[WishAnswer]:
    """The answers of the instructors whose e-mail address is the user's, in institutions that they belong to; the newest first."""
    email = getattr(user, "email", "")
    if not email:
        return WishAnswer.objects.none()
    mine = WishAnswer.objects.filter(instructor__email__iexact=email, round__organization__in=organizations_visible(user=user))
    return mine.select_related(*RELATED).order_by("-round__closes_at", "pk")
