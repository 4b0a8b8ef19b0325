"""A job's problem and its variants' solutions, kept and read back."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from django.core.management import call_command

from academics.models import Course, Organization, Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from generation.errors import Conflict
from generation.models import FrozenProblem, GenerationJob
from generation.problem.builder import problem_hash, problem_load
from generation.problem.stored_problem import problem_freeze, problem_of, problem_pack, problem_unpack, solution_of
from generation.timetable.results import variants_evaluate, variants_write
from tests.factories import JobFactory, VariantFactory
from tests.factories.problems import problem_random
from tests.generation.timetable.test_results import result_of


@pytest.fixture
def demo(db: None) -> Organization:
    call_command("demo", "--scale", "small", verbosity=0)
    return Organization.objects.get(code="demo")


@pytest.fixture
def problem(demo: Organization) -> Problem:
    return problem_load(organization=demo, term=Term.objects.get(organization=demo))


@pytest.fixture
def job(demo: Organization) -> GenerationJob:
    job: GenerationJob = JobFactory(organization=demo, term=Term.objects.get(organization=demo))
    return job


@pytest.mark.parametrize("seed", range(20))
def test_a_problem_is_read_back_equal(seed: int) -> None:
    problem = replace(problem_random(np.random.default_rng(seed)), source={"formulation": "udine2007", "rooms": ["ä", 1]})

    found = problem_unpack(problem_pack(problem))

    assert problem_hash(found) == problem_hash(problem)
    assert found.source == problem.source
    for f in fields(Problem):
        value = getattr(found, f.name)
        if isinstance(value, np.ndarray):
            assert value.dtype == getattr(problem, f.name).dtype


def test_a_variant_is_read_back_as_it_was_judged(job: GenerationJob, problem: Problem) -> None:
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable[:-3], only_clean=False)
    chain.reseat(seed=1)
    solution = chain.current
    variants_write(job=job, variants=variants_evaluate(problem, result_of(problem, solution), certificate={}))
    problem_freeze(job=job, problem=problem)

    found = solution_of(variant=job.variants.get())

    assert found.difference(solution) == 0
    assert found.seats is not None
    assert solution.seats is not None
    assert found.seats.tolist() == solution.seats.tolist()
    assert evaluate(problem_of(job=job), found) == evaluate(problem, solution)


def test_the_problem_stays_as_it_was_when_data_change(job: GenerationJob, problem: Problem) -> None:
    problem_freeze(job=job, problem=problem)
    Course.objects.all().delete()

    assert problem_hash(problem_of(job=job)) == problem_hash(problem)


def test_a_job_that_kept_none_has_it_made_again_from_unchanged_data(job: GenerationJob, problem: Problem) -> None:
    VariantFactory(job=job, certificate={"problem_hash": problem_hash(problem)})

    assert problem_hash(problem_of(job=job)) == problem_hash(problem)
    assert FrozenProblem.objects.filter(job=job).exists()


def test_a_job_that_kept_none_has_no_problem_once_data_have_changed(job: GenerationJob) -> None:
    VariantFactory(job=job, certificate={"problem_hash": "of another time"})

    with pytest.raises(Conflict, match="have changed since the run"):
        problem_of(job=job)


def test_a_second_reading_in_a_process_asks_the_database_nothing(
    job: GenerationJob, problem: Problem, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    problem_freeze(job=job, problem=problem)
    first = problem_of(job=job)

    with django_assert_num_queries(0):  # type: ignore[operator]
        assert problem_of(job=job) is first
