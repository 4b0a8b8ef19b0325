"""Clock times on a grid of periods, and a grid for them where there is none."""

from __future__ import annotations

import datetime as dt

import pytest

from academics.weekly_times.fitting import GridPeriod, fit, rounding_text
from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.grids import GridProposal, grid_proposal
from academics.weekly_times.readings import WeeklyTime
from tests.academics.weekly_times.writing import clock

HOURS = tuple(GridPeriod(dt.time(hour), dt.time(hour, 50)) for hour in range(8, 18))


def times(*texts: str) -> list[WeeklyTime]:
    return [time for text in texts for time in read_weekly_times(text).times]


def proposal(*texts: str) -> GridProposal:
    found = grid_proposal([read_weekly_times(text) for text in texts])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "first", "last", "starts_by", "ends_by"),
    [
        ("9:00-9:50", 2, 2, 0, 0),
        ("9:00-10:50", 2, 3, 0, 0),
        ("9:05-9:50", 2, 2, -5, 0),
        ("9:10-10:00", 2, 2, -10, -10),
        ("9:30-10:45", 2, 3, -30, 5),
        ("9:00", 2, 2, 0, 0),
        ("Mon period 3", 3, 3, 0, 0),
    ],
)
def test_time_takes_the_periods_that_are_nearest(text: str, first: int, last: int, starts_by: int, ends_by: int) -> None:
    fitted = fit(times(text), HOURS)

    (found,) = (*fitted.exact, *fitted.rounded)
    assert (found.first, found.last, found.starts_by, found.ends_by) == (first, last, starts_by, ends_by)
    assert found.is_exact == (starts_by == ends_by == 0)


def test_each_distinct_time_is_counted_with_the_minutes_that_it_loses_and_gains() -> None:
    fitted = fit(times("MWF 9:10-10:00", "T 9:00-9:50", "Mon 9:10-10:00"), HOURS)

    (found,) = fitted.rounded
    assert (found.count, found.minutes_lost, found.minutes_gained) == (4, 10, 10)
    assert rounding_text(found, HOURS) == "09:10-10:00 becomes 09:00-09:50 (10 minutes lost, 10 minutes gained)"
    assert fitted.num_times == 4  # T alone is ambiguous


def test_what_no_period_is_near_is_outside() -> None:
    fitted = fit(times("Mon 6:00-7:00", "Mon 19:00-20:30", "Mon period 11"), HOURS)

    assert [(span.start, span.period) for span, _ in fitted.outside] == [(360, None), (1140, None), (None, 11)]


def test_times_that_come_to_share_a_period_are_named() -> None:
    fitted = fit(times("Mon 9:00-9:30", "Mon 9:30-9:50"), HOURS)

    assert [(one.start, other.start) for one, other in fitted.newly_overlapping] == [(540, 570)]


def test_a_grid_of_the_times_themselves_where_they_are_regular() -> None:
    found = proposal("Mo 8:15-9:45", "Mo 10:15-11:45", "Mi 12:15-13:45", "Do 14:15-17:45", "Fr 16:15-17:45", "Fr 14:15-15:45")

    assert found.text == "5 periods of 90 minutes, 08:15 to 17:45"
    assert (found.step, found.fitted.rounded, found.fitted.outside) == (None, (), ())


def test_a_grid_of_hours_with_breaks_where_longer_times_are_several() -> None:
    found = proposal("Mon 9:00-9:50", "Mon 10:00-11:50", "Tue 13:00-15:50", "Wed 9:00-10:50")

    assert found.text == "7 periods of 50 minutes, 09:00 to 15:50"
    assert {(each.span.minutes, each.length) for each in found.fitted.exact} == {(50, 1), (110, 2), (170, 3)}


def test_a_break_that_is_longer_than_most_is_one() -> None:
    found = proposal("Mo 8:00-8:50", "Mo 9:00-9:50", "Mo 10:00-10:50", "Mo 13:00-13:50", "Mo 9:00-10:50")

    assert [(period.start, period.break_after) for period in found.periods] == [
        (clock("08:00"), False),
        (clock("09:00"), False),
        (clock("10:00"), True),
        (clock("13:00"), False),
    ]


def test_side_by_side_patterns_get_periods_that_are_fine_enough() -> None:
    """3 x 50 and 2 x 75."""
    found = proposal("MWF 8:00-8:50", "MWF 9:00-9:50", "MWF 10:00-10:50", "TR 8:00-9:15", "TR 9:30-10:45", "TR 11:00-12:15")

    assert [str(pattern) for pattern in found.patterns] == ["3 x 50", "2 x 75"]
    assert found.step == 10
    assert {each.minutes_lost for each in found.fitted.rounded} == {0}
    assert {each.minutes_gained for each in found.fitted.rounded} == {5}


def test_a_day_has_at_most_64_periods_and_a_lecture_at_most_12() -> None:
    found = proposal(*(f"Mon {hour}:{minute:02}-{hour + 2}:{minute + 5:02}" for hour in range(7, 21) for minute in (0, 5, 25, 50)))

    assert len(found.periods) <= 64
    assert found.fitted.too_long == ()


def test_without_clock_times_there_is_no_proposal() -> None:
    assert grid_proposal([read_weekly_times("M W 3 Th 9"), read_weekly_times("TBA")]) is None


def test_a_time_up_to_midnight_is_on_the_grid() -> None:
    found = proposal("Mon 22:00-24:00", "Mon 20:00-22:00")

    assert (found.periods[-1].end, found.fitted.rounded) == (clock("00:00"), ())
