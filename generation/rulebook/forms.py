"""The form of one kind of constraint: only the fields that it has, and what was given as the checks take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from academics.models import Room, RoomFeature
from academics.week_labels import DAY_NAMES, WISHES
from academics.without_room import LABELS as WITHOUT_ROOM
from generation.rulebook.context import Book, Line
from generation.rulebook.kinds import Kind
from generation.rulebook.messages import LABELS
from generation.rulebook.validation import NUMBERS, fields_of

CODES = {"offerings": "offering", "offering": "offering", "first": "offering", "choices": "place"}
CODE_FIELDS = ("offerings", "offering", "first", "instructor", "room", "section", "building", "choices")
SEVERAL = ("offerings", "choices")
HELP = {
    "offerings": "Type a part of a code or name and choose; several with commas between them.",
    "first": "For several courses: the one that the others come after. Leave it empty for one course alone.",
    "lecture": "Counted through all sections of the course: 1 is the first lecture of the first section.",
    "choices": "Rooms, or “building” and its code, the first choice first.",
    "comment": "For whoever reads this next year.",
    "room_kind": "Empty: any kind.",
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    sort: str  # how the template draws it
    value: Any = ""
    help: str = ""
    errors: Sequence[str] = ()
    options: Sequence[Option] = ()
    of: str = ""  # what is looked up while typing
    is_several: bool = False
    low: int = 0
    high: int = 0
    days: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[Cell]]] = field(default_factory=tuple)


def given(kind: Kind, post: QueryDict, line: Line | None = None) -> dict[str, Any]:
    """What was filled in, as the checks take it."""
    raw: dict[str, Any] = {}
    for name in fields_of(kind, line):
        if name == "timeslots":
            raw[name] = [_slot(value) for value in post.getlist("timeslots")]
        elif name == "features":
            raw[name] = post.getlist("features")
        elif name == "is_hard":
            raw[name] = post.get("strength") != "weighted"
        elif name == "is_active":
            raw[name] = "is_active" in post
        elif name == "weight" and raw.get("is_hard"):  # then it waits for the day when the rule is softened
            raw[name] = post.get("weight") or "1"
        elif name in ("day", "period") and "slot" in post:
            raw[name] = _slot(post.get("slot", ""))[name]
        else:
            raw[name] = post.get(name, "")
    return raw


def _slot(text: str) -> dict[str, str | None]:
    day, _, period = text.partition("-")
    return {"day": day, "period": period}


def fields_drawn(
    book: Book, kind: Kind, line: Line | None, raw: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> list[Field]:
    """The fields with what they hold: what was filled in, else what is there, else what is usual."""
    values = dict(raw) if raw is not None else _current(kind, line)
    drawer = _Drawer(book, kind, values, errors or {})
    names = [name for name in fields_of(kind, line) if name not in ("is_hard", "weight", "period")]
    drawn = [drawer.field(name) for name in names]
    if {"is_hard", "weight"} & set(fields_of(kind, line)):
        at = len([name for name in names if name in kind.fields])
        drawn.insert(at, drawer.strength("is_hard" in fields_of(kind, line), "weight" in fields_of(kind, line)))
    return drawn


def _current(kind: Kind, line: Line | None) -> dict[str, Any]:
    if line is None:
        return {"is_hard": True, "is_active": True, "comment": "", "weight": 1, "lecture": 1, "rating": -2, "timeslots": []}
    now = {"is_hard": line.is_hard, "is_active": line.is_active, "comment": line.comment, "weight": line.factor or 1}
    return now | dict(line.facts)


class _Drawer:
    def __init__(self, book: Book, kind: Kind, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]]) -> None:
        self.book = book
        self.kind = kind
        self.values = values
        self.errors = errors

    def field(self, name: str) -> Field:
        if name in CODE_FIELDS:
            return self._codes(name)
        if name == "timeslots":
            return self._week(name, "week", {(_text(slot.get("day")), _text(slot.get("period"))) for slot in self.values.get(name) or ()})
        if name == "day" and "period" in self.kind.fields:
            chosen = {(_text(self.values.get("day")), _text(self.values.get("period")))}
            return self._week("slot", "slot", chosen)
        return self._plain(name)

    def _plain(self, name: str) -> Field:
        value = self.values.get(name, "")
        sort, options, low, high = "text", [], 0, 0
        if name == "day":
            sort, options = (
                "select",
                [Option(str(day), DAY_NAMES[day % 7], str(day) == _text(value)) for day in range(self.book.term.num_days)],
            )
        elif name == "rating":
            sort, options = "radio", [Option(str(rating), words, str(rating) == _text(value)) for rating, words in WISHES.items()]
        elif name == "room_kind":
            kinds = sorted(
                set(Room.objects.filter(organization=self.book.organization).order_by().values_list("kind", flat=True)) - {*WITHOUT_ROOM}
            )
            sort, options = (
                "select",
                [Option(kind, WITHOUT_ROOM.get(kind, kind) or "any kind", kind == value) for kind in ["", *kinds, *WITHOUT_ROOM]],
            )
        elif name == "features":
            features = RoomFeature.objects.filter(organization=self.book.organization).values_list("code", "name")
            sort, options = "boxes", [Option(code, words or code, code in (value or ())) for code, words in features]
        elif name == "is_active":
            sort = "truth"
        elif name in ("number", "percent", "lecture"):
            sort = "number"
            low, high, _ = (
                NUMBERS.get(self.kind.id, (1, 32_767, "")) if name == "number" else (0, 100, "") if name == "percent" else (1, 32_767, "")
            )
        label = self._number_label() if name == "number" else LABELS[name]
        return Field(name, label, sort, "" if value is None else value, HELP.get(name, ""), self._faults(name), options, low=low, high=high)

    def _number_label(self) -> str:
        words = {"seats": "Students without a seat that a lecture may have", "room_sharing": "Lectures at once", "days_apart": "Days apart"}
        return words.get(self.kind.id, "At most, in periods" if self.kind.id.startswith("instructor") else "Days")

    def _codes(self, name: str) -> Field:
        value = self.values.get(name) or ""
        text = ", ".join(value) if isinstance(value, list | tuple) else str(value)
        of, several = CODES.get(name, name), name in SEVERAL
        return Field(name, LABELS[name], "codes", text, HELP.get(name, ""), self._faults(name), of=of, is_several=several)

    def _week(self, name: str, sort: str, chosen: set[tuple[str, str]]) -> Field:
        """A table of the week; a mark without a day or a period stands for all of them."""
        days, hours = range(self.book.term.num_days), list(self.book.term.periods.order_by("index"))

        def cell(day: int, period: int, words: str) -> Cell:
            is_chosen = not chosen.isdisjoint({(str(day), str(period)), ("", str(period)), (str(day), "")})
            return Cell(f"{day}-{period}", f"{DAY_NAMES[day % 7]}, {words}", is_chosen)

        rows = [
            (f"{number} · {hour.starts_at:%H:%M}", [cell(day, hour.index, f"period {number}, {hour.starts_at:%H:%M}") for day in days])
            for number, hour in enumerate(hours, 1)
        ]
        names = [DAY_NAMES[day % 7] for day in days]
        faults = self._faults("timeslots") or [*self._faults("day"), *self._faults("period")]
        return Field(name, "When" if sort == "week" else "Starts at", sort, errors=faults, days=names, rows=rows)

    def strength(self, can_be_hard: bool, has_weight: bool) -> Field:
        """Hard or weighted, with the weight beside."""
        is_hard = bool(self.values.get("is_hard"))
        options = [Option("hard", "Must be kept", is_hard), Option("weighted", "Should be kept", not is_hard)] if can_be_hard else []
        low = 0 if self.kind.id == "weight" else 1
        faults = [*self._faults("is_hard"), *self._faults("weight")]
        help_ = f"{low} to 100. How much it matters beside the other wishes of its sort." if has_weight else ""
        return Field(
            "weight",
            LABELS["is_hard"] if options else LABELS["weight"],
            "strength",
            self.values.get("weight"),
            help_,
            faults,
            options,
            low=low,
            high=100,
        )

    def _faults(self, name: str) -> Sequence[str]:
        return self.errors.get(name, ())


def _text(value: Any) -> str:
    return "" if value is None else str(value)
