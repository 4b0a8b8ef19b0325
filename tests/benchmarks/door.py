"""Institutions' own files through the import's pages, in a browser (SUITE=door): questions, clicks and seconds, and what comes of each.

Every file of the folder ``files`` of the data is taken by a user with an institution of their own that has nothing in it. What needs an
answer gets the first that is offered, and a term its code: this counts hands, and judges no answer. ``ONLY=banner`` takes the files with
that in their name. A click is a press of a button or a choice; a text that is typed counts as one too. Seconds are those for which the
pages kept somebody waiting.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.browser.site import PASSWORD, start_site

WAIT_MS = 120_000
MOST_ROUNDS = 6  # of questions that earlier answers bring
TERM = "2026-autumn"
PEOPLE = """
from django.contrib.auth.models import User
from academics.models import Membership, Organization
for number in range({count}):
    organization = Organization.objects.create(code=f"own{{number}}", name=f"College {{number}}")
    user = User.objects.create_user(f"hand{{number}}", password="{password}")
    Membership.objects.create(organization=organization, user=user, role="admin")
"""
COLUMNS = (
    Column("file", "file", is_text=True),
    Column("questions", "questions", ",.0f", is_compared=True),
    Column("clicks", "clicks", ",.0f", is_compared=True),
    Column("seconds", "seconds waited", ",.1f", is_compared=True),
    Column("how", "goes in", is_text=True),
    Column("result", "result", is_text=True),
)


@dataclass
class Hand:
    """Whoever clicks, and waits."""

    page: Page
    clicks: int = 0
    questions: list[str] = field(default_factory=list)
    waited_s: float = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.page.wait_for_load_state("load")
        self.waited_s += time.monotonic() - begun

    def press(self, name: str) -> bool:
        button = self.page.get_by_role("main").get_by_role("button", name=re.compile(name)).first
        if not button.count():
            return False
        self.clicks += 1
        with self.waiting():
            button.click()
        return True


def run(options: Options) -> Outcome:
    files = sorted(path for path in files_of(options) if not options.only or any(part in path.name for part in options.only))
    people = PEOPLE.format(count=len(files), password=PASSWORD)
    with start_site(instead_of_demo=people, has_worker=True) as site, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        rows = [taken(browser, site.url, number, path) for number, path in enumerate(files)]
        browser.close()
    good = sum(row["how"] != "not" for row in rows)
    notes = [f"{good} of {len(rows)} files go in without touching a spreadsheet.", *(f"{row['file']}: {row['said']}" for row in rows)]
    return Outcome([Table("door", "Institutions' own files, by hand in a browser", COLUMNS, rows, notes, keys=("file",))])


def files_of(options: Options) -> list[Path]:
    """Of the folder that DATA names, or of the one beside the instances of other suites."""
    beside = options.data.parent / "files"
    folder = beside if options.data.name.startswith("itc") and beside.is_dir() else options.data
    return [path for path in folder.iterdir() if path.suffix.casefold() in (".csv", ".xlsx", ".txt", ".fet")]


def taken(browser: Browser, url: str, number: int, path: Path) -> Figures:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(WAIT_MS)
    hand = Hand(context.new_page())
    page = hand.page
    page.goto(f"{url}/accounts/login/?next=/admin/import/")
    page.get_by_label("User name").fill(f"hand{number}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/import/")
    row: dict[str, Any] = {"file": path.name}
    try:
        verdict = carried(hand, path)
    except TooLong as error:
        verdict = f"waited too long: {str(error).splitlines()[0]}"
    is_in = verdict.startswith("in:")
    how = "not" if not is_in else "as it is" if not hand.questions else f"with {len(hand.questions)} answered"
    context.close()
    said = "; ".join(question.rstrip("?. ")[:90] for question in hand.questions) or "no question"
    return row | {
        "questions": len(hand.questions),
        "clicks": hand.clicks,
        "seconds": hand.waited_s,
        "how": how,
        "result": verdict.removeprefix("in:")[:90],
        "said": said,
    }


def carried(hand: Hand, path: Path) -> str:
    """From the choice of the file to the import; what the last page says."""
    page = hand.page
    page.get_by_label("Tables").set_input_files(path)
    hand.clicks += 2  # the field, and the file in the dialogue
    hand.press("Read them")
    for _ in range(MOST_ROUNDS):
        answered(hand)
        if not hand.press("^Check$"):
            break
        finished(hand)
        if page.get_by_role("main").get_by_role("button", name=re.compile("^Import$")).count():
            break
    if not hand.press("^Import$"):
        return " ".join(page.get_by_role("main").inner_text().split())[:200]
    finished(hand)
    taken_over = page.get_by_role("heading", name=re.compile("The timetable"))
    heading = page.get_by_role("main").get_by_role("heading", level=2).first.inner_text()
    return f"in:{taken_over.first.inner_text() if taken_over.count() else heading}"


def finished(hand: Hand) -> None:
    """The page of an import at work leads on by itself."""
    with hand.waiting():
        hand.page.locator("#running").wait_for(state="detached")


def answered(hand: Hand) -> None:
    """Each question that needs an answer gets the first that is offered."""
    for question in hand.page.locator("fieldset.question.is-open").all():
        legend = question.locator("legend").inner_text().split("\\n")[0].replace(" needs an answer", "")
        radios, fields, lists = question.locator("input[type=radio]"), question.locator("input:not([type])"), question.locator("select")
        if radios.count():
            radios.first.check()
        elif lists.count():
            lists.first.select_option(index=1)
        elif fields.count():
            fields.first.fill(TERM)
        hand.clicks += 1
        hand.questions.append(legend)
    unread = hand.page.get_by_text("Days and times that are not understood")
    if unread.count() and "times" not in hand.questions:
        hand.questions.append("times")  # seen, and left out
