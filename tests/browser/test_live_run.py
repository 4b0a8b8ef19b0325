"""The live run in a real browser through faults of the connection; the worker's part is played by a tracker.

Timers are the page's own at full length: the browser's clock is moved on.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from progress.tracker import ProgressTracker
from tests.processes import SOON_S, start_server
from tests.progress.site import Site, start_site
from tests.proxy import start_proxy

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SOON_MS = 60_000
SILENCE_MS, SLEEP_MS = 31_000, 120_000
LABELS = ("Balanced", "Students first")
# What the page showed in the order in which it did: the bar, and what a screen reader was told.
RECORD = """
window.bars = []; window.said = [];
document.addEventListener("DOMContentLoaded", () => {
  const watch = (id, note, options) => new MutationObserver(note).observe(document.getElementById(id), options);
  const bar = document.getElementById("overall-bar");
  watch("overall-bar", () => bars.push(Number(bar.dataset.shown)), { attributes: true, attributeFilter: ["data-shown"] });
  watch("announcement", () => said.push(document.getElementById("announcement").textContent), { childList: true });
});
"""


@dataclass
class Job:
    """A running job, and the tracker that its worker would have."""

    id: str
    site: Site
    tracker: ProgressTracker
    began: float

    def tell(self, stage: str, percent: float, *softs: int, broken: int = 0) -> None:
        """One timetable for each variant; the second has three lectures without a place."""
        variants = [self.variant(*row, broken) for row in zip(LABELS, softs, (0, 3), strict=False)]
        figures = {**variants[0]} if variants else {}
        figures.pop("breakdown", None)
        figures["variant"] = figures.pop("label", None)
        self.tracker.update(stage, percent, completed_items=1, total_items=3, variants=variants or None, num_lectures=50, **figures)

    def variant(self, label: str, soft: int, unplaced: int, broken: int) -> dict[str, Any]:
        breakdown = {"lunch": soft // 2, "min_days": soft - soft // 2, **({"room_clash": broken} if broken else {})}
        figures = {"hard": broken + unplaced, "broken": broken, "soft": soft, "placed": 50 - unplaced, "unplaced": unplaced}
        bound = {"bound": 120} if label == "Balanced" else {}
        return {"label": label, **figures, **bound, "improved_at": round(time.time(), 1), "breakdown": breakdown}

    def keep_history(self) -> None:
        """What the worker's lease leaves on the row."""
        points = [[1.0, 0, 0, 900, 500, 400], [2.0, 0, 0, 400, 200, 200]]
        history = {"variants": {"Balanced": {"criteria": ["lunch", "min_days"], "points": points}}}
        sql = "UPDATE generation_generationjob SET history = ? WHERE id = ?"
        with contextlib.closing(sqlite3.connect(self.site.folder / "site.sqlite3", timeout=SOON_S)) as connection, connection:
            assert connection.execute(sql, (json.dumps(history), self.id.replace("-", ""))).rowcount == 1


@pytest.fixture(scope="module")
def processes() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def site(processes: contextlib.ExitStack) -> Site:
    return processes.enter_context(start_site(PROGRESS_JOB_SOURCE="generation.timetable.job_selectors.JobSource"))


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SOON_MS)
    context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.server.url}])
    context.add_init_script(RECORD)
    yield context
    context.close()


@pytest.fixture
def job(site: Site, settings: Any) -> Job:
    settings.PROGRESS_WRITE_S = 0
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()) - 5, store=site.store)
    tracker.start()
    return Job(job_id, site, tracker, time.time())


def watch(context: BrowserContext, job: Job, *, url: str | None = None) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{url or job.site.server.url}/admin/timetables/status/{job.id}")
    return page


def is_state(page: Page, words: str) -> None:
    expect(page.locator("#connection-words")).to_have_text(words)


def assert_never_back(page: Page) -> None:
    bars = page.evaluate("bars")
    assert bars == sorted(bars)


def test_a_reload_in_the_middle_keeps_the_lines_the_choice_and_the_bar(context: BrowserContext, job: Job) -> None:
    job.keep_history()
    job.tell("ga_optimization", 30, 300, 500)
    page = watch(context, job)
    is_state(page, "Live")
    page.get_by_role("radio", name="Balanced").check()
    before = page.locator("#chart path.line").count()
    rows = page.locator("#criteria tbody tr")
    expect(rows.first).to_contain_text("Cost in all900300")
    shown = float(page.locator("#overall-bar").get_attribute("data-shown") or 0)
    expect(page.get_by_text("can have a cost below 120 in all")).to_be_visible()
    page.get_by_role("radio", name="Students first").check()
    expect(page.locator("#bound-words")).to_be_hidden()

    page.reload()

    expect(page.get_by_role("radio", name="Students first")).to_be_checked()
    page.get_by_role("radio", name="Balanced").check()
    expect(rows.first).to_contain_text("Cost in all900300")
    assert page.locator("#chart path.line").count() == before == 3
    assert [words for words in page.locator("#chart text.label").all_text_contents() if "cost" not in words.lower()] == []
    assert page.evaluate("bars[0]") >= shown > 79


