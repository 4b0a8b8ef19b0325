"""A worker's hold on a job row: the claim, and the thread that keeps it while the search runs.

One attempt number is one holder. Every write here is narrowed to it, so a copy of the task that was
overtaken (its lease ran out, the sweep gave the job away) can write nothing any more.
"""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from academics.long_work import lease_end
from generation.engine.stop import Flag
from generation.models import GenerationJob
from generation.text.messages import WAITING
from generation.worker.stopping import is_stopping
from progress.tracker import ProgressTracker

log = structlog.get_logger(__name__)
Status = GenerationJob.Status
HELD = (Status.RUNNING, Status.CANCELLING)
ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


def job_claim(*, job_id: uuid.UUID) -> GenerationJob | None:
    """Takes a pending job for this process, or None: another copy has it, or it is finished. Guarded write."""
    seen = GenerationJob.objects.filter(id=job_id, status=Status.PENDING).values_list("attempt", flat=True).first()
    if seen is None:
        return None
    now = timezone.now()
    # The attempt that was seen is part of the guard: of two copies of a message only one changes the row.
    taken = GenerationJob.objects.filter(id=job_id, status=Status.PENDING, attempt=seen).update(
        status=Status.RUNNING, attempt=F("attempt") + 1, lease_expires_at=lease_end()
    )
    if not taken:
        return None
    # Only the first attempt sets the start: the longest time allowed is the whole job's.
    GenerationJob.objects.filter(id=job_id, started_at=None).update(started_at=now)
    return GenerationJob.objects.select_related("organization", "term").get(id=job_id)


