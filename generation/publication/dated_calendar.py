"""What is published as events of calendars: a series for each lecture through the editions that have it alike, and what is otherwise.

A lecture that another edition moves ends with the day before, and goes on as a series of its own. A lecture that is cancelled on a date
leaves its series then (`EXDATE`); one that is otherwise stands in it with the time that it had (`RECURRENCE-ID`). Where only the changed
one concerns the reader (another room's calendar, another instructor's), it is an event of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from generation.dates.held import Exceptional, Held, Key, concerns, section_key
from generation.dates.words import Naming, change_words
from generation.exports.calendar_ics import LONG_AGO, Edition, Occasion, Otherwise, occasion_of, one_line, uid_made, zone_required
from generation.exports.document import Document, document_load
from generation.publication.dated_weeks import dates_of, naming_of
from generation.publication.directory import directory_of
from generation.publication.publication import Publication, variant_of
from generation.text import messages
from generation.timetable.grid import By
from generation.timetable.lectures import Lecture

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """A lecture that is the same from one day to another."""

    document: Document
    lecture: Lecture
    first: dt.date
    last: dt.date
    since: str  # the day on which it began; empty: with the first edition

    @property
    def facts(self) -> tuple[Any, ...]:
        """What is the same as long as it is the same event, and whose it is."""
        each = self.lecture
        return each.place, each.length, each.weeks, each.instructors, each.curricula, each.electives, each.title


@dataclass(frozen=True)
class Reader:
    """Whose calendar it is."""

    publication: Publication
    by: By | None
    key: str
    naming: Naming
    zone: ZoneInfo


def occasions_dated(publication: Publication, *, by: By | None, key: str) -> list[Occasion]:
    """Everything that concerns it. Raises `ExportRefused` where the term lacks what a calendar needs.

    Reads each edition once, and the exceptions of the term.
    """
    documents = [(edition, _document(publication, edition.variant_id, by, key)) for edition in publication.editions]
    zone = zone_required(documents[0][1])
    for _, document in documents[1:]:
        zone_required(document)
    reader = Reader(publication, by, key, naming_of(publication, directory_of(publication)), zone)
    first, last = publication.days.starts_on, publication.days.ends_on
    assert first is not None, "else there was no zone"
    assert last is not None, "nor then"
    stretches: dict[Key, list[Stretch]] = defaultdict(list)
    shown = [edition for edition in publication.editions if (edition.valid_until or last) >= first]
    for edition, document in documents:
        begins, ends = max(first, edition.valid_from or first), min(last, edition.valid_until or last)
        if begins <= ends:
            _add(stretches, document, begins, ends, "" if edition is shown[0] else begins.isoformat())
    of_date: dict[tuple[Key, dt.date], Exceptional] = {
        (Key(each.row.course, each.row.section, each.row.ordinal), each.row.date): each
        for each in dates_of(publication).exceptional(first, last)
    }
    return list(_occasions(reader, stretches, of_date))


def _document(publication: Publication, variant_id: str, by: By | None, key: str) -> Document:
    edition = next(each for each in publication.editions if each.variant_id == variant_id)
    names = (key, f"{key}/1", key.removesuffix("/1")) if by == "section" else (key,)
    found = [document_load(variant_of(edition), by=by, key=name, with_violations=False) for name in names[:1]]
    for name in names[1:]:  # a course's only section is called otherwise once there are more
        if not found[-1].lectures:
            found.append(document_load(variant_of(edition), by=by, key=name, with_violations=False))
    return found[-1]


def _add(stretches: dict[Key, list[Stretch]], document: Document, first: dt.date, last: dt.date, since: str) -> None:
    for lecture in document.placed:
        key = Key(lecture.course, section_key(lecture.course, lecture.section), document.ordinals[lecture.number])
        new, before = Stretch(document, lecture, first, last, since), stretches[key][-1:]
        if before and before[0].last + DAY == first and before[0].facts == new.facts:
            stretches[key][-1] = replace(before[0], last=last)
        else:
            stretches[key].append(new)


def _occasions(reader: Reader, stretches: dict[Key, list[Stretch]], of_date: dict[tuple[Key, dt.date], Exceptional]) -> Iterable[Occasion]:
    left = dict(of_date)
    for key, some in stretches.items():
        for stretch in some:
            occasion = occasion_of(
                stretch.document, stretch.lecture, reader.zone, first=stretch.first, last=stretch.last, since=stretch.since
            )
            mine = [each for (of, date), each in of_date.items() if of == key and stretch.first <= date <= stretch.last]
            for each in mine:
                left.pop((key, each.row.date), None)
            if occasion is not None:
                occasion = _with_exceptions(occasion, mine, reader)
            if occasion is not None:
                yield occasion
    for each in left.values():
        if each.actual is not None and concerns(each.actual, reader.by, reader.key):
            yield _alone(each, each.actual, reader)


def _with_exceptions(occasion: Occasion, exceptionals: list[Exceptional], reader: Reader) -> Occasion | None:
    """None where it has no time left."""
    for each in exceptionals:
        was = occasion.starts.replace(year=each.row.date.year, month=each.row.date.month, day=each.row.date.day)
        if each.actual is None or not concerns(each.actual, reader.by, reader.key):
            if not occasion.every:
                return None
            occasion = replace(occasion, excepted=tuple(sorted({*occasion.excepted, was})))
            continue
        otherwise = _otherwise(each, each.actual, was, reader)
        if occasion.every:
            occasion = replace(occasion, otherwise=(*occasion.otherwise, otherwise))
        else:  # there is no series in which it would be otherwise
            same = {name: getattr(otherwise, name) for name in ("starts", "ends", "summary", "location", "description")}
            occasion = replace(occasion, **same, until=otherwise.ends)
    return occasion


def _otherwise(each: Exceptional, actual: Lecture, was: dt.datetime, reader: Reader) -> Otherwise:
    starts, ends = (dt.time.fromisoformat(text) for text in reader.naming.hours(actual))
    people = ", ".join(reader.naming.person(code) for code in actual.instructors)
    changes = ", ".join(change_words(Held(each.date, actual, each.variant_id, True, each), reader.naming))
    is_elective = actual.is_elective(by=reader.by, key=reader.key)
    return Otherwise(
        was,
        dt.datetime.combine(each.date, starts, reader.zone),
        dt.datetime.combine(each.date, ends, reader.zone),
        one_line(messages.summary_of(actual.course, actual.title, is_elective=is_elective)),
        one_line(reader.naming.room(actual.room) if actual.room else ""),
        one_line(f"Section {actual.section}. {people}. {changes[:1].upper()}{changes[1:]}. {each.row.note}"),
    )


def _alone(each: Exceptional, actual: Lecture, reader: Reader) -> Occasion:
    row, publication = each.row, reader.publication
    words = (publication.organization, publication.term, row.course, row.section, str(row.ordinal), f"on {row.date.isoformat()}")
    one = _otherwise(each, actual, LONG_AGO, reader)
    # One that is made after another was taken back is newer than it was.
    sequence = int((row.created_at - LONG_AGO).total_seconds())
    return Occasion(
        uid_made(*words),
        one.starts,
        one.ends,
        one.ends,
        (),
        one.summary,
        one.location,
        one.description,
        0,
        edition=Edition(sequence, row.created_at.replace(microsecond=0)),
    )
