"""Which kind a table holds, and which of its headings is which column: guessed by name, remembered, changed by people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import Any

from academics.importing.columns import Kind
from academics.importing.encodings import ENCODINGS, encoding_named
from academics.importing.kinds import EXPLAINED, KINDS
from academics.importing.messages import ImportRefusal
from academics.importing.tables import Table, heading_plain

LEFT_OUT = ""
EXAMPLE = '{"students.csv": {"kind": "students", "columns": {"Matric no": "code"}}}'
LIKE_ENOUGH = 0.86


@dataclass(frozen=True)
class Mapped:
    """A table, the kind it holds, and the column of each heading (empty: left out)."""

    table: Table
    kind: Kind | None
    columns: tuple[str, ...]

    def index(self, name: str) -> int | None:
        return self.columns.index(name) if name in self.columns else None

    def heading(self, name: str) -> str:
        """The column as the file calls it, or else as people do."""
        index = self.index(name)
        return self.table.headings[index] if index is not None else (self.kind.column(name).label if self.kind else name)

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that nothing is read from; one without a heading goes by its number."""
        names = (heading or f"column {number}" for number, heading in enumerate(self.table.headings, 1))
        return [name for name, column in zip(names, self.columns, strict=True) if not column]

    def document(self) -> dict[str, Any]:
        """What the table was read as: kind and columns in the form of a mapping, so that it can be given back."""
        return {
            "file": self.table.file,
            "sheet": self.table.sheet,
            "kind": self.kind.name if self.kind else LEFT_OUT,
            "headings_row": self.table.headings_row,
            "columns": {heading: column for heading, column in zip(self.table.headings, self.columns, strict=True) if column},
            "left_out": self.left_out,
        }


Remembered = Mapping[str, Mapping[str, str]]  # by kind: the plain heading's column
Choices = Mapping[str, Mapping[str, Any]]  # by table: {"kind": ..., "columns": [...]} or {"columns": {heading: column}}


def table_mapped(table: Table, *, remembered: Remembered, choice: Mapping[str, Any] | None = None) -> Mapped:
    """What was chosen for the table, and a guess for the rest."""
    choice = choice or {}
    name = choice["kind"] if "kind" in choice else kind_guess(table, remembered)
    kind = KINDS.get(name)
    if kind is None:
        return Mapped(table, None, tuple(LEFT_OUT for _ in table.headings))
    columns = choice.get("columns")
    if isinstance(columns, Sequence) and not isinstance(columns, str):
        known = {column.name for column in kind.columns}
        chosen = [name if name in known else LEFT_OUT for name in columns][: len(table.headings)]
        return Mapped(table, kind, (*chosen, *[LEFT_OUT] * (len(table.headings) - len(chosen))))
    guessed = columns_guess(table.headings, kind, remembered.get(kind.name, {}))
    given = {heading_plain(heading): column for heading, column in columns.items()} if isinstance(columns, Mapping) else {}
    taken = set(given.values())
    return Mapped(
        table,
        kind,
        tuple(
            given.get(heading_plain(heading), LEFT_OUT if guess in taken else guess)
            for heading, guess in zip(table.headings, guessed, strict=True)
        ),
    )


