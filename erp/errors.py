"""Errors of the REST interface that DRF leaves to Django, which would answer with a page; and the pages of our own faults."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from erp.parsers import BodyTooLargeError

logger = logging.getLogger(__name__)


class DatabaseAway(APIException):
    """The database is locked or does not answer."""

    wait = 5  # DRF makes it the Retry-After header
    status_code = 503
    default_detail = f"The database does not answer just now. Try again in {wait} s."


def api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answers, in JSON also what Django refuses before a view reads it, and a 503 while the database is away."""
    if isinstance(error, RequestDataTooBig):
        error = BodyTooLargeError()
    elif isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        error = ParseError("The form has too many fields or files. Send less at a time, or JSON.")
    elif isinstance(error, OperationalError | InterfaceError):
        logger.error("The database did not answer a request: %s", error)
        error = DatabaseAway()
    return exception_handler(error, context)


def page_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault: a 503 where the database is locked or away. Drawn without the header, which would ask it again."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return server_error(request)
    if request.path.startswith("/api/"):  # it failed before the interface began, as where a session is read
        answer: HttpResponse = JsonResponse({"detail": DatabaseAway.default_detail}, status=503)
        answer.headers["Retry-After"] = str(DatabaseAway.wait)
        return answer
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(DatabaseAway.wait)})
