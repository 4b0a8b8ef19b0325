"""Which institutions a statement that writes concerns, seen below the models, where bulk writes, links and cascades pass too.

Rows lead to their institution by their columns: by `organization_id`, or by way of a row that they belong to. Of an insert the
columns' values say it; an update's or delete's own condition is evaluated beforehand. What is not understood, or meets rows that
another transaction changed in between, is taken to concern everybody: a cache is emptied once too often, never too seldom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from academics.models import Organization

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]
Concerned = frozenset[int] | None  # None: everybody
WRITE = re.compile(r'\s*(INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"([a-z_0-9]+)"', re.IGNORECASE)
INSERT = re.compile(r'\s*INSERT (?:OR \w+ )?INTO\s+"[a-z_0-9]+"\s*\(([^()]*)\)\s*(.*)', re.IGNORECASE | re.DOTALL)
ROW = r"\(\s*%s(?:::[a-z\[\]]+)?(?:,\s*%s(?:::[a-z\[\]]+)?)*\s*\)"
VALUES = re.compile(rf"VALUES\s*({ROW})((?:,\s*{ROW})*)\s*(?:ON CONFLICT\b.*|RETURNING\b.*)?", re.IGNORECASE | re.DOTALL)
UNNEST = "SELECT * FROM UNNEST("  # a list of each column's values, as PostgreSQL is sent them
AT_ONCE = 500


class Step(NamedTuple):
    """From a row to the one that it belongs to."""

    column: str
    table: str
    key: str


class Way(NamedTuple):
    """How the rows of a table lead to their institution: over these steps, to a column of the last one's table."""

    steps: tuple[Step, ...]
    column: str

    @property
    def first(self) -> str:
        """The table's own column that the way begins with."""
        return self.steps[0].column if self.steps else self.column


@lru_cache(maxsize=1)
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


@lru_cache
def way_of(table: str) -> Way | None:
    model = _models().get(table)
    return None if model is None else _way(model)


def _way(model: type[models.Model]) -> Way | None:
    if model is Organization:
        return Way((), "id")
    needed = [field for field in model._meta.concrete_fields if field.is_relation and not field.null]
    for field in needed:
        if field.related_model is Organization:
            return Way((), str(field.column))
    for field in needed:
        parent = field.related_model
        way = _way(parent) if isinstance(parent, type) and parent is not model else None
        if way and isinstance(parent, type):
            key = parent._meta.pk.column
            return Way((Step(str(field.column), parent._meta.db_table, str(key)), *way.steps), way.column)
    return None


class Listener(NamedTuple):
    tables: frozenset[str]
    changed: Callable[[BaseDatabaseWrapper, Concerned], None]


_listeners: list[Listener] = []


def writes_listen(tables: Collection[str], changed: Callable[[BaseDatabaseWrapper, Concerned], None]) -> None:
    """Calls ``changed`` after each write to these tables, in the write's own transaction."""
    if all(each.changed is not changed for each in _listeners):
        _listeners.append(Listener(frozenset(tables), changed))


_migrating = False  # then the tables may not have the columns of the models yet


def migration_begins(**_: Any) -> None:
    global _migrating
    _migrating = True


def migration_ends(**_: Any) -> None:
    global _migrating
    _migrating = False


