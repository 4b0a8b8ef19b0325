"""Two variants compared over REST, for administrators and reviewers. It only reads."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.comparison.comparison import Criterion, comparable_require, differences_of, is_same_data, scores_of
from generation.comparison.rescoring import OWN, PROFILES, profiles_of
from generation.errors import Conflict
from generation.models import Variant
from generation.review import serializers as shapes
from generation.timetable.counts import counts_facts
from generation.timetable.lecture_moves import Moved
from generation.timetable.lectures import Lecture
from generation.variants.serializers import CountSerializer
from generation.web.lookup import get_variant
from generation.web.pagination import RowPages
from generation.web.serializers import query_checked


class CompareQuery(serializers.Serializer[Any]):
    profile = serializers.ChoiceField(
        choices=PROFILES,
        default=OWN,
        help_text="The weights that both are scored under: the institution's own, or those that favour somebody.",
    )
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=1000, help_text="Of `moved`.")
    page = serializers.IntegerField(required=False, min_value=1)


class CriterionSerializer(serializers.Serializer[Criterion]):
    id = serializers.CharField(help_text="`hard` and `soft` are the totals, the others constraints.")
    name = serializers.CharField(source="label")
    is_hard = serializers.BooleanField()
    first = serializers.IntegerField(help_text="A rule: how often it is broken. A wish: what it costs under these weights.")
    second = serializers.IntegerField()
    difference = serializers.IntegerField(help_text="How much more the second costs.")


class JudgedSerializer(serializers.Serializer[Any]):
    variant_id = serializers.UUIDField()
    job_id = serializers.UUIDField()
    name = serializers.CharField(help_text="The variant's label.")
    revision = serializers.IntegerField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    breakdown = serializers.DictField(child=serializers.IntegerField())
    counts = serializers.DictField(child=CountSerializer())
    student_clashes = serializers.IntegerField()
    unplaced = serializers.IntegerField(help_text="Lectures without a place.")


class PeopleSerializer(serializers.Serializer[Any]):
    """How many people's own week differs: another course, day, period, length or room of a lecture that they attend or teach."""

    students = serializers.IntegerField(source="num_students", allow_null=True, help_text="null where students are not known by name.")
    all_students = serializers.IntegerField()
    instructors = serializers.IntegerField(source="num_instructors")
    all_instructors = serializers.IntegerField()


class PlacedSerializer(serializers.Serializer[Lecture]):
    lecture = serializers.IntegerField(source="number")
    day = serializers.IntegerField(allow_null=True)
    period = serializers.IntegerField(allow_null=True)
    room = serializers.CharField()


class MovedSerializer(serializers.Serializer[Moved]):
    course = serializers.CharField(source="either.course")
    title = serializers.CharField(source="either.title")
    section = serializers.CharField(source="either.section")
    length = serializers.IntegerField(source="either.length")
    first = PlacedSerializer(allow_null=True, help_text="null where only the second has the lecture.")
    second = PlacedSerializer(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    profile = serializers.ChoiceField(choices=PROFILES)
    weights = serializers.DictField(child=serializers.IntegerField())
    is_same_data = serializers.BooleanField(help_text="Whether both runs were made from the same data.")
    not_judged = serializers.CharField(help_text="Why `first` and `second` are null: the data of an old run are gone; else empty.")
    first = JudgedSerializer(allow_null=True)
    second = JudgedSerializer(allow_null=True)
    criteria = CriterionSerializer(many=True)
    people = PeopleSerializer()
    num_lectures = serializers.IntegerField()
    num_moved = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    moved = MovedSerializer(many=True)


class VariantCompare(APIView):
    """Two variants of one term: both evaluated again under one chosen profile, whose week changes, and every lecture that moved.

    Totals under different weights say nothing beside each other, so there is one profile for both. 409 where the terms differ.
    """

    @extend_schema(parameters=[CompareQuery], responses={200: ComparisonSerializer} | shapes.READ_ERRORS | {409: shapes.WRITE_ERRORS[409]})
    def get(self, request: Request, variant_id: str, other_id: str) -> Response:
        query = query_checked(CompareQuery, request)
        first, second = get_variant(request, variant_id), get_variant(request, other_id)
        comparable_require(first, second)
        differences = differences_of(first, second)
        pages = RowPages()
        page = pages.paginate_queryset(cast(QuerySet[Any], differences.moves), request, view=self) or []
        facts = {
            **_rescored(first, second, query["profile"]),
            "is_same_data": is_same_data(first, second),
            "people": differences.people,
            "num_lectures": differences.num_lectures,
            "num_moved": len(differences.moves),
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "moved": page,
        }
        return Response(ComparisonSerializer(facts).data)


def _rescored(first: Variant, second: Variant, profile: str) -> dict[str, Any]:
    weights = profiles_of(first.job.organization)[profile].weights.as_dict()
    facts: dict[str, Any] = {"profile": profile, "weights": weights, "not_judged": "", "first": None, "second": None, "criteria": []}
    try:
        scores = scores_of(first, second, profile=profile)
    except Conflict as refusal:
        return facts | {"not_judged": str(refusal)}
    sides = {"first": _side(first) | vars(scores.first), "second": _side(second) | vars(scores.second)}
    return facts | sides | {"criteria": scores.criteria}


def _side(variant: Variant) -> dict[str, Any]:
    return {
        "variant_id": variant.pk,
        "job_id": variant.job_id,
        "name": variant.label,
        "revision": variant.revision,
        "counts": counts_facts(variant),
    }
