"""What a kind of table and its columns are; and the columns that many kinds have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from academics.importing.values import Code, Reference, Rule, Text, WeeksText, Whole


@dataclass(frozen=True)
class Column:
    """One column: the first of ``examples`` stands in the first row of the template, and so on."""

    name: str
    label: str
    rule: Rule
    examples: tuple[str, ...]
    is_required: bool = False
    default: Any = ""
    also: tuple[str, ...] = ()  # other headings that mean the same
    note: str = ""
    is_expected: bool = False  # the table has to have it, though its cells may be empty

    @property
    def allowed(self) -> str:
        return self.rule.allowed + ("" if self.is_required else self._when_empty)

    @property
    def _when_empty(self) -> str:
        return f" ({self.note})" if self.note else ""


@dataclass(frozen=True)
class Kind:
    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()  # other names of files and sheets
    # Groups of columns; a table without any column of one of them is not taken for this kind unless somebody says that it is.
    signs: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def with_words(self, *, tables: tuple[str, ...], headings: Mapping[str, tuple[str, ...]]) -> Kind:
        """The kind with more names for its tables and its columns."""
        columns = tuple(replace(column, also=(*column.also, *headings.get(column.name, ()))) for column in self.columns)
        return replace(self, columns=columns, also=(*self.also, *tables))

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_required)

    @property
    def needed(self) -> tuple[Column, ...]:
        """What a table has to have a column for."""
        return tuple(column for column in self.columns if column.is_required or column.is_expected)

    @property
    def examples(self) -> list[list[str]]:
        height = max(len(column.examples) for column in self.columns)
        return [[column.examples[row] if row < len(column.examples) else "" for column in self.columns] for row in range(height)]


def code(*examples: str, nouns: tuple[str, ...], also: tuple[str, ...] = ()) -> Column:
    """The nouns are what a row is called: 'room' yields 'room code', 'room no' and so on. Which of several wins: see `mapping`."""
    named = tuple(f"{noun} {mark}" for mark in ("code", "no", "nr", "number", "id") for noun in nouns)
    general = ("short code", "codigo", "código", "cod", "cód", "kod", "codice", "short name", "abbreviation", "number", "no", "key", "id")
    return Column("code", "Code", Code(), examples, is_required=True, also=tuple(dict.fromkeys((*also, *nouns, *named, *general))))


def name(*examples: str, also: tuple[str, ...] = ()) -> Column:
    return Column("name", "Name", Text(), examples, also=("title", "description", "full name", "long name", "nome", "nombre", *also))


def person_name(*examples: str, also: tuple[str, ...] = ()) -> Column:
    """Of people: their title is not their name."""
    return Column("name", "Name", Text(), examples, also=("full name", "display name", "person name", "nome", "nombre", *also))


def department(*examples: str) -> Column:
    return Column(
        "department",
        "Department",
        Reference("departments"),
        examples,
        default=None,
        also=("dept", "dept code", "department code", "department id", "dept id", "faculty", "school", "unit"),
    )


def term(*examples: str) -> Column:
    return Column(
        "term",
        "Term",
        Reference("terms"),
        examples,
        default=None,
        also=("term code", "semester", "session", "term id"),
        note="empty: the current term",
    )


def weeks(*examples: str, note: str) -> Column:
    return Column("weeks", "Weeks", WeeksText(), examples, also=("week", "week pattern", "weeks of term", "teaching weeks"), note=note)


def free(name: str, label: str, most: int, *also: str) -> Column:
    return Column(
        name, label, Whole(0, most), ("", "1"), default=0, also=also, note="a week, at least; empty or 0: as in the whole institution"
    )


def limit(name: str, label: str, *also: str) -> Column:
    return Column(name, label, Whole(0, 1000), ("", "6"), default=0, also=also, note="empty or 0: no limit")
