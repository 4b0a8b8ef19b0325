"""Every page a person can open, looked through by axe-core: in light and dark, on a wide screen and on a phone; its scripts run."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.faults import serious
from tests.browser.site import Site, start_site
from tests.browser.test_walk import page_of
from tests.processes import manage

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PHONE = {"width": 360, "height": 740}
# A published timetable with another one beside it, imports in three states, and a calendar link.
MAKE_ALL = """
import json
from django.contrib.auth.models import User
from academics.importing import batches
from academics.models import Organization
from generation.models import Entry, Workflow
from generation.publication.feeds import feed_create
from tests.browser.flat_schedule import flat_schedule
from tests.browser.own_tables import college_workbook
from tests.factories import VariantFactory
from tests.factories.editing import demo_variant
from tests.factories.tables import import_run
first, admin = demo_variant(), User.objects.get(username="admin")
second = VariantFactory(job=first.job, index=1, breakdown=first.breakdown, hard=first.hard, soft=first.soft, conflicts=[])
Entry.objects.bulk_create(Entry(**facts | {"id": None, "variant_id": second.pk}) for facts in first.entries.values())
Workflow.objects.update_or_create(job=first.job, defaults={"status": "published", "variant": first})
feed_create(user=admin, organization_code="demo", by="room", key=first.entries.exclude(room="").first().room)
draft = demo_variant()
college, _ = Organization.objects.get_or_create(code="college", name="Riverside College")
files = [[("college.xlsx", college_workbook(with_mistakes=bad))] for bad in (True, True, False)]
made = [batches.batch_create(organization=college, user=admin, files=each) for each in files]
for batch in made[1:]:
    batches.batch_choose(batch=batch, choices={}, remove_missing=False)
    import_run(batch, "check")
import_run(made[2], "import")
flat = batches.batch_create(organization=college, user=admin, files=[("schedule.csv", flat_schedule())])
entry = first.entries.exclude(room="").first()
print("MADE" + json.dumps({
    "job": str(first.job_id), "draft": str(draft.job_id), "a": str(first.pk), "b": str(second.pk),
    "room": entry.room, "section": entry.section,
    "flat": str(flat.pk),
    **dict(zip(("uploaded", "wrong", "done"), (str(batch.pk) for batch in made))),
}))
"""
PAGES = {
    "home": "/",
    "import": "/admin/import/",
    "import-columns": "/admin/import/{uploaded}/",
    "import-restructured": "/admin/import/{flat}/?add=0:join",
    "import-problems": "/admin/import/{wrong}/",
    "import-done": "/admin/import/{done}/",
    "roll-forward": "/admin/roll-forward/",
    "readiness": "/admin/readiness/",
    "rules": "/admin/rules/",
    "rule-kinds": "/admin/rules/new",
    "rule-form": "/admin/rules/new?kind=away_instructor",
    "demand": "/admin/demand/",
    "demand-matrix": "/admin/demand/?view=matrix",
    "demand-band": "/admin/demand/bands/new",
    "timetables": "/admin/timetables/",
    "new": "/admin/timetables/new",
    "run": "/admin/timetables/status/{job}",
    "review": "/admin/timetables/{draft}/review",
    "grid": "/admin/timetables/{draft}/grid",
    "compare": "/admin/timetables/{job}/compare?a={a}&b={b}",
    "inbox": "/admin/timetables/inbox",
    "notices": "/accounts/notices/",
    "front": "/timetables/demo/",
    "sections": "/timetables/demo/section/",
    "section": "/timetables/demo/section/{section}/",
    "today": "/timetables/demo/room/{room}/?view=today",
    "feeds": "/feeds/",
    "help": "/help/?q=section",
    "help-page": "/help/registrar/",
    "operations": "/admin/operations/",
    "data": "/admin/",
    "data-list": "/admin/academics/room/",
    "data-form": "/admin/academics/courseoffering/add/",
    "data-week": "/admin/academics/instructor/1/change/",
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(has_worker=False) as site:
        yield site


@pytest.fixture(scope="module")
def made(site: Site) -> dict[str, str]:
    done = manage("shell", "-v", "0", "-c", MAKE_ALL, env=site.env)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, str] = json.loads(done.stdout.split("MADE")[1])
    return found


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site, made: dict[str, str]) -> Page:
    return page_of(browser, site, "admin")


@pytest.fixture
def refused(page: Page) -> Iterator[list[str]]:
    """What the content policy refused, and what the scripts complained of."""
    messages: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            messages.append(message.text)

    page.on("console", note)
    yield messages
    page.remove_listener("console", note)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_serious_fault_of_access(page: Page, refused: list[str], site: Site, made: dict[str, str], name: str) -> None:
    broken: list[str] = []
    page.once("pageerror", lambda error: broken.append(str(error)))
    page.emulate_media(color_scheme="light")
    answer = page.goto(site.url + PAGES[name].format(**made))
    assert answer is not None
    assert answer.ok
    assert serious(page) == []
    assert broken == []
    assert refused == [], "it needs no more than the content policy allows"

    page.emulate_media(color_scheme="dark")
    assert serious(page, {"runOnly": ["color-contrast"]}) == [], "in dark"

    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    hangs_over = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    assert hangs_over <= 0, "nothing stands beyond the edge of a phone"


INLINE = '<img src="x" onerror="window.hacked = 1"><p style="color: red">x</p>'
OTHERS = [("/api/docs/", 200), ("/nowhere/", 404), ("/accounts/login/", 200), ("/accounts/password/", 200)]
MODELS = [model._meta.label_lower.replace(".", "/") for model in admin.site._registry]


@pytest.mark.parametrize("model", MODELS)
def test_the_data_entry_needs_no_more_than_the_content_policy_allows(page: Page, refused: list[str], site: Site, model: str) -> None:
    page.goto(f"{site.url}/admin/{model}/add/")
    assert refused == []


@pytest.mark.parametrize(("address", "status"), OTHERS)
def test_other_pages_need_no_more_than_the_content_policy_allows(
    page: Page, refused: list[str], site: Site, address: str, status: int
) -> None:
    answer = page.goto(site.url + address)
    assert answer is not None
    assert answer.status == status
    assert "unsafe" not in answer.headers["content-security-policy"]
    if address == "/api/docs/":
        page.locator(".opblock-summary").first.click()
        expect(page.locator(".opblock-body").first).to_be_visible()
    assert refused == []


def test_the_data_entrys_menus_work_under_the_content_policy(page: Page, refused: list[str], site: Site) -> None:
    page.goto(f"{site.url}/admin/academics/room/")
    filters = page.locator("#changelist-filter")
    expect(filters).to_be_hidden()
    page.locator("[x-on\\:click='filterOpen = true']").first.click()
    expect(filters).to_be_visible()
    page.keyboard.press("Escape")
    expect(filters).to_be_hidden()
    page.locator("input.action-select").first.check()
    expect(page.locator("#changelist-actions")).to_be_visible()
    assert page.locator("#changelist-actions").evaluate("bar => bar.getBoundingClientRect().width") > 300
    assert refused == []


def test_an_inline_script_and_a_style_are_refused_on_every_page(page: Page, site: Site, refused: list[str]) -> None:
    page.goto(f"{site.url}/admin/")
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", INLINE)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert len(refused) >= 2
