"""Variants over REST. Readers are administrators and reviewers; viewers get what is published.

All only read, so they may be repeated, but giving up a book. Lists are paged; an export is rendered once for the same content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.exports import CONTENT_TYPES, ExportFile, export_file
from generation.exports.books import book_ask, book_give_up, book_state
from generation.exports.responses import file_answer
from generation.models import Entry, GenerationJob, Rendering, Variant
from generation.problem.seating_codec import seating_rows
from generation.timetable.conflict_store import Conflicts
from generation.timetable.conflicts import conflict_rows
from generation.timetable.grid import BY, entries_filter
from generation.timetable.visibility import entries_published, is_reader, variants_visible, with_is_read
from generation.today.selectors import fits_known, is_in_use
from generation.variants import serializers as shapes
from generation.variants.serializers import variant_data
from generation.web.lookup import get_variant, user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import REFUSED, query_checked


def entries_narrowed(entries: QuerySet[Entry], query: Mapping[str, Any]) -> QuerySet[Entry]:
    for by in BY:
        if query.get(by):
            entries = entries_filter(entries, by=by, key=query[by])
    return entries.filter(day=query["day"]) if "day" in query else entries


class WholePages(RowPages):
    """All rows on one page, unless the caller asks for less."""

    max_page_size = 100_000

    def __init__(self, num_rows: int) -> None:
        self.page_size = max(1, num_rows)


class VariantList(generics.ListAPIView[Variant]):
    """The variants that the caller may see, of one job or of all; `fits_today` where it is known."""

    serializer_class = shapes.VariantSerializer
    pagination_class = RowPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Variant]:
        query = query_checked(shapes.VariantFilter, self.request)
        large = ("conflicts", *(f"job__{name}" for name in GenerationJob.LARGE))
        seen = variants_visible(user=user_asking(self.request)).select_related("job__taken_over", "job__workflow").defer(*large)
        variants = with_is_read(seen, user=user_asking(self.request)).order_by("-job__created_at", "job", "index")
        return variants.filter(job_id=query["job_id"]) if "job_id" in query else variants

    @extend_schema(parameters=[shapes.VariantFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        fits = fits_known(each for each in page if each.is_read and is_in_use(each.job))  # type: ignore[attr-defined]  # annotated
        return self.get_paginated_response(shapes.VariantSerializer(page, many=True, context={"fits": fits}).data)


class VariantDetail(APIView):
    """One variant with its breakdown, statistics and certificate."""

    @extend_schema(responses=shapes.VariantSerializer)
    def get(self, request: Request, variant_id: str) -> Response:
        variant = get_variant(request, variant_id)
        return Response(variant_data(variant, request))


class VariantEntries(generics.ListAPIView[Entry]):
    """The lectures of one variant; days and periods count from 0, and are null where a lecture has no place yet."""

    serializer_class = shapes.EntrySerializer
    pagination_class = RowPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Entry]:
        variant = get_variant(self.request, self.kwargs["variant_id"])
        return entries_narrowed(variant.entries.all(), query_checked(shapes.EntryFilter, self.request))

    @extend_schema(parameters=[shapes.EntryFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class VariantConflicts(APIView):
    """Every violation and penalty of one variant; the hard amounts sum to its ``hard``, the others to its ``soft``."""

    @extend_schema(parameters=[shapes.ConflictFilter], responses=shapes.ConflictPage)
    def get(self, request: Request, variant_id: str) -> Response:
        query = query_checked(shapes.ConflictFilter, request)
        variant = get_variant(request, variant_id)
        found = Conflicts(variant.pk, constraint=query.get("type", ""), is_hard=query["hard"])
        pages = WholePages(len(found))
        page = conflict_rows(variant, pages.paginate_queryset(cast(QuerySet[Any], found), request, view=self) or [])
        envelope = {"count": len(found), "hard": variant.hard, "soft": variant.soft}
        links = {"next": pages.get_next_link(), "previous": pages.get_previous_link()}
        return Response(envelope | links | {"results": shapes.ConflictSerializer(page, many=True).data})


class VariantStudents(APIView):
    """Which section of each course each student attends; a job may move students between parallel sections to spare them clashes."""

    @extend_schema(parameters=[shapes.StudentFilter], responses=shapes.StudentPage)
    def get(self, request: Request, variant_id: str) -> Response:
        query = query_checked(shapes.StudentFilter, request)
        variant = get_variant(request, variant_id)
        rows = seating_rows(variant, student=query.get("student", ""), section=query.get("section", ""))
        pages = RowPages()
        page = pages.paginate_queryset(cast(QuerySet[Any], rows), request, view=self) or []
        return pages.get_paginated_response(shapes.StudentSerializer(page, many=True).data)


class VariantExport(APIView):
    """The timetable as a file. ``ctt`` is for organizations imported from one; ``unitime`` is UniTime's CSV of classes.

    ``fet`` is a file of FET with every lecture locked, and ``fet-left-out`` lists what FET can't say, by kind and count; both are for
    those who read the whole timetable. ``ics`` needs the term's dates.
    """

    @extend_schema(
        parameters=[shapes.ExportQuery],
        responses={(200, kind): OpenApiTypes.OBJECT if kind == "application/json" else OpenApiTypes.BINARY for kind in CONTENT_TYPES}
        | {202: shapes.RenderingSerializer}
        | REFUSED,
    )
    def get(self, request: Request, variant_id: str) -> HttpResponse:
        query = query_checked(shapes.ExportQuery, request)
        if query.get("key") and not query.get("by"):
            raise ValidationError({"by": "Say what the key is: section, instructor, room or curriculum."})
        variant = get_variant(request, variant_id)
        if query.get("book"):
            return self._book(request, variant, query)
        with_violations = is_reader(user=user_asking(request), variant=variant)
        file = export_file(variant, kind=query["as"], by=query.get("by"), key=query.get("key", ""), with_violations=with_violations)
        return file_answer(request, file)

    def _book(self, request: Request, variant: Variant, query: Mapping[str, Any]) -> HttpResponse:
        """The file where it is there or small; else 202 with how far it is. The progress alone is 202 until there is the file."""
        if query["as"] != "pdf" or query.get("key") or query.get("by"):
            raise ValidationError({"book": "A book is a PDF of all of a kind: ask with as=pdf, and without by and key."})
        found: ExportFile | Rendering | None = book_state(variant=variant, book=query["book"]) if query["progress"] else None
        found = found or book_ask(variant=variant, book=query["book"])
        if isinstance(found, ExportFile):
            return file_answer(request, found)
        return Response(shapes.RenderingSerializer(found).data, status=status.HTTP_202_ACCEPTED, headers={"Retry-After": "1"})

    @extend_schema(parameters=[shapes.RenderingQuery], request=None, responses={202: shapes.RenderingSerializer} | REFUSED)
    def delete(self, request: Request, variant_id: str) -> Response:
        """Gives up the book that a worker is to make, or makes, for everybody who requested it; 409 where it is over."""
        variant = get_variant(request, variant_id)
        query = query_checked(shapes.RenderingQuery, request)
        row = book_give_up(variant=variant, book=query["book"])
        return Response(shapes.RenderingSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class PublishedList(generics.ListAPIView[Entry]):
    """The lectures of the published timetables, for everybody who belongs to the organization."""

    serializer_class = shapes.PublishedEntrySerializer
    pagination_class = RowPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Entry]:
        query = query_checked(shapes.PublishedFilter, self.request)
        user = user_asking(self.request)
        entries = entries_published(user=user, organization=query.get("organization", ""), term=query.get("term", ""))
        return entries_narrowed(entries, query)

    @extend_schema(parameters=[shapes.PublishedFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
