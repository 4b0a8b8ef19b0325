"""FET's kinds of constraints as tables of a `Problem`: a family of kinds for each function, found by the kind's name.

A weight of 100 % makes a rule hard. Below, it costs the more the less FET leaves to chance: each halving of that costs 1, so that
50 % costs 1, 75 % 2 and 99 % 7. At 0 % a rule says nothing, to FET as here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from xml.etree.ElementTree import Element

import numpy as np

from generation.engine.model.problem import (
    ANY_MOST,
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    BoolArray,
    IntArray,
)
from generation.formats.fet_file import MORNINGS_AFTERNOONS, FetActivity, FetFile, is_true, text_of
from generation.formats.unsupported import Unsupported

MAX_PAIRS = 1_000_000
MAX_RULES = 200_000
HARD = 0  # the factor of a hard row
MOST_FACTOR = 20
WEEK = 0  # all days counted together

Set = tuple[int, ...]  # activities, by their number among the active ones


class Tables:
    """What the constraints make of the active activities, row by row."""

    def __init__(self, source: FetFile, unsupported: Unsupported) -> None:
        self.source, self.unsupported = source, unsupported
        self.num_days, self.num_hours = len(source.days), len(source.hours)
        self.num_slots = self.num_days * self.num_hours
        self.activities: list[FetActivity] = [each for each in source.activities if each.is_active]
        self.index = {activity.id: number for number, activity in enumerate(self.activities)}
        self.inactive = {activity.id for activity in source.activities if not activity.is_active}
        self.atoms_of = [frozenset().union(*(source.atoms[name] for name in each.students)) for each in self.activities]
        self.of_atom = _sets((sorted(atoms), number) for number, atoms in enumerate(self.atoms_of))
        self.of_teacher = _sets((each.teachers, number) for number, each in enumerate(self.activities))
        self.rooms = {room.name: number for number, room in enumerate(source.rooms)}
        count = len(self.activities)
        self.breaks = np.zeros(self.num_slots, dtype=np.bool_)
        self.activity_open = np.ones((count, self.num_slots), dtype=np.bool_)
        self.start_open = np.ones((count, self.num_slots), dtype=np.bool_)
        self.dislike = np.zeros((count, self.num_slots), dtype=np.int32)
        self.teacher_open = {teacher.name: np.ones(self.num_slots, dtype=np.bool_) for teacher in source.teachers}
        self.atom_open = {atom: np.ones(self.num_slots, dtype=np.bool_) for atom in self.of_atom}
        self.room_dislike = np.zeros((len(source.rooms), self.num_slots), dtype=np.int32)
        self.room_open = np.ones((len(source.rooms), self.num_slots), dtype=np.bool_)
        self.pins: dict[int, int] = {}
        self.pairs: dict[tuple[int, int, int, int], int] = {}  # lecture, lecture, kind, days: factor
        self.joint: list[tuple[int, int, int]] = []
        self.apart: set[tuple[int, int]] = set()
        self.rules: dict[tuple[Set, int, int, int, int, int, bytes], int] = {}
        self.room_wishes: list[list[tuple[BoolArray, int]]] = [[] for _ in range(count)]
        self.home_wishes: list[list[tuple[BoolArray, int]]] = [[] for _ in range(count)]

    # What the families read.

    def activity(self, element: Element, word: str) -> int | None:
        """The number of an activity by its id; None where it is not active."""
        word = word.strip()
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 12 else -1
        if number in self.inactive:
            return None
        if number not in self.index:
            raise self.source.error(element.tag, f"there is no activity {word[:40]!r}.")
        return self.index[number]

    def listed(self, element: Element, tag: str = "Activity_Id") -> list[int]:
        found = [self.activity(element, each.text or "") for each in element.findall(tag)]
        return list(dict.fromkeys(each for each in found if each is not None))

    def number(self, element: Element, tag: str, high: int = 10_000) -> int:
        word = text_of(element, tag).strip()
        if not (word.isascii() and word.isdigit() and len(word) < 12 and int(word) <= high):
            raise self.source.error(element.tag, f"{tag} is {word[:40]!r}, which is not a whole number from 0 to {high:,}.")
        return int(word)

    def times(self, element: Element, tag: str, prefix: str = "") -> BoolArray:
        """[T] the times that an element lists."""
        found = np.zeros(self.num_slots, dtype=np.bool_)
        for each in element.findall(tag):
            found[self.source.slot(text_of(each, f"{prefix}Day"), text_of(each, f"{prefix}Hour"), element.tag)] = True
        return found

    def filtered(self, element: Element) -> list[int]:
        """The active activities that a filter of teacher, students, subject, tag, length and component lets through."""
        teacher, students = text_of(element, "Teacher_Name"), text_of(element, "Students_Name")
        subject, tag = text_of(element, "Subject_Name"), text_of(element, "Activity_Tag_Name")
        duration, component = text_of(element, "Duration"), text_of(element, "Component_Number")
        atoms = self.atoms(element, students) if students else frozenset()
        return [
            number
            for number, each in enumerate(self.activities)
            if (not teacher or teacher in each.teachers)
            and (not students or not atoms.isdisjoint(self.atoms_of[number]))
            and (not subject or subject == each.subject)
            and (not tag or tag in each.tags)
            and (not duration or self.number(element, "Duration") == each.duration)
            and (not component or each.is_component(self.number(element, "Component_Number")))
        ]

    def atoms(self, element: Element, students: str) -> frozenset[str]:
        if students not in self.source.atoms:
            raise self.source.error(element.tag, f"there are no students {students[:40]!r}.")
        return self.source.atoms[students]

    def teacher(self, element: Element, name: str) -> str:
        if name not in self.teacher_open:
            raise self.source.error(element.tag, f"there is no teacher {name[:40]!r}.")
        return name

    def room_set(self, element: Element, *, tag: str) -> BoolArray:
        found = np.zeros(len(self.source.rooms), dtype=np.bool_)
        for each in element.findall(tag):
            name = each.text or ""
            if name not in self.rooms:
                raise self.source.error(element.tag, f"there is no room {name[:40]!r}.")
            found[self.rooms[name]] = True
        return found

    # What the families write.

    def pair(self, a: int, b: int, kind: int, number: int, factor: int) -> None:
        if a == b:
            return
        key = (a, b, kind, number)
        earlier = self.pairs.get(key)
        # The same rule twice: hard stays hard, and of two wishes the stronger counts, as the other says nothing more.
        self.pairs[key] = factor if earlier is None else HARD if HARD in (earlier, factor) else max(earlier, factor)
        self.pairs_check(len(self.pairs))

    def pairs_check(self, number: int) -> None:
        """Before they fill the memory: a list of 1,000 activities has half a million, and a file has many lists."""
        if number > MAX_PAIRS:
            raise self.source.error("Time_Constraints_List", f"there are more than {MAX_PAIRS:,} pairs of activities under some rule.")

    def rule(
        self,
        members: Sequence[int],
        measure: int,
        block: int,
        factor: int,
        *,
        least: int = 0,
        most: int = ANY_MOST,
        empty: bool = False,
        looks: BoolArray,
    ) -> None:
        if not members:
            return
        key = (tuple(members), measure, block, least, most, int(empty), looks.tobytes())
        earlier = self.rules.get(key)
        self.rules[key] = factor if earlier is None else HARD if HARD in (earlier, factor) else max(earlier, factor)
        if len(self.rules) > MAX_RULES:
            raise self.source.error("Time_Constraints_List", f"there are more than {MAX_RULES:,} rules on somebody's days or week.")

    @property
    def everywhen(self) -> BoolArray:
        return np.ones(self.num_slots, dtype=np.bool_)

    def of_days(self, chosen: Callable[[int], bool]) -> BoolArray:
        days = np.array([chosen(day) for day in range(self.num_days)], dtype=np.bool_)
        found: BoolArray = np.repeat(days, self.num_hours)
        return found

    @property
    def breaks_inside(self) -> bool:
        """Whether a break lies between hours of its day that are none."""
        hours = ~self.breaks.reshape(self.num_days, self.num_hours)
        inside = np.logical_or.accumulate(hours, axis=1) & np.logical_or.accumulate(hours[:, ::-1], axis=1)[:, ::-1] & ~hours
        return bool(inside.any())


def _sets(rows: Iterable[tuple[Iterable[str], int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for names, number in rows:
        for name in names:
            found.setdefault(name, []).append(number)
    return found


def factor_of(element: Element, source: FetFile) -> int | None:
    """0 of a hard rule, what a breach of another costs, and None of a rule that says nothing."""
    word = text_of(element, "Weight_Percentage", "100")
    try:
        weight = float(word)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 100:
        raise source.error(element.tag, f"its weight {word[:40]!r} is not a number from 0 to 100.")
    if weight == 100:
        return HARD
    return None if weight == 0 else max(1, min(MOST_FACTOR, round(-math.log2(1 - weight / 100))))


Family = Callable[[Tables, Element, int], None]
_BY_KIND: dict[str, Family] = {}
FIRST = ("ConstraintBreakTimes", "ConstraintTeacherNotAvailableTimes", "ConstraintStudentsSetNotAvailableTimes")


def family(*kinds: str) -> Callable[[Family], Family]:
    def register(function: Family) -> Family:
        _BY_KIND.update({f"Constraint{kind}": function for kind in kinds})
        return function

    return register


def constraints_apply(tables: Tables) -> None:
    """Every active constraint of the file goes into the tables, or is counted as not supported.

    When people are there is known first: gaps are counted in what is open to them.
    """
    for is_first in (True, False):
        for element in tables.source.constraints:
            if (element.tag in FIRST) != is_first:
                continue
            factor = factor_of(element, tables.source)
            if factor is None:
                continue
            apply = _BY_KIND.get(element.tag) or (_person_rule if PERSON.fullmatch(element.tag) else None)
            if apply is None:
                tables.unsupported.add(element.tag)
            else:
                apply(tables, element, factor)
    _half_days(tables)


@family("BasicCompulsoryTime", "BasicCompulsorySpace")
def _basic(tables: Tables, element: Element, factor: int) -> None:
    """That nobody is in two places at once, that nothing leaves its day, and that everybody has a seat: always kept."""
    if factor != HARD:
        tables.unsupported.add(f"{element.tag} below 100 %")


# When somebody or something is there.


@family("BreakTimes")
def _breaks(tables: Tables, element: Element, factor: int) -> None:
    if _hard_only(tables, element, factor):
        tables.breaks |= tables.times(element, "Break_Time")


@family("TeacherNotAvailableTimes")
def _teacher_times(tables: Tables, element: Element, factor: int) -> None:
    if _hard_only(tables, element, factor):
        tables.teacher_open[tables.teacher(element, text_of(element, "Teacher"))] &= ~tables.times(element, "Not_Available_Time")


@family("StudentsSetNotAvailableTimes")
def _students_times(tables: Tables, element: Element, factor: int) -> None:
    if _hard_only(tables, element, factor):
        closed = tables.times(element, "Not_Available_Time")
        for atom in tables.atoms(element, text_of(element, "Students")):
            if atom in tables.atom_open:
                tables.atom_open[atom] &= ~closed
        # An atom that attends nothing yet has no row.


@family("RoomNotAvailableTimes")
def _room_times(tables: Tables, element: Element, factor: int) -> None:
    name = text_of(element, "Room")
    if name not in tables.rooms:
        raise tables.source.error(element.tag, f"there is no room {name[:40]!r}.")
    closed = tables.times(element, "Not_Available_Time")
    if factor == HARD:
        tables.room_open[tables.rooms[name]] &= ~closed
    else:
        tables.room_dislike[tables.rooms[name]] += (closed * factor).astype(np.int32)


def _hard_only(tables: Tables, element: Element, factor: int) -> bool:
    if factor != HARD:
        tables.unsupported.add(f"{element.tag} below 100 %")
    return factor == HARD


# When activities are.


@family("ActivityPreferredStartingTime")
def _starting_time(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is None:
        return
    day, hour = text_of(element, "Preferred_Day") or text_of(element, "Day"), text_of(element, "Preferred_Hour") or text_of(element, "Hour")
    if not day or not hour:  # FET lets either be empty: any day, or any hour
        allowed = np.ones((tables.num_days, tables.num_hours), dtype=np.bool_)
        if day:
            allowed &= (np.arange(tables.num_days) == tables.source.slot(day, tables.source.hours[0], element.tag) // tables.num_hours)[
                :, None
            ]
        if hour:
            allowed &= (np.arange(tables.num_hours) == tables.source.slot(tables.source.days[0], hour, element.tag))[None, :]
        _starts(tables, [number], allowed.reshape(-1), factor)
        return
    slot = tables.source.slot(day, hour, element.tag)
    _starts(tables, [number], np.arange(tables.num_slots) == slot, factor)


@family("ActivityPreferredDay")
def _preferred_day(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is not None:
        day = tables.source.slot(text_of(element, "Preferred_Day"), tables.source.hours[0], element.tag) // tables.num_hours
        _starts(tables, [number], tables.of_days(lambda each: each == day), factor)


@family("ActivityPreferredStartingTimes")
def _starting_times_of_one(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is not None:
        _starts(tables, [number], tables.times(element, "Preferred_Starting_Time", "Preferred_Starting_"), factor)


@family("ActivitiesPreferredStartingTimes", "SubactivitiesPreferredStartingTimes")
def _starting_times(tables: Tables, element: Element, factor: int) -> None:
    _starts(tables, tables.filtered(element), tables.times(element, "Preferred_Starting_Time", "Preferred_Starting_"), factor)


def _starts(tables: Tables, numbers: list[int], allowed: BoolArray, factor: int) -> None:
    for number in numbers:
        if factor == HARD:
            tables.start_open[number] &= allowed
        else:
            tables.rule([number], OTHER_STARTS, WEEK, factor, most=0, looks=allowed)


@family("ActivityPreferredTimeSlots")
def _slots_of_one(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is not None:
        _slots(tables, [number], tables.times(element, "Preferred_Time_Slot", "Preferred_"), factor)


@family("ActivitiesPreferredTimeSlots", "SubactivitiesPreferredTimeSlots")
def _slots_of_all(tables: Tables, element: Element, factor: int) -> None:
    _slots(tables, tables.filtered(element), tables.times(element, "Preferred_Time_Slot", "Preferred_"), factor)


def _slots(tables: Tables, numbers: list[int], allowed: BoolArray, factor: int) -> None:
    if factor == HARD:
        tables.activity_open[numbers] &= allowed
    else:
        tables.dislike[numbers] += (~allowed * factor).astype(np.int32)


# How activities stand to one another.


def _in_whole_days(tables: Tables, element: Element) -> bool:
    """Whether two of the file's days are one: FET counts so between activities, unless the constraint says half days."""
    return tables.source.mode == MORNINGS_AFTERNOONS and "HalfDays" not in element.tag


