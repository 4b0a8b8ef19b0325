"""Readiness and rules in a real browser, by the keyboard alone and on a telephone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD, start_pages

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON_MS = 60_000
PICTURES = os.environ.get("TIMELOOM_PICTURES", "")  # where set, pictures of the pages are kept there
SHORT_OF_LABS = """
from academics.models import Meeting, Organization, Room
college = Organization.objects.get(code="college")
labs = Room.objects.filter(organization=college, kind="lab")
labs.exclude(pk=labs.first().pk).update(kind="hall")
Meeting.objects.filter(offering__organization=college, offering__course__code__startswith="D001-1").update(room_kind="laboratry")
"""


@dataclass
class Pages:
    url: str


@pytest.fixture(scope="module")
def site() -> Iterator[Pages]:
    """The demo university, and a college with too few labs; no queue, for nothing is generated."""
    with start_pages(("demo", "--scale", "small", "--organization", "college"), ("shell", "-c", SHORT_OF_LABS)) as url:
        yield Pages(url)


def page_of(browser: Browser, site: Pages, *, width: int = 1280) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Sign out", exact=True)).to_be_attached()  # in a menu where the page is narrow
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def faults(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")]


def test_readiness_leads_from_home_to_the_record_and_keeps_generate_off(browser: Browser, site: Pages) -> None:
    page = page_of(browser, site)
    page.goto(f"{site.url}/?organization=college")
    expect(page.get_by_text("Not ready", exact=True)).to_be_visible()
    page.get_by_role("link", name="See details").click()

    expect(page.get_by_role("heading", name="These stop Generate")).to_be_visible()
    expect(page.get_by_text("no room is of that kind")).to_be_visible()
    expect(page.get_by_role("row", name="lab 1 room")).to_contain_text("No")
    picture(page, "readiness-1280")
    page.get_by_role("link", name="D001-100").first.press("Enter")
    expect(page.get_by_role("heading", name="D001-100")).to_be_visible()

    page.goto(f"{site.url}/admin/timetables/new")
    expect(page.get_by_role("button", name="Generate")).to_be_disabled()
    expect(page.get_by_text("Off until this is fixed")).to_be_visible()


def test_a_rule_is_added_with_the_keyboard_alone(browser: Browser, site: Pages) -> None:
    page = page_of(browser, site)
    page.goto(f"{site.url}/admin/rules/?organization=demo")
    page.get_by_role("link", name="Add a rule").press("Enter")
    page.get_by_role("link", name="Lectures stay out of listed times").press("Enter")

    courses = page.get_by_role("combobox", name="Courses")
    courses.focus()
    page.keyboard.type("d001-1")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(courses).to_have_value("D001-101, ")
    page.keyboard.type("nothing of the sort")
    expect(page.get_by_role("option")).to_have_count(0)
    courses.fill("D001-101")
    page.get_by_role("button", name="Fri").press("Enter")
    page.get_by_role("checkbox", name="Monday, period 1").press("Space")
    page.get_by_role("radio", name="Should be kept").press("Space")
    page.get_by_role("spinbutton", name="Weight").fill("500")
    page.get_by_label("Comment").fill("Practice placements")
    page.get_by_label("Comment").press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("'500' is not a whole number from 1 to 100")
    expect(page.get_by_role("checkbox", name="Friday, period 8")).to_be_checked()
    page.get_by_role("spinbutton", name="Weight").fill("5")
    page.get_by_role("button", name="Add the rule").press("Enter")

    sentence = "should not meet on Monday, period 1, and on Friday."
    expect(page.get_by_role("status").first).to_contain_text(sentence)
    expect(page.get_by_role("listitem").filter(has_text="Practice placements")).to_contain_text("Weight 5")


def test_a_rule_is_found_switched_and_deleted(browser: Browser, site: Pages) -> None:
    page = page_of(browser, site)
    page.goto(f"{site.url}/admin/rules/?organization=demo")
    page.get_by_label("Course, person, room").fill("great hall")
    page.get_by_label("Course, person, room").press("Enter")
    expect(page.get_by_text("1 to 1 of 1 sentence", exact=False)).to_be_visible()

    page.get_by_role("button", name="Switch off").press("Enter")
    expect(page.get_by_text("Switched off: The 1st lecture of")).to_be_visible()
    expect(page.get_by_label("Course, person, room")).to_have_value("great hall")
    page.get_by_role("link", name="is held in room").press("Enter")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete this rule").press("Enter")

    expect(page.get_by_text("Deleted: The 1st lecture of")).to_be_visible()
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 360])
def test_the_pages_fit_and_have_no_serious_fault_of_access(browser: Browser, site: Pages, width: int) -> None:
    page = page_of(browser, site, width=width)
    page.goto(f"{site.url}/?organization=college")
    found = []
    for address in (
        "readiness/",
        "rules/",
        "rules/?kind=availability",
        "rules/new",
        "rules/new?kind=before",
        "rules/new?kind=wish_room",
        "rules/seats-term",
    ):
        page.goto(f"{site.url}/admin/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        found += [(address, fault) for fault in faults(page)]
        picture(page, f"{address.replace('/', '-').replace('?', '-')}-{width}")

    assert found == []
