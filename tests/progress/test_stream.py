"""Streams from the real server: gunicorn with uvicorn's worker, the real middleware, the real Redis protocol."""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from progress.store import key_of
from progress.tracker import ProgressTracker
from tests.processes import SOON_S, wait_until
from tests.progress.site import Event, Site, open_stream

pytestmark = pytest.mark.processes


def tracker_of(site: Site, job_id: str) -> ProgressTracker:
    return ProgressTracker(job_id, started_at=int(time.time()), store=site.store)


def next_of(events: Iterator[Event], name: str) -> Event:
    return next(event for event in events if event.name == name)


def test_events_arrive_one_by_one_through_gzip(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.start()
    with open_stream(site, job_id, Accept_Encoding="gzip") as (response, events):
        seen = [next(events), next_of(events, "progress")]
        for stage in ("loading", "clustering", "cpsat_solving"):
            tracker.update(stage, 50, completed_items=1, total_items=2)
            seen.append(next_of(events, "progress"))
        tracker.completed(hard=0)
        seen += [next_of(events, "progress"), next_of(events, "done")]

        assert next(events, None) is None  # the server closes
    assert response.headers["Content-Encoding"] == "identity"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert [event.name for event in seen] == ["connected", *["progress"] * 5, "done"]
    assert [event.data.get("overall_progress") for event in seen[1:-1]] == [0, 2.5, 10, 45, 100]
    assert seen[-1].data == {"status": "completed"}
    assert all(event.id for event in seen)
    assert all(later.at - earlier.at > 0.005 for earlier, later in itertools.pairwise(seen[2:6]))


def test_both_a_session_and_a_token_open_a_stream(site: Site) -> None:
    job_id = site.new_job()
    with open_stream(site, job_id, name=None, Cookie=f"sessionid={site.session}") as (response, events):
        assert response.status_code == 200
        assert next(events).name == "connected"
    with open_stream(site, job_id) as (response, events):
        assert next(events).name == "connected"


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer nonsense"}, {"Cookie": "sessionid=nonsense"}])
def test_a_stranger_gets_401_in_json(site: Site, sent: dict[str, str]) -> None:
    response = site.get(f"/api/generation/stream/{site.jobs[0]}/", name=None, **sent)

    assert response.status_code == 401
    assert "Sign in" in response.json()["detail"]
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("address", ["/api/generation/stream/{}/", "/api/generation/progress/{}/", "/api/progress/{}/"])
def test_jobs_that_may_not_be_seen(site: Site, address: str) -> None:
    unknown = str(uuid4())
    for job_id in (unknown, site.foreign, "no-uuid", "0"):
        response = site.get(address.format(job_id))
        assert response.status_code == 404
        assert job_id in response.json()["detail"]
    assert site.get(address.format(site.jobs[0]), name="guest").status_code == 403
    assert site.get(address.format(site.jobs[0]), name=None).status_code == 401


def test_stream_of_a_finished_job_tells_its_end(site: Site) -> None:
    job_id = site.new_job()
    tracker_of(site, job_id).failed("no rooms")
    with open_stream(site, job_id) as (_, events):
        seen = list(events)

    assert [event.name for event in seen] == ["connected", "progress", "done"]
    assert seen[1].data["metadata"]["error"] == "no rooms"
    assert seen[2].data == {"status": "failed"}


def test_heartbeats_fill_the_silence_and_the_row_stands_in_for_redis(site: Site) -> None:
    with open_stream(site, site.new_job(), Last_Event_ID="41") as (_, events):
        seen = [next(events) for _ in range(4)]

    assert [event.name for event in seen] == ["connected", "progress", "comment", "comment"]
    assert seen[0].id == "41"
    assert seen[1].data["status"] == "running"


def test_progress_goes_on_from_the_database_while_redis_is_away(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.update("loading", 50, completed_items=1, total_items=2)
    with open_stream(site, job_id) as (_, events):
        assert next_of(events, "progress").data["overall_progress"] == 2.5
        site.valkey.stop()
        tracker.update("clustering", 50, completed_items=1, total_items=2)
        site.save_row(tracker.record)
        from_row = next_of(events, "progress")
        site.valkey.start()
        site.save_row({**tracker.record, "overall_progress": 1.0, "seq": 1})  # an old row changes nothing
        wait_until(lambda: site.store.ping(), what="Redis")
        tracker.update("cpsat_solving", 50, completed_items=1, total_items=2)
        from_redis = next_of(events, "progress")
        tracker.completed()
        end = next_of(events, "done")

    assert from_row.data["overall_progress"] == 10
    assert from_redis.data["overall_progress"] == 45
    assert end.data == {"status": "completed"}


def test_job_that_ended_while_redis_says_running_is_told_from_its_row(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.update("loading", 50, completed_items=1, total_items=2)
    with open_stream(site, job_id) as (_, events):
        next_of(events, "progress")
        site.save_row({**tracker.record, "seq": 0, "status": "failed", "metadata": {"error": "worker gone"}}, status="failed")
        end = next_of(events, "progress")

    assert end.data["metadata"]["error"] == "worker gone"
    assert site.get(f"/api/progress/{job_id}/").json()["status"] == "failed"


@pytest.mark.parametrize("raw", [b"{trunc", b"\xff\xfe", b"[]", b'{"schema": 99, "status": "running", "overall_progress": 5}'])
def test_record_that_cannot_be_trusted_counts_as_missing(site: Site, raw: bytes) -> None:
    job_id = site.jobs[0]
    with site.valkey.client() as client:
        client.set(key_of(job_id), raw, ex=5)
    with open_stream(site, job_id) as (_, events):
        assert next_of(events, "progress").data["job_id"] == job_id
    assert site.get(f"/api/progress/{job_id}/").json()["job_id"] == job_id
    with site.valkey.client() as client:
        client.delete(key_of(job_id))


def test_hundred_streams_keep_few_threads_and_no_database_connection(site: Site) -> None:
    jobs = [site.new_job() for _ in range(3)]
    wait_until(lambda: "sse_connections_active 0.0" in site.metrics(), what="closed streams")
    with ExitStack() as stack:
        streams = [stack.enter_context(open_stream(site, jobs[index % 3])) for index in range(100)]
        assert {next(events).name for _, events in streams} == {"connected"}
        (pid,) = site.server.worker_pids()
        wait_until(lambda: num_database_files(pid) == 0, what="closed database connections")
        num_threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        assert "sse_connections_active 100.0" in site.metrics()

    assert num_threads <= 14
    wait_until(lambda: "sse_connections_active 0.0" in site.metrics(), what="closed streams")


def test_error_page_leaves_no_database_connection(site: Site) -> None:
    (pid,) = site.server.worker_pids()
    for _ in range(3):
        page = site.get("/no/such/page", name=None, Cookie=f"sessionid={site.session}")
        assert page.status_code == 404

    wait_until(lambda: num_database_files(pid) == 0, what="closed database connections")


def num_database_files(pid: int) -> int:
    return sum(os.readlink(link).endswith("site.sqlite3") for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink())


def test_clients_that_reset_before_the_first_byte_leave_nothing(site: Site) -> None:
    """The short form of `make bench SUITE=streams PART=resets`."""
    (pid,) = site.server.worker_pids()
    job_id = site.new_job()
    wait_until(lambda: "sse_connections_active 0.0" in site.metrics(), what="closed streams")
    num_files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    request = (
        f"GET /api/generation/stream/{job_id}/ HTTP/1.1\r\nHost: 127.0.0.1:{site.server.port}\r\n"
        f"Authorization: Bearer {site.tokens['boss']}\r\n\r\n"
    ).encode()
    with ExitStack() as stack:
        for index in range(80):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", site.server.port)))
            client.sendall(request)
            if index % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
        wait_until(lambda: "sse_connections_active 40.0" in site.metrics(), what="the streams of those who stayed")

    wait_until(lambda: "sse_connections_active 0.0" in site.metrics(), what="closed streams")
    wait_until(lambda: "sse_watched_jobs 0.0" in site.metrics(), what="no job that is watched")
    wait_until(lambda: len(list(Path(f"/proc/{pid}/fd").iterdir())) <= num_files + 2, what="closed connections")


def test_headers_of_the_sites_middleware_stand_on_a_stream_and_its_refusals(site: Site) -> None:
    """A stream's request goes round Django's threads, not round its middleware."""
    page = site.get("/api/progress/")
    with open_stream(site, site.jobs[0]) as (response, _):
        for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"):
            assert response.headers[name] == page.headers[name]
    address = f"/api/generation/stream/{site.jobs[0]}/"
    assert (
        httpx.post(site.server.url + address, headers=site.headers(), timeout=SOON_S).status_code == 403
    )  # no CSRF token, as for any view
    assert site.get(address, Host="elsewhere.example").status_code == 400
    assert site.get(address.replace("stream", "strea%00m")).status_code == 404
