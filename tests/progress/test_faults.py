"""Every fault once, under real processes: the watcher sees the truth, never a bar that goes back, and one end.

Intervals are shrunk, or at full length (`tests/progress/intervals.py`); `pytest -rP` shows what the watcher saw of each
fault, and for how long nothing new. A killed worker has a module of its own (`test_worker_killed.py`).
"""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from progress.store import key_of
from progress.tracker import ProgressTracker
from tests.clocks import Stopwatch
from tests.first_databases import postgresql_begin
from tests.postgres import PostgresServer
from tests.processes import Valkey, start_server, start_valkey, wait_until
from tests.progress.intervals import IS_FULL, shrunk
from tests.progress.site import Site, start_site, store_at
from tests.progress.watcher import watching
from tests.proxy import Proxy, start_proxy

pytestmark = pytest.mark.processes
UNTRUSTED = {
    "truncated": b'{"job_id":"x","stat',
    "no JSON": b"\xff\xfe\x00",
    "no record": b"[1, 2]",
    "a newer schema": b'{"schema":99,"status":"running","overall_progress":1.5,"seq":99999999}',
    "no status of ours": b'{"schema":1,"status":"dreaming","overall_progress":1.5,"seq":99999999}',
    "no percentage": b'{"schema":1,"status":"running","overall_progress":1e9,"seq":99999999}',
}


@pytest.fixture(autouse=True)
def _every_record_is_written(settings: Any) -> None:
    settings.PROGRESS_WRITE_S = settings.PROGRESS_ROW_S = 0


@pytest.fixture(scope="module")
def processes() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def own_valkey(processes: contextlib.ExitStack) -> Valkey:
    folder = Path(processes.enter_context(tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True)))
    return processes.enter_context(start_valkey(folder))


@pytest.fixture(scope="module")
def proxy(processes: contextlib.ExitStack, own_valkey: Valkey) -> Proxy:
    """What stands between the web server and Redis."""
    return processes.enter_context(start_proxy(own_valkey.socket_path))


@pytest.fixture(scope="module")
def site(processes: contextlib.ExitStack, own_valkey: Valkey, proxy: Proxy) -> Site:
    """A site of this module, whose Redis and web server may be taken away."""
    redis_url = f"redis://127.0.0.1:{proxy.port}"
    site = processes.enter_context(start_site(REDIS_URL=redis_url, **shrunk(STREAM_REDIS_TIMEOUT_S="0.5", STREAM_STALE_S="1")))
    site.valkey = own_valkey
    site.store = store_at(site.valkey.url)
    processes.callback(site.store.close)
    return site


@pytest.fixture
def tracker(site: Site) -> ProgressTracker:
    """The worker's part, on a job of its own."""
    return tracker_of(site, site.new_job())


def tracker_of(site: Site, job_id: str, **options: Any) -> ProgressTracker:
    tracker = ProgressTracker(job_id, started_at=int(time.time()), save_row=row_saver(site), store=site.store, **options)
    tracker.start()
    return tracker


def row_saver(site: Site) -> Any:
    return lambda record: site.save_row(record, status="running" if record["status"] == "initializing" else record["status"])


def tell(tracker: ProgressTracker, stage: str, percent: float = 50) -> float:
    """Returns what a watcher must see."""
    tracker.update(stage, percent, completed_items=1, total_items=2)
    return float(tracker.record["overall_progress"])


def job_of(tracker: ProgressTracker) -> str:
    return str(tracker.record["job_id"])


def restart(site: Site, processes: contextlib.ExitStack) -> None:
    site.server = processes.enter_context(start_server(site.env, folder=site.folder, port=site.server.port))


def test_redis_stopped_and_started_in_the_middle(site: Site, tracker: ProgressTracker) -> None:
    with watching(site, job_of(tracker), fault="Redis stopped and started") as watcher:
        watcher.waits_for(tell(tracker, "loading"))
        site.valkey.stop()
        watcher.waits_for(tell(tracker, "clustering"))
        site.valkey.start()
        site.store.ping()
        watcher.waits_for(tell(tracker, "cpsat_solving"))
        tracker.completed()
        watcher.assert_ended("completed")


