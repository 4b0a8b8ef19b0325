"""The grid in a real browser: by keyboard, by drag, with two people at once, and for people who do not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.faults import serious
from tests.browser.site import Site, start_site
from tests.browser.test_walk import page_of
from tests.first_databases import run

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SAVED_MS = 60_000
MAKE_TIMETABLE = "from tests.factories.editing import demo_variant; demo_variant()"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(has_worker=False) as site:
        run("shell", "-c", MAKE_TIMETABLE, env=site.env)
        yield site


def open_grid(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/timetables/")
    page.get_by_role("main").locator("a[href$='/review']").first.click()
    page.get_by_role("link", name="Open the grid").click()
    expect(page.locator("#grid-week td[tabindex='0']")).to_be_visible(timeout=SAVED_MS)  # the page's script is there


def said(page: Page, words: str) -> None:
    expect(page.locator("#grid-said")).to_contain_text(re.compile(words), timeout=SAVED_MS)


def lecture_of(page: Page) -> Locator:
    """The lecture that the test moves, wherever it is now."""
    return page.locator(f"#grid-week .lecture[data-lecture='{page.evaluate('window.chosen')}']")


def choose(page: Page) -> None:
    page.evaluate("window.chosen = document.querySelector('#grid-week .lecture').dataset.lecture")


def place_of(page: Page) -> tuple[str | None, str | None]:
    cell = lecture_of(page).locator("xpath=ancestor::td")
    return cell.get_attribute("data-day"), cell.get_attribute("data-period")


def target(page: Page, place: tuple[str | None, str | None]) -> Locator:
    return page.locator(f".targets [data-target='{place[0]}.{place[1]}']:not(.exchange)")


def free_place(page: Page) -> tuple[str, str]:
    """A place elsewhere that breaks no rule."""
    found = page.locator(".targets button:not(.breaks, .is-here, .exchange)").first.get_attribute("data-target")
    assert found is not None
    day, period = found.split(".")
    return day, period


def test_a_lecture_is_moved_by_keyboard_and_back_again(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    open_grid(page, site)
    choose(page)
    before = place_of(page)

    page.locator("#grid-week td[tabindex='0']").focus()
    page.keyboard.press("Enter")
    said(page, "is picked up")
    expect(target(page, before)).to_be_focused()
    assert serious(page) == []
    page.keyboard.press("Escape")
    said(page, "nothing has changed")
    page.keyboard.press("Enter")
    said(page, "is picked up")
    goal = free_place(page)
    sideways = "ArrowRight" if int(goal[0]) > int(before[0] or 0) else "ArrowLeft"
    for _ in range(abs(int(goal[0]) - int(before[0] or 0))):
        page.keyboard.press(sideways)
    upright = "ArrowDown" if int(goal[1]) > int(before[1] or 0) else "ArrowUp"
    expect(page.locator(".targets .exchange").first).to_be_visible(timeout=SAVED_MS)  # below a place stands whom to change places with
    focused = "document.activeElement.matches(`.targets [data-target='{}.{}']:not(.exchange)`)".format(*goal)
    for _ in range(40):
        if not page.evaluate(focused):
            page.keyboard.press(upright)
    expect(target(page, goal)).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "Cost")

    assert place_of(page) == goal
    expect(lecture_of(page).locator("xpath=ancestor::td")).to_be_focused()
    page.keyboard.press("Control+z")
    said(page, "Undid")
    assert place_of(page) == before
    page.keyboard.press("Control+Shift+Z")
    said(page, "Did again")
    assert place_of(page) == goal
    page.get_by_role("button", name="Undo").click()
    said(page, "Undid")


def test_two_lectures_change_places_by_keyboard_and_by_drag_and_back(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    open_grid(page, site)
    choose(page)
    before = place_of(page)
    page.locator("#grid-week td[tabindex='0']").focus()
    page.keyboard.press("Enter")
    other = page.locator(".targets .exchange").first
    expect(other).to_be_visible(timeout=SAVED_MS)
    expect(other).to_have_attribute("aria-label", re.compile("^Change places with .*: "))
    expect(page.get_by_label("Or change places with")).to_be_visible()
    goal = str(other.get_attribute("data-target")).split(".")
    target(page, (goal[0], goal[1])).focus()
    page.keyboard.press("ArrowDown")
    expect(other).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "Changed places with")
    assert place_of(page) == (goal[0], goal[1])
    page.keyboard.press("Control+z")
    said(page, "Undid")
    assert place_of(page) == before

    box = lecture_of(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 40, steps=4)
    expect(other).to_be_visible(timeout=SAVED_MS)
    there = other.bounding_box()
    assert there is not None
    page.mouse.move(there["x"] + 20, there["y"] + there["height"] / 2, steps=6)
    page.mouse.up()
    said(page, "Changed places with")
    page.get_by_role("button", name="Undo").click()
    said(page, "Undid")


def test_a_lecture_is_dragged_and_pinned(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    open_grid(page, site)
    choose(page)
    before = place_of(page)

    box = lecture_of(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 30, steps=4)
    expect(page.locator(".targets button").first).to_be_visible(timeout=SAVED_MS)
    goal = free_place(page)
    there = target(page, goal).bounding_box()
    assert there is not None
    page.mouse.move(there["x"] + 20, there["y"] + 12, steps=6)
    page.mouse.up()
    said(page, "Cost")
    assert place_of(page) == goal != before

    lecture_of(page).click()
    expect(page.locator("#drawer .places li").first).to_be_visible(timeout=SAVED_MS)
    assert serious(page) == []
    page.get_by_role("button", name="Pin time").click()
    expect(page.get_by_role("button", name="Unpin time")).to_be_visible(timeout=SAVED_MS)
    expect(lecture_of(page).get_by_text("pinned time")).to_be_visible()
    page.get_by_role("button", name="Unpin time").click()
    expect(page.get_by_role("button", name="Pin time", exact=True)).to_be_visible(timeout=SAVED_MS)


def test_the_second_of_two_people_sees_what_the_first_did(browser: Browser, site: Site) -> None:
    first, second = page_of(browser, site, "admin"), page_of(browser, site, "admin")
    for page in (first, second):
        open_grid(page, site)
        choose(page)
        page.locator("#grid-week td[tabindex='0']").focus()
        page.keyboard.press("Enter")
        said(page, "is picked up")
    before = place_of(second)
    for page in (first, second):
        page.locator("#drawer .places button").first.click()

    said(first, "Cost")
    expect(second.get_by_role("dialog")).to_contain_text("Nothing of yours was saved", timeout=SAVED_MS)
    expect(second.get_by_role("dialog")).to_contain_text("admin moved")
    assert serious(second) == []
    assert place_of(second) == before
    second.get_by_role("button", name="Reload and see it").click()
    expect(second.locator("#grid-page")).to_have_attribute(
        "data-revision", first.locator("#grid-page").get_attribute("data-revision") or ""
    )


def test_the_list_does_what_the_week_does(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    open_grid(page, site)
    page.get_by_role("button", name="As a list").click()
    assert serious(page) == []
    page.get_by_role("button", name="Room", exact=True).click()
    rooms = page.locator("#list-view tbody td[data-label=Room]").all_inner_texts()
    # "Classroom 4" stands before "Classroom 19".
    assert rooms == sorted(rooms, key=lambda room: [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", room)])

    page.locator("#list-view tbody button").first.click()
    expect(page.locator("#drawer .places li").first).to_be_visible(timeout=SAVED_MS)
    page.get_by_role("button", name="Let others make way").press("Enter")
    expect(page.get_by_role("heading", name="Where others make way for it")).to_be_focused(timeout=SAVED_MS)
    assert serious(page) == []
    page.get_by_role("button", name=re.compile("^Move [23] lectures: ")).first.press("Enter")
    said(page, "Now .*, and .* in .*Cost")
    expect(page.locator("#drawer")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    said(page, "Undid: .*; ")
    page.locator("#list-view tbody button").first.click()
    expect(page.locator("#drawer .places li").first).to_be_visible(timeout=SAVED_MS)
    page.locator("#drawer .places button").first.click()

    said(page, "Cost")
    expect(page.locator("#list-view")).to_be_visible()


def test_a_week_is_found_by_typing(browser: Browser, site: Site) -> None:
    page = page_of(browser, site, "admin")
    open_grid(page, site)
    finder = page.get_by_role("combobox", name="Whose week")
    finder.fill("D002")
    expect(page.locator("#key-list li").first).to_contain_text("D002", timeout=SAVED_MS)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#key-list [aria-selected=true]")).to_contain_text("D002")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("Week of .*D002"), timeout=SAVED_MS)
