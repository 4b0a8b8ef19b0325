"""Books: made once for the same content, the small ones at once, the large ones by a worker while whoever asked sees how far it is.

Two who ask at once get one task. A task that went silent is queued again by whoever asks next, and by the sweep no later.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.exports import RELEASE, ExportFile, book_name, cached_once
from generation.exports.book_pdf import num_weeks, render
from generation.exports.document import Document, document_load
from generation.models import Rendering, Variant
from generation.queue import rendering_send

log = structlog.get_logger(__name__)
Status = Rendering.Status
SMALL = 40  # pages that take no longer than a request may
MOST_ATTEMPTS = 3
AGAIN_AFTER = timedelta(minutes=15)  # what failed too often is tried once more for whoever asks so much later
NOTED = timedelta(minutes=1)
CONTENT_TYPE = "application/pdf"


class Abandoned(Exception):
    """Somebody else has the rendering, or its content has changed: leave without a word to the row."""


def book_ask(*, variant: Variant, book: str) -> ExportFile | Rendering:
    """The file where it is there or small; else the rendering that is under way, begun if need be. Reads the whole timetable."""
    document = document_load(variant, by=None, key="", is_judged=False)
    content_hash = _content_hash(document, book)
    if num_weeks(document, book) <= SMALL:
        content = cached_once(content_hash, lambda: render(document, book, lambda done, total: None))
        return ExportFile(book_name(document, book), CONTENT_TYPE, content, content_hash)
    row, is_new = Rendering.objects.defer("content").get_or_create(content_hash=content_hash, defaults={"variant": variant, "book": book})
    if row.status == Status.DONE:
        _touch(row)
        content = bytes(Rendering.objects.values_list("content", flat=True).get(pk=row.pk) or b"")
        return ExportFile(book_name(document, book), CONTENT_TYPE, content, content_hash)
    if is_new:
        rendering_send(rendering_id=row.pk)
    else:
        _wake(row)
    return row


def book_state(*, variant: Variant, book: str) -> Rendering | None:
    """The newest rendering, as far as it is; None where nobody has asked yet. One query."""
    row = Rendering.objects.defer("content").filter(variant=variant, book=book).first()
    if row is not None:
        _wake(row)
    return row


def rendering_run(*, rendering_id: uuid.UUID) -> None:
    """The worker's part: claims the row, makes the file, stores it. Guarded writes; a second copy leaves."""
    rows = Rendering.objects.filter(pk=rendering_id)
    row = rows.defer("content").select_related("variant__job__organization", "variant__job__term").first()
    if row is None or not rows.filter(status=Status.PENDING, attempt=row.attempt).update(
        status=Status.RUNNING, attempt=row.attempt + 1, done=0, touched_at=timezone.now()
    ):
        return
    mine = rows.filter(status=Status.RUNNING, attempt=row.attempt + 1)

    def tell(done: int, total: int) -> None:
        if not mine.update(done=done, total=total, touched_at=timezone.now()):
            raise Abandoned

    try:
        document = document_load(row.variant, by=None, key="", is_judged=False)
        if _content_hash(document, row.book) != row.content_hash:
            mine.delete()  # edited meanwhile: nobody asks for this content any more
            return
        content = render(document, row.book, tell)
        mine.update(status=Status.DONE, content=content, touched_at=timezone.now())
        log.info("book_made", book=row.book, pages=row.total, bytes=len(content))
    except Abandoned:
        log.info("book_left", book=row.book)
    except Exception:
        mine.update(status=Status.FAILED)
        log.exception("book_failed", book=row.book)
        raise


def renderings_sweep() -> None:
    """What nobody has read for long goes; what went silent is queued again. Guarded writes."""
    now = timezone.now()
    Rendering.objects.filter(touched_at__lt=now - timedelta(days=settings.RENDERINGS_KEPT_DAYS)).delete()
    for row in Rendering.objects.defer("content").filter(status__in=(Status.RUNNING, Status.PENDING)):
        _wake(row)


def _wake(row: Rendering) -> None:
    """Queues it again where it failed or went silent; gives up after `MOST_ATTEMPTS`."""
    now = timezone.now()
    is_given_up = row.status == Status.FAILED and row.attempt >= MOST_ATTEMPTS
    if row.status == Status.DONE or now - row.touched_at < _silent_after(Status(row.status), is_given_up=is_given_up):
        return
    same = Rendering.objects.filter(pk=row.pk, status=row.status, attempt=row.attempt, touched_at=row.touched_at)
    if row.attempt >= MOST_ATTEMPTS and not is_given_up:
        same.update(status=Status.FAILED, touched_at=now)
        return
    if same.update(status=Status.PENDING, done=0, touched_at=now):
        row.status, row.done = Status.PENDING, 0
        rendering_send(rendering_id=row.pk)


def _silent_after(status: Status, *, is_given_up: bool) -> timedelta:
    """How long nothing may be heard of it until it is queued again."""
    silent = {Status.RUNNING: timedelta(seconds=3 * settings.JOB_LEASE_S), Status.PENDING: timedelta(minutes=5)}
    return AGAIN_AFTER if is_given_up else silent.get(status, timedelta())


def _touch(row: Rendering) -> None:
    now = timezone.now()
    Rendering.objects.filter(Q(touched_at__lt=now - NOTED), pk=row.pk).update(touched_at=now)


def _content_hash(document: Document, book: str) -> str:
    return f"{RELEASE}-{book}-{document.content_hash}"