@family("MinDaysBetweenActivities", "MinHalfDaysBetweenActivities")
def _min_days(tables: Tables, element: Element, factor: int) -> None:
    apart, grouped = (DAY_PAIRS_APART, GROUPED_IN_DAY_PAIR) if _in_whole_days(tables, element) else (DAYS_APART, GROUPED_IN_DAY)
    days, adjoin = tables.number(element, "MinDays", tables.num_days), is_true(element, "Consecutive_If_Same_Day", default=False)
    for a, b in _combinations(tables, tables.listed(element)):
        tables.pair(a, b, apart, days, factor)
        if adjoin and factor != HARD:  # FET lets them come too close, but then on end: that is no matter of weight
            tables.pair(a, b, grouped, 0, HARD)


@family("MaxDaysBetweenActivities", "MaxHalfDaysBetweenActivities")
def _max_days(tables: Tables, element: Element, factor: int) -> None:
    within = DAY_PAIRS_WITHIN if _in_whole_days(tables, element) else DAYS_WITHIN
    days = tables.number(element, "MaxDays", tables.num_days)
    for a, b in _combinations(tables, tables.listed(element)):
        tables.pair(a, b, within, days, factor)


@family("MinGapsBetweenActivities")
def _min_gaps(tables: Tables, element: Element, factor: int) -> None:
    gaps = tables.number(element, "MinGaps", tables.num_hours)
    for a, b in _combinations(tables, tables.listed(element)):
        tables.pair(a, b, PERIODS_APART_IN_DAY, gaps, factor)


