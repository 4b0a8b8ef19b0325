"""A schedule of classes in one flat table, as a student system exports it: from the upload to the published pages, every click counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.flat_schedule import flat_schedule
from tests.browser.site import Site, start_site
from tests.browser.test_operations import PICTURES
from tests.browser.test_walk import END_MS, page_of

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MOST_CLICKS = 16  # and one term typed, one time taught, the seconds of the run


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site() as site:
        yield site


@dataclass
class Hand:
    """Whoever clicks."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def press(self, button: str) -> None:
        self.click(self.page.get_by_role("main").get_by_role("button", name=re.compile(button)).first)


def picture(page: Page, name: str) -> None:
    """Kept where somebody wants to look at them."""
    for width in (1440, 360) if PICTURES else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}-{scheme}.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def schedule_read(hand: Hand) -> None:
    """What it is and what becomes of it stands there at once; one question needs an answer, and one time is taught."""
    page = hand.page
    page.get_by_label("Tables").set_input_files([{"name": "schedule.csv", "mimeType": "text/csv", "buffer": flat_schedule()}])
    hand.clicks += 2  # the field, and the file in the dialogue
    hand.press("Read them")
    expect(page.get_by_text("This looks like a schedule of classes: 20 rows.")).to_be_visible()
    for words in ("2 buildings", "4 rooms", "8 instructors", "10 courses", "20 sections"):
        expect(page.get_by_text(words, exact=True)).to_be_visible()
    picture(page, "flat-schedule")
    page.get_by_label(re.compile("What is the code of the term")).fill("2026-fall")
    taught = page.get_by_label(re.compile("Block|Q")).first
    taught.fill("TR 11:00 am-11:50 am")
    hand.press("^Check$")


def schedule_import(hand: Hand) -> None:
    page = hand.page
    expect(page.get_by_role("heading", name=re.compile("^No problems"))).to_be_visible(timeout=END_MS)
    picture(page, "flat-checked")
    hand.press("^Import$")
    expect(page.get_by_role("heading", name=re.compile("The timetable was taken over"))).to_be_visible(timeout=END_MS)
    picture(page, "flat-done")


def timetable_improve(hand: Hand) -> None:
    """The section whose time is to be arranged gets one; what is there and sound stays."""
    page = hand.page
    hand.click(page.get_by_role("link", name=re.compile("^Improve it")))
    hand.click(page.get_by_role("radio", name="Another time"))
    page.get_by_label("Seconds, when you chose another time").fill("6")
    hand.press("Generate")
    page.wait_for_url("**/review", timeout=END_MS)


def timetable_publish(hand: Hand) -> None:
    page = hand.page
    hand.press("^Put .* forward")
    hand.press("^Approve ")
    expect(page.get_by_text("Approved. An administrator can publish it now.")).to_be_visible()
    hand.press("Publish")
    expect(page.get_by_role("main").locator(".status-published")).to_be_visible()


def test_a_flat_schedule_from_the_upload_to_published_pages(browser: Browser, site: Site) -> None:
    hand = Hand(page_of(browser, site, "beginner"))
    hand.page.goto(f"{site.url}/admin/import/")

    for step in (schedule_read, schedule_import, timetable_improve, timetable_publish):
        step(hand)

    hand.click(hand.page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Published")))
    main = hand.page.get_by_role("main")
    expect(main.get_by_role("heading", name="Instructors")).to_be_visible()
    hand.click(main.get_by_role("heading", name="Instructors").get_by_role("link"))
    hand.click(main.get_by_role("link", name=re.compile("^ABAR")).first)
    expect(main.get_by_text(re.compile("BIO 101")).first).to_be_visible()
    picture(hand.page, "flat-published")
    assert hand.clicks <= MOST_CLICKS, "from the choice of the file to an instructor's published week"
