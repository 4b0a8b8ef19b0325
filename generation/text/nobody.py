"""Names of records that stand for somebody who is still to be named."""

from __future__ import annotations

import re

NOBODY = frozenset(
    {
        "tba",
        "tbd",
        "tbc",
        "tobeannounced",
        "tobeconfirmed",
        "tobedetermined",
        "tobedecided",
        "nobodyyet",
        "notassigned",
        "unassigned",
        "vacant",
    }
)


def is_nobody(*names: str) -> bool:
    """Whether a record with this code and this name stands for somebody who is still to be named."""
    return any(re.sub(r"[^a-z]", "", words.lower()) in NOBODY for words in names)
