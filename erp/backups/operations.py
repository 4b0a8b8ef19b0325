"""The whole database into a file while the system runs, and back while it does not.

Not in a backup: Redis (windows on the database, caches, and messages that the sweep sends again), files that are made
again (static files, caches, exports), and what the environment says (`.env`). E-mails that were written to files are
copies of what was sent.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import redis
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.crypto import salted_hmac
from kombu.exceptions import KombuError

from erp.backups import postgresql, sqlite
from erp.backups.container import Manifest, container_check, container_open, container_write, member_extract, member_of
from erp.backups.messages import BackupRefusal
from erp.celery import app
from erp.serving import serving_excluded
from erp.whole_files import whole_file
from generation.models import GenerationJob

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
KEY = "secret_key"
SESSIONS_WATCHED_S = 3.0
PING_S = 1.0
# Where any of these has a row, somebody would miss it.
TELLING = ("academics_organization", "auth_user", "generation_generationjob")
Say = Callable[[str], object]


def backup_make(*, out: Path) -> Manifest:
    """Writes the file, whole or not at all; raises BackupRefusal."""
    engine = _engine()
    engine.programs_require()
    if TELLING[0] not in connection.introspection.table_names():  # a night's backup of an empty file would be found out too late
        raise BackupRefusal("not_ours", database=engine.name())
    try:
        with _workspace(out.resolve().parent) as folder, whole_file(out.resolve()) as part:
            manifest, members = _dumped(engine, folder)
            container_write(file=part, manifest=manifest, members=members)
            container_check(part)
    except OSError as error:
        raise BackupRefusal("unwritable", file=out, why=error.strerror or error) from None
    return manifest


def _dumped(engine: ModuleType, folder: Path) -> tuple[Manifest, dict[str, Path]]:
    applied = MigrationRecorder(connection).applied_migrations()
    tables = connection.introspection.table_names()
    dump, began = folder / engine.MEMBER, timezone.now()
    program = engine.dump(to=dump)
    members = {engine.MEMBER: dump} | ({KEY: _key_file()} if _is_own_key() else {})
    manifest = Manifest(
        database=connection.vendor,
        server=engine.version(),
        program_major=program,
        began_at=began.isoformat(),
        ended_at=timezone.now().isoformat(),
        migrations=sorted(f"{label}.{name}" for label, name in applied),
        tables=sorted(tables),
        key_fingerprint=_fingerprint(),
        members={name: member_of(path) for name, path in members.items()},
    )
    return manifest, members


def backup_restore(*, file: Path, replace: bool, say: Say) -> Manifest:
    """Replaces the database by the backup's; raises BackupRefusal, and has changed nothing then.

    What ran when the backup was taken is queued again.
    """
    engine = _engine()
    folder = Path(engine.name()).parent if connection.vendor == "sqlite" else Path(settings.VAR_DIR)
    with contextlib.ExitStack() as stack:
        packed, manifest = stack.enter_context(container_open(file))
        _manifest_require(manifest, file)
        engine.programs_require(dumped_by=manifest.program_major)
        needed = engine.size_unpacked({name: member.size for name, member in manifest.members.items()})
        if (free := shutil.disk_usage(folder).free) < needed:
            raise BackupRefusal("no_space", folder=folder, free=free // 2**20, needed=needed // 2**20 + 1)
        if not stack.enter_context(serving_excluded()):
            raise BackupRefusal("is_serving", directory=settings.VAR_DIR)
        _nobody_require(engine)
        tables = _emptied(engine, manifest, replace)
        workspace = stack.enter_context(_workspace(folder))
        for name in manifest.members:
            member_extract(packed=packed, manifest=manifest, name=name, file=file, to=workspace / name)
        _put_back(engine, workspace, file, tables)
        say("The database is back. Bringing it to this release ...")
        call_command("migrate", verbosity=0, interactive=False)
        _key_restore(workspace / KEY if KEY in manifest.members else None, manifest, say)
        _leftovers_clear(say)
        _jobs_hand_back(say)
    return manifest


def _put_back(engine: ModuleType, workspace: Path, file: Path, tables: list[str]) -> None:
    try:
        engine.restore(dump=workspace / engine.MEMBER, file=file, tables=tables)
    except sqlite3.OperationalError as error:
        raise BackupRefusal("sessions", database=engine.name(), names=f"another program ({error})") from None


def _engine() -> ModuleType:
    if connection.vendor not in ENGINES:
        raise BackupRefusal("unsupported", kind=connection.vendor)
    return ENGINES[connection.vendor]


def _manifest_require(manifest: Manifest, file: Path) -> None:
    if manifest.database != connection.vendor:
        found = TITLES.get(manifest.database, manifest.database)
        raise BackupRefusal("other_database", file=file, found=found, here=TITLES[connection.vendor])
    known = {f"{label}.{name}" for label, name in MigrationLoader(None).disk_migrations or {}}
    newer = [name for name in manifest.migrations if name not in known]
    if newer:
        raise BackupRefusal("newer", file=file, migration=newer[0])
    if ENGINES[manifest.database].MEMBER not in manifest.members or not {*manifest.members} <= {ENGINES[manifest.database].MEMBER, KEY}:
        raise BackupRefusal("no_backup", file=file, why="its manifest names other members")


def _nobody_require(engine: ModuleType) -> None:
    """Workers elsewhere are found by Redis, whatever is connected to a database server by that server."""
    names = _workers()
    if names:
        raise BackupRefusal("workers_answer", names=", ".join(names[:5]))
    sessions = engine.others(within_s=SESSIONS_WATCHED_S)
    if sessions:
        raise BackupRefusal("sessions", database=engine.name(), names="; ".join(sessions[:5]))


def _workers() -> list[str]:
    """The workers that answer; none where Redis is not running, for then no worker can."""
    try:
        with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PING_S, socket_timeout=PING_S)) as client:
            client.ping()
        return [name for answer in app.control.ping(timeout=PING_S) or [] for name in answer]
    except (redis.RedisError, KombuError, OSError):
        return []


def _emptied(engine: ModuleType, manifest: Manifest, replace: bool) -> list[str]:
    """The tables that go; refuses where that was not said, or where some are not ours."""
    try:
        there = connection.introspection.table_names()
    except DatabaseError:  # a file that is no database, as after damage: nothing in it is readable
        if replace:
            return []
        raise BackupRefusal("not_empty", database=engine.name(), what="a file that cannot be read as a database") from None
    ours = {*connection.introspection.django_table_names(), "django_migrations", *manifest.tables}
    foreign = [table for table in there if table not in ours and not table.startswith("sqlite_")]
    if foreign:
        raise BackupRefusal("foreign_tables", database=engine.name(), tables=", ".join(foreign[:5]))
    found = [f"{number:,} rows in {table}" for table in TELLING if table in there and (number := _count(table))]
    if found and not replace:
        raise BackupRefusal("not_empty", database=engine.name(), what=", ".join(found))
    return there


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - one of TELLING
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """A folder that nobody else can read, on the same disk."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".timeloom-backup-") as name:
        yield Path(name)


