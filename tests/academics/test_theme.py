"""Templates of the theme that are copied here with a line or two changed: after an upgrade they are to be looked at again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import unfold

COPIED = {
    "unfold/layouts/skeleton.html": "66af9f0bb45f98ba",
    "admin/actions.html": "b5332aace8e69192",
    "unfold/helpers/command.html": "ae6ce324d8536613",
}


@pytest.mark.parametrize("name", COPIED)
def test_a_copied_template_is_still_the_one_that_was_copied(name: str) -> None:
    theirs = Path(unfold.__path__[0], "templates", name).read_bytes()

    assert hashlib.sha256(theirs).hexdigest()[:16] == COPIED[name], f"bring templates/{name} up to date"
