"""What was read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from academics.week_labels import DAY_NAMES
from academics.weekly_times.readings import Reading, WeeklyTime


def reading_text(reading: Reading) -> str:
    """``Monday and Wednesday 09:15-10:20; Friday period 3``."""
    days_by_rest: dict[str, list[str]] = {}
    for time in reading.times:
        days_by_rest.setdefault(_rest(time), []).append("" if time.day is None else DAY_NAMES[time.day])
    said = [f"{_listed([day for day in days if day])} {rest}".strip() for rest, days in days_by_rest.items()]
    if reading.has_no_weekly_time:
        said.append("no weekly time")
    if reading.not_understood:
        said.append("not understood: " + ", ".join(reading.not_understood))
    return "; ".join(said)


def time_text(time: WeeklyTime) -> str:
    return reading_text(Reading((time,)))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _rest(time: WeeklyTime) -> str:
    parts = []
    if time.period is not None:
        is_one = time.last_period in (None, time.period)
        parts.append(f"period {time.period}" if is_one else f"periods {time.period} to {time.last_period}")
    if time.start is not None:
        parts.append(f"{time.start:%H:%M}" + (f"-{time.end:%H:%M}" if time.end else ""))
    if time.date is not None:
        parts.append(f"on {time.date.day} {time.date:%B %Y}")
    if time.weeks:
        parts.append(f"({time.weeks})")
    return " ".join(parts)
