"""A job from claim to end: success, every stage failing, cancel and stop at every safe point, redelivery."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from academics.long_work import LeaseWatch
from academics.models import Instructor, Room, Term
from generation.engine import solve
from generation.engine.bounds import lower_bound
from generation.engine.model.solution import Score
from generation.engine.observer import Facts
from generation.engine.params import STAGES as ENGINE_STAGES
from generation.engine.solve import Context, KernelDisagreementError, SearchState
from generation.models import Entry, GenerationJob, LearnedValues, Variant, Workflow
from generation.problem.builder import problem_hash, problem_load
from generation.runs import saga
from generation.runs.lease import Lease
from generation.runs.recovery import jobs_sweep
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_cancel, job_start, job_stop
from generation.text.messages import WAITING
from generation.text.phrases import CODES
from generation.text.violations import violation_text
from generation.timetable.conflict_store import Conflicts
from tests.factories import JobFactory
from tests.factories.university import university
from tests.generation.toy_engine import STAGES_OF_TOY, toy_stages
from tests.processes import SOON_S

pytestmark = pytest.mark.django_db(transaction=True)
Status = GenerationJob.Status
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.JOB_REQUEST_POLL_S = 0.02
    settings.JOB_CHECKPOINT_S = 0
    settings.PROGRESS_ROW_S = 0
    ready: Future[None] = Future()
    ready.set_result(None)
    monkeypatch.setattr(saga, "kernels_ready", lambda: ready)
    monkeypatch.setattr(lower_bound, "LIMIT_S", 0.05)  # how good a bound is, is another module's; it would take longer than all the rest
    with toy_stages():
        yield


def a_job(term: Term | None = None, **facts: Any) -> GenerationJob:
    term = term or university()
    request = JobRequest(organization=term.organization.code, **facts)
    return job_start(user=None, request=request, is_queued=False)


def run(job: GenerationJob) -> GenerationJob:
    job_run(job_id=job.id)
    return GenerationJob.objects.get(id=job.id)


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def silent_jobs_swept(*, between: Callable[[], object] = lambda: None) -> None:
    """By two rounds, longer than a lease apart."""
    now = iter((0.0, 1000.0))
    sightings = LeaseWatch(lambda: next(now))
    jobs_sweep(sightings)
    between()
    jobs_sweep(sightings)


def lease_renew(job: GenerationJob) -> int:
    return GenerationJob.objects.filter(id=job.id).update(lease_expires_at=timezone.now() + timedelta(seconds=20))


def wait_for_end(context: Context) -> None:
    eventually(lambda: context.stop.reason())


def test_a_run_stores_three_judged_variants_with_their_lectures() -> None:
    job = run(a_job())

    assert (job.status, job.error, job.is_partial) == (Status.COMPLETED, "", False)
    variants = list(job.variants.all())
    assert [variant.label for variant in variants] == ["Balanced", "Students first", "Instructors first"]
    for variant in variants:
        assert sum(row["amount"] for row in Conflicts(variant.pk) if row["is_hard"]) == variant.hard == 0
        assert sum(row["amount"] for row in Conflicts(variant.pk) if not row["is_hard"]) == variant.soft
        assert sum(variant.breakdown.values()) == variant.hard + variant.soft
        assert variant.entries.count() == variant.statistics["lectures"] == 12
        assert variant.certificate["input_hash"] == job.input_hash
    assert Workflow.objects.get(job=job).status == Workflow.Status.DRAFT
    assert (job.progress["status"], job.progress["overall_progress"]) == ("completed", 100.0)


def test_entries_carry_the_words_of_the_data() -> None:
    job = run(a_job(variants=1))

    entry = Entry.objects.get(variant__job=job, lecture=0)
    assert (entry.course, entry.title, entry.section, entry.instructors, entry.curricula) == ("C0", "Course 0", "C0", ["I0"], ["Q0"])
    assert (entry.room, entry.day, entry.period, entry.size) == ("R0", 0, 0, 20)


def test_variants_that_hardly_differ_say_so() -> None:
    job = run(a_job(variants=2))

    notes = [variant.note for variant in job.variants.all()]
    assert notes[0] == ""
    assert "only 1 of 12 placements" in notes[1]


def test_what_a_run_learned_is_kept_and_part_of_the_next_runs_hash() -> None:
    term = university()
    first = run(a_job(term))
    second = run(a_job(term))
    assert LearnedValues.objects.get(organization=term.organization).values == {"seen": 1.0}
    assert first.input_hash != second.input_hash


def test_a_refused_run_is_explained_after_its_end() -> None:
    term = university(num_meetings=7, num_courses=6, num_instructors=6, num_rooms=6)
    job = run(a_job(term))

    assert job.status == Status.FAILED
    assert job.explanation["verdict"] == "impossible"
    assert job.explanation["headline"].startswith("Curriculum Q")
    assert job.explanation["arithmetic"][0] in job.error
    stated = job.explanation["statements"]
    assert stated["headline"]["values"]["curriculum"]["curriculum"].startswith("Q")
    assert len(stated["arithmetic"]) == len(job.explanation["arithmetic"])


def one_left_out(context: Context, state: SearchState) -> None:
    STAGES_OF_TOY["cpsat_solving"](context, state)
    assert state.base is not None
    state.base.slot[0] = state.base.room[0] = -1


def test_a_lecture_that_the_search_left_out_is_placed_where_it_fits() -> None:
    job = a_job(variants=1)
    with toy_stages(cpsat_solving=one_left_out):
        job = run(job)

    assert [row for row in Conflicts(job.variants.get().pk) if row["constraint"] == "unplaced"] == []
    assert (job.status, job.explanation) == (Status.COMPLETED, {})


def test_an_incomplete_run_says_of_each_lecture_what_blocks_it_and_that_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    # The toy university has room for all; an incomplete timetable of it comes about only without the last pass.
    monkeypatch.setattr(solve, "with_all_that_fit", lambda problem, solution, seed: solution)
    job = a_job(variants=1)
    with toy_stages(cpsat_solving=one_left_out):
        job = run(job)

    (row,) = [row for row in Conflicts(job.variants.get().pk) if row["constraint"] == "unplaced"]
    text = violation_text(row, CODES)
    assert "of the week's " in text.message
    assert text.suggestion.startswith("It fits on ")
    assert (job.status, job.explanation["verdict"], job.explanation["members"]) == (Status.COMPLETED, "possible", [])


def test_a_complete_run_needs_no_explanation() -> None:
    job = run(a_job(variants=1))
    assert (job.explanation, job.variants.get().statistics["lower_bound"]) == ({}, job.variants.get().certificate["lower_bound"])


@pytest.mark.parametrize("stage", ENGINE_STAGES)
def test_a_failing_stage_ends_in_row_and_progress_with_a_reason(stage: str) -> None:
    def broken(context: Context, state: SearchState) -> None:
        raise ZeroDivisionError("secret detail")

    job = a_job()
    with toy_stages(**{stage: broken}), pytest.raises(ZeroDivisionError):
        run(job)

    job.refresh_from_db()
    assert job.status == job.progress["status"] == Status.FAILED
    assert job.error == job.progress["metadata"]["error"]
    assert "Nothing was kept" in job.error
    assert "secret" not in job.error
    assert (job.checkpoint, job.lease_expires_at) == (None, None)
    assert not Variant.objects.filter(job=job).exists()


@pytest.mark.parametrize("where", ["problem_load", "finish", "variants_write"])
def test_failing_to_load_or_to_save_keeps_nothing(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk")

    job = a_job()
    monkeypatch.setattr(saga, where, broken)
    with pytest.raises(OSError, match="disk"):
        run(job)

    job.refresh_from_db()
    assert job.status == job.progress["status"] == Status.FAILED
    assert not Variant.objects.filter(job=job).exists()
    assert not Workflow.objects.filter(job=job).exists()


def test_a_crash_in_the_middle_of_saving_leaves_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job()

    def crash(**_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(saga.LearnedValues.objects, "update_or_create", crash, raising=False)
        with pytest.raises(SystemExit):
            run(job)
    GenerationJob.objects.filter(id=job.id).update(status=Status.PENDING)
    job = run(job)

    assert job.status == Status.COMPLETED
    assert Variant.objects.filter(job=job).count() == 3


@pytest.mark.parametrize("stage", ENGINE_STAGES)
def test_cancel_at_each_safe_point_keeps_nothing(stage: str) -> None:
    job = a_job()

    def cancelled_here(context: Context, state: SearchState) -> None:
        STAGES_OF_TOY[stage](context, state)
        job_cancel(user=None, job_id=job.id)
        wait_for_end(context)

    with toy_stages(**{stage: cancelled_here}):
        job = run(job)

    assert job.status == job.progress["status"] == Status.CANCELLED
    assert not Variant.objects.filter(job=job).exists()
    assert (job.checkpoint, job.has_incumbent) == (None, False)


def test_cancel_between_the_last_stage_and_saving_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job()
    judge = saga.variants_evaluate

    def judged_late(*args: Any, **kwargs: Any) -> Any:
        job_cancel(user=None, job_id=job.id)
        return judge(*args, **kwargs)

    monkeypatch.setattr(saga, "variants_evaluate", judged_late)
    job = run(job)
    assert job.status == job.progress["status"] == Status.CANCELLED
    assert not Variant.objects.filter(job=job).exists()


def test_a_cancel_does_not_wait_for_a_search_that_does_not_listen(settings: Any) -> None:
    settings.JOB_CANCEL_GRACE_S = 0.05
    job = a_job()

    def deaf(context: Context, state: SearchState) -> None:
        job_cancel(user=None, job_id=job.id)
        eventually(lambda: GenerationJob.objects.get(id=job.id).progress.get("status") == Status.CANCELLED)

    with toy_stages(cpsat_solving=deaf):
        job = run(job)
    assert job.status == Status.CANCELLED
    assert not Variant.objects.filter(job=job).exists()


def test_stop_completes_the_job_with_what_there_is() -> None:
    job = a_job()

    def stopped_here(context: Context, state: SearchState) -> None:
        eventually(lambda: GenerationJob.objects.get(id=job.id).has_incumbent)
        job_stop(user=None, job_id=job.id)
        wait_for_end(context)

    with toy_stages(rl_refinement=stopped_here):
        job = run(job)
    assert (job.status, job.is_partial) == (Status.COMPLETED, True)
    assert job.variants.count() == 3


def test_two_jobs_at_once_on_one_organization_both_finish() -> None:
    term = university()
    jobs = [a_job(term), a_job(term)]
    together = threading.Barrier(2, timeout=SOON_S)

    def side_by_side(context: Context, state: SearchState) -> None:
        together.wait()
        STAGES_OF_TOY["rl_refinement"](context, state)

    def run_and_close(job: GenerationJob) -> None:
        job_run(job_id=job.id)
        connection.close()

    threads = [threading.Thread(target=run_and_close, args=[job]) for job in jobs]
    with toy_stages(rl_refinement=side_by_side):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [GenerationJob.objects.get(id=job.id).status for job in jobs] == [Status.COMPLETED] * 2
    assert Variant.objects.count() == 6


def test_the_time_left_follows_the_limit_and_not_how_fast_stages_went_by() -> None:
    told: list[int] = []

    def note(context: Context, state: SearchState) -> None:
        STAGES_OF_TOY["ga_optimization"](context, state)
        context.observer.progress("ga_optimization", 0.1, Facts(0, 1))
        eventually(lambda: GenerationJob.objects.get().progress.get("stage") == "ga_optimization")
        told.append(GenerationJob.objects.get().progress["eta_seconds"])

    job = a_job(time_limit_s=600)
    with toy_stages(ga_optimization=note):
        run(job)

    assert 500 < told[0] <= 600


def test_a_second_copy_of_the_task_leaves() -> None:
    job = a_job()

    def copied(context: Context, state: SearchState) -> None:
        job_run(job_id=job.id)  # the same message once more, while the first is running
        STAGES_OF_TOY["cpsat_solving"](context, state)

    with toy_stages(cpsat_solving=copied):
        job = run(job)
    assert (job.status, job.attempt) == (Status.COMPLETED, 1)


def test_redelivery_of_a_finished_task_changes_nothing() -> None:
    job = run(a_job())
    ids = set(job.variants.values_list("id", flat=True))
    again = run(job)
    assert (again.attempt, again.finished_at) == (1, job.finished_at)
    assert set(again.variants.values_list("id", flat=True)) == ids


def test_an_attempt_that_lost_its_lease_writes_nothing() -> None:
    job = a_job()

    def overtaken(context: Context, state: SearchState) -> None:
        GenerationJob.objects.filter(id=job.id).update(status=Status.PENDING, attempt=7)
        wait_for_end(context)

    with toy_stages(cpsat_solving=overtaken):
        job = run(job)
    assert (job.status, job.attempt, job.error) == (Status.PENDING, 7, "")
    assert not Variant.objects.filter(job=job).exists()


def test_a_later_attempt_goes_on_from_the_checkpoint() -> None:
    job = a_job(time_limit_s=30)
    seen: list[tuple[int, float]] = []

    def lost(context: Context, state: SearchState) -> None:
        eventually(lambda: GenerationJob.objects.get(id=job.id).has_incumbent)
        raise SystemExit  # the process ends here

    def constructs_again(context: Context, state: SearchState) -> None:
        seen.append((len(state.variants), context.params.time_limit_s))
        STAGES_OF_TOY["cpsat_solving"](context, state)

    with toy_stages(rl_refinement=lost), pytest.raises(SystemExit):
        run(job)
    GenerationJob.objects.filter(id=job.id).update(status=Status.PENDING, spent_s=10)
    with toy_stages(cpsat_solving=constructs_again):
        job = run(job)

    [(variants, time_left_s)] = seen
    assert variants == 3
    assert 10 < time_left_s <= 20  # what loading took is gone as well
    assert (job.status, job.attempt) == (Status.COMPLETED, 2)


class Deploy:
    """A worker that is being stopped, as its children see it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_on = False
        for module in ("lease", "saga"):
            monkeypatch.setattr(f"generation.runs.{module}.is_stopping", lambda: self.is_on)

    def begins(self) -> None:
        self.is_on = True


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Deploy:
    return Deploy(monkeypatch)


