"""Which timetables still fit the data of today: worked out once for each revision of an institution's data and of a timetable.

A first answer reads the whole term, as a run does. So pages show at once what is known, work out what is small, and fetch the rest
(`generation.today.page_context`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from uuid import UUID

from django.core.cache import caches

from academics.models import CourseOffering, Period, Term
from academics.selectors import data_revision, data_revisions
from generation.engine.model.problem import Problem
from generation.errors import Conflict
from generation.models import GenerationJob, Variant, Workflow
from generation.problem.stored_problem import problem_of
from generation.retention.request import COLUMNS, problem_today
from generation.text.display_names import Naming
from generation.timetable.conflict_store import Conflicts
from generation.timetable.provenance import code_version
from generation.timetable.when import clocks_of
from generation.today import messages
from generation.today.comparison import Fit, compared

KEPT_S = 7 * 24 * 3600
RELEASE = 3  # raise it whenever a comparison says something else of the same data
SMALL_LECTURES, SMALL_STUDENTS = 1000, 3000  # so much is worked out while a page is made
# One of these for each comparison that goes on; a large institution's keeps few others waiting.
_working = tuple(threading.Lock() for _ in range(64))


def is_in_use(job: GenerationJob) -> bool:
    """Whether its timetables are open for work or published: those that were replaced are compared with nothing."""
    workflow: Workflow | None = getattr(job, "workflow", None)
    return workflow is None or workflow.status != Workflow.Status.ARCHIVED


def fits_known(variants: Iterable[Variant]) -> dict[UUID, Fit]:
    """What is known of these, against the data as they are. One small query; each needs its ``job``."""
    variants = list(variants)
    if not variants:
        return {}
    revisions = data_revisions({variant.job.organization_id for variant in variants})
    keys = {_key(variant, revisions[variant.job.organization_id]): variant.pk for variant in variants}
    found = caches["figures"].get_many(keys)
    return {keys[key]: fit for key, fit in found.items()}


def fit_of(variant: Variant) -> Fit:
    """How the variant stands to the data as they are. One small query where it is known, else some forty and the whole term."""
    revision = data_revision(variant.job.organization_id)  # before the data
    key = _key(variant, revision)
    found: Fit | None = caches["figures"].get(key)
    if found is not None:
        return found
    with _working[hash(key) % len(_working)]:  # a second request for the same waits for the first
        found = caches["figures"].get(key)
        if found is None:
            found = _fit(variant, revision)
            caches["figures"].set(key, found, KEPT_S)
    return found


def fit_at_once(variant: Variant) -> Fit | None:
    """The same where it is known, or is small enough to be worked out while somebody waits for a page."""
    known = fits_known([variant]).get(variant.pk)
    return known or (fit_of(variant) if is_small(variant) else None)


def is_small(variant: Variant) -> bool:
    lectures, students = (variant.statistics.get(name) for name in ("lectures", "students"))
    if lectures is None or students is None:
        return False  # an archive need not say it
    return bool(lectures <= SMALL_LECTURES and students <= SMALL_STUDENTS)


def problem_or_obstacle(job: GenerationJob, revision: str) -> tuple[Problem | None, str]:
    """Today's data of the job's term; or why nothing can be compared with them."""
    if job.term_id is None or not Term.objects.filter(pk=job.term_id).exists():
        return None, messages.NO_TERM
    if not Period.objects.filter(term=job.term_id).exists():
        return None, messages.NO_PERIODS
    if not CourseOffering.objects.filter(term=job.term_id).exists():
        return None, messages.NOTHING_IN_COMMON
    return problem_today(term_id=job.term_id, department_id=job.department_id, revision=revision), ""


def problem_then(job: GenerationJob) -> Problem | None:
    """What the job's timetables were evaluated against; None where an earlier release kept none."""
    try:
        return problem_of(job=job)
    except Conflict:
        return None


def _fit(variant: Variant, revision: str) -> Fit:
    problem, obstacle = problem_or_obstacle(variant.job, revision)
    if problem is None:
        return Fit(obstacle=obstacle)
    return compared(
        list(variant.entries.order_by("lecture").only(*COLUMNS)),
        earlier=problem_then(variant.job),
        problem=problem,
        broken_before=broken_before(variant),
        clocks=clocks_of(variant.job),
        naming=Naming(variant.job.organization_id),
    )


def broken_before(variant: Variant) -> set[tuple[str, int]]:
    """Rules that lectures of the variant broke already when it was last evaluated."""
    if not variant.hard:
        return set()
    return {(row["constraint"], lecture) for row in Conflicts(variant.pk, is_hard=True) for lecture in row["lectures"]}


def _key(variant: Variant, revision: str) -> str:
    return f"fits-{RELEASE}-{variant.pk}-{variant.revision}-{revision}-{code_version()}".replace(" ", "_")
