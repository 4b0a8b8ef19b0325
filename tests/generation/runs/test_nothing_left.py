"""A run with nothing left to place, and profiles that lead to one timetable: ended at once, stored once, said."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from academics.models import Term
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import Profile, SolveParams
from generation.engine.search.annealing import Chain
from generation.engine.solve import search, warm
from generation.formats.json import write_problem
from generation.models import GenerationJob, Variant
from generation.problem.builder import problem_load
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_start
from generation.timetable.results import variants_evaluate
from tests.clients import client_of, rest_of, text_of
from tests.clocks import Stopwatch
from tests.factories.editing import editable_variant
from tests.factories.university import university

pytestmark = pytest.mark.django_db
PROFILES = tuple(Profile(label, Weights()) for label in ("Balanced", "Students first", "Instructors first"))
AT_ONCE_S = 10.0  # of computing; a search takes all of its limit of 60 on each of its threads


@pytest.fixture
def term() -> Term:
    warm()
    return university()


def whole(term: Term) -> tuple[Problem, Solution]:
    problem = problem_load(organization=term.organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    assert chain.score.hard == 0
    return problem, chain.current


def earlier(term: Term) -> Variant:
    return editable_variant(*whole(term), organization=term.organization, term=term)


def pinned(problem: Problem, solution: Solution) -> Problem:
    return replace(problem, lecture_pin_slot=solution.slot.copy(), lecture_pin_room=solution.room.copy())


@pytest.mark.django_db(transaction=True)
def test_a_repair_with_nothing_broken_gives_one_variant_at_once_and_says_so(term: Term) -> None:
    variant = earlier(term)
    request = JobRequest(organization=term.organization.code, time_limit_s=60, keep="sound", keep_from=str(variant.pk))
    job = job_start(user=None, request=request, is_queued=False)
    stopwatch = Stopwatch()

    job_run(job_id=job.pk)

    assert stopwatch.took_less_than(AT_ONCE_S)
    job = GenerationJob.objects.get(pk=job.pk)
    assert job.status == GenerationJob.Status.COMPLETED
    (found,) = rest_of(term, "reviewer").get("/api/timetable/variants/", {"job_id": str(job.pk)}).json()["results"]
    assert found["note"].startswith("Nothing is broken, and nothing was left to place")
    assert "Nothing is broken, and nothing was left to place" in text_of(client_of(term, "admin").get(f"/admin/timetables/{job.pk}/review"))
    places = [list(each.entries.order_by("lecture").values_list("day", "period", "room")) for each in (variant, job.variants.get())]
    assert places[0] == places[1]


def test_the_form_says_that_nothing_is_left_to_place(term: Term) -> None:
    variant = earlier(term)

    shown = text_of(client_of(term, "admin").get("/admin/timetables/new/stays", {"keep": "sound", "keep_from": str(variant.pk)}))

    assert "Nothing is broken there today, and nothing is left to place: the run ends at once" in shown


@pytest.mark.django_db(transaction=True)
def test_the_terminal_says_that_nothing_is_left_to_place(term: Term) -> None:
    variant, shown = earlier(term), StringIO()

    options = {"keep": "sound", "keep_from": str(variant.pk), "organization": term.organization.code}
    call_command("generate", **options, stdout=shown)

    assert "Nothing is broken there today, and nothing is left to place" in shown.getvalue()


def test_a_search_without_a_choice_ends_at_once(term: Term) -> None:
    problem, solution = whole(term)
    stopwatch = Stopwatch()

    result = search(pinned(problem, solution), SolveParams(time_limit_s=60, profiles=PROFILES))

    assert stopwatch.took_less_than(AT_ONCE_S)
    assert (result.is_settled, len(result.variants), result.best.unplaced) == (True, 1, 0)


def test_solve_says_at_once_that_there_was_nothing_to_search(term: Term, tmp_path: Path) -> None:
    file, shown = tmp_path / "pinned.json", StringIO()
    file.write_text(write_problem(pinned(*whole(term))))
    stopwatch = Stopwatch()

    call_command("solve", str(file), "--time-limit", "60", stdout=shown)

    assert stopwatch.took_less_than(AT_ONCE_S)
    assert "Nothing was left to place" in shown.getvalue()


def test_profiles_that_lead_to_one_timetable_are_one_variant_that_says_so(term: Term) -> None:
    problem, solution = whole(term)
    result = search(pinned(problem, solution), SolveParams(time_limit_s=60, profiles=PROFILES[:1]))
    (only,) = result.variants
    alike = [replace(only, label=profile.label, solution=only.solution.copy()) for profile in PROFILES]
    result = replace(result, variants=alike, is_settled=False)

    (found,) = variants_evaluate(problem, result, certificate={})

    expected = "The three profiles Balanced, Students first and Instructors first led to the same timetable, which is kept once."
    assert (found.result.label, found.note) == ("Balanced", expected)
    assert np.array_equal(found.result.solution.slot, solution.slot)
