"""What a constraint is made of, and what the families of constraints share.

Each function of a family finds every breach of its constraint and says how many units it is worth. A hard
constraint's units are violations; a soft one's are multiplied by the weight of the same name
(`problem.Weights`). `evaluate` only adds up what these functions find, so the exact meaning of
each number stands in the docstring there and nowhere else.

Words used there: *placed*, *occupies* and *busy* as in `schedule.Timetable`; a *lecture-period*
is one placed lecture in one timeslot that it occupies. Lectures without a place count under
``unplaced`` and nowhere else, except that they add no day to ``min_days``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from generation.engine.model.problem import IntArray, Problem, Weights
from generation.engine.model.schedule import SlotLectures, Timetable

# What the numbers of a finding are. A relation takes two of them (`problem.BEFORE` ..., days), a limit three
# (`problem.BUSY_PERIODS` ..., 1 if it is the least, the number); the lists take all that are left; a place
# is a room where the finding names one, and a timeslot otherwise.
ValueKind = Literal["count", "room_kind", "features", "room", "rooms", "building", "section", "slot", "place", "relation", "limit"]
# Whom a finding is about.
Who = Literal["instructors", "curricula", "students", "rooms", "sections"]


class Finding(NamedTuple):
    """One breach: ``amount`` units, and what it concerns (-1 and empty: nothing of that sort)."""

    amount: int
    lectures: tuple[int, ...] = ()
    slot: int = -1
    room: int = -1
    section: int = -1
    instructors: tuple[int, ...] = ()
    curricula: tuple[int, ...] = ()
    pair: tuple[int, int] | None = None  # two sections
    values: tuple[int, ...] = ()  # numbers for the message, of the kinds that the constraint declares


Find = Callable[[Timetable], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Texts:
    """What people read of a constraint, marked for translation with `gettext_noop`.

    ``message`` and ``suggestion`` are templates: ``{lectures}``, ``{time}``, ``{room}``, ``{who}``, ``{amount}``
    (units, unweighted) and the finding's values in the order of their kinds (``{0}``, ``{1}``). ``{0:day}`` is the number
    with its noun: "1 day", "2 days".
    """

    label: str  # a heading for all of its breaches
    sentence: str  # what the constraint requires
    message: str  # what is wrong in one place
    suggestion: str  # what somebody could do about it
    short: str = ""  # of a soft one: a name of two or three words, for the end of a chart's line
    unit: str = ""  # of a soft one: for what its weight is paid, as "for each empty period"


@dataclass(frozen=True, slots=True)
class Unit:
    """What people count of a constraint, which no weight changes.

    ``name`` is a plural, as in ``counts`` of REST; ``also`` is the unit of a second figure, empty where one says all. The second
    figure adds up the findings' amounts, or the first of their values, or counts the different lectures at their timeslots.
    """

    name: str
    also: str = ""
    also_from: Literal["amounts", "values", "times"] = "amounts"


LECTURES, PAIRS = Unit("lectures"), Unit("pairs")

Rows = Callable[[Problem], IntArray]
RowsOf = Callable[[Problem, IntArray], IntArray]
Pattern = Literal["isolated", "gap", "lunch", "daily", "run"]
PATTERNS: tuple[Pattern, ...] = ("isolated", "gap", "lunch", "daily", "run")  # the kernels' columns of a group's weights


@dataclass(frozen=True, slots=True)
class DayPattern:
    """One of the patterns that the kernels see in a day of a curriculum or an instructor (`day_patterns` has them as arrays).

    ``daily`` heeds the limits of curricula and of instructors, ``run`` those of instructors; for instructors they are hard or weighted
    for the whole problem: no hard constraint of a pattern may apply beside a soft one.
    """

    pattern: Pattern
    of_curricula: bool = False
    of_instructors: bool = False


@dataclass(frozen=True, slots=True)
class WeekPattern:
    """Days, or half-days, on which an instructor teaches, beyond the most that each may: those of the problem's open days.

    ``most`` gives ``[I]``, -1 for any number. A hard constraint and soft ones may look for the same.
    """

    block: Literal["day", "half"]
    most: Rows


@dataclass(frozen=True, slots=True)
class Terms:
    """The same constraint as arrays, in the few forms that the compiled search reads; letters as in `problem`.

    Units, unweighted, that add up to those that ``find`` finds. The search, the tally, the effects of moves and the bound of
    the rooms read the terms (of hard constraints ``lecture_pairs``, ``day`` and ``week`` alone); ``find`` and the brute force of the
    tests know nothing of them, so that each checks the other. A constraint without any term needs its own lines in the
    kernels, in `tally.COUNTS` and in `move_effects`.
    """

    section_rooms: RowsOf | None = None  # [sections given, R] a lecture of the section in the room
    section_slots: RowsOf | None = None  # [sections given, T] a lecture-period of the section
    room_slots: Rows | None = None  # [R, T] a lecture-period in the room; empty where nothing costs anything
    section_pairs: Rows | None = None  # [n, 3] section, section, units for each timeslot in which both are busy
    # [n, 6] lecture, lecture, `problem.BEFORE` ... or JOINT, days, hard units, soft units; a constraint counts those of its hardness
    lecture_pairs: Rows | None = None
    day: DayPattern | None = None
    week: WeekPattern | None = None

    @property
    def is_empty(self) -> bool:
        return self == Terms()


def _always(problem: Problem) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of the register: `CONSTRAINTS` has it under its id."""

    id: str
    is_hard: bool
    find: Find
    texts: Texts
    counted: Unit = LECTURES
    values: tuple[ValueKind, ...] = ()
    who: tuple[Who, ...] = ("sections",)  # the first of these that a finding names; its sections where it names none
    terms: Terms = Terms()
    default_weight: int = 1  # of a soft one: the field of `Weights` begins with the same; without a field, the weight
    applies: Callable[[Problem], bool] = _always  # whether it is hard, or soft, in this problem
    in_use: Callable[[Problem], bool] = _always  # whether there is anything that it could say something about

    def weight(self, weights: Weights) -> int:
        return 1 if self.is_hard else int(getattr(weights, self.id, self.default_weight))