@pytest.mark.parametrize("stage", ["loading", *ENGINE_STAGES, "saving"])
def test_a_stop_of_the_worker_hands_the_job_back_from_each_stage(stage: str, deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job()

    def stopped(function: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*args: Any, **kwargs: Any) -> Any:
            deploy.begins()
            eventually(lambda: leases[-1].is_handing_back)
            return function(*args, **kwargs)

        return stop

    leases: list[saga.Lease] = []
    monkeypatch.setattr(saga, "Lease", lambda job: leases.append(Lease(job)) or leases[-1])
    where = {"loading": "problem_load", "saving": "finish"}
    with monkeypatch.context() as patch, toy_stages(**({stage: stopped(STAGES_OF_TOY[stage])} if stage in STAGES_OF_TOY else {})):
        if stage in where:
            patch.setattr(saga, where[stage], stopped(getattr(saga, where[stage])))
        back = run(job)

    assert (back.status, back.attempt, back.handovers, back.error) == (Status.PENDING, 1, 1, "")
    assert (back.lease_expires_at, back.progress["metadata"]["message"]) == (None, WAITING)
    assert not Variant.objects.filter(job=job).exists()
    assert run(job).status == Status.PENDING, "a worker that stops takes no job"
    deploy.is_on = False
    done = run(job)
    assert (done.status, done.attempt, done.progress["status"]) == (Status.COMPLETED, 2, "completed")


def test_a_stop_does_not_wait_for_loading_that_does_not_listen(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "JOB_CANCEL_GRACE_S", 0.1)
    job, load = a_job(), saga.problem_load

    def loads_for_long(**facts: Any) -> Any:
        deploy.begins()
        eventually(lambda: GenerationJob.objects.get(id=job.id).status == Status.PENDING)
        return load(**facts)

    monkeypatch.setattr(saga, "problem_load", loads_for_long)
    back = run(job)

    assert (back.status, back.handovers, back.error) == (Status.PENDING, 1, "")


def test_ten_deploys_use_up_no_attempt_and_a_crash_does(deploy: Deploy) -> None:
    job = a_job()

    def stopped(context: Context, state: SearchState) -> None:
        STAGES_OF_TOY["ga_optimization"](context, state)
        deploy.begins()
        wait_for_end(context)

    for _ in range(10):
        deploy.is_on = False
        with toy_stages(ga_optimization=stopped):
            run(job)
    back = GenerationJob.objects.get(id=job.id)
    assert (back.status, back.attempt, back.handovers) == (Status.PENDING, 10, 10)
    assert back.checkpoint is not None

    for crashes, status in ((1, Status.PENDING), (2, Status.PENDING), (3, Status.FAILED)):
        GenerationJob.objects.filter(id=job.id).update(status=Status.RUNNING, attempt=10 + crashes, lease_expires_at=LONG_AGO)
        silent_jobs_swept()
        assert GenerationJob.objects.get(id=job.id).status == status
    assert "3 times" in GenerationJob.objects.get(id=job.id).error


def test_checkpoints_follow_the_clock_where_nothing_improves() -> None:
    job, spent = a_job(), []

    def gets_nowhere(context: Context, state: SearchState) -> None:
        STAGES_OF_TOY["ga_optimization"](context, state)

        def has_spent_more() -> bool:
            context.observer.progress("ga_optimization", 0.5, Facts(1, 3))
            spent.append(GenerationJob.objects.get(id=job.id).spent_s)
            return len(set(spent)) > 3

        eventually(has_spent_more)

    with toy_stages(ga_optimization=gets_nowhere):
        run(job)

    assert spent == sorted(spent)


def test_saving_holds_up_neither_the_lease_nor_the_sweep_and_nobody_sees_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    job, freeze, seen = a_job(), saga.problem_freeze, []

    def others_go_on(**facts: Any) -> None:
        freeze(**facts)
        assert Variant.objects.filter(job=job).count() == 3

        def others() -> None:
            seen.append(Variant.objects.filter(job=job).count() + Entry.objects.count())
            if connection.vendor == "postgresql":  # SQLite has one writer at a time, whatever it writes
                dead = JobFactory(status=Status.RUNNING, attempt=1, lease_expires_at=LONG_AGO, checkpoint=b"state")
                renewed: list[int] = []
                silent_jobs_swept(between=lambda: renewed.append(lease_renew(job)))
                seen.append((renewed[0], GenerationJob.objects.get(id=dead.id).status))
            connection.close()

        thread = threading.Thread(target=others)
        thread.start()
        thread.join(SOON_S)
        assert not thread.is_alive(), "it waits for the save"

    monkeypatch.setattr(saga, "problem_freeze", others_go_on)
    monkeypatch.setattr("generation.runs.lease.settings.JOB_LEASE_RENEW_S", 1000)
    monkeypatch.setattr("generation.runs.lease.settings.JOB_REQUEST_POLL_S", 1000)
    done = run(job)

    assert done.status == Status.COMPLETED
    assert seen[0] == 0
    assert seen[1:] == ([(1, Status.PENDING)] if connection.vendor == "postgresql" else [])


def test_a_save_that_lost_its_lease_meanwhile_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job, write = a_job(), saga.variants_write

    def overtaken(**facts: Any) -> None:
        write(**facts)
        GenerationJob.objects.filter(id=job.id).update(attempt=7)

    monkeypatch.setattr(saga, "variants_write", overtaken)
    run(job)

    assert not Variant.objects.filter(job=job).exists()
    assert not Workflow.objects.filter(job=job).exists()


def test_a_checkpoint_that_the_judge_does_not_confirm_ends_the_job() -> None:
    job = a_job()

    def flattered(context: Context, state: SearchState) -> None:
        state.variants[0].score = Score(99, 99)
        GenerationJob.objects.filter(id=job.id).update(checkpoint=saga.checkpoint_bytes(job_hash(job), state), status=Status.PENDING)
        raise SystemExit  # the process ends here

    with toy_stages(rl_refinement=flattered), pytest.raises(SystemExit):
        run(job)
    with pytest.raises(KernelDisagreementError):
        run(job)

    job.refresh_from_db()
    assert job.status == job.progress["status"] == Status.FAILED
    assert not Variant.objects.filter(job=job).exists()


def job_hash(job: GenerationJob) -> str:
    assert job.term is not None
    return problem_hash(problem_load(organization=job.organization, term=job.term, department_id=None))


def test_a_stop_outlives_the_worker_that_was_asked() -> None:
    job = a_job()

    def lost(context: Context, state: SearchState) -> None:
        eventually(lambda: GenerationJob.objects.get(id=job.id).has_incumbent)
        job_stop(user=None, job_id=job.id)
        raise SystemExit  # the process ends here

    def waits(context: Context, state: SearchState) -> None:
        wait_for_end(context)

    with toy_stages(rl_refinement=lost), pytest.raises(SystemExit):
        run(job)
    GenerationJob.objects.filter(id=job.id).update(status=Status.PENDING)
    with toy_stages(rl_refinement=waits):
        job = run(job)
    assert (job.status, job.attempt, job.is_partial) == (Status.COMPLETED, 2, True)


def test_a_checkpoint_of_other_data_is_not_used() -> None:
    job = a_job()
    GenerationJob.objects.filter(id=job.id).update(checkpoint=b"another problem\nstate", spent_s=10)
    assert run(job).status == Status.COMPLETED


def test_too_little_data_says_what_was_found_and_what_is_needed() -> None:
    job = run(a_job(university(num_courses=4, num_instructors=2, num_rooms=1)))
    assert job.status == job.progress["status"] == Status.FAILED
    assert "found 4 courses, 2 instructors and 1 room" in job.error
    assert "at least 5 courses, 3 instructors and 3 rooms" in job.error
    assert job.progress["metadata"]["error"] == job.error


def test_a_term_without_timeslots_is_refused() -> None:
    term = university()
    term.periods.all().delete()
    job = run(a_job(term))
    assert job.status == Status.FAILED
    assert "no timeslots" in job.error


def test_no_term_at_all_is_too_little_data() -> None:
    term = university()
    term.delete()
    job = run(a_job(term))
    assert job.status == Status.FAILED
    assert "no term" in job.error


def test_an_instructor_with_more_lectures_than_slots_is_named() -> None:
    term = university(num_instructors=3, num_meetings=8, num_courses=9, num_days=5)
    job = run(a_job(term))
    assert job.status == Status.FAILED
    assert Instructor.objects.first().code in job.error  # type: ignore[union-attr]


def test_rooms_that_are_all_too_small_are_refused() -> None:
    term = university()
    Room.objects.update(capacity=5)
    job = run(a_job(term))
    assert job.status == Status.FAILED
    assert not Variant.objects.exists()


def test_the_judge_outranks_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    finish = saga.finish

    def flattering(context: Context, state: SearchState) -> Any:
        from dataclasses import replace

        result = finish(context, state)
        best = result.variants[0]
        return replace(result, variants=[replace(best, score=replace(best.score, soft=best.score.soft + 1))])

    monkeypatch.setattr(saga, "finish", flattering)
    job = run(a_job())
    assert job.status == Status.FAILED
    assert "independent evaluation" in job.error
