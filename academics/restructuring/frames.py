"""A table between its steps: rows of text cells, each with its number in the file, and columns that know where they came from."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from academics.errors import UserError

Row = tuple[int, tuple[str, ...]]  # its number in the file, and its cells
# Bounds, checked before memory is taken. A large table that needs no steps is read elsewhere, as a stream.
MOST_ROWS = 150_000
MOST_CELLS = 1_500_000
MOST_COLUMNS = 300
MOST_STEPS = 100
LONGEST_CELL = 5_000
NOT_A_WORD = re.compile(r"[^\w]+")


class RestructuringRefusal(UserError):
    """A step, a role or an answer that can't be."""

    texts = {
        "rows_many": "This step would make {count:,} rows; at most {most:,} are kept. Choose fewer columns, or split the file.",
        "cells_many": "This step would make {count:,} cells of the table; at most {most:,} are kept. Leave out columns first.",
        "columns_many": "This step would make {count} columns; at most {most} are kept.",
        "column_unknown": "There is no column {name!r}. The columns at this step are {known}.",
        "column_there": "There is a column {name!r} already. Give the new one another name.",
        "columns_few": "This step needs at least {least} columns.",
        "step_unknown": "There is no step {name!r}. The steps are {known}.",
        "step_shape": "Step {name!r}: {why}.",
        "steps_many": "{count} steps were given; at most {most} are kept.",
        "pattern_bad": "The pattern {pattern!r} is not read: {why}. Write parts as {{letters}}, {{digits}}, {{word}} and {{text}}.",
        "headings_row": "The table has no row {row}. Its first rows are {known}.",
        "role_unknown": "{name!r} is no role of a column. The roles are {known}.",
        "answer_unknown": "{value!r} is no answer to {question!r}. The answers are {known}.",
        "document_shape": "The restructuring can't be read: {why}.",
    }


@dataclass(frozen=True)
class FrameColumn:
    """A column by its name among the steps, and the headings of the file that it was made of."""

    name: str
    source: str

    def derived(self, name: str, *others: FrameColumn) -> FrameColumn:
        return FrameColumn(name, " + ".join(dict.fromkeys(each.source for each in (self, *others) if each.source)))


@dataclass(frozen=True)
class Frame:
    """Rows may be shorter or longer than the columns are many, as they are in files; `cell` takes both."""

    columns: tuple[FrameColumn, ...]
    rows: tuple[Row, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def index(self, name: str) -> int:
        """Where the column stands; raises `RestructuringRefusal` where there is none of this name."""
        plain = heading_plain(name)
        names = self.names
        if name in names:
            return names.index(name)
        found = [index for index, each in enumerate(names) if heading_plain(each) == plain]
        if not plain or not found:
            known = ", ".join(names[:40])[:400]
            raise RestructuringRefusal("column_unknown", field="steps", name=name[:80], known=known)
        return found[0]

    def indices(self, names: Sequence[str]) -> list[int]:
        return [self.index(name) for name in names]

    def has(self, name: str) -> bool:
        plain = heading_plain(name)
        return any(each == name or (plain and heading_plain(each) == plain) for each in self.names)

    def values(self, name: str) -> list[str]:
        index = self.index(name)
        return [cell_of(cells, index) for _, cells in self.rows]

    def wide(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The cells of a row, as many as there are columns."""
        width = len(self.columns)
        return tuple(cells[:width]) if len(cells) >= width else (*cells, *[""] * (width - len(cells)))

    def with_column(self, column: FrameColumn, values: Iterable[str], *, at: int | None = None) -> Frame:
        """The frame with one more column, last or before the one at ``at``."""
        if len(self.columns) >= MOST_COLUMNS:
            raise RestructuringRefusal("columns_many", field="steps", count=len(self.columns) + 1, most=MOST_COLUMNS)
        if column.name in self.names:
            raise RestructuringRefusal("column_there", field="steps", name=column.name)
        cells_check(len(self.rows), len(self.columns) + 1)
        place = len(self.columns) if at is None else at
        rows = []
        for (number, cells), value in zip(self.rows, values, strict=True):
            wide = self.wide(cells)
            rows.append((number, (*wide[:place], value, *wide[place:])))
        return Frame((*self.columns[:place], column, *self.columns[place:]), tuple(rows))

    def with_values(self, index: int, values: Iterable[str]) -> Frame:
        rows = []
        for (number, cells), value in zip(self.rows, values, strict=True):
            if cell_of(cells, index) == value and len(cells) > index:
                rows.append((number, cells))
                continue
            wide = cells if len(cells) > index else self.wide(cells)
            rows.append((number, (*wide[:index], value, *wide[index + 1 :])))
        return Frame(self.columns, tuple(rows))

    def without(self, indices: Iterable[int]) -> Frame:
        gone = set(indices)
        kept = [index for index in range(len(self.columns)) if index not in gone]
        rows = tuple((number, tuple(cell_of(cells, index) for index in kept)) for number, cells in self.rows)
        return Frame(tuple(self.columns[index] for index in kept), rows)

    def document(self, *, most: int, numbers: frozenset[int] = frozenset()) -> dict[str, Any]:
        """The first rows, or those of these numbers, for a preview."""
        chosen = itertools.islice((row for row in self.rows if not numbers or row[0] in numbers), most)
        rows = [{"row": number, "cells": [str(cell) for cell in self.wide(cells)]} for number, cells in chosen]
        return {"columns": list(self.names), "num_rows": len(self.rows), "rows": rows}


def cell_of(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def heading_plain(heading: str) -> str:
    """A heading without case, marks and spaces at the ends: how it is compared."""
    return NOT_A_WORD.sub(" ", heading.replace("İ", "i").casefold().replace("_", " ")).strip()


def cells_check(num_rows: int, num_columns: int) -> None:
    """Raises `RestructuringRefusal` before a step takes more memory than a table may have."""
    if num_rows > MOST_ROWS:
        raise RestructuringRefusal("rows_many", field="steps", count=num_rows, most=MOST_ROWS)
    if num_rows * max(1, num_columns) > MOST_CELLS:
        raise RestructuringRefusal("cells_many", field="steps", count=num_rows * num_columns, most=MOST_CELLS)


def made_of(text: str, *olds: str) -> str:
    """A new cell that remembers what was wrong with the ones it was made of: a formula without a result, a date for a code."""
    for old in olds:
        kind: Any = type(old)
        if kind is not str and old:
            return cast(str, kind(text, old.flaw) if hasattr(old, "flaw") else kind(text))
    return text


def names_unique(names: Iterable[str]) -> list[str]:
    """Column names for headings: those without one go by their number, those that repeat get a number behind."""
    found: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(names, 1):
        base = " ".join(name.split())[:120] or f"column {number}"
        unique, count = base, 1
        while unique in taken:
            count += 1
            unique = f"{base} ({count})"
        taken.add(unique)
        found.append(unique)
    return found
