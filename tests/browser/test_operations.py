"""The Operations page in a real browser: it refreshes itself, tests itself, and fits a telephone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from progress.tracker import ProgressTracker
from tests.progress.site import Site, open_socket, open_stream, start_site

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON_MS = 60_000
# Where set, pictures of the page are kept there.
PICTURES = os.environ.get("TIMELOOM_PICTURES", "")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(OPERATIONS_SAMPLE_S="0.2") as site:
        yield site


def page_of(browser: Browser, site: Site, *, width: int, scheme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(SOON_MS)
    context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.server.url}])
    page = context.new_page()
    page.goto(f"{site.server.url}/admin/operations/")
    return page


def work(site: Site, stack: ExitStack) -> None:
    """A job at work with two who watch it."""
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    _, events = stack.enter_context(open_stream(site, job_id))
    stack.enter_context(open_socket(site, job_id))
    for stage in ("loading", "clustering", "cpsat_solving"):
        tracker.update(stage, 50, completed_items=1, total_items=2)
        next(event for event in events if event.data.get("stage") == stage)
        time.sleep(0.3)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_the_page_is_right_at_each_width(browser: Browser, site: Site, width: int, scheme: str) -> None:
    with ExitStack() as stack:
        work(site, stack)
        page = page_of(browser, site, width=width, scheme=scheme)
        expect(page.locator(".spark:has(polyline)")).to_have_count(11)
        page.get_by_role("button", name="Run the self-test").click()
        expect(page.get_by_text("Every hop works.")).to_be_visible()
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"operations-{width}.png", full_page=True)

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")] == []


def test_the_figures_refresh_themselves_and_say_when_they_are_old(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, width=1024)
    streams = page.locator(".spark", has_text="Open streams").locator(".spark-now")
    expect(streams).to_have_text("0", timeout=SOON_MS)
    with open_stream(site, site.jobs[0]):
        expect(streams).to_have_text("1", timeout=SOON_MS)
    page.context.set_offline(True)
    expect(page.get_by_text("The server does not answer; the figures below are old.")).to_be_visible(timeout=SOON_MS)
    page.context.set_offline(False)
    expect(page.get_by_text("The server does not answer; the figures below are old.")).to_be_hidden(timeout=SOON_MS)