def test_two_windows_see_the_same_to_the_end(context: BrowserContext, job: Job) -> None:
    windows = [watch(context, job) for _ in range(2)]
    job.tell("cpsat_solving", 50)
    job.tell("ga_optimization", 50, 300, broken=2)
    for page in windows:
        expect(page.locator("#broken")).to_have_text("2")
        expect(page.locator("#broken-words")).to_have_text("Rooms with two lectures at once: broken 2 times")
    job.tracker.failed("The rooms are gone.")
    for page in windows:
        expect(page.get_by_role("heading", name="The run failed")).to_be_visible()
        expect(page.locator("#failed-reason")).to_have_text("The rooms are gone.")
        assert_never_back(page)


def test_lectures_without_a_place_are_told_apart_from_broken_rules(context: BrowserContext, job: Job) -> None:
    page = watch(context, job)
    job.tracker.update("cpsat_solving", 40, completed_items=4, total_items=9, num_lectures=50, placed=30, unplaced=20, broken=0, hard=31)

    expect(page.locator("#unplaced")).to_have_text("20")
    expect(page.locator("#broken")).to_have_text("0")
    expect(page.locator("#stage-words")).to_have_text("Building: group 4 of 9")
    expect(page.get_by_role("button", name="Stop and keep the best so far")).to_be_disabled()
    job.tell("ga_optimization", 1, 300)
    expect(page.get_by_role("button", name="Stop and keep the best so far")).to_be_enabled()


def test_thirty_seconds_of_silence_turn_to_snapshots_and_news_turn_back(context: BrowserContext, job: Job) -> None:
    job.tell("ga_optimization", 20, 300)
    page = watch(context, job)
    is_state(page, "Live")

    page.clock.fast_forward(SILENCE_MS)
    is_state(page, "Not live: nothing came for a while, asking every 5 seconds")
    expect(page.get_by_role("button", name="Reconnect")).to_be_visible()
    job.tell("ga_optimization", 60, 200)
    is_state(page, "Live")
    expect(page.locator("#overall")).to_have_text("84")

    page.clock.fast_forward(SILENCE_MS)
    page.get_by_role("button", name="Reconnect").click()
    is_state(page, "Live")


def test_two_minutes_of_sleep_end_with_the_newest_state(context: BrowserContext, job: Job) -> None:
    job.tell("ga_optimization", 20, 300)
    with start_proxy(job.site.server.port) as proxy:
        page = watch(context, job, url=proxy.url)
        is_state(page, "Live")

        proxy.freeze()
        job.tell("ga_optimization", 60, 200)
        page.clock.fast_forward(SLEEP_MS)
        is_state(page, "Not live: nothing came for a while, asking every 5 seconds")
        page.clock.fast_forward(SILENCE_MS)
        is_state(page, "No connection to the server, still trying")
        proxy.thaw()
        page.clock.fast_forward(SLEEP_MS)

        expect(page.locator("#overall")).to_have_text("84")
        job.tell("rl_refinement", 50, 100)
        expect(page.locator("#connection-words")).to_have_text(re.compile("^Live"))  # over a WebSocket where the stream came too late
        expect(page.locator("#overall")).to_have_text("95")
        assert_never_back(page)


def test_a_restarted_server_is_found_again(context: BrowserContext, job: Job, processes: contextlib.ExitStack) -> None:
    job.tell("ga_optimization", 20, 300)
    page = watch(context, job)
    is_state(page, "Live")
    site = job.site

    site.server.process.stop()
    expect(page.locator("#connection-words")).to_contain_text("Connection lost, trying again")
    expect(page.get_by_role("button", name="Reconnect")).to_be_visible()
    job.tell("ga_optimization", 60, 200)
    site.server = processes.enter_context(start_server(site.env, folder=site.folder, port=site.server.port))

    is_state(page, "Live")
    expect(page.locator("#overall")).to_have_text("84")
    assert_never_back(page)


def test_a_cancel_is_asked_once_and_told_at_its_end(context: BrowserContext, job: Job) -> None:
    job.tell("ga_optimization", 20, 300)
    page = watch(context, job)
    page.get_by_role("button", name="Cancel the run").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#control-words")).to_have_text("The run is being cancelled.")

    job.tracker.cancelled()

    expect(page.get_by_role("heading", name="The run was cancelled")).to_be_visible()
    is_state(page, "The run has ended")


def test_a_screen_reader_hears_of_changes_and_not_of_every_tick(context: BrowserContext, job: Job) -> None:
    page = watch(context, job)
    is_state(page, "Live")
    job.tell("cpsat_solving", 50)
    expect(page.locator("#stage-words")).to_contain_text("Building")
    for step in range(20):
        job.tell("ga_optimization", 5 * step, 400 - step, broken=1 if step < 10 else 0)
        expect(page.locator("#stage-number")).to_have_text(str(5 * step))

    assert page.evaluate("said") == ["Step 3 of 5: Building", "Step 4 of 5: Improving", "Every lecture has a place, and no rule is broken."]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")])
def test_it_is_accessible_and_fits_at_every_width_and_scheme(browser: Browser, site: Site, job: Job, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.server.url}])
    job.keep_history()
    job.tell("ga_optimization", 30, 300, 500)
    page = watch(context, job)
    expect(page.locator("#criteria tbody tr")).to_have_count(3)

    faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page).response["violations"] if fault["impact"] != "minor"]

    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#overall-bar").get_attribute("data-shown") == "79.50", "without motion the bar stands where it belongs at once"
    context.close()