def test_redis_slow_then_silent(site: Site, tracker: ProgressTracker, proxy: Proxy) -> None:
    with watching(site, job_of(tracker), fault="Redis slow, then silent") as watcher:
        watcher.waits_for(tell(tracker, "loading"))
        proxy.delay_s = 0.1
        watcher.waits_for(tell(tracker, "clustering"))
        proxy.freeze()
        watcher.waits_for(tell(tracker, "cpsat_solving"))
        snapshot = site.get(f"/api/progress/{job_of(tracker)}/")
        assert (snapshot.status_code, snapshot.json()["overall_progress"]) == (200, 45)
        proxy.delay_s = 0
        proxy.thaw()
        watcher.waits_for(tell(tracker, "ga_optimization"))
        tracker.failed("No room is free.")
        watcher.assert_ended("failed")


def test_redis_whose_connections_break_again_and_again(site: Site, tracker: ProgressTracker, proxy: Proxy) -> None:
    with watching(site, job_of(tracker), fault="Redis drops connections") as watcher:
        for percent in range(0, 100, 10):
            proxy.cut()
            watcher.waits_for(tell(tracker, "cpsat_solving", percent))
        tracker.completed()
        watcher.assert_ended("completed")


def test_redis_wiped_and_the_job_taken_up_from_an_older_row(site: Site, tracker: ProgressTracker) -> None:
    with watching(site, job_of(tracker), fault="Redis wiped, worker replaced") as watcher:
        tell(tracker, "clustering")
        row = tracker.record
        watcher.waits_for(tell(tracker, "cpsat_solving", 80))
        for percent in range(80, 90):
            percent_sent = tell(tracker, "cpsat_solving", percent)
        watcher.waits_for(percent_sent)
        num_before = watcher.count("progress")
        site.save_row(row)
        with site.valkey.client() as client:
            client.flushall()
        second = ProgressTracker.resume(row, save_row=row_saver(site), store=site.store)
        tell(second, "clustering", 60)
        watcher.waits_for_number("progress", num_before + 1)
        assert watcher.overalls()[-1] >= percent_sent
        watcher.waits_for(tell(second, "ga_optimization"))
        second.cancelled()
        watcher.assert_ended("cancelled")


def test_database_locked_by_another_writer(site: Site, tracker: ProgressTracker) -> None:
    with watching(site, job_of(tracker), fault="database locked") as watcher:
        watcher.waits_for(tell(tracker, "loading"))
        with contextlib.closing(sqlite3.connect(site.folder / "site.sqlite3", isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            ending = threading.Thread(target=tracker.completed)  # waits for its row, as the worker does
            ending.start()
            with watching(site, job_of(tracker), fault="database locked, a newcomer") as newcomer:
                newcomer.waits_for_sign("comment", num=2)
                assert newcomer.overalls() == [2.5]
                assert site.get(f"/api/progress/{job_of(tracker)}/").status_code == 200
                assert ending.is_alive()
                connection.execute("COMMIT")
                ending.join()
                newcomer.assert_ended("completed")
        watcher.assert_ended("completed")


@pytest.mark.parametrize("raw", UNTRUSTED.values(), ids=UNTRUSTED)
def test_a_value_in_redis_that_cannot_be_trusted(site: Site, tracker: ProgressTracker, raw: bytes, request: pytest.FixtureRequest) -> None:
    with watching(site, job_of(tracker), fault=request.node.callspec.id) as watcher, site.valkey.client() as client:
        watcher.waits_for(tell(tracker, "clustering"))
        client.set(key_of(job_of(tracker)), raw)
        watcher.waits_for_sign("comment")
        assert watcher.overalls()[-1] == 10
        assert site.get(f"/api/progress/{job_of(tracker)}/").json()["overall_progress"] == 10
        watcher.waits_for(tell(tracker, "cpsat_solving"))
        client.set(key_of(job_of(tracker)), raw)
        row_saver(site)({**tracker.record, "status": "failed"})  # the end itself is in the row alone
        watcher.assert_ended("failed")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0], ids=["back", "forward"])
