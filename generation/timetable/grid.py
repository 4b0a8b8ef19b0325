"""A variant as people read it: the week of one section, instructor, room or curriculum, and variants side by side."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any, Literal, get_args

from django.db import connection
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex

from academics.models import Instructor
from academics.week_labels import DAY_NAMES
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import Counted
from generation.models import Entry, GenerationJob, Variant
from generation.text import messages
from generation.text.display_names import Naming, RoomName, reading_order, rooms_named
from generation.text.violations import violation_text
from generation.text.without_room import is_without_room
from generation.timetable.conflict_store import Conflicts
from generation.timetable.counts import amount_words, counts_read, found_words
from generation.timetable.lecture_moves import lectures_elsewhere
from generation.timetable.lectures import Lecture, lecture_of, places_of
from generation.timetable.term_dates import weeks_dated
from generation.timetable.when import clocks_of

By = Literal["section", "instructor", "room", "curriculum"]
BY: tuple[By, ...] = get_args(By)


@dataclass(frozen=True)
class Mark:
    """A violation, or what costs something, as a cell shows it."""

    constraint: str
    label: str
    is_hard: bool
    amount: int
    message: str
    suggestion: str


@dataclass(frozen=True)
class Card:
    """One lecture, with its violations."""

    lecture: Lecture
    marks: tuple[Mark, ...]
    num_comments: int = 0  # open threads of reviewers
    is_changed: bool = False  # stands elsewhere in the variant that it is compared with
    is_time_pinned: bool = False
    is_room_pinned: bool = False
    people: tuple[str, ...] = ()  # who teaches, by name where it is known, else by code
    place: RoomName | None = None  # the room as people know it
    weeks: str = ""  # in words; empty: every week
    is_elective: bool = False  # in the week of a curriculum of whose students only some attend it

    @property
    def is_broken(self) -> bool:
        return any(mark.is_hard for mark in self.marks)

    @property
    def warnings(self) -> list[tuple[str, bool, int]]:
        """The marks summed up by constraint: label, whether it is a rule, amount."""
        amounts: dict[tuple[str, bool], int] = defaultdict(int)
        for mark in self.marks:
            amounts[mark.label, mark.is_hard] += mark.amount
        return [(label, is_hard, amount) for (label, is_hard), amount in amounts.items()]

    @property
    def pin_words(self) -> str:
        """What is pinned: time, room or both; empty where nothing is."""
        parts = [word for word, is_so in (("time", self.is_time_pinned), ("room", self.is_room_pinned)) if is_so]
        return " and ".join(parts)


@dataclass(frozen=True)
class Cell:
    """One table cell: a card that spans ``row_span`` periods, or ``col_span`` empty lanes of a day."""

    card: Card | None
    row_span: int = 1
    col_span: int = 1


@dataclass(frozen=True)
class GridDay:
    """A column. It has as many lanes as lectures that run at once, so that none is hidden."""

    index: int
    name: str
    num_lanes: int


@dataclass(frozen=True)
class GridRow:
    """A period: its clock times, and for each day the cells that start in it."""

    period: int
    starts_at: str
    ends_at: str
    is_lunch: bool
    break_after: bool
    days: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Grid:
    by: str
    key: str
    days: tuple[GridDay, ...]
    rows: tuple[GridRow, ...]
    unplaced: tuple[Card, ...]

    @property
    def cards(self) -> list[Card]:
        return [cell.card for row in self.rows for cells in row.days for cell in cells if cell.card]


@dataclass(frozen=True)
class Choice:
    key: str
    label: str


@dataclass(frozen=True)
class CompareRow:
    """One criterion over the variants, in their order; ``best`` holds the positions of the smallest amounts.

    ``found`` says what is counted of it, where that is known, and ``costs`` what it adds to the score.
    """

    criterion: str
    label: str
    is_hard: bool
    amounts: tuple[int, ...]
    best: frozenset[int]
    found: tuple[str, ...]
    costs: tuple[str, ...]

    @property
    def is_total(self) -> bool:
        return self.criterion in ("hard", "soft")

    @property
    def cells(self) -> list[dict[str, Any]]:
        rows = zip(self.amounts, self.found, self.costs, strict=True)
        return [
            {"amount": amount, "found": found, "cost": cost, "is_best": place in self.best}
            for place, (amount, found, cost) in enumerate(rows)
        ]


@dataclass(frozen=True)
class Difference:
    first: Variant
    second: Variant
    num_lectures: int
    total: int


@dataclass(frozen=True)
class Comparison:
    variants: tuple[Variant, ...]
    rows: tuple[CompareRow, ...]
    differences: tuple[Difference, ...]


def entries_filter(entries: QuerySet[Entry], *, by: By, key: str) -> QuerySet[Entry]:
    """The entries of one section, room, instructor or curriculum; of the last with what its students attend by choice."""
    if by in ("section", "room"):
        return entries.filter(**{by: key})
    columns = ("instructors",) if by == "instructor" else ("curricula", "electives")
    if connection.features.supports_json_field_contains:
        listed = [Q(**{f"{column}__contains": [key]}) for column in columns]
        return entries.filter(reduce(or_, listed))
    # SQLite keeps the list as the text json.dumps made; the quotes keep "A" from matching "AB".
    places = {f"place_in_{column}": StrIndex(Cast(column, TextField()), Value(json.dumps(key))) for column in columns}
    return entries.alias(**places).filter(reduce(or_, [Q(**{f"{place}__gt": 0}) for place in places]))


def grid_build(
    variant: Variant,
    *,
    by: By,
    key: str,
    with_violations: bool = True,
    comments: Mapping[int, int] | None = None,
    names: Mapping[str, str] | None = None,
    rooms: Mapping[str, RoomName] | None = None,
) -> Grid:
    """The week of ``key``, with violations marked when ``with_violations``. Four queries: entries, the term's periods, who teaches, where.

    ``comments``: how many open threads each lecture has. ``names`` of instructors and ``rooms`` by code, where they are known already.
    """
    chosen = entries_filter(variant.entries.all(), by=by, key=key)
    return grid_of(variant, list(chosen), by=by, key=key, with_violations=with_violations, comments=comments, names=names, rooms=rooms)


def grid_of(
    variant: Variant,
    entries: Sequence[Entry],
    *,
    by: str,
    key: str,
    with_violations: bool = True,
    comments: Mapping[int, int] | None = None,
    names: Mapping[str, str] | None = None,
    rooms: Mapping[str, RoomName] | None = None,
    conflicts: Iterable[dict[str, Any]] | None = None,
    week: int = 0,
) -> Grid:
    """The week of these lectures, whoever's they are. ``conflicts``: the variant's, where they are known already.

    ``week`` of the term: only what is held in that one; 0: what is held in any.
    """
    entries = [entry for entry in entries if lecture_of(entry).is_in(week)] if week else entries
    num_weeks = weeks_dated(variant.job.term).num_weeks
    comments = comments or {}
    names = _names_of(variant, entries) if names is None else names
    rooms = rooms_named(variant.job.organization_id) if rooms is None else rooms
    lectures = {entry.lecture for entry in entries}
    marks = marks_by_lecture(variant, lectures=lectures, conflicts=conflicts) if with_violations else {}
    cards = [
        Card(
            lecture,
            marks=marks.get(lecture.number, ()),
            num_comments=comments.get(lecture.number, 0),
            is_time_pinned=entry.is_time_pinned,
            is_room_pinned=entry.is_room_pinned,
            people=tuple(names.get(code) or code for code in lecture.instructors),
            place=place_of(lecture, rooms),
            is_elective=lecture.is_elective(by=by, key=key),
            weeks=lecture.weeks_words(num_weeks),
        )
        for entry, lecture in ((entry, lecture_of(entry)) for entry in entries)
    ]
    by_number = {card.lecture.number: card for card in cards}
    placed = [card.lecture for card in cards if card.lecture.is_placed]
    clocks = clocks_of(variant.job, num_rows=max((lecture.end for lecture in placed), default=0))
    lanes = [lanes_of(lecture for lecture in placed if lecture.day == day) for day in range(_num_days(variant.job, placed))]
    days = tuple(GridDay(day, DAY_NAMES[day % 7], max(1, len(lanes[day]))) for day in range(len(lanes)))
    rows = tuple(
        GridRow(
            clock.period,
            clock.starts_at,
            clock.ends_at,
            clock.is_lunch,
            clock.break_after,
            tuple(_cells(day_lanes, clock.period, len(clocks), by_number) for day_lanes in lanes),
        )
        for clock in clocks
    )
    return Grid(by, key, days, rows, tuple(card for card in cards if not card.lecture.is_placed))


def _names_of(variant: Variant, entries: Sequence[Entry]) -> dict[str, str]:
    """The instructors of these lectures by code. One query."""
    codes = {code for entry in entries for code in entry.instructors}
    found = Instructor.objects.filter(organization=variant.job.organization_id, code__in=codes)
    return dict(found.values_list("code", "name"))


def grid_choices(variant: Variant) -> dict[By, list[Choice]]:
    """Whose week can be shown: codes in the variant, with words beside them."""
    found: dict[By, dict[str, str]] = {by: {} for by in BY}
    naming = Naming(variant.job.organization_id)
    for section, title, room, instructors, curricula in variant.entries.values_list("section", "title", "room", "instructors", "curricula"):
        found["section"][section] = f"{section} {title}".strip()
        if room and not is_without_room(room, naming.rooms):
            found["room"][room] = naming.room_label(room)
        found["instructor"].update((code, code) for code in instructors)
        found["curriculum"].update((code, code) for code in curricula)
    people = Instructor.objects.filter(organization=variant.job.organization_id).values_list("code", "name")
    found["instructor"].update((code, f"{name} ({code})") for code, name in people if name and code in found["instructor"])
    found["curriculum"] = {code: naming.curriculum_label(code) for code in found["curriculum"]}
    return {by: [Choice(key, found[by][key]) for key in sorted(found[by], key=reading_order)] for by in BY}


def variants_compare(job: GenerationJob) -> Comparison:
    """Every criterion by variant, and how many lectures differ between each two. One query a variant."""
    variants = tuple(job.variants.defer("conflicts", "certificate"))
    hard = {name for name, constraint in CONSTRAINTS.items() if constraint.is_hard}
    criteria = {criterion for variant in variants for criterion in variant.breakdown}
    counts = [counts_read(variant) for variant in variants]
    rows = [
        _compare_row("hard", messages.HARD_TOTAL, True, [variant.hard for variant in variants], counts),
        _compare_row("soft", messages.SOFT_TOTAL, False, [variant.soft for variant in variants], counts),
    ]
    for criterion in sorted(criteria, key=lambda name: (name not in hard, name)):
        amounts = [variant.breakdown.get(criterion, 0) for variant in variants]
        if any(amounts):
            rows.append(_compare_row(criterion, messages.constraint_label(criterion), criterion in hard, amounts, counts))
    return Comparison(variants, tuple(rows), tuple(_differences(variants)))


def marks_by_lecture(
    variant: Variant, *, lectures: set[int], conflicts: Iterable[dict[str, Any]] | None = None
) -> dict[int, tuple[Mark, ...]]:
    """The violations of each of these lectures, hard first."""
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    rows = Conflicts(variant.pk) if conflicts is None else conflicts
    about_them = [row for row in rows if not lectures.isdisjoint(row.get("lectures", []))]
    naming = Naming(variant.job.organization_id)
    for row in sorted(about_them, key=lambda row: not row["is_hard"]):
        label = messages.constraint_label(row["constraint"])
        mark = Mark(row["constraint"], label, row["is_hard"], row["amount"], *violation_text(row, naming))
        for lecture in lectures.intersection(row["lectures"]):
            found[lecture].append(mark)
    return {lecture: tuple(marks) for lecture, marks in found.items()}


def _num_days(job: GenerationJob, lectures: Iterable[Lecture]) -> int:
    stated = job.term.num_days if job.term is not None else 0
    return max([stated] + [lecture.day + 1 for lecture in lectures if lecture.day is not None])


def place_of(lecture: Lecture, rooms: Mapping[str, RoomName]) -> RoomName | None:
    """The lecture's room, by its code alone where it is gone by now."""
    return rooms.get(lecture.room, RoomName(lecture.room)) if lecture.room else None


