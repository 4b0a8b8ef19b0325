"""First contentful paint in Chromium: from the click to the picture, as the browser tells it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PAINT = """() => new Promise(found => new PerformanceObserver(
    list => list.getEntriesByName("first-contentful-paint").forEach(entry => found(entry.startTime))
).observe({type: "paint", buffered: true}))"""
NO_BROWSER = "No browser: first paint was not measured."


@contextlib.contextmanager
def signed_in(url: str, session: str) -> Iterator[BrowserContext]:
    """A browser that has the session's cookie; its cache lives as long as it does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        yield context
        browser.close()


def paint_ms(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    page.goto(address, timeout=120_000)  # of a busy machine; what is measured is what the browser says
    # Not `wait_for_function`, which the pages' content policy refuses as it evaluates a text inside of them.
    taken: float = page.evaluate(PAINT)
    page.close()
    return taken
