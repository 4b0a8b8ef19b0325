"""The demand page in a real browser: read at each width, worked by keyboard."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD
from tests.first_databases import WITH_PEOPLE, database_begin
from tests.processes import start_server

pytestmark = [pytest.mark.browser, pytest.mark.processes]
PICTURES = os.environ.get("TIMELOOM_PICTURES", "")
MAKE_PARTS_AND_A_CLASH = """
from academics.models import CourseOffering, Enrolment, Rule
one, two, lab, *rest = CourseOffering.objects.order_by("id")
lab.enrolments.all().delete()
CourseOffering.objects.filter(pk=lab.pk).update(part_of=one, max_section_size=10)
for offering in (one, two):
    CourseOffering.objects.filter(pk=offering.pk).update(max_section_size=100)
    Rule.objects.create(organization=one.organization, term=one.term, kind="pin_time", day=1, period=2).offerings.set([offering])
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="tld-"))
    env = {"TIMELOOM_VAR": str(folder), "DEMO_PASSWORD": PASSWORD, "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "LOG_LEVEL": "error"}
    database_begin(folder / "site.sqlite3", *WITH_PEOPLE, ("shell", "-c", MAKE_PARTS_AND_A_CLASH), DEMO_PASSWORD=PASSWORD)
    with start_server(env, folder=folder) as server:
        yield server.url
    shutil.rmtree(folder, ignore_errors=True)


def page_of(browser: Browser, url: str, *, width: int, scheme: str = "light") -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/accounts/login/?next=/admin/demand/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Demand")).to_be_visible()
    return page


def check(page: Page, name: str) -> None:
    width = page.evaluate("window.innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"demand-{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_every_view_is_right_at_each_width(browser: Browser, url: str, width: int, scheme: str) -> None:
    page = page_of(browser, url, width=width, scheme=scheme)
    expect(page.get_by_role("heading", name="must clash")).to_be_visible()
    for view in ("Pairs of courses", "Matrix", "Sections", "Elective bands"):
        page.get_by_role("link", name=view).click()
        expect(page.get_by_role("link", name=view)).to_have_attribute("aria-current", "true")
        check(page, view.split()[0].lower())


def test_a_lab_is_split_and_a_band_set_by_keyboard(browser: Browser, url: str) -> None:
    page = page_of(browser, url, width=1024)

    page.goto(f"{url}/admin/demand/?view=sections&search=D001-102")
    page.get_by_role("link", name="Split D001-102").press("Enter")
    page.get_by_label("At most so many students in a section").fill("9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This makes 6 sections of 8 to 9")).to_be_visible()
    check(page, "split")
    page.get_by_role("button", name="Split it this way").press("Enter")
    expect(page.get_by_role("row", name="D001-102")).to_contain_text("6 sections of 8 to 9")

    page.goto(f"{url}/admin/demand/?view=sections&search=D002-9")
    for code in ("D002-900", "D002-901"):
        page.get_by_label(f"Choose {code}").press("Space")
    page.get_by_role("button", name="Set a band of the ticked courses").press("Enter")
    page.get_by_label("Name").fill("Free choice")
    page.get_by_label("Meet only in the timeslots marked below").press("Space")
    page.get_by_label("Monday 09:00").press("Space")
    page.get_by_role("button", name="Set the band").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("and only 1 timeslot marked. Mark more")
    for hour in ("10:00", "11:00", "12:00"):
        page.get_by_label(f"Monday {hour}").press("Space")
    check(page, "band")
    page.get_by_role("button", name="Set the band").press("Enter")
    expect(page.get_by_text("Its lectures must meet only on Monday 09:00, Monday 10:00, Monday 11:00 and Monday 12:00.")).to_be_visible()
    check(page, "bands-set")
