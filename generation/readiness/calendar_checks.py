"""The term itself: its days, its holidays, its periods, and whether it is the current one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from academics.models import Organization, Period, Term
from generation.engine.model.text import listed
from generation.readiness.report import Record, Trouble
from generation.timetable.term_dates import zone_named
from generation.web.links import list_address, row_address


def calendar_troubles(organization: Organization, term: Term, periods: Sequence[Period]) -> Iterator[Trouble]:
    """The term's periods in their order. Three small queries."""
    yield from _dates(term)
    yield from _holidays(term)
    yield from _periods(term, periods)
    yield from _current(organization, term)
    if zone_named(organization.time_zone) is None:
        message = f"“{organization.time_zone}” is no time zone, so calendars cannot be made. Choose one as in Europe/Warsaw."
        yield Trouble("amber", "time_zone_unknown", message, (Record(organization.name, row_address("organization", organization.pk)),))


def _record(term: Term) -> tuple[Record, ...]:
    return (Record(f"Term {term.code}", row_address("term", term.pk)),)


def _dates(term: Term) -> Iterator[Trouble]:
    missing = [words for words, day in (("first", term.starts_on), ("last", term.ends_on)) if day is None]
    if missing:
        days = f"{' and '.join(missing)} day{'s' if len(missing) > 1 else ''}"
        message = f"The {days} of the term {'are' if len(missing) > 1 else 'is'} not entered: calendars cannot say when lectures are held. "
        yield Trouble("amber", "term_without_dates", f"{message}Enter them with the term.", _record(term))


def _holidays(term: Term) -> Iterator[Trouble]:
    """A holiday that the term does not touch is a slip of the pen, mostly of the year."""
    if term.starts_on is None or term.ends_on is None:
        return
    outside = [each for each in term.holidays.all() if (each.ends_on or each.starts_on) < term.starts_on or each.starts_on > term.ends_on]
    if outside:
        names = listed([str(each) for each in outside], 4)
        message = f"{names} {'lies' if len(outside) == 1 else 'lie'} outside the term, {term.starts_on} to {term.ends_on}. Check the year."
        yield Trouble("amber", "holiday_outside_term", message, _record(term))


def _periods(term: Term, periods: Sequence[Period]) -> Iterator[Trouble]:
    wrong = [(a, b) for a, b in pairwise(periods) if b.starts_at < a.ends_at]
    if wrong:
        a, b = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        message = (
            f"Period {b.index + 1} begins at {b.starts_at:%H:%M}, before period {a.index + 1} ends at {a.ends_at:%H:%M}{more}: "
            "nobody can attend both. Correct the clock times."
        )
        yield Trouble("amber", "periods_overlap", message, _record(term))


def _current(organization: Organization, term: Term) -> Iterator[Trouble]:
    """Pages show one term unless the address names another: the current one."""
    current = list(Term.objects.filter(organization=organization, is_current=True).values_list("code", flat=True))
    if len(current) > 1:
        message = (
            f"{len(current)} terms are marked as current, {listed(current, 6)}; pages show {current[0]}. Take the mark from the others."
        )
    elif not current and Term.objects.filter(organization=organization).count() > 1:
        message = "No term is marked as current, so pages show the first. Mark the one that you work on."
    else:
        return
    yield Trouble("amber", "current_term_unclear", message, (Record("Terms", list_address(organization, "term")),))
