"""The time zones in calendar files, as another library than the one that writes them reads them (dateutil, where icalendar wrote)."""

import datetime as dt
import io
from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical

from generation.exports.calendar_ics import Occasion, calendar_bytes

# Autumn and spring of one year: both changes of summer time on either half of the Earth, and Ramadan of 2027 (8 February to 9 March).
TERMS = [(dt.date(2026, 9, 14), dt.date(2027, 1, 29)), (dt.date(2027, 2, 1), dt.date(2027, 6, 30))]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
EIGHT = dt.time(8)


def term_calendar(zone: ZoneInfo, first: dt.date, last: dt.date) -> str:
    """A calendar with one weekly lecture from the term's first day to its last."""
    occasion = Occasion(
        uid=UUID(int=1),
        starts=dt.datetime.combine(first, EIGHT, zone),
        ends=dt.datetime.combine(first, dt.time(9), zone),
        until=dt.datetime.combine(last, dt.time(23, 59, 59), zone),
        excepted=(),
        summary="ALG",
        location="R1",
        description="",
    )
    return calendar_bytes("Term", [occasion]).decode()


def local_times(zone: ZoneInfo, first: dt.date, last: dt.date) -> Iterator[dt.datetime]:
    """A noon a week, and each hour around every change of the clocks; those that come twice when clocks go back are left out."""
    moment = dt.datetime.combine(first, dt.time(12), dt.UTC)
    while moment.date() < last:
        around = range(1, 48) if moment.astimezone(zone).utcoffset() != (moment + DAY).astimezone(zone).utcoffset() else ()
        for each in [moment] * (moment.weekday() == 0) + [moment + number * HOUR / 2 for number in around]:
            local = each.astimezone(zone)
            if local.utcoffset() == local.replace(fold=1).utcoffset():
                yield local
        moment += DAY


def differences(name: str, first: dt.date, last: dt.date) -> list[str]:
    zone, text = ZoneInfo(name), term_calendar(ZoneInfo(name), first, last)
    if "BEGIN:VTIMEZONE" not in text:
        # Only UTC itself needs no description: its times are written as such.
        assert f"DTSTART:{first:%Y%m%d}T080000Z" in text, name
        return [f"{name} is no UTC" for local in local_times(zone, first, last) if local.utcoffset()]
    read = tzical(io.StringIO(text)).get(name)
    assert read is not None
    return [
        f"{name}: {local:%Y-%m-%d %H:%M} is {there} from UTC, not {local.utcoffset()}"
        for local in local_times(zone, first, last)
        if (there := local.replace(tzinfo=read).utcoffset()) != local.utcoffset()
    ]


@pytest.mark.parametrize("term", TERMS, ids=["autumn", "spring"])
def test_every_zone_that_zoneinfo_knows_is_read_as_it_is(term: tuple[dt.date, dt.date]) -> None:
    found = {name: wrong for name in sorted(available_timezones() - {"localtime"}) if (wrong := differences(name, *term))}

    assert not found, f"{len(found)} zones: " + "; ".join(wrong[0] for wrong in found.values())


def test_casablanca_leaves_and_enters_its_own_time_with_ramadan() -> None:
    read = tzical(io.StringIO(term_calendar(ZoneInfo("Africa/Casablanca"), *TERMS[1]))).get()

    offsets = {day: dt.datetime.combine(dt.date(2027, *day), EIGHT, read).utcoffset() for day in [(2, 3), (2, 10), (3, 10), (3, 17)]}

    assert offsets == {(2, 3): HOUR, (2, 10): dt.timedelta(), (3, 10): dt.timedelta(), (3, 17): HOUR}


def test_a_term_that_begins_on_the_day_of_a_change_has_both_times() -> None:
    assert differences("Europe/Warsaw", dt.date(2026, 10, 25), dt.date(2026, 10, 27)) == []
    assert differences("Europe/Warsaw", dt.date(2026, 10, 24), dt.date(2026, 10, 25)) == []
