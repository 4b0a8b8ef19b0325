"""Requests hold what the interface's description names, and nothing else.

What an address takes is read from the same OpenAPI description that `/api/schema/` serves, so that the two can't differ. It
stands in the settings as a permission of every REST view, which is the framework's place for a check between signing in and the view.
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.http import Http404, QueryDict
from django.urls import path
from rest_framework import negotiation, serializers
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.settings import api_settings

from generation.engine.model.text import listed

if TYPE_CHECKING:  # the framework reads this module while it loads its views
    from rest_framework.views import APIView

Schema = Mapping[str, Any]
Fault = tuple[str, str]  # where, and what is wrong there

MOST_FAULTS = 20
MOST_NAMES = 40  # that a message lists
NO_BODY_BYTES = 64 * 1024  # of an address that takes no body no more is read
NO_BODY = "This address takes no body. Leave it out."
CSRF_FIELD = "csrfmiddlewaretoken"  # Django reads it from forms that are sent with a session
KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
NUMBERS = {"integer": re.compile(r"[+-]?[0-9]+"), "number": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")}
BOOLEANS = {value for value in serializers.BooleanField.TRUE_VALUES | serializers.BooleanField.FALSE_VALUES if isinstance(value, str)}


@dataclass(frozen=True)
class Operation:
    """What one method of an address takes."""

    query: Mapping[str, Schema]
    bodies: Mapping[str, Schema]  # by media type
    components: Mapping[str, Schema]

    @property
    def fields(self) -> set[str]:
        """The names of all that a body may hold."""
        return {name for media in self.bodies for name in self.body(media).get("properties", {})}

    def body(self, content_type: str) -> Schema:
        """The object that a body of this type is; one without any fields where the address takes none."""
        usual: Schema = next(iter(self.bodies.values()), {"properties": {}})
        schema = self.bodies.get(content_type.partition(";")[0].strip().lower(), usual)
        shapes = self.shapes(schema)
        if len(shapes) == 1:
            return shapes[0]
        return {"properties": {name: field for shape in shapes for name, field in shape.get("properties", {}).items()}}

    def shapes(self, schema: Schema) -> list[dict[str, Any]]:
        """The schemas of which one has to fit, without references."""
        if "$ref" in schema:
            return self.shapes(self.components[schema["$ref"].rpartition("/")[2]])
        if "allOf" in schema:
            return [shape for part in schema["allOf"] for shape in self.shapes(part)]
        if either := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
            return [shape for part in either for shape in self.shapes(part)]
        if "enum" in schema and "type" not in schema:
            return [{**schema, "type": kind} for kind in sorted({_kind_of(value) for value in schema["enum"] if value is not None})]
        return [dict(schema)]


NOTHING = Operation({}, {}, {})


class AsDescribed(BasePermission):
    """Checked once the caller is known to be admitted: whatever the description does not name is a 400 that names it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        method = (request.method or "").lower()
        if method != "options" and hasattr(view, method):
            operation = operation_of(request, view)
            faults = list(islice(_request_faults(request, operation), MOST_FAULTS))
            if faults:
                raise ValidationError({where: [words for place, words in faults if place == where] for where, _ in faults})
        return True


class NamedFormats(negotiation.DefaultContentNegotiation):
    def filter_renderers(self, renderers: Any, format: str) -> Any:
        """A `format` that there is not is a fault of the request; the framework would say that there is no such address."""
        try:
            return super().filter_renderers(renderers, format)
        except Http404 as missing:
            known = ", ".join(dict.fromkeys(renderer.format for renderer in renderers if renderer.format))
            words = f"There is no format {format[:20]!r} here. Choose one of: {known}."
            raise ValidationError({api_settings.URL_FORMAT_OVERRIDE: [words]}) from missing


def operation_of(request: Request, view: APIView) -> Operation:
    """As the description has it; of a view that the description leaves out, what it names in `query_names`."""
    match, method = request.resolver_match, (request.method or "").lower()
    if match is None:
        return NOTHING
    with _lock:
        described = _described(match.route, match.func, match.url_name)
    found = described.get("get" if method == "head" else method)
    return found or Operation({name: {} for name in getattr(view, "query_names", ())}, {}, {})


