"""Clock times with and without am and pm."""

from __future__ import annotations

from typing import Literal, NamedTuple

from academics.weekly_times.readings import DAY_MINUTES

HALF_DAY = DAY_MINUTES // 2
HOUR = 60
FIRST_EVENING_HOUR = 7  # lectures at 1 to 6 are rather in the afternoon
LONGEST_INFERRED = 6 * HOUR  # longer, and the end without am or pm is no afternoon but a slip


class Value(NamedTuple):
    """A number or a clock time as written. ``minute`` of a bare number counts it as hours; ``half`` is am or pm where it says so."""

    number: int
    minute: int
    is_clock: bool
    half: Literal["am", "pm"] | None = None


def minute_said(value: Value) -> int | None:
    """The minute of a value that says am or pm; 13:00 pm is 13:00."""
    hour, rest = divmod(value.minute, HOUR)
    if value.minute > DAY_MINUTES or (value.half == "am" and hour > 12):
        return None
    if hour > 12:
        return value.minute
    return hour % 12 * HOUR + rest + (HALF_DAY if value.half == "pm" else 0)


def _could_be(value: Value) -> list[int]:
    """The minutes of a value that says neither, beside one that does."""
    if value.minute > DAY_MINUTES:
        return []
    if value.minute >= HALF_DAY + HOUR:
        return [value.minute]
    early = value.minute % HALF_DAY
    return [early, early + HALF_DAY]


def _unsaid(value: Value, afternoon_below: int | None) -> int | None:
    if value.minute > DAY_MINUTES:
        return None
    hour = value.minute // HOUR
    return value.minute + (HALF_DAY if afternoon_below is not None and 1 <= hour < afternoon_below else 0)


def start_of(value: Value, afternoon_below: int | None) -> int | None:
    minute = minute_said(value) if value.half else _unsaid(value, afternoon_below)
    return None if minute is None or minute >= DAY_MINUTES else minute


def range_of(first: Value, last: Value, afternoon_below: int | None) -> tuple[int, int] | None:
    """From and to in minutes of the day. What one side leaves out is inferred from the other; ``None`` where it ends before it starts."""
    start, end = _ends(first, last, afternoon_below)
    if start is None or end is None:
        return None
    if end == 0:
        end = DAY_MINUTES
    return (start, end) if start < end else None


def _ends(first: Value, last: Value, afternoon_below: int | None) -> tuple[int | None, int | None]:
    if first.half and last.half:
        return minute_said(first), minute_said(last)
    if last.half:
        end = minute_said(last)
        earlier = [minute for minute in _could_be(first) if end is not None and minute < (end or DAY_MINUTES)]
        return (max(earlier) if earlier else None), end
    if first.half:
        start = minute_said(first)
        later = [minute for minute in _could_be(last) if start is not None and minute > start]
        return start, (min(later) if later else None)
    start, end = _unsaid(first, afternoon_below), _unsaid(last, afternoon_below)
    if start is not None and end is not None and end <= start and 0 < end < HALF_DAY + HOUR:
        later_end = end % HALF_DAY + HALF_DAY
        end = later_end if start < later_end <= start + LONGEST_INFERRED else end
    return start, end


def is_early(first: Value, last: Value | None) -> bool:
    """Begins at 1:00 to 6:59, and says neither am nor pm."""
    is_said = first.half is not None or (last is not None and last.half is not None)
    return not is_said and HOUR <= first.minute < FIRST_EVENING_HOUR * HOUR and not (last is not None and is_wrapped(first, last))


def is_wrapped(first: Value, last: Value) -> bool:
    """11:00-1:15: only a clock of twelve hours writes so."""
    return not first.half and not last.half and last.minute <= first.minute and range_of(first, last, None) is not None


def at_half(value: Value, half: Literal["am", "pm"]) -> Value:
    return value._replace(half=half, is_clock=True)
