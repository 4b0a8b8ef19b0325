"""Parts that sentences of several kinds share, in the reader's language: numbers with their nouns, lists, rooms, times, relations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext, gettext_noop, ngettext, ngettext_lazy

from academics.week_labels import DAY_NAMES
from generation.engine.model.text import Count
from generation.text.without_room import is_without_room, label_without_room

MOST_NAMED = 4  # lectures or people named in one sentence

# The nouns that templates put after a number: ``{0:period}``.
NOUNS = {
    "day": ngettext_lazy("{number} day", "{number} days", "number"),
    "empty period": ngettext_lazy("{number} empty period", "{number} empty periods", "number"),
    "empty seat": ngettext_lazy("{number} empty seat", "{number} empty seats", "number"),
    "free day": ngettext_lazy("{number} free day", "{number} free days", "number"),
    "free half-day": ngettext_lazy("{number} free half-day", "{number} free half-days", "number"),
    "period": ngettext_lazy("{number} period", "{number} periods", "number"),
    "seat": ngettext_lazy("{number} seat", "{number} seats", "number"),
    "student": ngettext_lazy("{number} student", "{number} students", "number"),
}

# How two lectures are to stand to one another, and the same with the day on which the week begins.
RELATIONS: dict[str, tuple[str, str]] = {
    "before": (gettext_noop("in this order in the week"), gettext_noop("in this order in the week, which begins on {first_day}")),
    "consecutive": (gettext_noop("in this order, one right after the other"), ""),
    "grouped": (gettext_noop("one right after the other"), ""),
    "same_day": (gettext_noop("on one day"), ""),
    "before_in_day": (gettext_noop("in this order where they are on one day"), ""),
    "grouped_in_day": (gettext_noop("one right after the other where they are on one day"), ""),
    "periods_apart_in_day": (gettext_noop("{days:period} apart where they are on one day"), ""),
    "same_period": (gettext_noop("in the same period of their days"), ""),
    "days_within": (gettext_noop("at most {days:day} apart"), ""),
    "day_pairs_apart": (gettext_noop("{days:day} apart, where a morning and its afternoon are one day"), ""),
    "day_pairs_within": (gettext_noop("at most {days:day} apart, where a morning and its afternoon are one day"), ""),
    "grouped_in_day_pair": (gettext_noop("one right after the other where they are on one day, morning or afternoon"), ""),
    "days_apart": (gettext_noop("{days:day} apart"), gettext_noop("{days:day} apart in the week, which begins on {first_day}")),
    "together": (gettext_noop("starting together"), ""),
}


class DisplayNames(Protocol):
    """What people call whom the data know by a code."""

    def instructor(self, code: str) -> str: ...
    def curriculum(self, code: str) -> str: ...
    def room(self, code: str) -> str: ...


class _Codes:
    def instructor(self, code: str) -> str:
        return code

    def curriculum(self, code: str) -> str:
        return code

    def room(self, code: str) -> str:
        return code


CODES: DisplayNames = _Codes()  # for machines, and where only files are known


class Number(int):
    """A number that takes a noun as its format: ``{:day}`` is "1 day" or "2 days"."""

    def __format__(self, noun: str) -> str:
        if noun in NOUNS:
            return str(NOUNS[noun].format(number=int(self)))
        return format(Count(self), noun)  # a constraint may bring a noun of its own


# What a rule on a set of sections counts, with its number.
MEASURES = {
    "busy_periods": gettext_noop("{number} busy periods"),
    "busy_days": gettext_noop("{number} days with lectures"),
    "idle_periods": gettext_noop("{number} empty periods between lectures"),
    "span": gettext_noop("{number} periods from the first lecture to the last"),
    "late_periods": gettext_noop("{number} empty periods before the first lecture"),
    "late_days": gettext_noop("{number} days that do not begin with the first period"),
    "longest_run": gettext_noop("{number} periods on end"),
    "other_starts": gettext_noop("{number} starts at other times than preferred"),
    "busy_day_pairs": gettext_noop("{number} days with lectures in the morning or the afternoon"),
    "full_day_pairs": gettext_noop("{number} days with lectures in the morning and the afternoon"),
}


def listed(words: Sequence[str], most: int = MOST_NAMED) -> str:
    """``a``, ``a and b``, ``a, b and c``, and no more than `most` by name."""
    shown = list(words[:most])
    if len(words) > most:
        shown.append(ngettext("{number} more", "{number} more", len(words) - most).format(number=len(words) - most))
    if len(shown) < 2:
        return "".join(shown)
    return gettext("{first} and {last}").format(first=", ".join(shown[:-1]), last=shown[-1])


def room_phrase(code: str, names: DisplayNames) -> str:
    """``room B12``, or the name that it has, with the code: ``Physics hall (B12)``; where there is none, that there is none."""
    if is_without_room(code) and names.room(code) in (code, label_without_room(code)):
        return label_without_room(code)
    name = names.room(code)
    return name if name != code else gettext("room {code}").format(code=code)


def time_phrase(day: str | int, period: str | int) -> str:
    """``Monday, 08:00``: each by its name, or by its number where it has none."""
    if isinstance(day, int):
        day = gettext("day {number}").format(number=day + 1)
    if isinstance(period, int):
        period = gettext("period {number}").format(number=period + 1)
    return gettext("{day}, {period}").format(day=_day_name(day), period=period)


def relation_phrase(relation: str, days: int = 0, first_day: str = "") -> str:
    usual, beginning = RELATIONS[relation]
    template = gettext(beginning if first_day and beginning else usual)
    return template.format(days=Number(days), first_day=_day_name(first_day))


def limit_phrase(measure: str, side: str, number: int) -> str:
    """``at most 3 empty periods``."""
    bound = gettext("at least {what}") if side == "least" else gettext("at most {what}")
    return bound.format(what=gettext(MEASURES[measure]).format(number=number))


def _day_name(day: str) -> str:
    return gettext(day) if day in DAY_NAMES else day
