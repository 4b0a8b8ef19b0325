"""A wish in a real browser: the form behind a link, the decision, the rule it becomes, and what the timetable makes of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD, start_pages

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SOON_MS = 60_000
PICTURES = os.environ.get("TIMELOOM_PICTURES", "")  # where set, pictures of the pages are kept there
PUBLISHED = """
from academics.models import Organization
from generation.models import Entry, GenerationJob, Variant, Workflow
demo = Organization.objects.get(code="demo")
term = demo.term_set.get()
job = GenerationJob.objects.create(organization=demo, term=term, status="completed")
variant = Variant.objects.create(job=job, index=0, label="Balanced", weights={}, seed=1, hard=0, soft=0)
workflow, _ = Workflow.objects.update_or_create(job=job, defaults={"status": "published", "variant": variant})
Workflow.objects.filter(pk=workflow.pk).update(organization=demo, term=term)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The demo university with an empty timetable that is published; no queue, for nothing is generated."""
    with start_pages(("shell", "-c", PUBLISHED)) as url:
        yield url


def looked_at(page: Page, name: str) -> None:
    """Nothing that keeps somebody out, narrow and wide, and no page that is wider than its window."""
    for scheme in ("light", "dark"):
        for width in (360, 1280):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"wishes-{name}-{width}-{scheme}.png", full_page=True)
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")] == []


def test_a_wish_goes_from_the_form_to_a_rule_and_comes_back_with_what_was_kept(browser: Browser, url: str) -> None:
    manager = browser.new_context().new_page()
    manager.set_default_timeout(SOON_MS)
    manager.goto(f"{url}/accounts/login/?next=/admin/rules/wishes/")
    manager.get_by_label("User name").fill("admin")
    manager.get_by_label("Password").fill(PASSWORD)
    manager.get_by_role("main").get_by_role("button", name="Sign in").click()
    manager.get_by_label("What instructors should know").fill("The new building opens in May.")
    manager.get_by_role("button", name="Make the form").click()
    first = manager.get_by_role("table").get_by_role("rowheader").first
    name = first.inner_text()
    first.get_by_role("link").click()
    link = manager.locator("#link ~ p code").inner_text()
    answer_address = manager.url

    instructor = browser.new_context(has_touch=True).new_page()
    instructor.set_default_timeout(SOON_MS)
    instructor.goto(f"{url}/wishes/{link.rsplit('/', 1)[1]}")
    expect(instructor.get_by_text("The new building opens in May.")).to_be_visible()
    instructor.get_by_role("radio", name="impossible").check()
    instructor.get_by_role("combobox", name="Monday, period 1 (").tap()
    instructor.get_by_role("combobox", name="Monday, period 2 (").press("Space")
    instructor.get_by_role("button", name="Send", exact=True).click()
    expect(instructor.get_by_role("alert")).to_contain_text("Say why the times are impossible")
    instructor.get_by_label("Why are times impossible?").fill("Clinic")
    instructor.get_by_role("checkbox", name="Friday").check()
    looked_at(instructor, "form")
    instructor.get_by_role("button", name="Send", exact=True).click()
    expect(instructor.get_by_text("Sent, not decided yet")).to_be_visible()

    manager.goto(f"{url}/admin/rules/wishes/")
    manager.get_by_text("Put in answers that were collected elsewhere").click()
    table = b"Instructor,Would like\nnobody,Mon\n,Tue 08:00-10:00\n"
    manager.get_by_label("Table (.csv").set_input_files({"name": "answers.csv", "mimeType": "text/csv", "buffer": table})
    manager.get_by_role("button", name="Put them in").click()
    expect(manager.get_by_role("alert")).to_contain_text("2 cells of answers.csv are not understood or wrong")
    manager.get_by_role("checkbox", name=name).check()
    looked_at(manager, "list")
    manager.get_by_role("button", name="Accept", exact=True).click()
    expect(manager.get_by_text("1 answer accepted.")).to_be_visible()
    manager.goto(f"{url}/admin/rules/?kind=away_instructor&search={name.split()[-1]}")
    expect(manager.get_by_role("listitem").filter(has_text=name.split()[-1]).filter(has_text="Monday").first).to_be_visible()

    manager.goto(answer_address)
    expect(manager.get_by_text("2 of 2 times marked as impossible stay free.")).to_be_visible()
    expect(manager.get_by_text("Friday is free.")).to_be_visible()
    looked_at(manager, "answer")
