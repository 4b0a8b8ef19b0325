"""Errors of the REST interface that DRF leaves to Django, which would answer with a page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.response import Response
from rest_framework.views import exception_handler

from erp.parsers import BodyTooLargeError


def api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answers, and a 413 in JSON where Django refuses a body by its announced length."""
    return exception_handler(BodyTooLargeError() if isinstance(error, RequestDataTooBig) else error, context)
