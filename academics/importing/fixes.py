"""What people decided about problems of an import: rows to create, which code is meant, what a cell's text stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.importing.columns_by_kind import KINDS
from academics.importing.mapping import Mapped
from academics.importing.messages import ImportRefusal
from academics.importing.tables import Table
from academics.plain_text import text_plain

CREATED = "created here"  # stands where a file's name would
EXAMPLE = '{"create": {"buildings": [{"code": "LS", "name": "Life Sciences"}]}, "meant": {"departments": {"COMP": "CS"}}}'
NAMES = ("create", "meant", "values", "skip")
# Of a file that is a whole institution: see `institutions`.
DECISIONS = ("allow_unsupported", "replace")
CODES = ("as_term",)
MOST_CREATED = 20_000
LONGEST = 500


@dataclass(frozen=True)
class Fixes:
    """Decisions, as the check goes by them."""

    create: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)  # by kind: rows by column
    meant: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by kind: the code that is meant; empty: none
    values: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)  # by table and column: the text that is meant
    skip: Mapping[str, Sequence[int]] = field(default_factory=dict)  # by table: rows that are left out

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Fixes:
        return cls(document.get("create", {}), document.get("meant", {}), document.get("values", {}), document.get("skip", {}))

    def tables(self, existing: Mapping[str, Any]) -> list[Mapped]:
        """The rows to create as tables, without those whose code is there by now: what people changed of them since stays."""
        found = []
        for kind_name, rows in self.create.items():
            kind = KINDS[kind_name]
            known = existing.get(kind_name, ())
            kept = [row for row in rows if row.get("code") is None or row["code"] not in known]
            columns = tuple(dict.fromkeys(column for row in kept for column in row))
            if kept:
                cells = [(number, tuple(row.get(column, "") for column in columns)) for number, row in enumerate(kept, 1)]
                found.append(Mapped(Table(CREATED, kind.title, 0, columns, cells), kind, columns, is_created=True))
        return found


def fixes_merge(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; the later one counts where they differ."""
    create = {kind: list(rows) for kind, rows in earlier.get("create", {}).items()}
    for kind, rows in later.get("create", {}).items():
        kept = create.setdefault(kind, [])
        kept += [row for row in rows if row not in kept]
    meant = {kind: dict(codes) for kind, codes in earlier.get("meant", {}).items()}
    for kind, codes in later.get("meant", {}).items():
        meant.setdefault(kind, {}).update(codes)
    values = {table: {name: dict(texts) for name, texts in columns.items()} for table, columns in earlier.get("values", {}).items()}
    for table, columns in later.get("values", {}).items():
        for name, texts in columns.items():
            values.setdefault(table, {}).setdefault(name, {}).update(texts)
    skip = {table: list(rows) for table, rows in earlier.get("skip", {}).items()}
    for table, rows in later.get("skip", {}).items():
        skip[table] = sorted({*skip.get(table, ()), *rows})
    decided = {name: both[name] for both in (earlier, later) for name in (*DECISIONS, *CODES) if name in both}
    return {"create": create, "meant": meant, "values": values, "skip": skip, **decided}


def fixes_check(given: Any) -> dict[str, Any]:
    """Fixes that came from outside, in their shape. Raises `ImportRefusal`."""
    if not isinstance(given, Mapping):
        raise _misshapen("they are not an object")
    strange = [str(name) for name in given if name not in (*NAMES, *DECISIONS, *CODES)]
    if strange:
        raise _misshapen(f"{strange[0][:40]!r} is none of {', '.join((*NAMES, *DECISIONS, *CODES))}")
    decided = {name: given[name] for name in DECISIONS if name in given}
    if not all(isinstance(value, bool) for value in decided.values()):
        raise _misshapen(f"{next(iter(decided))} is neither true nor false")
    codes = {name: given[name] for name in CODES if name in given}
    if not all(isinstance(code, str) and len(code) <= LONGEST for code in codes.values()):
        raise _misshapen(f"{next(iter(codes))} is not the code of a term")
    create = {kind: _rows_check(kind, rows) for kind, rows in _object("create", given.get("create", {})).items()}
    meant = {_kind_check(kind): _texts(f"meant {kind}", codes) for kind, codes in _object("meant", given.get("meant", {})).items()}
    values = {
        str(table): {str(column): _texts(f"values {table}", texts) for column, texts in _object(f"values {table}", columns).items()}
        for table, columns in _object("values", given.get("values", {})).items()
    }
    skip = {str(table): _numbers(table, rows) for table, rows in _object("skip", given.get("skip", {})).items()}
    return {"create": create, "meant": meant, "values": values, "skip": skip, **decided, **codes}


def _numbers(table: Any, rows: Any) -> list[int]:
    if (
        not isinstance(rows, list)
        or len(rows) > MOST_CREATED
        or not all(isinstance(row, int) and not isinstance(row, bool) for row in rows)
    ):
        raise _misshapen(f"skip {str(table)[:40]!r} is not a list of at most {MOST_CREATED} numbers of rows")
    return rows


def _kind_check(kind: Any) -> str:
    if kind not in KINDS:
        raise _misshapen(f"{str(kind)[:40]!r} is none of the kinds {', '.join(KINDS)}")
    return str(kind)


def _rows_check(kind: Any, rows: Any) -> list[dict[str, str]]:
    columns = {column.name for column in KINDS[_kind_check(kind)].columns}
    if not isinstance(rows, list) or len(rows) > MOST_CREATED:
        raise _misshapen(f"create {kind} is not a list of at most {MOST_CREATED} rows")
    found = [_texts(f"create {kind}", row) for row in rows]
    strange = {column for row in found for column in row} - columns
    if strange:
        raise _misshapen(f"{kind} have no column {sorted(strange)[0][:40]!r}; the columns are {', '.join(sorted(columns))}")
    return found


def _object(name: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _misshapen(f"{name[:60]!r} is not an object")
    return given


def _texts(name: str, given: Any) -> dict[str, str]:
    found = _object(name, given)
    if not all(isinstance(value, str | int) and len(str(value)) <= LONGEST and len(str(key)) <= LONGEST for key, value in found.items()):
        raise _misshapen(f"{name[:60]!r} has a value that is not a text of at most {LONGEST} characters")
    return {str(key): text_plain(str(value)).strip() for key, value in found.items()}


def _misshapen(why: str) -> ImportRefusal:
    return ImportRefusal("fixes_shape", field="fixes", why=why[:400], example=EXAMPLE)
