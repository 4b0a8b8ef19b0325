"""A job from its claim to its end: stages in order, each with the compensation that undoes it.

load -> cluster -> build -> optimise -> finalise -> save. A cancel, a lost lease or any error runs the
compensations of the stages so far, newest first, and ends the row and the progress record alike.
"""

from __future__ import annotations

import resource
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from academics.selectors import data_revision, term_counts
from generation.engine.bounds.lower_bound import bound_begin
from generation.engine.context import Stage, evaluation_checked
from generation.engine.infeasibility.explain import explain
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.fixed_places import Held
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.observer import Facts
from generation.engine.params import STAGES as ENGINE_STAGES
from generation.engine.solve import CHANGE_STAGE, STAGES, Context, Result, SearchState, change_stage, finish
from generation.errors import Refusal, Unsolvable
from generation.models import GenerationJob, LearnedValues
from generation.problem.builder import problem_hash, problem_load
from generation.problem.stored_problem import problem_freeze
from generation.retention.kept_places import Budget, Kept, base_solution, budget_of, entries_marked, held_by
from generation.retention.plan import pinned_or_refused
from generation.retention.request import SOUND, kept_of
from generation.runs.lease import Lease, job_claim
from generation.runs.precompile import kernels_ready
from generation.runs.reuse import data_hash_keep, kept_hash, params_of, reuse_key
from generation.runs.search_history import SearchHistory
from generation.text import messages
from generation.text.display_names import Naming
from generation.text.infeasibility.explanations import STATEMENTS, explanation_record, statements_record
from generation.text.infeasibility.obstacles import obstacles_text
from generation.text.infeasibility.phrases import Phrases
from generation.timetable.change_results import change_described
from generation.timetable.provenance import code_version, run_hash
from generation.timetable.results import FinishedVariant, variants_evaluate, variants_prepare, variants_write
from generation.worker.stopping import is_stopping, job_held

log = structlog.get_logger(__name__)
Status = GenerationJob.Status


class Cancelled(Exception):
    """The user gave the job up; what it made is undone."""


class HandedBack(Exception):
    """The worker is being stopped: the next one goes on from here."""


class LeaseLost(Exception):
    """Somebody else has the job, or ended it: leave without a word to the row."""


@dataclass
class Run:
    """One attempt at a job, handed from stage to stage."""

    job: GenerationJob
    lease: Lease
    stage: str = "loading"
    data: Problem | None = None  # as it was loaded
    data_hash: str = ""
    kept: Kept = field(default_factory=Kept)
    problem: Problem | None = None  # the same with what had to stay where it was
    problem_hash: str = ""
    base: Solution | None = None  # the timetable that is changed as little as can be
    state: SearchState = field(default_factory=SearchState)
    context: Context | None = None
    search_history: SearchHistory | None = None
    result: Result | None = None
    variants: list[FinishedVariant] = field(default_factory=list)
    held: Held = field(default_factory=Held)
    unexplained: tuple[Problem, Solution | None] | None = None  # what the end is without a complete timetable for
    loading_s: float = 0.0
    search_began: float = 0.0

    def check(self) -> None:
        """A safe point: raises when the attempt must not go on."""
        if self.lease.is_lost:
            raise LeaseLost
        if self.lease.is_handing_back and not self.lease.is_cancelling:
            raise HandedBack
        if self.lease.flag.reason() == "cancel":
            raise Cancelled

    @property
    def spent_s(self) -> float:
        """Search time of all attempts up to now."""
        return self.job.spent_s + (time.monotonic() - self.search_began if self.search_began else 0.0)


def job_run(*, job_id: uuid.UUID) -> None:
    """Claims the job and takes it to its end; leaves quietly when it is not there to be claimed."""
    # Held before the claim: a stop that comes between finds this process at work, or this process finds the stop.
    with job_held():
        if not is_stopping():  # otherwise the job goes on waiting, and the sweep finds it a worker
            _job_run(job_id)


def _job_run(job_id: uuid.UUID) -> None:
    job = job_claim(job_id=job_id)
    if job is None:
        log.info("job_not_claimed", job_id=str(job_id))
        return
    with structlog.contextvars.bound_contextvars(**job.log_facts, attempt=job.attempt), Lease(job) as lease:
        run = Run(job, lease)
        _run(run)
        explanation_leave(run)


