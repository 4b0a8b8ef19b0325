"""A completed job whose variants are judged and whose problem is kept, without a search: bad timetables, made in no time."""

from __future__ import annotations

import numpy as np

from academics.models import Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.violations import violations
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.models import Entry, GenerationJob, Seating, Variant, Workflow
from generation.problem.builder import problem_load
from generation.problem.seating_codec import seating_pack
from generation.problem.stored_problem import problem_freeze
from generation.text.violations import violation_row
from generation.timetable.results import entries_of
from tests.factories.generation import JobFactory, VariantFactory


def solution_shifted(problem: Problem, shift: int, *, slots: int = 0) -> Solution:
    """Lecture after lecture in the next of ``slots`` timeslots (0: all), in two rooms by turns: complete, another for each shift."""
    lectures = np.arange(problem.num_lectures)
    slot = (lectures + shift) % (slots or problem.num_timeslots)
    return Solution(slot.astype(np.int32), (lectures % 2).astype(np.int32), None)


def evaluated_variant(job: GenerationJob, problem: Problem, solution: Solution, *, index: int) -> Variant:
    judged = evaluate(problem, solution)
    variant: Variant = VariantFactory(
        job=job,
        index=index,
        hard=judged.score.hard,
        soft=judged.score.soft,
        breakdown=judged.breakdown,
        conflicts=[violation_row(each) for each in violations(problem, solution)],
    )
    Seating.objects.create(variant=variant, data=seating_pack(problem, solution))
    Entry.objects.bulk_create(Entry(variant=variant, **entry) for entry in entries_of(problem, solution))
    return variant


def evaluated_job(term: Term, *, shifts: tuple[int, ...] = (0, 5), slots: int = 0) -> GenerationJob:
    """A variant for each shift; with few slots they break rules."""
    job: GenerationJob = JobFactory(organization=term.organization, term=term)
    problem = problem_load(organization=term.organization, term=term)
    problem_freeze(job=job, problem=problem)
    for index, shift in enumerate(shifts):
        evaluated_variant(job, problem, solution_shifted(problem, shift, slots=slots), index=index)
    Workflow.objects.create(job=job)
    return job
