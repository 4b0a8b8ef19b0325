"""Files of what is published: one's week or everything in each format, and the books with a bar while a worker makes one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academics.access import access_required
from academics.selectors import Role
from generation.errors import Conflict, Missing
from generation.exports import ExportFile, ExportRefused, document_file, export_file
from generation.exports.books import book_ask, book_detail, book_give_up, book_state
from generation.exports.document import BOOKS
from generation.exports.responses import file_answer
from generation.models import Rendering
from generation.publication.access import Reading, reading_page
from generation.publication.dated_files import document_dated
from generation.publication.directory import directory_of
from generation.timetable.grid import BY, By

FILES = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}


@require_safe
@reading_page
def published_file(request: HttpRequest, reading: Reading, kind: str) -> HttpResponse:
    """The whole timetable or one's own part of it, of every week or of that of a date; rendered once for the same content."""
    publication = reading.publication
    by, key = request.GET.get("by", ""), request.GET.get("key", "")
    if publication is None or kind not in FILES or bool(by) != bool(key) or (by and by not in BY):
        raise Http404
    item = directory_of(publication).item(by, key) if by in BY else None
    if by and item is None:
        raise Http404
    date = _date(request.GET.get("date", ""))
    if date is not None and not publication.days.has_dates:
        raise Http404
    chosen: By | None = by or None
    key = item.key if item else ""
    try:
        if date is None:
            file = export_file(publication.variant(), kind=kind, by=chosen, key=key, with_violations=False, is_inner=False)
        else:
            file = document_file(document_dated(publication, by=chosen, key=key, date=date), kind=kind)
    except ExportRefused as refusal:
        return render(request, "generation/published/refused.html", {"reading": reading, "reason": str(refusal)}, status=409)
    return file_answer(request, file, is_public=reading.is_public)


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@reading_page
def published_book(request: HttpRequest, reading: Reading, book: str) -> HttpResponse:
    """The book where it is there; else 202 and a bar. ``?progress`` tells a script how far it is; a POST gives it up."""
    publication = reading.publication
    if request.method == "POST":
        return _given_up(request, reading, book)
    if publication is None or book not in BOOKS:
        raise Http404
    if "progress" in request.GET:
        return JsonResponse(_facts(book_state(variant=publication.variant(), book=book)))
    found = book_ask(variant=publication.variant(), book=book)
    if isinstance(found, ExportFile):
        return file_answer(request, found, is_public=reading.is_public)
    context = _page(reading, book) | {"rendering": found, "facts": _facts(found)}
    return render(request, "generation/published/book.html", context, status=202)


def _given_up(request: HttpRequest, reading: Reading, book: str) -> HttpResponse:
    """For administrators, as it is everybody's book that is not made then."""
    if reading.role not in access_required(request).roles:
        raise PermissionDenied
    if reading.publication is None:
        return HttpResponse(status=409)
    try:
        row = book_give_up(variant=reading.publication.variant(), book=book)
    except Missing:
        return redirect("published-front", organization=reading.organization)
    except Conflict:  # it was finished just now, and is there
        return redirect(request.get_full_path())
    return render(request, "generation/published/book.html", _page(reading, book) | {"rendering": row, "facts": _facts(row)})


def _page(reading: Reading, book: str) -> dict[str, Any]:
    is_admin = reading.role == Role.ADMIN
    return {"reading": reading, "publication": reading.publication, "book": book, "is_admin": is_admin}


def _facts(row: Rendering | None) -> dict[str, Any]:
    if row is None:
        return {"status": "pending", "progress": 0.0, "pages_done": 0, "pages": 0, "detail": ""}
    return {"status": row.status, "progress": row.progress, "pages_done": row.done, "pages": row.total, "detail": book_detail(row)}
