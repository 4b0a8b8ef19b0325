"""The Operations page and its self-test, on a real site."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from django.utils import timezone

from erp import operations
from erp.request_ids import Fault
from progress import selftest as progress_selftest
from progress.messages import SELFTEST_BUSY
from progress.tracker import ProgressTracker
from tests.processes import SOON_S, manage, wait_until
from tests.progress.site import Site, open_socket, open_stream, start_site

pytestmark = pytest.mark.processes
ADDRESS = "/admin/operations/"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(
        OPERATIONS_SAMPLE_S="0.2", METRICS_TOKEN="figures", PROGRESS_JOB_SOURCE="generation.timetable.job_selectors.JobSource"
    ) as site:
        yield site


def browse(site: Site) -> httpx.Client:
    """A member of staff's browser."""
    return httpx.Client(base_url=site.server.url, cookies={"sessionid": site.session}, timeout=SOON_S)


def selftest(site: Site) -> str:
    with browse(site) as client:
        page = client.get(ADDRESS).text
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
        answer = client.post(ADDRESS, data={"csrfmiddlewaretoken": token})
    assert answer.status_code == 200
    return answer.text


def hops_of(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)</th>\s*<td>(?:<[^>]+>)?(?:\d+ ms)', page)


def test_the_page_shows_numbers_and_graphs_without_any_script(site: Site) -> None:
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.start()
    with open_stream(site, job_id) as (_, events), open_socket(site, job_id), browse(site) as client:
        assert [next(events).name, next(events).name] == ["connected", "progress"]
        tracker.update("clustering", 50, completed_items=1, total_items=2)
        assert next(event for event in events if event.name == "progress").data["overall_progress"] == 10
        wait_until(lambda: client.get(ADDRESS).text.count("<polyline") >= 11, what="the graphs")
        page = client.get(ADDRESS).text
        figures = client.get("/api/generation/health/").json()["figures"]

    for title in ("Open streams", "Open WebSockets", "Jobs watched"):
        assert re.search(rf'<h3>{title}</h3>\s*<p class="spark-now">1</p>', page)
    assert "No graph yet" not in page
    assert (figures["streams_sse"], figures["streams_websocket"], figures["watched_jobs"]) == (1, 1, 1)
    assert 0 <= figures["lag_s"] < 5
    assert 0 < figures["reader_tick_ms"] < 1000
    assert figures["memory_mb"] > 20
    assert "web_memory_bytes" in site.metrics()


def test_only_staff_see_it(site: Site) -> None:
    assert site.get(ADDRESS, name=None).status_code == 302
    assert site.get(ADDRESS, name="second").status_code == 302  # pages know no tokens
    session = site.sessions["second"]

    assert site.get(ADDRESS, name=None, Cookie=f"sessionid={session}").status_code == 403
    assert ADDRESS not in site.get("/", name=None, Cookie=f"sessionid={session}").text
    assert ADDRESS in site.get("/", name=None, Cookie=f"sessionid={site.session}").text


def test_the_self_test_passes_every_hop_and_leaves_nothing_behind(site: Site) -> None:
    hops = hops_of(page := selftest(site))

    assert "Every hop works." in page, page
    assert hops == [
        "Writer to Redis",
        "Read back from Redis",
        "Open the stream",
        "Open the WebSocket",
        "Writer to reader to stream",
        "Writer to reader to WebSocket",
        "The end by the stream",
        "The end by the WebSocket",
    ]
    wait_until(lambda: "sse_connections_active 0.0" in site.metrics(), what="the freed place")
    assert 'job_duration_seconds_count{status="completed"} 0.0' in site.metrics()


def test_the_made_up_job_is_nobody_elses(site: Site) -> None:
    job_id = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    ProgressTracker(job_id, started_at=int(time.time()), store=site.store).start()
    site.store.selftest_note(job_id, 4711)

    assert site.get(f"/api/generation/stream/{job_id}/").status_code == 404


def test_the_command_tests_a_server_too(site: Site) -> None:
    passed = manage("selftest", "--url", site.server.url, env=site.env)
    refused = manage("selftest", "--url", "http://127.0.0.1:9", env=site.env)

    assert (passed.returncode, passed.stdout.count(" ms")) == (0, 8), passed.stdout + passed.stderr
    assert (refused.returncode, refused.stdout.count("refused")) == (1, 2)


def test_the_self_test_over_rest_names_each_hop_with_its_milliseconds(site: Site) -> None:
    address = site.server.url + "/api/progress/selftest/"
    passed = httpx.post(address, headers=site.headers(), timeout=SOON_S)
    refused = [httpx.post(address, headers=headers, timeout=SOON_S) for headers in ({}, site.headers("second"))]
    site.valkey.stop()
    try:
        failed = httpx.post(address, headers=site.headers(), timeout=SOON_S).json()
    finally:
        site.valkey.start()
    statuses = [httpx.post(address, headers=site.headers(), timeout=SOON_S).status_code for _ in range(5)]

    assert (passed.status_code, passed.json()["status"], len(passed.json()["hops"])) == (200, "passed", 8), passed.text
    assert all(0 <= hop["milliseconds"] < 20_000 and not hop["error"] for hop in passed.json()["hops"])
    assert [answer.status_code for answer in refused] == [401, 403]
    assert (failed["status"], failed["hops"][-1]["milliseconds"]) == ("failed", None)
    assert "Redis did not take the record" in failed["hops"][-1]["error"]
    assert statuses[-1] == 429


def test_health_gives_connections_records_and_the_error_rate_to_those_who_may_see_figures(site: Site) -> None:
    tracker = ProgressTracker(site.new_job(), started_at=int(time.time()), store=site.store)
    tracker.start()
    with open_stream(site, str(tracker.record["job_id"])) as (_, events), open_socket(site, str(tracker.record["job_id"])):
        next(events)
        by_staff = site.get("/api/generation/health/").json()["figures"]
        by_token = site.get("/api/generation/health/", name=None, Authorization="Bearer figures").json()["figures"]

    assert by_staff["total_connections"] >= 2
    assert by_staff["cached_records"] >= 1
    assert 0 <= by_staff["error_rate"] <= 1
    assert by_token.keys() == by_staff.keys()
    for name, sent in ((None, {}), ("second", {}), (None, {"Authorization": "Bearer guess"})):
        answer = site.get("/api/generation/health/", name=name, **sent).json()
        assert set(answer) == {"status", "redis", "database", "workers", "streams"}


def test_without_redis_the_self_test_says_so(site: Site) -> None:
    site.valkey.stop()
    try:
        page = selftest(site)
    finally:
        site.valkey.start()

    assert "Not every hop works." in page
    assert "Redis did not take the record" in page
    assert "Redis does not answer. Progress is shown from the database" in page


@pytest.mark.django_db
def test_one_self_test_at_a_time(admin_client: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "health", lambda num_open: {**WORDS, "figures": {}})
    monkeypatch.setattr(operations, "faults", [Fault(timezone.now(), "POST", "/x", "click-7")])
    with progress_selftest._testing:
        page = admin_client.post(ADDRESS).content.decode()  # type: ignore[attr-defined]

    assert SELFTEST_BUSY in page
    assert "POST /x" in page
    assert "click-7" in page


WORDS = {"status": "healthy", "redis": "up", "database": "up", "workers": "up", "streams": "open"}
