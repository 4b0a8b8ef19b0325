"""What counts in a term that says nothing of it: a course's lectures are spread over the week, and there is a time to eat.

People change these under Rules or in the data, and switch them off there; off is something that was said. Institutions that came
in a published format (`Organization.source`) have said all there is, and nothing is added to theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Least

from academics.models import CourseOffering, Organization, Rule, Term

LUNCH_FROM, LUNCH_UNTIL = dt.time(11, 30), dt.time(13, 30)  # a period that begins then is one in which people want to eat
PAUSE = dt.timedelta(minutes=30)  # between two periods about noon: then there is time to eat whatever the timetable
PAUSE_FROM, PAUSE_UNTIL = dt.time(11), dt.time(14, 30)
ON_END = (Rule.Kind.GROUPED, Rule.Kind.CONSECUTIVE)


class Clocked(Protocol):
    @property
    def starts_at(self) -> dt.time: ...
    @property
    def ends_at(self) -> dt.time: ...
    @property
    def is_lunch(self) -> bool: ...


P = TypeVar("P", bound=Clocked)


def has_defaults(organization: Organization) -> bool:
    return not organization.source


def spread_usual(lectures: int, num_days: int) -> int:
    """Over how many days a section's weekly lectures are spread; 0: there is nothing to spread."""
    days = min(lectures, num_days)
    return days if days > 1 else 0


def lunch_usual(periods: Sequence[P]) -> list[P]:
    """The periods at noon; none where the term marks some itself, where a pause is there anyway, and where the day begins or ends then."""
    if any(period.is_lunch for period in periods):
        return []
    noon = [period for period in periods if LUNCH_FROM <= period.starts_at <= LUNCH_UNTIL]
    is_within = noon and periods[0].starts_at < noon[0].starts_at and noon[-1].starts_at < periods[-1].starts_at
    return noon if is_within and not _has_pause(periods) else []


def _has_pause(periods: Sequence[Clocked]) -> bool:
    day = dt.date(2000, 1, 1)
    for earlier, later in pairwise(periods):
        begins, ends = max(earlier.ends_at, PAUSE_FROM), min(later.starts_at, PAUSE_UNTIL)
        if begins < ends and dt.datetime.combine(day, ends) - dt.datetime.combine(day, begins) >= PAUSE:
            return True
    return False


def offerings_spread(term: Term) -> QuerySet[CourseOffering]:
    """Those with lectures to spread: over ``min_days`` where somebody said it, else over ``usual`` days. Also those switched off."""
    rules = Rule.objects.filter(term=term, is_active=True).annotate(number=Count("offerings"))
    together = rules.filter(Q(kind=Rule.Kind.SAME_DAY) | Q(kind__in=ON_END, number=1))
    links = Rule.offerings.through.objects.filter(rule__in=together.values("id"))
    rows = CourseOffering.objects.filter(term=term)
    if not has_defaults(term.organization):
        return rows.filter(min_days__gt=0)
    rows = rows.annotate(usual=Least(Coalesce(Sum("meetings__count"), 0), Value(term.num_days)))
    return rows.filter(Q(min_days__gt=0) | (Q(usual__gt=1) & ~Q(pk__in=links.values("courseoffering"))))
