"""A real Redis-protocol server for this folder's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from progress.store import ProgressStore
from tests.processes import Valkey, start_valkey
from tests.progress.intervals import IS_FULL
from tests.progress.site import Site, start_site, store_at
from tests.progress.watcher import faults_seen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of faults, where they were played at full length."""
    if IS_FULL:
        terminalreporter.section("what watchers saw of each fault, and the longest time without news")
        for fault, words, longest_s in faults_seen:
            terminalreporter.write_line(f"| {fault} | {words} | {longest_s:.1f} s |")


@pytest.fixture(scope="session")
def valkey_process() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as folder, start_valkey(Path(folder)) as server:
        yield server


@pytest.fixture
def valkey(valkey_process: Valkey) -> Valkey:
    """The server, running and empty."""
    if valkey_process.process is None:
        valkey_process.start()
    with valkey_process.client() as client:
        client.flushall()
    return valkey_process


@pytest.fixture
def store(valkey: Valkey) -> Iterator[ProgressStore]:
    store = store_at(valkey.url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    """One site for all tests that do not change its settings; each takes a job of its own."""
    settings = {
        "STREAM_STALE_S": "1",
        "STREAM_LIMIT_PER_USER": "200",
        "HEALTH_WORKERS_S": "0",
        "METRICS_TOKEN": "figures",
        "CSRF_TRUSTED_ORIGINS": "https://trusted.example",
    }
    with start_site(**settings) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site
