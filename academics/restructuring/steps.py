"""Steps that change the shape of a table. Each is declarative, says in a sentence what it does, and counts the rows that it touches.

A step is a JSON object, ``{"step": "join", "columns": ["Subj", "Crse"], "separator": " ", "name": "Course"}``. Steps run in order; each
sees the columns that the one before left. No step invents anything: what it doesn't understand it leaves as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from academics.restructuring.frames import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_STEPS,
    Frame,
    FrameColumn,
    RestructuringRefusal,
    Row,
    cell_of,
    cells_check,
    made_of,
    names_unique,
)
from academics.restructuring.patterns import pattern_compiled
from academics.restructuring.summaries import summary_rows
from academics.restructuring.words import IN_BRACKETS

MOST_NAMED = 4  # columns in a sentence
MOST_REPLACED = 2_000
MOST_COMPARED = 5_000  # rows, to show those that a step touches
MOST_LISTED = 200  # values in one cell
LONGEST_TEXT = 1_000  # letters of a text that a step names
MOST_JOINED = 20  # columns
MARKS = frozenset({"x", "✓", "✔", "1", "yes", "y", "true", "ja", "oui", "si", "sí", "sim", "да", "○", "●", "evet", "tak"})


@dataclass(frozen=True)
class Applied:
    """What a step made of a frame, how many rows it touched, and its sentence."""

    frame: Frame
    num_rows: int
    sentence: str


@dataclass(frozen=True)
class Step:
    """The base of all; its fields are what its document holds."""

    name: ClassVar[str]

    def apply(self, frame: Frame) -> Applied:
        raise NotImplementedError

    def check(self) -> None:
        """Raises `RestructuringRefusal` for fields that can be so in no table."""

    def document(self) -> dict[str, Any]:
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"step": self.name} | {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _named(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _refuse(step: Step, why: str) -> RestructuringRefusal:
    return RestructuringRefusal("step_shape", field="steps", name=step.name, why=why)


@dataclass(frozen=True)
class Headings(Step):
    """Which row has the headings; none, where ``row`` is null: columns then go by their position. Two rows may be one heading."""

    name = "headings"
    row: int | None = None
    count: int = 1

    def check(self) -> None:
        if self.row is not None and not 1 <= self.count <= 3:
            raise _refuse(self, "'count' is 1 to 3: headings take 1 to 3 rows")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        width = max((len(cells) for _, cells in frame.rows[:1000]), default=0)
        if self.row is None:
            columns = tuple(FrameColumn(f"column {number}", f"column {number}") for number in range(1, width + 1))
            return Applied(Frame(columns, frame.rows), len(frame.rows), "The table has no headings; its columns go by their position.")
        index = next((index for index, (number, _) in enumerate(frame.rows) if number == self.row), None)
        if index is None or index + self.count > len(frame.rows):
            known = ", ".join(str(number) for number, _ in frame.rows[:12])
            raise RestructuringRefusal("headings_row", field="steps", row=self.row, known=known)
        layers = [cells for _, cells in frame.rows[index : index + self.count]]
        names = names_unique(self._heading(layers, column) for column in range(max(len(cells) for cells in layers)))
        if len(names) > MOST_COLUMNS:
            raise RestructuringRefusal("columns_many", field="steps", count=len(names), most=MOST_COLUMNS)
        columns = tuple(FrameColumn(each, each) for each in names)
        words = (
            f"Row {self.row} has the headings" if self.count == 1 else f"Rows {self.row} to {self.row + self.count - 1} are the headings"
        )
        above = f"; what stands above ({_rows(index)}) is left out" if index else ""
        return Applied(Frame(columns, frame.rows[index + self.count :]), index + self.count, f"{words}{above}.")

    @staticmethod
    def _heading(layers: Sequence[Sequence[str]], column: int) -> str:
        """The headings above each other, from above; a heading that spans columns stands in its first one."""
        words: list[str] = []
        for number, cells in enumerate(layers):
            word = str(cell_of(cells, column))
            if not word and number < len(layers) - 1 and cell_of(layers[-1], column):
                word = next((str(cells[left]) for left in range(min(column, len(cells)) - 1, -1, -1) if cells[left]), "")
            if word and word not in words:
                words.append(word)
        return " ".join(words)


@dataclass(frozen=True)
class FillDown(Step):
    """Empty cells take what stands above them: merged cells, and rows that continue the one above.

    With ``within`` a value ends where that column has one of its own: a further course begins.
    """

    name = "fill_down"
    columns: tuple[str, ...]
    within: str = ""

    def apply(self, frame: Frame) -> Applied:
        indices = frame.indices(self.columns)
        border = frame.index(self.within) if self.within else None
        above = [""] * len(indices)
        rows: list[Row] = []
        touched = 0
        for number, cells in frame.rows:
            if border is not None and cell_of(cells, border):
                above = [""] * len(indices)
            if not any(cells):
                rows.append((number, cells))
                continue
            wide = list(frame.wide(cells)) + list(cells[len(frame.columns) :])
            is_touched = False
            for place, index in enumerate(indices):
                if wide[index]:
                    above[place] = wide[index]
                elif above[place]:
                    wide[index] = above[place]
                    is_touched = True
            touched += is_touched
            rows.append((number, tuple(wide) if is_touched else cells))
        sentence = f"Empty cells of {_named(self.columns)} take the value above ({_rows(touched)})."
        return Applied(Frame(frame.columns, tuple(rows)), touched, sentence)


@dataclass(frozen=True)
class Join(Step):
    """Two or more columns become one. The old ones stay."""

    name = "join"
    columns: tuple[str, ...]
    separator: str
    to: str

    def check(self) -> None:
        if len(self.columns) < 2:
            raise RestructuringRefusal("columns_few", field="steps", least=2)
        if len(self.columns) > MOST_JOINED:
            raise _refuse(self, f"'columns': it joins at most {MOST_JOINED} columns")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        indices = frame.indices(self.columns)
        values = []
        for _, cells in frame.rows:
            parts = [cell_of(cells, index) for index in indices]
            values.append(_short(made_of(self.separator.join(part for part in parts if part), *parts)))
        source = frame.columns[indices[0]].derived(self.to, *(frame.columns[index] for index in indices[1:]))
        touched = sum(map(bool, values))
        sentence = f"{_named(self.columns)} are joined into {self.to} ({_rows(touched)})."
        return Applied(frame.with_column(source, values), touched, sentence)


@dataclass(frozen=True)
class Split(Step):
    """One column becomes several, by a separator or a pattern such as ``{letters} {digits}-{text}``. Cells that don't fit go whole
    into the first of them."""

    name = "split"
    column: str
    to: tuple[str, ...]
    separator: str = ""
    pattern: str = ""

    def check(self) -> None:
        if not self.to or len(self.to) > 20:
            raise _refuse(self, "'to': it makes 1 to 20 columns")
        if bool(self.separator) == bool(self.pattern):
            raise _refuse(self, "it takes a 'separator' or a 'pattern', one of them")
        if self.pattern and pattern_compiled(self.pattern).groups != len(self.to):
            raise _refuse(self, "the 'pattern' has as many parts as there are new columns in 'to'")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        index = frame.index(self.column)
        found: list[list[str]] = []
        touched = 0
        for cell in frame.values(self.column):
            parts = self._parts(cell)
            touched += parts is not None
            full = parts if parts is not None else [str(cell)]
            found.append([made_of(part.strip(), cell) for part in (*full, *[""] * (len(self.to) - len(full)))])
        for place, name in enumerate(self.to):
            frame = frame.with_column(frame.columns[index].derived(name), (parts[place] for parts in found))
        left = len(frame.rows) - touched
        rest = f"; {_rows(left)} do not fit and stay whole" if left else ""
        return Applied(frame, touched, f"{self.column} is split into {_named(self.to)} ({_rows(touched)}{rest}).")

    def _parts(self, cell: str) -> list[str] | None:
        if not cell:
            return None
        if self.separator:
            parts = str(cell)[:LONGEST_CELL].split(self.separator, len(self.to) - 1)
            return parts if len(parts) > 1 else None
        found = pattern_compiled(self.pattern).fullmatch(str(cell)[:500].strip())
        return [part or "" for part in found.groups()] if found else None


@dataclass(frozen=True)
class Replace(Step):
    """Values of a column are replaced by a small table; whole cells, whatever their case."""

    name = "replace"
    column: str
    values: Mapping[str, str]

    def check(self) -> None:
        if len(self.values) > MOST_REPLACED:
            raise _refuse(self, f"'values': it replaces at most {MOST_REPLACED:,} values")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        index = frame.index(self.column)
        table = {old.casefold().strip(): new for old, new in self.values.items()}
        olds = frame.values(self.column)
        news = [table.get(old.casefold().strip(), old) for old in olds]
        touched = sum(old != new for old, new in zip(olds, news, strict=True))
        sentence = f"In {self.column} {_named([f'{old!r} becomes {new!r}' for old, new in self.values.items()])} ({_rows(touched)})."
        return Applied(frame.with_values(index, news), touched, sentence)


@dataclass(frozen=True)
class RemoveText(Step):
    """Marks inside cells are removed, such as ``(P)`` behind a name."""

    name = "remove_text"
    column: str
    texts: tuple[str, ...]

    def check(self) -> None:
        if not self.texts or len(self.texts) > 50 or any(not text.strip() or len(text) > 100 for text in self.texts):
            raise _refuse(self, "'texts': it removes 1 to 50 texts of 1 to 100 characters")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        index = frame.index(self.column)
        olds = frame.values(self.column)
        news = [self._without(old) for old in olds]
        touched = sum(old != new for old, new in zip(olds, news, strict=True))
        sentence = f"{_named([repr(text) for text in self.texts])} is removed from {self.column} ({_rows(touched)})."
        return Applied(frame.with_values(index, news), touched, sentence)

    def _without(self, cell: str) -> str:
        if not any(text in cell for text in self.texts):
            return cell
        found = str(cell)
        for text in self.texts:
            found = found.replace(text, " ")
        return made_of(_tidy(found), cell)


@dataclass(frozen=True)
class RemoveBrackets(Step):
    """What stands in brackets is removed, with the brackets."""

    name = "remove_brackets"
    column: str

    def apply(self, frame: Frame) -> Applied:
        index = frame.index(self.column)
        olds = frame.values(self.column)
        news = [made_of(_tidy(IN_BRACKETS.sub(" ", str(old))), old) if "(" in old or "[" in old else old for old in olds]
        touched = sum(old != new for old, new in zip(olds, news, strict=True))
        sentence = f"What stands in brackets is removed from {self.column} ({_rows(touched)})."
        return Applied(frame.with_values(index, news), touched, sentence)


@dataclass(frozen=True)
class Unescape(Step):
    """Marks of web pages, such as ``&amp;``, become the characters that they stand for."""

    name = "unescape"
    columns: tuple[str, ...]

    def apply(self, frame: Frame) -> Applied:
        touched: set[int] = set()
        for index in frame.indices(self.columns):
            olds = frame.values(frame.columns[index].name)
            news = [made_of(" ".join(html.unescape(str(old)).split()), old) if "&" in old else old for old in olds]
            touched |= {place for place, (old, new) in enumerate(zip(olds, news, strict=True)) if old != new}
            frame = frame.with_values(index, news)
        sentence = f"Marks such as &amp; in {_named(self.columns)} become the characters that they stand for ({_rows(len(touched))})."
        return Applied(frame, len(touched), sentence)


@dataclass(frozen=True)
class MoveValues(Step):
    """Cells of a column that are one of these words move into a new column: 'Tutorial' where titles stand."""

    name = "move_values"
    column: str
    values: tuple[str, ...]
    to: str

    def apply(self, frame: Frame) -> Applied:
        index = frame.index(self.column)
        words = {value.casefold().strip() for value in self.values}
        olds = frame.values(self.column)
        moved = [old if old and old.casefold().strip() in words else "" for old in olds]
        stays = ["" if new else old for old, new in zip(olds, moved, strict=True)]
        touched = sum(map(bool, moved))
        column = frame.columns[index].derived(self.to)
        sentence = f"{_named([repr(value) for value in self.values])} in {self.column} moves to {self.to} ({_rows(touched)})."
        return Applied(frame.with_values(index, stays).with_column(column, moved), touched, sentence)


@dataclass(frozen=True)
class Melt(Step):
    """Wide columns become values: an X below *Projector* is the value 'Projector', a 1 below a name is that name.

    With ``into`` "cell" the headings that are marked stand in one cell of the same row; with "rows" each has a row of its own. Without
    ``marks`` every cell with something in it counts, and ``value_to`` keeps what it was. With ``keeps_unmarked`` a row or a heading
    that has no mark keeps a row of its own, in which the other is empty.
    """

    name = "melt"
    columns: tuple[str, ...]
    to: str
    into: str = "cell"
    marks: tuple[str, ...] = ()
    value_to: str = ""
    keeps_unmarked: bool = False

    def check(self) -> None:
        if not self.columns:
            raise RestructuringRefusal("columns_few", field="steps", least=1)
        if self.into not in ("cell", "rows"):
            raise _refuse(self, "'into' is 'cell' or 'rows'")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        indices = frame.indices(self.columns)
        names = [frame.columns[index].name for index in indices]
        kept = [index for index in range(len(frame.columns)) if index not in set(indices)]
        columns = [frame.columns[index] for index in kept]
        taken = {column.name for column in columns}
        if self.to in taken or (self.value_to and self.value_to in taken | {self.to}):
            raise RestructuringRefusal("column_there", field="steps", name=self.to)
        source = FrameColumn(self.to, _named(names))
        touched = sum(any(self._is_marked(cell_of(cells, index)) for index in indices) for _, cells in frame.rows)
        if self.into == "cell":
            rows = tuple(
                (number, (*(cell_of(cells, index) for index in kept), "; ".join(self._marked(cells, indices, names))))
                for number, cells in frame.rows
            )
            sentence = f"{len(names)} columns ({_named(names)}) become {self.to}: the headings that are marked ({_rows(touched)})."
            return Applied(Frame((*columns, source), rows), touched, sentence)
        count = sum(sum(self._is_marked(cell_of(cells, index)) for index in indices) for _, cells in frame.rows)
        cells_check(count, len(kept) + 1 + bool(self.value_to))
        long: list[Row] = []
        for number, cells in frame.rows:
            rest = tuple(cell_of(cells, index) for index in kept)
            for index, name in zip(indices, names, strict=True):
                cell = cell_of(cells, index)
                if self._is_marked(cell):
                    long.append((number, (*rest, name, cell) if self.value_to else (*rest, name)))
            if self.keeps_unmarked and any(rest) and not any(self._is_marked(cell_of(cells, index)) for index in indices):
                long.append((number, (*rest, "", "") if self.value_to else (*rest, "")))
        unmarked = [index for index in indices if not any(self._is_marked(cell_of(cells, index)) for _, cells in frame.rows)]
        if self.keeps_unmarked and frame.rows:
            empty, number = ("",) * len(kept), frame.rows[0][0]
            for index in unmarked:
                name = frame.columns[index].name
                long.append((number, (*empty, name, "") if self.value_to else (*empty, name)))
        added = (FrameColumn(self.value_to, _named(names)),) if self.value_to else ()
        idle = len(unmarked)
        nowhere = f"; {idle} of them are marked nowhere" if idle else ""
        sentence = f"{len(names)} columns ({_named(names)}) become {self.to}: a row for each that is marked ({_rows(count)}){nowhere}."
        return Applied(Frame((*columns, source, *added), tuple(long)), touched, sentence)

    def _is_marked(self, cell: str) -> bool:
        if not cell:
            return False
        return cell.casefold().strip() in self._folded_marks if self.marks else True

    @cached_property
    def _folded_marks(self) -> frozenset[str]:
        return frozenset(mark.casefold() for mark in self.marks)

    def _marked(self, cells: Sequence[str], indices: Iterable[int], names: Iterable[str]) -> list[str]:
        return [name for index, name in zip(indices, names, strict=True) if self._is_marked(cell_of(cells, index))]


@dataclass(frozen=True)
class SplitRows(Step):
    """Several values in a cell become rows of their own."""

    name = "split_rows"
    column: str
    separators: tuple[str, ...] = (";", ",")

    def check(self) -> None:
        if not self.separators or any(not mark or len(mark) > 10 for mark in self.separators) or len(self.separators) > 10:
            raise _refuse(self, "'separators': it takes 1 to 10 separators of 1 to 10 characters")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        index = frame.index(self.column)
        parts = [self._parts(cell) for cell in frame.values(self.column)]
        count = sum(max(1, len(each)) for each in parts)
        cells_check(count, len(frame.columns))
        rows: list[Row] = []
        for (number, cells), values in zip(frame.rows, parts, strict=True):
            if len(values) < 2:
                rows.append((number, cells))
                continue
            wide = frame.wide(cells)
            rows += [(number, (*wide[:index], value, *wide[index + 1 :])) for value in values]
        touched = sum(len(values) > 1 for values in parts)
        sentence = (
            f"Several values in {self.column} become rows of their own ({_rows(touched)} become {_rows(count - len(parts) + touched)})."
        )
        return Applied(Frame(frame.columns, tuple(rows)), touched, sentence)

    def _parts(self, cell: str) -> list[str]:
        text = str(cell)[:LONGEST_CELL]
        for mark in self.separators[1:]:
            text = text.replace(mark, self.separators[0])
        found = [part.strip() for part in text.split(self.separators[0]) if part.strip()]
        return [made_of(part, cell) for part in dict.fromkeys(found)][:MOST_LISTED]


@dataclass(frozen=True)
class DropRows(Step):
    """Rows are left out: those with a value, those with nothing in a column, those that repeat an earlier one exactly, or those that look
    like totals, headings of groups and footers; ``column`` may then name the column of the codes."""

    name = "drop_rows"
    column: str = ""
    values: tuple[str, ...] = ()
    is_empty: bool = False
    is_repeated: bool = False
    is_summary: bool = False

    def check(self) -> None:
        if not self.is_repeated and not self.is_summary and not (self.column and (self.values or self.is_empty)):
            raise _refuse(self, "say which rows: a column with 'values' or 'is_empty', or 'is_repeated', or 'is_summary'")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        if self.is_summary:
            return self._without_summaries(frame)
        index = frame.index(self.column) if self.column else 0
        words = {value.casefold().strip() for value in self.values}
        kept: list[Row] = []
        seen: set[tuple[str, ...]] = set()
        for number, cells in frame.rows:
            wide = frame.wide(cells)
            if self.column:
                cell = wide[index] if wide else ""
                if (self.is_empty and not cell) or (cell and cell.casefold().strip() in words):
                    continue
            if self.is_repeated:
                if wide in seen:
                    continue
                seen.add(wide)
            kept.append((number, cells))
        gone = len(frame.rows) - len(kept)
        which = "that repeat an earlier one exactly" if self.is_repeated else f"with nothing in {self.column}"
        if self.values:
            which = f"with {_named([repr(value) for value in self.values])} in {self.column}"
        return Applied(Frame(frame.columns, tuple(kept)), gone, f"Rows {which} are left out ({_rows(gone)}).")

    def _without_summaries(self, frame: Frame) -> Applied:
        numbers = {number for number, _ in summary_rows(frame, self.column)}
        kept = tuple(row for row in frame.rows if row[0] not in numbers)
        gone = len(frame.rows) - len(kept)
        sentence = f"Rows that look like totals, headings of groups or footers are left out ({_rows(gone)})."
        return Applied(Frame(frame.columns, kept), gone, sentence)


@dataclass(frozen=True)
class DropColumns(Step):
    """Columns are left out."""

    name = "drop_columns"
    columns: tuple[str, ...]

    def apply(self, frame: Frame) -> Applied:
        indices = frame.indices(self.columns)
        rows = len(frame.rows)
        return Applied(
            frame.without(indices),
            rows,
            f"{len(indices)} column{' is' if len(indices) == 1 else 's are'} left out: {_named(self.columns)}.",
        )


@dataclass(frozen=True)
class Constant(Step):
    """A new column with the same value in every row, such as the department of the whole file."""

    name = "constant"
    to: str
    value: str

    def check(self) -> None:
        if len(self.value) > 200:
            raise _refuse(self, "'value' has at most 200 characters")

    def apply(self, frame: Frame) -> Applied:
        self.check()
        column = FrameColumn(self.to, "")
        count = len(frame.rows)
        return Applied(frame.with_column(column, [self.value] * count), count, f"{self.to} is {self.value!r} in all {_rows(count)}.")


@dataclass(frozen=True)
class JoinCells(Step):
    """Rows that have more cells than there are columns get them joined at one column: a comma in a cell that was not quoted."""

    name = "join_cells"
    column: str
    separator: str = ", "

    def apply(self, frame: Frame) -> Applied:
        index, width = frame.index(self.column), len(frame.columns)
        rows: list[Row] = []
        touched = 0
        for number, cells in frame.rows:
            extra = len(cells) - width
            if extra <= 0:
                rows.append((number, cells))
                continue
            touched += 1
            parts = cells[index : index + extra + 1]
            rows.append((number, (*cells[:index], made_of(self.separator.join(parts), *parts), *cells[index + extra + 1 :])))
        sentence = f"{_rows(touched)} with more cells than headings: what is too many is joined in {self.column}."
        return Applied(Frame(frame.columns, tuple(rows)), touched, sentence)


def _tidy(text: str) -> str:
    return re.sub(r"\s+([,;])", r"\1", " ".join(text.split()))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else made_of(text[:LONGEST_CELL], text)


STEPS: dict[str, type[Step]] = {
    step.name: step
    for step in (
        Headings,
        FillDown,
        Join,
        Split,
        Replace,
        RemoveText,
        RemoveBrackets,
        Unescape,
        MoveValues,
        Melt,
        SplitRows,
        DropRows,
        DropColumns,
        Constant,
        JoinCells,
    )
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "int | None": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool)),
    "bool": lambda value: isinstance(value, bool),
    "tuple[str, ...]": lambda value: isinstance(value, list | tuple) and len(value) <= 2_000 and all(map(_is_text, value)),
    "Mapping[str, str]": lambda value: isinstance(value, Mapping) and all(_is_text(text) for pair in value.items() for text in pair),
}


def step_read(document: Any) -> Step:
    """A step of its document, every field checked. Raises `RestructuringRefusal`."""
    name = document.get("step") if isinstance(document, Mapping) else None
    if not isinstance(name, str) or name not in STEPS:
        raise RestructuringRefusal("step_unknown", field="steps", name=str(name)[:40], known=", ".join(STEPS))
    kind = STEPS[name]
    known = {field.name: field for field in fields(kind)}

    def refuse(why: str) -> RestructuringRefusal:
        return RestructuringRefusal("step_shape", field="steps", name=name, why=why)

    strange = [str(each)[:40] for each in document if each != "step" and each not in known]
    if strange:
        raise refuse(f"it has no {strange[0]!r}; its fields are {', '.join(known)}")
    found: dict[str, Any] = {}
    for field in known.values():
        if field.name not in document:
            if field.default is MISSING:
                raise refuse(f"{field.name!r} is missing")
            continue
        value = document[field.name]
        if not _CHECKS[str(field.type)](value):
            raise refuse(f"{field.name!r} can't be {str(value)[:60]!r}")
        found[field.name] = tuple(value) if isinstance(value, list) else dict(value) if isinstance(value, Mapping) else value
    for field_name in ("to",):
        names = found.get(field_name, ())
        for each in (names,) if isinstance(names, str) else names:
            if not each.strip() or len(each) > 120:
                raise refuse(f"{field_name!r}: the name of a column has 1 to 120 characters")
    step = kind(**found)
    step.check()
    return step


def _numbered(place: int, name: str, error: RestructuringRefusal) -> RestructuringRefusal:
    """The same refusal with the number of the step that is meant, as the page counts them."""
    why = str(error.values["why"]) + "." if error.message_id == "step_shape" else str(error)
    return RestructuringRefusal(text=f"Step {place} ({name}): {why}", field="steps")


def steps_read(documents: Any) -> tuple[Step, ...]:
    """Steps of their documents. Raises `RestructuringRefusal`."""
    if not isinstance(documents, list | tuple):
        raise RestructuringRefusal("document_shape", field="steps", why="'steps' is not a list")
    if len(documents) > MOST_STEPS:
        raise RestructuringRefusal("steps_many", field="steps", count=len(documents), most=MOST_STEPS)
    found = []
    for place, document in enumerate(documents, 1):
        try:
            found.append(step_read(document))
        except RestructuringRefusal as error:
            name = document.get("step") if isinstance(document, Mapping) else ""
            raise _numbered(place, str(name or "?")[:40], error) from None
    return tuple(found)


@dataclass(frozen=True)
class StepPreview:
    """A step with the first rows before and after it."""

    step: Step
    sentence: str
    num_rows: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def _touched(before: Frame, after: Frame, most: int) -> frozenset[int]:
    """The first rows, by their numbers, that a step changed or left out; none where it changed the columns, and so every row."""
    if before.names != after.names:
        return frozenset()
    kept: dict[int, tuple[str, ...]] = {}
    for number, cells in after.rows[:MOST_COMPARED]:
        kept.setdefault(number, cells)
    found = [number for number, cells in before.rows[:MOST_COMPARED] if kept.get(number) != cells]
    return frozenset(found[:most])


def steps_apply(frame: Frame, steps: Iterable[Step], *, previews: list[StepPreview] | None = None, most: int = 5) -> Frame:
    """The frame after all steps; with ``previews`` each step's first rows are kept there. Raises `RestructuringRefusal`."""
    cells_check(len(frame.rows), max((len(cells) for _, cells in frame.rows[:1000]), default=0))
    for place, step in enumerate(steps, 1):
        try:
            applied = step.apply(frame)
            cells_check(len(applied.frame.rows), len(applied.frame.columns))
        except RestructuringRefusal as error:
            raise _numbered(place, step.name, error) from None
        if previews is not None:
            numbers = _touched(frame, applied.frame, most)
            before, after = frame.document(most=most, numbers=numbers), applied.frame.document(most=most, numbers=numbers)
            previews.append(StepPreview(step, applied.sentence, applied.num_rows, before, after))
        frame = applied.frame
    return frame
