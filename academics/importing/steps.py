"""What imports and archives have in common: an action is claimed by a guarded update, done by one process, and ends or goes back a step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from django.db.models import F
from django.utils import timezone

from academics.import_models import Stepped
from academics.importing import live
from academics.importing.messages import ImportConflict, ImportRefusal, text
from academics.importing.planning import Told

log = structlog.get_logger(__name__)
SILENT_S = 900  # where Redis knows nothing of it, its process is taken for gone after so long
Row = TypeVar("Row", bound=Stepped)


def step_claim(row: Stepped, *, to: str, earlier: Sequence[str], **facts: Any) -> bool:
    """Claim the row for an action; False, with its present status, for whoever comes second."""
    rows = _manager(row).filter(pk=row.pk, status__in=earlier)
    claimed = rows.update(status=to, attempt=F("attempt") + 1, queued_at=timezone.now(), started_at=None, error="", **facts)
    row.refresh_from_db(fields=["status", "attempt", "queued_at", "started_at", "error", *facts] if claimed else ["status"])
    return bool(claimed)


def step_run(*, model: type[Row], key: uuid.UUID, attempt: int, run: Callable[[Row], None]) -> None:
    """Do what the row was claimed for. Refusals are stored in the row and raised; nothing is written then."""
    rows = model._default_manager.filter(pk=key, attempt=attempt, status__in=model.BEFORE)
    if not rows.filter(started_at=None).update(started_at=timezone.now()):
        return  # somebody else's, or given up
    row = model._default_manager.get(pk=key)
    before = model.BEFORE[row.status]
    try:
        run(row)
    except ImportRefusal as refusal:
        rows.update(status=before, error=str(refusal), finished_at=timezone.now())
        raise
    except Exception:
        rows.update(status=before, error=text("import_failed"), finished_at=timezone.now())
        raise


def step_work(key: uuid.UUID, work: Callable[[Told], None]) -> None:
    """A task's part: the work with its signs of life around it. A refusal is in the row by then, and only logged."""
    try:
        with live.at_work(key) as told:
            work(told)
    except ImportRefusal as refusal:
        log.info("step_refused", key=str(key), reason=str(refusal))


def step_finish(row: Stepped, status: str, **facts: Any) -> None:
    """The end, in the transaction of what was done: whoever was given up meanwhile takes all of it back."""
    rows = _manager(row).filter(pk=row.pk, status=row.status, attempt=row.attempt)
    if not rows.update(status=status, finished_at=timezone.now(), **facts):
        raise ImportConflict("import_died")


def step_awake(row: Row) -> Row:
    """The row, given up where its process went silent: what it wrote was in one transaction, and is gone."""
    if not row.is_active or row.started_at is None:
        return row
    is_long = timezone.now() - row.started_at > timedelta(seconds=SILENT_S)
    if not live.is_silent(row.pk) and (live.news(row.pk) or not is_long):
        return row
    rows = _manager(row).filter(pk=row.pk, attempt=row.attempt, status=row.status)
    if rows.update(status=row.BEFORE[row.status], attempt=F("attempt") + 1, error=text("import_died")):
        log.warning("import_died", id=str(row.pk))
    row.refresh_from_db(fields=["status", "attempt", "error"])
    return row


def step_give_up(row: Stepped) -> bool:
    """Stop waiting for a worker that has not begun; False, with its present status, where one has."""
    rows = _manager(row).filter(pk=row.pk, status=row.status, started_at=None)
    before = row.BEFORE.get(row.status)
    given_up = before is not None and bool(rows.update(status=before, attempt=F("attempt") + 1))
    row.refresh_from_db(fields=["status"])
    return given_up


def progress_of(row: Stepped) -> dict[str, Any] | None:
    """How far the worker is, in words and percent."""
    news = live.news(row.pk) if row.is_active and row.started_at else None
    if news is None:
        return None
    percent = min(99, 100 * news["done"] // max(1, news["total"]))
    return {"words": news["words"], "done": news["done"], "total": news["total"], "percent": percent}


def _manager(row: Stepped) -> Any:
    return type(row)._default_manager
