"""A variant's violations as people read them."""

from __future__ import annotations

from typing import Any

from generation.grid import DAY_NAMES, Clock, clocks_of
from generation.models import Variant


def conflict_rows(variant: Variant, *, constraint: str = "", is_hard: bool | None = None) -> list[dict[str, Any]]:
    """Every violation with its day and clock time, hard and large first. Two queries."""
    clocks = clocks_of(variant.job)
    places = {lecture: (day, period) for lecture, day, period in variant.entries.values_list("lecture", "day", "period")}
    rows = [
        row | _when(row, clocks=clocks, places=places)
        for row in variant.conflicts
        if constraint in ("", row["constraint"]) and is_hard in (None, row["is_hard"])
    ]
    return sorted(rows, key=lambda row: (not row["is_hard"], -row["amount"], row["constraint"]))


def _when(row: dict[str, Any], *, clocks: list[Clock], places: dict[int, tuple[int | None, int | None]]) -> dict[str, Any]:
    day, period = _place(row, len(clocks), places)
    facts = {
        "day": day,
        "period": period,
        "room": row.get("room") or "",
        "who": row.get("who") or [],
        "lectures": row.get("lectures") or [],
    }
    if day is None or period is None:
        return facts | {"when": ""}
    clock = clocks[period].starts_at if period < len(clocks) else ""
    return facts | {"when": f"{DAY_NAMES[day % 7]} {clock or f'period {period + 1}'}"}


def _place(row: dict[str, Any], num_periods: int, places: dict[int, tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """The violation's own timeslot, or that of its first lecture."""
    slot = row.get("slot")
    if slot is not None and slot >= 0 and num_periods:
        return slot // num_periods, slot % num_periods
    if slot is None or slot < 0:
        return None, None
    return places.get(row["lectures"][0], (None, None)) if row.get("lectures") else (None, None)