def lanes_of(lectures: Iterable[Lecture]) -> list[list[Lecture]]:
    """Deals a day's lectures to lanes in which none overlap: the fewest, by taking them in order of start."""
    lanes: list[list[Lecture]] = []
    for lecture in sorted(lectures, key=lambda each: (each.period or 0, each.section, each.number)):
        for lane in lanes:
            if lane[-1].end <= (lecture.period or 0):
                lane.append(lecture)
                break
        else:
            lanes.append([lecture])
    return lanes


def _cells(lanes: list[list[Lecture]], period: int, num_periods: int, cards: Mapping[int, Card]) -> tuple[Cell, ...]:
    """The table cells of one day that begin in this period; neighbouring empty lanes become one cell. ``cards`` by lecture."""
    cells: list[Cell] = []
    for lane in lanes or [[]]:
        here = next((lecture for lecture in lane if (lecture.period or 0) <= period < lecture.end), None)
        if here is not None and here.period == period:
            cells.append(Cell(cards[here.number], row_span=min(here.length, num_periods - period)))
        elif here is None and cells and cells[-1].card is None:
            cells[-1] = Cell(None, col_span=cells[-1].col_span + 1)
        elif here is None:
            cells.append(Cell(None))
    return tuple(cells)


def _compare_row(
    criterion: str, label: str, is_hard: bool, amounts: list[int], counts: Sequence[Mapping[str, Counted] | None]
) -> CompareRow:
    smallest = min(amounts, default=0)
    best = frozenset(place for place, amount in enumerate(amounts) if amount == smallest)
    found = tuple(found_words(criterion, each) for each in counts)
    costs = tuple(amount_words(criterion, amount) for amount in amounts)
    return CompareRow(criterion, label, is_hard, tuple(amounts), best if len(best) < len(amounts) else frozenset(), found, costs)


def _differences(variants: Sequence[Variant]) -> Iterable[Difference]:
    places = {variant.pk: places_of(variant) for variant in variants}
    for first, second in combinations(variants, 2):
        before, after = places[first.pk], places[second.pk]
        num = len(lectures_elsewhere(before, after)) + len(before.keys() ^ after.keys())
        yield Difference(first, second, num, len(before.keys() | after.keys()))
