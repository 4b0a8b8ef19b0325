"""Which published timetable holds on which days of a term.

A term's editions follow one another: each holds from its first day to the day before the next one's, so that a date has one of them and
no other. A publication from a date supersedes the editions that would begin then or later; what held before stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from academics.models import Term
from generation.dates import messages
from generation.models import PublishedEdition, Workflow

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Edition:
    """A published timetable from a day on. Both days included; empty: from the term's first, to its last."""

    job_id: str
    variant_id: str
    revision: int
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def holds_on(self, date: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= date) and (self.valid_until is None or date <= self.valid_until)


def edition_on(editions: Sequence[Edition], date: dt.date) -> Edition | None:
    """The one that holds; none before the first that was published."""
    return next((each for each in editions if each.holds_on(date)), None)


def edition_shown(editions: Sequence[Edition], date: dt.date) -> Edition:
    """The one that holds, or the first of those to come."""
    return edition_on(editions, date) or editions[0]


def editions_of(workflow: Workflow) -> tuple[Edition, ...]:
    """The editions of the term of a published workflow, in order of their days. One query.

    Where the published timetable is none of them, whoever published it knew of no dates, and it holds for the whole term.
    """
    rows = _rows(workflow) if workflow.term_id else []
    if all(row.workflow_id != workflow.pk for row in rows):
        return (Edition(str(workflow.job_id), str(workflow.variant_id), workflow.revision),)
    untils = [later.valid_from - DAY if later.valid_from else None for _, later in pairwise(rows)]
    return tuple(
        Edition(str(row.workflow_id), str(row.variant_id), row.workflow.revision, row.valid_from, until)
        for row, until in zip(rows, [*untils, None], strict=True)
    )


def _rows(workflow: Workflow) -> list[PublishedEdition]:
    """Those of timetables that were approved as they are: an archive from elsewhere may say anything."""
    rows = PublishedEdition.objects.filter(term=workflow.term_id, organization=workflow.organization_id, superseded_at=None)
    rows = rows.filter(workflow__status__in=(Workflow.Status.PUBLISHED, Workflow.Status.ARCHIVED), workflow__term=workflow.term_id)
    rows = rows.filter(workflow__variant=F("variant"), variant__revision=F("workflow__revision"))
    found = rows.select_related("workflow").only("workflow__revision", "workflow__job", "variant_id", "valid_from")
    return sorted(found, key=lambda row: row.valid_from or dt.date.min)


def valid_from_checked(term: Term | None, valid_from: dt.date | None) -> dt.date | None:
    """The day, or empty where it is the whole term; refused where the term has no such day."""
    if valid_from is None:
        return None
    if term is None or term.starts_on is None or term.ends_on is None:
        raise messages.invalid("valid_from", messages.NO_DATES)
    if valid_from > term.ends_on:
        raise messages.invalid("valid_from", messages.after_the_term(valid_from, term.ends_on))
    return None if valid_from <= term.starts_on else valid_from


def edition_begin(*, workflow: Workflow, earlier: Workflow | None, valid_from: dt.date | None, user: User) -> None:
    """The workflow's timetable holds from that day on; ``earlier`` was published until now. Callers hold the institution's row."""
    term = workflow.job.term
    start = valid_from_checked(term, valid_from)
    if term is None:
        return
    assert workflow.variant_id is not None, "what is published has a variant"
    active = PublishedEdition.objects.filter(term=term, superseded_at=None)
    facts: dict[str, Any] = {"organization_id": workflow.job.organization_id, "term": term}
    if earlier is not None and earlier.variant_id is not None and start is not None and not active.filter(workflow=earlier).exists():
        # It was published by a release that knew of no editions, for the whole term.
        active.update(superseded_at=timezone.now())
        PublishedEdition.objects.create(**facts, workflow=earlier, variant_id=earlier.variant_id, user=None)
    replaced = active if start is None else active.filter(valid_from__gte=start)
    replaced.update(superseded_at=timezone.now())
    PublishedEdition.objects.create(**facts, workflow=workflow, variant_id=workflow.variant_id, valid_from=start, user=user)
