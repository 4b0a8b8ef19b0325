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

from generation import messages
from generation.errors import Refusal
from generation.models import GenerationJob, Variant
from generation.saga import job_run
from generation.selectors import record_of
from generation.services import JobRequest, job_cancel, job_start
from progress.terminal import Bar

log = structlog.get_logger(__name__)
POLL_S = 0.5
EXPLAIN_GRACE_S = 2


class Command(BaseCommand):
    help = "Generates timetables for an institution's current term. Exit status 0 only when the job completed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument("--wait", action="store_true", help="show a progress bar until the job ends")
        parser.add_argument("--inline", action="store_true", help="run it in this process, without queue or Redis")
        parser.add_argument("--time-limit", type=float, metavar="S", help="seconds for the whole job, all variants")
        parser.add_argument("--seed", type=int, metavar="N", help="the same number gives the same run")
        parser.add_argument("--variants", type=int, metavar="N", help="how many timetables to make")
        parser.add_argument("--report", type=Path, metavar="OUT.json", help="wait, and write what was found")

    def handle(self, *args: Any, **options: Any) -> None:
        request = JobRequest(
            organization=options["organization"],
            time_limit_s=options["time_limit"],
            seed=options["seed"],
            variants=options["variants"],
        )
        try:
            job = job_start(user=None, request=request, is_queued=not options["inline"])
        except Refusal as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(f"Job {job.id}")
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
            self.stdout.write(f"{variant.label}: hard {variant.hard}, soft {variant.soft}. {variant.note}".rstrip())
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
        **({"explanation": job.explanation} if best.hard else {}),
        "peak_rss_mb": best.certificate["peak_rss_mb"],
        "is_partial": job.is_partial,
        "variants": [{"label": variant.label, "seed": variant.seed, **_figures(variant)} for variant in variants],
    }


def _figures(variant: Variant) -> dict[str, Any]:
    return {
        "feasible": variant.hard == 0,
        "hard": variant.hard,
        "soft": variant.soft,
        "breakdown": variant.breakdown,
        "unplaced": variant.statistics["unplaced"],
        "student_clashes": variant.statistics["student_clashes"],
    }
