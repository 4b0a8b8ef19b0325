"""What is published, as its readers meet it: from the public page to a calendar link and its end, at a desk and on a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import vobject
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD, Site, start_site
from tests.first_databases import run

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# Dealt to timeslots in turn: what is shown is what matters here, not how good it is.
PUBLISH = """
import datetime as dt
from academics.models import Holiday, Organization, Term
from generation.models import Entry, GenerationJob, Variant, Workflow
organization = Organization.objects.get(code="demo")
Organization.objects.filter(pk=organization.pk).update(is_public=True)
today = dt.date.today()
term = Term.objects.get(organization=organization)
Term.objects.filter(pk=term.pk).update(starts_on=today - dt.timedelta(days=30), ends_on=today + dt.timedelta(days=60))
next_monday = today + dt.timedelta(days=7 - today.weekday())
Holiday.objects.create(term=term, name="Founders' week", starts_on=next_monday, ends_on=next_monday + dt.timedelta(days=6))
job = GenerationJob.objects.create(organization=organization, term=term, status="completed")
variant = Variant.objects.create(job=job, index=0, label="Dealt in turn", seed=1, hard=0, soft=0)
for number in range(60):
    Entry.objects.create(variant=variant, lecture=number, course=f"C{number}", title="A course with quite a long name, part one",
        section=f"C{number}/1", instructors=[f"I{number % 9}"], room=f"R{number % 5}", day=number % 5, period=number % 4)
Workflow.objects.create(job=job, variant=variant, status="published")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site() as site:
        run("shell", "-c", PUBLISH, env=site.env)
        yield site


def page_at(browser: Browser, *, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.set_default_timeout(60_000)
    return context.new_page()


def test_from_the_public_page_to_a_calendar_link_and_its_end(browser: Browser, site: Site) -> None:
    page = page_at(browser, width=1280)
    page.goto(f"{site.url}/timetables/demo/")
    page.get_by_label("Find a section").fill("c7/1")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="C7/1").click()
    expect(page.get_by_role("heading", name="Section C7/1")).to_be_visible()
    expect(page.locator(".dated-day")).to_have_count(5)
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".holiday").first).to_have_text("Founders' week: no lectures")

    page.get_by_role("link", name="Subscribe").click()
    page.get_by_label("User name").fill("viewer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Make a calendar link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    calendar = vobject.readOne(urlopen(link).read().decode())
    assert [event.summary.value for event in calendar.vevent_list] == ["C7 A course with quite a long name, part one"]
    assert calendar.vevent.exdate.value, "the holiday is left out"

    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The link is revoked")).to_be_visible()
    with pytest.raises(HTTPError, match="404"):
        urlopen(link)


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_have_no_serious_fault_of_access(browser: Browser, site: Site, width: int) -> None:
    page = page_at(browser, width=width)
    faults = []

    for address in ("", "?q=c1", "room/", "room/R1/?view=today", "room/R1/?view=week", "room/R1/?view=grid"):
        page.goto(f"{site.url}/timetables/demo/{address}")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, address
        found = Axe().run(page).response["violations"]
        faults += [(address, fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")]

    assert faults == []


def test_a_large_book_shows_how_far_it_is_and_then_the_way_to_it(browser: Browser, site: Site) -> None:
    page = page_at(browser, width=1280)

    page.goto(f"{site.url}/timetables/demo/book/sections")
    expect(page.get_by_role("progressbar")).to_be_visible()
    download = page.get_by_role("link", name="Download")
    expect(download).to_be_visible(timeout=60_000)
    with page.expect_download() as taken:
        download.click()

    assert re.fullmatch(r"demo_.*_sections\.pdf", taken.value.suggested_filename)
