"""A made-up term as a file of ITC-2019: thousands of classes with weeks and travel, tens of thousands of students who choose courses.

A timetable that keeps every hard rule is made first, and each class may choose its place in it among others, so the term is feasible.
The same numbers of courses and students and the same seed make the same bytes.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil, hypot
from pathlib import Path

DAYS, WEEKS, SLOTS = 7, 16, 288
ALL_WEEKS, ODD, EVEN = "1" * WEEKS, "10" * (WEEKS // 2), "01" * (WEEKS // 2)
FIRST_HALF, SECOND_HALF = "1" * (WEEKS // 2) + "0" * (WEEKS // 2), "0" * (WEEKS // 2) + "1" * (WEEKS // 2)
# Families of times: patterns of days, starts, length, and the weeks to choose from.
FAMILIES = {
    "three": (("1010100",), range(90, 216, 12), 10, (ALL_WEEKS,)),
    "two": (("1010000", "0101000", "0010100"), range(90, 210, 18), 15, (ALL_WEEKS,)),
    "once": (tuple("0" * day + "1" + "0" * (6 - day) for day in range(5)), range(90, 216, 6), 22, (ALL_WEEKS,)),
    "lab": (tuple("0" * day + "1" + "0" * (6 - day) for day in range(5)), range(90, 204, 12), 34, (ALL_WEEKS, ODD, EVEN)),
    "half": (("1010100", "0101000"), range(90, 210, 18), 15, (FIRST_HALF, SECOND_HALF)),
}
MOST_TIMES, MOST_ROOMS = 36, 16
LECTURE_SIZES, GROUP_SIZE = (40, 60, 90, 120, 200), 25
ROOM_SIZES = (30, 30, 30, 40, 60, 100, 130, 220)
CLASSES_PER_INSTRUCTOR = 3
INSTRUCTOR_WISHES = ("WorkDay(108)", "MaxDays(3)", "MaxDayLoad(60)", "MaxBreaks(1,12)", "MaxBlock(48,6)")


@dataclass(frozen=True, slots=True)
class Time:
    days: str
    start: int
    length: int
    weeks: str

    @property
    def masks(self) -> tuple[int, int]:
        return int(self.days, 2), int(self.weeks, 2)


@dataclass(slots=True)
class Class:
    number: int
    family: str
    limit: int
    parent: int = 0
    time: Time | None = None
    room: int = 0


@dataclass(frozen=True, slots=True)
class TermScale:
    courses: int = 2_700
    students: int = 38_000
    rooms: int = 750
    choices: int = 5  # courses of a student, on average


class TermMaker:
    def __init__(self, scale: TermScale, seed: int) -> None:
        self.scale, self.random = scale, random.Random(seed)
        self.times = {family: list(_times(family)) for family in FAMILIES}
        self.capacity = [self.random.choice(ROOM_SIZES) for _ in range(scale.rooms)]
        self.capacity[0] = max(ROOM_SIZES)
        buildings = [(self.random.uniform(0, 9), self.random.uniform(0, 9)) for _ in range(max(2, scale.rooms // 18))]
        self.place = [self.random.choice(buildings) for _ in range(scale.rooms)]
        self.taken: dict[int, list[Time]] = defaultdict(list)
        self.classes: list[Class] = []
        self.choices = self._choices()
        self.courses = [self._course(demand) for demand in self._demand()]
        for each in sorted(self.classes, key=lambda each: -each.limit):
            self._settle(each)

    def travel(self, one: int, other: int) -> int:
        """Slots: a unit of the plane takes two minutes and a half; neighbours need none."""
        (a, b), (c, d) = self.place[one], self.place[other]
        return round(hypot(a - c, b - d) / 2)

    def _choices(self) -> list[list[int]]:
        """Students of a programme choose among its forty courses, and now and then another."""
        draw, scale = self.random, self.scale
        found = []
        for _ in range(scale.students):
            first = draw.randrange(0, scale.courses, 20)
            programme = [course % scale.courses for course in range(first, first + 40)]
            wanted = set(draw.sample(programme, min(len(programme), draw.randint(scale.choices - 2, scale.choices + 1))))
            if draw.random() < 0.5:
                wanted.add(draw.randrange(scale.courses))
            found.append(sorted(wanted))
        return found

    def _demand(self) -> list[int]:
        demand = [0] * self.scale.courses
        for wanted in self.choices:
            for course in wanted:
                demand[course] += 1
        return demand

    def _course(self, demand: int) -> list[list[list[Class]]]:
        """Configurations of subparts of classes, with a tenth more seats than students."""
        draw, seats = self.random, ceil(demand * 1.1) + 1
        is_double = seats > 60 and draw.random() < 0.1
        return [self._config(ceil(seats / (2 if is_double else 1))) for _ in range(2 if is_double else 1)]

    def _config(self, seats: int) -> list[list[Class]]:
        draw = self.random
        size = draw.choice(LECTURE_SIZES)
        number = ceil(seats / size)
        family = draw.choice(("three", "three", "two", "two", "once", "half"))
        lectures = [self._class(family, min(size, ceil(seats / number))) for _ in range(number)]
        if draw.random() < 0.55:
            return [lectures]
        kind, is_tied = draw.choice(("lab", "once")), draw.random() < 0.5
        tied_to = [lecture.number if is_tied else 0 for lecture in lectures for _ in range(ceil(lecture.limit / GROUP_SIZE))]
        return [lectures, [self._class(kind, GROUP_SIZE, parent) for parent in tied_to]]

    def _class(self, family: str, limit: int, parent: int = 0) -> Class:
        each = Class(len(self.classes) + 1, family, limit, parent)
        self.classes.append(each)
        return each

    def _settle(self, each: Class) -> None:
        """A free room that is large enough, at a time of the family; a group not while its lecture is."""
        draw = self.random
        large = [room for room, capacity in enumerate(self.capacity) if capacity >= each.limit]
        parent = self.classes[each.parent - 1].time if each.parent else None
        for _ in range(5_000):
            time, room = draw.choice(self.times[each.family]), draw.choice(large)
            if (parent is None or not _meet(time, parent)) and not any(_meet(time, other) for other in self.taken[room]):
                each.time, each.room = time, room
                self.taken[room].append(time)
                return
        raise ValueError(f"there is no room for a class of {each.limit} among {len(large)}")

    # The file.

    def lines(self) -> Iterator[str]:
        scale = self.scale
        yield f'<problem name="made-{len(self.classes)}" nrDays="{DAYS}" slotsPerDay="{SLOTS}" nrWeeks="{WEEKS}">'
        yield '<optimization time="2" room="1" distribution="10" student="5"/>'
        yield "<rooms>"
        for room in range(scale.rooms):
            yield from self._room_lines(room)
        yield "</rooms>\n<courses>"
        configs = subparts = 0
        for number, course in enumerate(self.courses, 1):
            yield f'<course id="{number}">'
            for config in course:
                configs += 1
                yield f'<config id="{configs}">'
                for subpart in config:
                    subparts += 1
                    yield f'<subpart id="{subparts}">'
                    for each in subpart:
                        yield from self._class_lines(each)
                    yield "</subpart>"
                yield "</config>"
            yield "</course>"
        yield "</courses>\n<distributions>"
        yield from self._rules()
        yield "</distributions>\n<students>"
        for number, wanted in enumerate(self.choices, 1):
            yield f'<student id="{number}">' + "".join(f'<course id="{course + 1}"/>' for course in wanted) + "</student>"
        yield "</students>\n</problem>\n"

    def _room_lines(self, room: int) -> Iterator[str]:
        yield f'<room id="{room + 1}" capacity="{self.capacity[room]}">'
        for other in range(room):
            if self.travel(room, other):
                yield f'<travel room="{other + 1}" value="{self.travel(room, other)}"/>'
        for days in ("0000010", "0000001"):
            yield f'<unavailable days="{days}" start="0" length="{SLOTS}" weeks="{ALL_WEEKS}"/>'
        closed = Time(self.random.choice(("1000000", "0010000", "0000100")), 144, 36, "0" * 5 + "1" + "0" * 10)
        if not any(_meet(closed, other) for other in self.taken[room]):
            yield f"<unavailable {_when(closed)}/>"
        yield "</room>"

    def _class_lines(self, each: Class) -> Iterator[str]:
        draw = self.random
        assert each.time is not None
        parent = f' parent="{each.parent}"' if each.parent else ""
        yield f'<class id="{each.number}" limit="{each.limit}"{parent}>'
        large = [room for room, capacity in enumerate(self.capacity) if each.limit <= capacity <= 3 * each.limit + 40]
        rooms = {each.room, *draw.sample(large, min(len(large), MOST_ROOMS - 1))}
        for room in sorted(rooms):
            yield f'<room id="{room + 1}" penalty="{draw.choice((0, 0, 1, 4))}"/>'
        family = self.times[each.family]
        times = {each.time, *draw.sample(family, min(len(family), MOST_TIMES - 1))}
        for time in sorted(times, key=lambda time: (time.weeks, time.days, time.start)):
            yield f'<time {_when(time)} penalty="{draw.choice((0, 0, 2, 5))}"/>'
        yield "</class>"

    def _rules(self) -> Iterator[str]:
        """Instructors, who get from one class to the next; and wishes."""
        draw = self.random
        shuffled = draw.sample(self.classes, len(self.classes))
        for begin in range(0, len(shuffled) - CLASSES_PER_INSTRUCTOR, CLASSES_PER_INSTRUCTOR):
            group = shuffled[begin : begin + CLASSES_PER_INSTRUCTOR]
            if all(self._can_attend(one, other) for one, other in combinations(group, 2)):
                yield _rule("SameAttendees", group)
                if draw.random() < 0.3:
                    yield _rule(draw.choice(INSTRUCTOR_WISHES), group, 3)
        for course in self.courses:
            for config in course:
                if len(config) == 2:
                    lecture, group = config[0][0], config[1][0]
                    yield _rule(draw.choice(("NotOverlap", "DifferentDays", "Precedence")), [lecture, group], 2)
        for course, later in pairwise(self.courses):
            if draw.random() < 0.3:
                yield _rule(draw.choice(("NotOverlap", "SameDays", "SameRoom", "DifferentTime")), [course[0][0][0], later[0][0][0]], 1)

    def _can_attend(self, one: Class, other: Class) -> bool:
        assert one.time is not None
        assert other.time is not None
        return not _meet(one.time, other.time, self.travel(one.room, other.room))


def _times(family: str) -> Iterator[Time]:
    patterns, starts, length, weeks = FAMILIES[family]
    for start in starts:
        for days in patterns:
            for of_term in weeks:
                yield Time(days, start, length, of_term)


def _meet(one: Time, other: Time, slots: int = 0) -> bool:
    """Whether they overlap on some day of some week, or are less than ``slots`` apart."""
    (days, weeks), (other_days, other_weeks) = one.masks, other.masks
    is_near = one.start < other.start + other.length + slots and other.start < one.start + one.length + slots
    return is_near and bool(days & other_days) and bool(weeks & other_weeks)


def _when(time: Time) -> str:
    return f'days="{time.days}" start="{time.start}" length="{time.length}" weeks="{time.weeks}"'


def _rule(kind: str, group: list[Class], penalty: int = 0) -> str:
    kept = f'penalty="{penalty}"' if penalty else 'required="true"'
    return f'<distribution type="{kind}" {kept}>' + "".join(f'<class id="{each.number}"/>' for each in group) + "</distribution>"


def term_make(path: Path, *, scale: TermScale | None = None, seed: int = 1) -> TermMaker:
    """Write the file; the maker knows a feasible timetable of it."""
    maker = TermMaker(scale or TermScale(), seed)
    with path.open("w") as file:
        for line in maker.lines():
            file.write(f"{line}\n")
    return maker