def test_the_workers_clock_is_set_by_an_hour(site: Site, step_s: float) -> None:
    clock = Clock()
    clock.now = time.time()
    tracker = tracker_of(site, site.new_job(), clock=clock)
    with watching(site, job_of(tracker), fault=f"clock set by {step_s:+.0f} s") as watcher:
        watcher.waits_for(tell(tracker, "loading"))
        clock.now += step_s
        for percent in range(0, 100, 20):
            watcher.waits_for(tell(tracker, "cpsat_solving", percent))
            eta = tracker.record["eta_seconds"]
            assert eta is not None
            assert 0 <= eta < 600
        tracker.completed()
        watcher.assert_ended("completed")


def test_a_record_from_the_future_does_not_hide_the_rows_end(site: Site, tracker: ProgressTracker) -> None:
    tell(tracker, "loading")
    site.store.write(job_of(tracker), b'{"status":"running","overall_progress":2.5,"seq":2,"last_updated":%d}' % (time.time() + 3600))
    site.save_row({**tracker.record, "status": "failed"}, status="failed")

    assert site.get(f"/api/progress/{job_of(tracker)}/").json()["status"] == "failed"


def test_server_killed_and_restarted_while_followed(site: Site, tracker: ProgressTracker, processes: contextlib.ExitStack) -> None:
    with watching(site, job_of(tracker), fault="server killed and restarted") as watcher:
        watcher.waits_for(tell(tracker, "cpsat_solving"))
        site.server.process.kill()
        watcher.waits_for_sign("broken", num=3)
        tell(tracker, "ga_optimization")
        restart(site, processes)
        watcher.waits_for(82.5)
        site.server.process.popen.send_signal(signal.SIGKILL)
        site.server.process.kill()
        tracker.completed()  # while nobody serves
        restart(site, processes)
        watcher.assert_ended("completed")


def test_redis_absent_when_the_server_starts(site: Site, tracker: ProgressTracker, processes: contextlib.ExitStack) -> None:
    site.server.process.stop()
    site.valkey.stop()
    restart(site, processes)
    with watching(site, job_of(tracker), fault="Redis absent at start") as watcher:
        watcher.waits_for(tell(tracker, "clustering"))
        assert site.get("/api/generation/health/", name=None).json()["redis"] == "down"
        site.valkey.start()
        site.store.ping()
        watcher.waits_for(tell(tracker, "cpsat_solving"))
        assert site.get("/api/generation/health/", name=None).json()["redis"] == "up"
        tracker.completed()
        watcher.assert_ended("completed")


@pytest.mark.postgres
def test_database_away_and_back(postgres_server: PostgresServer) -> None:
    address = postgresql_begin(postgres_server, "faults")
    with start_proxy(postgres_server.port) as proxy:
        through = address.replace(str(postgres_server.port), str(proxy.port))
        with start_site(is_migrated=True, DATABASE_URL=through, **shrunk(DATABASE_CONNECT_TIMEOUT_S="2", STREAM_STALE_S="0.5")) as site:
            tracker = ProgressTracker(site.new_job(), started_at=int(time.time()), store=site.store)
            with watching(site, job_of(tracker), fault="database away") as watcher:
                watcher.waits_for(tell(tracker, "loading"))
                proxy.freeze()
                time.sleep(11 if IS_FULL else 1)  # the record is stale by now: the reader asks the row, in vain
                stopwatch = Stopwatch()
                watcher.waits_for(tell(tracker, "clustering"))
                assert stopwatch.waited_less_than(1.5)
                for path in ("stream", "progress"):
                    refused = site.get(f"/api/generation/{path}/{job_of(tracker)}/")
                    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
                assert site.get("/api/generation/health/").json()["database"] == "down"
                proxy.thaw()
                wait_until(lambda: site.get(f"/api/progress/{job_of(tracker)}/").status_code == 200, what="the database")
                tracker.completed()
                watcher.assert_ended("completed")
