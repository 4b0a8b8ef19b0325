"""Calendars that people subscribe to by a secret link, until they revoke it.

The link's secret is made from the feed's id and the installation's key: nothing that is stored opens a feed. It stops
with the person's membership, so that somebody who left reads nothing more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from academics.models import Instructor, Organization
from academics.selectors import organizations_visible, role_in
from generation.errors import Conflict, Invalid, Missing
from generation.exports import RELEASE
from generation.exports.calendar_ics import Edition, Occasion, calendar_bytes
from generation.exports.document import ExportRefused
from generation.models import Feed
from generation.publication.calendar_editions import editions_of
from generation.publication.current import CurrentPublications, current_publications
from generation.publication.dated_calendar import occasions_dated
from generation.publication.directory import directory_of
from generation.publication.publication import Publication
from generation.timetable.grid import By

MAX_FEEDS = 100
READ_NOTED = timedelta(hours=1)
USER = Feed.By.USER
SALT = "generation.published.feeds"  # a part of every link that people have: it never changes


def feed_token(feed: Feed) -> str:
    """The link's secret part: the id and 128 bits that only this installation can make for it."""
    return base64.urlsafe_b64encode(feed.pk.bytes + _proof(feed.pk)).decode().rstrip("=")


def feed_find(token: str) -> Feed | None:
    """The feed that the token opens now, or None: forged, revoked, or its owner may no longer read. Two queries."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 32:
        return None
    feed_id = uuid.UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _proof(feed_id)):
        return None
    feed = Feed.objects.select_related("organization", "user").filter(pk=feed_id, revoked_at=None).first()
    if feed is None or not feed.user.is_active:
        return None
    may_read = feed.organization.is_public or role_in(user=feed.user, organization_id=feed.organization_id) is not None
    return feed if may_read else None


def feeds_of(*, user: User) -> QuerySet[Feed]:
    """The person's own links that work, of the organizations that they still belong to."""
    readable = Q(organization__in=organizations_visible(user=user)) | Q(organization__is_public=True)
    return Feed.objects.select_related("organization").filter(readable, user=user, revoked_at=None)


def feed_create(*, user: User, organization_code: str | None, by: str, key: str) -> tuple[Feed, bool]:
    """A link to that calendar, and whether it is new: asking again gives the same. Raises the refusals of `errors`."""
    organization = _organization(user, organization_code)
    key = "" if by == USER else key
    earlier = Feed.objects.filter(organization=organization, user=user, by=by, key=key, revoked_at=None)
    found = earlier.first()
    if found is not None:
        return found, False
    _check(user, organization, by, key)
    if feeds_of(user=user).count() >= MAX_FEEDS:
        raise Conflict("feeds_too_many", most=MAX_FEEDS)
    try:
        with transaction.atomic():
            return Feed.objects.create(organization=organization, user=user, by=by, key=key), True
    except IntegrityError:
        return earlier.get(), False  # another request was faster


def feed_revoke(*, user: User, feed_id: uuid.UUID) -> None:
    """The link opens nothing any more, and cannot come back. Somebody else's does not exist."""
    if not Feed.objects.filter(pk=feed_id, user=user, revoked_at=None).update(revoked_at=timezone.now()):
        raise Missing("feed_unknown", feed_id=str(feed_id))


def feed_read(feed: Feed) -> None:
    """Notes that somebody read it, at most once an hour. One guarded write."""
    now = timezone.now()
    Feed.objects.filter(Q(last_read_at=None) | Q(last_read_at__lt=now - READ_NOTED), pk=feed.pk).update(last_read_at=now)


def feed_label(feed: Feed) -> str:
    return feed.get_by_display() if feed.by == USER else f"{feed.get_by_display()} {feed.key}"


@dataclass(frozen=True)
class CalendarFile:
    """A calendar that is rendered only when its content is wanted."""

    name: str
    content_hash: str
    publications: tuple[Publication, ...]
    by: By
    key: str

    def content(self) -> bytes:
        if not any(directory_of(each).item(self.by, self.key) for each in self.publications):
            return calendar_bytes(self.name, ())  # whatever one may ask for: nothing of it is kept
        cache, name = caches["exports"], f"feed-{self.content_hash}"
        found: bytes | None = cache.get(name)
        if found is None:
            found = self._render()
            cache.set(name, found)
        return found

    def _render(self) -> bytes:
        occasions: list[Occasion] = []
        editions: dict[uuid.UUID, Edition] = {}
        for publication in self.publications:
            item = directory_of(publication).item(self.by, self.key)
            if item is None:
                continue
            try:
                found = occasions_dated(publication, by=self.by, key=item.key)
            except ExportRefused:
                continue  # a term without dates has no place in a calendar yet; the others have
            occasions += found
            editions |= editions_of(publication, found)
        return calendar_bytes(self.name, occasions, editions)


def calendar_of_feed(feed: Feed) -> CalendarFile:
    by, key = feed.by, feed.key
    if by == USER:
        by, key = Feed.By.INSTRUCTOR, own_code(feed.user, feed.organization) or ""
    current = current_publications(feed.organization.code)
    assert current is not None, "a feed's organization exists"
    return calendar_file(current, by=by, key=key)  # type: ignore[arg-type]


def calendar_file(current: CurrentPublications, *, by: By, key: str) -> CalendarFile:
    """The lectures of all terms that are published now; none where nothing is, so that a calendar becomes empty and is not lost."""
    publications = tuple(each for each in current.publications if each.term)
    name = f"{key}, {current.name}" if key else current.name
    # The renderer's release counts too: whoever has an older file is not told that nothing changed.
    words = (str(RELEASE), name, by, key, *(each.content_hash for each in publications))
    content_hash = hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return CalendarFile(name, content_hash, publications if key else (), by, key)


def _proof(feed_id: uuid.UUID) -> bytes:
    return salted_hmac(SALT, feed_id.hex, algorithm="sha256").digest()[:16]


def _organization(user: User, code: str | None) -> Organization:
    visible = organizations_visible(user=user)
    if code is not None:
        found = Organization.objects.filter(Q(pk__in=visible.values("pk")) | Q(is_public=True), code=code).first()
        if found is None:
            raise Missing("organization_unknown", field="organization", code=code)
        return found
    mine = list(visible[:2])
    if not mine:
        raise Invalid("organization_none", field="organization")
    if len(mine) > 1:
        raise Invalid("organization_several", field="organization", codes=", ".join(visible.values_list("code", flat=True)[:20]))
    return mine[0]


def _check(user: User, organization: Organization, by: str, key: str) -> None:
    if by == USER:
        if not own_code(user, organization):
            raise Invalid("feed_nobody", field="by", email=user.email or "none", organization=organization.name)
        return
    current = current_publications(organization.code)
    if current is None or not current.publications:
        raise Conflict("nothing_published", organization=organization.name)
    if not any(directory_of(each).item(by, key) for each in current.publications):  # type: ignore[arg-type]
        raise Invalid("feed_unknown_key", field="key", by=by, key=key, organization=organization.name)


def own_code(user: User, organization: Organization) -> str | None:
    """The instructor whose e-mail address is the user's."""
    if not user.email:
        return None
    codes = Instructor.objects.filter(organization=organization, email__iexact=user.email).values_list("code", flat=True)
    return codes.first()
