"""A variant's violations as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generation.models import Variant
from generation.text.display_names import Naming
from generation.text.violations import violation_named
from generation.timetable.when import NOWHERE, Clock, Place, clocks_of, when_words

FEW = 500  # lectures that are asked for by number


def conflict_rows(variant: Variant, conflicts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """These violations with their days and clock times; ``who`` has codes, the sentences names. Two queries and those for the names."""
    clocks, naming = clocks_of(variant.job), Naming(variant.job.organization_id)
    firsts = {row["lectures"][0] for row in conflicts if row.get("lectures")}
    entries = variant.entries.order_by().values_list("lecture", "day", "period", "room")
    entries = entries.filter(lecture__in=firsts) if len(firsts) <= FEW else entries
    places = {row[0]: row[1:] for row in entries}
    return [violation_named(row, naming) | _when(row, clocks=clocks, places=places) for row in conflicts]


def _when(row: dict[str, Any], *, clocks: list[Clock], places: Mapping[int, Place]) -> dict[str, Any]:
    lectures = row.get("lectures") or []
    first = places.get(lectures[0], NOWHERE) if lectures else NOWHERE
    # A violation keeps its room's index in the run's problem; its lectures know the name.
    room = first[2] if row.get("room") is not None else ""
    facts = {"room": room, "who": row.get("who") or [], "lectures": lectures}
    slot = row.get("slot")
    if slot is None:
        return facts | {"day": None, "period": None, "when": ""}
    day, period = divmod(slot, len(clocks)) if clocks else first[:2]
    return facts | {"day": day, "period": period, "when": when_words(day, period, clocks, nowhere="")}
