"""A review in a real browser: compared, put forward, commented by keyboard, waived, approved; and how its pages fit."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.waiting import wait_for
from tests.first_databases import MIGRATED, database_begin
from tests.processes import Server, start_server

pytestmark = [pytest.mark.browser, pytest.mark.processes]
PASSWORD = "browser-password-1"
# Where set, pictures of the pages are kept there.
PICTURES = os.environ.get("TIMELOOM_PICTURES", "")
SEED = f"""
from tests.factories import member
from tests.factories.evaluated import evaluated_job
from tests.factories.small_university import small_university
term = small_university()
for name, role in (("registrar", "admin"), ("nowak", "reviewer")):
    member(term.organization, role, username=name, password="{PASSWORD}")
print("JOB", evaluated_job(term, shifts=(0, 3), slots=6).pk)
"""


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Server, str]]:
    """The server alone, with one judged job."""
    folder = Path(tempfile.mkdtemp(prefix="tlr-"))
    env = {"TIMELOOM_VAR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "LOG_LEVEL": "warning"}
    try:
        seeded = database_begin(folder / "site.sqlite3", *MIGRATED, ("shell", "-c", SEED))
        with start_server(env, folder=folder) as server:
            yield server, seeded.split("JOB ")[1].strip()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def page_of(browser: Browser, server: Server, user: str, *, width: int = 1280) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=re.compile("Sign out|Menu"))).to_be_visible()  # a narrow page has it in its menu
    return page


def waive(page: Page) -> None:
    """A waiver for whatever is the first on the list."""
    page.get_by_role("button", name="Write a waiver").click()
    page.get_by_label("Who answers for it").fill("Dean Nowak")
    page.get_by_label("Why").fill("The hall is rebuilt until October.")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_text("The waiver is written.")).to_be_visible()


def test_from_comparison_to_an_approval_with_waivers(browser: Browser, site: tuple[Server, str]) -> None:
    server, job = site
    registrar = page_of(browser, server, "registrar")
    registrar.goto(f"{server.url}/admin/timetables/{job}/review")
    registrar.get_by_role("link", name=re.compile("^Compare Variant 0 with")).click()
    expect(registrar.get_by_role("heading", name="10 students and 3 instructors change")).to_be_visible()
    expect(registrar.locator(".week")).to_have_count(2)
    registrar.get_by_label("Only differences").check()
    registrar.wait_for_url("**only=1**")
    registrar.get_by_role("button", name="Put “Variant 0” forward").click()
    expect(registrar.get_by_text("is put forward. It now waits for the reviewer.")).to_be_visible()

    nowak = page_of(browser, server, "nowak")
    nowak.get_by_role("link", name="Inbox 1 waiting").click()
    nowak.get_by_role("link", name="Variant 0").click()
    nowak.locator(".week .remark").first.focus()
    nowak.keyboard.press("Enter")
    box = nowak.get_by_label(re.compile("^About "))
    expect(box).to_be_focused()
    nowak.keyboard.type("Too early for first-years.")
    nowak.keyboard.press("Tab")
    nowak.keyboard.press("Enter")
    expect(nowak.get_by_text("Too early for first-years.")).to_be_visible()
    expect(nowak.locator(".week .remark .mark")).to_have_text("1 comment")

    while nowak.get_by_role("button", name="Write a waiver").is_visible():
        waive(nowak)
    nowak.get_by_label("Comment", exact=True).fill("As agreed.")
    nowak.get_by_role("button", name="Approve “Variant 0”").click()
    expect(nowak.get_by_text("Not confirmed yet")).to_be_visible()
    expect(nowak.get_by_label("Comment", exact=True)).to_have_value("As agreed.")
    for confirmed in nowak.locator("input[name=waivers]").all():
        confirmed.check()
    nowak.get_by_role("button", name="Approve “Variant 0”").click()
    expect(nowak.get_by_text("Approved. An administrator can publish it now.")).to_be_visible()
    expect(nowak.get_by_role("link", name="Inbox", exact=True)).to_be_visible()


def test_two_weeks_scroll_in_step(browser: Browser, site: tuple[Server, str]) -> None:
    server, job = site
    page = page_of(browser, server, "nowak", width=360)
    page.goto(f"{server.url}/admin/timetables/{job}/compare?by=room")
    first, second = page.locator(".week-frame").all()
    first.hover()
    first.evaluate("frame => { frame.scrollLeft = frame.scrollWidth; }")
    wait_for(page, "document.querySelectorAll('.week-frame')[1].scrollLeft > 50")
    assert second.evaluate("frame => frame.scrollLeft") == first.evaluate("frame => frame.scrollLeft")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_its_pages_are_accessible_and_fit(browser: Browser, site: tuple[Server, str], width: int, scheme: str) -> None:
    server, job = site
    page = page_of(browser, server, "registrar", width=width)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    faults = []
    for name, address in {
        "inbox": "/admin/timetables/inbox",
        "review": f"/admin/timetables/{job}/review?lecture=0",
        "compare": f"/admin/timetables/{job}/compare",
        "notices": "/accounts/notices/",
    }.items():
        page.goto(f"{server.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        found = Axe().run(page).response["violations"]
        faults += [(name, fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")]
    assert faults == []
