"""Days, times and dates in cells of their own."""

from __future__ import annotations

from academics.weekly_times.parts import read_parts
from academics.weekly_times.vocabulary import Vocabulary
from tests.academics.weekly_times.writing import written


def test_days_and_times() -> None:
    assert written(read_parts(days="MWF", time="09:15 am-10:20 am")) == "Mon+Wed+Fri 09:15-10:20"
    assert written(read_parts(days="MTWR", start="12:30 PM", end="01:50 PM")) == "Mon+Tue+Wed+Thu 12:30-13:50"
    assert written(read_parts(days="Mon", start="9", end="10:30 am")) == "Mon 09:00-10:30"
    assert written(read_parts(days="火", period="3-4")) == "Tue p3-4"


def test_lines_of_days_and_times_are_paired() -> None:
    assert written(read_parts(days="MW\nF", time="9:00-10:00\n11:00-12:00")) == "Mon+Wed 09:00-10:00; Fri 11:00-12:00"


def test_times_may_name_the_days_that_their_own_cell_leaves_out() -> None:
    assert written(read_parts(time="F 09:55 am-11:40 am")) == "Fri 09:55-11:40"
    assert written(read_parts(days="F", time="F 09:55 am-11:40 am")) == "Fri 09:55-11:40"
    assert written(read_parts(days="M W", time="F 09:55 am-11:40 am")) == "<M W F 09:55 am-11:40 am>"


def test_no_weekly_time_in_any_cell_is_none() -> None:
    assert written(read_parts(start="ARRANGED")) == "none"
    assert written(read_parts(days="MWF", time="TBA")) == "none"
    assert read_parts().is_empty


def test_dates_keep_the_day_that_is_written_beside_them() -> None:
    vocabulary = Vocabulary(day_first=True)
    as_written = read_parts(days="Sex", start="13:00:00", end="14:30:00", date="02/12/2022", vocabulary=vocabulary)
    contradicting = read_parts(days="Qui", start="13:00:00", end="14:30:00", date="02/12/2022", vocabulary=vocabulary)

    assert written(as_written) == "Fri 13:00-14:30 2022-12-02"
    assert not as_written.times[0].contradicts_its_date
    assert written(contradicting) == "Thu 13:00-14:30 2022-12-02"
    assert contradicting.times[0].contradicts_its_date


def test_serial_numbers_of_spreadsheets() -> None:
    assert written(read_parts(start="0.375", end="0.4375", date="44897")) == "Fri 09:00-10:30 2022-12-02"
    assert written(read_parts(start="2022-12-02 13:00", end="2022-12-02 14:30")) == "Fri 13:00-14:30 2022-12-02"
    assert written(read_parts(start="44897.6", end="44897.5")) == "<44897.6 - 44897.5>"


def test_dates_from_to_are_kept_as_the_weeks() -> None:
    assert written(read_parts(days="MW", time="04:45 pm-06:25 pm", date="08/19-12/11")) == "Mon+Wed 16:45-18:25 08/19-12/11"


def test_numbers_are_days_in_a_column_of_days() -> None:
    assert written(read_parts(days="135", time="9:00-10:00", vocabulary=Vocabulary(monday_number=1))) == "Mon+Wed+Fri 09:00-10:00"
    assert written(read_parts(days="2", time="9:00-10:00", vocabulary=Vocabulary(monday_number=2))) == "Mon 09:00-10:00"
    assert read_parts(days="2", time="9:00-10:00").is_ambiguous
