"""Readings in one line, so that tables of tests can be read."""

from __future__ import annotations

import datetime as dt

from academics.weekly_times.readings import Reading, WeeklyTime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def written(reading: Reading) -> str:
    """``Mon+Wed 09:15-10:20``, ``Thu p9``, ``none``; in angle brackets what is not understood, a question mark where it is ambiguous."""
    days_by_rest: dict[str, list[str]] = {}
    for time in reading.times:
        days_by_rest.setdefault(_rest(time), []).append("" if time.day is None else DAYS[time.day])
    said = ["+".join(days) + (" " if days != [""] and rest else "") + rest for rest, days in days_by_rest.items()]
    if reading.has_no_weekly_time:
        said.append("none")
    said += [f"<{text}>" for text in reading.not_understood]
    return "; ".join(said) + ("?" if reading.is_ambiguous else "")


def _rest(time: WeeklyTime) -> str:
    parts = []
    if time.period is not None:
        parts.append(f"p{time.period}" + (f"-{time.last_period}" if time.last_period != time.period else ""))
    if time.start is not None:
        parts.append(f"{time.start:%H:%M}" + (f"-{time.end:%H:%M}" if time.end else ""))
    parts += [str(part) for part in (time.date, time.weeks) if part]
    return " ".join(parts)


def clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)