@family("ActivitiesSameStartingTime")
def _same_time(tables: Tables, element: Element, factor: int) -> None:
    found = tables.listed(element)
    # Hard rows are as strong from one to each other; of wishes each pair counts.
    pairs = [(found[0], each) for each in found[1:]] if factor == HARD else _combinations(tables, found)
    tables.joint += [(a, b, factor) for a, b in pairs]
    tables.pairs_check(len(tables.joint))


@family("ActivitiesSameStartingDay")
def _same_day(tables: Tables, element: Element, factor: int) -> None:
    for a, b in _combinations(tables, tables.listed(element)):
        tables.pair(a, b, SAME_DAY, 0, factor)


@family("ActivitiesSameStartingHour")
def _same_hour(tables: Tables, element: Element, factor: int) -> None:
    for a, b in _combinations(tables, tables.listed(element)):
        tables.pair(a, b, SAME_PERIOD, 0, factor)


@family("ActivitiesNotOverlapping")
def _not_overlapping(tables: Tables, element: Element, factor: int) -> None:
    if _hard_only(tables, element, factor):
        tables.apart |= {(min(pair), max(pair)) for pair in _combinations(tables, tables.listed(element))}
        tables.pairs_check(len(tables.apart))


@family("ActivityTagsNotOverlapping")
def _tags_not_overlapping(tables: Tables, element: Element, factor: int) -> None:
    """Activities of different tags of the list."""
    if not _hard_only(tables, element, factor):
        return
    tags = list(dict.fromkeys(each.text or "" for each in element.findall("Activity_Tag")))
    with_tag = [[number for number, each in enumerate(tables.activities) if tag in each.tags] for tag in tags]
    if sum(len(a) * len(b) for a, b in combinations(with_tag, 2)) > MAX_PAIRS:
        raise tables.source.error(element.tag, f"more than {MAX_PAIRS:,} pairs of activities must not overlap.")
    for first, second in combinations(with_tag, 2):
        tables.apart |= {(min(a, b), max(a, b)) for a in first for b in second if a != b}
    tables.pairs_check(len(tables.apart))


