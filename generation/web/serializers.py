"""Shapes and answers that the REST sides of several features share."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request


class TextField(serializers.CharField):
    """Text only: DRF would turn a number into text, and a client's mistake would stay hidden."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class MessageSerializer(serializers.Serializer[Any]):
    """What an error says."""

    detail = serializers.CharField()


WRONG_BODY = {400: OpenApiResponse(OpenApiTypes.OBJECT, description="A value is out of its range; the body names its field.")}
REFUSED = {409: OpenApiResponse(MessageSerializer, description="The state does not allow it.")}


def query_checked(shape: type[Any], request: Request) -> dict[str, Any]:
    """The query string's values by their types; a wrong one is a 400 that names it."""
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    return cast(dict[str, Any], query.validated_data)


class TermQuery(serializers.Serializer[Any]):
    organization = serializers.CharField(required=False, max_length=40, help_text="Its code; left out: your own.")
    term = serializers.CharField(required=False, max_length=60, help_text="Its code; left out: the current term.")