# The generator of the description was written for one caller at a time.
_lock = threading.Lock()


@cache
def _described(route: str, view: Callable[..., Any], name: str | None) -> dict[str, Operation]:
    """What an address takes, by method. About 30 ms, once in each process."""
    from drf_spectacular.generators import SchemaGenerator

    generator = SchemaGenerator(patterns=[path(route, view, name=name)])  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    components = document["components"]["schemas"]
    address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    return {
        method: Operation(
            {each["name"]: each["schema"] for each in operation.get("parameters", ()) if each["in"] == "query"},
            {media: content["schema"] for media, content in operation.get("requestBody", {}).get("content", {}).items()},
            components,
        )
        for method, operation in document["paths"].get(address, {}).items()
    }


def _request_faults(request: Request, operation: Operation) -> Iterator[Fault]:
    """Of the query, and only where nothing is wrong with that of the body, which is not read before."""
    found = False
    for fault in _form_faults(request.query_params, operation.query, operation, "parameter", operation.fields):
        found = True
        yield fault
    if not found and _body_length(request):
        yield from _body_faults(request, operation)


def _body_length(request: Request) -> int:
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return int(length) if length.isdecimal() else 0


def _body_faults(request: Request, operation: Operation) -> Iterator[Fault]:
    if not operation.bodies and _body_length(request) > NO_BODY_BYTES:
        yield "non_field_errors", NO_BODY
        return
    try:
        data, query = request.data, operation.query.keys()
    except UnsupportedMediaType:
        if operation.bodies:
            raise
        yield "non_field_errors", NO_BODY
        return
    shape = operation.body(request.content_type or "")
    fields = shape.get("properties", {})
    if isinstance(data, QueryDict):
        yield from _form_faults(data, fields, operation, "field", query)
    elif isinstance(data, dict):
        yield from _object_faults(data, shape, operation, "", query)
    elif fields:
        yield "non_field_errors", f"Send an object with the fields of this address: {_names(fields)}. This is {_kind_words(data)}."
    elif data:
        yield "non_field_errors", NO_BODY


def _form_faults(
    data: QueryDict, fields: Mapping[str, Schema], operation: Operation, word: str, elsewhere: Collection[str]
) -> Iterator[Fault]:
    """Of the address's query or a form's body, where every value is a text."""
    is_body = word == "field"
    for name, values in data.lists():
        if name in fields:
            shapes, is_nullable = operation.shapes(fields[name]), is_body and fields[name].get("nullable", False)
        elif is_body and (part := _part(name, fields, operation)) is not None:
            shapes, is_nullable = part, False
        else:
            if not (is_body and name == CSRF_FIELD):
                yield name[:60], _unknown(name[:60], name, fields, word, elsewhere)
            continue
        lists = [shape for shape in shapes if shape.get("type") == "array"]
        if lists:
            shapes = operation.shapes(lists[0].get("items", {}))
        elif len(values) > 1:
            yield _top(name), f"`{name[:60]}` is there {len(values)} times. Send it once."
            continue
        for value in values:
            if wrong := _text_fault(value, shapes, is_nullable=is_nullable):
                yield _top(name), f"`{name[:60]}` {wrong}."


def _part(name: str, fields: Mapping[str, Schema], operation: Operation) -> list[dict[str, Any]] | None:
    """In forms the framework also reads lists as `name[0]` and objects as `name.key`."""
    found = re.fullmatch(r"(?P<field>[^.\[]+)(?:\[[0-9]+\]|\.(?P<key>.+))", name)
    if found is None or found["field"] not in fields:
        return None
    for shape in operation.shapes(fields[found["field"]]):
        if found["key"] is None and shape.get("type") == "array":
            return operation.shapes(shape.get("items", {}))
        if found["key"] and isinstance(shape.get("additionalProperties"), dict):
            return operation.shapes(shape["additionalProperties"])
    return None


