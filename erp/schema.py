"""The answers that every address of the REST interface can give, described in one place.

Who may call an address is read from the table of who may do what, the rest from what the framework does before and after
a view: it reads bodies, pages and counts, and answers 503 while the database is away. What a view describes itself stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from academics.access import ANYONE, Access, access_to

DETAIL = "Detail"
INVALID = "Invalid"
COMPONENTS: dict[str, Any] = {
    DETAIL: {
        "type": "object",
        "description": "Why the request was refused, in words.",
        "properties": {"detail": {"type": "string"}},
        "required": ["detail"],
    },
    INVALID: {
        "type": "object",
        "description": "By field, or under `detail` or `non_field_errors`: what is wrong and what is allowed.",
        "additionalProperties": {},
    },
}
WORDS = {
    400: "A value is missing, of the wrong type or out of its range; or a field or parameter is unknown here. The body names it.",
    401: "Not signed in, or with a token that is not valid.",
    403: "The caller's role does not allow it.",
    404: "There is no such thing for the caller.",
    409: "The present state does not allow it.",
    413: "The body is larger than the site takes.",
    415: "The body is of a type that this address does not read.",
    429: "Too many requests; see Retry-After.",
    503: "The database does not answer just now; see Retry-After.",
}
# Of success, where a view says no more.
DONE = {
    200: "What was asked for.",
    201: "Made; this is how it is now.",
    202: "Accepted: a worker does the rest, and this is how it stands.",
    204: "Done; there is nothing more to say.",
    304: "Unchanged since the ETag that was sent.",
}
FORMAT = "format"
METHODS = ("get", "post", "put", "patch", "delete")


def answers_documented(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """A drf-spectacular postprocessing hook."""
    for path, pattern in rest_patterns():
        described = result["paths"].get(path, {})
        for method in METHODS:
            if method in described:
                format_add(described[method], pattern)
                answers_add(described[method], pattern, access_to(pattern.name or "", method.upper()))
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    return result


def format_add(operation: dict[str, Any], pattern: URLPattern) -> None:
    """The framework's own parameter, which its generator names only where there is more than one format."""
    view = getattr(pattern.callback, "cls", None)
    parameters = operation.setdefault("parameters", [])
    if view is not None and FORMAT not in {each["name"] for each in parameters}:
        formats = [renderer.format for renderer in view.renderer_classes]
        parameters.append({"in": "query", "name": FORMAT, "schema": {"type": "string", "enum": formats}, "description": "Of the answer."})


def answers_add(operation: dict[str, Any], pattern: URLPattern, access: Access) -> None:
    answers = operation["responses"]
    for status in statuses(operation, pattern, access):
        answers.setdefault(str(status), {"description": WORDS[status]})
    for code, answer in answers.items():
        answer["description"] = answer.get("description") or (DONE | WORDS).get(int(code), HTTPStatus(int(code)).phrase)
        if int(code) >= HTTPStatus.BAD_REQUEST and not answer.get("content"):
            answer["content"] = _body(INVALID if int(code) == HTTPStatus.BAD_REQUEST else DETAIL)
    operation["responses"] = dict(sorted(answers.items()))


def statuses(operation: dict[str, Any], pattern: URLPattern, access: Access) -> Iterator[int]:
    """What the address can answer beside success, by who may call it, what it takes and what limits it."""
    view = getattr(pattern.callback, "cls", None)
    named = {(each["in"], each["name"]) for each in operation.get("parameters", ())}
    has_body = "requestBody" in operation
    yield 400  # of a parameter or field that the address does not know: erp/strict.py
    reads_token = bool(getattr(view, "authentication_classes", None)) or getattr(view, "throttle_scope", "") == "sign_in"
    if ANYONE not in access.who or reads_token:
        yield 401
    if ANYONE not in access.who:
        yield 403
    if access.of or any(place == "path" or name in ("page", "organization") for place, name in named):
        yield 404
    if access.states:
        yield 409
    if has_body:
        yield from (413, 415)
    if getattr(view, "throttle_scope", ""):
        yield 429
    yield 503


def rest_patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every address under /api/, as the schema writes it."""
    for route, pattern in _patterns(get_resolver(), "/"):
        if route.startswith("/api/"):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), pattern


def _patterns(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, each
        elif each.app_name != "admin":
            yield from _patterns(each, route)


def _body(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
