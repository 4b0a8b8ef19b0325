"""What the demand proves: students who must have two lectures at once, whatever the timetable.

Worked out in one place, `generation.demand`, whose page shows it in full; readiness tells it shortly and leads there, so that neither
can call possible what the other calls impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.http import urlencode

from academics.models import Term
from generation.demand.tables import Argument, Demand
from generation.engine.model.text import listed
from generation.readiness.report import Finding, Record, Trouble, troubles_grouped
from generation.web.links import row_address

MOST_COURSES = 3  # linked of one reason


def clash_troubles(term: Term, demand: Demand, known: Sequence[Trouble]) -> Iterator[Trouble]:
    """Each reason once: what a band's own warning says of its courses is not said again. Without a query."""
    has_band = any(trouble.id == "band_taken_twice" for trouble in known)
    page = Record("Demand", f"{reverse('demand')}?{urlencode({'term': term.pk})}")
    for id_ in ("week", "times", "few_times", "fixed", "together"):
        arguments = [each for each in demand.arguments if each.id == id_]
        if arguments and not (id_ == "together" and has_band):
            yield from troubles_grouped("amber", f"must_clash_{id_}", [_finding(demand, each, page) for each in arguments])


def _finding(demand: Demand, argument: Argument, page: Record) -> Finding:
    more = argument.students - len(argument.names)
    who = f" ({listed([*argument.names, *([f'{more:,} more'] if more > 0 else [])], 10)})" if argument.names else ""
    message = f"{argument.message.removesuffix('.')}{who}. In every timetable they have two lectures at once. {ADVICE[argument.id]}"
    courses = [demand.courses[place] for place in argument.courses[:MOST_COURSES]] if argument.id != "week" else []
    return message, (page, *(Record(course.code, row_address("courseoffering", course.id)) for course in courses))


ADVICE = {
    "week": "Take courses away from them, or extend the week.",
    "times": "Open more times for these courses, or take one of them away.",
    "few_times": "Open more times for the two, or take one of them away.",
    "fixed": "Release one of the two, or take one of them away.",
    "together": "Lift the rule, or take one of them away.",
}
