"""Patterns for cells, written as people write an example: ``{letters} {digits}-{rest}``. Never a regular expression of the user's."""

from __future__ import annotations

import re
from functools import lru_cache

from academics.restructuring.frames import RestructuringRefusal

# Possessive but for one {text} in the middle, so that a match takes at most the square of a cell's length.
PARTS = {
    "letters": r"[^\W\d_]++",
    "digits": r"\d++",
    "word": r"[^\s\-/_.:,;]++",
    "code": r"[^\s,;]++",
    "text": r".*?",
}
PART = re.compile(r"\{([a-z ]+)\}")
MOST_PARTS, LONGEST = 9, 200
REST = r".*+"  # a {text} at the end


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
    pieces = PART.split(pattern)
    has_rest = parts[-1] == "text" and not pieces[-1]
    if parts.count("text") - has_rest > 1:
        raise refuse("it has {text} more than once before its end")
    found = []
    for index, piece in enumerate(pieces):
        is_last = has_rest and index == len(pieces) - 2
        found.append(_literal(piece) if index % 2 == 0 else f"({REST if is_last else PARTS[piece]})")
    return re.compile("".join(found), re.DOTALL)


def _literal(text: str) -> str:
    """Spaces stand for any number of them."""
    return r"\s*+".join(re.escape(part) for part in re.split(r"\s+", text))