def _text_fault(value: Any, shapes: Sequence[Schema], *, is_nullable: bool) -> str:
    """What is wrong with a text that was sent for a value; empty where it may be right."""
    kinds = {str(shape.get("type", "string")) for shape in shapes} or {"string"}
    if not isinstance(value, str):
        is_file = any(shape.get("format") == "binary" for shape in shapes)
        return "" if is_file else f"takes {_kinds(kinds)}, not a file"
    if value == "":
        return "" if is_nullable or any(_may_be_empty(shape) for shape in shapes) else "is empty. Leave it out, or give a value"
    if "object" in kinds:
        return "takes an object, which only JSON can hold"
    if "string" in kinds or any(_fits(value, kind) for kind in kinds):
        return ""
    return f"takes {_kinds(kinds)}, not {value[:40]!r}"


def _may_be_empty(shape: Schema) -> bool:
    return shape.get("type", "string") == "string" and not shape.get("minLength") and "" in shape.get("enum", [""])


def _fits(value: str, kind: str) -> bool:
    if kind == "boolean":
        return value.lower() in BOOLEANS or value.lower() == "null"
    return bool(NUMBERS[kind].fullmatch(value)) if kind in NUMBERS else True


def _object_faults(data: Mapping[str, Any], shape: Schema, operation: Operation, where: str, elsewhere: Collection[str]) -> Iterator[Fault]:
    fields, others = shape.get("properties", {}), shape.get("additionalProperties", "properties" not in shape)
    for name, value in data.items():
        at = f"{where}.{name[:60]}" if where else name[:60]
        if name in fields:
            yield from _value_faults(value, fields[name], operation, at)
        elif isinstance(others, dict):
            yield from _value_faults(value, others, operation, at)
        elif not others:
            yield _top(at), _unknown(at, name, fields, "field", elsewhere)


def _value_faults(value: Any, schema: Schema, operation: Operation, where: str) -> Iterator[Fault]:
    """Of JSON, which says itself of what kind a value is. Whether it may be null, and its range, are the field's own matter."""
    shapes = operation.shapes(schema)
    kinds = {shape.get("type") for shape in shapes}
    kind = _kind_of(value)
    if value is None or not shapes or None in kinds:
        return
    fitting = [shape for shape in shapes if shape["type"] == kind or (shape["type"] == "number" and kind == "integer")]
    if kind == "number" and value.is_integer():
        fitting = fitting or [shape for shape in shapes if shape["type"] == "integer"]
    if not fitting:
        yield _top(where), f"`{where}` takes {_kinds(kinds)}, not {_kind_words(value)}."
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _value_faults(item, fitting[0].get("items", {}), operation, f"{where}[{n}]")
    elif isinstance(value, dict):
        yield from _object_faults(value, fitting[0], operation, where, ())


def _unknown(at: str, name: str, known: Mapping[str, Any], word: str, elsewhere: Collection[str]) -> str:
    """With the name that was meant, where one is spelled much like it."""
    parts = [f"There is no {word} `{at}` here."]
    plain = {_plain(each): each for each in known}
    near = difflib.get_close_matches(_plain(name[:60]), plain, n=1)
    if name in elsewhere:
        parts.append("It goes into the body." if word == "parameter" else "It goes into the address, after a question mark.")
    elif near:
        parts.append(f"Did you mean `{plain[near[0]]}`?")
    parts.append(f"Known: {_names(known)}." if known else f"This address takes no {word}s.")
    return " ".join(parts)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _top(where: str) -> str:
    """Answers go by the names of a request's own fields; the words name the place inside."""
    return re.split(r"[.\[]", where[:60], maxsplit=1)[0] or where[:60]


def _names(known: Collection[str]) -> str:
    return listed([f"`{name}`" for name in sorted(known)], MOST_NAMES)


def _kinds(kinds: Collection[Any]) -> str:
    return " or ".join(KINDS[kind] for kind in sorted(kinds))


def _kind_of(value: Any) -> str:
    kinds: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((kind for known, kind in kinds if isinstance(value, known)), "object")


def _kind_words(value: Any) -> str:
    return "null" if value is None else KINDS[_kind_of(value)]