def _run(run: Run) -> None:
    """The task's boundary: every end of an attempt is written here."""
    done: list[Step] = []
    log.info("job_started", organization=run.job.organization.code, time_limit_s=run.job.time_limit_s)
    try:
        run.lease.tracker.start()
        for step in STEPS:
            done.append(step)
            run.stage = step.name
            run.check()
            step.do(run)
        run.lease.end()
        run.lease.tracker.completed(**_final_facts(run))
        log.info("job_completed", is_partial=run.job.is_partial)
    except LeaseLost:
        log.info("job_left", stage=run.stage)
    except HandedBack:
        _hand_back(run)
    except Cancelled:
        _undo(run, done)
        _end_cancelled(run)
    except Refusal as refusal:
        log.info("job_refused", stage=run.stage, reason=str(refusal))
        _undo(run, done)
        _end_failed(run, str(refusal))
    except Exception:
        log.exception("job_failed", stage=run.stage)
        _undo(run, done)
        _end_failed(run, messages.refusal_text("stage_failed", doing=messages.STAGE_DOING[run.stage]))
        raise


# Loading.


def load(run: Run) -> None:
    """Rows to the frozen problem; refuses at once what can't be timetabled."""
    job, began = run.job, time.monotonic()
    run.lease.tracker.time_left_from(lambda: (0.0, job.time_limit_s))  # until the search knows better
    _report(run, 0.0, messages.PREPARING)
    _counts_check(job)
    assert job.term is not None  # its offerings were counted
    revision = data_revision(job.organization_id)  # before the data
    data = problem_load(organization=job.organization, term=job.term, department_id=job.department_id)
    run.kept = kept_of(job)
    problem = pinned_or_refused(data, run.kept)
    run.held = held_by(data, run.kept)
    run.base = base_solution(problem, run.kept.base) if run.kept.base else None
    run.check()
    obstacles = preflight(problem, run.held)
    if obstacles:
        run.unexplained = (problem, None)
        raise Unsolvable("obstacles", obstacles=obstacles_text(obstacles, _phrases(job, problem)))
    run.data, run.data_hash = data, problem_hash(data)
    run.problem, run.problem_hash = problem, kept_hash(run.data_hash, run.kept)
    data_hash_keep(job, data, run.data_hash, revision=revision)
    run.loading_s = time.monotonic() - began
    _kernels_await(run)
    _context_make(run, problem)
    _report(run, 1.0, messages.PREPARING)


def _kernels_await(run: Run) -> None:
    """Only a process that has just started, on a machine that never ran this code, has to wait here for long."""
    began = time.monotonic()
    while True:
        try:
            kernels_ready().result(timeout=settings.JOB_REQUEST_POLL_S)
        except TimeoutError:
            waited_s = time.monotonic() - began
            _report(run, 0.5 + 0.5 * waited_s / (waited_s + 30), messages.COMPILING)
            run.check()
        else:
            return


def load_undo(run: Run) -> None:
    """Lets the problem go: nothing of it is stored."""
    run.data, run.problem, run.context = None, None, None
    run.lease.rows().update(input_hash="", reuse_key="")


def _counts_check(job: GenerationJob) -> None:
    if job.term is None:
        raise Unsolvable("no_term", organization=job.organization.name)
    counts = term_counts(organization=job.organization, term=job.term, department_id=job.department_id)
    needed = (settings.JOB_MIN_COURSES, settings.JOB_MIN_INSTRUCTORS, settings.JOB_MIN_ROOMS)
    if any(found < least for found, least in zip(counts, needed, strict=True)):
        least = dict(zip(("min_courses", "min_instructors", "min_rooms"), needed, strict=True))
        raise Unsolvable("too_little_data", **counts._asdict(), **least)
    num_periods = job.term.periods.count()
    if job.term.num_days * num_periods == 0:
        raise Unsolvable("no_timeslots", term=job.term.code, days=job.term.num_days, periods=num_periods)


def _context_make(run: Run, problem: Problem) -> None:
    """The engine's context, from the checkpoint of an earlier attempt where its data are still the same."""
    job = run.job
    resumed = checkpoint_read(job.checkpoint, run.problem_hash)
    learned = dict(resumed.learned_values) if resumed else _learned_values(job.organization_id)
    params = params_of(job, problem.weights, learned_values=learned)
    if resumed is None:
        job.spent_s = 0.0
        job.input_hash, job.reuse_key = run_hash(run.problem_hash, params), reuse_key(run.problem_hash, params)
        run.lease.rows().update(input_hash=job.input_hash, reuse_key=job.reuse_key, spent_s=0.0, has_incumbent=False)
    else:
        # A stage hands timetables on before they are evaluated independently.
        for variant in resumed.variants:
            evaluation_checked(problem, variant.incumbent, variant.score, problem.weights)
        log.info("job_resumed", spent_s=job.spent_s, num_clusters_placed=resumed.num_clusters_placed)
    # The limit is for the whole job: what loading and earlier attempts took is gone.
    params = replace(params, time_limit_s=max(1.0, job.time_limit_s - job.spent_s - run.loading_s))
    run.state = resumed or SearchState()
    run.search_began = time.monotonic()
    started_at = job.started_at or job.created_at
    run.search_history = SearchHistory(
        labels=[profile.label for profile in params.profiles],
        num_lectures=problem.num_lectures,
        started_at=int(started_at.timestamp()),
        history=job.history,
        bound=lambda label: _bound_known(run, label),
    )
    run.context = Context.create(problem, params, observer=_Watcher(run, run.search_history), stop=run.lease.flag)
    run.context.bound = bound_begin(problem, time_limit_s=params.time_limit_s)
    run.lease.tracker.time_left_from(partial(_time_left, run.context))


