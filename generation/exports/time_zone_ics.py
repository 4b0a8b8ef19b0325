"""A time zone as a calendar file describes it: every change of its clocks between two dates, as zoneinfo knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

# Changes come weeks apart; Ramadan's, the closest, a month.
STEP = dt.timedelta(hours=12)
SECOND = dt.timedelta(seconds=1)


class Rule(NamedTuple):
    """What the clocks show: how far from UTC, under which name, and whether that is summer time."""

    offset: dt.timedelta
    name: str
    is_summer: bool


class Change(NamedTuple):
    """From ``moment`` (UTC) on."""

    moment: dt.datetime
    before: Rule
    after: Rule


def zone_component(tzid: str, first: dt.date, last: dt.date) -> Timezone:
    """A component a change, each with its own start. Nothing recurs: clocks that follow the moon, or a decree, fit no yearly rule."""
    zone = ZoneInfo(tzid)
    begins = dt.datetime.combine(first, dt.time(), dt.UTC)
    at_first = _rule_at(begins, zone)
    component = Timezone()
    component.add("tzid", tzid)
    component.add_component(_observance(Change(begins, at_first, at_first)))
    for change in _changes(zone, begins, dt.datetime.combine(last, dt.time(), dt.UTC)):
        component.add_component(_observance(change))
    return component


def _changes(zone: ZoneInfo, begins: dt.datetime, ends: dt.datetime) -> Iterator[Change]:
    moment, before = begins, _rule_at(begins, zone)
    while moment < ends:
        following = min(moment + STEP, ends)
        after = _rule_at(following, zone)
        if after != before:
            yield Change(_first_of(after, zone, moment, following), before, after)
        moment, before = following, after


def _first_of(rule: Rule, zone: ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The second from which on the rule holds, found by halving."""
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (before, middle) if _rule_at(middle, zone) == rule else (middle, after)
    return after


def _rule_at(moment: dt.datetime, zone: ZoneInfo) -> Rule:
    local = moment.astimezone(zone)
    # Zones with a name of digits alone ("+01") have no other.
    return Rule(local.utcoffset() or dt.timedelta(), local.tzname() or "", (local.dst() or dt.timedelta()) > dt.timedelta())


def _observance(change: Change) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if change.after.is_summer else TimezoneStandard()
    # The start is given in the offset that held before it (RFC 5545, 3.6.5).
    observance.add("dtstart", (change.moment + change.before.offset).replace(tzinfo=None))
    observance.add("tzoffsetfrom", change.before.offset)
    observance.add("tzoffsetto", change.after.offset)
    observance.add("tzname", change.after.name)
    return observance
