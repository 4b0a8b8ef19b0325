"""The tests marked `both_databases` run once more in a process of their own whose database is PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.postgres import PostgresServer
from tests.processes import REPOSITORY


@pytest.mark.postgres
def test_the_database_tests_pass_on_postgresql_too(postgres_server: PostgresServer) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "both_databases"]

    run = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": postgres_server.url},
        capture_output=True,
        text=True,
        timeout=1800,  # four minutes where nothing else runs
        check=False,
    )

    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert re.search(r"\d+ passed", run.stdout)
