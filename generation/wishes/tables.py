"""A table of answers that were collected elsewhere, a row an instructor, read into what the form would have said.

Days and times are read by the grammar of the import (`academics.weekly_times`). A row that is not understood in every cell is no
answer: all that is wrong is listed by its row and column, and nothing is put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.errors import UserError
from academics.importing.tables import Table, heading_plain, tables_read
from academics.models import Instructor, Period, Term
from academics.spreadsheets import csv_write
from academics.week_labels import DAY_NAMES
from academics.weekly_times.fitting import Fitted, GridPeriod, fit, span_of
from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.readings import WeeklyTime
from generation.errors import Refusal
from generation.models import WishAnswer, WishRound
from generation.wishes import messages
from generation.wishes.said import Grid, Said, Slot, grid_of, said_checked

MOST_ANSWERS = 5_000
MOST_LISTED = 100
# What a column may be called, the first as the template calls it.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "instructor": (
        "Instructor",
        "Instructor code",
        "Code",
        "E-mail",
        "Email",
        "E-mail address",
        "Email address",
        "Name",
        "Teacher",
        "Lecturer",
    ),
    "impossible": ("Impossible", "Impossible times", "Cannot", "Can't", "Not available", "Unavailable"),
    "rather_not": ("Rather not", "Avoid", "Disliked"),
    "like": ("Would like", "Like", "Preferred", "Preferred times"),
    "free_days": ("Days off", "Free days", "Day off"),
    "num_free_days": ("Number of days off", "Number of free days"),
    "rooms": ("Rooms", "Room", "Preferred rooms"),
    "shape": ("Spread or packed", "Week"),
    "reason": ("Reason", "Reasons", "Why"),
    "remarks": ("Anything else", "Remarks", "Remark", "Comments", "Comment"),
}
PASSED_OVER = ("timestamp", "start time", "completion time", "id")  # which programs for forms write of their own accord
_NAMED = {heading_plain(words): name for name, all_words in HEADINGS.items() for words in all_words}
Cell = tuple[str, str]  # its column's heading, and what it says
_SHAPES = {heading_plain(words): value for value, label in WishAnswer.Shape.choices for words in (value, label)} | {"": ""}


@dataclass(frozen=True, slots=True)
class Fault:
    row: int
    column: str
    value: str
    words: str


@dataclass(slots=True)
class AnswersRead:
    """What the table says by instructor's id, and all that is wrong with it."""

    said: dict[int, Said] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    num_faults: int = 0
    num_rounded: int = 0  # times that begin or end within a period, which they then take whole

    def complain(self, row: int, column: str, value: str, words: str) -> None:
        self.num_faults += 1
        if len(self.faults) < MOST_LISTED:
            self.faults.append(Fault(row, column, value[:80], words))


def template(found: WishRound) -> bytes:
    """A table to fill in, as CSV: everybody who was asked, a row each."""
    asked = WishAnswer.objects.filter(round=found).order_by("instructor__code").values_list("instructor__code", flat=True)
    return csv_write([words[0] for words in HEADINGS.values()], ([code, *[""] * (len(HEADINGS) - 1)] for code in asked))


def answers_read(*, found: WishRound, file: str, data: bytes) -> AnswersRead:
    """Reads the table. Raises `Invalid` where it is none, or has a column that is not known."""
    try:
        tables = [table for table in tables_read(file=file, data=data, most=MOST_ANSWERS + 1) if table.rows]
    except UserError as refusal:
        raise messages.wrong("file", str(refusal)) from None
    if len(tables) != 1:
        raise messages.wrong("file", f"{file}: {len(tables)} sheets have rows. Give one table, a row for each instructor.")
    if len(tables[0].rows) > MOST_ANSWERS:
        raise messages.wrong("file", f"{file}: more than {MOST_ANSWERS:,} rows. Split the table.")
    columns, who = _columns(tables[0])
    reader = _Reader(found, AnswersRead())
    for number, row in tables[0].rows:
        cells = [(heading, row[at].strip() if at < len(row) else "") for at, heading in enumerate(tables[0].headings)]
        reader.row(number, {name: cells[at] for name, at in columns.items()}, [cells[at] for at in who])
    return reader.read


