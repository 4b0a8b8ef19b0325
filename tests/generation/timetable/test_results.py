"""What a job stores of its variants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import call_command

from academics.models import Organization, Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.seat_check import SeatingError
from generation.engine.model.solution import Solution
from generation.engine.params import Profile
from generation.engine.search.annealing import Chain
from generation.engine.solve import Result, VariantResult
from generation.problem.builder import problem_load
from generation.problem.seating_codec import seating_rows, seating_unpack
from generation.timetable.conflict_store import Conflicts
from generation.timetable.results import num_students_moved, variants_evaluate, variants_write
from tests.factories import JobFactory
from tests.factories.problems import solution_random


def result_of(problem: Problem, solution: Solution) -> Result:
    judged = evaluate(problem, solution)
    profile = Profile("Balanced", problem.weights)
    facts = VariantResult("Balanced", profile, 1, solution, judged.score, judged.breakdown, judged.unplaced, judged.student_clashes)
    return Result([facts], [], None, None, None, {})


@pytest.fixture
def demo(db: None) -> Organization:
    call_command("demo", "--scale", "small", verbosity=0)
    return Organization.objects.get(code="demo")


@pytest.fixture
def problem(demo: Organization) -> Problem:
    return problem_load(organization=demo, term=Term.objects.get(organization=demo))


def test_a_stored_variant_says_which_sections_each_student_attends(demo: Organization, problem: Problem) -> None:
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    chain.reseat(seed=1)
    solution = chain.best[1]
    job = JobFactory(organization=demo, term=Term.objects.get(organization=demo))

    variants_write(job=job, variants=variants_evaluate(problem, result_of(problem, solution), certificate={}))

    variant = job.variants.get()
    found = seating_unpack(variant.seating.data)
    assert list(found) == list(problem.names.students)
    for student, row in zip(problem.names.students, solution.attended(problem), strict=True):
        assert found[student] == [problem.names.sections[section] for section in row]
    first = problem.names.students[0]
    assert seating_rows(variant, student=first) == [{"student": first, "sections": found[first]}]
    assert {row["student"] for row in seating_rows(variant, section=found[first][0])} == {
        student for student, sections in found.items() if found[first][0] in sections
    }
    assert variant.statistics["students_moved"] == num_students_moved(problem, solution) > 0
    assert [each["amount"] for each in Conflicts(variant.pk) if each["constraint"] == "student_clash"]
    assert sum(each["amount"] for each in Conflicts(variant.pk) if not each["is_hard"]) == variant.soft


def test_a_variant_with_a_seat_out_of_order_is_not_stored(problem: Problem) -> None:
    result = result_of(problem, solution_random(problem, np.random.default_rng(1)))
    seats = problem.student_sections.indices.copy()
    seats[0] = (seats[0] + 1) % problem.num_sections
    spoiled = replace(result.variants[0], solution=replace(result.variants[0].solution, seats=seats))

    with pytest.raises(SeatingError):
        variants_evaluate(problem, replace(result, variants=[spoiled]), certificate={})
