"""How often each lecture's event has changed since it was first published, so that calendars notice what moved and only that.

Brought up to date when a calendar is asked for after a change; between two askings nobody has seen a change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from generation.exports.calendar_ics import Edition, Occasion
from generation.models import CalendarEvent, PublishedCalendar
from generation.publication.dated_calendar import occasions_dated
from generation.publication.publication import Publication

BATCH = 2000


def editions_of(publication: Publication, occasions: Iterable[Occasion]) -> dict[UUID, Edition]:
    """The state of each of these events. After a change it reads the whole timetable once, and writes what differs."""
    calendar = _up_to_date(publication)
    rows = CalendarEvent.objects.filter(calendar=calendar, uid__in=[occasion.uid for occasion in occasions])
    return {uid: Edition(sequence, modified_at) for uid, sequence, modified_at in rows.values_list("uid", "sequence", "modified_at")}


def _up_to_date(publication: Publication) -> PublishedCalendar:
    variant = publication.variant()
    term = variant.job.term
    assert term is not None, "calendars are of terms"
    calendar, _ = PublishedCalendar.objects.get_or_create(term=term)
    if calendar.content_hash != publication.content_hash:
        with transaction.atomic():
            calendar = PublishedCalendar.objects.select_for_update().get(pk=calendar.pk)
            if calendar.content_hash != publication.content_hash:
                _tell(calendar, occasions_dated(publication, by=None, key=""))
                calendar.content_hash = publication.content_hash
                calendar.save(update_fields=["content_hash"])
    return calendar


def _tell(calendar: PublishedCalendar, occasions: list[Occasion]) -> None:
    known = {row.uid: row for row in CalendarEvent.objects.filter(calendar=calendar)}
    now, new, changed = timezone.now().replace(microsecond=0), [], []
    for occasion in occasions:
        row, fingerprint = known.get(occasion.uid), _fingerprint(occasion)
        if row is None:
            new.append(CalendarEvent(calendar=calendar, uid=occasion.uid, fingerprint=fingerprint, modified_at=now))
        elif row.fingerprint != fingerprint:
            row.fingerprint, row.sequence, row.modified_at = fingerprint, row.sequence + 1, now
            changed.append(row)
    CalendarEvent.objects.bulk_create(new, batch_size=BATCH)
    CalendarEvent.objects.bulk_update(changed, ["fingerprint", "sequence", "modified_at"], batch_size=200)


def _fingerprint(occasion: Occasion) -> str:
    moments = [occasion.starts, occasion.ends, occasion.until, *occasion.excepted]
    words = [str(occasion.starts.tzinfo), *(moment.isoformat() for moment in moments)]
    words += [f"every {occasion.every} weeks"] if occasion.every != 1 else []
    words += [repr(each) for each in occasion.otherwise]
    text = "\n".join([*words, occasion.summary, occasion.location, occasion.description])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
