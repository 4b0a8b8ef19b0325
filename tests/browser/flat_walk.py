"""The steps from a flat schedule of classes, as a student system exports it, to its published pages; every click is counted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.flat_schedule import flat_schedule

PICTURES = os.environ.get("TIMELOOM_PICTURES", "")  # where set, pictures of the pages are kept there
END_MS = 300_000
MOST_CLICKS = 14  # and one term typed, one time taught, the seconds of the run


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


def published_read(hand: Hand) -> None:
    main = hand.page.get_by_role("main")
    hand.click(hand.page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Published")))
    hand.click(main.get_by_role("heading", name="Instructors").get_by_role("link"))
    hand.click(main.get_by_role("link", name=re.compile("^ABAR")).first)
    expect(main.get_by_text(re.compile("BIO 101")).first).to_be_visible()
    picture(hand.page, "flat-published")


STEPS = (schedule_read, schedule_import, timetable_improve, timetable_publish, published_read)
