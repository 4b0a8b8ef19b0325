"""An organization's data as they are, row by row, and put back exactly: same keys, same order.

Follows the models themselves, so that a new table is kept and restored without a line here.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from academics.import_models import ImportBatch, ImportFile, ImportMapping, ImportRecipe, ImportUndo
from academics.importing.entity import CHUNK, chunked
from academics.importing.messages import ImportConflict
from academics.models import Membership, Organization

READ_AT_ONCE = 5000
NOT_DATA = (Organization, Membership, ImportBatch, ImportFile, ImportMapping, ImportRecipe, ImportUndo)
Model = type[models.Model]


@lru_cache
def data_tables() -> tuple[Model, ...]:
    """Every table of an organization's data, in an order in which each refers only to earlier ones."""
    listed = apps.get_app_config("academics").get_models(include_auto_created=True)
    return tuple(sorted_tables(model for model in listed if model not in NOT_DATA and organization_lookup(model)))


def sorted_tables(listed: Iterable[Model]) -> list[Model]:
    rest, ordered = list(listed), list[Model]()
    while rest:
        ready = [model for model in rest if not {*_parents(model)} & {*rest} - {model}]
        ordered += ready
        rest = [model for model in rest if model not in ready]
        if not ready:
            raise TypeError(f"{rest} refer to one another in a circle.")
    return ordered


def _parents(model: Model) -> Iterator[Model]:
    for field in model._meta.concrete_fields:
        if field.is_relation and isinstance(field.related_model, type):
            yield field.related_model


def organization_lookup(model: Model) -> str | None:
    """The lookup that leads from a row to its organization; None where nothing that must be there does."""
    fields = [field for field in model._meta.concrete_fields if field.is_relation and not field.null]
    for field in fields:
        if field.related_model is Organization:
            return field.name
    for field in fields:
        parent = field.related_model
        path = organization_lookup(parent) if isinstance(parent, type) and parent is not model else None
        if path:
            return f"{field.name}__{path}"
    return None


def table_name(model: Model) -> str:
    return model._meta.label_lower


def lines(model: Model, organization: Organization) -> Iterator[str]:
    """Each row as a line of JSON, in the order of the keys."""
    names = [field.attname for field in model._meta.concrete_fields]
    rows = model._default_manager.filter(**{str(organization_lookup(model)): organization}).order_by("pk")
    for row in rows.values_list(*names).iterator(chunk_size=READ_AT_ONCE):
        yield _encode(row)


def plain_value(value: Any) -> Any:
    """What JSON has no word for; times to the microsecond, which Django's own encoder cuts off."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} in a table")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain_value).encode


def digests_read(*, organization: Organization) -> dict[str, str]:
    """A digest of each table's content."""
    return {table_name(model): _digest(lines(model, organization)) for model in data_tables()}


def _digest(rows: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in rows:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def snapshot_take(*, organization: Organization) -> tuple[bytes, dict[str, str]]:
    """All rows, compressed, and the digest of each table."""
    packer, packed, digests = zlib.compressobj(1), bytearray(), {}
    for model in data_tables():
        digest = hashlib.sha256()
        packed += packer.compress(f"#{table_name(model)}\n".encode())
        for line in lines(model, organization):
            raw = line.encode() + b"\n"
            digest.update(raw)
            packed += packer.compress(raw)
        digests[table_name(model)] = digest.hexdigest()
    packed += packer.flush()
    return bytes(packed), digests


def snapshot_lines(packed: bytes) -> Iterator[tuple[str, list[str]]]:
    """The lines of each table of a snapshot."""
    name, rows = "", list[str]()
    for line in zlib.decompress(packed).decode().split("\n"):
        if line.startswith("#"):
            if name:
                yield name, rows
            name, rows = line[1:], []
        elif line:
            rows.append(line)
    if name:
        yield name, rows


def snapshot_restore(*, organization: Organization, packed: bytes) -> None:
    """Make the data what they were: rows that came are deleted, what changed or went is put back. Inside a transaction."""
    before = dict(snapshot_lines(packed))
    for model in reversed(data_tables()):
        wanted = {_key(model, json.loads(line)) for line in before.get(table_name(model), [])}
        came = [key for key in _present(model, organization) if key not in wanted]
        _check_unused(model, came)
        for keys in chunked(came, CHUNK):
            model._default_manager.filter(pk__in=keys).delete()
    for model in data_tables():
        present = _present(model, organization)
        rows = [(line, json.loads(line)) for line in before.get(table_name(model), [])]
        rows_write(model, [row for _, row in rows if _key(model, row) not in present], is_new=True)
        rows_write(model, [row for line, row in rows if present.get(_key(model, row), line) != line], is_new=False)


def _present(model: Model, organization: Organization) -> dict[Any, str]:
    return {_key(model, json.loads(line)): line for line in lines(model, organization)}


def _key(model: Model, row: list[Any]) -> Any:
    return row[[field.primary_key for field in model._meta.concrete_fields].index(True)]


def _check_unused(model: Model, keys: list[Any]) -> None:
    """Refuse where rows of another app, as runs, point at what would be deleted."""
    for relation in model._meta.related_objects:
        if relation.related_model in data_tables() or relation.related_model in NOT_DATA:
            continue
        for some in chunked(keys, CHUNK):
            user = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": some}).first()
            if user is not None:
                used = getattr(user, relation.field.name)
                words = f"{user._meta.verbose_name} {user.pk}"
                raise ImportConflict("undo_used", what=f"{model._meta.verbose_name} {used}", user=words)


def rows_write(model: Model, rows: Iterable[list[Any]], *, is_new: bool) -> None:
    """Write rows of plain JSON values as they are: keys and times too, which saving would set anew."""
    fields = list(model._meta.concrete_fields)
    rest = [field for field in fields if not field.primary_key]
    on_conflict: dict[str, Any] = {}
    if not is_new and rest:
        primary = [field for field in fields if field.primary_key]
        on_conflict = {"on_conflict": models.constants.OnConflict.UPDATE, "update_fields": rest, "unique_fields": primary}
    manager: Any = model._base_manager.all()
    size = max(1, min(1000, connection.ops.bulk_batch_size([field.attname for field in fields], [None] * 1000)))
    for some in chunked(rows, size):
        made = [model(**{field.attname: _python(field, value) for field, value in zip(fields, row, strict=True)}) for row in some]
        manager._insert(made, fields=fields, using=manager.db, raw=True, **on_conflict)


def _python(field: Any, value: Any) -> Any:
    """JSON has no dates; a reference is what its target is."""
    return (field.target_field if field.is_relation else field).to_python(value)