def writes_watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Makes a new connection record its writes."""
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def _watch(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    found = WRITE.match(sql) if isinstance(sql, str) else None
    listeners = [each for each in _listeners if found and found[2] in each.tables]
    if not found or not listeners:
        return execute(sql, params, many, context)
    connection: BaseDatabaseWrapper = context["connection"]
    concerned: Concerned = None
    if found[1].upper().startswith("INSERT"):
        result = execute(sql, params, many, context)
        if connection.vendor == "sqlite" and "RETURNING" in sql:
            _read_to_the_end(context["cursor"])
        concerned = None if many or _migrating else _of_insert(connection, found[2], sql, params or ())
    else:
        before = None if many or _migrating else _of_rows(connection, found[2], sql, params or ())
        result = execute(sql, params, many, context)
        # Rows that came in between, by another transaction, are nobody's that is known.
        if before is not None and context["cursor"].rowcount <= sum(before.values()):
            concerned = frozenset(before)
            if found[1].upper() == "UPDATE":
                moved = _of_new_values(connection, found[2], sql, params or ())
                concerned = None if moved is None else concerned | moved
    if concerned is None or concerned:
        for listener in listeners:
            listener.changed(connection, concerned)
    return result


def _read_to_the_end(cursor: Any) -> None:
    """Keeps what a statement gives back until Django fetches it.

    To SQLite it is not over before that, and outside a transaction another statement in between would have it look at
    references that are not there yet.
    """
    rows = iter(cursor.fetchall())
    cursor.fetchone, cursor.fetchall = lambda: next(rows, None), lambda: list(rows)


def _of_insert(connection: BaseDatabaseWrapper, table: str, sql: str, params: Sequence[Any]) -> Concerned:
    way, found = way_of(table), INSERT.fullmatch(sql)
    if way is None or found is None:
        return None
    columns = [each.strip().strip('"') for each in found[1].split(",")]
    if table == Organization._meta.db_table and way.first not in columns:
        return frozenset()  # nobody knows of it yet
    if way.first not in columns:
        return None
    place = columns.index(way.first)
    if found[2].startswith(UNNEST) and len(params) == len(columns) and isinstance(params[place], list):
        return _at_the_end(connection, way, params[place])
    rows = VALUES.fullmatch(found[2])
    # Each value has to be one parameter, or they would be counted wrongly.
    if rows is None or rows[1].count("%s") != len(columns) or len(params) % len(columns) or sql.count("%s") != len(params):
        return None
    return _at_the_end(connection, way, params[place :: len(columns)])


def _of_rows(connection: BaseDatabaseWrapper, table: str, sql: str, params: Sequence[Any]) -> dict[int, int] | None:
    """How many of each institution's rows the statement's condition holds for now."""
    way = way_of(table)
    if way is None:
        return None
    at = _where(sql)
    condition = "" if at is None else sql[at:]
    num = condition.count("%s")
    if sql.count("%s") != len(params):
        return None
    source, last = f'"{table}"', table
    for number, step in enumerate(way.steps):
        name = f"led_to_{number}"
        source += f' INNER JOIN "{step.table}" {name} ON {name}."{step.key}" = "{last}"."{step.column}"'
        last = name
    owner = f'"{last}"."{way.column}"'
    with connection.cursor() as cursor:
        question = f"SELECT {owner}, COUNT(*) FROM {source}{condition} GROUP BY {owner}"  # noqa: S608  the models' names, and Django's own condition
        cursor.execute(question, tuple(params)[len(params) - num :])
        return {int(key): int(number) for key, number in cursor.fetchall()}


def _of_new_values(connection: BaseDatabaseWrapper, table: str, sql: str, params: Sequence[Any]) -> Concerned:
    """Where an update leads rows to another institution, that one."""
    way = way_of(table)
    if way is None:
        return None
    at = _where(sql)
    assigned = sql[: len(sql) if at is None else at]
    column = re.escape(f'"{way.first}"')
    found = list(re.finditer(rf"[\s,]{column} = ", assigned))
    if not found:
        return frozenset()
    if len(found) > 1 or not re.match(r"%s\s*(?:,|$)", assigned[found[0].end() :]):
        return None
    return _at_the_end(connection, way, [params[assigned[: found[0].end()].count("%s")]])


def _at_the_end(connection: BaseDatabaseWrapper, way: Way, values: Sequence[Any]) -> Concerned:
    """The institutions to which these values of a way's first column lead."""
    known = {value for value in values if value is not None}
    if not all(isinstance(value, int | str) or hasattr(value, "hex") for value in known):
        return None
    if not way.steps:
        return frozenset(int(value) for value in known)
    first, *others = way.steps
    source, last = f'"{first.table}"', first.table
    for number, step in enumerate(others):
        name = f"led_to_{number}"
        source += f' INNER JOIN "{step.table}" {name} ON {name}."{step.key}" = "{last}"."{step.column}"'
        last = name
    found: set[int] = set()
    wanted = list(known)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        marks = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            question = f'SELECT DISTINCT "{last}"."{way.column}" FROM {source} WHERE "{first.table}"."{first.key}" IN ({marks})'  # noqa: S608  the models' names
            cursor.execute(question, some)
            found |= {int(row[0]) for row in cursor.fetchall()}
    return frozenset(found)


def _where(sql: str) -> int | None:
    """Where the statement's own condition begins: not one of a query inside it, and not in a name or a text."""
    depth, quote = 0, ""
    for place, letter in enumerate(sql):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == " " and not depth and sql.startswith(" WHERE ", place):
            return place
    return None
