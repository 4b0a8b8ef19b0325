"""Rolling a term forward over REST."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from academics.importing.api import AWAY, REFUSED, UNKNOWN, AdministersSomething, CountsSerializer, ImportedTimetableSerializer
from academics.importing.batches import organization_for_import
from academics.roll_forward.choices import WHAT, choices_read, source_get, target_get
from academics.roll_forward.services import roll_preview, term_roll


class RollForwardSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField(required=False, max_length=40, help_text="Its code. Left out: the one that you administer.")
    from_term = serializers.CharField(max_length=60, help_text="The code of the term that is rolled forward.")
    to_term = serializers.CharField(
        max_length=60, help_text="The code of the next term. It is made where there is none, with the same week."
    )
    what = serializers.ListField(child=serializers.ChoiceField(choices=list(WHAT)), required=False, help_text="Left out: everything.")
    departments = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="Codes: only their courses and people. Left out: all."
    )
    starts_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Of a term that is made.")
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=200, help_text="Of a term that is made.")
    academic_year = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    semester = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would be carried over.")


class RolledSerializer(serializers.Serializer[Any]):
    from_term = serializers.CharField()
    to_term = serializers.CharField()
    counts = serializers.DictField(child=CountsSerializer(), help_text="By kind: what would be added, or was, and what is there already.")
    samples = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()), help_text="The first of each kind, by name."
    )
    places = serializers.IntegerField(help_text="Lectures of the published timetable that are taken over.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What is left out, and why.")
    import_id = serializers.UUIDField(allow_null=True, help_text="By which it is undone; null for a dry run, and where nothing was new.")
    timetables = ImportedTimetableSerializer(many=True)


class RollForwardView(APIView):
    def get_permissions(self) -> list[Any]:
        return [AdministersSomething(), *super().get_permissions()]

    @extend_schema(
        request=RollForwardSerializer,
        responses={
            200: OpenApiResponse(RolledSerializer, "What would be carried over; or nothing is new."),
            201: OpenApiResponse(RolledSerializer, "It was carried over; `Location` is the import by which it is undone."),
            409: OpenApiResponse(OpenApiTypes.OBJECT, "The present state does not allow it."),
        }
        | REFUSED
        | UNKNOWN
        | AWAY,
    )
    def post(self, request: Request) -> Response:
        """Carries over to the next term what it lacks. What is there already stays as it is: a second time adds nothing."""
        serializer = RollForwardSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        facts = dict(serializer.validated_data)
        user = cast(User, request.user)
        organization = organization_for_import(user=user, code=facts.get("organization"))
        choices = choices_read(organization=organization, what=facts.get("what"), departments=facts.get("departments", ()))
        source = source_get(organization=organization, code=facts["from_term"])
        names = ("starts_on", "ends_on", "name", "academic_year", "semester")
        target = target_get(organization=organization, source=source, code=facts["to_term"], **{name: facts[name] for name in names})
        if facts["dry_run"]:
            rolled = roll_preview(organization=organization, source=source, target=target, choices=choices)
        else:
            rolled = term_roll(organization=organization, source=source, target=target, choices=choices, user=user)
        batch = rolled.batch
        answer = {name: getattr(rolled, name) for name in ("counts", "samples", "places", "notes", "timetables")}
        terms = {"from_term": rolled.source, "to_term": rolled.target}
        body = RolledSerializer(answer | terms | {"import_id": batch.pk if batch else None}).data
        if batch is None:
            return Response(body)
        location = reverse("import-detail", kwargs={"batch_id": str(batch.pk)}, request=request)
        return Response(body, status=201, headers={"Location": location})
