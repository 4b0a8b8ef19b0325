"""Dated meetings, a row a date, folded into weekly ones; and the rows that do not follow them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from academics.week_labels import DAY_NAMES
from academics.weekly_times.readings import WeeklyTime

WEEK = dt.timedelta(days=7)
FEWEST_DATES = 3  # of a weekly meeting; two do, if they are at most two weeks apart
MOST_WEEKS = 60
FEWEST_MISSED = 2  # meetings that a date without any would have had, before it is called free


@dataclass(frozen=True)
class DatedRow:
    """``key`` says whose meeting it is: rows of one section have the same. ``number`` is that of the row in its table."""

    key: str
    number: int
    time: WeeklyTime
    room: str = ""


class ExceptionKind(StrEnum):
    SINGLE = "single"  # a meeting of its own
    MOVED = "moved"  # in place of one that the weekly meeting lacks
    OTHER_ROOM = "other_room"
    CONTRADICTION = "contradiction"  # the day that is written is not that of the date
    WITHOUT_DATE = "without_date"


@dataclass(frozen=True)
class FoldingException:
    """A row that a weekly meeting does not tell of, and why."""

    row: DatedRow
    kind: ExceptionKind
    text: str


@dataclass(frozen=True)
class WeeklyMeeting:
    """``every`` so many weeks from the first of ``dates`` to the last; ``missing`` are the dates between them that have no row."""

    key: str
    time: WeeklyTime
    dates: tuple[dt.date, ...]
    every: int
    missing: tuple[dt.date, ...]
    room: str


@dataclass(frozen=True)
class Folded:
    """``free_dates``: the dates that weekly meetings lack and on which no row has a meeting: holidays, as it seems."""

    meetings: tuple[WeeklyMeeting, ...]
    exceptions: tuple[FoldingException, ...]
    free_dates: tuple[dt.date, ...]
    num_rows: int

    @property
    def num_following(self) -> int:
        """Rows that the weekly meetings tell of in full."""
        return self.num_rows - len({exception.row.number for exception in self.exceptions})


Slot = tuple[int, dt.time | None, dt.time | None, int | None, int | None]


def fold(rows: Iterable[DatedRow]) -> Folded:
    """A meeting's day is that of its date; a day that is written and contradicts it is an exception."""
    rows = list(rows)
    exceptions: list[FoldingException] = []
    slots: dict[str, dict[Slot, list[DatedRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        time = row.time
        if time.date is None:
            exceptions.append(FoldingException(row, ExceptionKind.WITHOUT_DATE, "It has no date."))
            continue
        if time.contradicts_its_date and time.day is not None:
            said = f"It says {DAY_NAMES[time.day]}, but {_dated(time.date)} is a {DAY_NAMES[time.date.weekday()]}."
            exceptions.append(FoldingException(row, ExceptionKind.CONTRADICTION, said))
        slots[row.key][time.date.weekday(), time.start, time.end, time.period, time.last_period].append(row)
    meetings: list[WeeklyMeeting] = []
    for key, by_slot in slots.items():
        weekly = {slot: found for slot, found in by_slot.items() if _is_weekly(_dates(found))}
        of_key = [_meeting(key, slot, found) for slot, found in weekly.items()]
        meetings += of_key
        for meeting, found in zip(of_key, weekly.values(), strict=True):
            exceptions += _in_other_rooms(meeting, found)
        exceptions += _singles([row for slot, found in by_slot.items() if slot not in weekly for row in found], of_key)
    exceptions.sort(key=lambda exception: exception.row.number)
    return Folded(tuple(meetings), tuple(exceptions), _free_dates(meetings, rows), len(rows))


def _dates(rows: Iterable[DatedRow]) -> list[dt.date]:
    return sorted({row.time.date for row in rows if row.time.date is not None})


def _is_weekly(dates: list[dt.date]) -> bool:
    return len(dates) >= FEWEST_DATES or (len(dates) == 2 and dates[1] - dates[0] <= 2 * WEEK)


def _meeting(key: str, slot: Slot, rows: list[DatedRow]) -> WeeklyMeeting:
    dates = _dates(rows)
    gaps = {(other - one) // WEEK for one, other in pairwise(dates)}
    every = 2 if len(dates) >= FEWEST_DATES and all(gap % 2 == 0 for gap in gaps) else 1
    missing: list[dt.date] = []
    date = dates[0]
    while date < dates[-1] and len(missing) < MOST_WEEKS:
        date += every * WEEK
        if date not in dates:
            missing.append(date)
    rooms = Counter(row.room for row in rows)
    day, start, end, period, last_period = slot
    weeks = _weeks_text(dates, every, missing)
    time = WeeklyTime(day=day, start=start, end=end, period=period, last_period=last_period, weeks=weeks)
    return WeeklyMeeting(key, time, tuple(dates), every, tuple(missing), rooms.most_common(1)[0][0])


def _weeks_text(dates: list[dt.date], every: int, missing: list[dt.date]) -> str:
    said = f"{_dated(dates[0])} to {_dated(dates[-1])}"
    if every == 2:
        said += ", every second week"
    if missing:
        said += ", not " + ", ".join(_dated(date) for date in missing)
    return said


def _dated(date: dt.date) -> str:
    return date.isoformat()


def _in_other_rooms(meeting: WeeklyMeeting, rows: list[DatedRow]) -> list[FoldingException]:
    """Unless a date has the usual room as well."""
    usual = {row.time.date for row in rows if row.room == meeting.room}
    others = [row for row in rows if row.room != meeting.room and row.time.date not in usual]
    said = f"The others of this meeting are in {meeting.room}." if meeting.room else "The others of this meeting name no room."
    return [FoldingException(row, ExceptionKind.OTHER_ROOM, said) for row in others]


def _singles(rows: list[DatedRow], meetings: list[WeeklyMeeting]) -> list[FoldingException]:
    """Each missing date is made up for once, by the nearest single meeting of that or the next week."""
    open_dates = sorted({date for meeting in meetings for date in meeting.missing})
    found = []
    for row in sorted(rows, key=lambda row: (row.time.date or dt.date.min, row.number)):
        date = row.time.date or dt.date.min
        instead = min(
            (missing for missing in open_dates if abs(missing - date) <= WEEK), key=lambda missing: abs(missing - date), default=None
        )
        if instead is None:
            said = (
                f"It is the only meeting on a {DAY_NAMES[date.weekday()]} at this time."
                if len(rows) + len(meetings) > 1
                else "It meets once."
            )
            found.append(FoldingException(row, ExceptionKind.SINGLE, said))
        else:
            open_dates.remove(instead)
            found.append(FoldingException(row, ExceptionKind.MOVED, f"It seems to be in place of {_dated(instead)}, which has no meeting."))
    return found


def _free_dates(meetings: list[WeeklyMeeting], rows: list[DatedRow]) -> tuple[dt.date, ...]:
    met = {row.time.date for row in rows}
    missed = Counter(date for meeting in meetings for date in meeting.missing)
    return tuple(sorted(date for date, count in missed.items() if count >= FEWEST_MISSED and date not in met))