def kind_guess(table: Table, remembered: Remembered) -> str:
    """By the sheet's or the file's name; where that says nothing, by the headings."""
    if table.sheet == EXPLAINED:
        return LEFT_OUT
    for name in (table.sheet, PurePath(table.file).stem):
        found = _kind_named(name)
        if found:
            return found
    scores = {kind.name: _fit(table.headings, kind, remembered.get(kind.name, {})) for kind in KINDS.values()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else LEFT_OUT


def _kind_named(name: str) -> str:
    """The kind whose name, or another word for it, is the whole name or else its longest part."""
    plain = heading_plain(re.sub(r"\d+", " ", name))
    words = {heading_plain(word): kind.name for kind in KINDS.values() for word in (*kind.also, kind.title, kind.name)}
    if plain in words:
        return words[plain]
    inside = [word for word in words if re.search(rf"\b{re.escape(word)}\b", plain)]
    return words[max(inside, key=len)] if inside else LEFT_OUT


def _fit(headings: Sequence[str], kind: Kind, remembered: Mapping[str, str]) -> float:
    """How well the headings are this kind's: none where a required column is missing."""
    found = [name for name in columns_guess(headings, kind, remembered) if name]
    if not {column.name for column in kind.required} <= set(found):
        return 0.0
    return len(found) + len(found) / len(kind.columns)


def columns_guess(headings: Sequence[str], kind: Kind, remembered: Mapping[str, str]) -> list[str]:
    """The column of each heading: as it was last time, by name, by another word for it, or spelt almost so. Each at most once."""
    plain = [heading_plain(heading) for heading in headings]
    chosen = [LEFT_OUT] * len(plain)
    for names in (remembered, *_namings(kind)):
        for index, heading in enumerate(plain):
            column = names.get(heading) if heading and not chosen[index] else None
            if column and column not in chosen:
                chosen[index] = column
    return _nearly(plain, chosen, kind)


def _namings(kind: Kind) -> Iterable[Mapping[str, str]]:
    """The columns' own names first; then, in their order, the other words for them."""
    yield {heading_plain(word): column.name for column in kind.columns for word in (column.name, column.label)}
    for rank in range(max(len(column.also) for column in kind.columns)):
        yield {heading_plain(column.also[rank]): column.name for column in kind.columns if rank < len(column.also)}


def _nearly(plain: Sequence[str], chosen: list[str], kind: Kind) -> list[str]:
    """What is left over goes by likeness: 'Capcity' is the capacity."""
    for index, heading in enumerate(plain):
        if chosen[index] or len(heading) < 4:
            continue
        free = [column for column in kind.columns if column.name not in chosen]
        rated = [(SequenceMatcher(None, heading, heading_plain(word)).ratio(), c.name) for c in free for word in (c.label, c.name, *c.also)]
        best = max(rated, default=(0.0, LEFT_OUT))
        if best[0] >= LIKE_ENOUGH:
            chosen[index] = best[1]
    return chosen


def choices_check(given: Any, tables: Iterable[Table]) -> dict[str, dict[str, Any]]:
    """A mapping that came from outside: by file (or file#sheet, or sheet) a kind and columns by heading. Raises `ImportRefusal`."""
    if not isinstance(given, Mapping):
        raise _misshapen("it is not an object")
    keys = {name: table.key for table in tables for name in (table.sheet, table.file, table.key) if name}
    found: dict[str, dict[str, Any]] = {}
    for name, choice in given.items():
        if name not in keys:
            raise _misshapen(f"{name!r} is none of the files and sheets ({', '.join(keys)})")
        if not isinstance(choice, Mapping):
            raise _misshapen(f"{name!r} has no object")
        found[keys[name]] = _choice_check(str(name), choice)
    return found


def _choice_check(name: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    kind, columns, row = choice.get("kind"), choice.get("columns", {}), choice.get("headings_row")
    encoding = choice.get("encoding")
    known = encoding_named(encoding) if isinstance(encoding, str) else ""
    if encoding is not None and not known:
        raise _misshapen(f"{name!r}: {str(encoding)[:40]!r} is none of the encodings {', '.join(ENCODINGS)}")
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or row < 1):
        raise _misshapen(f"{name!r}: 'headings_row' is {str(row)[:20]!r}, not the number of a row")
    if kind is not None and kind != LEFT_OUT and (not isinstance(kind, str) or kind not in KINDS):
        raise _misshapen(f"{name!r}: {kind!r} is none of the kinds {', '.join(KINDS)}")
    if not isinstance(columns, Mapping):
        raise _misshapen(f"{name!r}: 'columns' is not an object of headings and columns")
    names = {column.name for each in KINDS.values() if kind in (None, each.name) for column in each.columns}
    for heading, column in columns.items():
        if column and (not isinstance(column, str) or column not in names):
            raise _misshapen(f"{name!r}: {heading!r} can't be {column!r}; the columns are {', '.join(sorted(names))}")
    return {
        **({} if kind is None else {"kind": kind}),
        **({} if row is None else {"headings_row": row}),
        **({"encoding": known} if known else {}),
        "columns": {str(heading): column or LEFT_OUT for heading, column in columns.items()},
    }


def _misshapen(why: str) -> ImportRefusal:
    return ImportRefusal("mapping_shape", field="mapping", why=why[:400], example=EXAMPLE)
