"""Waiting for what a page holds, asked from outside of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Error, Page

from tests.processes import SOON_S, wait_until


def wait_for(page: Page, expression: str, *, arg: Any = None, timeout_s: float = SOON_S) -> None:
    """`page.wait_for_function` would have the page evaluate words, which its content policy forbids."""

    def is_so() -> bool:
        try:
            return bool(page.evaluate(expression, arg))
        except Error as error:
            if "Execution context was destroyed" in error.message:  # the page is just giving way to the next
                return False
            raise

    wait_until(is_so, timeout_s=timeout_s, what=expression)