def _columns(table: Table) -> tuple[dict[str, int], list[int]]:
    """Where each part of an answer stands, and where it says whose it is, which several columns may."""
    columns: dict[str, int] = {}
    who, strange = [], []
    for at, heading in enumerate(table.headings):
        plain = heading_plain(heading)
        name = _NAMED.get(plain, "")
        if name == "instructor":
            who.append(at)
        elif name in columns:
            both = f"{table.headings[columns[name]]!r} and {heading!r}"
            raise messages.wrong("file", f"Two columns are {HEADINGS[name][0]!r}: {both}. Remove one of them.")
        elif name:
            columns[name] = at
        elif plain and plain not in PASSED_OVER:
            strange.append(heading[:60])
    known = ", ".join(words[0] for words in HEADINGS.values())
    if strange:
        listed = ", ".join(repr(heading) for heading in strange[:5])
        raise messages.wrong("file", f"What these columns hold is not known: {listed}. Rename or remove them; the columns are {known}.")
    if not who:
        raise messages.wrong("file", f"No column says whose answer a row is. The columns are {known}.")
    return columns, who


class _Reader:
    def __init__(self, found: WishRound, read: AnswersRead) -> None:
        self.read = read
        self.grid = grid_of(found.term, found.organization)
        self.week = _Week(found.term, self.grid)
        self.people = _people(found)
        self.rows: dict[int, int] = {}

    def row(self, number: int, cells: Mapping[str, Cell], who: Sequence[Cell]) -> None:
        faults = self.read.num_faults
        person = self._person(number, who)
        raw: dict[str, Any] = {"times": [each for wish in messages.WISHES for each in self._times(number, wish, cells)]}
        for name, take in (("free_days", self._days), ("num_free_days", self._number), ("shape", self._shape)):
            if name in cells and cells[name][1]:
                raw[name] = take(number, *cells[name])
        raw["rooms"] = [part.strip() for part in cells.get("rooms", ("", ""))[1].replace(";", ",").split(",") if part.strip()]
        raw |= {name: cells[name][1] for name in ("reason", "remarks") if name in cells}
        if self.read.num_faults > faults or person is None:
            return
        try:
            self.read.said[person] = said_checked(self.grid, raw)
        except Refusal as refusal:
            heading, value = cells.get(refusal.field, ("", ""))
            self.read.complain(number, heading or HEADINGS.get(refusal.field, ("",))[0], value, str(refusal))

    def _person(self, number: int, who: Sequence[Cell]) -> int | None:
        """Whom the cells name: one by a code, one by a name that two have, still says which of them is meant."""
        named = [cell for cell in who if cell[1]]
        if not named:
            self.read.complain(number, who[0][0], "", "The row does not say whose answer it is.")
            return None
        heading, value = named[0]
        possible: set[int] | None = None
        for heading_of, said in named:
            people = self.people.get(said.casefold(), set())
            if not people:
                self.read.complain(number, heading_of, said, "No instructor who was asked has this code, e-mail address or name.")
                return None
            possible = people if possible is None else possible & people
        if not possible:
            self.read.complain(number, heading, value, "The row names different instructors.")
            return None
        if len(possible) > 1:
            self.read.complain(number, heading, value, f"{len(possible)} instructors are called so. Give the code.")
            return None
        person = next(iter(possible))
        if (earlier := self.rows.setdefault(person, number)) != number:
            self.read.complain(number, heading, value, f"Row {earlier} is this person's too. Keep one of them.")
            return None
        return person

    def _times(self, number: int, wish: str, cells: Mapping[str, Cell]) -> Iterable[dict[str, Any]]:
        heading, value = cells.get(wish, ("", ""))
        if not value:
            return []
        slots, num_rounded, words = self.week.slots(value)
        if words:
            self.read.complain(number, heading, value, words)
        self.read.num_rounded += num_rounded
        return [{"day": day, "period": period, "wish": wish} for day, period in slots]

    def _days(self, number: int, heading: str, value: str) -> list[int]:
        reading = read_weekly_times(value, part="days")
        days = [each.day for each in reading.times if each.day is not None and each == WeeklyTime(day=each.day)]
        if not reading.is_understood or len(days) != len(reading.times) or not days:
            self.read.complain(number, heading, value, "This names no days. Write them as in 'Monday, Thursday'.")
        return days

    def _number(self, number: int, heading: str, value: str) -> int:
        if not value.isdecimal() or len(value) > 2:
            self.read.complain(number, heading, value, f"This is not a whole number from 0 to {self.grid.term.num_days}.")
            return 0
        return int(value)

    def _shape(self, number: int, heading: str, value: str) -> str:
        if (found := _SHAPES.get(heading_plain(value))) is None:
            self.read.complain(number, heading, value, "This is none of: spread, packed, or nothing.")
        return found or ""


