"""Bodies of the REST interface, no larger than the site allows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers, status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.utils.json import strict_constant


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
        body = body_limited(stream).getvalue()
        try:
            text = body.decode((parser_context or {}).get("encoding", settings.DEFAULT_CHARSET))
            return json.loads(text, parse_constant=strict_constant, object_pairs_hook=_object_once)
        except (ValueError, LookupError) as error:  # of what is no text of that encoding, and of an encoding that there is not
            raise ParseError(f"JSON parse error - {error}") from error
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply. Send the fields that the schema names.") from error


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that is there twice would have the last of its values, which is a guess."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ParseError(f"The JSON has the field `{name[:60]}` twice in one object. Send it once.")
    return found


class LimitedFormParser(parsers.FormParser):
    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return super().parse(body_limited(stream), media_type, parser_context)
