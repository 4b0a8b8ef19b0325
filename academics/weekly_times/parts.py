"""Days, times and dates that stand in cells of their own, read together."""

from __future__ import annotations

import re
from dataclasses import replace

from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.readings import Reading, WeeklyTime
from academics.weekly_times.vocabulary import Vocabulary

LINES = re.compile(r"[;\n]")


def read_parts(
    *,
    days: str = "",
    time: str = "",
    start: str = "",
    end: str = "",
    date: str = "",
    period: str = "",
    vocabulary: Vocabulary | None = None,
) -> Reading:
    """The cells of one row. Several lines in days and as many in times belong together line by line."""
    vocabulary = vocabulary or Vocabulary()
    day_lines, time_lines = _lines(days), _lines(time)
    if len(day_lines) == len(time_lines) > 1:
        pairs = zip(day_lines, time_lines, strict=True)
        readings = [read_parts(days=one, time=other, date=date, period=period, vocabulary=vocabulary) for one, other in pairs]
        return _together(readings)
    parts = [
        read_weekly_times(days, vocabulary, "days"),
        read_weekly_times(time, vocabulary, "time"),
        _read_start_and_end(start.strip(), end.strip(), vocabulary),
        read_weekly_times(period, replace(vocabulary, bare_numbers="periods"), "time"),
        read_weekly_times(date, vocabulary, "date"),
    ]
    not_understood = tuple(text for reading in parts for text in reading.not_understood)
    is_ambiguous = any(reading.is_ambiguous for reading in parts)
    if any(reading.has_no_weekly_time for reading in parts[:4]):
        return Reading((), not not_understood, not_understood, is_ambiguous)
    times: tuple[WeeklyTime, ...] = ()
    for reading in parts:
        if (both := _crossed(times, reading.times)) is None:
            said = " ".join(" ".join(each.split()) for each in (days, time, start, end, period, date) if each.strip())
            return Reading((), False, (*not_understood, said))
        times = both
    return Reading(times, False, not_understood, is_ambiguous)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in LINES.split(text) if line.strip()]


def _together(readings: list[Reading]) -> Reading:
    times = tuple(dict.fromkeys(time for reading in readings for time in reading.times))
    not_understood = tuple(text for reading in readings for text in reading.not_understood)
    has_no_time = any(reading.has_no_weekly_time for reading in readings) and not times and not not_understood
    return Reading(times, has_no_time, not_understood, any(reading.is_ambiguous for reading in readings))


def _read_start_and_end(start: str, end: str, vocabulary: Vocabulary) -> Reading:
    """One says what the other leaves out of am and pm. Each may repeat the date."""
    if not start or not end:
        return read_weekly_times(start or end, vocabulary, "time") if start or not end else Reading(not_understood=(end,))
    first, last = read_weekly_times(start, vocabulary, "time"), read_weekly_times(end, vocabulary, "time")
    if first.has_no_weekly_time or last.has_no_weekly_time:
        return first if first.has_no_weekly_time else last
    dates = {time.date for reading in (first, last) for time in reading.times}
    if dates - {None}:
        is_one = len(first.times) == len(last.times) == len(dates) == 1
        if is_one and (first.times[0].start_minute or 0) < (last.times[0].start_minute or 0):
            return Reading((replace(first.times[0], end=last.times[0].start),))
        return Reading(not_understood=(f"{start} - {end}",))
    return read_weekly_times(f"{start} - {end}", vocabulary, "time")


def _crossed(one: tuple[WeeklyTime, ...], other: tuple[WeeklyTime, ...]) -> tuple[WeeklyTime, ...] | None:
    """Each of one with each of the other, as days and times are; ``None`` where both say the same thing differently."""
    if not one or not other:
        return one or other
    if (one_days := _days(one)) and (other_days := _days(other)) and all(time.date is None for time in other):
        if one_days != other_days or any(time.start or time.period for time in one):
            return None
        return other  # the times repeat the days
    result = []
    for first in one:
        for second in other:
            both = _merged(first, second)
            if both is None:
                return None
            result.append(both)
    if len(_days(one)) > 1 and any(time.date for time in other):
        result = [time for time in result if not time.contradicts_its_date] or result
    return tuple(dict.fromkeys(result))


def _days(times: tuple[WeeklyTime, ...]) -> set[int]:
    return {time.day for time in times if time.day is not None}


def _merged(one: WeeklyTime, other: WeeklyTime) -> WeeklyTime | None:
    """A day that is written counts for more than that of its date (`WeeklyTime.contradicts_its_date` tells)."""
    values = {}
    for name in ("start", "end", "period", "last_period", "date"):
        mine, others = getattr(one, name), getattr(other, name)
        if mine is not None and others is not None and mine != others:
            return None
        values[name] = others if mine is None else mine
    weeks = " ".join(dict.fromkeys(text for text in (one.weeks, other.weeks) if text)) or None
    return WeeklyTime(day=one.day if one.day is not None else other.day, weeks=weeks, **values)
