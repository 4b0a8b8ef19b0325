"""How rows of one kind stand in the database: read as plain values under natural keys, and written back.

A natural key is a code, or a tuple of codes. Values stand in the order of ``fields``; references are codes, links are
tuples of codes. Nothing here decides what is to be written: see `planning`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from academics.models import Organization

BATCH = 2000
CHUNK = 500  # keys in one query; SQLite takes no more than a thousand or so
Key = Any
Values = tuple[Any, ...]
Existing = dict[Key, tuple[int, Values]]
Linked = tuple[int, Values, frozenset[str] | None]  # a row's primary key, values, and the columns that change; None: it is new
T = TypeVar("T")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


class Shared:
    """One object for equal codes: a table of enrolments names each course and student many times."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def parts(self, key: Sequence[Any]) -> Key:
        return tuple([self._known.setdefault(part, part) for part in key])


@dataclass(frozen=True)
class Link:
    """A many-to-many field; the order of its rows counts where it ``is_ordered``."""

    column: str
    through: type[models.Model]
    owner: str  # the through table's column of the owner's key, and of the target's
    target: str
    entity: str
    is_ordered: bool = False

    def read(self, organization: Organization) -> dict[int, tuple[str, ...]]:
        owner = self.owner.removesuffix("_id")
        rows = self.through._default_manager.filter(**{f"{owner}__organization": organization}).order_by("id")
        found: dict[int, list[str]] = defaultdict(list)
        for key, code in rows.values_list(self.owner, f"{self.target.removesuffix('_id')}__code"):
            found[key].append(code)
        return {key: tuple(codes) if self.is_ordered else tuple(sorted(codes)) for key, codes in found.items()}

    def write(self, wanted: Mapping[int, Sequence[str]], targets: Mapping[Key, int]) -> None:
        """Give each owner these targets, in this order."""
        for owners in chunked(wanted, CHUNK):
            self.through._default_manager.filter(**{f"{self.owner}__in": owners}).delete()
        made = (self.through(**{self.owner: key, self.target: targets[code]}) for key, codes in wanted.items() for code in codes)
        for rows in chunked(made, BATCH):
            self.through._default_manager.bulk_create(rows)


@dataclass
class Keys:
    """The primary key of each natural key, by entity; None where the row is still to be written."""

    organization: Organization
    entities: Mapping[str, Entity]
    _found: dict[str, dict[Key, Any]] = field(default_factory=dict)

    def of(self, entity: str) -> dict[Key, Any]:
        if entity not in self._found:
            self._found[entity] = self.entities[entity].keys(self.organization)
        return self._found[entity]


@dataclass(frozen=True)
class Entity:
    """One model under its natural key. ``path`` leads from the row to the organization."""

    name: str
    title: str
    model: type[models.Model]
    key: tuple[str, ...] = ("code",)  # lookups that make the natural key
    plain: tuple[str, ...] = ()  # fields as they are
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column: (field, entity)
    links: tuple[Link, ...] = ()
    path: str = "organization"
    is_removable: bool = True
    scope: Callable[[Key], Any] = lambda key: None  # what is left out is removed only where the files name its scope

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.plain, *self.references, *(link.column for link in self.links))

    def rows(self, organization: Organization) -> models.QuerySet[Any]:
        return self.model._default_manager.filter(**{self.path: organization}).order_by("pk")

    def keys(self, organization: Organization) -> dict[Key, int]:
        width = len(self.key)
        rows = self.rows(organization).values_list("pk", *self.key)
        shared = Shared()
        return {row[1] if width == 1 else shared.parts(row[1:]): row[0] for row in rows.iterator(chunk_size=BATCH)}

    def existing(self, organization: Organization) -> Existing:
        width = len(self.key)
        lookups = [f"{attribute}__code" for attribute, _ in self.references.values()]
        rows = self.rows(organization).values_list("pk", *self.key, *self.plain, *lookups)
        links = [link.read(organization) for link in self.links]
        shared = Shared()
        return {
            (row[1] if width == 1 else shared.parts(row[1 : 1 + width])): (
                row[0],
                (*row[1 + width :], *(link.get(row[0], ()) for link in links)),
            )
            for row in rows.iterator(chunk_size=BATCH)
        }

    def attributes(self, keys: Keys, key: Key, values: Values) -> dict[str, Any]:
        """The model's columns for these values, without key and links."""
        found = dict(zip(self.plain, values, strict=False))
        for (attribute, entity), code in zip(self.references.values(), values[len(self.plain) :], strict=False):
            found[f"{attribute}_id"] = None if code is None else keys.of(entity)[code]
        return found

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return self.model(organization=keys.organization, code=key, **self.attributes(keys, key, values))

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], on_progress: Callable[[int], None]) -> None:
        for chunk in chunked(rows, BATCH):
            made = [self.made(keys, key, values) for key, values in chunk]
            self.model._default_manager.bulk_create(made)
            primary = [row.pk for row in made]
            keys.of(self.name).update(zip((key for key, _ in chunk), primary, strict=True))
            self.link(keys, [(key, values, None) for key, (_, values) in zip(primary, chunk, strict=True)])
            on_progress(len(chunk))

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], on_progress: Callable[[int], None]) -> None:
        """Rows with what is different in them. One statement writes a chunk: an insert that always finds its row."""
        for chunk in chunked(rows, CHUNK):
            self._update(keys, [row for row in chunk if row[3] & {*self.plain, *self.references}])
            self.link(keys, [(primary, values, changed) for primary, _, values, changed in chunk])
            on_progress(len(chunk))

    def _update(self, keys: Keys, rows: Sequence[tuple[int, Key, Values, frozenset[str]]]) -> None:
        if not rows:
            return
        stored = self.model._default_manager.in_bulk([row[0] for row in rows])
        names: set[str] = set()
        for primary, key, values, _ in rows:
            attributes = self.attributes(keys, key, values)
            names |= set(attributes)
            for name, value in attributes.items():
                setattr(stored[primary], name, value)
        fields = [self.model._meta.get_field(name.removesuffix("_id")).name for name in sorted(names)]
        self.model._default_manager.bulk_create(stored.values(), update_conflicts=True, unique_fields=["id"], update_fields=fields)

    def link(self, keys: Keys, rows: Sequence[Linked]) -> None:
        start = len(self.plain) + len(self.references)
        for index, link in enumerate(self.links, start):
            link.write(of_column(rows, link.column, index), keys.of(link.entity))

    def remove(self, primary_keys: Iterable[int], on_progress: Callable[[int], None]) -> None:
        """Delete the rows and what hangs on them."""
        for chunk in chunked(primary_keys, CHUNK):
            self.model._default_manager.filter(pk__in=chunk).delete()
            on_progress(len(chunk))


def of_column(rows: Sequence[Linked], column: str, index: int) -> dict[int, Any]:
    """What is to be written of one column: something in new rows, anything in rows that change it."""
    return {primary: values[index] for primary, values, changed in rows if (values[index] if changed is None else column in changed)}
