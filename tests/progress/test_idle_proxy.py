"""Behind a proxy that closes connections on which nothing is said for a while: heartbeats keep a stream open."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from progress.tracker import ProgressTracker
from tests.progress.site import Site, start_site
from tests.progress.watcher import watching
from tests.proxy import start_proxy

pytestmark = pytest.mark.processes
IDLE_S = 4.0
OFTEN_S, SELDOM_S = 1.0, 60.0  # heartbeats: as 15 s stand to the usual 60 s of proxies, and too few


@contextmanager
def behind_a_proxy(*, heartbeat_s: float) -> Iterator[Site]:
    with start_site(STREAM_HEARTBEAT_S=str(heartbeat_s)) as site, start_proxy(site.server.port, idle_s=IDLE_S) as proxy:
        yield dataclasses.replace(site, server=dataclasses.replace(site.server, port=proxy.port))


def started(site: Site) -> tuple[str, ProgressTracker]:
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.start()
    return job_id, tracker


def test_a_silent_stream_outlives_the_proxys_patience() -> None:
    with behind_a_proxy(heartbeat_s=OFTEN_S) as site:
        job_id, tracker = started(site)
        with watching(site, job_id, fault="a proxy that closes idle connections") as watcher:
            watcher.waits_for_sign("comment", num=int(2 * IDLE_S / OFTEN_S))
            tracker.completed(hard=0)
            watcher.assert_ended("completed")

    assert watcher.count("connected") == 1
    assert watcher.count("broken") == 0


def test_without_heartbeats_the_proxy_closes_it_and_the_watcher_comes_back() -> None:
    with behind_a_proxy(heartbeat_s=SELDOM_S) as site:
        job_id, tracker = started(site)
        with watching(site, job_id, fault="the same, and too few heartbeats") as watcher:
            watcher.waits_for_sign("broken")
            tracker.completed(hard=0)
            watcher.assert_ended("completed")

    assert watcher.count("connected") > 1
