"""NUL characters, which PostgreSQL refuses even to look for: it would fail where SQLite finds nothing."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin


class NulMiddleware(MiddlewareMixin):
    """Stands before the session's. The REST interface names the field itself, so its addresses pass."""

    def process_request(self, request: HttpRequest) -> None:
        if "\0" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]  # nobody's session: cookies may spell NUL as \000
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith("/api/"):
            raise BadRequest("The address holds a NUL character.")
