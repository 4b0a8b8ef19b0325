"""The worker's sweep, a process of its own, and a database that outlives whatever is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.kills import Drill, children_kill, drill_begin, is_sweep
from tests.processes import SOON_S, START_S, Process, wait_until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    # So often that hardly a child is forked without a round of the sweep going on: of ten, ten counted.
    with drill_begin(JOB_SWEEP_S="0.02") as drill:
        yield drill


@pytest.fixture(scope="module")
def worker(drill: Drill) -> Iterator[Process]:
    with drill.worker("worker") as worker:
        yield worker


def sweep_of(worker: Process) -> int | None:
    pids = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return next((int(pid) for pid in pids if is_sweep(int(pid))), None)


def has_database_open(pid: int) -> bool:
    found = False
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            found |= ".sqlite3" in os.readlink(f"/proc/{pid}/fd/{name}")
    return found


def test_the_database_outlives_children_that_are_killed_while_the_web_server_writes(drill: Drill, worker: Process) -> None:
    with drill.writing(pause_s=0.1):
        children_kill(worker, kills=6, pause_s=0.2)  # sixty, and whole workers: `make bench SUITE=kills`
    drill.wait_for_ends(timeout_s=START_S)

    assert drill.refused == []
    assert (drill.lost(), drill.torn(), drill.integrity()) == ([], [], "ok")
    assert drill.rooms


def test_a_workers_parent_never_opens_the_database_while_its_sweep_does(worker: Process) -> None:
    sweep = sweep_of(worker)
    assert sweep is not None
    parents, began, sweeps = 0, time.monotonic(), 0
    while time.monotonic() - began < SOON_S and sweeps < 3:
        parents += has_database_open(worker.pid)
        sweeps += has_database_open(sweep)

    assert sweeps > 0
    assert parents == 0


def test_a_sweep_that_dies_is_started_again_and_ends_with_its_worker(drill: Drill, worker: Process) -> None:
    first = sweep_of(worker)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: sweep_of(worker) not in (None, first), what="another sweep")
    second = sweep_of(worker)

    worker.popen.send_signal(signal.SIGKILL)  # the parent alone
    wait_until(lambda: not Path(f"/proc/{second}/cmdline").exists() or not Path(f"/proc/{second}/cmdline").read_bytes(), what="its end")
