"""From a table of lectures to a better timetable: imported, then improved by a run that keeps its sound places."""

from __future__ import annotations

import csv
import io

import pytest

from academics.models import Term
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from generation.models import GenerationJob, Variant
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_of, solution_of
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_start
from tests.factories.tables import files_import
from tests.factories.university import university

pytestmark = [pytest.mark.django_db(transaction=True)]


def held(term: Term) -> str:
    """What somebody might have by hand: two lectures are in one room at once, and the last has no row."""
    problem = problem_load(organization=term.organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    slot, room = chain.current.slot.copy(), chain.current.room.copy()
    other = next(n for n in range(1, problem.num_lectures - 1) if problem.lecture_section[n] != problem.lecture_section[0])
    slot[other], room[other] = slot[0], room[0]
    periods = list(term.periods.order_by("index"))
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["Course", "Section", "Day", "Start", "End", "Room"])
    for lecture in range(problem.num_lectures - 1):
        section, length = int(problem.lecture_section[lecture]), int(problem.lecture_length[lecture])
        day, period = divmod(int(slot[lecture]), problem.periods_per_day)
        clocks = periods[period].starts_at.isoformat("minutes"), periods[period + length - 1].ends_at.isoformat("minutes")
        name = problem.names.sections[section].removeprefix(f"{problem.names.courses[section]}/")
        writer.writerow([problem.names.courses[section], name, day + 1, *clocks, problem.names.rooms[int(room[lecture])]])
    return file.getvalue()


def test_a_run_that_keeps_sound_places_of_an_imported_timetable_is_better_and_moves_only_what_must() -> None:
    term = university()
    batch = files_import(term.organization, {"week.csv": held(term)})
    assert (batch.error, batch.problems) == ("", [])
    existing = Variant.objects.get(pk=batch.timetables[0]["variant_id"])
    assert existing.hard > 0

    request = JobRequest(
        organization=term.organization.code, time_limit_s=2, variants=1, keep="sound", keep_from=batch.timetables[0]["variant_id"]
    )
    job = job_start(user=None, request=request, is_queued=False)
    job_run(job_id=job.pk)

    job = GenerationJob.objects.get(pk=job.pk)
    made = job.variants.get()
    judged = evaluate(problem_of(job=job), solution_of(variant=made)).score
    assert (judged.hard, judged.soft) == (made.hard, made.soft)
    assert made.hard == 0 < existing.hard
    assert (job.fixed["variant_id"], job.fixed["placed_anew"]) == (str(existing.pk), 3)  # two that clashed, one without a row
    before, after = solution_of(variant=existing), solution_of(variant=made)
    assert before.difference(after) <= 3
