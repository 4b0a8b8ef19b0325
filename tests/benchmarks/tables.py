"""Tables for people and for later comparison: the figures stay numbers until they are printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Figures = dict[str, Any]
WIDTH = 120
LAST_AT_LEAST = 10


@dataclass(frozen=True)
class Column:
    """``form`` is a format specification of numbers; words are shown as they are, and nothing as a dash."""

    key: str
    heading: str
    form: str = ""
    is_compared: bool = False
    is_text: bool = False

    def cell(self, figures: Figures) -> str:
        value = figures.get(self.key)
        if value is None:
            return "-"
        return format(value, self.form) if isinstance(value, int | float) else str(value)


@dataclass
class Table:
    """``name`` finds the table again in an earlier report; ``keys`` are the columns that tell its rows apart."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: list[Figures]
    notes: list[str] = field(default_factory=list)
    keys: Sequence[str] = ("instance",)

    def text(self) -> str:
        lines = [[column.heading for column in self.columns], *([column.cell(row) for column in self.columns] for row in self.rows)]
        widths = [max(len(line[index]) for line in lines) for index in range(len(self.columns))]
        widths[-1] = min(widths[-1], self._room_for_last(widths))
        laid_out = [self._line(line, widths) for line in lines]
        laid_out.insert(1, "  ".join("-" * width for width in widths))
        notes = [wrapped(note) for note in self.notes]
        return "\n".join([self.title, "", *laid_out, *([""] if notes else []), *notes])

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        laid_out = [
            cell.ljust(width) if column.is_text else cell.rjust(width)
            for cell, width, column in zip(cells, widths, self.columns, strict=True)
        ]
        indent = sum(width + 2 for width in widths[:-1])
        last = f"\n{' ' * indent}".join(textwrap.wrap(laid_out[-1], self._room_for_last(widths)))
        return "  ".join([*laid_out[:-1], last]).rstrip()

    @staticmethod
    def _room_for_last(widths: Sequence[int]) -> int:
        """A table whose other columns fill the line is wider than it."""
        return max(LAST_AT_LEAST, WIDTH - sum(width + 2 for width in widths[:-1]))

    def document(self) -> Figures:
        return {"name": self.name, "title": self.title, "rows": self.rows, "notes": self.notes}

    def compared(self, earlier: Sequence[Figures]) -> Table | None:
        """Now divided by then, for the rows that both have; None where there is nothing to compare."""
        then = {self._key(row): row for row in earlier}
        measured = [column for column in self.columns if column.is_compared]
        rows = [
            {key: row.get(key) for key in self.keys} | {c.key: ratio(row.get(c.key), then[self._key(row)].get(c.key)) for c in measured}
            for row in self.rows
            if self._key(row) in then
        ]
        if not rows or not measured:
            return None
        named = [column for column in self.columns if column.key in self.keys]
        columns = [*named, *(Column(column.key, column.heading, ".2f") for column in measured)]
        missing = len(self.rows) - len(rows)
        notes = [f"{missing} rows are not in the earlier report."] if missing else []
        return Table(f"{self.name}-ratios", f"{self.title}: now / earlier", columns, rows, notes, self.keys)

    def _key(self, row: Figures) -> tuple[str, ...]:
        return tuple(str(row.get(key)) for key in self.keys)


def ratio(now: float | None, then: float | None) -> float | str | None:
    """Now divided by then; words where a division says nothing."""
    if not isinstance(now, int | float) or not isinstance(then, int | float):
        return None
    if then == 0:
        return 1.0 if now == 0 else f"{now:g} from 0"
    return now / then


def wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