def _time_left(context: Context) -> tuple[float, float]:
    """The least and the most seconds to the job's end: its search uses all its time, unless somebody stops it."""
    is_stopped = context.stop.reason() is not None
    return 0.0 if is_stopped else context.remaining_s(ENGINE_STAGES[-1]), context.deadline.remaining_s


def _bound_known(run: Run, label: str) -> int | None:
    """The proven least penalty, for a variant that weighs the wishes as the organization does; None while it is worked out."""
    context, value = run.context, _bound_of(run)
    if context is None or value is None:
        return None
    own = context.problem.weights
    return value if any(each.label == label and each.weights == own for each in context.profiles) else None


def _learned_values(organization_id: int) -> dict[str, float]:
    row = LearnedValues.objects.filter(organization_id=organization_id).first()
    return dict(row.values) if row else {}


# The engine's stages. Each improves the state in place and can be run twice.


def _engine_stage(name: str) -> Callable[[Run], None]:
    def stage(run: Run) -> None:
        assert run.context is not None
        began = time.monotonic()
        _stage_of(run, name)(run.context, run.state)
        # Construction ends with a whole timetable: from here on the job can be stopped and keep it.
        run.context.observer.checkpoint(run.state)
        log.info("stage_ended", stage=name, seconds=round(time.monotonic() - began, 2))
        run.check()

    return stage


def _stage_of(run: Run, name: str) -> Stage:
    """Of a run that changes a timetable as little as can be, one stage does everything, and the others have nothing to do."""
    if run.base is None or run.kept.base is None:
        return STAGES[name]
    assert run.problem is not None, "a timetable to change was loaded with its problem"
    if name != CHANGE_STAGE:
        return _stage_left_out
    return change_stage(run.base, budget_of(run.problem, run.kept.base.budget), max_more=run.job.num_variants - 1)


def _stage_left_out(context: Context, state: SearchState) -> None:
    """Nothing to do."""


def clusters_undo(run: Run) -> None:
    run.state.clusters = None
    run.state.num_clusters_placed = 0


def construction_undo(run: Run) -> None:
    """Drops the construction and the checkpoint that would restore it."""
    run.state.base = None
    run.lease.rows().update(checkpoint=None, spent_s=0.0, has_incumbent=False)


def improvement_undo(run: Run) -> None:
    run.state.variants.clear()
    run.state.positions.clear()


def refinement_undo(run: Run) -> None:
    """What a failed run learned is not kept."""
    run.state.learned_values.clear()


# Saving.


def save(run: Run) -> None:
    """Evaluates the variants and stores them, and the completed status, in one transaction: all or nothing."""
    assert run.context is not None
    assert run.data is not None
    assert run.problem is not None
    run.result = result = finish(run.context, run.state)
    run.check()
    is_repair = run.job.fixed.get("keep") == SOUND and not run.job.fixed["placed_anew"]
    results = variants_evaluate(
        run.problem,
        result,
        certificate=_certificate(run, result),
        naming=Naming(run.job.organization_id),
        settled_note=messages.NOTHING_BROKEN if is_repair else messages.NOTHING_TO_PLACE,
        # A run that starts afresh gives as many as were requested, each with a note of how little it differs.
        is_each_kept=not run.kept.places and not result.is_settled,
    )
    if run.state.change is not None:
        results = [replace(each, **change_described(run.problem, run.state.change, each)) for each in results]
    # What only this run had to keep may be moved by hand afterwards: neither rows nor the stored problem fix it.
    run.variants = (
        [replace(each, entries=entries_marked(each.entries, run.data, run.kept)) for each in results] if run.kept.places else results
    )
    run.check()
    job = run.job
    job.is_partial = result.stopped_by == "stop"
    _store(run, result)
    best = result.best
    # What a limit left without a place has a place without it: the variant says so itself.
    is_limited = run.kept.base is not None and run.kept.base.budget != Budget()
    run.unexplained = (run.problem, best.solution) if best.score.hard and not is_limited else None


