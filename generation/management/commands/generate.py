"""`manage.py generate`: files a job as the web does, waits for it, or runs it here."""

from __future__ import annotations

import json
import threading
import time
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from generation.errors import Refusal
from generation.models import GenerationJob, Variant, Workflow
from generation.retention import messages as keep_messages
from generation.retention.request import KINDS as KEEP_KINDS
from generation.retention.request import MAY_NAME_DEPARTMENTS, MINIMAL, NOTHING
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_cancel, job_start
from generation.text import messages
from generation.text.infeasibility.explanations import explanation_shown
from generation.timetable.counts import counts_facts, variant_lines
from generation.timetable.job_selectors import record_of
from progress.terminal import Bar

log = structlog.get_logger(__name__)
POLL_S = 0.5
EXPLAIN_GRACE_S = 2
PUBLISHED = "published"
KEEP_OPTIONS = ("keep_from", "keep_departments", "keep_leave_out", "max_lectures", "max_people", "only_rooms")
BUDGET_OPTIONS = ("max_lectures", "max_people", "only_rooms")


class Command(BaseCommand):
    help = "Generates timetables for a term of an institution. Exit status 0 only when the job completed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument("--term", metavar="CODE", help="the code of the term; left out: the current one")
        parser.add_argument("--wait", action="store_true", help="show a progress bar until the job ends")
        parser.add_argument("--inline", action="store_true", help="run it in this process, without queue or Redis")
        parser.add_argument("--time-limit", type=float, metavar="S", help="seconds for the whole job, all variants")
        parser.add_argument("--seed", type=int, metavar="N", help="the same number gives the same run")
        parser.add_argument("--variants", type=int, metavar="N", help="how many timetables to make")
        parser.add_argument("--keep", choices=KEEP_KINDS, help="what stays where it is in the timetable of --keep-from")
        parser.add_argument("--keep-from", metavar="VARIANT", help=f"the id of a variant of the same term, or {PUBLISHED!r}")
        parser.add_argument(
            "--keep-departments",
            nargs="+",
            metavar="CODE",
            help="with --keep departments or except_departments; with minimal: not to be touched",
        )
        parser.add_argument("--keep-leave-out", action="store_true", help="place anew what cannot stay, instead of not starting")
        parser.add_argument("--max-moved", type=int, dest="max_lectures", metavar="N", help="with --keep minimal")
        parser.add_argument("--max-people", type=int, metavar="N", help="with --keep minimal: people whose weeks may change")
        parser.add_argument("--only-rooms", action="store_true", help="with --keep minimal: times stay, rooms may change")
        parser.add_argument("--report", type=Path, metavar="OUT.json", help="wait, and write what was found")

    def handle(self, *args: Any, **options: Any) -> None:
        _keep_check(options)
        request = JobRequest(
            organization=options["organization"],
            term=options["term"],
            time_limit_s=options["time_limit"],
            seed=options["seed"],
            variants=options["variants"],
            keep=options["keep"],
            keep_from=_keep_from(options),
            keep_departments=options["keep_departments"],
            keep_leave_out=options["keep_leave_out"],
            max_lectures=options["max_lectures"],
            max_people=options["max_people"],
            only_rooms=options["only_rooms"] or None,
        )
        try:
            job = job_start(user=None, request=request, is_queued=not options["inline"])
        except Refusal as refusal:
            for line in refusal.lines:
                self.stderr.write(line)
            raise CommandError(keep_messages.in_options(str(refusal)), returncode=2) from refusal
        self.stdout.write(f"Job {job.id}")
        if job.fixed:
            self.stdout.write(keep_messages.kept_words(job.fixed))
        if options["inline"]:
            self._run_here(job.id)
        elif options["wait"] or options["report"]:
            self._watch(job.id)
        else:
            return
        self._conclude(GenerationJob.objects.defer(*GenerationJob.LARGE).get(id=job.id), options["report"])

    def _run_here(self, job_id: uuid.UUID) -> None:
        """The job in a thread, the bar in this one, so that Ctrl-C is a cancel."""
        runner = threading.Thread(target=_run_and_close, args=[job_id], name=f"job-{job_id}")
        runner.start()
        self._watch(job_id)
        runner.join()

    def _watch(self, job_id: uuid.UUID) -> None:
        is_cancelled, bar = False, Bar(self.stdout)
        while True:
            job = GenerationJob.objects.defer(*GenerationJob.LARGE).get(id=job_id)
            bar.show(record_of(job))
            if job.status not in GenerationJob.ACTIVE:
                break
            try:
                time.sleep(POLL_S)
            except KeyboardInterrupt:
                if is_cancelled:
                    raise
                is_cancelled = True
                job_cancel(user=None, job_id=job_id)
        bar.close()

    def _conclude(self, job: GenerationJob, report: Path | None) -> None:
        if job.status != GenerationJob.Status.COMPLETED:
            raise CommandError(f"The job {job.status}. {job.error}" if job.error else f"The job was {job.status}.", returncode=1)
        variants = list(job.variants.all())
        for variant in variants:
            for line in variant_lines(variant):
                self.stdout.write(line)
        if min(variant.hard for variant in variants):
            self._explain(job)
        if report is not None:
            report.write_text(json.dumps(report_of(job, variants), indent=2) + "\n")

    def _explain(self, job: GenerationJob) -> None:
        """Why nothing is complete: worked out after the end, so that it may come a little later."""
        ends_at = time.monotonic() + settings.JOB_EXPLAIN_S + EXPLAIN_GRACE_S
        while not job.explanation and time.monotonic() < ends_at:
            time.sleep(POLL_S)
            job.refresh_from_db(fields=["explanation"])
        for line in messages.solve_explained(job.explanation) if job.explanation else []:
            self.stderr.write(line)


