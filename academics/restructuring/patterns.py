"""Patterns for cells, written as people write an example: ``{letters} {digits}-{rest}``. Never a regular expression of the user's."""

from __future__ import annotations

import re
from functools import lru_cache

from academics.restructuring.frames import RestructuringRefusal

# Possessive, so that no text makes the match slow.
PARTS = {
    "letters": r"[^\W\d_]++",
    "digits": r"\d++",
    "word": r"[^\s\-/_.:,;]++",
    "code": r"[^\s,;]++",
    "text": r".*?",
}
PART = re.compile(r"\{([a-z ]+)\}")
MOST_PARTS, MOST_TEXTS, LONGEST = 9, 2, 200


@lru_cache(maxsize=500)
def pattern_compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression with a group for each part. Raises `RestructuringRefusal`."""

    def refuse(why: str) -> RestructuringRefusal:
        return RestructuringRefusal("pattern_bad", field="steps", pattern=pattern[:80], why=why)

    if not isinstance(pattern, str) or len(pattern) > LONGEST:
        raise refuse(f"it is longer than {LONGEST} characters")
    parts = PART.findall(pattern)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise refuse(f"there is no part {{{unknown[0]}}}")
    if not 1 <= len(parts) <= MOST_PARTS:
        raise refuse(f"it has {len(parts)} parts, not 1 to {MOST_PARTS}")
    if parts.count("text") > MOST_TEXTS:
        raise refuse(f"it has {{text}} more than {MOST_TEXTS} times")
    pieces = PART.split(pattern)
    found = []
    for index, piece in enumerate(pieces):
        found.append(f"({PARTS[piece]})" if index % 2 else _literal(piece))
    return re.compile("".join(found), re.DOTALL)


def _literal(text: str) -> str:
    """Spaces stand for any number of them."""
    return r"\s*+".join(re.escape(part) for part in re.split(r"\s+", text))