def _store(run: Run, result: Result) -> None:
    """All or nothing. The variants come first and the job's row last, so that nobody who needs the row waits for them.

    Until then nobody sees them, and where the attempt has lost the job meanwhile, nothing of them stays.
    """
    assert run.data is not None
    assert run.search_history is not None
    prepared = variants_prepare(job=run.job, variants=run.variants)
    try:
        with transaction.atomic():
            _frozen_let_go()
            variants_write(job=run.job, variants=run.variants, prepared=prepared)
            problem_freeze(job=run.job, problem=run.data)
            is_completed = run.lease.rows(Status.RUNNING).update(
                status=Status.COMPLETED,
                is_partial=run.job.is_partial,
                has_incumbent=True,
                history=run.search_history.history(),
                checkpoint=None,
                lease_expires_at=None,
                finished_at=timezone.now(),
            )
            if is_completed:
                LearnedValues.objects.update_or_create(organization_id=run.job.organization_id, defaults={"values": result.learned_values})
            else:
                transaction.set_rollback(True)
    except IntegrityError:
        if run.lease.rows(Status.RUNNING).exists():
            raise
        raise LeaseLost from None  # another attempt has stored its own
    if not is_completed:
        run.check()
        raise Cancelled if run.lease.rows(Status.CANCELLING).exists() else LeaseLost


def _frozen_let_go() -> None:
    """PostgreSQL ends the transaction of a process that was frozen in it: another attempt's variants would wait for it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(int(1000 * settings.JOB_LEASE_S))])


def save_undo(run: Run) -> None:
    """Saving is one transaction: when it fails nothing is stored, and only memory is let go."""
    run.variants.clear()
    run.result = None


def _certificate(run: Run, result: Result) -> dict[str, object]:
    assert run.context is not None
    params = run.context.params
    return {
        "input_hash": run.job.input_hash,
        "problem_hash": run.data_hash,
        "seed": run.job.seed,
        "params": {
            "time_limit_s": run.job.time_limit_s,
            "workers": params.workers,
            "cluster_size": params.cluster_size,
            "num_learned_values": len(params.learned_values),
        },
        **({"fixed": run.job.fixed | {"digest": run.kept.digest()}} if run.kept.is_any else {}),
        "attempt": run.job.attempt,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine_s": round(run.spent_s, 2),
        "stages": [
            {"stage": each.stage, "seconds": round(each.seconds, 2), "hard": each.hard, "soft": each.soft} for each in result.stages
        ],
        "time_to_feasible_s": result.time_to_feasible_s,
        "moves_per_second": result.moves_per_second,
        "lower_bound": result.lower_bound,
    }


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the saga and what undoes it."""

    name: str
    do: Callable[[Run], None]
    undo: Callable[[Run], None]


_UNDO = dict(zip(ENGINE_STAGES, (clusters_undo, construction_undo, improvement_undo, refinement_undo), strict=True))
STEPS: tuple[Step, ...] = (
    Step("loading", load, load_undo),
    *(Step(name, _engine_stage(name), _UNDO[name]) for name in ENGINE_STAGES),
    Step("saving", save, save_undo),
)


# Ends.


def _undo(run: Run, done: list[Step]) -> None:
    for step in reversed(done):
        step.undo(run)


def _hand_back(run: Run) -> None:
    """With the search as it stands at this moment, where it has begun."""
    if run.context is not None and run.state.base is not None:
        checkpoint_leave(run)
    run.lease.end()
    run.lease.hand_back()


def _end_cancelled(run: Run) -> None:
    run.lease.end()
    ended = run.lease.rows(Status.CANCELLING).update(status=Status.CANCELLED, **_ended())
    if ended:
        run.lease.tracker.cancelled()
        log.info("job_cancelled", stage=run.stage)


def _end_failed(run: Run, reason: str) -> None:
    run.lease.end()
    if run.lease.rows(Status.RUNNING).update(status=Status.FAILED, error=reason, **_ended()):
        run.lease.tracker.failed(reason)
    else:
        _end_cancelled(run)  # the user gave it up at the same moment


