"""The previous release goes on writing while a new one's migrations are made: first expand, and contract a release later.

`deploy/previous_release` names it. Its own tests of writing run on a database that this release has migrated, and new migrations are
looked through for what would break it.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tests.first_databases import MIGRATED, database_begin, postgresql_begin
from tests.postgres import PostgresServer
from tests.processes import REPOSITORY

# Filing a job, saving its variants, editing them, review, imports and their undoing.
WRITING = (
    "tests/generation/test_services.py",
    "tests/generation/test_persist.py",
    "tests/generation/test_review.py",
    "tests/generation/editing/test_services.py",
    "tests/academics/importing/test_parts.py::test_parts_again_change_nothing_and_are_moved_taken_away_and_put_back",
    "tests/academics/importing/test_parts.py::test_sections_of_their_own_with_who_sits_in_them",
)
ON_NEW_SCHEMA = '''
import pytest


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings):
    """Nothing is made or migrated: the database is as the newer release left it."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Those that empty every table afterwards would need to know the newer tables, too."""
    transactional = [item for item in items if any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))]
    items[:] = [item for item in items if item not in transactional and item.get_closest_marker("django_db")]
'''
# What may break the previous release all the same: the migration, what it does, and why nothing goes wrong.
CONTRACTIONS: dict[tuple[str, str], str] = {}


def _previous_release() -> str:
    return (REPOSITORY / "deploy" / "previous_release").read_text().split("\n")[1].strip()


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its program and tests, out of the repository's history."""
    archive = subprocess.run(["git", "archive", _previous_release()], cwd=REPOSITORY, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"the history does not reach back to the previous release: {archive.stderr.decode().strip()}")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    (folder / "conftest.py").write_text(ON_NEW_SCHEMA)
    return folder


def _writes(folder: Path, database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *WRITING],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 30


@pytest.mark.processes
def test_the_previous_release_writes_on_the_new_schema_of_sqlite(previous: Path, tmp_path: Path) -> None:
    database_begin(tmp_path / "new.sqlite3", *MIGRATED)

    _writes(previous, f"sqlite:///{tmp_path}/new.sqlite3")


@pytest.mark.processes
@pytest.mark.postgres
def test_the_previous_release_writes_on_the_new_schema_of_postgresql(previous: Path, postgres_server: PostgresServer) -> None:
    _writes(previous, postgresql_begin(postgres_server, "upgraded"))


def breaks_previous(operation: Operation) -> str | None:
    """What of a migration's operation old code would fall over, in words; None where it would not."""
    name = f"{getattr(operation, 'model_name', '')}.{getattr(operation, 'name', '')}".strip(".").lower()
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next((found for each in operation.database_operations if (found := breaks_previous(each))), None)
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        return f"removes {name}"
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        return f"renames {name or getattr(operation, 'old_name', '')}"
    if isinstance(operation, migrations.AddField) and _must_be_given(operation.field):
        return f"adds {name}, which old code does not fill in: give it a db_default"
    return None


def _must_be_given(field: models.Field) -> bool:
    has_column = not field.many_to_many
    return has_column and not field.null and not field.has_db_default() and not isinstance(field, models.AutoField | models.GeneratedField)


def test_no_new_migration_takes_away_what_the_previous_release_writes() -> None:
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", _previous_release()], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("the history does not reach back to the previous release")
    known = set(listed.stdout.splitlines())
    loader = MigrationLoader(None)  # of the files alone
    new = {
        (app, name): migration
        for (app, name), migration in (loader.disk_migrations or {}).items()
        if app in ("academics", "generation", "progress", "erp") and f"{app}/migrations/{name}.py" not in known
    }

    found = {
        (f"{app}.{name}", words)
        for (app, name), migration in new.items()
        for each in migration.operations
        if (words := breaks_previous(each))
    }
    assert found == CONTRACTIONS.keys()


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (
            migrations.AddField("job", "size", models.IntegerField(default=0)),
            "adds job.size, which old code does not fill in: give it a db_default",
        ),
        (migrations.AddField("job", "size", models.IntegerField(db_default=0)), None),
        (migrations.AddField("job", "size", models.IntegerField(null=True)), None),
        (migrations.AddField("job", "tags", models.ManyToManyField("academics.Room")), None),
        (migrations.RemoveField("job", "size"), "removes job.size"),
        (migrations.RenameField("job", "size", "length"), "renames job.size"),
        (migrations.DeleteModel("Job"), "removes job"),
        (migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Job")]), None),
    ],
)
def test_what_old_code_would_fall_over_is_found(operation: Operation, words: str | None) -> None:
    assert breaks_previous(operation) == words
