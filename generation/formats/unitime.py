"""UniTime's course timetabling files (``<timetable>``, versions 2.1 to 2.5) as a `Problem`, and the file with the times and rooms found.

A class is a section with a lecture for each of its weekly meetings. All its meetings are in one room and in one period of their days;
the days stand to one another as in its time patterns. Where a class may choose between patterns of another number of meetings, another
length or other distances of days, those with the most times are kept and the others are listed as left out.

A period here is the largest number of slots that divides all times. The file does not say what its preferences weigh against one
another: a unit of a time or distribution preference costs 1, one of a room preference 1 for each meeting, a student's clash 1 for each
period.

References: unitime.org, University Course Timetabling Data Format (v2.4), and cpsolver's reader of it for what may be missing.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, gcd
from pathlib import PurePath
from xml.etree.ElementTree import Element, tostring

import numpy as np

from generation.engine.model.problem import (
    ANY,
    BEFORE,
    DAYS_APART,
    DAYS_WITHIN,
    GROUPED,
    SAME_DAY,
    SAME_PERIOD,
    UNPLACED,
    BoolArray,
    Csr,
    IntArray,
    Names,
    Problem,
    Weights,
)
from generation.engine.model.solution import Solution
from generation.formats import FormatError
from generation.formats.unsupported import LEFT_OUT, Unsupported
from generation.formats.xml_source import MAX_TRUTHS, Reader, cells_check, shown, text_of, tree

ROOT = "timetable"
MAX_CLASSES = 10_000
MAX_ROOMS = 3_000
MAX_PERIODS = 60  # of a day, as bits of a number
MAX_PREFERENCE = 1_000
NO_ROOM = "(no room)"
SHARED = 30_000  # classes that may be without a room at once
# The meetings of a class must be in one room: its rooms cost nothing then, and rooms found on the way are chosen by it.
WEIGHTS = ("student_clash", "disliked_times", "preferred_rooms", "avoid_overlap", "pair_preferred", "room_stability")
APART = ("SAME_STUDENTS", "SAME_INSTR", "DIFF_TIME")  # classes that must not overlap
SOFT = {"-2": 2, "-1": 1}  # strongly preferred, preferred


@dataclass(frozen=True, slots=True)
class UniTimeTime:
    days: tuple[int, ...]
    start: int  # slots of the file
    length: int
    preference: int
    element: Element


@dataclass(frozen=True, slots=True)
class UniTimeClass:
    id: str
    name: str
    offering: str
    department: str
    size: int
    times: tuple[UniTimeTime, ...]  # those that are kept
    rooms: tuple[tuple[str, int, Element], ...]  # room, preference
    needs_room: bool
    instructors: tuple[str, ...]

    @property
    def num_meetings(self) -> int:
        return len(self.times[0].days)


@dataclass(frozen=True, slots=True)
class UniTimeFile:
    """What a file says, and its elements."""

    file: str
    text: str
    root: Element
    num_days: int
    slots_per_day: int


def read(path: str | os.PathLike[str]) -> UniTimeFile:
    """Read a file; raises `FormatError` naming the element when it is not one."""
    return parse(text_of(path), file=PurePath(path).name)


def parse(text: str, *, file: str = "timetable.xml") -> UniTimeFile:
    root = tree(text, file=file)
    if root.tag != ROOT:
        raise FormatError(file, 0, "", f"the root element is <{root.tag[:40]}>; UniTime's course timetabling files have <{ROOT}>.")
    reader = Reader(file)
    num_days = reader.whole(root, "nrDays", 1, 7, default=7)
    return UniTimeFile(file, text, root, num_days, reader.whole(root, "slotsPerDay", 1, 288, default=288))


def to_problem(source: UniTimeFile, *, allow_unsupported: bool = False) -> Problem:
    """The file's problem.

    Raises
    ------
    UnsupportedError
        If the file asks what cannot be kept, and nobody said to leave it out.
    """
    return _Assembly(source).problem(allow_unsupported=allow_unsupported)


class _Assembly:
    def __init__(self, source: UniTimeFile) -> None:
        self.source, self.root = source, source.root
        self.reader, self.unsupported = Reader(source.file), Unsupported(source.file)
        self.room_elements = self._by_id("rooms", "room", MAX_ROOMS)
        class_elements = self._by_id("classes", "class", MAX_CLASSES)
        if not class_elements:
            raise FormatError(source.file, 0, "classes", "there is no class to timetable.")
        self.classes = [self._class(element) for element in class_elements.values()]
        self._dates_compare(class_elements.values())
        self.class_index = {each.id: number for number, each in enumerate(self.classes)}
        self.first, self.step, self.periods = self._grid()
        self.num_slots = source.num_days * self.periods
        cells_check(source.file, sum(each.num_meetings for each in self.classes), self.num_slots, "meetings by timeslots:")
        counts = [each.num_meetings for each in self.classes]
        self.first_lecture = np.concatenate([[0], np.cumsum(counts)]).tolist()
        self.pairs: dict[tuple[int, int, int, int], int] = {}
        self.apart: set[tuple[int, int]] = set()
        self.avoid: dict[tuple[int, int], int] = {}

    def _children(self, parent: str, tag: str) -> list[Element]:
        found = self.root.find(parent)
        return [] if found is None else found.findall(tag)

    def _by_id(self, parent: str, tag: str, most: int) -> dict[str, Element]:
        elements = self._children(parent, tag)
        if len(elements) > most:
            raise FormatError(self.source.file, 0, parent, f"{len(elements):,} of <{tag}>; {most:,} is the most that is read.")
        found: dict[str, Element] = {}
        for element in elements:
            name = self.reader.attribute(element, "id")
            if name in found:
                raise self.reader.error(element, "id", "it is given twice.")
            found[name] = element
        return found

    # Classes.

    def _class(self, element: Element) -> UniTimeClass:
        reader = self.reader
        name = reader.attribute(element, "id")
        times = self._times(element)
        num_rooms = reader.whole(element, "nrRooms", 0, 100, default=1 if element.find("room") is not None else 0)
        if num_rooms > 1:
            self.unsupported.add("class in several rooms at once")
        return UniTimeClass(
            id=name,
            name=element.get("name", name)[:200],
            offering=element.get("offering", element.get("course", name))[:200],
            department=element.get("department", ""),
            size=self._size(element),
            times=times,
            rooms=self._rooms(element) if num_rooms else (),
            needs_room=num_rooms > 0,
            instructors=tuple(dict.fromkeys(reader.attribute(each, "id") for each in element.findall("instructor"))),
        )

    def _size(self, element: Element) -> int:
        reader = self.reader
        if "expectedCapacity" in element.attrib:
            return reader.whole(element, "roomCapacity", 0, 100_000, default=reader.whole(element, "expectedCapacity", 0, 100_000))
        if "minClassLimit" in element.attrib and element.get("minClassLimit") != element.get("maxClassLimit"):
            self.unsupported.add("class limit that may change")
        limit = reader.whole(element, "classLimit", 0, 100_000, default=reader.whole(element, "maxClassLimit", 0, 100_000, default=0))
        return min(1_000_000, ceil(limit * reader.decimal(element, "roomToLimitRatio", 0, 1_000, default=1.0) - 1e-6))

    def _rooms(self, element: Element) -> tuple[tuple[str, int, Element], ...]:
        found = []
        for each in element.findall("room"):
            room = self.reader.attribute(each, "id")
            if room not in self.room_elements:
                raise self.reader.error(element, "room", f"no room {shown(room)} stands in <rooms>.")
            found.append((room, self.reader.whole(each, "pref", -MAX_PREFERENCE, MAX_PREFERENCE, default=0), each))
        if not found:
            raise self.reader.error(element, "room", "the class needs a room and names none.")
        return tuple(found)

    def _times(self, element: Element) -> tuple[UniTimeTime, ...]:
        times = [self._time(each) for each in element.findall("time")]
        if not times:
            raise self.reader.error(element, "time", "the class has no time.")
        if element.find("date") is not None:
            self.unsupported.add("class with a choice of dates")
        # What lectures of one length can be held to: meetings as many, as long and as far apart.
        shapes: dict[tuple[object, ...], list[UniTimeTime]] = defaultdict(list)
        for time in times:
            gaps = tuple(day - time.days[0] for day in time.days)
            shapes[len(time.days), time.length, gaps].append(time)
        kept = max(shapes.values(), key=len)
        if not _is_kept_exactly(kept):
            patterns = Counter(time.days for time in kept)
            days = max(patterns, key=lambda pattern: (patterns[pattern], pattern))
            kept = [time for time in kept if time.days == days]
        self.unsupported.add("time of a class in another pattern than most of its times", len(times) - len(kept))
        return tuple(kept)

    def _time(self, element: Element) -> UniTimeTime:
        reader, source = self.reader, self.source
        bits = reader.attribute(element, "days")
        days = tuple(day for day, bit in enumerate(bits) if bit == "1")
        if set(bits) - {"0", "1"} or not days or days[-1] >= source.num_days:
            raise reader.error(element, "days", f"{shown(bits)} does not name days of a week of {source.num_days} by 0 and 1.")
        start = reader.whole(element, "start", 0, source.slots_per_day - 1)
        length = reader.whole(element, "length", 1, source.slots_per_day - start)
        return UniTimeTime(days, start, length, self._preference(element), element)

    def _preference(self, element: Element) -> int:
        value = self.reader.decimal(element, "pref", -100_000, 100_000, default=0.0)
        if value != round(value) or abs(value) > MAX_PREFERENCE:
            self.unsupported.add("time preference that is no whole number up to 1,000")
        return max(-MAX_PREFERENCE, min(MAX_PREFERENCE, round(value)))

    def _dates_compare(self, elements: Iterable[Element]) -> None:
        """Weeks are not known here: classes of other dates than most would wrongly be kept apart from them."""
        dates = Counter(each.get("dates", f"{each.get('startDay')}-{each.get('endDay')}") for each in elements)
        if dates:
            self.unsupported.add("class on other dates than most", sum(dates.values()) - max(dates.values()))

    # The week.

    def _grid(self) -> tuple[int, int, int]:
        times = [time for each in self.classes for time in each.times]
        first = min(time.start for time in times)
        step = 0
        for time in times:
            step = gcd(step, gcd(time.start - first, time.length))
        periods = (max(time.start + time.length for time in times) - first) // step
        if periods > MAX_PERIODS:
            message = f"the times ask for {periods} periods of {step} slots a day; {MAX_PERIODS} is the most that is read."
            raise FormatError(self.source.file, 0, "classes", message)
        return first, step, periods

    def slot(self, day: int, start: int) -> int:
        return day * self.periods + (start - self.first) // self.step

    def lectures(self, number: int) -> range:
        return range(self.first_lecture[number], self.first_lecture[number + 1])

    # The problem.

    def problem(self, *, allow_unsupported: bool) -> Problem:
        classes, source = self.classes, self.source
        rooms = list(self.room_elements)
        lecture_class = np.repeat(np.arange(len(classes)), [each.num_meetings for each in classes])
        self._meetings_tie()
        self._group_constraints()
        student_names, attended = self._students()
        needs, room_features = self._suitable(rooms)
        room_open = self._room_open(rooms)
        dislike = self._dislike()
        instructors = list(dict.fromkeys(name for each in classes for name in each.instructors))
        person_index = {name: number for number, name in enumerate(instructors)}
        blocked = self._blocked()
        self._others_list()
        left_out = self.unsupported.check(allow=allow_unsupported)
        num_lectures, num_rooms, num_slots = len(lecture_class), len(rooms) + 1, self.num_slots
        return Problem(
            name=self.root.get("term", "") or PurePath(source.file).stem,
            num_days=source.num_days,
            periods_per_day=self.periods,
            names=self._names(rooms, instructors, student_names, room_features.shape[1]),
            weights=Weights(**{name: int(name in WEIGHTS) for name in Weights().as_dict()}),
            lecture_section=lecture_class.astype(np.int32),
            lecture_length=np.array([classes[n].times[0].length // self.step for n in lecture_class], dtype=np.int32),
            lecture_room_kind=np.full(num_lectures, ANY, dtype=np.int32),
            lecture_features=needs[lecture_class],
            lecture_pin_slot=np.full(num_lectures, UNPLACED, dtype=np.int32),
            lecture_pin_room=np.full(num_lectures, UNPLACED, dtype=np.int32),
            section_size=np.array([each.size for each in classes], dtype=np.int32),
            section_min_days=np.zeros(len(classes), dtype=np.int32),
            section_available=np.ones((len(classes), num_slots), dtype=np.bool_),
            section_building=np.full(len(classes), ANY, dtype=np.int32),
            section_instructors=Csr.of([[person_index[name] for name in each.instructors] for each in classes]),
            section_curricula=Csr.of([[] for _ in classes]),
            section_cluster_hint=np.full(len(classes), -1, dtype=np.int32),
            room_capacity=np.array([*(self._capacity(room) for room in rooms), 1_000_000], dtype=np.int32),
            room_kind=np.zeros(num_rooms, dtype=np.int32),
            room_features=room_features,
            room_building=np.full(num_rooms, ANY, dtype=np.int32),
            room_available=room_open,
            instructor_available=np.ones((len(instructors), num_slots), dtype=np.bool_),
            instructor_dislike=np.zeros((len(instructors), num_slots), dtype=np.int32),
            instructor_max_daily=np.zeros(len(instructors), dtype=np.int32),
            instructor_max_weekly=np.zeros(len(instructors), dtype=np.int32),
            instructor_max_consecutive=np.zeros(len(instructors), dtype=np.int32),
            student_sections=attended,
            no_overlap=_table(sorted(self.apart), 2),
            same_start=_table([], 2),
            break_after=np.zeros(self.periods, dtype=np.bool_),
            lunch_window=np.zeros(self.periods, dtype=np.bool_),
            capacity_is_hard=False,  # the rooms that a class names are those that it fits in
            blocked_starts=blocked,
            section_dislike=dislike,
            section_one_room=np.array([each.needs_room and each.num_meetings > 1 for each in classes], dtype=np.int32),
            preferred_rooms=self._room_ranks(rooms),
            room_sharing=np.array([*(self._places(room) for room in rooms), SHARED], dtype=np.int32),
            avoid_overlap=_table([(*pair, factor) for pair, factor in self.avoid.items()], 3),
            lecture_pairs=_table([(*row, factor) for row, factor in self.pairs.items()], 5),
            source={
                "format": "unitime",
                "name": self.root.get("term", ""),
                "file": source.file,
                "text": source.text,
                "grid": [self.first, self.step],
                **({LEFT_OUT: left_out} if left_out else {}),
            },
        )

    def _capacity(self, room: str) -> int:
        return self.reader.whole(self.room_elements[room], "capacity", 0, 1_000_000, default=0)

    def _places(self, room: str) -> int:
        return SHARED if self.room_elements[room].get("constraint") == "false" else 1

    def _meetings_tie(self) -> None:
        """Meetings of a class are in one period of their days, as far apart as its patterns say."""
        for number, each in enumerate(self.classes):
            first, *others = self.lectures(number)
            gaps = [day - each.times[0].days[0] for day in each.times[0].days[1:]]
            is_one_pattern = len({time.days for time in each.times}) == 1
            for lecture, gap in zip(others, gaps, strict=True):
                self.pairs[first, lecture, SAME_PERIOD, 0] = 0
                if not is_one_pattern:
                    self.pairs[first, lecture, DAYS_APART, gap] = 0
                    self.pairs[first, lecture, DAYS_WITHIN, gap] = 0

    def _blocked(self) -> IntArray:
        open_ = np.zeros((self.first_lecture[-1], self.num_slots), dtype=np.bool_)
        for number, each in enumerate(self.classes):
            for time in each.times:
                for lecture, day in zip(self.lectures(number), time.days, strict=True):
                    open_[lecture, self.slot(day, time.start)] = True
        found: IntArray = np.argwhere(~open_).astype(np.int32).reshape(-1, 2)
        return found

    def _dislike(self) -> IntArray:
        """What each time costs above the best one, laid on a timeslot that no other time of the class takes up."""
        table = np.zeros((len(self.classes), self.num_slots), dtype=np.int32)
        for number, each in enumerate(self.classes):
            best = min(time.preference for time in each.times)
            cells = [self._cells(time) for time in each.times]
            uses = Counter(cell for taken in cells for cell in taken)
            for time, taken in zip(each.times, cells, strict=True):
                own = [cell for cell in taken if uses[cell] == 1]
                if time.preference == best:
                    continue
                if own:
                    table[number, own[0]] = time.preference - best
                else:
                    self.unsupported.add("preference of a time that shares all its periods with other times")
        return table if table.any() else np.zeros((0, 0), dtype=np.int32)

    def _cells(self, time: UniTimeTime) -> list[int]:
        return [self.slot(day, time.start) + step for day in time.days for step in range(time.length // self.step)]

    def _suitable(self, rooms: list[str]) -> tuple[BoolArray, BoolArray]:
        """The rooms of each class as a feature that these rooms have; the last room is none."""
        index = {room: number for number, room in enumerate(rooms)}
        choices: dict[tuple[int, ...], int] = {}
        owner = []
        for each in self.classes:
            allowed = tuple(sorted({index[room] for room, _, _ in each.rooms})) if each.needs_room else (len(rooms),)
            owner.append(choices.setdefault(allowed, len(choices)))
        cells_check(self.source.file, self.first_lecture[-1], len(choices), "meetings by choices of rooms:", most=MAX_TRUTHS)
        has = np.zeros((len(rooms) + 1, len(choices)), dtype=np.bool_)
        for allowed, feature in choices.items():
            has[list(allowed), feature] = True
        return np.array(owner)[:, None] == np.arange(len(choices))[None, :], has

    def _room_ranks(self, rooms: list[str]) -> IntArray:
        index = {room: number for number, room in enumerate(rooms)}
        rows = []
        for number, each in enumerate(self.classes):
            best = min((preference for _, preference, _ in each.rooms), default=0)
            if any(preference != best for _, preference, _ in each.rooms):
                rows += [(number, index[room], preference - best) for room, preference, _ in each.rooms]
        return _table(rows, 3)

    def _room_open(self, rooms: list[str]) -> BoolArray:
        """Where a room is shared by departments: open where all of those that use it may."""
        open_ = np.ones((len(rooms) + 1, self.num_slots), dtype=np.bool_)
        users: dict[str, set[str]] = defaultdict(set)
        for each in self.classes:
            for room, _, _ in each.rooms:
                users[room].add(each.department)
        for number, room in enumerate(rooms):
            element = self.room_elements[room]
            if element.get("discouraged") == "true":
                self.unsupported.add("discouraged room")
            sharing = element.find("sharing")
            if sharing is not None and users[room]:
                of_each = [self._sharing_open(sharing, department) for department in sorted(users[room])]
                if any((each != of_each[0]).any() for each in of_each):
                    self.unsupported.add("room with other hours for each department")
                open_[number] = np.logical_or.reduce(of_each)
        return open_

    def _sharing_open(self, sharing: Element, department: str) -> BoolArray:
        pattern = sharing.find("pattern")
        if pattern is None or not (pattern.text or "").strip():
            raise self.reader.error(sharing, "pattern", "it is missing.")
        unit = self.reader.whole(pattern, "unit", 1, self.source.slots_per_day, default=1)
        letters = "".join((pattern.text or "").split())
        free = {self._letter(sharing, "freeForAll", "F")}
        free |= {each.get("value", "")[:1] for each in sharing.findall("department") if each.get("id") == department}
        per_day = self.source.slots_per_day // unit
        open_ = np.ones(self.num_slots, dtype=np.bool_)
        for slot in range(self.num_slots):
            day, period = divmod(slot, self.periods)
            begin = self.first + period * self.step
            spots = range(begin // unit, (begin + self.step - 1) // unit + 1)
            taken = [letters[place] for spot in spots if (place := day * per_day + spot) < len(letters)]
            open_[slot] = all(letter in free for letter in taken)
        return open_

    def _letter(self, sharing: Element, tag: str, default: str) -> str:
        found = sharing.find(tag)
        return default if found is None else found.get("value", default)[:1]

    def _students(self) -> tuple[list[str], Csr]:
        names, rows = [], []
        offering_of = {each.id: each.offering for each in self.classes}
        for element in self._children("students", "student"):
            taken = [each.get("id", "") for each in element.findall("class")]
            own = list(dict.fromkeys(self.class_index[name] for name in taken if name in self.class_index))
            offerings = {offering_of[name] for name in taken if name in offering_of}
            requests = element.findall("offering")
            self.unsupported.add("student's request without a class", sum(each.get("id") not in offerings for each in requests))
            self.unsupported.add("student's request with a weight", sum(each.get("weight", "1.0") not in ("1", "1.0") for each in requests))
            self.unsupported.add("class prohibited for a student", len(element.findall("prohibited-class")))
            names.append(self.reader.attribute(element, "id"))
            rows.append(own)
        return names, Csr.of(rows)

    def _others_list(self) -> None:
        located = [each for each in self.room_elements.values() if each.get("location") and each.get("ignoreTooFar") != "true"]
        if len(located) > 1:
            self.unsupported.add("room with a distance to others", len(located))
        self.unsupported.add("travel time between rooms", sum(len(each.findall("travel-time")) for each in self.room_elements.values()))

    # Constraints between classes.

    def _group_constraints(self) -> None:
        for element in self._children("groupConstraints", "constraint"):
            kind, preference = element.get("type", ""), element.get("pref", "R")
            members = [self.class_index[name] for each in element.findall("class") if (name := each.get("id", "")) in self.class_index]
            factor = 0 if preference == "R" else SOFT.get(preference)
            is_kept = factor is not None and self._group_constraint(kind, members, factor)
            if not is_kept:
                self.unsupported.add(
                    f"group constraint {kind[:60] or 'without a type'}{'' if factor is not None else f' ({preference[:10]})'}"
                )

    def _group_constraint(self, kind: str, members: list[int], factor: int) -> bool:
        """Note the constraint; False where it cannot be kept."""
        pairs = [(a, b) for number, a in enumerate(members) for b in members[number + 1 :] if a != b]
        if kind in APART:
            for a, b in pairs:
                self._apart(min(a, b), max(a, b), factor)
            return True
        if kind == "SAME_START" or (kind == "SAME_TIME" and len({self.classes[each].times[0].length for each in members}) == 1):
            self._tie([(self.lectures(a)[0], self.lectures(b)[0]) for a, b in pairs], SAME_PERIOD, factor)
            return True
        if kind == "PRECEDENCE":
            chain = list(pairwise(members)) if factor == 0 else pairs
            self._tie([(self.lectures(a)[0], self.lectures(b)[0]) for a, b in chain], BEFORE, factor)
            return len(members) <= 2 or factor == 0
        if len({self.classes[each].num_meetings for each in members}) > 1:
            return False
        if kind == "SAME_DAYS" and (factor == 0 or self.classes[members[0]].num_meetings == 1):
            self._tie(self._meeting_pairs(pairs), SAME_DAY, factor)
            return True
        if kind == "BTB_TIME" and len(members) == 2 and factor == 0:
            self._tie(self._meeting_pairs(pairs), GROUPED, factor)
            return True
        return False

    def _meeting_pairs(self, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [pair for a, b in pairs for pair in zip(self.lectures(a), self.lectures(b), strict=True)]

    def _apart(self, a: int, b: int, factor: int) -> None:
        if factor == 0:
            self.apart.add((a, b))
        else:
            self.avoid[a, b] = min(100, self.avoid.get((a, b), 0) + factor)

    def _tie(self, pairs: list[tuple[int, int]], kind: int, factor: int) -> None:
        for a, b in pairs:
            earlier = self.pairs.get((a, b, kind, 0))
            self.pairs[a, b, kind, 0] = 0 if factor == 0 or earlier == 0 else min(100, (earlier or 0) + factor)

    def _names(self, rooms: list[str], instructors: list[str], students: list[str], features: int) -> Names:
        minutes = 24 * 60 // self.source.slots_per_day
        starts = [(self.first + period * self.step) * minutes for period in range(self.periods)]
        return Names(
            sections=tuple(each.id for each in self.classes),
            courses=tuple(each.name for each in self.classes),
            titles=tuple(each.name for each in self.classes),
            rooms=(*rooms, NO_ROOM),
            instructors=tuple(instructors),
            curricula=(),
            students=tuple(students),
            features=tuple(f"rooms {number}" for number in range(1, features + 1)),
            days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[: self.source.num_days],
            periods=tuple(f"{start // 60:02d}:{start % 60:02d}" for start in starts),
        )


def _is_kept_exactly(times: list[UniTimeTime]) -> bool:
    """Whether the meetings' own times, one period and distances of days allow these times and no others."""
    if len({time.days for time in times}) == 1:
        return True
    gaps = [day - times[0].days[0] for day in times[0].days]
    days: dict[tuple[int, int], set[int]] = defaultdict(set)  # of each meeting in each period
    for time in times:
        for position, day in enumerate(time.days):
            days[position, time.start].add(day)
    for time in times:
        for position, gap in enumerate(gaps):
            # Those as far from the first meeting as the pattern has them.
            if {day for day in days[position, time.start] if abs(day - time.days[0]) == gap} != {time.days[position]}:
                return False
    return True


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> IntArray:
    found: IntArray = np.array(rows, dtype=np.int32).reshape(-1, columns)
    return found


