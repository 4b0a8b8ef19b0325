from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from erp.secret import secret_key_stored


def test_processes_that_start_together_share_one_whole_key(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(secret_key_stored, [path] * 16))

    assert len(keys) == 1
    assert len(keys.pop()) > 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]
