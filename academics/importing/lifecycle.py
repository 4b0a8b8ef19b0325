"""What imports and archives have in common: an action is claimed by a guarded update, done by one process, and ends or goes back a step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from django.db.models import F
from django.utils import timezone

from academics.import_models import Stepped
from academics.importing import progress
from academics.importing.messages import ImportConflict, ImportRefusal, text
from academics.importing.planning import OnProgress
from academics.long_work import GivenUp, Hold, work_begin, work_do

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=Stepped)


def step_claim(row: Stepped, *, to: str, earlier: Sequence[str], **facts: Any) -> bool:
    """Claim the row for an action; False, with its present status, for whoever comes second."""
    rows = _manager(row).filter(pk=row.pk, status__in=earlier)
    facts |= {"queued_at": timezone.now(), "started_at": None, "lease_expires_at": None, "error": ""}
    claimed = rows.update(status=to, attempt=F("attempt") + 1, **facts)
    row.refresh_from_db(fields=["status", "attempt", *facts] if claimed else ["status"])
    return bool(claimed)


def step_run(*, model: type[Row], key: uuid.UUID, attempt: int, run: Callable[[Row, OnProgress], None], on_progress: OnProgress) -> None:
    """Do what the row was claimed for. Refusals are stored in the row and raised; nothing is written then.

    Whatever the work tells is a safe point: given up meanwhile, it is undone there, and the row is as whoever did so left it.
    """
    rows = model._default_manager.filter(pk=key, attempt=attempt, status__in=model.BEFORE)
    if not work_begin(rows):
        return  # somebody else's, or given up
    row = rows.first()
    if row is None:  # given up, or forgotten, since
        raise ImportConflict("given_up")
    before = model.BEFORE[row.status]
    try:
        is_done = work_do(row, lambda hold: run(row, _checked(hold, on_progress)))
    except ImportRefusal as refusal:
        rows.update(status=before, error=str(refusal), lease_expires_at=None, finished_at=timezone.now())
        raise
    except Exception:
        rows.update(status=before, error=text("import_failed"), lease_expires_at=None, finished_at=timezone.now())
        raise
    if not is_done:
        raise ImportConflict("given_up")


def _checked(hold: Hold, on_progress: OnProgress) -> OnProgress:
    def tell(words: str, done: int, total: int) -> None:
        hold.check()
        on_progress(words, done, total)

    return tell


def step_work(key: uuid.UUID, work: Callable[[OnProgress], None]) -> None:
    """A task's part: the work, and how far it is. A refusal is in the row by then, and only logged."""
    try:
        with progress.progress_news(key) as on_progress:
            work(on_progress)
    except ImportRefusal as refusal:
        log.info("step_refused", key=str(key), reason=str(refusal))


def step_finish(row: Stepped, status: str, **facts: Any) -> None:
    """The end, in the transaction of what was done: whoever was given up meanwhile takes all of it back."""
    rows = _manager(row).filter(pk=row.pk, status=row.status, attempt=row.attempt)
    if not rows.update(status=status, lease_expires_at=None, finished_at=timezone.now(), **facts):
        raise GivenUp


def progress_of(row: Stepped) -> dict[str, Any] | None:
    """How far the worker is, in words and percent."""
    news = progress.news(row.pk) if row.is_active and row.started_at else None
    if news is None:
        return None
    percent = min(99, 100 * news["done"] // max(1, news["total"]))
    return {"words": news["words"], "done": news["done"], "total": news["total"], "percent": percent}


def _manager(row: Stepped) -> Any:
    return type(row)._default_manager
