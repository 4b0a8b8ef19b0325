"""A real Redis-protocol server for this folder's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from progress.store import ProgressStore
from tests.processes import Valkey, start_valkey


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


def store_at(url: str) -> ProgressStore:
    return ProgressStore(url, ttl_s=7200, timeout_s=0.25, retry_first_s=0.05, retry_max_s=0.2)