class Lease:
    """Keeps the hold on a claimed job: renews it, passes cancel and stop on to the search, writes what it left.

    A context manager around the work. All its database work is done by its own thread, so that the
    search, which may call from any thread, never waits for the database.
    """

    def __init__(self, job: GenerationJob) -> None:
        self.tracker = ProgressTracker.resume(
            job.progress,
            job_id=job.id,
            started_at=int(job.started_at.timestamp()) if job.started_at else None,
            attempt=job.attempt,
            save_row=self._record_save,
        )
        self.job_id = job.id
        self.attempt = job.attempt
        self.flag = Flag()
        self.is_lost = False
        self.is_cancelling = False
        self.is_handing_back = False
        self._mailbox: dict[str, Any] = {}  # columns of the row, the newest value of each
        self._mailbox_lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{job.id}", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.end()

    def end(self) -> None:
        """Stops the thread; its last write is over when this returns."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def rows(self, *statuses: str) -> QuerySet[GenerationJob]:
        """The job's row as long as this attempt holds it; every write of the attempt goes through here."""
        return GenerationJob.objects.filter(id=self.job_id, attempt=self.attempt, status__in=statuses or HELD)

    def _record_save(self, record: dict[str, Any]) -> None:
        """An end is written at once, over whatever was there; the rest goes by the thread."""
        if record["status"] in ENDS:
            self.rows(record["status"]).update(progress=record)  # of the end that this attempt has written, of no other
            return
        self.leave(progress=record)

    def leave(self, **columns: object) -> None:
        """What the thread writes to the row next; of each column only the newest value."""
        with self._mailbox_lock:
            self._mailbox |= columns

    def _keep(self) -> None:
        renewed = held_until = time.monotonic()
        held_until += settings.JOB_LEASE_S
        cancel_seen: float | None = None
        stopping_seen: float | None = None
        try:
            while not self._ended.wait(settings.JOB_REQUEST_POLL_S) and not self.is_lost:
                now = time.monotonic()
                is_due = now - renewed >= settings.JOB_LEASE_RENEW_S
                try:
                    self._requests_read()
                    self._mailbox_empty(renew=is_due)
                    if self.is_cancelling:
                        cancel_seen = cancel_seen or now
                        if now - cancel_seen >= settings.JOB_CANCEL_GRACE_S:
                            self._cancel_without_waiting()
                    elif is_stopping():
                        stopping_seen = stopping_seen or now
                        self._stopping_tell()
                        if now - stopping_seen >= settings.JOB_CANCEL_GRACE_S:
                            self.hand_back()
                except (DatabaseError, InterfaceError) as error:
                    # A database that is away or locked for a moment; the lease may outlast it.
                    log.warning("lease_not_renewed", job_id=str(self.job_id), error=str(error))
                    connection.close()
                    # Another worker may have the job by now: nothing more may be computed, or said, for it.
                    if now > held_until:
                        self._lose("the database did not answer for a whole lease")
                    continue
                if is_due:
                    # From before the write, so that this process gives the job up no later than the row's lease ends.
                    renewed, held_until = now, now + settings.JOB_LEASE_S
        finally:
            connection.close()

    def _requests_read(self) -> None:
        row = self.rows().values_list("status", "stop_requested_at").first()
        if row is None:
            self._lose("another attempt has the job, or it is finished")
            return
        status, stop_requested_at = row
        if status == Status.CANCELLING:
            self.flag.raise_("cancel")
            if not self.is_cancelling:
                self.is_cancelling = True
                self.tracker.cancelling()
        elif stop_requested_at is not None:
            self.flag.raise_("stop")

    def _mailbox_empty(self, *, renew: bool) -> None:
        with self._mailbox_lock:
            left, self._mailbox = self._mailbox, {}
        # The renewal and what was left are one guarded update: where it changes no row, this attempt no longer holds the job.
        changes = left | {"lease_expires_at": lease_end()} if renew else left
        if not changes or self.is_lost:
            return
        try:
            is_held = self.rows().update(**changes)
        except (DatabaseError, InterfaceError):
            with self._mailbox_lock:
                self._mailbox = left | self._mailbox  # for the next time, unless there is something newer
            raise
        if not is_held:
            self._lose("another attempt has the job, or it is finished")

    def _cancel_without_waiting(self) -> None:
        """A search that is between two safe points must not keep the user waiting: the row ends here."""
        with transaction.atomic():
            is_ended = self.rows(Status.CANCELLING).update(
                status=Status.CANCELLED, finished_at=timezone.now(), checkpoint=None, has_incumbent=False, lease_expires_at=None
            )
        if is_ended:
            log.info("job_cancelled_at_once", job_id=str(self.job_id))
            self.tracker.cancelled()
        self._lose("cancelled")

    def _stopping_tell(self) -> None:
        """The search ends at its next safe point, and the attempt hands the job back with what it has then."""
        self.is_handing_back = True
        self.flag.raise_("cancel")

    def hand_back(self) -> None:
        """Puts the job back to waiting, with the newest checkpoint: its worker is being stopped. Costs none of its attempts."""
        with self._mailbox_lock:
            left, self._mailbox = self._mailbox, {}
        # With its newest columns in the same update: the next holder must not begin at an older checkpoint.
        waiting = {"status": Status.PENDING, "lease_expires_at": None, "queued_at": None, "handovers": F("handovers") + 1}
        if self.rows(Status.RUNNING).update(**left | waiting):
            log.info("job_handed_back", job_id=str(self.job_id), attempt=self.attempt)
            self._waiting_tell()
        elif self.rows(Status.CANCELLING).exists():
            self._cancel_without_waiting()
        self._lose("handed back")

    def _waiting_tell(self) -> None:
        """As the next holder will write: what this attempt may still say of its progress comes too late."""

        def save(record: dict[str, Any]) -> None:
            GenerationJob.objects.filter(id=self.job_id, attempt=self.attempt, status=Status.PENDING).update(progress=record)

        record = self.tracker.record
        ProgressTracker.resume(record, job_id=self.job_id, attempt=self.attempt + 1, save_row=save).waiting(WAITING)

    def _lose(self, why: str) -> None:
        self.is_lost = True
        self.flag.raise_("cancel")
        if not self._ended.is_set():
            log.info("lease_lost", job_id=str(self.job_id), attempt=self.attempt, why=why)