def _combinations(tables: Tables, found: list[int]) -> Iterable[tuple[int, int]]:
    if len(found) ** 2 > MAX_PAIRS:
        raise tables.source.error("Time_Constraints_List", f"one constraint names {len(found):,} activities.")
    return combinations(found, 2)


@family("TwoActivitiesOrdered", "TwoActivitiesOrderedIfSameDay", "TwoActivitiesConsecutive", "TwoActivitiesGrouped")
def _two(tables: Tables, element: Element, factor: int) -> None:
    kind = {"Ordered": BEFORE, "OrderedIfSameDay": BEFORE_IN_DAY, "Consecutive": CONSECUTIVE, "Grouped": GROUPED}[
        element.tag.removeprefix("ConstraintTwoActivities")
    ]
    if kind in (CONSECUTIVE, GROUPED) and tables.breaks_inside:
        tables.unsupported.add(f"{element.tag} across breaks inside a day")
        return
    a, b = (tables.activity(element, text_of(element, f"{each}_Activity_Id")) for each in ("First", "Second"))
    if a is not None and b is not None:
        tables.pair(a, b, kind, 0, factor)


@family("ActivityEndsStudentsDay")
def _ends_day_of_one(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is not None:
        _ends_day(tables, [number], factor)


@family("ActivitiesEndStudentsDay")
def _ends_day_of_all(tables: Tables, element: Element, factor: int) -> None:
    _ends_day(tables, tables.filtered(element), factor)


def _ends_day(tables: Tables, numbers: list[int], factor: int) -> None:
    """Whoever shares students with the activity comes before it on its day."""
    for number in numbers:
        for other in {each for atom in tables.atoms_of[number] for each in tables.of_atom[atom]} - {number}:
            tables.pair(other, number, BEFORE_IN_DAY, 0, factor)


@family(
    "ActivitiesOccupyMaxTimeSlotsFromSelection",
    "ActivitiesOccupyMinTimeSlotsFromSelection",
)
def _selected_times(tables: Tables, element: Element, factor: int) -> None:
    looks, found = tables.times(element, "Selected_Time_Slot", "Selected_"), tables.listed(element)
    if "Max" in element.tag:
        most = tables.number(element, "Max_Number_of_Occupied_Time_Slots")
        tables.rule(found, BUSY_PERIODS, WEEK, factor, most=most, looks=looks)
    else:
        least = tables.number(element, "Min_Number_of_Occupied_Time_Slots")
        tables.rule(found, BUSY_PERIODS, WEEK, factor, least=least, empty=True, looks=looks)


# Days and weeks of people.

PERSON = re.compile(
    "Constraint(?P<who>Teachers|Teacher|StudentsSet|Students)(?P<tag>ActivityTag)?(?P<what>"
    "MaxGapsPer(Week|Day|RealDay)|M(ax|in)HoursDaily(RealDays)?|MaxHoursContinuously|M(ax|in)(Real)?DaysPerWeek|MaxSpanPer(Day|RealDay)"
    "|IntervalMaxDaysPerWeek|EarlyMaxBeginningsAtSecondHour|Max(Mornings|Afternoons)PerWeek|MinHoursPer(Morning|Afternoon)"
    "|MaxZeroGapsPerAfternoon)"
)


def _person_rule(tables: Tables, element: Element, factor: int) -> None:
    found = PERSON.fullmatch(element.tag)
    assert found is not None
    what, add = found["what"], _Adder(tables, element, factor, found)
    has_halves = tables.source.mode == MORNINGS_AFTERNOONS
    of_halves = "Real" in what or "Morning" in what or "Afternoon" in what
    if (of_halves and not has_halves) or is_true(element, "Allow_One_Day_Exception_of_Plus_One", default=False):
        tables.unsupported.add(element.tag)
        return
    add.rules(what)


class _Adder:
    """One constraint of one or many people: its rules for each of them."""

    def __init__(self, tables: Tables, element: Element, factor: int, found: re.Match[str]) -> None:
        self.tables, self.element, self.factor = tables, element, factor
        self.who, self.has_tag = found["who"], found["tag"] is not None

    def people(self) -> Iterable[tuple[list[int], BoolArray]]:
        """The activities of each person or atom, with the times that are open to them."""
        tables = self.tables
        if self.who.startswith("Teacher"):
            one = text_of(self.element, "Teacher_Name") or text_of(self.element, "Teacher")
            names = [tables.teacher(self.element, one)] if self.who == "Teacher" else list(tables.of_teacher)
            found = [(tables.of_teacher.get(name, []), tables.teacher_open[name]) for name in names]
        else:
            atoms: Iterable[str] = tables.of_atom
            if self.who == "StudentsSet":
                atoms = sorted(tables.atoms(self.element, text_of(self.element, "Students")))
            found = [(tables.of_atom[atom], tables.atom_open[atom]) for atom in atoms if atom in tables.of_atom]
        if not self.has_tag:
            return found
        tag = text_of(self.element, "Activity_Tag_Name") or text_of(self.element, "Activity_Tag")
        return [([each for each in members if tag in tables.activities[each].tags], open_) for members, open_ in found]

    def rules(self, what: str) -> None:
        tables, element = self.tables, self.element
        everywhen = tables.everywhen
        block = 2 if what.endswith(("RealDay", "RealDays")) else 1
        empty = not is_true(element, "Allow_Empty_Days", default=self.who.startswith("Teacher"))
        number = _number_of(tables, element)
        if what.startswith("MaxGaps"):
            self.add(IDLE_PERIODS, WEEK if what.endswith("Week") else block, most=number)
        elif what == "MaxZeroGapsPerAfternoon":
            self.add(IDLE_PERIODS, 1, most=0, looks=tables.of_days(lambda day: day % 2 == 1))
        elif what.startswith("MaxHoursDaily"):
            self.add(BUSY_PERIODS, block, most=number, looks=everywhen)
        elif what.startswith("MinHoursDaily"):
            if empty and block == 1 and tables.source.mode == MORNINGS_AFTERNOONS:
                # Halves of days may be empty there, days may not: so it is in all finished timetables among FET's examples.
                self.add(BUSY_PERIODS, 1, least=number, looks=everywhen)
                self.add(BUSY_PERIODS, 2, least=number, empty=True, looks=everywhen)
            else:
                self.add(BUSY_PERIODS, block, least=number, empty=empty, looks=everywhen)
        elif what.startswith("MinHoursPer"):
            odd = int(what.endswith("Afternoon"))
            empty = not is_true(element, "Allow_Empty_Mornings", default=is_true(element, "Allow_Empty_Afternoons", default=True))
            if empty:  # each for itself: those of the other half are not to be counted as empty
                for half in range(odd, tables.num_days, 2):
                    self.add(BUSY_PERIODS, WEEK, least=number, empty=True, looks=tables.of_days({half}.__contains__))
            else:
                self.add(BUSY_PERIODS, 1, least=number, looks=tables.of_days(lambda day: day % 2 == odd))
        elif what == "MaxHoursContinuously":
            self.add(LONGEST_RUN, 1, most=number, looks=everywhen)
        elif what.startswith("MaxSpan"):
            if block == 1:
                self.add(SPAN, 1, most=number, looks=everywhen)
            else:
                tables.unsupported.add(element.tag)
        elif what == "EarlyMaxBeginningsAtSecondHour":
            self.add(LATE_PERIODS, 1, most=1)
            self.add(LATE_DAYS, WEEK, most=number)
        elif what == "IntervalMaxDaysPerWeek":
            self.add(BUSY_DAYS, WEEK, most=number, looks=_interval(tables, element))
        elif what in ("MaxMorningsPerWeek", "MaxAfternoonsPerWeek"):
            odd = int("Afternoon" in what)
            self.add(BUSY_DAYS, WEEK, most=number, looks=tables.of_days(lambda day: day % 2 == odd))
        else:
            measure = BUSY_DAY_PAIRS if "Real" in what else BUSY_DAYS
            if what.startswith("Min"):
                self.add(measure, WEEK, least=number, empty=True, looks=everywhen)
            else:
                self.add(measure, WEEK, most=number, looks=everywhen)

    def add(
        self, measure: int, block: int, *, least: int = 0, most: int = ANY_MOST, empty: bool = False, looks: BoolArray | None = None
    ) -> None:
        """The rule for each person; without ``looks`` it is about the times that are open to them, of the given ones if there are some."""
        for members, open_ in self.people():
            open_ = open_ & ~self.tables.breaks
            chosen = open_ if looks is None else looks & open_ if measure == IDLE_PERIODS else looks
            self.tables.rule(members, measure, block, self.factor, least=least, most=most, empty=empty, looks=chosen)


def _number_of(tables: Tables, element: Element) -> int:
    """The constraint's limit: the one field of it that begins with Max or Min."""
    for each in element:
        if each.tag.startswith(("Max", "Min")):
            return tables.number(element, each.tag)
    return 0


def _interval(tables: Tables, element: Element) -> BoolArray:
    """From one hour until before another; without an end to the day's."""
    day = tables.source.days[0]
    first = tables.source.slot(day, text_of(element, "Interval_Start_Hour"), element.tag)
    end = text_of(element, "Interval_End_Hour")
    last = tables.source.slot(day, end, element.tag) if end else tables.num_hours
    hours = np.arange(tables.num_hours)
    found: BoolArray = np.tile((hours >= first) & (hours < last), tables.num_days)
    return found


HALF_DAYS = {"": None, "Unrestricted": None, "Exclusive": 0, "One day exception": 1, "Two days exception": 2, "Three days exception": 3}


def _half_days(tables: Tables) -> None:
    """In the mode of mornings and afternoons: teachers who teach in one half of a day only, some days aside."""
    if tables.source.mode != MORNINGS_AFTERNOONS:
        return
    for teacher in tables.source.teachers:
        if teacher.half_days not in HALF_DAYS:
            tables.unsupported.add(f"teacher's mornings and afternoons: {teacher.half_days}")
            continue
        most = HALF_DAYS[teacher.half_days]
        if most is not None:
            members = tables.of_teacher.get(teacher.name, [])
            tables.rule(members, FULL_DAY_PAIRS, WEEK, HARD, most=most, looks=tables.everywhen)


# Rooms.


@family("ActivityPreferredRoom", "ActivityPreferredRooms")
def _rooms_of_one(tables: Tables, element: Element, factor: int) -> None:
    number = tables.activity(element, text_of(element, "Activity_Id"))
    if number is not None:
        tables.room_wishes[number].append((_rooms(tables, element), factor))


@family(
    "SubjectPreferredRoom",
    "SubjectPreferredRooms",
    "ActivityTagPreferredRoom",
    "ActivityTagPreferredRooms",
    "SubjectActivityTagPreferredRoom",
    "SubjectActivityTagPreferredRooms",
)
def _rooms_of_many(tables: Tables, element: Element, factor: int) -> None:
    subject, tag, rooms = text_of(element, "Subject"), text_of(element, "Activity_Tag"), _rooms(tables, element)
    for number, each in enumerate(tables.activities):
        if (not subject or each.subject == subject) and (not tag or tag in each.tags):
            tables.room_wishes[number].append((rooms, factor))


@family("TeacherHomeRoom", "TeacherHomeRooms", "StudentsSetHomeRoom", "StudentsSetHomeRooms")
def _home_rooms(tables: Tables, element: Element, factor: int) -> None:
    """Of activities of that teacher, or students set, alone, for which no room is preferred otherwise."""
    rooms, teacher, students = _rooms(tables, element), text_of(element, "Teacher"), text_of(element, "Students")
    for number, each in enumerate(tables.activities):
        if (each.teachers == (teacher,)) if teacher else (each.students == (students,)):
            tables.home_wishes[number].append((rooms, factor))


def _rooms(tables: Tables, element: Element) -> BoolArray:
    return tables.room_set(element, tag="Room") | tables.room_set(element, tag="Preferred_Room")


@family("ActivitiesOccupyMaxDifferentRooms", "ActivitiesSameRoomIfConsecutive")
def _same_rooms(tables: Tables, element: Element, factor: int) -> None:
    tables.unsupported.add(element.tag)


@family(
    *(
        f"{who}{what}"
        for who in ("Teacher", "Teachers", "StudentsSet", "Students")
        for what in (
            "MaxBuildingChangesPerDay",
            "MaxBuildingChangesPerWeek",
            "MaxBuildingChangesPerRealDay",
            "MinGapsBetweenBuildingChanges",
        )
    )
)
def _buildings(tables: Tables, element: Element, factor: int) -> None:
    """Nobody changes between buildings where the file has no two of them."""
    if len({room.building for room in tables.source.rooms if room.building}) > 1:
        tables.unsupported.add(element.tag)


def rooms_of(tables: Tables) -> tuple[BoolArray, IntArray]:
    """[activities, rooms + 1] which rooms each may have, and what they cost; the last column is "no room"."""
    count, num_rooms = len(tables.activities), len(tables.source.rooms)
    allowed = np.zeros((count, num_rooms + 1), dtype=np.bool_)
    cost = np.zeros((count, num_rooms + 1), dtype=np.int32)
    for number in range(count):
        wishes = tables.room_wishes[number] or tables.home_wishes[number]
        if not wishes:
            allowed[number, -1] = True
            continue
        allowed[number, :-1] = True
        for rooms, factor in wishes:
            if factor == HARD:
                allowed[number, :-1] &= rooms
            else:
                cost[number, :-1] += (~rooms * factor).astype(np.int32)
    return allowed, cost
