"""static/js/progress.js in a real browser against the real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from progress.tracker import ProgressTracker
from tests.browser.waiting import wait_for
from tests.progress.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WATCH = """async ([jobId, options]) => {
  const { watchJob } = await import("/static/js/progress.js");
  window.seen = { overall: [], done: [], states: [], ways: [] };
  window.watch = watchJob(jobId, {
    ...options,
    onProgress: (record) => seen.overall.push(record.overall_progress),
    onDone: (record) => seen.done.push(record.status),
    onConnection: (state, info) => {
      seen.states.push([state, info.reason || info.status || null]);
      seen.ways.push(info.way || null);
    },
  });
}"""
QUICK = {"silenceMs": 60000, "pollMs": 100, "firstRetryMs": 30, "returnMs": 400}


@pytest.fixture(scope="module")
def context(browser: Browser, shared_site: Site) -> BrowserContext:
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": shared_site.session, "url": shared_site.server.url}])
    return context


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    page = context.new_page()
    page.goto(f"{site.server.url}/api/generation/health/")
    yield page
    page.close()


def watch(page: Page, job_id: str, **options: Any) -> None:
    page.evaluate(WATCH, [job_id, {**QUICK, **options}])


def tracker_of(site: Site, job_id: str) -> ProgressTracker:
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.start()
    return tracker


def has_state(page: Page, state: str, reason: str | int | None = None) -> None:
    wait_for(page, "wanted => seen.states.some((state) => state[0] === wanted[0] && state[1] === wanted[1])", arg=[state, reason])


def has_overall(page: Page, overall: float) -> None:
    wait_for(page, "wanted => seen.overall.at(-1) === wanted", arg=overall)


def has_ended(page: Page, status: str) -> None:
    wait_for(page, "seen.done.length > 0")
    assert page.evaluate("seen.done") == [status]


def test_events_are_followed_to_the_end(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    watch(page, job_id)
    has_overall(page, 0)
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    has_overall(page, 10)
    tracker.completed()
    has_ended(page, "completed")

    assert page.evaluate("seen.states") == [["connecting", None], ["live", None]]
    assert page.evaluate("seen.overall") == [0, 10, 100]


def test_silence_turns_to_snapshots_and_an_event_back(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    watch(page, job_id, silenceMs=300)
    has_state(page, "polling", "silence")
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    wait_for(page, "seen.states.at(-1)[0] === 'live'")
    tracker.cancelled()
    has_ended(page, "cancelled")


def block_sockets(page: Page) -> None:
    page.route_web_socket("**/ws/**", lambda socket: socket.close())


def test_unreachable_stream_turns_to_a_websocket_after_five_tries_and_back(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    streams: list[str] = []
    page.route("**/stream/**", lambda route: (streams.append(route.request.url), route.abort()))
    watch(page, job_id)
    has_way(page, "websocket")
    assert len(streams) == 6  # the first and five more
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    has_overall(page, 10)
    page.unroute("**/stream/**")
    has_way(page, "stream")  # it is tried again beside the WebSocket
    tracker.update("cpsat_solving", 50, completed_items=1, total_items=2)
    has_overall(page, 45)
    tracker.failed("no rooms")
    has_ended(page, "failed")


def has_way(page: Page, way: str) -> None:
    wait_for(page, "way => seen.ways.at(-1) === way", arg=way)


def test_stream_that_a_proxy_holds_back_turns_to_a_websocket(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    page.route("**/stream/**", lambda route: None)  # neither answered nor refused
    watch(page, job_id, silenceMs=200)
    has_state(page, "polling", "silence")
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    has_way(page, "websocket")
    tracker.completed()
    has_ended(page, "completed")


def test_a_stop_of_the_websockets_server_is_no_end(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    sockets: list[Any] = []
    page.route("**/stream/**", lambda route: route.abort())
    page.route_web_socket("**/ws/**", lambda socket: (sockets.append(socket), socket.connect_to_server()))
    watch(page, job_id)
    has_way(page, "websocket")
    sockets[0].close(code=1012)
    has_state(page, "reconnecting")
    wait_for(page, "seen.states.at(-1)[0] === 'live'")
    tracker.completed()
    has_ended(page, "completed")


def test_unreachable_stream_and_websocket_turn_to_snapshots(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    streams: list[str] = []
    page.route("**/stream/**", lambda route: (streams.append(route.request.url), route.abort()))
    block_sockets(page)
    watch(page, job_id)
    has_state(page, "polling", "unreachable")
    assert len(streams) == 6
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    has_overall(page, 10)
    page.unroute("**/stream/**")
    page.evaluate("watch.reconnect()")
    has_state(page, "live")
    tracker.failed("no rooms")
    has_ended(page, "failed")


def test_end_is_told_though_no_stream_ever_works(page: Page, site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    page.route("**/stream/**", lambda route: route.fulfill(status=503))
    block_sockets(page)
    watch(page, job_id)
    has_state(page, "polling", "unreachable")
    tracker.completed()
    has_ended(page, "completed")


def test_refusal_is_told_once_and_nothing_more_is_tried(page: Page, site: Site) -> None:
    watch(page, site.foreign)
    has_state(page, "refused", 404)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.wait_for_timeout(300)  # long enough for several tries at these intervals

    assert requests == []


def test_a_right_that_ends_is_told_with_its_reason_and_nothing_more_is_tried(page: Page, site: Site) -> None:
    frame = 'event: ended\ndata: {"status":401,"reason":"signed_out","detail":"Signed out meanwhile."}\n\n'
    opened: list[str] = []
    page.route("**/stream/**", lambda route: (opened.append(""), route.fulfill(content_type="text/event-stream", body=frame)))
    watch(page, site.jobs[0])
    has_state(page, "refused", 401)
    page.wait_for_timeout(300)  # long enough for several tries at these intervals

    assert len(opened) == 1
