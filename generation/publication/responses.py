"""A published page as an answer: rendered once for the same content, compressed, and known to whoever has it already.

The page is drawn as a stranger sees it; for somebody who is signed in only the header is drawn anew.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from academics.selectors import Role, organizations_visible
from generation.publication.access import Reading
from generation.publication.publication import Publication
from generation.publication.redis_cache import page_cache
from generation.publication.response_cache import HEADER as READY
from generation.timetable.archive_origin import taken_over_words
from generation.timetable.job_selectors import READERS
from generation.timetable.term_dates import zone_of
from generation.today.page_context import fit_published

KEEP_S = 900
USUAL, MOST_QUERY = frozenset({"view", "date", "term"}), 120
HEADER = ("<!--header-->", "<!--/header-->")
Context = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class PublishedPage:
    """``name`` says all that the page depends on beside the publication's content."""

    template: str
    name: str
    context: Context
    is_kept: bool = True
    is_usual: bool = True  # asked for as the site's own links do: only that lies ready, for what one may type has no end
    header: str = "_header.html"

    def render(self) -> bytes:
        return gzip.compress(render_to_string(self.template, dict(self.context())).encode(), compresslevel=6, mtime=0)

    def content(self, digest: str) -> bytes:
        return page_cache.remembered(f"page-{digest}", self.render, keep_s=KEEP_S) if self.is_kept else self.render()


def page_answer(request: HttpRequest, reading: Reading, page: PublishedPage) -> HttpResponse:
    publication = reading.publication
    assert publication is not None, "only what is published is kept"
    words = f"{publication.content_hash} {page.template} {reading.terms} {page.name}"
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    if request.user.is_authenticated:
        answer = HttpResponse(_with_header(request, reading, gzip.decompress(page.content(digest)).decode(), page.header))
        patch_cache_control(answer, private=True, no_cache=True)
    else:
        answer = _stranger_answer(request, lambda: page.content(digest), etag=f'W/"{digest}"')
        patch_cache_control(answer, public=True, no_cache=True)
        if page.is_kept and page.is_usual and reading.turn and _has_usual_query(request):
            answer.headers[READY] = f"{reading.turn} {_right_for_s(publication)}"
    patch_vary_headers(answer, ("Cookie", "Accept-Encoding"))
    return answer


def _stranger_answer(request: HttpRequest, page: Callable[[], bytes], *, etag: str) -> HttpResponse:
    answer: Any = get_conditional_response(request, etag=etag)
    if answer is None:
        content = page()
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            answer = HttpResponse(content, headers={"Content-Encoding": "gzip"})
        else:
            answer = HttpResponse(gzip.decompress(content), headers={"Content-Encoding": "identity"})
    answer.headers["ETag"] = etag
    return answer  # type: ignore[no-any-return]


def _has_usual_query(request: HttpRequest) -> bool:
    return set(request.GET) <= USUAL and len(request.META.get("QUERY_STRING", "")) <= MOST_QUERY


def _right_for_s(publication: Publication) -> float:
    """Until tomorrow, when another day is today, at the longest."""
    now = dt.datetime.now(zone_of(publication.time_zone))
    tomorrow = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    # Not all at the same moment: a crowd would find nothing ready.
    check_s = float(settings.PUBLISHED_CHECK_S) * random.uniform(0.5, 1.0)
    return round(min(check_s, max(1.0, (tomorrow - now).total_seconds())), 1)


def _with_header(request: HttpRequest, reading: Reading, page: str, template: str) -> str:
    context = {"organizations": organizations_visible(user=request.user), "organization": {"pk": reading.organization_id}}
    before, _, rest = page.partition(HEADER[0])
    _, _, after = rest.partition(HEADER[1])
    shown = render_to_string(template, context, request)
    if reading.role == Role.ADMIN and reading.publication is not None:
        fit = fit_published(reading.publication.variant_id, role=reading.role)
        shown += render_to_string("generation/today/_published.html", fit)
        if reading.publication.days.has_dates:
            named = request.resolver_match.kwargs if request.resolver_match else {}
            where = {
                "reading": reading,
                "by": named.get("by") if "key" in named else "",
                "key": named.get("key"),
                "date": request.GET.get("date"),
            }
            shown += render_to_string("generation/dates/_published.html", where)
    if reading.role in READERS and reading.publication is not None:
        shown += render_to_string(
            "generation/published/_taken_over.html", {"taken_over": taken_over_words(UUID(reading.publication.job_id))}
        )
    return before + shown + after
