"""Changing variants by hand over REST. Administrators change, reviewers look.

A change names the revision that it was made on. Sent twice it is refused the second time, with what the first one did.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from generation.editing import serializers as shapes
from generation.editing.board_cache import board_of
from generation.editing.copy import variant_copy
from generation.editing.place_offers import Chain, Place, Swap, affected, chains_best, places_all, places_best, swaps_with
from generation.editing.services import (
    EditRequest,
    StaleRevision,
    edit_redo,
    edit_undo,
    others_to_swap,
    redoable,
    swap_require,
    undoable,
    variant_edit,
)
from generation.editing.text import edit_words
from generation.editing.week_choices import choices_found
from generation.engine.evaluation.move_effects import Board
from generation.errors import Invalid
from generation.models import Edit, Entry, Variant
from generation.text.display_names import Naming
from generation.timetable.when import Clock, clocks_of, when_words
from generation.variants.serializers import VariantSerializer, variant_data
from generation.web.lookup import get_variant, user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import REFUSED, query_checked

CHANGED = {
    200: OpenApiResponse(shapes.EditedSerializer, description="It was so already; nothing was changed."),
    201: shapes.EditedSerializer,
    409: OpenApiResponse(shapes.StaleSerializer, description="The state does not allow it, or somebody was faster."),
}


@contextmanager
def _since_described(variant: Variant) -> Iterator[None]:
    """Inside, the refusal of a variant that was changed meanwhile says what happened, in the clock times of its term."""
    try:
        yield
    except StaleRevision as refusal:
        refusal.since = shapes.EditSerializer(refusal.edits, many=True, context=_words_context(variant)).data
        raise


def _words_context(variant: Variant) -> dict[str, Any]:
    """What the sentences about changes need."""
    return {"clocks": clocks_of(variant.job), "naming": Naming(variant.job.organization_id)}


def _edited(variant: Variant, edit: Edit | None) -> Response:
    context = _words_context(variant)
    clocks, naming = context["clocks"], context["naming"]
    lectures = [change["lecture"] for change in edit.changes] if edit else []
    undo, redo = undoable(variant=variant), redoable(variant=variant)
    found = {
        "revision": variant.revision,
        "hard": variant.hard,
        "soft": variant.soft,
        "edit": edit,
        "changed": list(variant.entries.filter(lecture__in=lectures)),
        "undo": edit_words(undo, clocks, naming) if undo else None,
        "redo": edit_words(redo, clocks, naming) if redo else None,
    }
    shape = shapes.EditedSerializer(found, context=context)
    return Response(shape.data, status=status.HTTP_201_CREATED if edit else status.HTTP_200_OK)


class LecturePlaces(APIView):
    """What holding one lecture elsewhere would change: for every start of the week, or the best places."""

    @extend_schema(
        parameters=[shapes.PlacesQuery],
        responses={200: shapes.PlacesSerializer, 409: OpenApiResponse(shapes.StaleSerializer, description="The run kept no problem.")},
    )
    def get(self, request: Request, variant_id: str, lecture: str) -> Response:
        query = query_checked(shapes.PlacesQuery, request)
        variant = get_variant(request, variant_id)
        entry = _lecture_or_404(variant, lecture)
        board, naming = board_of(variant=variant), Naming(variant.job.organization_id)
        room = query.get("room") or (entry.room if entry.is_room_pinned and entry.room else None)
        if room is not None and room not in board.problem.names.rooms:
            raise Invalid("room_unknown", field="room", room=room[:60])
        if "best" in query:
            slot = int(board.solution.slot[entry.lecture]) if entry.is_time_pinned and board.is_placed(entry.lecture) else None
            places = places_best(board, entry.lecture, num=query["best"], room=room, slot=slot, names=naming)
        else:
            places = places_all(board, entry.lecture, room=room, names=naming)
        found = {
            "revision": variant.revision,
            "lecture": entry,
            "who_names": [naming.instructor(code) for code in entry.instructors],
            "affected": affected(board, entry.lecture),
            "places": _with_times(places, variant),
            "chains": _chains(variant, board, entry, num=query["chains"], room=room),
        }
        return Response(shapes.PlacesSerializer(found).data)


def _chains(variant: Variant, board: Board, entry: Entry, *, num: int, room: str | None) -> list[dict[str, Any]]:
    if not num or entry.is_time_pinned:
        return []
    fixed = set(variant.entries.filter(is_pinned=True).exclude(lecture=entry.lecture).values_list("lecture", flat=True))
    chains = chains_best(board, entry.lecture, num=num, fixed=fixed, room=room)
    moved = {lecture for chain in chains for lecture, *_ in chain.moves}
    entries, clocks = {each.lecture: each for each in variant.entries.filter(lecture__in=moved)}, clocks_of(variant.job)
    return [_chain_row(chain, board, entries, clocks) for chain in chains]


def _chain_row(chain: Chain, board: Board, entries: dict[int, Entry], clocks: list[Clock]) -> dict[str, Any]:
    moves = []
    for lecture, slot, room in chain.moves:
        day, period = divmod(slot, board.problem.periods_per_day)
        place = {"day": day, "period": period, "when": when_words(day, period, clocks), "room": board.problem.names.rooms[room]}
        moves.append({name: getattr(entries[lecture], name) for name in ("lecture", "course", "section")} | place)
    return {name: getattr(chain, name) for name in ("hard", "soft", "changes", "reasons")} | {"moves": moves}


class LectureSwaps(APIView):
    """What one lecture changing places with each of some others would change. A pinned one, or one without a place, can't."""

    @extend_schema(
        parameters=[shapes.SwapsQuery],
        responses={200: shapes.SwapsSerializer, 409: OpenApiResponse(shapes.StaleSerializer, description="It is pinned, or has no place.")},
    )
    def get(self, request: Request, variant_id: str, lecture: str) -> Response:
        query = query_checked(shapes.SwapsQuery, request)
        variant = get_variant(request, variant_id)
        entry = _lecture_or_404(variant, lecture)
        swap_require(entry)
        board = board_of(variant=variant)
        others = others_to_swap(variant=variant, entry=entry, others=query["others"])
        swaps = swaps_with(board, entry.lecture, others)
        clocks = clocks_of(variant.job)
        rows = [_swap_row(swap, others[swap.lecture], clocks) for swap in swaps]
        return Response(shapes.SwapsSerializer({"revision": variant.revision, "lecture": entry, "swaps": rows}).data)


