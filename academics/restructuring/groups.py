"""Names of groups of students that say which larger group they are a part of: ``Y1/A``, ``BUT1-G1``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

GROUPS_JOINED = "Year and group"  # the column that is made of those of years, groups and subgroups


def strokes_of(names: Iterable[str]) -> str | None:
    """Whether a stroke stands before a part of a group (``path``) or between several (``list``); None where the names leave it open."""
    found = {name: [part.strip() for part in name.split("/")] for name in names}
    split = {name: parts for name, parts in found.items() if len(parts) > 1}
    if not split or not all(all(parts) for parts in split.values()):
        return "list"
    alone = {name.strip() for name in found if name not in split}
    are_paths = [parts[0] in alone and not alone & set(parts[1:]) for parts in split.values()]
    are_lists = [set(parts) <= alone for parts in split.values()]
    if any(are_paths) != any(are_lists):
        return "path" if any(are_paths) else "list"
    heads: dict[str, set[str]] = defaultdict(set)
    for parts in split.values():
        heads[parts[-1]].add("/".join(parts[:-1]))
    if any(len(each) > 1 for each in heads.values()) and not alone & set(heads) and not set(heads) & {parts[0] for parts in split.values()}:
        return "path"  # A and B below 1 and below 2
    return "list" if all(len({_shape(part) for part in parts}) == 1 for parts in split.values()) else None


def parents_by_name(names: Iterable[str]) -> dict[str, str]:
    """By name the longest other one that it begins with, and goes on from with a mark, or from digits with a letter."""
    known = list(dict.fromkeys(names))
    found = {}
    for name in known:
        above = [
            other for other in known if other != name and len(other) > 1 and name.startswith(other) and _goes_on(other, name[len(other) :])
        ]
        if above:
            found[name] = max(above, key=len)
    return found


def _goes_on(head: str, rest: str) -> bool:
    """A mark; or, as BI1 goes on to BI1a and BI1a to BI1a1, a letter behind digits or a digit behind a letter that stands behind one."""
    if not rest[0].isalnum():
        return True
    turns = (head[-1].isdigit() and rest[0].isalpha()) or (head[-1].isalpha() and rest[0].isdigit() and any(map(str.isdigit, head)))
    return turns and len(rest) <= 2


def _shape(text: str) -> str:
    """Digits and letters as one sign each, runs of them shortened: ПМ-21 is a-9."""
    signs = "".join("9" if letter.isdigit() else "a" if letter.isalpha() else letter for letter in text)
    return re.sub(r"(.)\1+", r"\1", signs)
