"""What the tests of jobs share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Valkey, start_valkey


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """A real Redis-protocol server; a test that stops it starts one of its own instead."""
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as folder, start_valkey(Path(folder)) as server:
        yield server
