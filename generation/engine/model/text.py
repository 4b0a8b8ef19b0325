"""Plain words of the engine that belong to no single constraint: counts, lists, relations."""

from __future__ import annotations

from collections.abc import Sequence

from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
)


class Count(int):
    """A number that takes a noun as its format: ``{:day}`` is "1 day" or "2 days"."""

    def __format__(self, noun: str) -> str:
        return f"{int(self)} {noun}{'' if self == 1 else 's'}" if noun else str(int(self))


def gettext_noop(text: str) -> str:
    """Marks a text for translation where it stands: `makemessages` finds the name. It is translated where it is rendered."""
    return text


# How two lectures should stand to one another.
PAIR_WORDS: dict[int, str] = {
    BEFORE: "in this order in the week",
    CONSECUTIVE: "in this order, one right after the other",
    GROUPED: "one right after the other",
    SAME_DAY: "on one day",
    DAYS_APART: "{:day} apart",
    BEFORE_IN_DAY: "in this order where they are on one day",
    GROUPED_IN_DAY: "one right after the other where they are on one day",
    PERIODS_APART_IN_DAY: "{:period} apart where they are on one day",
    SAME_PERIOD: "in the same period of their days",
    DAYS_WITHIN: "at most {:day} apart",
    DAY_PAIRS_APART: "{:day} apart, where a morning and its afternoon are one day",
    DAY_PAIRS_WITHIN: "at most {:day} apart, where a morning and its afternoon are one day",
    GROUPED_IN_DAY_PAIR: "one right after the other where they are on one day, morning or afternoon",
}


def pair_words(kind: int, days: int, first_day: str = "") -> str:
    """How two lectures should stand, with the day on which the week begins where that matters and is another than usual."""
    words = PAIR_WORDS[kind].format(Count(days))
    if not first_day or kind not in (BEFORE, DAYS_APART):
        return words
    return f"{words}{'' if kind == BEFORE else ' in the week'}, which begins on {first_day}"


MOST_NAMED = 4  # lectures or people named in one sentence


def listed(words: Sequence[str], most: int = MOST_NAMED) -> str:
    """``a``, ``a and b``, ``a, b and c``, and no more than `most` by name."""
    shown = list(words[:most])
    if len(words) > most:
        shown.append(f"{len(words) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
