"""The whole database into a file while everything runs, and back; and what is not put back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from academics.models import Organization
from erp import serving
from erp.backups import container, operations, postgresql
from erp.backups.messages import BackupRefusal
from erp.backups.operations import backup_make, backup_restore
from erp.whole_files import whole_file
from tests.backup_drill import Database, drill
from tests.factories import JobFactory, OrganizationFactory
from tests.first_databases import WITH_DEMO, database_begin, postgresql_begin
from tests.postgres import PostgresServer
from tests.processes import START_S, manage, start_valkey, start_worker, wait_until


@pytest.fixture
def backup(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A backup of the tests' own database, which nothing here may replace."""
    settings.VAR_DIR = tmp_path
    (tmp_path / "secret_key").write_text(settings.SECRET_KEY)
    monkeypatch.setattr(operations, "SESSIONS_WATCHED_S", 0.0)
    monkeypatch.setattr(operations.sqlite, "restore", _never)
    monkeypatch.setattr(operations.postgresql, "restore", _never)
    file = tmp_path / "a.backup"
    backup_make(out=file)
    yield file
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def _never(**facts: Any) -> None:
    raise AssertionError("it would have been restored")


def restore(file: Path, *, replace: bool = True) -> None:
    backup_restore(file=file, replace=replace, say=lambda words: None)


def rewritten(file: Path, **facts: Any) -> None:
    """With other facts in its manifest."""
    with zipfile.ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | facts).encode()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)


def swap_bytes(file: Path) -> None:
    """In the middle of the database, where a disk went bad."""
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 2, len(content) // 2 + 64):
        content[at] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (swap_bytes, "the backup is damaged: database"),
        (lambda file: file.write_bytes(file.read_bytes()[:-2000]), "this is not a backup .* or it was cut off"),
        (lambda file: file.write_bytes(b""), "this is not a backup"),
        (lambda file: file.unlink(), "cannot be read"),
        (lambda file: rewritten(file, migrations=["academics.9999_of_tomorrow"]), "of a newer release: its database has academics.9999"),
        (lambda file: rewritten(file, version=2), "the backup's format is 2"),
        (lambda file: rewritten(file, format="other"), "this is not a backup"),
        (lambda file: rewritten(file, members={"../../x": {"size": 1, "sha256": ""}}), "its manifest names other members"),
        (
            lambda file: rewritten(file, database="sqlite" if connection.vendor == "postgresql" else "postgresql"),
            "the backup is of .* and DATABASE_URL names",
        ),
    ],
    ids=["bytes", "cut off", "empty", "missing", "newer", "format", "another file", "members", "database"],
)
def test_what_can_not_be_restored_is_refused_in_one_line(backup: Path, change: Callable[[Path], Any], words: str) -> None:
    change(backup)

    with pytest.raises(BackupRefusal, match=words) as refusal:
        restore(backup)

    assert "\n" not in str(refusal.value)