def _key_file() -> Path:
    return Path(settings.VAR_DIR) / KEY


def _is_own_key() -> bool:
    """Whether the key is the data directory's, and not one that the environment gives."""
    path = _key_file()
    return path.exists() and path.read_text() == settings.SECRET_KEY


def _fingerprint() -> str:
    return salted_hmac("timeloom.backup", "fingerprint", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()[:16]


def _key_restore(kept: Path | None, manifest: Manifest, say: Say) -> None:
    """Calendar links and sessions are worth something under the old key alone."""
    if manifest.key_fingerprint == _fingerprint():
        return
    if kept is not None and _is_own_key():
        with whole_file(_key_file()) as part:
            part.write_bytes(kept.read_bytes())
        say("The secret key is the backup's again.")
        return
    say(
        "Note: SECRET_KEY is another one than when the backup was taken. Everybody signs in anew, and calendar links that were "
        "given out open nothing until the old key is set again."
    )


def _leftovers_clear(say: Say) -> None:
    """What was made from the database as it was before."""
    for name in ("default", "exports", "figures"):
        caches[name].clear()
    try:
        with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PING_S, socket_timeout=PING_S)) as client:
            is_empty = not client.dbsize()
    except (redis.RedisError, OSError):
        is_empty = not (Path(settings.VAR_DIR) / "valkey").exists()
        if not is_empty and settings.REDIS_URL.startswith("unix://"):
            shutil.rmtree(Path(settings.VAR_DIR) / "valkey")  # nobody runs it now: the next start begins empty
            return
    if not is_empty:
        say("Note: Redis holds progress and pages of the time after the backup. Empty it before you start (redis-cli FLUSHDB).")


def _jobs_hand_back(say: Say) -> None:
    """No worker has them any more: the next sweep queues them, and they go on from their checkpoints."""
    running = GenerationJob.objects.filter(status=GenerationJob.Status.RUNNING)
    number = running.update(status=GenerationJob.Status.PENDING, lease_expires_at=None, queued_at=None)
    if number:
        say(f"{number:,} runs were at work when the backup was taken. They go on once a worker is there.")