declared: dict[str, Constraint] = {}  # by id, as the families' modules are imported


def hard(
    texts: Texts,
    counted: Unit,
    *,
    values: tuple[ValueKind, ...] = (),
    who: tuple[Who, ...] = ("sections",),
    terms: Terms = Terms(),
    applies: Callable[[Problem], bool] = _always,
) -> Callable[[Find], Find]:
    """Declares a hard constraint under the name of the function that finds its breaches."""

    def register(find: Find) -> Find:
        name = find.__name__
        declared[name] = Constraint(name, True, find, texts, counted, values, who, terms, applies=applies)
        return find

    return register


def soft(
    texts: Texts,
    counted: Unit,
    *,
    weight: int,
    values: tuple[ValueKind, ...] = (),
    who: tuple[Who, ...] = ("sections",),
    terms: Terms = Terms(),
    applies: Callable[[Problem], bool] = _always,
    in_use: Callable[[Problem], bool] = _always,
) -> Callable[[Find], Find]:
    """Declares a soft constraint, whose name is a field of `Weights`, with what a unit costs where nobody says otherwise."""

    def register(find: Find) -> Find:
        name = find.__name__
        declared[name] = Constraint(name, False, find, texts, counted, values, who, terms, weight, applies, in_use)
        return find

    return register


def lecture_periods(t: Timetable) -> Iterator[tuple[int, int]]:
    for lecture in t.placed:
        for slot in t.timeslots(lecture):
            yield lecture, slot


def slot_of(t: Timetable, day: int, period: int) -> int:
    return day * t.problem.periods_per_day + period


def worst_week(
    t: Timetable, meetings: SlotLectures, find: Callable[[SlotLectures], Iterable[Finding]], *, by_day: bool = True
) -> Iterator[Finding]:
    """What is found in somebody's week. Where weeks differ: of each day (or of the whole week) what is found in the kind of week in
    which that is most."""
    if len(t.kinds) < 2:
        yield from find(meetings)
        return
    worst: dict[int, list[Finding]] = {}
    for week in t.kinds:
        found: dict[int, list[Finding]] = {}
        for finding in find(t.in_week(meetings, week)):
            found.setdefault(t.day(finding.slot) if by_day else 0, []).append(finding)
        for day, own in found.items():
            if sum(each.amount for each in own) > sum(each.amount for each in worst.get(day, ())):
                worst[day] = own
    for day in sorted(worst):
        yield from worst[day]


def lectures_of(meetings: SlotLectures) -> tuple[int, ...]:
    return distinct(lecture for lectures in meetings.values() for lecture in lectures)


def lectures_of_day(t: Timetable, meetings: SlotLectures, day: int) -> tuple[int, ...]:
    return distinct(lecture for slot, lectures in meetings.items() if t.day(slot) == day for lecture in lectures)


def distinct(lectures: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(lectures)))
