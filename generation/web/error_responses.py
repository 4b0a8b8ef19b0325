"""Refusals of the services as answers of the REST framework."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import exceptions, status

from generation.errors import Conflict, Forbidden, Invalid, Missing, TooMany
from generation.text.messages import refusal_text


class ConflictAnswer(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class TooManyAnswer(exceptions.APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many"

    def __init__(self, refusal: TooMany) -> None:
        super().__init__(str(refusal))
        self.wait = refusal.retry_after_s  # DRF makes it the Retry-After header


@contextmanager
def refusals_answered() -> Iterator[None]:
    """Inside, a refusal becomes the error body and status of its kind."""
    try:
        yield
    except Invalid as refusal:
        raise exceptions.ValidationError({refusal.field or "non_field_errors": [str(refusal), *refusal.lines]}) from refusal
    except Forbidden as refusal:
        raise exceptions.PermissionDenied(str(refusal)) from refusal
    except Missing as refusal:
        raise exceptions.NotFound(str(refusal)) from refusal
    except Conflict as refusal:
        raise ConflictAnswer(str(refusal)) from refusal
    except TooMany as refusal:
        raise TooManyAnswer(refusal) from refusal


def job_id_parse(text: str) -> uuid.UUID:
    """A malformed id names no job: 404, like an unknown one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise exceptions.NotFound(refusal_text("job_unknown", job_id=text)) from None