def write_solution(problem: Problem, solution: Solution) -> str:
    """The problem's file with ``solution="true"`` at the time and the room of each class that has all its meetings in them."""
    file = str(problem.source["file"])
    source = parse(str(problem.source["text"]), file=file)
    first, step = (int(each) for each in _grid_of(problem))
    places: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        slot, room = int(solution.slot[lecture]), int(solution.room[lecture])
        if slot >= 0 and room >= 0:
            day, period = divmod(slot, problem.periods_per_day)
            places[problem.names.sections[section]].append((day, first + period * step, problem.names.rooms[room]))
    for element in source.root.iterfind("classes/class"):
        _mark(element, places.get(element.get("id", ""), []))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(source.root, encoding="unicode") + "\n"


def _grid_of(problem: Problem) -> list[int]:
    grid = problem.source["grid"]
    assert isinstance(grid, list)
    return grid


def _mark(element: Element, places: list[tuple[int, int, str]]) -> None:
    for child in element:
        child.attrib.pop("solution", None)
    if not places:
        return
    days = tuple(sorted(day for day, _, _ in places))
    rooms = {room for _, _, room in places}
    for time in element.findall("time"):
        at = tuple(day for day, bit in enumerate(time.get("days", "")) if bit == "1")
        if at == days and {int(time.get("start", "-1"))} == {start for _, start, _ in places}:
            time.set("solution", "true")
            break
    for room in element.findall("room"):
        if {room.get("id", "")} == rooms:
            room.set("solution", "true")