def _keep_check(options: dict[str, Any]) -> None:
    """Options that only make sense together."""
    kind, given = options["keep"] or NOTHING, [name for name in KEEP_OPTIONS if options[name] not in (None, False, [])]
    if given and kind == NOTHING:
        raise CommandError(keep_messages.option_needs_keep(given[0], [each for each in KEEP_KINDS if each != NOTHING]), returncode=2)
    if kind != NOTHING and not options["keep_from"]:
        raise CommandError(keep_messages.needs_from(kind, PUBLISHED), returncode=2)
    if options["keep_departments"] and kind not in MAY_NAME_DEPARTMENTS:
        raise CommandError(keep_messages.option_needs_keep("keep_departments", MAY_NAME_DEPARTMENTS), returncode=2)
    budgets = [name for name in BUDGET_OPTIONS if name in given]
    if budgets and kind != MINIMAL:
        raise CommandError(keep_messages.option_needs_keep(budgets[0], [MINIMAL]), returncode=2)


def _keep_from(options: dict[str, Any]) -> str | None:
    """The id of the variant; that of the published timetable of the term by its word."""
    keep_from: str | None = options["keep_from"]
    if keep_from != PUBLISHED:
        return keep_from
    published = Workflow.objects.filter(job__organization__code=options["organization"], status=Workflow.Status.PUBLISHED)
    if options["term"] is not None:
        published = published.filter(job__term__code=options["term"])
    found = published.order_by("-job__term__is_current", "-updated_at").values_list("variant_id", flat=True).first()
    if found is None:
        raise CommandError(keep_messages.nothing_published(options["organization"], PUBLISHED), returncode=2)
    return str(found)


def _run_and_close(job_id: uuid.UUID) -> None:
    try:
        job_run(job_id=job_id)
    except Exception:
        # Stored on the row, whose reason the command shows, and in the log with its traceback.
        log.info("inline_run_ended", job_id=str(job_id))
    finally:
        connection.close()


def report_of(job: GenerationJob, variants: list[Variant]) -> dict[str, Any]:
    """The report of `solve` for the best variant, with every variant's figures beside."""
    best = min(variants, key=lambda variant: (variant.hard, variant.soft))
    return {
        "instance": job.organization.code,
        "format": "database",
        "seed": job.seed,
        "workers": best.certificate["params"]["workers"],
        "time_limit_s": job.time_limit_s,
        **_figures(best),
        "stages": best.certificate["stages"],
        "time_to_feasible_s": best.certificate["time_to_feasible_s"],
        "moves_per_second": best.certificate["moves_per_second"],
        "lower_bound": best.certificate["lower_bound"],
        **({"explanation": explanation_shown(job.explanation)} if best.hard else {}),
        "peak_rss_mb": best.certificate["peak_rss_mb"],
        "is_partial": job.is_partial,
        "variants": [{"id": str(variant.pk), "label": variant.label, "seed": variant.seed, **_figures(variant)} for variant in variants],
    }


def _figures(variant: Variant) -> dict[str, Any]:
    return {
        "feasible": variant.hard == 0,
        "hard": variant.hard,
        "soft": variant.soft,
        "breakdown": variant.breakdown,
        "counts": counts_facts(variant),
        "unplaced": variant.statistics["unplaced"],
        "student_clashes": variant.statistics["student_clashes"],
    }
