"""Weeks of the term: what names none that there are."""

from __future__ import annotations

from collections.abc import Iterator

from academics.models import Meeting, Section, Term, TermPart
from academics.selectors import TermRows
from academics.term_weeks import TermWeeks, WeeksUnreadable, says_weeks
from generation.readiness.report import Finding, Record, Trouble, troubles_grouped
from generation.web.links import row_address


def week_troubles(term: Term, rows: TermRows) -> Iterator[Trouble]:
    """Nobody knows when these lectures are held, so there is no run until they are corrected. One small query, or two."""
    yield from troubles_grouped("red", "weeks_unreadable", list(_unreadable(rows)))
    yield from troubles_grouped("amber", "part_unreadable", list(_parts(term, rows.weeks)))


def _unreadable(rows: TermRows) -> Iterator[Finding]:
    weeks, offerings = rows.weeks, {row.id: row for row in rows.offerings}
    said = [
        *((row.weeks, row.code, "courseoffering", row.id) for row in rows.offerings),
        *((row.weeks, f"Section {row.code} of {offerings[row.offering_id].code}", _model(Section), row.id) for row in rows.sections),
        *((row.weeks, f"A meeting of {offerings[row.offering_id].code}", _model(Meeting), row.id) for row in rows.meetings),
    ]
    for text, name, model, key in said:
        if text and (error := _error(weeks, text)) is not None:
            yield f"{name} has the weeks \u201c{text}\u201d. {error}", (Record(name, row_address(model, key)),)


def _parts(term: Term, weeks: TermWeeks) -> Iterator[Finding]:
    for part in TermPart.objects.filter(term=term):
        error = _error(TermWeeks(weeks.num_weeks, weeks.first_day, weeks.starts_on, weeks.ends_on, weeks.parts), part.weeks)
        if error is not None or says_weeks(part.name):
            why = str(error) if error is not None else "Its name says by itself which weeks are meant. Choose another one."
            yield f"The part {part.name} of the term has the weeks \u201c{part.weeks}\u201d. {why}", (_record(term),)


def _error(weeks: TermWeeks, text: str) -> WeeksUnreadable | None:
    try:
        weeks.read(text)
    except WeeksUnreadable as error:
        return error
    return None


def _model(model: type[Section | Meeting]) -> str:
    return str(model._meta.model_name)


def _record(term: Term) -> Record:
    return Record(f"Term {term.code}", row_address("term", term.pk))