def explanation_leave(run: Run) -> None:
    """Says why there is no complete timetable, once the end is written: the time limit is over, and nobody waits for it."""
    if run.unexplained is None:
        return
    problem, solution = run.unexplained
    found = explain(problem, solution, held=run.held, limit_s=settings.JOB_EXPLAIN_S)
    phrases = _phrases(run.job, problem)
    rows = GenerationJob.objects.filter(pk=run.job.pk, attempt=run.job.attempt, status__in=(Status.COMPLETED, Status.FAILED))
    rows.update(explanation=explanation_record(found, phrases) | {STATEMENTS: statements_record(found, phrases)})
    log.info("job_explained", verdict=found.verdict, seconds=found.seconds)


def _phrases(job: GenerationJob, problem: Problem) -> Phrases:
    """For people, who know one another by name."""
    return Phrases(problem, Naming(job.organization_id).names_of(problem))


def _ended() -> dict[str, object]:
    return {"finished_at": timezone.now(), "lease_expires_at": None, "checkpoint": None, "has_incumbent": False}


# What the watchers and the next attempt get.


class _Watcher:
    """The engine's observer: facts to the tracker, safe points and the history to the row. Called from any thread."""

    def __init__(self, run: Run, search_history: SearchHistory) -> None:
        self._run = run
        self._search_history = search_history
        self._checkpoint_at = self._history_at = time.monotonic()
        self._has_incumbent = False
        self._taking = threading.Lock()

    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        self._run.lease.tracker.update(stage, 100 * fraction, **self._search_history.record(facts), lower_bound=_bound_of(self._run))
        now = time.monotonic()
        if now - self._history_at >= settings.JOB_CHECKPOINT_S:
            self._history_at = now
            self._run.lease.leave(history=self._search_history.history())
        # By the clock, also where nothing improves: what was spent is not spent again.
        context = self._run.context
        if now - self._checkpoint_at >= settings.JOB_CHECKPOINT_S and context is not None and self._run.state.base is not None:
            with context.adopting:
                self._take(now)

    def checkpoint(self, state: SearchState) -> None:
        now = time.monotonic()
        # The first whole timetable is kept at once: from there on a stop must find something.
        if (state.variants and not self._has_incumbent) or now - self._checkpoint_at >= settings.JOB_CHECKPOINT_S:
            self._take(now)

    def _take(self, now: float) -> None:
        if self._taking.acquire(blocking=False):  # another thread that takes one just now is enough
            try:
                self._has_incumbent, self._checkpoint_at = bool(self._run.state.variants), now
                checkpoint_leave(self._run)
            finally:
                self._taking.release()


def checkpoint_leave(run: Run) -> None:
    """The search as it stands, and what it took, for the row."""
    data = checkpoint_bytes(run.problem_hash, run.state)
    run.lease.leave(checkpoint=data, spent_s=run.spent_s, has_incumbent=bool(run.state.variants))


def _bound_of(run: Run) -> int | None:
    """The penalty that no timetable without broken rules goes below, as soon as it is worked out."""
    bound = run.context.bound if run.context else None
    return bound.result().value if bound and bound.done() and not bound.exception() else None


def checkpoint_bytes(problem: str, state: SearchState) -> bytes:
    """The state behind a line that names the problem and the code it belongs to."""
    return _checkpoint_head(problem) + b"\n" + state.to_bytes()


def checkpoint_read(data: bytes | memoryview | None, problem: str) -> SearchState | None:
    """The state, or None when there is none, or the data or the code have changed since."""
    if data is None:
        return None
    found, _, state = bytes(data).partition(b"\n")
    return SearchState.from_bytes(state) if found == _checkpoint_head(problem) else None


def _checkpoint_head(problem: str) -> bytes:
    return f"{problem} {code_version()}".encode("ascii")


def _report(run: Run, fraction: float, message: str) -> None:
    run.lease.tracker.update("loading", 100 * fraction, completed_items=0, total_items=0, message=message)


def _final_facts(run: Run) -> dict[str, object]:
    best = min(run.variants, key=lambda variant: variant.result.score).result
    return {
        "hard": best.score.hard,
        "broken": best.score.hard - best.breakdown["unplaced"],
        "soft": best.score.soft,
        "placed": len(best.solution.slot) - best.unplaced,
        "unplaced": best.unplaced,
        "num_lectures": len(best.solution.slot),
        "variant": best.label,
        "is_partial": run.job.is_partial,
        "lower_bound": run.result.lower_bound if run.result else None,
        # By the institution's weights; what the variants reported on their way is by their own.
        "scores": {
            each.label: {
                "broken": each.score.hard - each.breakdown["unplaced"],
                "unplaced": each.unplaced,
                "soft": each.score.soft,
            }
            for each in (variant.result for variant in run.variants)
        },
    }
