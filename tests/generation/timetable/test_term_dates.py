"""Time zones by name."""

from __future__ import annotations

import pytest

from generation.timetable.term_dates import zone_named, zone_of


@pytest.mark.parametrize("name", ["America", "Europe/Nowhere", "", ".", "../../etc/passwd", "zone.tab", "a\nb"])
def test_what_names_no_time_zone_is_none(name: str) -> None:
    assert zone_named(name) is None
    assert str(zone_of(name)) == "UTC"


def test_a_time_zone_is_found_by_its_name() -> None:
    assert str(zone_of("Europe/Warsaw")) == "Europe/Warsaw"
