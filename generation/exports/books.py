"""Books: made once for the same content, the small ones at once, the large ones by a worker while the requester sees how far it is.

Two who ask at once get one task: see `academics.long_work`, which also finds one whose worker is gone.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from academics.long_work import GivenUp, Hold, rows_of, work_begin, work_do, work_give_up, work_queue
from generation.errors import Conflict, Missing
from generation.exports import RELEASE, ExportFile, book_name, cached_once
from generation.exports.document import Document, document_load
from generation.models import Rendering, Variant
from generation.text.messages import refusal_text

log = structlog.get_logger(__name__)
Status = Rendering.Status
SMALL = 40  # pages that take no longer than a request may
AGAIN_AFTER = timedelta(minutes=15)  # what failed too often is tried once more for whoever asks so much later
NOTED = timedelta(minutes=1)
CONTENT_TYPE = "application/pdf"


def book_ask(*, variant: Variant, book: str) -> ExportFile | Rendering:
    """The file where it is there or small; else the rendering that is under way, begun if need be. Reads the whole timetable."""
    document = document_load(variant, by=None, key="", with_violations=False)
    content_hash = _content_hash(document, book)
    from generation.exports import book_pdf  # typesetting's tables, which other pages need not wait for

    if book_pdf.num_weeks(document, book) <= SMALL:
        content = cached_once(content_hash, lambda: book_pdf.render(document, book, lambda done, total: None))
        return ExportFile(book_name(document, book), CONTENT_TYPE, content, content_hash)
    row, is_new = Rendering.objects.defer("content").get_or_create(content_hash=content_hash, defaults={"variant": variant, "book": book})
    if row.status == Status.DONE:
        _touch(row)
        content = bytes(Rendering.objects.values_list("content", flat=True).get(pk=row.pk) or b"")
        return ExportFile(book_name(document, book), CONTENT_TYPE, content, content_hash)
    if is_new:
        work_queue(row)
    else:
        _wake(row)
    return row


def book_state(*, variant: Variant, book: str) -> Rendering | None:
    """The newest rendering, as far as it is; None where nobody has requested it yet. One query."""
    return Rendering.objects.defer("content").filter(variant=variant, book=book).first()


def book_give_up(*, variant: Variant, book: str) -> Rendering:
    """Cancels the newest rendering, for everybody who requested it; raises `Missing` and `Conflict`."""
    row = book_state(variant=variant, book=book)
    if row is None:
        raise Missing("book_unknown", book=book)
    if not work_give_up(row):
        raise Conflict("book_over", status=row.get_status_display().lower())
    return row


def book_detail(row: Rendering) -> str:
    """Why there is no book, where it ended so."""
    if row.status == Status.CANCELLED:
        return refusal_text("book_given_up")
    return refusal_text("book_failed", number=str(row.pk)) if row.status == Status.FAILED else ""


def rendering_run(*, rendering_id: uuid.UUID) -> None:
    """The worker's part: claims the row, makes the file, stores it. Guarded writes; a second copy leaves."""
    rows = Rendering.objects.filter(pk=rendering_id)
    row = rows.defer("content").select_related("variant__job__organization", "variant__job__term").first()
    facts = {"status": Status.RUNNING, "attempt": F("attempt") + 1, "done": 0, "touched_at": timezone.now()}
    if row is None or not work_begin(rows.filter(attempt=row.attempt), **facts):
        return
    row.refresh_from_db(fields=["status", "attempt", "started_at", "lease_expires_at"])
    try:
        if not work_do(row, lambda hold: _render(row, hold)):
            log.info("book_left", book=row.book)
    except Exception:
        rows_of(row).update(status=Status.FAILED, lease_expires_at=None, finished_at=timezone.now())
        log.exception("book_failed", book=row.book)
        raise


def _render(row: Rendering, hold: Hold) -> None:
    mine = rows_of(row).filter(status=Status.RUNNING)

    def tell(done: int, total: int) -> None:
        hold.check()
        if not mine.update(done=done, total=total, touched_at=timezone.now()):
            raise GivenUp

    document = document_load(row.variant, by=None, key="", with_violations=False)
    if _content_hash(document, row.book) != row.content_hash:
        mine.delete()  # edited meanwhile: nobody needs this content any more
        return
    from generation.exports import book_pdf

    content = book_pdf.render(document, row.book, tell)
    now = timezone.now()
    if not mine.update(status=Status.DONE, content=content, lease_expires_at=None, finished_at=now, touched_at=now):
        raise GivenUp
    log.info("book_made", book=row.book, pages=row.total, bytes=len(content))


def renderings_sweep() -> None:
    """What nobody has read for long goes."""
    Rendering.objects.filter(touched_at__lt=timezone.now() - timedelta(days=settings.RENDERINGS_KEPT_DAYS)).delete()


def _wake(row: Rendering) -> None:
    """Queues it again for whoever asks, where it failed or was given up; what failed too often only after a while."""
    now = timezone.now()
    is_given_up = row.status == Status.FAILED and row.attempt >= row.MOST_ATTEMPTS
    if row.status not in (Status.FAILED, Status.CANCELLED) or (is_given_up and now - row.touched_at < AGAIN_AFTER):
        return
    same = Rendering.objects.filter(pk=row.pk, status=row.status, attempt=row.attempt, touched_at=row.touched_at)
    if same.update(**row.again(), touched_at=now):
        row.status, row.done, row.started_at = Status.PENDING, 0, None
        work_queue(row)


def _touch(row: Rendering) -> None:
    now = timezone.now()
    Rendering.objects.filter(Q(touched_at__lt=now - NOTED), pk=row.pk).update(touched_at=now)


def _content_hash(document: Document, book: str) -> str:
    return f"{RELEASE}-{book}-{document.content_hash}"
