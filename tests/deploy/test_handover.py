"""A HUP, a TERM and a new master under open streams: somebody always accepts, streams come back, figures go on."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from progress.tracker import ProgressTracker
from tests.processes import SOON_S, start_worker, wait_until
from tests.progress.site import Site, start_site
from tests.progress.watcher import Watcher

pytestmark = pytest.mark.processes
NUM_STREAMS, NUM_PROCESSES = 8, 2


@dataclass
class Knocking:
    """Asks for a small page all the time, each time by a new connection; remembers how long nobody answered."""

    url: str
    longest_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    def knock(self, ended: threading.Event) -> None:
        answered = time.monotonic()
        while not ended.is_set():
            try:
                httpx.get(f"{self.url}/accounts/login/", timeout=SOON_S)
            except httpx.TransportError as error:
                self.failures.append(repr(error))
            else:
                now = time.monotonic()
                self.longest_s, answered = max(self.longest_s, now - answered), now
            time.sleep(0.02)


@contextlib.contextmanager
def knocking(site: Site) -> Iterator[Knocking]:
    at, ended = Knocking(site.server.url), threading.Event()
    thread = threading.Thread(target=at.knock, args=(ended,))
    thread.start()
    try:
        yield at
    finally:
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    settings = {"WEB_CONCURRENCY": str(NUM_PROCESSES), "METRICS_TOKEN": "figures", "HEALTH_WORKERS_S": "0", "PROGRESS_WRITE_S": "0"}
    with start_site(**settings) as site:
        try:
            yield site
        finally:
            site.server.process.kill()


@pytest.fixture
def watchers(site: Site) -> Iterator[list[Watcher]]:
    """All on one job; the test moves it on and ends it."""
    job_id = site.new_job()
    watchers = [Watcher(site, job_id) for _ in range(NUM_STREAMS)]
    yield watchers
    for watcher in watchers:
        watcher.leave()


@pytest.fixture
def tracker(site: Site, watchers: list[Watcher]) -> ProgressTracker:
    made = ProgressTracker(watchers[0].job_id, started_at=int(time.time()), store=site.store)
    made.start()
    _moves_on(made, watchers, "loading")
    return made


def _moves_on(tracker: ProgressTracker, watchers: list[Watcher], stage: str) -> None:
    tracker.update(stage, 50, completed_items=1, total_items=2)
    overall = tracker.record["overall_progress"]
    for watcher in watchers:
        watcher.waits_for(overall)


def _ends(tracker: ProgressTracker, watchers: list[Watcher]) -> None:
    """Nobody was told of a fault, nothing went back, and everybody heard the end once."""
    tracker.completed(hard=0)
    for watcher in watchers:
        watcher.assert_ended("completed")


def _total(site: Site) -> float:
    found = re.search(r"^sse_connections_total (\S+)$", site.metrics(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def _processes(site: Site) -> float:
    return float(site.get("/api/generation/health/").json()["figures"]["web_processes"])


def test_a_hup_replaces_the_processes_one_that_accepts_by_another(site: Site, watchers: list[Watcher], tracker: ProgressTracker) -> None:
    opened, old = _total(site), set(site.server.worker_pids())
    assert _processes(site) == NUM_PROCESSES

    with knocking(site) as knocks:
        began = time.monotonic()
        site.server.process.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(site.server.worker_pids()), what="new processes")
        took = time.monotonic() - began
        _moves_on(tracker, watchers, "clustering")

    assert knocks.failures == []
    assert knocks.longest_s < max(1.0, took / 3), f"nobody answered for {knocks.longest_s:.1f} s of {took:.1f} s"
    assert _total(site) >= opened + NUM_STREAMS  # counted on, not from the beginning
    assert _processes(site) == NUM_PROCESSES
    _ends(tracker, watchers)


def test_a_process_that_is_terminated_leaves_the_others_accepting(site: Site, watchers: list[Watcher], tracker: ProgressTracker) -> None:
    ended, *_ = old = site.server.worker_pids()

    with knocking(site) as knocks:
        began = time.monotonic()
        os.kill(ended, signal.SIGTERM)
        wait_until(lambda: len(set(site.server.worker_pids()) - set(old)) == 1, what="a new process")
        took = time.monotonic() - began
        _moves_on(tracker, watchers, "clustering")

    assert knocks.longest_s < max(5.0, took / 3), f"nobody answered for {knocks.longest_s:.1f} s of {took:.1f} s"
    assert ended not in site.server.worker_pids()
    wait_until(lambda: _processes(site) == NUM_PROCESSES, what="the new process")
    _ends(tracker, watchers)


def test_new_processes_that_cannot_start_leave_the_old_ones_at_work(site: Site, watchers: list[Watcher], tracker: ProgressTracker) -> None:
    old, broken = set(site.server.worker_pids()), Path(site.env["TIMELOOM_VAR"])
    aside = broken.with_name("aside")
    # The data directory becomes a file: settings can't be read, as after a failed upgrade.
    broken.rename(aside)
    broken.write_text("")
    site.server.process.popen.send_signal(signal.SIGHUP)
    wait_until(lambda: "did not start; the old ones go on" in site.server.process.output(), what="the refusal")
    broken.unlink()
    aside.rename(broken)

    wait_until(lambda: set(site.server.worker_pids()) == old, what="only the old processes")
    _moves_on(tracker, watchers, "clustering")
    assert sum(watcher.count("broken") for watcher in watchers) == 0
    _ends(tracker, watchers)


def test_health_counts_workers_that_come_and_go(site: Site, tmp_path: Path) -> None:
    def count() -> int:
        return int(site.get("/api/generation/health/").json()["figures"]["workers"])

    with start_worker(site.env, folder=tmp_path, redis_url=site.valkey.url, name="first"):
        wait_until(lambda: count() == 1, what="the first worker")
        with start_worker(site.env, folder=tmp_path, redis_url=site.valkey.url, name="second"):
            wait_until(lambda: count() == 2, what="both workers")
        wait_until(lambda: count() == 1, what="the first worker alone")
    wait_until(lambda: count() == 0, what="no worker")


def test_a_new_master_takes_over_before_the_old_one_is_terminated(site: Site, watchers: list[Watcher], tracker: ProgressTracker) -> None:
    """USR2, then TERM: for a new gunicorn or Python. Comes last, since the first master is gone afterwards."""
    old, opened = set(site.server.worker_pids()), _total(site)
    ups = site.server.process.output().count("Application startup complete")

    with knocking(site) as knocks:
        began = time.monotonic()
        site.server.process.popen.send_signal(signal.SIGUSR2)
        wait_until(
            lambda: site.server.process.output().count("Application startup complete") == ups + NUM_PROCESSES,
            what="the new master's processes",
        )
        (successor,) = set(site.server.worker_pids()) - old
        site.server.process.popen.terminate()
        site.server.process.popen.wait(SOON_S)
        took = time.monotonic() - began
        _moves_on(tracker, watchers, "clustering")

    assert knocks.failures == []
    assert knocks.longest_s < max(1.0, took / 3), f"nobody answered for {knocks.longest_s:.1f} s of {took:.1f} s"
    assert _total(site) >= opened + NUM_STREAMS
    wait_until(lambda: _processes(site) == NUM_PROCESSES, what="the new processes alone")
    _ends(tracker, watchers)
    folder = next(line for line in _environ(successor) if line.startswith("PROMETHEUS_MULTIPROC_DIR=")).partition("=")[2]
    assert Path(folder).is_dir()
    os.kill(successor, signal.SIGTERM)
    wait_until(lambda: not Path(folder).exists(), what="the end of the new master")


def _environ(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_text().split("\0")
