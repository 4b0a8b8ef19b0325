"""Plain words of the engine that belong to no single constraint: counts, lists, relations, what stands in a lecture's way."""

from __future__ import annotations

from collections.abc import Sequence

from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY


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
}


def pair_words(kind: int, days: int, first_day: str = "") -> str:
    """How two lectures should stand, with the day on which the week begins where that matters and is another than usual."""
    words = PAIR_WORDS[kind].format(Count(days))
    if not first_day or kind not in (BEFORE, DAYS_APART):
        return words
    return f"{words}{'' if kind == BEFORE else ' in the week'}, which begins on {first_day}"


# What rules out a start for a lecture without a place: ``12 are taken by other lectures of Dr Rao``.
BLOCKED: dict[str, str] = {
    "break": "would run into a break or the end of the day",
    "pin": "are not the time it is fixed to",
    "starts": "are ruled out by its own rules",
    "section_times": "are closed for the section",
    "instructor_times": "are outside the available times of {who}",
    "instructor": "are taken by other lectures of {who}",
    "section": "are taken by other lectures of the section",
    "curriculum": "are taken by other lectures of curriculum {who}",
    "apart": "are taken by {who}, which it must not overlap",
    "pair": "do not stand to a lecture of {who}",
    "daily": "would make a day of {who} longer than allowed",
    "on_end": "would give {who} more periods on end than allowed",
    "no_room": "have no suitable room in the whole institution (needed: {who})",
    "rooms_closed": "find every suitable room closed ({who} for one)",
    "rooms_taken": "find every suitable room taken ({who} for one)",
    "free": "are free",
    "nothing_near": "No single change frees a place. Open more times, add a suitable room, or let several lectures move.",
}

# The same for a lecture that is fixed to a room.
BLOCKED_FIXED: dict[str, str] = {
    "no_room": "have no suitable room, as it is fixed to room {who}, which is not what it needs",
    "rooms_closed": "find room {who}, to which it is fixed, closed",
    "rooms_taken": "find room {who}, to which it is fixed, taken",
}


MOST_NAMED = 4  # lectures or people named in one sentence


def listed(words: Sequence[str], most: int = MOST_NAMED) -> str:
    """``a``, ``a and b``, ``a, b and c``, and no more than `most` by name."""
    shown = list(words[:most])
    if len(words) > most:
        shown.append(f"{len(words) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
