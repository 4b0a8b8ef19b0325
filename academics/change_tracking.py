"""Every change of an institution's data leaves a mark, by which `selectors.data_revision` tells what has become stale.

Marks are left below the models (`academics.concerned`), where bulk writes, links and cascades pass too; a statement typed into
the database's own terminal leaves none. The mark belongs to the change's transaction: it is seen, and undone, with it. It comes
after the change: one that came first could be read together with the old data.
"""

from __future__ import annotations

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from academics.concerned import Concerned
from academics.models import DataChange


def tables_marked() -> list[str]:
    """Roles, the marks themselves, and what imports keep between their steps are no data of a timetable."""
    left_out = ("academics_datachange", "academics_membership", "academics_import", "academics_archivereading")
    tables = [model._meta.db_table for model in apps.get_app_config("academics").get_models(include_auto_created=True)]
    return [table for table in tables if not table.startswith(left_out)]


def change_mark(connection: BaseDatabaseWrapper, concerned: Concerned) -> None:
    if not _has_table(connection):
        return
    at = timezone.now().isoformat()
    keys = [None] if concerned is None else sorted(concerned)
    # One statement, for the write before it may not have been read to its end, when SQLite cannot commit.
    sql = f'INSERT INTO "{DataChange._meta.db_table}" ("at", "organization_id", "number") VALUES {", ".join(["(%s, %s, 1)"] * len(keys))}'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for key in keys for value in (at, key)])


def _has_table(connection: BaseDatabaseWrapper) -> bool:
    """The first migrations write before there are marks of this kind."""
    name = str(connection.settings_dict["NAME"])
    if name not in _with_table:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            table = DataChange._meta.db_table
            if table in tables and any(
                each.name == "organization_id" for each in connection.introspection.get_table_description(cursor, table)
            ):
                _with_table.add(name)
    return name in _with_table


_with_table: set[str] = set()
