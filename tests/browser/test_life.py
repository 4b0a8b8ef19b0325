"""A registrar's whole term in a real browser: own tables in, corrected by hand, approved by another, published, taken out."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import vobject
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.own_tables import MISTAKES, college_workbook
from tests.browser.site import PASSWORD, Site, start_site
from tests.browser.test_grid import choose, free_place, lecture_of, place_of, said, target

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SOON_MS = 60_000
END_MS = 300_000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOOSE_UNPINNED = """
const lectures = [...document.querySelectorAll("#grid-week .lecture")];
window.chosen = lectures.find((lecture) => !lecture.textContent.includes("pinned")).dataset.lecture;
"""
MAKE_PEOPLE = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("office", password="{PASSWORD}")
for name in ("registrar", "colleague", "dean"):
    User.objects.create_user(name, password="{PASSWORD}")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(instead_of_demo=MAKE_PEOPLE) as site:
        yield site


def sign_in(browser: Browser, url: str, user: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def go(page: Page, words: str) -> None:
    """By the header, as a person would."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile(f"^{words}")).click()


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def downloaded(page: Page, words: str) -> bytes:
    with page.expect_download(timeout=END_MS) as waiting:
        main(page).get_by_role("link", name=words, exact=True).first.click()
    return Path(waiting.value.path()).read_bytes()


# The steps, in the order of a term.


def institution_enter(page: Page) -> None:
    """Whoever runs the site enters the institution and who belongs to it."""
    page.get_by_role("link", name="Add an institution").click()
    page.get_by_role("textbox", name=re.compile("^Code")).fill("college")
    page.get_by_role("textbox", name=re.compile("^Name")).fill("Riverside College")
    page.get_by_label(re.compile("two people decide", re.IGNORECASE)).check()
    for number, (name, role) in enumerate([("registrar", "admin"), ("colleague", "reviewer"), ("dean", "reviewer")]):
        page.get_by_role("link", name=re.compile("Add another")).click()
        page.locator(f"#id_memberships-{number}-username").fill(name)
        page.locator(f"#id_memberships-{number}-role").select_option(role)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def tables_give(page: Page, content: bytes) -> None:
    page.get_by_label("Tables").set_input_files([{"name": "college.xlsx", "mimeType": SHEET, "buffer": content}])
    page.get_by_role("button", name="Read them").click()
    page.get_by_role("button", name="Check", exact=True).click()


def tables_import_in_browser(page: Page) -> None:
    """Three mistakes are told with sheet, row, column and value; mended, everything comes in at once."""
    main(page).get_by_role("link", name="Import tables").first.click()
    tables_give(page, college_workbook(with_mistakes=True))
    expect(page.get_by_role("heading", name=f"{MISTAKES} problems; nothing has been written")).to_be_visible(timeout=END_MS)
    page.get_by_text("All problems, row by row").click()
    problems = page.locator("#rows .problems")
    expect(problems.get_by_role("row", name=re.compile("Rooms.* 3 .*Seats.*-30.*whole number from 0"))).to_be_visible()
    expect(problems.get_by_role("row", name=re.compile("Rooms.* 7 .*S3"))).to_be_visible()
    expect(problems.get_by_role("row", name=re.compile("Teaching.* 2 .*Taught by.*abarra.*abara"))).to_be_visible()

    page.get_by_role("link", name="Choose the corrected files").click()
    tables_give(page, college_workbook(with_mistakes=False))
    expect(page.get_by_role("heading", name=re.compile("^No problems"))).to_be_visible(timeout=END_MS)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("added, 0 changed, 0 removed"))).to_be_visible(timeout=END_MS)


def readiness_read(page: Page) -> None:
    main(page).get_by_role("link", name="Readiness").first.click()
    expect(page.get_by_role("heading", name="Ready, with 1 warning")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("m059"))).to_be_visible()


def rule_add(page: Page) -> None:
    """On Fridays Dr Osei is elsewhere."""
    go(page, "Rules")
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_role("link", name="An instructor is not available").click()
    page.get_by_role("combobox", name="Instructor").press_sequentially("ose")
    page.get_by_role("option", name=re.compile("^osei")).click()
    page.get_by_role("button", name="Friday").click()
    page.get_by_label("Comment").fill("Teaches at the academy.")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_text(re.compile("Dr Osei.* Friday")).first).to_be_visible()


def run_make(page: Page) -> None:
    go(page, "Timetables")
    page.get_by_role("link", name="New timetable").first.click()
    page.get_by_role("radio", name="Another time").check()
    page.get_by_label("Seconds, when you chose another time").fill("6")
    page.locator("input[name=variants][value='2']").check()
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/review", timeout=END_MS)


