"""What is wrong with a timetable, in sentences: made from ids and values when somebody reads them, with the names that people know.

A stored violation (`generation.timetable.conflict_store`) is read as it is. One that an earlier release wrote has its sentences
finished already: they stay until the timetable is evaluated anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from django.utils.translation import gettext, gettext_noop, ngettext_lazy

from generation.engine.constraints.base import Finding, Who
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.violations import Violation, findings_described
from generation.engine.infeasibility.unplaced_reasons import Unplaced
from generation.engine.model.problem import Problem
from generation.text.messages import constraint_label
from generation.text.phrases import CODES, DisplayNames, Number, listed, relation_phrase, room_phrase, time_phrase

Row = Mapping[str, Any]
FIELDS = tuple(each.name for each in fields(Violation))
FORMER_RELATIONS = {  # by what stands in the finished sentences that an earlier release wrote
    "before": "in this order in the week",
    "consecutive": "in this order, one right after the other",
    "grouped": "held one right after the other",
    "same_day": "on one day",
    "days_apart": " apart",
}

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
# Why a place would break a rule, shorter than the evaluator's sentences: they stand in a cell of the grid.
PLACE_REASONS: dict[str, str] = {
    "section_clash": gettext_noop("The section has another lecture then"),
    "instructor_clash": gettext_noop("Its instructor teaches {who} then"),
    "curriculum_clash": gettext_noop("Its students attend {who} then"),
    "no_overlap": gettext_noop("It must not overlap {who}"),
    "room_clash": gettext_noop("{who} is in {room} then"),
    "availability": gettext_noop("{who} is not available then"),
    "room_availability": gettext_noop("{room} is closed then"),
    "room_too_small": gettext_noop("{room} is too small"),
    "room_type": gettext_noop("{room} is of another kind"),
    "room_features": gettext_noop("{room} lacks what it needs"),
    "block": gettext_noop("It would run into a break or the day's end"),
    "pin": gettext_noop("The data fix it to another place"),
    "blocked_start": gettext_noop("It may not begin then"),
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


class ViolationText(NamedTuple):
    message: str
    suggestion: str


def violation_row(violation: Violation, unplaced: Unplaced | None = None) -> dict[str, Any]:
    """As JSON keeps it: null where the breach has no timeslot or room; of a lecture without a place the reasons as well."""
    # Not asdict, which copies deeply: a large timetable has some 15,000 of them.
    row = {name: getattr(violation, name) for name in FIELDS}
    row |= {name: None for name in ("slot", "room") if row[name] < 0}
    # The previous release reads finished sentences here, while both run.
    row |= {"message": "", "suggestion": ""}
    return row if unplaced is None else row | {"unplaced": unplaced.as_dict()}


def violation_text(row: Row, names: DisplayNames) -> ViolationText:
    """The sentences about a stored violation.

    Raises ValueError, LookupError or TypeError for what is none, as an archive from elsewhere may hold.
    """
    if is_finished(row):
        return ViolationText(row.get("message", ""), row.get("suggestion", ""))
    if row.get("unplaced"):
        return _unplaced_text(row["unplaced"], section=listed(row["sections"]), periods=row["units"], names=names)
    if row["constraint"] not in CONSTRAINTS:  # of another release
        return ViolationText(constraint_label(row["constraint"]), "")
    texts = CONSTRAINTS[row["constraint"]].texts
    room, time = row["room_code"], row["time"]
    message = gettext(texts.message).format(
        *(_value_phrase(value, names) for value in row["values"]),
        amount=Number(row["units"]),
        lectures=listed(row["sections"]),
        time=_value_phrase(time, names) if time is not None else "",
        room=_value_phrase(("room", room), names) if room else "",
        who=listed([_who_phrase(row["who_kind"], code, names) for code in row["who"]]),
    )
    return ViolationText(_begun(message, texts.message), gettext(texts.suggestion))


def violation_named(row: Row, names: DisplayNames) -> dict[str, Any]:
    """A stored violation as pages show it: with its sentences, and with the names of whom it concerns."""
    text = violation_text(row, names)
    return {**row, "who": who_names(row, names), "message": text.message, "suggestion": text.suggestion}


def findings_text(problem: Problem, found: Iterable[tuple[str, Finding]], names: DisplayNames) -> list[str]:
    """The message of each finding by its constraint."""
    described = findings_described(problem, [(CONSTRAINTS[constraint], finding) for constraint, finding in found])
    return [violation_text(violation_row(each), names).message for each in described]


def place_reason(constraint: str, *, room: str, who: Sequence[str], names: DisplayNames) -> str:
    """Why a place would break this constraint; empty where there is no more to say than its name. ``who``: is in the way."""
    template = PLACE_REASONS.get(constraint, "")
    if "{who}" in template and not who:
        return ""
    return _begun(gettext(template).format(room=room_phrase(room, names), who=listed(who)), template) if template else ""


def who_names(row: Row, names: DisplayNames) -> list[str]:
    """Whom a stored violation concerns; rooms, students and sections by their codes."""
    kinds = _former_kinds(row) if is_finished(row) else (row["who_kind"],)
    return [_person_name(kinds, code, names) for code in row.get("who") or []]


def is_finished(row: Row) -> bool:
    """Whether an earlier release wrote it, or a process of it does during an upgrade: with finished sentences and without values."""
    return "values" not in row


def relation_of(row: Row) -> str:
    """In which of `generation.engine.evaluation.violations.RELATIONS` the two lectures of a stored violation were to stand."""
    if is_finished(row):
        return next((relation for relation, words in FORMER_RELATIONS.items() if words in row["message"]), "")
    return next((value[1] for value in row["values"] if value[0] == "relation"), "")


def is_about_fixed_room(row: Row) -> bool:
    """Whether a lecture's room is fixed, and not its time."""
    return " in room " in row["message"] if is_finished(row) else any(value[0] == "in_room" for value in row["values"])