def _swap_row(swap: Swap, entry: Entry, clocks: list[Clock]) -> dict[str, Any]:
    place = {name: getattr(entry, name) for name in ("lecture", "course", "section", "day", "period", "room")}
    place["when"] = when_words(entry.day, entry.period, clocks)
    return place | {name: getattr(swap, name) for name in ("hard", "soft", "changes", "reasons")}


def _lecture_or_404(variant: Variant, lecture: str) -> Entry:
    found = variant.entries.filter(lecture=int(lecture)).first() if lecture.isdecimal() and len(lecture) < 9 else None
    if found is None:
        raise exceptions.NotFound(f"This timetable has no lecture {lecture[:20]!r}. Lectures are numbered from 0.")
    return found


def _with_times(places: list[Place], variant: Variant) -> list[dict[str, Any]]:
    clocks = clocks_of(variant.job)
    return [
        {each.name: getattr(place, each.name) for each in dataclasses.fields(place)} | {"when": when_words(place.day, place.period, clocks)}
        for place in places
    ]


class VariantWeeks(APIView):
    """Whose weeks there are: sections, instructors, rooms, curricula, departments or students by what their codes and names hold."""

    @extend_schema(parameters=[shapes.WeeksQuery], responses=shapes.WeeksSerializer)
    def get(self, request: Request, variant_id: str) -> Response:
        query = query_checked(shapes.WeeksQuery, request)
        variant = get_variant(request, variant_id)
        found = choices_found(variant=variant, by=query["by"], query=query["q"], num=query["num"])
        return Response(shapes.WeeksSerializer({"results": found}).data)


class VariantEdits(generics.ListAPIView[Edit]):
    """Every change by hand, newest first; ``POST`` makes one."""

    serializer_class = shapes.EditSerializer
    pagination_class = RowPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Edit]:
        variant = get_variant(self.request, self.kwargs["variant_id"])
        self.words_context = _words_context(variant)
        return variant.edits.select_related("user", "target", "undone_by").order_by("-number")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **getattr(self, "words_context", {})}

    @extend_schema(request=shapes.EditRequestSerializer, responses=CHANGED)
    def post(self, request: Request, variant_id: str) -> Response:
        user, variant = user_asking(request), get_variant(request, variant_id)
        shape = shapes.EditRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        with _since_described(variant):
            return _edited(variant, variant_edit(variant=variant, user=user, request=_requested(shape.validated_data)))


def _requested(given: dict[str, Any]) -> EditRequest:
    also = given.get("also", [])
    if also and given["action"] != Edit.Action.MOVE:
        raise Invalid("also_not_moved", field="also")
    further = tuple(EditRequest(given["revision"], given["action"], **each) for each in also)
    return EditRequest(**given | {"also": further})


class VariantUndo(APIView):
    """Takes back the latest change by hand that holds."""

    @extend_schema(request=shapes.RevisionSerializer, responses=CHANGED)
    def post(self, request: Request, variant_id: str) -> Response:
        return _again(request, variant_id, edit_undo)


class VariantRedo(APIView):
    """Makes the change again that was undone last."""

    @extend_schema(request=shapes.RevisionSerializer, responses=CHANGED)
    def post(self, request: Request, variant_id: str) -> Response:
        return _again(request, variant_id, edit_redo)


def _again(request: Request, variant_id: str, service: Any) -> Response:
    user, variant = user_asking(request), get_variant(request, variant_id)
    shape = shapes.RevisionSerializer(data=request.data)
    shape.is_valid(raise_exception=True)
    with _since_described(variant):
        return _edited(variant, service(variant=variant, user=user, revision=shape.validated_data["revision"]))


class VariantCopy(APIView):
    """A copy to change by hand, for administrators: a draft of its own, in a job of its own; the original stays as it is."""

    @extend_schema(
        request=None,
        responses={201: VariantSerializer} | REFUSED,
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeated, it gives the same copy.")],
    )
    def post(self, request: Request, variant_id: str) -> Response:
        variant = get_variant(request, variant_id)
        key = request.headers.get("Idempotency-Key", "").strip()
        made = variant_copy(variant=variant, user=user_asking(request), idempotency_key=key)
        location = reverse("variant-detail", kwargs={"variant_id": str(made.pk)}, request=request)
        return Response(variant_data(made, request), status=status.HTTP_201_CREATED, headers={"Location": location})
