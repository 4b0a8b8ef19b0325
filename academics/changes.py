"""Every change of the institutions' data leaves a mark, by which `selectors.data_revision` tells what has become stale.

Marks are left below the models, where bulk writes, links and cascades pass too; a statement typed into the database's
own terminal leaves none. The mark belongs to the change's transaction: it is seen, and undone, with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from academics.models import DataChange

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]
# Roles, the marks themselves, and what imports keep between their steps are no data of a timetable.
WRITE = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"academics_(?!datachange"|membership"|import)', re.IGNORECASE)


def changes_watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Has a new connection leave marks."""
    if _mark_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(_mark_writes)


def _mark_writes(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    result = execute(sql, params, many, context)
    if isinstance(sql, str) and WRITE.match(sql) and _has_table(context["connection"]):
        # After the change: a mark that came first could be read together with the old data.
        DataChange.objects.using(context["connection"].alias).create(at=timezone.now().isoformat())
    return result


def _has_table(connection: BaseDatabaseWrapper) -> bool:
    """The first migrations write before there are marks."""
    known: set[str] = _with_table
    name = str(connection.settings_dict["NAME"])
    if name not in known and DataChange._meta.db_table in connection.introspection.table_names():
        known.add(name)
    return name in known


_with_table: set[str] = set()
