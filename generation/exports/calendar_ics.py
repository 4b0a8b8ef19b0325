"""A calendar: each lecture as a weekly event from the term's first day to its last, in the institution's time zone.

An event's UID is made of the organization, the term, the section and which of its lectures it is, so
that a calendar which has read an earlier file moves the event and does not double it.
"""

from __future__ import annotations

import datetime as dt
import re
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Event

from generation import messages
from generation.exports.document import Document, ExportRefusedError, Lecture


def render(document: Document) -> bytes:
    starts_on, ends_on, zone = _term(document)
    calendar = Calendar()
    calendar.add("prodid", "-//Timeloom//Timetable//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _one_line(document.title))
    for lecture in document.placed:
        event = _event(document, lecture, starts_on, ends_on, zone)
        if event is not None:
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _term(document: Document) -> tuple[dt.date, dt.date, ZoneInfo]:
    """The term's dates and time zone, or a refusal that names what is missing."""
    last = max((item.period + item.length for item in document.lectures if item.period is not None), default=0)
    missing = [
        word
        for word, is_there in (
            ("its first day", document.starts_on),
            ("its last day", document.ends_on),
            ("clock times", all(clock.starts_at for clock in document.clocks[:last])),
        )
        if not is_there
    ]
    if missing or document.starts_on is None or document.ends_on is None:
        raise ExportRefusedError(messages.no_term_dates(document.term_name or document.term, missing))
    try:
        zone = ZoneInfo(document.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ExportRefusedError(messages.no_such_time_zone(document.time_zone)) from error
    return document.starts_on, document.ends_on, zone


def _event(document: Document, lecture: Lecture, starts_on: dt.date, ends_on: dt.date, zone: ZoneInfo) -> Event | None:
    """None where the term has no such day at all."""
    first = starts_on + dt.timedelta(days=((lecture.day or 0) - starts_on.weekday()) % 7)
    if first > ends_on:
        return None
    event = Event()
    words = (document.organization, document.term, lecture.course, lecture.section, str(lecture.ordinal))
    event.add("uid", f"{uuid5(NAMESPACE_URL, '|'.join(words))}@timeloom")
    # No clock here: the same timetable is the same file, byte for byte.
    event.add("dtstamp", dt.datetime.combine(starts_on, dt.time(), dt.UTC))
    event.add("dtstart", _moment(first, document.starts_at(lecture), zone))
    event.add("dtend", _moment(first, document.ends_at(lecture), zone))
    until = dt.datetime.combine(ends_on, dt.time(23, 59, 59), zone).astimezone(dt.UTC)
    event.add("rrule", {"freq": "weekly", "until": until})
    event.add("summary", _one_line(f"{lecture.course} {lecture.title}"))
    event.add("location", _one_line(lecture.room))
    event.add("description", _one_line(f"Section {lecture.section}. {', '.join(lecture.instructors)}"))
    return event


def _one_line(text: str) -> str:
    """Names are one line here: a line end would begin a property of its own, and control characters are not allowed."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def _moment(day: dt.date, clock: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), zone)
