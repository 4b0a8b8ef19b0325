"""One week as it really is, for files: on paper, as a table or as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from generation.dates.words import change_words
from generation.exports import document_outer
from generation.exports.document import DateMark, Document, document_load
from generation.publication.dated_weeks import dates_of, naming_of
from generation.publication.directory import directory_of
from generation.publication.publication import Publication
from generation.timetable.grid import By
from generation.timetable.term_dates import monday_of


def document_dated(publication: Publication, *, by: By | None, key: str, date: dt.date) -> Document:
    """The week that holds the date, or the term's first or last one, of everything or of one ``key``."""
    monday = monday_of(publication.days.nearest(date))
    directory = directory_of(publication)
    naming = naming_of(publication, directory)
    held = dates_of(publication).between(monday, monday + dt.timedelta(days=6), by=by, key=key)
    whole = document_outer(document_load(publication.variant(date), by=by, key=key, with_violations=False))
    lectures = tuple(each.lecture for each in held)
    return replace(
        whole,
        lectures=lectures,
        week_of=monday,
        marks={
            each.lecture: DateMark(
                each.date, each.is_held, change_words(each, naming), each.exceptional.row.note if each.exceptional else ""
            )
            for each in held
        },
        num_days=max([publication.days.num_days, *(each.date.weekday() + 1 for each in held)]),
        names={code: naming.person(code) for lecture in lectures for code in lecture.instructors},
        rooms={lecture.room: directory.rooms[lecture.room] for lecture in lectures if lecture.room in directory.rooms},
        clocks=publication.clocks if len(publication.clocks) >= len(whole.clocks) else whole.clocks,
    )
