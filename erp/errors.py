"""The one place that makes HTTP answers of errors: of those that users meet, for REST and for pages; of those that DRF leaves to Django,
which would answer with a page; and of our own faults."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import page_not_found, permission_denied, server_error
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from academics.errors import UserError
from erp.parsers import BodyTooLargeError

logger = logging.getLogger(__name__)


class DatabaseAway(APIException):
    """The database is locked or does not answer."""

    wait = 5  # DRF makes it the Retry-After header
    status_code = 503
    default_detail = f"The database does not answer just now. Try again in {wait} s."


class _UserErrorAnswer(APIException):
    """A user's error in DRF's form: its body as it is, and Retry-After where it says when to try again."""

    def __init__(self, error: UserError) -> None:
        super().__init__(str(error))
        self.status_code, self.wait = error.status, error.retry_after_s
        self.detail = cast(Any, error.body())


def api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answers, in JSON also what Django refuses before a view reads it, and a 503 while the database is away."""
    if isinstance(error, UserError):
        error = _UserErrorAnswer(error)
    elif isinstance(error, RequestDataTooBig):
        error = BodyTooLargeError()
    elif isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        error = ParseError("The form has too many fields or files. Send less at a time, or JSON.")
    elif isinstance(error, OperationalError | InterfaceError):
        logger.error("The database did not answer a request: %s", error)
        error = DatabaseAway()
    return exception_handler(error, context)


class UserErrorMiddleware(MiddlewareMixin):
    """What no page words itself: Django's own 404 and 403, else a page with the sentence."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, UserError):
            return None
        if error.status == 404:
            return page_not_found(request, Http404(str(error)))
        if error.status == 403:
            return permission_denied(request, PermissionDenied(str(error)))
        answer = HttpResponse(render_to_string("refused.html", {"title": "This can't be done", "words": str(error)}), status=error.status)
        if error.retry_after_s:
            answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer


def page_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault: a 503 where the database is locked or away. Drawn without the header, which would ask it again."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return server_error(request)
    if request.path.startswith("/api/"):  # it failed before the interface began, as where a session is read
        answer: HttpResponse = JsonResponse({"detail": DatabaseAway.default_detail}, status=503)
        answer.headers["Retry-After"] = str(DatabaseAway.wait)
        return answer
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(DatabaseAway.wait)})
