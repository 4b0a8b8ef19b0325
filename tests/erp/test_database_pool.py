"""A crowd at a PostgreSQL with few connections, and a pool that keeps to its process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.postgres import PostgresServer
from tests.processes import START_S, manage, start_server, wait_until
from tests.progress.site import Site, start_site

pytestmark = [pytest.mark.processes, pytest.mark.postgres]
FEW = 16  # three of them are kept for superusers
CROWD = 200
IN_A_CHILD = """
import os
from django.db import connection, connections
from erp.database_pool import has_pool, pool_begin
pool_begin()
connection.ensure_connection()
before = connection.connection.info.backend_pid
pid = os.fork()
if pid == 0:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    is_own = connection.connection.info.backend_pid != before and not has_pool()
    connection.close()
    os._exit(0 if is_own else 1)
_, status = os.waitpid(pid, 0)
with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    print("APART", os.waitstatus_to_exitcode(status) == 0 and cursor.fetchone() == (1,) and has_pool())
"""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A server that refuses the seventeenth connection."""
    with PostgresServer(f"-c max_connections={FEW}") as server:
        yield server


@pytest.fixture(scope="module")
def site(database: PostgresServer) -> Iterator[Site]:
    # As a role without a superuser's own places, as an installation's is.
    address = database.database_make("crowd", role="timeloom")
    with start_site(DATABASE_URL=address, DATABASE_POOL_SIZE="8", DATABASE_POOL_WAIT_S="300") as site:
        yield site


async def _crowd(site: Site, path: str, *, number: int = CROWD) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=number)
    async with httpx.AsyncClient(base_url=site.server.url, headers=site.headers(), timeout=START_S, limits=limits) as client:
        return await asyncio.gather(*(client.get(path) for _ in range(number)))


async def _leave_early(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.server.url, headers=site.headers(), timeout=0.05) as client:
        await asyncio.gather(*(client.get(path) for _ in range(40)), return_exceptions=True)


def test_a_crowd_waits_for_its_turn(site: Site, database: PostgresServer) -> None:
    answers = asyncio.run(_crowd(site, "/api/generation-jobs/"))

    assert Counter(answer.status_code for answer in answers) == {200: CROWD}, answers[-1].text
    with psycopg.connect(database.url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'crowd'"
        (held,) = connection.execute(query).fetchone() or (0,)
    assert held <= 8
    assert "too many clients" not in site.server.process.output()


def test_those_who_leave_early_keep_no_connection(site: Site) -> None:
    for _ in range(3):
        asyncio.run(_leave_early(site, "/api/generation-jobs/"))

    answers = asyncio.run(_crowd(site, "/api/generation-jobs/", number=20))

    assert {answer.status_code for answer in answers} == {200}


def test_the_crowd_outlives_a_restart_of_postgresql(site: Site, database: PostgresServer) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crowd'")

    answers = asyncio.run(_crowd(site, "/api/generation-jobs/", number=20))

    assert {answer.status_code for answer in answers} == {200}


def test_who_waits_too_long_is_told_when_to_come_again(site: Site, database: PostgresServer, tmp_path: Path) -> None:
    env = {**site.env, "DATABASE_POOL_SIZE": "1", "DATABASE_POOL_WAIT_S": "0.5"}
    locked = psycopg.connect(database.url.removesuffix("/postgres") + "/crowd")
    with (
        start_server(env, folder=tmp_path) as server,
        locked as connection,
        httpx.Client(base_url=server.url, headers=site.headers(), timeout=START_S) as client,
        ThreadPoolExecutor(1) as beside,
    ):
        # The one connection waits for a lock; health has a way of its own.
        connection.execute("LOCK TABLE generation_generationjob IN ACCESS EXCLUSIVE MODE")
        waiting = beside.submit(client.get, "/api/generation-jobs/")
        wait_until(lambda: _is_locked_out(connection), what="a request that waits for the lock")
        refused = client.get("/api/generation-jobs/")
        health = client.get("/api/generation/health/").json()
        connection.rollback()

        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert health["database"] == "up"
        assert waiting.result().status_code == 200


def _is_locked_out(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,)


def test_the_pool_does_not_cross_a_fork(site: Site) -> None:
    done = manage("shell", "-v", "0", "-c", IN_A_CHILD, env=site.env)

    assert "APART True" in done.stdout, done.stdout + done.stderr
