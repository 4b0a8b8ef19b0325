"""Bodies of the REST interface, no larger than the site allows."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers, status
from rest_framework.exceptions import APIException, ParseError


class BodyTooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"

    def __init__(self) -> None:
        megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        super().__init__(f"The body is larger than {megabytes} MB. Send less, or load large data with the import_data command.")


def body_limited(stream: IO[bytes]) -> BytesIO:
    """The body, read no further than the limit: DRF's parsers read past Django's own check."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise BodyTooLargeError
    return BytesIO(body)


class LimitedJSONParser(parsers.JSONParser):
    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            return super().parse(body_limited(stream), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply. Send the fields that the schema names.") from error


class LimitedFormParser(parsers.FormParser):
    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return super().parse(body_limited(stream), media_type, parser_context)
