"""Many tabs of one browser on live pages: few connections, and none that another page waits for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from progress.tracker import ProgressTracker
from tests.processes import wait_until
from tests.progress.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NUM_TABS, MOST_STREAMS = 8, 3
PATIENCE_MS = 60_000
# A browser without a screen takes every page for visible.
VISIBILITY = """
window.isHidden = false;
Object.defineProperty(document, "visibilityState", { get: () => (window.isHidden ? "hidden" : "visible") });
window.hide = (hidden) => { window.isHidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
"""


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.server.url}])
    context.add_init_script(VISIBILITY)
    yield context
    context.close()
    wait_until(lambda: num_open(site) == (0, 0), what="closed connections")


def tracker_of(site: Site) -> ProgressTracker:
    tracker = ProgressTracker(site.new_job(), started_at=int(time.time()), store=site.store)
    tracker.start()
    return tracker


def open_tab(context: BrowserContext, site: Site, tracker: ProgressTracker) -> Page:
    page = context.new_page()
    page.goto(f"{site.server.url}/admin/timetables/status/{tracker.record['job_id']}")
    return page


def is_live(page: Page) -> None:
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=PATIENCE_MS)


def shows(page: Page, overall: str) -> None:
    expect(page.locator("#overall")).to_have_text(overall, timeout=PATIENCE_MS)


def num_open(site: Site) -> tuple[int, int]:
    """Streams and WebSockets by the server's own account."""
    found = dict(re.findall(r"^(sse|websocket)_connections_active (\d+)", site.metrics(), re.MULTILINE))
    return int(found["sse"]), int(found["websocket"])


def test_eight_tabs_of_eight_jobs_leave_the_browser_free_for_another_page(context: BrowserContext, site: Site) -> None:
    trackers = [tracker_of(site) for _ in range(NUM_TABS)]
    tabs = [open_tab(context, site, tracker) for tracker in trackers]
    for tab in tabs:
        is_live(tab)
    assert num_open(site) == (MOST_STREAMS, NUM_TABS - MOST_STREAMS)

    other = context.new_page()
    other.goto(f"{site.server.url}/admin/timetables/")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    for tracker, tab in zip(trackers, tabs, strict=True):
        tracker.update("clustering", 50, completed_items=1, total_items=2)
        shows(tab, "10")


def test_eight_tabs_of_one_job_share_a_stream_that_the_next_takes_over(context: BrowserContext, site: Site) -> None:
    tracker = tracker_of(site)
    tabs = [open_tab(context, site, tracker) for _ in range(NUM_TABS)]
    for tab in tabs:
        is_live(tab)
    assert num_open(site) == (1, 0)

    for stage, overall in (("clustering", "10"), ("cpsat_solving", "45")):
        tabs.pop(0).close()  # the one that holds the stream
        tracker.update(stage, 50, completed_items=1, total_items=2)
        for tab in tabs:
            shows(tab, overall)
        wait_until(lambda: num_open(site) == (1, 0), what="one stream")
    tracker.failed("No room is free.")
    for tab in tabs:
        expect(tab.get_by_role("heading", name="The run failed")).to_be_visible()


def test_a_hidden_tab_lets_go_and_looks_at_once_when_it_is_shown(context: BrowserContext, site: Site) -> None:
    tracker = tracker_of(site)
    first, second = (open_tab(context, site, tracker) for _ in range(2))
    is_live(first)
    is_live(second)
    first.evaluate("hide(true)")
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    shows(second, "10")
    second.evaluate("hide(true)")
    wait_until(lambda: num_open(site) == (0, 0), what="no stream while nobody looks")
    tracker.update("cpsat_solving", 50, completed_items=1, total_items=2)

    second.evaluate("hide(false)")

    shows(second, "45")
    is_live(second)
    assert num_open(site) == (1, 0)
