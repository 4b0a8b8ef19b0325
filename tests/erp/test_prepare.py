"""A preparation beside a site that serves: it waits for tables without making others wait."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from erp.management.commands import prepare


class Migrations:
    """Fail so many times for a table that is in use, then are made."""

    def __init__(self, failures: int, cause: Exception) -> None:
        self.left, self.cause, self.num_calls = failures, cause, 0

    def __call__(self, name: str, **options: Any) -> None:
        assert name == "migrate"
        self.num_calls += 1
        if self.left:
            self.left -= 1
            raise OperationalError("no") from self.cause


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    monkeypatch.setattr(prepare, "PAUSE_S", 0)
    return StringIO()


@pytest.mark.django_db
def test_a_table_that_is_in_use_is_tried_again(monkeypatch: pytest.MonkeyPatch, out: StringIO) -> None:
    migrations = Migrations(2, LockNotAvailable())
    monkeypatch.setattr(prepare, "call_command", migrations)

    prepare.Command(stdout=out)._migrate_with_patience()

    assert migrations.num_calls == 3
    assert out.getvalue().count("A table is in use") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("failures", "cause", "num_calls"), [(99, LockNotAvailable(), prepare.TRIES), (1, ValueError(), 1)])
def test_it_ends_with_the_reason(monkeypatch: pytest.MonkeyPatch, out: StringIO, failures: int, cause: Exception, num_calls: int) -> None:
    migrations = Migrations(failures, cause)
    monkeypatch.setattr(prepare, "call_command", migrations)

    with pytest.raises(OperationalError):
        prepare.Command(stdout=out)._migrate_with_patience()

    assert migrations.num_calls == num_calls


@pytest.mark.django_db
def test_on_postgresql_it_waits_briefly_and_alone_and_leaves_nothing_set(monkeypatch: pytest.MonkeyPatch, out: StringIO) -> None:
    seen: list[tuple[str, int]] = []

    def look(name: str, **options: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')")
                seen.append(cursor.fetchone())

    monkeypatch.setattr(prepare, "call_command", look)
    prepare.Command(stdout=out)._migrate()

    if connection.vendor == "postgresql":
        look("")
        assert seen == [(f"{prepare.LOCK_WAIT_S}s", 1), ("0", 0)]
