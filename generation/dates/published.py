"""The days and editions of what is published for a term."""

from __future__ import annotations

from academics.models import Term
from generation.dates import messages
from generation.dates.editions import editions_of
from generation.dates.held import Dates
from generation.models import Workflow
from generation.timetable.term_dates import TermDays, breaks_of


def term_days(term: Term | None) -> TermDays:
    """The term as a calendar sees it. One query."""
    if term is None:
        return TermDays(None, None, 5)
    breaks = breaks_of(term.holidays.values_list("name", "starts_on", "ends_on"))
    return TermDays(term.starts_on, term.ends_on, term.num_days, breaks, term.week_start)


def dates_published(term: Term) -> Dates:
    """Raises `Conflict` where nothing is published for the term, or it has no dates. Three queries."""
    found = dates_known(term)
    if found is None:
        raise messages.conflict(messages.nothing_published(term.name or term.code))
    if not found.days.has_dates:
        raise messages.conflict(messages.NO_DATES)
    return found


def dates_known(term: Term) -> Dates | None:
    """None where nothing is published for the term. Three queries."""
    workflow = Workflow.objects.filter(organization=term.organization_id, term=term, status=Workflow.Status.PUBLISHED).first()
    if workflow is None or workflow.variant_id is None:
        return None
    return Dates(term.pk, term_days(term), editions_of(workflow))