@pytest.mark.django_db(transaction=True)
def test_a_database_with_data_is_replaced_only_where_that_is_said(backup: Path) -> None:
    OrganizationFactory()

    with pytest.raises(BackupRefusal, match=r"has data already .*1 rows in academics_organization.* Say --yes"):
        restore(backup, replace=False)

    assert Organization.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_tables_of_somebody_else_are_not_touched(backup: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger (amount INT)")
    try:
        with pytest.raises(BackupRefusal, match=r"holds tables that are not Timeloom's \(ledger\)"):
            restore(backup)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE ledger")


@pytest.mark.django_db
def test_nothing_is_restored_beneath_what_serves_and_nothing_begins_to_serve_meanwhile(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_held", held := [])
    serving.serving_hold()
    with pytest.raises(BackupRefusal, match="Timeloom is running on the data directory"):
        restore(backup)
    os.close(held.pop())

    with serving.serving_excluded() as is_alone:
        assert is_alone
        with pytest.raises(SystemExit, match="A backup is being restored"):
            serving.serving_hold()


@pytest.mark.django_db
def test_workers_elsewhere_and_other_sessions_are_named(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_workers", lambda: ["worker@far"])
    with pytest.raises(BackupRefusal, match="Workers of this installation answer \\(worker@far\\)"):
        restore(backup)
    monkeypatch.undo()
    if connection.vendor == "postgresql":
        import psycopg

        facts = connection.get_connection_params()
        names = {name: facts[name] for name in ("dbname", "user", "password", "host", "port") if name in facts}
        with psycopg.connect(**names, application_name="report"), pytest.raises(BackupRefusal, match=r"Others are connected.*report"):
            restore(backup)


def test_programs_that_are_missing_or_too_old_are_named_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_server_major", lambda: 17)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(postgresql, "_major", lambda program: 15)
    with pytest.raises(BackupRefusal, match="pg_dump is of version 15, and the server is of version 17"):
        postgresql.programs_require()
    monkeypatch.setattr(postgresql, "_major", lambda program: 17)
    with pytest.raises(BackupRefusal, match="the backup was written by one of version 18"):
        postgresql.programs_require(dumped_by=18)
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(BackupRefusal, match="pg_dump is not installed"):
        postgresql.programs_require()


def test_a_backup_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("yesterday's")

    with pytest.raises(IsADirectoryError), whole_file(file) as part:
        part.write_bytes(tmp_path.read_bytes())

    assert (file.read_text(), list(tmp_path.iterdir())) == ("yesterday's", [file])


@pytest.mark.django_db
def test_a_database_that_is_not_timelooms_is_no_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the command was called without the services' settings, and looks at a SQLite file that was never used."""
    monkeypatch.setattr(connection.introspection, "table_names", list)

    with pytest.raises(BackupRefusal, match=r"holds nothing of Timeloom's\. DATABASE_URL and TIMELOOM_VAR say which database"):
        backup_make(out=tmp_path / "a.backup")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_the_file_is_for_its_owner_alone_and_holds_the_key_only_where_this_installation_made_it(backup: Path, settings: Any) -> None:
    with container.container_open(backup) as (_, manifest):
        assert "secret_key" in manifest.members
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    (settings.VAR_DIR / "secret_key").write_text("another")
    backup_make(out=backup)

    with container.container_open(backup) as (packed, _):
        assert settings.SECRET_KEY.encode() not in b"".join(packed.read(name) for name in packed.namelist())


@pytest.mark.processes
def test_sqlite_is_backed_up_while_somebody_writes_and_restored_to_one_moment(tmp_path: Path) -> None:
    database, target = _sqlite(tmp_path / "here"), _sqlite(tmp_path / "there")
    database_begin(tmp_path / "here" / "timeloom.sqlite3", *WITH_DEMO)

    ((found),), writes = drill(database, [target])

    assert writes.last > found["number"] > 0


@pytest.mark.postgres
def test_postgresql_is_backed_up_while_somebody_writes_and_restored_to_one_moment(tmp_path: Path, postgres_server: PostgresServer) -> None:
    database = Database(postgresql_begin(postgres_server, "backup_here"), _made(tmp_path / "backup_here"))
    target = Database(postgres_server.database_make("backup_there"), _made(tmp_path / "backup_there"))
    database.manage("demo", "--scale", "small")

    ((found),), writes = drill(database, [target])

    assert writes.last > found["number"] > 0


def _sqlite(folder: Path) -> Database:
    return Database(f"sqlite:///{_made(folder)}/timeloom.sqlite3", folder)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.django_db(transaction=True)
def test_a_run_at_work_waits_for_the_next_worker_after_a_restore(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any process; the drill below has them all."""
    now, said = timezone.now(), []
    job = JobFactory(status="running", attempt=1, checkpoint=b"kept", lease_expires_at=now, queued_at=now)
    for engine in (operations.sqlite, operations.postgresql):
        monkeypatch.setattr(engine, "restore", lambda **facts: None)  # the rows are as the backup would have them

    backup_restore(file=backup, replace=True, say=said.append)

    job.refresh_from_db()
    assert (job.status, job.lease_expires_at, job.queued_at, bytes(job.checkpoint or b"")) == ("pending", None, None, b"kept")
    assert [words for words in said if "1 runs were at work" in words]


@pytest.mark.drill
@pytest.mark.processes
def test_a_run_at_work_goes_on_after_a_restore_into_an_empty_redis(tmp_path_factory: pytest.TempPathFactory) -> None:
    here, there = (_sqlite(tmp_path_factory.mktemp(name) / "v") for name in ("h", "t"))
    database_begin(here.folder / "timeloom.sqlite3", *WITH_DEMO)
    file, short = here.folder / "a.backup", {"JOB_CHECKPOINT_S": "0.3", "JOB_SWEEP_S": "0.5", "JOB_REQUEUE_AFTER_S": "1"}
    with start_valkey(here.folder) as valkey, start_worker(here.env | short, folder=here.folder, redis_url=valkey.url):
        done = manage("generate", "--organization", "demo", "--time-limit", "120", env=here.env | {"REDIS_URL": valkey.url})
        assert done.returncode == 0, done.stderr
        wait_until(lambda: bool(_job(here)[1]), timeout_s=START_S, what="a checkpoint")
        here.manage("backup", str(file))

    said = there.manage("restore", str(file))

    assert "1 runs were at work" in said
    assert _job(there)[0] == "pending"
    with start_valkey(there.folder) as valkey, start_worker(there.env | short, folder=there.folder, redis_url=valkey.url) as worker:
        wait_until(lambda: "job_resumed" in worker.output(), timeout_s=START_S, what="the next worker")
        _stop(there)
        wait_until(lambda: _job(there)[0] in ("completed", "failed"), timeout_s=START_S, what="the end of the run")
    assert _job(there)[0] == "completed"


def _stop(database: Database) -> None:
    """As a person does who likes what there is."""
    with closing(sqlite3.connect(database.folder / "timeloom.sqlite3", timeout=20)) as opened, opened:
        opened.execute("UPDATE generation_generationjob SET stop_requested_at = '2026-01-01 00:00:00'")


def _job(database: Database) -> tuple[str, bytes | None]:
    with closing(sqlite3.connect(database.folder / "timeloom.sqlite3", timeout=20)) as opened:
        found: tuple[str, bytes | None] = opened.execute("SELECT status, checkpoint FROM generation_generationjob").fetchone()
        return found
