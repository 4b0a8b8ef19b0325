"""A killed worker as those see it who follow its job by the stream: a bar that waits, and then goes on or says why not."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from generation.text.messages import WAITING
from tests.processes import SOON_S, Process, manage, start_beat, start_worker
from tests.progress.intervals import IS_FULL, shrunk
from tests.progress.site import Site, start_site
from tests.progress.watcher import Watcher, watching

pytestmark = pytest.mark.processes
INTERVALS = {
    "JOB_LEASE_S": "4",
    "JOB_LEASE_RENEW_S": "0.4",
    "JOB_SWEEP_S": "0.5",
    "JOB_REQUEUE_AFTER_S": "1",
    "JOB_CHECKPOINT_S": "0.3",
    "JOB_REQUEST_POLL_S": "0.2",
    "PROGRESS_ROW_S": "0.3",
    "STREAM_STALE_S": "1",
}
LIMIT_S = 60 if IS_FULL else 12
FIRST_NEWS_S = 300  # a worker's first job on this machine compiles the search


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(PROGRESS_JOB_SOURCE="generation.timetable.job_selectors.JobSource", LOG_FORMAT="json", **shrunk(**INTERVALS)) as site:
        done = manage("demo", "--scale", "small", "--organization", "ours", env=site.env)
        assert done.returncode == 0, done.stderr
        with start_beat(site.env, folder=site.folder, redis_url=site.valkey.url):
            yield site


def worker_of(site: Site, name: str, **settings: str) -> AbstractContextManager[Process]:
    return start_worker({**site.env, **settings}, folder=site.folder, redis_url=site.valkey.url, name=name)


def filed(site: Site) -> str:
    address, headers = f"{site.server.url}/api/generation-jobs/generate/", {**site.headers(), "X-Request-ID": "click-7"}
    answer = httpx.post(address, headers=headers, json={"organization": "ours", "time_limit_s": LIMIT_S}, timeout=SOON_S)
    return str(answer.json()["job_id"])


def has_timetable(watcher: Watcher) -> bool:
    return any(seen.data.get("stage") == "ga_optimization" for seen in watcher.seen if seen.name == "progress")


def test_the_bar_waits_for_the_next_worker_and_goes_on_to_the_end(site: Site) -> None:
    with worker_of(site, "first") as first, watching(site, filed(site), fault="worker killed, job resumed") as watcher:
        watcher.waits_until(lambda: has_timetable(watcher), timeout_s=FIRST_NEWS_S, what="a timetable")
        before = watcher.overalls()[-1]
        first.kill()
        watcher.waits_for_words(WAITING)
        assert watcher.overalls()[-1] >= before
        with worker_of(site, "second") as second:
            watcher.assert_ended("completed", timeout_s=90)
    assert {line["request_id"] for line in lines_of(second) if line["event"] in ("job_started", "job_resumed")} == {"click-7"}


def test_after_the_last_attempt_the_watcher_is_told_the_reason(site: Site) -> None:
    with worker_of(site, "third", JOB_CHECKPOINT_S="1000") as worker:
        job_id = filed(site)
        with watching(site, job_id, fault="worker killed at the last attempt") as watcher:
            watcher.waits_until(lambda: watcher.count("progress") > 2, timeout_s=FIRST_NEWS_S, what="news")
            worker.kill()
            attempts_spend(site, job_id)
            watcher.assert_ended("failed")
        assert "ended unexpectedly" in watcher.seen[-2].data["metadata"]["error"]


def attempts_spend(site: Site, job_id: str) -> None:
    sql = "UPDATE generation_generationjob SET attempt = 99 WHERE id = ?"
    with contextlib.closing(sqlite3.connect(site.folder / "site.sqlite3", timeout=SOON_S)) as connection, connection:
        connection.execute(sql, [UUID(job_id).hex])


def lines_of(process: Process) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.output().splitlines() if line[:1] == "{"]
