"""What is published for an organization and term, and a hash that changes with everything its pages, files and calendars show."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass, fields

from academics.models import Instructor
from generation.dates.editions import Edition, edition_shown, editions_of
from generation.dates.published import term_days
from generation.models import Entry, GenerationJob, LectureException, Variant, Workflow
from generation.text.display_names import curricula_named, rooms_named
from generation.timetable.grid import By
from generation.timetable.term_dates import TermDays, today_in
from generation.timetable.when import Clock, clocks_of

# Raise it whenever a page or file of what is published looks different, so that none of an older release is served.
RELEASE = 4
ENTRY_COLUMNS = (
    "lecture",
    "course",
    "title",
    "section",
    "instructors",
    "curricula",
    "electives",
    "size",
    "room",
    "day",
    "period",
    "length",
    "weeks",
)


@dataclass(frozen=True)
class Publication:
    """Plain facts of one published timetable."""

    organization_id: int
    organization: str
    organization_name: str
    is_public: bool
    time_zone: str
    term: str
    term_name: str
    job_id: str
    variant_id: str
    published_at: dt.datetime
    days: TermDays
    clocks: tuple[Clock, ...]
    editions: tuple[Edition, ...]
    content_hash: str = ""
    term_id: int | None = None

    def edition(self, date: dt.date | None = None) -> Edition:
        """The one that is shown on that day: it holds then, or is the first of those to come. Left out: today."""
        return edition_shown(self.editions, self.days.nearest(date or today_in(self.time_zone)))

    def variant(self, date: dt.date | None = None) -> Variant:
        """The row of that day's edition, without its long lists. One query."""
        return variant_of(self.edition(date))


def variant_of(edition: Edition) -> Variant:
    """The row, without its long lists. One query."""
    return Variant.objects.select_related("job__organization", "job__term").defer("conflicts", "certificate").get(pk=edition.variant_id)


def workflows_published(*, organization_id: int) -> list[Workflow]:
    """One a term; the current term first, then the latest."""
    workflows = Workflow.objects.filter(organization=organization_id, status=Workflow.Status.PUBLISHED)
    related = workflows.select_related("variant", "organization", "term", "job__term")
    related = related.defer("variant__conflicts", "variant__certificate", *(f"job__{name}" for name in GenerationJob.LARGE))
    return sorted(
        related,
        key=lambda each: (bool(each.term and each.term.is_current), (each.term and each.term.starts_on) or dt.date.min, each.updated_at),
        reverse=True,
    )


def publication_of(workflow: Workflow) -> Publication:
    """Reads the whole timetable once, for its hash: that of each of its editions, and what is otherwise on single dates. Eight queries."""
    organization, term, variant = workflow.organization, workflow.term, workflow.variant
    assert variant is not None, "a published workflow has a variant"
    facts = Publication(
        organization_id=organization.pk,
        organization=organization.code,
        organization_name=organization.name,
        is_public=organization.is_public,
        time_zone=organization.time_zone,
        term=term.code if term else "",
        term_name=(term.name or term.code) if term else "",
        job_id=str(workflow.job_id),
        variant_id=str(variant.pk),
        published_at=workflow.updated_at,
        days=term_days(term),
        clocks=tuple(clocks_of(workflow.job)),
        editions=editions_of(workflow),
        term_id=term.pk if term else None,
    )
    return Publication(**{f.name: getattr(facts, f.name) for f in fields(facts)} | {"content_hash": _hash(facts, variant)})


def names_of(*, organization_id: int) -> dict[By, dict[str, str]]:
    """Names by code, of instructors, curricula and student groups that have one. Three queries; e-mail addresses stay where they are."""
    people = Instructor.objects.filter(organization=organization_id).exclude(name="").order_by("code").values_list("code", "name")
    return {"instructor": dict(people), "curriculum": {code: name for code, name in curricula_named(organization_id).items() if name}}


def _hash(facts: Publication, variant: Variant) -> str:
    digest = hashlib.sha256(f"{RELEASE} {variant.revision}".encode())
    digest.update(repr(sorted(asdict(facts).items())).encode("utf-8", "surrogatepass"))
    digest.update(repr(names_of(organization_id=facts.organization_id)).encode("utf-8", "surrogatepass"))
    digest.update(repr(rooms_named(facts.organization_id)).encode("utf-8", "surrogatepass"))
    entries = Entry.objects.filter(variant__in={each.variant_id for each in facts.editions}).order_by("variant", "lecture")
    for row in entries.values_list(*ENTRY_COLUMNS).iterator(chunk_size=2000):
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    for exception in LectureException.objects.filter(term=facts.term_id, undone_at=None).order_by("pk").values_list().iterator():
        digest.update(repr(exception).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
