"""A variant that can be changed by hand: judged, stored with its problem, and a draft."""

from __future__ import annotations

from typing import Any

from academics.models import Organization
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.params import Profile
from generation.engine.search.annealing import Chain
from generation.engine.solve import Result, VariantResult
from generation.models import Variant
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_freeze
from generation.timetable.results import variants_evaluate, variants_write
from tests.factories.generation import JobFactory
from tests.factories.problems import place, problem_make


def editable_variant(problem: Problem | None = None, solution: Solution | None = None, **job_facts: Any) -> Variant:
    """By default C0-1 and C1-1, taught by one instructor, on Monday and Tuesday morning in R0, and C2-1 beside C0-1 in R1."""
    if problem is None:
        problem = problem_make((0, 1, 2), instructors=2, section_instructors=[[0], [0], [1]])
        solution = place(problem, [(0, 0), (4, 0), (0, 1)])
    assert solution is not None
    judged = evaluate(problem, solution)
    profile = Profile("Balanced", problem.weights)
    result = VariantResult("Balanced", profile, 1, solution, judged.score, judged.breakdown, judged.unplaced, judged.student_clashes)
    job = JobFactory(**job_facts)
    variants_write(job=job, variants=variants_evaluate(problem, Result([result], [], None, None, None, {}), certificate={"seed": 1}))
    problem_freeze(job=job, problem=problem)
    variant: Variant = job.variants.get()
    return variant


def demo_variant() -> Variant:
    """A greedy timetable of the demo university that has been loaded: the search itself has tests of its own."""
    organization = Organization.objects.get(code="demo")
    term = organization.term_set.get()
    problem = problem_load(organization=organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    return editable_variant(problem, chain.current, organization=organization, term=term)
