"""Dated meetings folded into weekly ones."""

from __future__ import annotations

import datetime as dt

from academics.weekly_times.folding import DatedRow, ExceptionKind, fold
from academics.weekly_times.readings import WeeklyTime

MONDAY = dt.date(2026, 9, 21)
NINE, TEN = dt.time(9), dt.time(10, 30)


def rows(*dates: dt.date, key: str = "A", first: int = 1, room: str = "R1", start: dt.time = NINE) -> list[DatedRow]:
    return [
        DatedRow(key, number, WeeklyTime(day=date.weekday(), start=start, end=TEN, date=date), room)
        for number, date in enumerate(dates, first)
    ]


def weeks(*numbers: int, day: int = 0) -> list[dt.date]:
    return [MONDAY + dt.timedelta(weeks=number, days=day) for number in numbers]


def test_dates_a_week_apart_are_one_weekly_meeting() -> None:
    folded = fold(rows(*weeks(0, 1, 2, 3)))

    (meeting,) = folded.meetings
    assert (meeting.time.day, meeting.time.start, meeting.every, meeting.missing) == (0, NINE, 1, ())
    assert meeting.time.weeks == "2026-09-21 to 2026-10-12"
    assert (folded.exceptions, folded.num_following) == ((), 4)


def test_every_second_week_is_said() -> None:
    (meeting,) = fold(rows(*weeks(0, 2, 4, 6))).meetings

    assert (meeting.every, meeting.missing) == (2, ())
    assert meeting.time.weeks == "2026-09-21 to 2026-11-02, every second week"


def test_a_meeting_that_was_moved_is_named_with_the_date_that_it_replaces() -> None:
    folded = fold(rows(*weeks(0, 1, 3, 4), *weeks(2, day=2)))

    assert folded.meetings[0].missing == (dt.date(2026, 10, 5),)
    (exception,) = folded.exceptions
    assert (exception.kind, exception.row.number) == (ExceptionKind.MOVED, 5)
    assert exception.text == "It seems to be in place of 2026-10-05, which has no meeting."


def test_a_meeting_of_its_own_is_named() -> None:
    folded = fold([*rows(*weeks(0, 1, 2), *weeks(1, day=3)), *rows(*weeks(0), key="B", first=9)])

    assert [(each.row.number, each.kind, each.text) for each in folded.exceptions] == [
        (4, ExceptionKind.SINGLE, "It is the only meeting on a Thursday at this time."),
        (9, ExceptionKind.SINGLE, "It meets once."),
    ]


def test_a_date_on_which_nobody_meets_is_free() -> None:
    """Where only one meeting lacks it, it may have been cancelled."""
    both = [*rows(*weeks(0, 1, 3, 4)), *rows(*weeks(0, 1, 3, 4), key="B", first=11)]

    assert fold(both).free_dates == (dt.date(2026, 10, 5),)
    assert fold(rows(*weeks(0, 1, 3, 4))).free_dates == ()


def test_a_written_day_that_contradicts_its_date_is_said() -> None:
    """The date counts."""
    wrong = DatedRow("A", 4, WeeklyTime(day=4, start=NINE, end=TEN, date=weeks(3)[0]), "R1")
    folded = fold([*rows(*weeks(0, 1, 2)), wrong])

    assert len(folded.meetings[0].dates) == 4
    (exception,) = folded.exceptions
    assert (exception.kind, exception.text) == (ExceptionKind.CONTRADICTION, "It says Friday, but 2026-10-12 is a Monday.")


def test_another_room_is_named() -> None:
    folded = fold([*rows(*weeks(0, 1, 2)), *rows(*weeks(3), first=4, room="R2")])

    assert folded.meetings[0].room == "R1"
    assert [(each.row.number, each.kind) for each in folded.exceptions] == [(4, ExceptionKind.OTHER_ROOM)]


def test_rows_without_a_date_are_named_and_other_times_are_other_meetings() -> None:
    without = DatedRow("A", 9, WeeklyTime(day=0, start=NINE, end=TEN))
    folded = fold([*rows(*weeks(0, 1, 2)), *rows(*weeks(0, 1, 2), first=4, start=dt.time(8)), without])

    assert [meeting.time.start for meeting in folded.meetings] == [NINE, dt.time(8)]
    assert [each.kind for each in folded.exceptions] == [ExceptionKind.WITHOUT_DATE]
