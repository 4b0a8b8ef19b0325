"""An organization as one JSON document, written piece by piece: the same content gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from academics.importing.snapshots import plain_value
from academics.models import Membership, Organization
from erp.archive.tables import FORMAT, ORGANIZATION_LEFT_OUT, ROWS_LEFT_OUT, VERSION, ArchiveTable, archive_tables, finished_only

AT_ONCE = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain_value).encode
Numbers = dict[str, dict[Any, Any]]  # by table: the row's key, and what the archive calls it


def archive_write(*, organization: Organization) -> Iterator[str]:
    """The document's text in pieces. Users are named by username; nothing of theirs is in it besides their role."""
    yield f'{{"format":{_encode(FORMAT)},"version":{VERSION},\n"organization":{_encode(_facts(organization))},\n'
    members = Membership.objects.filter(organization=organization).order_by("user__username").values_list("user__username", "role")
    yield f'"members":{_encode([{"username": username, "role": role} for username, role in members])},\n"tables":{{'
    users: dict[Any, Any] = {}
    numbers: Numbers = {}
    for index, table in enumerate(archive_tables().values()):
        yield f'{"," if index else ""}\n{_encode(table.name)}:{{"columns":{_encode([column.name for column in table.columns])},"rows":['
        yield from _rows(table, organization, numbers, users)
        yield "]}"
    yield "\n}}\n"


def _facts(organization: Organization) -> dict[str, Any]:
    fields = [field.attname for field in Organization._meta.concrete_fields if field.attname not in ORGANIZATION_LEFT_OUT]
    return {name: getattr(organization, name) for name in fields}


def _rows(table: ArchiveTable, organization: Organization, numbers: Numbers, users: dict[Any, Any]) -> Iterator[str]:
    """A table's rows in pieces. Where a row belongs to one that came too late to be written, null keeps its place."""
    rows = table.model._default_manager.filter(**{table.path: organization}, **finished_only(table.model)).order_by("pk")
    if table.name in ROWS_LEFT_OUT:
        rows = rows.exclude(**ROWS_LEFT_OUT[table.name])
    known = numbers[table.name] = {}
    if any(column.target == table.name for column in table.columns):
        known |= {key: number for number, key in enumerate(rows.values_list("pk", flat=True), 1)}
    key_at = next((index for index, column in enumerate(table.columns) if column.is_key), None)
    piece: list[str] = []
    names = ["pk", *(column.name for column in table.columns)]
    for number, (key, *values) in enumerate(rows.values_list(*names).iterator(chunk_size=AT_ONCE), 1):
        found = [_value(column, value, numbers, users) for column, value in zip(table.columns, values, strict=True)]
        is_whole = all(new is not None or column.field.null for column, new in zip(table.columns, found, strict=True))
        known.setdefault(key, number if key_at is None else found[key_at])
        piece.append(f"{',' if number > 1 else ''}\n{_encode(found if is_whole else None)}")
        if len(piece) == AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _value(column: Any, value: Any, numbers: Numbers, users: dict[Any, Any]) -> Any:
    if value is None or not column.target:
        return value
    if column.target == "user":
        if value not in users:
            users[value] = column.field.related_model._default_manager.filter(pk=value).values_list("username", flat=True).first()
        return users[value]
    return numbers.get(column.target, {}).get(value)
