"""Readiness over REST: the check of a term's data, for administrators and reviewers. Reads only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.readiness.check import readiness_check
from generation.web.lookup import get_organization, term_named
from generation.web.serializers import MessageSerializer, TermQuery, query_checked

LEVELS = [("red", "red"), ("amber", "amber"), ("good", "good")]


class ReadinessRecordSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField(help_text="Its page in the data entry.")


class ReadinessProblemSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=LEVELS[:2], help_text="red stops Generate, amber warns")
    id = serializers.CharField()
    message = serializers.CharField()
    records = ReadinessRecordSerializer(many=True)
    more = serializers.IntegerField(help_text="Records that are not listed.")


class ReadinessLoadSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    asked = serializers.IntegerField(help_text="Periods.")
    open = serializers.IntegerField(help_text="Periods.")
    level = serializers.ChoiceField(choices=LEVELS)
    address = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class ReadinessArithmeticSerializer(serializers.Serializer[Any]):
    """Every kind of room; of the others the fullest hundred."""

    rooms = ReadinessLoadSerializer(many=True)
    instructors = ReadinessLoadSerializer(many=True)
    sections = ReadinessLoadSerializer(many=True)
    curricula = ReadinessLoadSerializer(many=True)
    totals = serializers.DictField(child=serializers.IntegerField())


class ReadinessSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    term = serializers.CharField(allow_blank=True)
    is_ready = serializers.BooleanField(help_text="Whether a run may begin.")
    must_clash = serializers.IntegerField(help_text="Students who have two lectures at once in every timetable; they are among `problems`.")
    counts = serializers.DictField(child=serializers.IntegerField())
    problems = ReadinessProblemSerializer(many=True)
    arithmetic = ReadinessArithmeticSerializer()


class ReadinessView(APIView):
    """Whether a term's data allow a timetable: counts, problems with their records, and periods required beside periods open."""

    @extend_schema(
        parameters=[TermQuery],
        responses={
            200: ReadinessSerializer,
            400: OpenApiResponse(description="A value that names nothing, or is of the wrong type."),
            403: MessageSerializer,
            404: MessageSerializer,
        },
    )
    def get(self, request: Request) -> Response:
        query = query_checked(TermQuery, request)
        organization = get_organization(request, query.get("organization"))
        term = term_named(organization, query.get("term"))
        return Response(ReadinessSerializer(readiness_check(organization=organization, term=term).as_dict()).data)
