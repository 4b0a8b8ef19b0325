"""The tests marked `both_databases` run once more in a process of their own whose database is PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.first_databases import postgresql_first
from tests.postgres import PostgresServer
from tests.processes import REPOSITORY


@pytest.mark.postgres
def test_the_database_tests_pass_on_postgresql_too(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> None:
    """Those of the modules that this run is of; of all, where it is of this one alone."""
    modules = {item.nodeid.partition("::")[0] for item in request.session.items if item.get_closest_marker("both_databases")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "both_databases", *sorted(modules)]

    run = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": postgres_server.url, "TIMELOOM_TESTS_TEMPLATE": postgresql_first(postgres_server)},
        capture_output=True,
        text=True,
        timeout=1800,  # four minutes where nothing else runs
        check=False,
    )

    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert re.search(r"\d+ passed", run.stdout)
