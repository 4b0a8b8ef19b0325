"""A run that was made already: the same data, parameters, seed and code give its result at once.

What earlier runs taught the search is left out of the comparison: it grows with every run, so that no two would ever be
the same, and it steers how fast good timetables are found, not what a good one is. A result that came about differently
than the same request would have it again (stopped, resumed, incomplete, edited by hand) is no result to hand out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.core.cache import caches
from django.db.models import Exists, OuterRef, QuerySet

from academics.selectors import data_revision
from generation.engine.model.problem import Problem, Weights
from generation.engine.params import SolveParams
from generation.models import GenerationJob, Variant
from generation.problem.builder import problem_hash, problem_load
from generation.retention.kept_places import Kept
from generation.timetable.profiles import profiles_for
from generation.timetable.provenance import code_version, run_hash

KEPT_S = 7 * 24 * 3600


def params_of(job: GenerationJob, weights: Weights, *, learned_values: Mapping[str, float]) -> SolveParams:
    """All that the job asks of the engine."""
    return SolveParams(
        time_limit_s=float(job.time_limit_s),
        seed=job.seed,
        workers=settings.JOB_WORKERS,
        profiles=profiles_for(base=weights, overrides=job.weights, num_variants=job.num_variants),
        learned_values=dict(learned_values),
    )


def reuse_key(problem: str, params: SolveParams) -> str:
    """Equal for runs of which one can stand for the other. ``problem`` is the problem's hash."""
    digest = run_hash(problem, replace(params, learned_values={}))
    return hashlib.sha256(f"{digest} {code_version()}".encode()).hexdigest()


def kept_hash(problem: str, kept: Kept) -> str:
    """The hash of a problem some of whose lectures have to stay where they are; without any, the problem's own."""
    return hashlib.sha256(f"{problem} {kept.digest()}".encode()).hexdigest() if kept.is_any else problem


def job_reusable(*, job: GenerationJob, kept: Kept) -> GenerationJob | None:
    """The newest run whose result is what this request, not filed yet, would be given; None where there is none.

    One query; only where a run looks alike, its data are compared with the present ones.
    """
    alike = [each for each in _whole_runs(job) if each.weights == job.weights]
    if not alike or job.term is None:
        return None
    key = _key_now(job, kept)
    return next((each for each in alike if each.reuse_key == key), None)


def data_hash_keep(job: GenerationJob, problem: Problem, found: str, *, revision: str) -> None:
    """Keeps the problem's hash for the requests to come; ``revision`` is the data's, read before the problem was."""
    caches["default"].set(_kept_as(job, revision), (found, problem.weights), KEPT_S)


def _key_now(job: GenerationJob, kept: Kept) -> str:
    """Quick where nothing has changed since a run or a request read the data; else reads the whole term."""
    assert job.term is not None, "a job without a term has no data"
    revision = data_revision(job.organization_id)
    known = caches["default"].get(_kept_as(job, revision))
    if known is None:
        problem = problem_load(organization=job.organization, term=job.term, department_id=job.department_id)
        known = (problem_hash(problem), problem.weights)
        data_hash_keep(job, problem, known[0], revision=revision)
    found, weights = known
    return reuse_key(kept_hash(found, kept), params_of(job, weights, learned_values={}))


def _kept_as(job: GenerationJob, revision: str) -> str:
    return f"problem-{job.term_id}-{job.department_id}-{revision}-{code_version()}".replace(" ", "")


def _whole_runs(job: GenerationJob) -> QuerySet[GenerationJob]:
    """Runs of the same request that came to their own end, with complete timetables that nobody has touched."""
    variants = Variant.objects.filter(job=OuterRef("pk"))
    runs = GenerationJob.objects.filter(
        organization=job.organization,
        term=job.term,
        department_id=job.department_id,
        time_limit_s=job.time_limit_s,
        seed=job.seed,
        num_variants=job.num_variants,
        status=GenerationJob.Status.COMPLETED,
        is_partial=False,
        attempt=1,
    )
    runs = runs.filter(Exists(variants)).exclude(Exists(variants.filter(hard__gt=0))).exclude(Exists(variants.filter(revision__gt=0)))
    return runs.exclude(reuse_key="").defer(*GenerationJob.LARGE)
