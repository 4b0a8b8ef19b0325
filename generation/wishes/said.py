"""What an answer says, checked against the term's week and the institution's rooms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.models import Building, Organization, Period, Room, Term
from academics.week_labels import DAY_NAMES, period_names
from generation.models import WishAnswer
from generation.wishes import messages

Slot = tuple[int, int]  # day, and the number of the period as it is stored
MOST_ROOMS = 3
BUILDING = "building "


@dataclass(frozen=True, slots=True)
class Grid:
    """A term's week, and the places that may be named."""

    term: Term
    periods: tuple[Period, ...]
    rooms: frozenset[str] = frozenset()
    buildings: frozenset[str] = frozenset()

    @property
    def indexes(self) -> tuple[int, ...]:
        return tuple(period.index for period in self.periods)

    @property
    def names(self) -> dict[int, str]:
        return period_names(self.periods)

    def day(self, day: int) -> list[Slot]:
        return [(day, period) for period in self.indexes]

    def has(self, day: object, period: object) -> bool:
        return type(day) is int and type(period) is int and 0 <= day < self.term.num_days and period in self.indexes


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: times by their rating, and the rest of the form."""

    marks: Mapping[Slot, int] = field(default_factory=dict)
    free_days: tuple[int, ...] = ()
    num_free_days: int = 0
    rooms: tuple[str, ...] = ()
    shape: str = ""
    reason: str = ""
    remarks: str = ""

    @property
    def num_impossible(self) -> int:
        return sum(rating == messages.WISHES["impossible"] for rating in self.marks.values())

    def columns(self) -> dict[str, Any]:
        """As the row keeps it."""
        return {
            "marks": [[day, period, rating] for (day, period), rating in sorted(self.marks.items())],
            "free_days": list(self.free_days),
            "num_free_days": self.num_free_days,
            "rooms": list(self.rooms),
            "shape": self.shape,
            "reason": self.reason,
            "remarks": self.remarks,
        }


def said_of(answer: WishAnswer) -> Said:
    return Said(
        {(day, period): rating for day, period, rating in answer.marks},
        tuple(answer.free_days),
        answer.num_free_days,
        tuple(answer.rooms),
        answer.shape,
        answer.reason,
        answer.remarks,
    )


def grid_of(term: Term, organization: Organization) -> Grid:
    """Three queries."""
    return Grid(
        term,
        tuple(term.periods.all()),
        frozenset(Room.objects.filter(organization=organization).values_list("code", flat=True)),
        frozenset(Building.objects.filter(organization=organization).values_list("code", flat=True)),
    )


def said_checked(grid: Grid, raw: Mapping[str, Any], *, is_draft: bool = False) -> Said:
    """What was entered or sent; raises what is wrong with it. A draft need not give reasons yet."""
    marks = _marks_checked(grid, raw.get("times", ()))
    said = Said(
        marks,
        _days_checked(grid, raw.get("free_days", ())),
        _number_checked("num_free_days", "Days off", raw.get("num_free_days", 0), grid.term.num_days),
        _rooms_checked(grid, raw.get("rooms", ())),
        _shape_checked(raw.get("shape", "")),
        _text_checked("reason", "Reason", raw.get("reason", "")),
        _text_checked("remarks", "Anything else", raw.get("remarks", "")),
    )
    if said.num_impossible and not said.reason and not is_draft:
        raise messages.reason_missing()
    return said


def _marks_checked(grid: Grid, times: Iterable[Mapping[str, Any]]) -> dict[Slot, int]:
    marks: dict[Slot, int] = {}
    for each in times:
        day, period, wish = each.get("day"), each.get("period"), each.get("wish")
        if not grid.has(day, period):
            raise messages.time_outside(day, period, grid.term.num_days, len(grid.periods))
        if wish not in messages.WISHES:
            raise messages.wrong("times", f"{wish!r} is none of {', '.join(messages.WISHES)}.")
        slot = (int(str(day)), int(str(period)))
        rating = messages.WISHES[wish]
        if marks.setdefault(slot, rating) != rating:
            raise messages.wrong("times", f"{DAY_NAMES[slot[0]]}, {grid.names[slot[1]]} is named twice, with two wishes.")
    return marks


def _days_checked(grid: Grid, days: Iterable[Any]) -> tuple[int, ...]:
    found = []
    for day in days:
        if type(day) is not int or not 0 <= day < grid.term.num_days:
            raise messages.number_outside("free_days", "A day of the week", day, grid.term.num_days - 1)
        found.append(day)
    return tuple(sorted(set(found)))


def _number_checked(name: str, label: str, value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise messages.number_outside(name, label, value, most)
    return value


def _rooms_checked(grid: Grid, rooms: Sequence[Any]) -> tuple[str, ...]:
    found = []
    for each in rooms:
        code = str(each).strip()
        is_building = code.casefold().startswith(BUILDING) and code[len(BUILDING) :].strip() in grid.buildings
        if code not in grid.rooms and not is_building:
            raise messages.place_unknown(code[:60])
        found.append(code if code in grid.rooms else BUILDING + code[len(BUILDING) :].strip())
    if len(set(found)) > MOST_ROOMS:
        raise messages.wrong("rooms", f"At most {MOST_ROOMS} rooms or buildings fit; {len(set(found))} are named.")
    return tuple(dict.fromkeys(found))


def _shape_checked(shape: Any) -> str:
    if shape not in WishAnswer.Shape.values:
        raise messages.wrong("shape", f"{str(shape)[:30]!r} is none of: spread, packed, or nothing.")
    return str(shape)


def _text_checked(name: str, label: str, text: Any) -> str:
    words = str(text).replace("\x00", "").replace("\r\n", "\n").strip()
    if len(words) > messages.MAX_TEXT:
        raise messages.text_long(name, label)
    return words


def times_words(grid: Grid, slots: Collection[Slot]) -> str:
    """``Monday: the whole day; Tuesday: period 1 (08:00), period 2 (09:00)``."""
    names, parts = grid.names, []
    for day in sorted({day for day, _ in slots}):
        mine = sorted(period for each, period in slots if each == day)
        whole = len(mine) == len(grid.periods)
        parts.append(f"{DAY_NAMES[day % 7]}: {'the whole day' if whole else ', '.join(names.get(p, f'period {p + 1}') for p in mine)}")
    return "; ".join(parts)