def unplaced_report(found: Unplaced) -> dict[str, Any]:
    """For files: all starts of the week by what rules them out, and the sentences, with codes."""
    facts = found.as_dict()
    text = _unplaced_text(facts, section=found.section, periods=found.num_periods, names=CODES)
    ways = [_way_text(way, CODES) for way in facts["ways"]]
    return {"lecture": found.lecture, "section": found.section, "blocked": found.blocked, "message": text.message, "ways": ways}


def _begun(sentence: str, template: str) -> str:
    """With a capital where it begins with a room that has no name: ``Room B12 is closed then``."""
    return sentence[:1].upper() + sentence[1:] if template.startswith("{room}") else sentence


def _former_kinds(row: Row) -> tuple[Who, ...]:
    """Who the codes of an earlier release may be: it did not say which of those whom the constraint can be about."""
    about = CONSTRAINTS[row["constraint"]].who if row["constraint"] in CONSTRAINTS else ()
    is_no_person = "students" in about or ("rooms" in about and row.get("room") not in (None, "", -1))
    return () if is_no_person else about


def _person_name(kinds: Sequence[Who], code: str, names: DisplayNames) -> str:
    found = names.instructor(code) if "instructors" in kinds else code
    return names.curriculum(code) if found == code and "curricula" in kinds else found


def _who_phrase(kind: str, code: str, names: DisplayNames) -> str:
    match kind:
        case "instructors":
            return names.instructor(code)
        case "curricula":
            return names.curriculum(code)
        case "rooms":
            return room_phrase(code, names)
    return code


def _value_phrase(value: Sequence[Any], names: DisplayNames) -> Number | str:
    """One value of a violation; a time with its preposition."""
    match value:
        case ("count", int(number)):
            return Number(number)
        case ("slot", str() | int() as day, str() | int() as period):
            return gettext("on {time}").format(time=time_phrase(day, period))
        case ("room", str(code)):
            return room_phrase(code, names)
        case ("in_room", str(code)):
            return gettext("in {room}").format(room=room_phrase(code, names))
        case ("rooms", [*codes]):
            return listed([str(_value_phrase(("room", code), names)) for code in codes])
        case ("section", str(label)):
            return label
        case ("instructor", str(code)):
            return names.instructor(code)
        case ("curriculum", str(code)):
            return names.curriculum(code)
        case ("features", [*features]):
            return listed([_feature(feature) for feature in features])
        case ("room_kind", str() | int() as kind):
            return _room_kind(kind)
        case ("building", str() | int() as building):
            return building if isinstance(building, str) else gettext("building {number}").format(number=building + 1)
        case ("relation", str(relation), int(days), str(first_day)):
            return relation_phrase(relation, days, first_day)
        case ("pair", str(section), relation, str(order)):
            return _pair(section, str(_value_phrase(relation, names)), order)
        case ("need", str() | int() | None as kind, int(seats), [*features]):
            return _need(kind, seats, features)
    raise ValueError(f"no value of a violation: {value!r}")


def _room_kind(kind: str | int) -> str:
    return kind if isinstance(kind, str) else gettext("kind {number}").format(number=kind + 1)


def _feature(feature: str | int) -> str:
    return feature if isinstance(feature, str) else gettext("feature {number}").format(number=int(feature) + 1)


def _pair(section: str, relation: str, order: str) -> str:
    """What does not stand as it must to the lecture that has no place."""
    template = {
        "first": gettext("{section} as they must ({relation}, this one first)"),
        "second": gettext("{section} as they must ({relation}, this one second)"),
    }.get(order) or gettext("{section} as they must ({relation})")
    return template.format(section=section, relation=relation)


def _need(kind: str | int | None, seats: int, features: Iterable[str | int]) -> str:
    words = [gettext("any kind of room") if kind is None else _room_kind(kind)]
    if seats:
        words.append(gettext("at least {seats:seat}").format(seats=Number(seats)))
    return ", ".join([*words, *map(_feature, features)])


def _unplaced_text(found: Mapping[str, Any], *, section: str, periods: int, names: DisplayNames) -> ViolationText:
    """``of the week's 36 starts, 12 are taken by other lectures of Dr Rao, ...``, and what would have to move."""
    parts, rest = [], found["starts"]
    for reason, number, who in found["reasons"]:
        rest -= int(number)
        parts.append(REASONS[reason].format(number=number, who=listed([_place_phrase(value, names) for value in who])))
    if rest:
        parts.append(gettext(OTHER_REASONS).format(number=rest))
    message = gettext(UNPLACED_MESSAGE).format(
        section=section, periods=Number(periods), starts=found["starts"], reasons=", ".join(map(str, parts))
    )
    ways = [_way_text(way, names) for way in found["ways"]]
    return ViolationText(message, " ".join(ways) or gettext(NO_WAY))


def _way_text(way: Sequence[Any], names: DisplayNames) -> str:
    name, values = way
    return gettext(WAYS[name]).format(*(_place_phrase(value, names) for value in values))


def _place_phrase(value: Sequence[Any], names: DisplayNames) -> str:
    """As `_value_phrase`, a time without its preposition."""
    match value:
        case ("slot", str() | int() as day, str() | int() as period):
            return time_phrase(day, period)
    return str(_value_phrase(value, names))
