"""A calendar: each lecture as a weekly event through the term, in the institution's time zone, without its holidays. One that is held in
some weeks only repeats from the first of them to the last, without those in between.

An event's UID is made of the organization, the term, the section and which of its lectures it is, so
that a calendar which has read an earlier file moves the event and does not double it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from generation.exports.document import Document, ExportRefused
from generation.exports.time_zone_ics import zone_component
from generation.text import messages
from generation.timetable.lectures import Lecture
from generation.timetable.term_dates import zone_named

ASK_AGAIN = dt.timedelta(hours=1)  # suggested to whoever subscribes
DAY = dt.timedelta(days=1)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Edition(NamedTuple):
    """How often an event has changed since it was first published, and when it did last."""

    sequence: int = 0
    modified_at: dt.datetime | None = None


@dataclass(frozen=True)
class Otherwise:
    """One time of an occasion that is not as the others."""

    instead_of: dt.datetime
    starts: dt.datetime
    ends: dt.datetime
    summary: str
    location: str
    description: str


@dataclass(frozen=True)
class Occasion:
    """A lecture as a calendar has it: its first time, the end of the term, and the weeks in which it is not held."""

    uid: UUID
    starts: dt.datetime
    ends: dt.datetime
    until: dt.datetime
    excepted: tuple[dt.datetime, ...]
    summary: str
    location: str
    description: str
    every: int = 1  # so many weeks; 0: it does not repeat
    otherwise: tuple[Otherwise, ...] = ()
    edition: Edition | None = None  # of its own; else the caller knows it


def render(document: Document) -> bytes:
    return calendar_bytes(document.title, occasions_of(document))


def calendar_bytes(name: str, occasions: Iterable[Occasion], editions: Mapping[UUID, Edition] | None = None) -> bytes:
    """The file. No clock here: the same timetable is the same file, byte for byte."""
    calendar = Calendar()
    calendar.add("prodid", "-//Timeloom//Timetable//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    held = list(occasions)
    for occasion in held:
        edition = occasion.edition or (editions or {}).get(occasion.uid, Edition())
        calendar.add_component(_event(occasion, edition))
        for each in occasion.otherwise:
            calendar.add_component(_otherwise(occasion.uid, each, edition))
    if held:
        # Of the term only: readers differ in what they make of the long lists that fifty years of summer times need.
        first = min(each for occasion in held for each in (occasion.starts, *(one.starts for one in occasion.otherwise)))
        last = max(each for occasion in held for each in (occasion.until, *(one.ends for one in occasion.otherwise)))
        for tzid in sorted(calendar.get_missing_tzids()):
            calendar.subcomponents.insert(0, zone_component(tzid, first.date() - DAY, last.date() + DAY))
    return bytes(calendar.to_ical())


def occasions_of(document: Document) -> Iterator[Occasion]:
    """Raises `ExportRefused` where the term lacks what a calendar needs; lectures that no date is left for are left out."""
    zone = zone_required(document)
    assert document.starts_on is not None, "else there was no zone"
    assert document.ends_on is not None, "nor then"
    for lecture in document.placed:
        occasion = occasion_of(document, lecture, zone, first=document.starts_on, last=document.ends_on)
        if occasion is not None:
            yield occasion


def zone_required(document: Document) -> ZoneInfo:
    """The institution's time zone, or a refusal that names what the term is missing."""
    last = max((lecture.end for lecture in document.placed), default=0)
    missing = [
        word
        for word, is_there in (
            ("its first day", document.starts_on),
            ("its last day", document.ends_on),
            ("clock times", all(clock.starts_at for clock in document.clocks[:last])),
        )
        if not is_there
    ]
    if missing:
        raise ExportRefused(text=messages.no_term_dates(document.term_name or document.term, missing))
    zone = zone_named(document.time_zone)
    if zone is None:
        raise ExportRefused(text=messages.no_such_time_zone(document.time_zone))
    return zone


