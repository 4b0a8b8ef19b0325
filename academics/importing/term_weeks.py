"""The weeks of each term as it will be after the import, and the cells that name some of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from academics.importing.entities import ENTITIES
from academics.importing.mapping import Mapped
from academics.importing.messages import text
from academics.importing.planning import Check, Plan
from academics.models import Term, TermPart
from academics.term_weeks import TermWeeks, WeeksUnreadable, term_weeks


class WeeksCheck:
    """Reads cells of weeks, term by term."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.terms = weeks_of_terms(check)
        self._known: dict[tuple[str, str], tuple[int, WeeksUnreadable | None]] = {}

    def read(self, mapped: Mapped, row: int, term: str, column: str, words: str) -> int | None:
        """The mask of what a cell says, 0 for every week; None after a complaint."""
        if not words:
            return 0
        if (term, words) not in self._known:
            self._known[term, words] = self._read(term, words)
        mask, error = self._known[term, words]
        if error is None:
            return mask
        self.check.problems.add(mapped, row, column, words, text("weeks_unreadable", why=error.why), error.allowed)
        return None

    def understood(self, term: str, words: str) -> int | None:
        """The same without a complaint; None where nothing is said, or what is said is not understood."""
        mask, error = self._read(term, words) if words else (0, None)
        return mask if words and error is None else None

    def _read(self, term: str, words: str) -> tuple[int, WeeksUnreadable | None]:
        try:
            return self.terms.get(term, TermWeeks()).read(words), None
        except WeeksUnreadable as error:
            return 0, error


def weeks_of_terms(check: Check) -> dict[str, TermWeeks]:
    dates = Term.objects.filter(organization=check.organization).values_list("code", "starts_on", "ends_on", "week_start")
    facts: dict[str, Sequence[Any]] = {code: found for code, *found in dates}
    places = [ENTITIES["terms"].fields.index(name) for name in ("starts_on", "ends_on", "week_start")]
    for key, values in _written(check.plans.get("terms")):
        facts[key] = [values[place] for place in places]
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    stored = TermPart.objects.filter(term__organization=check.organization).order_by("id")
    for code, name, weeks in stored.values_list("term__code", "name", "weeks"):
        parts[code][name] = weeks
    for (code, name), values in _written(check.plans.get("term_parts")):
        parts[code][name] = values[0]
    return {code: _weeks(starts_on, ends_on, week_start, parts[code]) for code, (starts_on, ends_on, week_start) in facts.items()}


def _weeks(starts_on: dt.date | None, ends_on: dt.date | None, week_start: int | None, parts: dict[str, str]) -> TermWeeks:
    """Of a term without dates any week may be named, whatever was named so far."""
    found = term_weeks(starts_on=starts_on, ends_on=ends_on, week_start=week_start or 0, parts=parts.items())
    return found if found.has_dates else TermWeeks(parts=found.parts)


def _written(plan: Plan | None) -> list[tuple[Any, tuple[Any, ...]]]:
    return [] if plan is None else [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)]
