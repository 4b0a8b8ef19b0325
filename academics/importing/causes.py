"""Problems grouped by cause: what is missing or wrong, in how many rows, and what would fix all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.importing.columns_by_kind import KINDS
from academics.importing.mapping import LEFT_OUT, Mapped
from academics.importing.messages import Message

MOST_VALUES = 10_000  # of all causes together; what is beyond them is found by the next check
MOST_CAUSES = 500
MOST_ROWS = 2000  # of a cause, to leave out
WHOLE_TABLE = frozenset({"column_missing", "column_twice", "rows_none"})  # which leaving out a row would not help
LONGEST_VALUE = 200  # what is longer is no code, and can't be fixed by replacing it
ROOMS, OFFERINGS = "rooms", "offerings"
SINGULAR = {"curricula": "curriculum", "availability": "availability", "terms": "term"}
# Kinds that a code is enough for, and those that something else is asked for, too.
CREATABLE = frozenset({"departments", "buildings", "instructors", "courses", "curricula", "groups", "students", ROOMS})
ALSO_NEEDED = {ROOMS: ("capacity", "Seats of each")}
MISSING, SEVERAL, UNREADABLE, EMPTY, NOT_OFFERED, OTHER = "missing", "several", "unreadable", "empty", "not_offered", "other"
GROUP_OF = {
    "reference_unknown": MISSING,
    "reference_near": MISSING,
    "reference_several": SEVERAL,
    "value_bad": UNREADABLE,
    "value_broken": UNREADABLE,
    "value_missing": EMPTY,
    "offering_unknown": NOT_OFFERED,
}
Fix = dict[str, Any]


@dataclass
class Place:
    """A column of a table in which a cause was met."""

    heading: str
    is_needed: bool
    rows: int = 0


@dataclass
class Cause:
    """What several problems have in common."""

    id: str
    group: str
    kind: str  # of what is missing; empty where it is no other row
    message: str  # the first
    allowed: str
    term: str = ""
    name: str = ""  # of the message
    rows: int = 0
    last: tuple[str, int] = ("", -1)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)  # by the table's key and the column's name
    values: dict[str, int] = field(default_factory=dict)  # how many rows have it
    near: dict[str, str] = field(default_factory=dict)  # what a value may have been meant for
    numbers: dict[str, list[int]] = field(default_factory=dict)  # of the rows, by table

    def note(self, mapped: Mapped, row: int, column: str, value: str, message: str, *, is_full: bool) -> None:
        if self.last != (mapped.table.key, row):  # a row may name two that are missing
            self.rows += 1
            listed = self.numbers.setdefault(mapped.table.key, [])
            if not is_full and len(listed) < MOST_ROWS:
                listed.append(row)
        self.last = (mapped.table.key, row)
        place = self.places.get((mapped.table.key, column))
        if place is None:
            place = self.places[mapped.table.key, column] = Place(mapped.heading(column) if column else "", _is_needed(mapped, column))
        place.rows += 1
        if len(value) <= LONGEST_VALUE and (value in self.values or not is_full):
            self.values[value] = self.values.get(value, 0) + 1
            facts = message.values if isinstance(message, Message) else {}
            if facts.get("near"):
                self.near[value] = str(facts["near"])

    def document(self) -> dict[str, Any]:
        values = sorted(self.values.items(), key=lambda pair: -pair[1])
        return {
            "id": self.id,
            "text": cause_text(self),
            "rows": self.rows,
            "kind": self.kind,
            "allowed": self.allowed,
            "values": [{"value": value, "rows": rows, "near": self.near.get(value, "")} for value, rows in values],
            "places": [
                {"table": table, "column": column, "heading": place.heading, "rows": place.rows}
                for (table, column), place in self.places.items()
            ],
            "fix": fixes_of(self),
        }


def _is_needed(mapped: Mapped, column: str) -> bool:
    found = next((each for each in mapped.kind.columns if each.name == column), None) if mapped.kind else None
    return found is None or found.is_required or found.is_expected


@dataclass
class Causes:
    by_id: dict[str, Cause] = field(default_factory=dict)
    num_values: int = 0

    def note(self, mapped: Mapped, row: int, column: str, value: str, message: str, allowed: str) -> str:
        """Count a problem with the others of its cause; the id of that cause."""
        facts: Mapping[str, object] = message.values if isinstance(message, Message) else {}
        name = message.id if isinstance(message, Message) else OTHER
        group = GROUP_OF.get(name, OTHER)
        kind, term, shown = str(facts.get("kind", "")), "", value
        if group in (MISSING, SEVERAL):
            key = f"{group}:{kind}"
            shown = str(facts.get("code", value))
        elif group == NOT_OFFERED:
            kind, term, shown = OFFERINGS, str(facts["term"]), str(facts["course"])
            key = f"{group}:{term}"
        else:
            key = f"{name if group == OTHER else group}:{mapped.table.key}:{column}"
        cause = self.by_id.get(key)
        if cause is None:
            if len(self.by_id) >= MOST_CAUSES:
                return OTHER
            cause = self.by_id[key] = Cause(key, group, kind, str(message), allowed, term, name)
        before = len(cause.values)
        cause.note(mapped, row, column, shown, message, is_full=self.num_values >= MOST_VALUES)
        self.num_values += len(cause.values) - before
        return cause.id

    def documents(self) -> list[dict[str, Any]]:
        """What one click fixes first, and of that what most rows have."""
        causes = sorted(self.by_id.values(), key=lambda cause: (cause.group == OTHER, -cause.rows))
        return [cause.document() for cause in causes]


def kind_words(kind: str, count: int) -> str:
    """`2 buildings`, `1 curriculum`."""
    plural = KINDS[kind].title.lower() if kind in KINDS and kind not in SINGULAR else kind.replace("_", " ")
    one = SINGULAR.get(kind, plural.removesuffix("s"))
    return f"{count:,} {one if count == 1 else plural}"


def cause_text(cause: Cause) -> str:
    count = len(cause.values)
    place = next(iter(cause.places.values()))
    if cause.group == MISSING:
        return f"{kind_words(cause.kind, count)} {'is' if count == 1 else 'are'} missing"
    if cause.group == SEVERAL:
        return f"{count:,} name{'' if count == 1 else 's'} could mean several of the {cause.kind or 'instructors'}"
    if cause.group == NOT_OFFERED:
        return f"{count:,} course{' is' if count == 1 else 's are'} not offered in {cause.term}"
    if cause.group == EMPTY:
        return f"{place.heading} is empty"
    if cause.group == UNREADABLE:
        return f"{count:,} value{'' if count == 1 else 's'} of {place.heading} can't be read"
    return cause.message


def fixes_of(cause: Cause) -> list[Fix]:
    """What would fix the cause, the usual one first. Each is a document that can be given back as ``fixes`` or ``mapping``."""
    is_left_out_possible = bool(cause.places) and not any(place.is_needed or not place.heading for place in cause.places.values())
    fixes: list[Fix] = []
    if cause.group in (MISSING, NOT_OFFERED):
        fixes += _create(cause)
    if cause.group in (MISSING, SEVERAL):
        near = {value: cause.near.get(value, "") for value in cause.values}
        label = "Take them for the ones that are like them" if all(near.values()) else "Choose which one is meant"
        fixes.append({"action": "choose", "text": label, "fixes": {"meant": {cause.kind: near}}})
        if is_left_out_possible:
            nothing = {"meant": {cause.kind: dict.fromkeys(cause.values, "")}}
            fixes.append({"action": "empty", "text": "Take as empty", "fixes": nothing})
    if cause.group in (EMPTY, UNREADABLE):
        (table, column), place = next(iter(cause.places.items()))
        blank = {"values": {table: {column: dict.fromkeys(cause.values, "")}}}
        if column:
            label = "Fill in the same for all" if cause.group == EMPTY else "Say what each one means"
            fixes.append({"action": "choose", "text": label, "fixes": blank})
        if column and cause.group == UNREADABLE and is_left_out_possible:
            fixes.append({"action": "empty", "text": "Take as empty", "fixes": blank})
    if is_left_out_possible and cause.group != OTHER:
        names = list(dict.fromkeys(place.heading for place in cause.places.values()))
        label = f"Leave out the column{'' if len(names) == 1 else 's'} {', '.join(names)}"
        mapping: dict[str, Any] = {}
        for (table, _), place in cause.places.items():
            mapping.setdefault(table, {"columns": {}})["columns"][place.heading] = LEFT_OUT
        fixes.append({"action": "leave_out", "text": label, "mapping": mapping})
    if cause.name not in WHOLE_TABLE and any(cause.numbers.values()):
        these = "this row" if cause.rows == 1 else "these rows"
        fixes.append({"action": "skip", "text": f"Leave out {these}", "fixes": {"skip": dict(cause.numbers)}})
    return fixes


def _create(cause: Cause) -> list[Fix]:
    these = "this" if len(cause.values) == 1 else "these"
    if cause.group == NOT_OFFERED:
        rows: list[dict[str, str]] = [{"course": course, "term": cause.term} for course in cause.values]
        return [{"action": "create", "text": f"Offer {these} in {cause.term}", "fixes": {"create": {OFFERINGS: rows}}}]
    if cause.kind not in CREATABLE:
        return []
    words = kind_words(cause.kind, len(cause.values))
    label = f"Create {these} {words.removeprefix('1 ')}"
    rows = [{"code": value[:60], "name": value} for value in cause.values]
    fix: Fix = {"action": "create", "text": label, "fixes": {"create": {cause.kind: rows}}}
    if cause.kind in ALSO_NEEDED:
        column, label = ALSO_NEEDED[cause.kind]
        fix |= {"asks": {"column": column, "label": label}}
    return [fix]


def cause_find(documents: Sequence[Mapping[str, Any]], cause_id: str) -> Mapping[str, Any] | None:
    return next((each for each in documents if each["id"] == cause_id), None)
