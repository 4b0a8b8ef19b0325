"""Snapshots, the list of active jobs, health and metrics, asked of the real server."""

from __future__ import annotations

import time

import pytest

from progress.store import DURATIONS_KEY
from progress.tracker import ProgressTracker
from tests.processes import start_worker, wait_until
from tests.progress.site import Site

pytestmark = pytest.mark.processes


def test_snapshot_is_the_record_and_its_etag_saves_the_body(site: Site) -> None:
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.update("loading", 50, completed_items=1, total_items=2)

    first = site.get(f"/api/generation/progress/{job_id}/")
    same = site.get(f"/api/progress/{job_id}/", If_None_Match=first.headers["ETag"])
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    other = site.get(f"/api/progress/{job_id}/", If_None_Match=first.headers["ETag"])

    assert first.json() == {**first.json(), "job_id": job_id, "stage": "loading", "overall_progress": 2.5, "status": "running"}
    assert "no-cache" in first.headers["Cache-Control"]
    assert (same.status_code, same.content) == (304, b"")
    assert (first.headers["Retry-After"], same.headers["Retry-After"]) == ("2", "2")
    assert (other.status_code, other.json()["overall_progress"]) == (200, 10)


def test_snapshot_comes_from_the_row_when_redis_has_none(site: Site) -> None:
    job_id = site.new_job()
    site.save_row({"overall_progress": 42.5, "job_id": job_id, "stage": "cpsat_solving"})

    assert site.get(f"/api/generation/progress/{job_id}/").json()["overall_progress"] == 42.5


def test_active_jobs_are_those_of_the_caller(site: Site) -> None:
    ours = {record["job_id"] for record in site.get("/api/progress/").json()}

    assert set(site.jobs) <= ours
    assert site.foreign not in ours
    assert site.get("/api/progress/", name=None).status_code == 401


def test_health_tells_words_to_all_and_figures_to_staff(site: Site) -> None:
    stranger = site.get("/api/generation/health/", name=None)
    staff = site.get("/api/generation/health/", name=None, Cookie=f"sessionid={site.session}").json()

    assert stranger.status_code == 503  # no worker yet
    assert stranger.json() == {"status": "unhealthy", "redis": "up", "database": "up", "workers": "down", "streams": "open"}
    assert staff["figures"].items() >= {"workers": 0, "stream_limit": 5000}.items()
    assert staff["figures"].keys() >= {
        "open_streams",
        "streams_sse",
        "streams_websocket",
        "watched_jobs",
        "memory_mb",
        "error_percent",
        "lag_s",
    }
    assert "figures" not in site.get("/api/generation/health/", name="second").json()
    assert "figures" not in site.get("/api/generation/health/", name=None, Authorization="Bearer nonsense").json()


def test_health_follows_worker_and_redis(site: Site) -> None:
    def health() -> tuple[int, str]:
        response = site.get("/api/generation/health/", name=None)
        return response.status_code, response.json()["workers"]

    with start_worker(site.env, folder=site.folder, redis_url=site.valkey.url):
        wait_until(lambda: health() == (200, "up"), what="health")
    site.valkey.stop()
    try:
        assert health() == (503, "unknown")
    finally:
        site.valkey.start()


def test_metrics_need_the_token(site: Site) -> None:
    assert site.get("/metrics", name=None).status_code == 403
    assert site.get("/metrics").status_code == 403  # a signed-in user is no scraper
    text = site.metrics()
    for name in (
        "sse_connections_total",
        "sse_connections_active",
        "sse_redis_misses_total",
        "sse_db_fallback_total",
        "sse_rejected_total",
    ):
        assert f"\n{name} " in text


def test_metrics_sum_up_what_the_workers_took(site: Site) -> None:
    with site.valkey.client() as client:
        client.delete(DURATIONS_KEY)
    tracker = ProgressTracker(site.new_job(), started_at=int(time.time()) - 7, store=site.store)
    tracker.update("loading", 1, completed_items=1, total_items=2)
    tracker.completed()
    wait_until(lambda: 'job_duration_seconds_count{status="completed"} 1.0' in site.metrics(), what="the job's duration")
    text = site.metrics()

    assert 'job_duration_seconds_sum{status="completed"} 7' in text
    assert 'stage_duration_seconds_count{stage="loading"}' in text


def test_schema_names_every_address_of_progress(site: Site) -> None:
    paths = site.get("/api/schema/?format=json", name=None).json()["paths"]

    for address in ("generation/stream/{job_id}", "generation/progress/{job_id}", "progress", "progress/{job_id}", "generation/health"):
        assert "get" in paths[f"/api/{address}/"]
