"""Weeks of the term in forms: what is typed is read at once, and said back with its dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from academics.admin.access import ScopedForm
from academics.models import CourseOffering, Meeting, Section, Term, TermPart
from academics.selectors import weeks_of_term
from academics.term_weeks import TermWeeks, WeeksUnreadable, term_weeks, weeks_of

NOT_SAVED = "The weeks are listed here once the term is saved with its first and last day."


class WeeksForm(ScopedForm):
    """A form with a field of weeks, whose term is known by the row itself or by the one that it hangs on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "weeks" in self.fields and self.instance.pk and self.instance.weeks and not isinstance(self.instance, Meeting | TermPart):
            self.fields["weeks"].help_text = self._read_back(str(self.fields["weeks"].help_text))

    def _read_back(self, help_text: str) -> str:
        """What stands there now, as it is understood."""
        term = _term_of(self.instance)
        if term is None:
            return help_text
        weeks = weeks_of_term(term)
        try:
            mask = weeks.read(self.instance.weeks)
        except WeeksUnreadable:
            return help_text
        return f"{help_text} Now: {weeks_dated(weeks, mask)}."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = " ".join((cleaned.get("weeks") or "").split())
        if text:
            cleaned["weeks"] = text
            term = self._term(cleaned)
            try:
                (weeks_of_term(term) if term is not None else TermWeeks()).read(text)
            except WeeksUnreadable as error:
                self.add_error("weeks", str(error))
        return cleaned

    def _term(self, cleaned: dict[str, Any]) -> Term | None:
        """Of a row that is being made, the term that is chosen for it."""
        offering = cleaned.get("offering") or self.parent
        found = cleaned.get("term") or _term_of(offering) or _term_of(self.instance)
        return found if found is not None and found.pk and found.starts_on and found.ends_on else None


class TermPartForm(WeeksForm):
    """Its weeks are those of the term as it will be saved: the dates may be changed on the same page."""

    class Meta:
        model = TermPart
        fields = ("name", "weeks")

    def _term(self, cleaned: dict[str, Any]) -> Term | None:
        return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        term = self.parent
        if cleaned.get("weeks") and isinstance(term, Term) and term.starts_on and term.ends_on and "weeks" not in self.errors:
            weeks = term_weeks(starts_on=term.starts_on, ends_on=term.ends_on, week_start=term.week_start)
            try:
                weeks.read(cleaned["weeks"])
            except WeeksUnreadable as error:
                self.add_error("weeks", str(error))
        return cleaned


def _term_of(row: Any) -> Term | None:
    if isinstance(row, CourseOffering):
        return row.term if row.term_id else None
    if isinstance(row, Section | Meeting):
        return row.offering.term if row.offering_id else None
    return None


def weeks_dated(weeks: TermWeeks, mask: int) -> str:
    """``weeks 1 to 7, 21 September to 8 November``."""
    words, listed = weeks.words(mask), weeks_of(mask or weeks.all)
    dates = [weeks.dates(week) for week in (listed[0], listed[-1])] if listed else []
    if not dates or dates[0] is None or dates[1] is None:
        return words
    return f"{words}, {day_words(dates[0][0])} to {day_words(dates[1][1])}"


def day_words(day: dt.date) -> str:
    return f"{day.day} {day:%B}"


def weeks_listed(term: Term) -> str | SafeString:
    """The numbers of a term's weeks with their dates."""
    weeks = weeks_of_term(term) if term.pk else TermWeeks()
    rows = [(number, *dates) for number in range(1, weeks.num_weeks + 1) if (dates := weeks.dates(number))]
    if not rows:
        return NOT_SAVED
    listed = format_html_join(
        "", "<li><b>{}</b> {} to {}</li>", ((number, day_words(first), day_words(last)) for number, first, last in rows)
    )
    return format_html('<ol class="term-weeks">{}</ol>', listed)
