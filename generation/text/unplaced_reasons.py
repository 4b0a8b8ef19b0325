"""Why a lecture has no place, in sentences: what rules out the starts of the week, and what would have to move or open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext_lazy

from generation.engine.infeasibility.unplaced_reasons import Unplaced
from generation.text.phrases import CODES, DisplayNames, Number, listed
from generation.text.values import ViolationText, place_phrase

# What rules out starts for a lecture without a place.
REASONS = {
    "break": ngettext_lazy(
        "{number} would run into a break or the end of the day", "{number} would run into a break or the end of the day", "number"
    ),
    "pin": ngettext_lazy("{number} is not the time it is fixed to", "{number} are not the time it is fixed to", "number"),
    "starts": ngettext_lazy("{number} is ruled out by its own rules", "{number} are ruled out by its own rules", "number"),
    "section_times": ngettext_lazy("{number} is closed for the section", "{number} are closed for the section", "number"),
    "instructor_times": ngettext_lazy(
        "{number} is outside the available times of {who}", "{number} are outside the available times of {who}", "number"
    ),
    "instructor": ngettext_lazy("{number} is taken by other lectures of {who}", "{number} are taken by other lectures of {who}", "number"),
    "section": ngettext_lazy(
        "{number} is taken by other lectures of the section", "{number} are taken by other lectures of the section", "number"
    ),
    "curriculum": ngettext_lazy(
        "{number} is taken by other lectures of curriculum {who}", "{number} are taken by other lectures of curriculum {who}", "number"
    ),
    "apart": ngettext_lazy(
        "{number} is taken by {who}, which it must not overlap", "{number} are taken by {who}, which it must not overlap", "number"
    ),
    "pair": ngettext_lazy("{number} does not stand to a lecture of {who}", "{number} do not stand to a lecture of {who}", "number"),
    "daily": ngettext_lazy(
        "{number} would make a day of {who} longer than allowed", "{number} would make a day of {who} longer than allowed", "number"
    ),
    "on_end": ngettext_lazy(
        "{number} would give {who} more periods on end than allowed",
        "{number} would give {who} more periods on end than allowed",
        "number",
    ),
    "free_days": ngettext_lazy(
        "{number} would leave {who} fewer free days than required", "{number} would leave {who} fewer free days than required", "number"
    ),
    "free_half_days": ngettext_lazy(
        "{number} would leave {who} fewer free half-days than required",
        "{number} would leave {who} fewer free half-days than required",
        "number",
    ),
    "set_rule": ngettext_lazy(
        "{number} would leave somebody without {who} in a day or in the week, as a rule asks",
        "{number} would leave somebody without {who} in a day or in the week, as a rule asks",
        "number",
    ),
    "no_room": ngettext_lazy(
        "{number} has no suitable room in the whole institution (needed: {who})",
        "{number} have no suitable room in the whole institution (needed: {who})",
        "number",
    ),
    "rooms_closed": ngettext_lazy(
        "{number} finds every suitable room closed ({who}, for example)",
        "{number} find every suitable room closed ({who}, for example)",
        "number",
    ),
    "rooms_taken": ngettext_lazy(
        "{number} finds every suitable room taken ({who}, for example)",
        "{number} find every suitable room taken ({who}, for example)",
        "number",
    ),
    "no_room_fixed": ngettext_lazy(
        "{number} has no suitable room, as it is fixed to {who}, which is not what it needs",
        "{number} have no suitable room, as it is fixed to {who}, which is not what it needs",
        "number",
    ),
    "rooms_closed_fixed": ngettext_lazy(
        "{number} finds {who}, to which it is fixed, closed", "{number} find {who}, to which it is fixed, closed", "number"
    ),
    "rooms_taken_fixed": ngettext_lazy(
        "{number} finds {who}, to which it is fixed, taken", "{number} find {who}, to which it is fixed, taken", "number"
    ),
    "free": ngettext_lazy("{number} is free", "{number} are free", "number"),
}
OTHER_REASONS = gettext_noop("{number} for other reasons")
UNPLACED_MESSAGE = gettext_noop("{section} has no timeslot and room yet ({periods:period}): of the week's {starts} starts, {reasons}.")

# What would have to move or open, so that a lecture without a place fits.
WAYS: dict[str, str] = {
    "fits": gettext_noop("It fits on {0} as it is."),
    "available": gettext_noop("It would fit on {0} if {1} were available then."),
    "open_room": gettext_noop("It would fit on {0} if {1} were open then."),
    "move": gettext_noop("It would fit on {0} if the lecture of {1} moved to {2}, which is free for it."),
    "move_away": gettext_noop("It would fit on {0} if the lecture of {1} moved away from there."),
}
NO_WAY = gettext_noop("No single change frees a place. Open more times, add a suitable room, or let several lectures move.")


def unplaced_report(found: Unplaced) -> dict[str, Any]:
    """For files: all starts of the week by what rules them out, and the sentences, with codes."""
    facts = found.as_dict()
    text = unplaced_text(facts, section=found.section, periods=found.num_periods, names=CODES)
    ways = [_way_text(way, CODES) for way in facts["ways"]]
    return {"lecture": found.lecture, "section": found.section, "blocked": found.blocked, "message": text.message, "ways": ways}


def unplaced_text(found: Mapping[str, Any], *, section: str, periods: int, names: DisplayNames) -> ViolationText:
    """``of the week's 36 starts, 12 are taken by other lectures of Dr Rao, ...``, and what would have to move."""
    parts, rest = [], found["starts"]
    for reason, number, who in found["reasons"]:
        rest -= int(number)
        parts.append(REASONS[reason].format(number=number, who=listed([place_phrase(value, names) for value in who])))
    if rest:
        parts.append(gettext(OTHER_REASONS).format(number=rest))
    message = gettext(UNPLACED_MESSAGE).format(
        section=section, periods=Number(periods), starts=found["starts"], reasons=", ".join(map(str, parts))
    )
    ways = [_way_text(way, names) for way in found["ways"]]
    return ViolationText(message, " ".join(ways) or gettext(NO_WAY))


def _way_text(way: Sequence[Any], names: DisplayNames) -> str:
    name, values = way
    return gettext(WAYS[name]).format(*(place_phrase(value, names) for value in values))
