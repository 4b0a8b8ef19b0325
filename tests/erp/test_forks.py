"""Forks: nothing open crosses one, and what crossed it all the same is not used."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import REPOSITORY, start_valkey

NUM_ROWS = 40
# Another process that opens and closes the file: the last one to close it removes the write-ahead log.
VISITOR = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=20); c.execute('SELECT 1 FROM rows').fetchone(); c.close()"
BEGIN = f"""
import os, subprocess, sys, threading
if {{without_guard}}:
    os.register_at_fork = lambda **hooks: None
import django
django.setup()
from django.conf import settings
from django.db import connection, connections, transaction
from erp import forks
FILE = str(settings.DATABASES["default"]["NAME"])
def write(number):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO rows VALUES (%s)", [number])
def visit():
    subprocess.run([sys.executable, "-IS", "-c", {VISITOR!r}, FILE], check=True)
def child():
    if pid := os.fork():
        return pid
    try:
        for number in range({NUM_ROWS}):
            write(number)
            if number % 20 == 0:
                visit()
    except Exception as error:
        print(type(error).__name__, error, flush=True)
    os._exit(0)
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE rows (number INTEGER)")
"""
OWN_CONNECTION = """
pid = child()
connection.close()  # as after a round of the sweep
os.waitpid(pid, 0)
"""
OTHER_THREADS = """
ended = threading.Event()
def rounds():
    while not ended.is_set():
        write(-1)
        connections.close_all()
threads = [threading.Thread(target=rounds) for _ in range(3)]
for thread in threads: thread.start()
connections.close_all()
pids = [child() for _ in range(3)]
ended.set()
for thread in threads: thread.join()
for pid in pids: os.waitpid(pid, 0)
"""
IN_A_TRANSACTION = """
with transaction.atomic():
    write(-1)
    pid = child()
    os.waitpid(pid, 0)
    write(-2)
"""
THREAD_THAT_STAYS = """
forks.WAIT_S = 0.2
has_begun, ended = threading.Event(), threading.Event()
def stay():
    write(-1)
    has_begun.set()
    ended.wait()
    write(-2)
    connections.close_all()
thread = threading.Thread(target=stay)
thread.start()
has_begun.wait()
os.waitpid(child(), 0)
ended.set()
thread.join()
"""
REDIS = """
from django.core.cache import caches
from generation.publication.redis_cache import page_cache
from progress.store import store_shared
def num_sockets():
    links = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
    return sum(link.startswith("socket:") for link in links)
def used():
    store_shared().ping()
    page_cache.get("anything")
    caches["live"].get("anything")
before = num_sockets()
used()
opened = num_sockets() - before
pid = os.fork()
if not pid:
    inherited, kept = num_sockets() - before, store_shared.cache_info().currsize
    used()
    print(opened, inherited, kept, store_shared().is_away, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tl-") as name:
        yield Path(name)


def run(code: str, folder: Path, *, is_guarded: bool = True, **env: str) -> str:
    """What a process says that has the site's settings and an empty database with one table."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.replace("{without_guard}", str(not is_guarded)) + code],
        cwd=REPOSITORY,
        env={"TIMELOOM_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "erp.settings", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows_of(folder: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(folder / "timeloom.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [number for (number,) in connection.execute("SELECT number FROM rows WHERE number >= 0")]


def test_a_childs_rows_are_kept_though_its_parent_had_the_file_open(folder: Path) -> None:
    """Without the guard none or one of them is left."""
    said = run(OWN_CONNECTION, folder)

    assert (said, rows_of(folder)) == ("", list(range(NUM_ROWS)))


def test_a_fork_waits_until_other_threads_have_closed_the_file(folder: Path) -> None:
    said = run(OTHER_THREADS, folder)

    assert (said, sorted(rows_of(folder))) == ("", sorted(3 * list(range(NUM_ROWS))))


@pytest.mark.parametrize("code", [IN_A_TRANSACTION, THREAD_THAT_STAYS], ids=["transaction", "thread"])
def test_a_child_that_inherited_an_open_file_is_refused_it(code: str, folder: Path) -> None:
    said = run(code, folder)

    assert said.startswith("OperationalError This process was forked while its parent had the database file open")
    with contextlib.closing(sqlite3.connect(folder / "timeloom.sqlite3")) as connection:
        assert connection.execute("SELECT number FROM rows").fetchall() == [(-1,), (-2,)], "its parent goes on"


def test_no_connection_to_redis_is_open_at_a_fork_and_a_child_opens_its_own(folder: Path) -> None:
    with start_valkey(folder) as valkey:
        said = run(REDIS, folder, REDIS_URL=valkey.url)

    assert said.split() == ["3", "0", "0", "False"]
