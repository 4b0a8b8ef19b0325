"""Times and places of the week in words."""

from __future__ import annotations

import pytest

from generation.timetable.when import NOWHERE, Clock, Place, place_words, when_words

CLOCKS = (Clock(0, "08:00", "08:50"), Clock(1))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((0, 0, "R1"), "Monday 08:00, R1"),
        ((6, 1, ""), "Sunday period 2, no room"),
        ((8, 5, "R1"), "Tuesday period 6, R1"),  # beyond the term's week and day
        (NOWHERE, "no place"),
    ],
)
def test_a_place_is_said_by_day_clock_time_and_room(place: Place, words: str) -> None:
    assert place_words(place, CLOCKS) == words


def test_what_has_no_time_is_said_as_the_caller_wants_it() -> None:
    assert (when_words(None, None, CLOCKS), when_words(2, None, CLOCKS, nowhere="")) == ("no place", "")
