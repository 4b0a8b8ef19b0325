"""A stored variant, its conflicts and its ctt file agree with the judge, and with an independent validator."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from academics.models import Organization
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.params import Profile
from generation.engine.solve import Result, VariantResult
from generation.formats import ctt
from generation.models import Variant
from generation.problem.builder import problem_load
from generation.timetable.results import variants_evaluate, variants_write
from tests.factories import JobFactory, UserFactory
from tests.processes import COMMAND_S

TINY = Path(__file__).parents[2] / "data" / "tiny.ctt"


def random_solution(problem: Problem, *, seed: int) -> Solution:
    rng = np.random.default_rng(seed)
    slot = rng.integers(0, problem.num_timeslots, problem.num_lectures).astype(np.int32)
    return Solution(slot, rng.integers(0, problem.num_rooms, problem.num_lectures).astype(np.int32))


def stored_variant(file: Path) -> tuple[Variant, Problem]:
    """The instance imported, and one thrown-together timetable of it stored as a job stores its own."""
    call_command("import_data", str(file), "--organization", "udine")
    organization = Organization.objects.get(code="udine")
    job = JobFactory(organization=organization, term=organization.term_set.get())
    problem = problem_load(organization=organization, term=job.term)
    solution = random_solution(problem, seed=1)
    judged = evaluate(problem, solution)
    profile = Profile("Balanced", problem.weights)
    facts = VariantResult("Balanced", profile, 1, solution, judged.score, judged.breakdown, judged.unplaced, judged.student_clashes)
    variants_write(job=job, variants=variants_evaluate(problem, Result([facts], [], None, None, None, {}), certificate={}))
    return job.variants.get(), problem


def validated(shared_folder: Path, instance: Path, written: Path) -> tuple[int, int]:
    """Violations and penalty as the published rules' own validator counts them."""
    command = [sys.executable, str(shared_folder / "tools" / "ctt_validate.py"), str(instance), str(written)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_S).stdout
    found = re.search(r"hard=(\d+) cost=(\d+)", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


@pytest.fixture
def client(db: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(UserFactory(is_superuser=True))
    return client


@pytest.mark.both_databases
def test_conflicts_over_rest_sum_to_what_the_judge_says(client: APIClient) -> None:
    variant, problem = stored_variant(TINY)
    judged = evaluate(problem, random_solution(problem, seed=1)).score
    found = client.get(f"/api/timetable/variants/{variant.pk}/conflicts/").json()
    sums = [sum(row["amount"] for row in found["results"] if row["hard"] is hard) for hard in (True, False)]
    assert sums == [judged.hard, judged.soft] == [variant.hard, variant.soft]
    assert all(row["message"] and row["suggestion"] for row in found["results"])


@pytest.mark.both_databases
def test_ctt_file_reads_back_to_the_stored_score(client: APIClient) -> None:
    variant, problem = stored_variant(TINY)
    text = client.get(f"/api/timetable/variants/{variant.pk}/export/?as=ctt").content.decode()
    score = evaluate(problem, ctt.parse_solution(text, problem)).score
    assert (score.hard, score.soft) == (variant.hard, variant.soft)


def test_ctt_file_costs_the_published_validator_the_same(client: APIClient, shared_folder: Path, tmp_path: Path) -> None:
    instance = shared_folder / "data" / "itc2007" / "comp01.ctt"
    variant, _ = stored_variant(instance)
    written = tmp_path / "solution.txt"
    written.write_bytes(client.get(f"/api/timetable/variants/{variant.pk}/export/?as=ctt").content)
    assert validated(shared_folder, instance, written) == (variant.hard, variant.soft)