def variants_compare(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Compare .* with ")).click()
    expect(page.get_by_role("heading", name="Compare two timetables")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Cost, in all"))).to_be_visible()
    page.get_by_role("link", name="Review the first").click()


def grid_open(page: Page) -> None:
    page.get_by_role("link", name="Open the grid").click()
    expect(page.locator("#grid-week .lecture").first).to_be_visible()
    expect(page.locator("#grid-week td[tabindex='0']")).to_be_visible()  # the page's script is there


def lecture_move(page: Page) -> tuple[str, str]:
    """By keyboard: Enter picks the first lecture up, arrows lead to a place that breaks nothing, Enter puts it there."""
    before = place_of(page)
    lecture_of(page).locator("xpath=ancestor::td").focus()
    page.keyboard.press("Enter")
    said(page, "is picked up")
    goal = free_place(page)
    across, down = int(goal[0]) - int(before[0] or 0), int(goal[1]) - int(before[1] or 0)
    for _ in range(abs(across)):
        page.keyboard.press("ArrowRight" if across > 0 else "ArrowLeft")
    for _ in range(abs(down)):
        page.keyboard.press("ArrowDown" if down > 0 else "ArrowUp")
    expect(target(page, goal)).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "Cost")
    assert place_of(page) == goal != before
    return goal


def week_correct(page: Page) -> None:
    """Move, take it back, move again, and pin it there."""
    grid_open(page)
    choose(page)
    before = place_of(page)
    lecture_move(page)
    page.keyboard.press("Control+z")
    said(page, "Undid")
    assert place_of(page) == before
    lecture_move(page)
    lecture_of(page).locator("xpath=ancestor::td").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pin time").click()
    said(page, "picked up. Its time is pinned")
    expect(lecture_of(page)).to_contain_text("pinned")
    page.keyboard.press("Escape")


def variant_put_forward(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Review", exact=True).click()
    page.get_by_role("button", name=re.compile("^Put .* forward")).first.click()
    expect(page.get_by_text("It now waits for the reviewer.")).to_be_visible()


def reviewer_sends_back(page: Page) -> None:
    """A comment stands at a lecture; a timetable goes back with a reason, and never without."""
    go(page, "Inbox")
    main(page).get_by_role("row").get_by_role("link").first.click()
    main(page).get_by_role("link", name=re.compile("^Comment on ")).first.click()
    page.get_by_label(re.compile("^About ")).fill("The hall is being painted then.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("The hall is being painted then.")).to_be_visible()
    page.get_by_role("button", name="Send back").click()
    expect(page.get_by_text("A rejection needs a comment")).to_be_visible()
    page.get_by_label("Comment", exact=True).fill("See my comment; move one lecture, please.")
    page.get_by_role("button", name="Send back").click()
    expect(main(page).get_by_text("Sent back", exact=False).first).to_be_visible()


def registrar_mends(page: Page) -> None:
    """Home says that it came back and leads there; another lecture is moved, and it is put forward again."""
    go(page, "Home")
    expect(page.get_by_role("heading", name="The reviewer sent it back")).to_be_visible()
    page.locator(".next-step .primary").click()
    expect(page.get_by_text("See my comment; move one lecture, please.").first).to_be_visible()
    expect(page.get_by_text("The hall is being painted then.")).to_be_visible()
    grid_open(page)
    page.evaluate(CHOOSE_UNPINNED)
    lecture_move(page)
    variant_put_forward(page)


def dean_approves(page: Page) -> None:
    page.locator(".next-step .primary").click()
    expect(page.get_by_text("1 lecture has moved since it was last put forward")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Approve ")).click()
    expect(page.get_by_text("Approved. An administrator can publish it now.")).to_be_visible()


def registrar_publishes(page: Page) -> None:
    go(page, "Home")
    page.locator(".next-step .primary").click()
    page.get_by_role("button", name="Publish").click()
    expect(main(page).locator(".status-published")).to_be_visible()


def feed_read(page: Page) -> None:
    """Subscribing gives a secret link; another library than the one that wrote the calendar reads a whole term from it."""
    go(page, "Published")
    main(page).get_by_role("heading", name="Instructors").get_by_role("link").click()
    main(page).get_by_role("link", name="osei").click()
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_role("button", name="Make a calendar link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    answer = page.request.get(address, headers={"Cookie": ""})
    assert answer.ok
    events = vobject.readOne(answer.text()).vevent_list
    assert len(events) == 6, "six lectures a week, each an event that comes again"
    assert all(event.rrule for event in events)
    assert {event.dtstart.value.weekday() for event in events} <= {0, 1, 2, 3}, "never on a Friday"


def files_take(page: Page) -> None:
    """The workbook, the printed book and the archive: what leaves the house is what was approved."""
    go(page, "Timetables")
    main(page).locator("a[href$='/review']").first.click()
    book = load_workbook(io.BytesIO(downloaded(page, "Excel")))
    assert sum(sheet.max_row for sheet in book) > 24
    assert downloaded(page, "PDF").startswith(b"%PDF")
    go(page, "Import")
    main(page).get_by_role("link", name="Download an archive, or read one back").click()
    archive = json.loads(downloaded(page, "Download the archive"))
    assert archive["organization"]["name"] == "Riverside College"


def test_a_whole_term_from_tables_to_calendars(browser: Browser, site: Site) -> None:
    office = sign_in(browser, site.url, "office")
    institution_enter(office)
    registrar = sign_in(browser, site.url, "registrar")

    for step in (tables_import_in_browser, readiness_read, rule_add, run_make, variants_compare, week_correct, variant_put_forward):
        step(registrar)
    reviewer_sends_back(sign_in(browser, site.url, "colleague"))
    registrar_mends(registrar)
    dean_approves(sign_in(browser, site.url, "dean"))
    for step in (registrar_publishes, feed_read, files_take):
        step(registrar)