class _Week:
    """The term's periods, and what cells say of them; each cell is read once."""

    def __init__(self, term: Term, grid: Grid) -> None:
        self.grid = grid
        self.num_days = term.num_days
        self.periods: Sequence[Period] = sorted(grid.periods, key=lambda period: period.starts_at)
        self.clocks = [GridPeriod(each.starts_at, each.ends_at) for each in self.periods]
        self._known: dict[str, tuple[frozenset[Slot], int, str]] = {}

    def slots(self, text: str) -> tuple[frozenset[Slot], int, str]:
        """The times of the week that a cell means, how many of its times were rounded outwards, and what is wrong with it."""
        if text not in self._known:
            self._known[text] = self._slots(text)
        return self._known[text]

    def _slots(self, text: str) -> tuple[frozenset[Slot], int, str]:
        reading = read_weekly_times(text)
        if not reading.is_understood:
            why = "means different things in different places" if reading.is_ambiguous else "is not understood"
            parts = ", ".join(repr(part[:40]) for part in reading.not_understood[:3])
            return frozenset(), 0, f"{parts} {why}. Write times as in 'Mon 08:00-10:00; Fri'."
        if any(each.date is not None or each.weeks is not None for each in reading.times):
            return frozenset(), 0, "A wish is for every week of the term; this names dates or weeks."
        if any(each.day is None for each in reading.times):
            return frozenset(), 0, "A time without its day. Write times as in 'Mon 08:00-10:00; Fri'."
        fitted = fit(reading.times, self.clocks)
        slots: set[Slot] = set()
        num_rounded = 0
        for each in reading.times:
            day = each.day or 0
            if day >= self.num_days:
                return frozenset(), 0, f"{DAY_NAMES[day]} is not a day of this term's week."
            places, is_exact = self._places(each, fitted)
            if not places:
                first, last = self.periods[0].starts_at, self.periods[-1].ends_at
                return frozenset(), 0, f"This term has no periods then. They are from {first:%H:%M} to {last:%H:%M}."
            num_rounded += not is_exact
            slots |= {(day, self.periods[place].index) for place in places}
        return frozenset(slots), num_rounded, ""

    def _places(self, time: WeeklyTime, fitted: Fitted) -> tuple[Sequence[int], bool]:
        """The periods, from 0, that a time touches, and whether it begins and ends with them."""
        if time.start is None and time.period is None:
            return range(len(self.periods)), True
        if time.period is not None or time.end is None:
            found = fitted.of(time)
            return (range(found.first - 1, found.last), found.is_exact) if found else ((), True)
        span = span_of(time)
        start, end = span.start or 0, span.end or 0
        places = [place for place, each in enumerate(self.clocks) if each.start_minute < end and each.end_minute > start]
        return places, bool(places) and self.clocks[places[0]].start_minute >= start and self.clocks[places[-1]].end_minute <= end


def _people(found: WishRound) -> dict[str, set[int]]:
    """Ids of who was asked, by code, e-mail address and name without case. A code is nobody else's name."""
    rows = Instructor.objects.filter(wish_answers__round=found).values_list("pk", "code", "email", "name")
    people: dict[str, set[int]] = {}
    codes = Counter(code.casefold() for _, code, _, _ in rows)
    for pk, code, email, name in rows:
        people.setdefault(code.casefold(), set()).add(pk)
        for other in {email.casefold(), name.casefold()} - {""}:
            if other not in codes:
                people.setdefault(other, set()).add(pk)
    return people
