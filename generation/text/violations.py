"""What is wrong with a timetable, in sentences: made from ids and values when somebody reads them, with the names that people know.

A stored violation (`generation.timetable.conflict_store`) is read as it is. One that an earlier release wrote has its sentences
finished already: they stay until the timetable is evaluated anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext, gettext_noop

from generation.engine.constraints.base import Constraint, Finding, Who
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.violations import Violation, findings_described
from generation.engine.infeasibility.unplaced_reasons import Unplaced
from generation.engine.model.problem import Problem
from generation.text.messages import constraint_label
from generation.text.phrases import DisplayNames, Number, listed, room_phrase
from generation.text.unplaced_reasons import unplaced_text
from generation.text.values import ViolationText, value_phrase

Row = Mapping[str, Any]
UNLISTED = "unlisted"  # in a row that stands for others: how many
FIELDS = tuple(each.name for each in fields(Violation))
FORMER_RELATIONS = {  # by what stands in the finished sentences that an earlier release wrote
    "before": "in this order in the week",
    "consecutive": "in this order, one right after the other",
    "grouped": "held one right after the other",
    "same_day": "on one day",
    "days_apart": " apart",
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


def violation_row(violation: Violation, unplaced: Unplaced | None = None) -> dict[str, Any]:
    """As JSON keeps it: null where the breach has no timeslot or room; of a lecture without a place the reasons as well."""
    # Not asdict, which copies deeply: a large timetable has some 15,000 of them.
    row = {name: getattr(violation, name) for name in FIELDS}
    row |= {name: None for name in ("slot", "room") if row[name] < 0}
    # The previous release reads finished sentences here, while both run.
    row |= {"message": "", "suggestion": ""}
    return row if unplaced is None else row | {"unplaced": unplaced.as_dict()}


def unlisted_row(constraint: Constraint, *, number: int, amount: int, lectures: Sequence[int]) -> dict[str, Any]:
    """One row for all violations of a constraint that are not listed one by one. Finished: the previous release reads it so."""
    text = _unlisted_text(number)
    return {
        "constraint": constraint.id,
        "is_hard": constraint.is_hard,
        "amount": amount,
        "lectures": list(lectures),
        "slot": None,
        "room": None,
        "who": [],
        "message": text.message,
        "suggestion": text.suggestion,
        UNLISTED: number,
    }


def _unlisted_text(number: int) -> ViolationText:
    return ViolationText(
        gettext("Not listed one by one: {number:,} more of this kind.").format(number=number),
        gettext("Fix some of those that are listed first: with them many of these go."),
    )


def violation_text(row: Row, names: DisplayNames) -> ViolationText:
    """The sentences about a stored violation.

    Raises ValueError, LookupError or TypeError for what is none, as an archive from elsewhere may hold.
    """
    if isinstance(row.get(UNLISTED), int):
        return _unlisted_text(row[UNLISTED])
    if is_finished(row):
        return ViolationText(row.get("message", ""), row.get("suggestion", ""))
    if row.get("unplaced"):
        return unplaced_text(row["unplaced"], section=listed(row["sections"]), periods=row["units"], names=names)
    if row["constraint"] not in CONSTRAINTS:  # of another release
        return ViolationText(constraint_label(row["constraint"]), "")
    texts = CONSTRAINTS[row["constraint"]].texts
    room, time = row["room_code"], row["time"]
    message = gettext(texts.message).format(
        *(value_phrase(value, names) for value in row["values"]),
        amount=Number(row["units"]),
        lectures=listed(row["sections"]),
        time=value_phrase(time, names) if time is not None else "",
        room=value_phrase(("room", room), names) if room else "",
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
