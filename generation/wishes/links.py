"""Personal links: one to answer the form, which ends with it, and one to the result, which ends by itself.

Nothing that is stored opens an answer: a link is signed with the installation's key. It names the answer's `link_key`, so that a new
one ends all links that were sent before.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse

from generation.models import WishAnswer

Purpose = Literal["answer", "result"]
SALTS: dict[Purpose, str] = {"answer": "wishes answer", "result": "wishes result"}
RESULT_DAYS = 60
RELATED = ("round__term", "round__organization", "instructor")


class Opened(NamedTuple):
    answer: WishAnswer
    purpose: Purpose


def link_token(answer: WishAnswer, purpose: Purpose = "answer") -> str:
    return signing.TimestampSigner(salt=SALTS[purpose]).sign_object([answer.pk, answer.link_key.hex])


def link_address(answer: WishAnswer, purpose: Purpose = "answer") -> str:
    """With the site, as an e-mail needs it."""
    return f"{settings.SITE_URL}{reverse('wish-link', args=[link_token(answer, purpose)])}"


def link_open(token: str) -> Opened | None:
    """The answer that the token opens; None where it is forged, too old or ended. One query."""
    for purpose, salt in SALTS.items():
        try:
            named = signing.TimestampSigner(salt=salt).unsign_object(
                token, max_age=timedelta(days=RESULT_DAYS) if purpose == "result" else None
            )
        except signing.BadSignature:
            continue
        answer = _find(named)
        return None if answer is None else Opened(answer, purpose)
    return None


def link_renew(answer: WishAnswer) -> None:
    """Ends every link to it that there is."""
    WishAnswer.objects.filter(pk=answer.pk).update(link_key=uuid.uuid4())


def _find(named: Any) -> WishAnswer | None:
    pk, key = named
    return WishAnswer.objects.select_related(*RELATED).filter(pk=pk, link_key=uuid.UUID(key)).first()