def occasion_of(document: Document, lecture: Lecture, zone: ZoneInfo, *, first: dt.date, last: dt.date, since: str = "") -> Occasion | None:
    """The lecture between two days of the term; None where it has no date then. ``since``: a day, where it was otherwise before."""
    weekly = (day for day in document.days.weekly(lecture.day or 0) if lecture.is_in(document.days.weeks.number(day)))
    dates = [day for day in weekly if first <= day <= last and not document.days.break_on(day)]
    if not dates:
        return None
    begins, ends = dt.time.fromisoformat(document.starts_at(lecture)), dt.time.fromisoformat(document.ends_at(lecture))
    people = ", ".join(document.names.get(code, code) for code in lecture.instructors)
    every, until, missed = _repetition(document, lecture, dates, last)
    return Occasion(
        uid=uid_of(document, lecture, since),
        starts=dt.datetime.combine(dates[0], begins, zone),
        ends=dt.datetime.combine(dates[0], ends, zone),
        until=dt.datetime.combine(until, dt.time(23, 59, 59), zone),
        excepted=tuple(dt.datetime.combine(day, begins, zone) for day in missed),
        summary=one_line(messages.summary_of(lecture.course, lecture.title, is_elective=document.is_elective(lecture))),
        location=one_line(document.place(lecture).full),
        description=one_line(f"Section {lecture.section}. {people}"),
        every=every,
    )


def uid_of(document: Document, lecture: Lecture, since: str = "") -> UUID:
    # A course's only section is called as the course, and stays the same event when it becomes the first of several.
    section = lecture.course if lecture.section == f"{lecture.course}/1" else lecture.section
    words = (document.organization, document.term, lecture.course, section, str(document.ordinals[lecture.number]))
    return uid_made(*words, *([since] if since else []))


def uid_made(*words: str) -> UUID:
    return uuid5(NAMESPACE_URL, "|".join(words))


def _repetition(document: Document, lecture: Lecture, dates: list[dt.date], last: dt.date) -> tuple[int, dt.date, list[dt.date]]:
    """Every how many weeks, until when, and the dates between that are left out."""
    if not lecture.weeks:
        return 1, last, [day for day in document.days.free_dates(lecture.day or 0) if dates[0] < day <= last]
    every = math.gcd(*((later - earlier).days // 7 for earlier, later in pairwise(dates)))
    held = set(dates)
    between = (dates[0] + dt.timedelta(days=7 * every * step) for step in range((dates[-1] - dates[0]).days // (7 * every) if every else 0))
    return every, dates[-1], [day for day in between if day not in held]


def _stamped(uid: UUID, edition: Edition) -> Event:
    event = Event()
    modified = edition.modified_at or LONG_AGO
    event.add("uid", f"{uid}@timeloom")
    event.add("dtstamp", modified)
    event.add("sequence", edition.sequence)
    if edition.modified_at is not None:
        event.add("last-modified", modified)
    return event


def _event(occasion: Occasion, edition: Edition) -> Event:
    event = _stamped(occasion.uid, edition)
    event.add("dtstart", occasion.starts)
    event.add("dtend", occasion.ends)
    # The end of the repetition is a moment in UTC where the start has a time zone (RFC 5545, 3.3.10).
    rule = {"freq": "weekly", "until": occasion.until.astimezone(dt.UTC)}
    if occasion.every:
        event.add("rrule", rule | ({"interval": occasion.every} if occasion.every > 1 else {}))
    if occasion.excepted:
        event.add("exdate", list(occasion.excepted))
    event.add("summary", occasion.summary)
    event.add("location", occasion.location)
    event.add("description", occasion.description)
    return event


def _otherwise(uid: UUID, each: Otherwise, edition: Edition) -> Event:
    """One time of a series: the same event, with the time that it has in the series."""
    event = _stamped(uid, edition)
    event.add("recurrence-id", each.instead_of)
    event.add("dtstart", each.starts)
    event.add("dtend", each.ends)
    event.add("summary", each.summary)
    event.add("location", each.location)
    event.add("description", each.description)
    return event


def one_line(text: str) -> str:
    """Names are one line here: a line end would begin a property of its own, and control characters are not allowed."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
