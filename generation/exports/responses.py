"""A file as the answer to a request."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from generation.exports import ExportFile


def file_answer(request: HttpRequest, file: ExportFile, *, is_public: bool = False) -> HttpResponse:
    """The file, or 304 for whoever has it."""
    response = HttpResponse(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["ETag"] = f'"{file.content_hash}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, **({"public": True} if is_public else {"private": True}), no_cache=True)
    return cast(HttpResponse, get_conditional_response(request, etag=response.headers["ETag"], response=response))
