"""A person's way through the site in a real browser, against the real server, queue, worker and Redis."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser import flat_walk
from tests.browser.site import PASSWORD, Site, start_site
from tests.browser.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SOON_MS = 60_000
# The first job of a fresh installation also waits for kernels to be compiled.
END_MS = 300_000
# Every value that the bar showed, with the server's own at that moment.
RECORD_BAR = """
window.shown = [];
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.getElementById("overall-bar");
  if (bar) new MutationObserver(() => window.shown.push([Number(bar.dataset.shown), Number(bar.getAttribute("aria-valuenow"))]))
    .observe(bar, { attributes: true, attributeFilter: ["data-shown"] });
});
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site() as site:
        yield site


def page_of(browser: Browser, site: Site, user: str) -> Page:
    """A new window in which the user has signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def generate(page: Page, site: Site, *, seconds: int) -> None:
    page.goto(f"{site.url}/admin/timetables/new")
    page.get_by_role("radio", name="Another time").check()
    page.get_by_label("Seconds, when you chose another time").fill(str(seconds))
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/admin/timetables/status/*")


def overall(page: Page) -> float:
    return float(page.locator("#overall").inner_text())


def wait_for_progress(page: Page, *, above: float, timeout_ms: int = END_MS) -> None:
    wait_for(page, "above => Number(document.getElementById('overall').textContent) > above", arg=above, timeout_s=timeout_ms / 1000)


def test_from_sign_in_to_an_approved_timetable(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    page.add_init_script(RECORD_BAR)

    generate(page, site, seconds=10)
    expect(page.locator("#connection-words")).to_have_text("Live")
    expect(page.locator("#chart path.line").nth(3)).to_be_attached(timeout=END_MS)  # all of the penalty, and wish by wish
    expect(page.locator("#end-completed")).to_be_visible(timeout=END_MS)
    wait_for(page, "document.getElementById('overall-bar').dataset.shown === '100.00'")
    shown = page.evaluate("window.shown")
    page.wait_for_url("**/review", timeout=SOON_MS)

    assert [r.resource_type for r in requests if "/api/generation/stream/" in r.url] == ["eventsource"]
    assert not [r for r in requests if not r.url.startswith((site.url, "data:"))], "everything comes from this host"
    assert shown == sorted(shown), "neither the bar nor the server's value ever goes back"
    assert all(bar <= server for bar, server in shown), "the bar never passes the server's value"
    expect(page.get_by_role("row", name="Rules broken, in all")).to_be_visible()
    assert page.locator(".week .lecture").count() > 0
    page.get_by_role("button", name=re.compile("^Put .* forward$")).click()
    expect(page.get_by_text("is put forward. It now waits for the reviewer.")).to_be_visible()

    reviewer = page_of(browser, site, "reviewer")
    reviewer.get_by_role("link", name="Review", exact=True).click()
    reviewer.get_by_role("button", name="Send back").click()
    expect(reviewer.get_by_text("A rejection needs a comment")).to_be_visible()
    reviewer.get_by_label("Comment", exact=True).fill("Good for students.")
    reviewer.get_by_role("button", name=re.compile("^Approve ")).click()
    expect(reviewer.get_by_text("Approved. An administrator can publish it now.")).to_be_visible()
    expect(reviewer.get_by_text("Good for students.")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Publish").click()
    viewer = page_of(browser, site, "viewer")
    viewer.goto(f"{site.url}/timetables/")
    viewer.get_by_role("heading", name="Rooms").get_by_role("link").click()
    viewer.locator("#items a").first.click()
    viewer.get_by_role("link", name="Every week").click()
    expect(viewer.locator(".week .lecture").first).to_be_visible()


def test_generate_is_off_where_there_is_too_little_data(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "beginner")

    page.goto(f"{site.url}/admin/timetables/new")
    expect(page.get_by_role("button", name="Generate")).to_be_disabled()
    page.get_by_role("link", name="See everything under Readiness").click()

    expect(page.get_by_role("heading", name="1 problem to fix before a timetable can be made")).to_be_visible()
    expect(page.get_by_role("link", name="Add a term")).to_be_visible()


def test_a_flat_schedule_from_the_upload_to_published_pages(browser: Browser, site: Site) -> None:
    hand = flat_walk.Hand(page_of(browser, site, "beginner"))
    hand.page.goto(f"{site.url}/admin/import/")

    for step in flat_walk.STEPS:
        step(hand)

    assert hand.clicks <= flat_walk.MOST_CLICKS, "from the choice of the file to an instructor's published week"


def test_a_run_is_cancelled_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    generate(page, site, seconds=60)
    wait_for_progress(page, above=5)

    page.locator("#cancel").focus()
    page.keyboard.press("Enter")
    go_on = page.get_by_role("button", name="Go on with the run")
    expect(go_on).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(go_on).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="The run was cancelled")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="The run was cancelled")).to_be_visible()


def test_a_stopped_run_keeps_the_best_in_two_windows(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    generate(page, site, seconds=60)
    second = page.context.new_page()
    second.goto(page.url)
    expect(page.locator("#variants")).to_be_visible(timeout=END_MS)

    page.get_by_role("button", name="Stop and keep the best").click()
    page.locator("#confirm-yes").click()

    for window in (page, second):
        window.wait_for_url("**/review", timeout=END_MS)
        expect(window.get_by_text("The run was stopped before its time was over")).to_be_visible()


def test_progress_goes_on_from_the_database_without_redis(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    generate(page, site, seconds=15)
    wait_for_progress(page, above=15)

    site.valkey.stop()
    try:
        wait_for_progress(page, above=overall(page), timeout_ms=END_MS)
        expect(page.locator("#end-completed")).to_be_visible(timeout=60_000)
    finally:
        site.valkey.start()


def test_a_killed_worker_leaves_no_run_hanging(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    generate(page, site, seconds=20)
    wait_for_progress(page, above=15)

    assert site.worker is not None
    site.worker.kill()
    site.replace_worker()

    ended = page.locator("#end-failed, #end-completed").locator("visible=true")
    expect(ended).to_be_visible(timeout=END_MS)
