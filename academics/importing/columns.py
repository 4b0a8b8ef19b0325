"""What a kind of table and its columns are; and the columns that many kinds have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from academics.importing.values import Code, Reference, Rule, Text, Whole


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
    def examples(self) -> list[list[str]]:
        height = max(len(column.examples) for column in self.columns)
        return [[column.examples[row] if row < len(column.examples) else "" for column in self.columns] for row in range(height)]


def code(*examples: str, also: tuple[str, ...] = (), label: str = "Code") -> Column:
    return Column(
        "code", label, Code(), examples, is_required=True, also=("id", "key", "number", "no", "short name", "abbreviation", *also)
    )


def name(*examples: str, also: tuple[str, ...] = ()) -> Column:
    return Column("name", "Name", Text(), examples, also=("title", "full name", "description", "long name", *also))


def department(*examples: str) -> Column:
    return Column(
        "department",
        "Department",
        Reference("departments"),
        examples,
        default=None,
        also=("dept", "dept code", "department code", "faculty", "school", "unit"),
    )


def term(*examples: str) -> Column:
    return Column(
        "term",
        "Term",
        Reference("terms"),
        examples,
        default=None,
        also=("term code", "semester", "session"),
        note="empty: the current term",
    )


def limit(name: str, label: str, *also: str) -> Column:
    return Column(name, label, Whole(0, 1000), ("", "6"), default=0, also=also, note="empty or 0: no limit")
