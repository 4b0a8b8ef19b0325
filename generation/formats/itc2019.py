"""ITC-2019's files (``<problem>``) as a `TermProblem`, and its solution files.

A file is read as a stream: no tree is built, and what it holds goes into arrays at once, so that memory follows the arrays.

What the format leaves open is read as its checker does: of a class's times alike in days, start and weeks, and of a room listed twice,
the one with the smaller penalty counts; a class with ``room="false"`` needs no room; a way between two rooms holds in both directions,
and the later counts where it is given twice; a class without a limit takes any number. A class may end after the last slot of the day.

References: Müller, Rudová and Müllerová, University course timetabling and International Timetabling Competition 2019 (PATAT 2018), and
the competition's description of its format.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from generation.engine.model.problem import BoolArray, Csr, IntArray
from generation.engine.term_model.problem import RuleKind, TermNames, TermProblem, TermWeights
from generation.engine.term_model.solution import TermSolution
from generation.formats import FormatError
from generation.formats.source import MEGABYTE
from generation.formats.xml_source import shown

ROOT = "problem"
MAX_BYTES = 100 * MEGABYTE
CHUNK = 64 * 1024
MAX_TAG = MEGABYTE  # bytes of one tag: the parser holds a tag as a whole
MAX_NAME = 200
MAX_DAYS, MAX_WEEKS, MAX_SLOTS = 7, 53, 1440
MAX_CLASSES, MAX_ROOMS, MAX_COURSES, MAX_STUDENTS = 50_000, 3_000, 50_000, 200_000
MAX_RULES = 100_000
MAX_TIMES = 6_000  # distinct ones, of which the search has a table of pairs; those of all classes together are as many as `MAX_LISTED`
MAX_PAIRS = 2_000_000  # of classes, in all rules on pairs
MAX_SUBPARTS = 60  # of a configuration; the search places as many at once
MAX_CHOICES = 200  # of a student
MAX_LISTED = 3_000_000  # times or rooms of all classes, classes of all rules, courses of all students
MAX_PENALTY = 1_000_000
MAX_PARENTS = 50  # above one class
NO_LIMIT = 1_000_000_000  # students of a class that names no limit
PARAMETERS = {
    RuleKind.WORK_DAY: 1,
    RuleKind.MIN_GAP: 1,
    RuleKind.MAX_DAYS: 1,
    RuleKind.MAX_DAY_LOAD: 1,
    RuleKind.MAX_BREAKS: 2,
    RuleKind.MAX_BLOCK: 2,
}
TYPES = {kind.name.title().replace("_", ""): kind for kind in RuleKind}
TYPE_NAMES = {kind: name for name, kind in TYPES.items()}
# Of each element, those that may stand in it.
CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset({ROOT}),
    ROOT: frozenset({"optimization", "rooms", "courses", "distributions", "students"}),
    "rooms": frozenset({"room"}),
    "rooms/room": frozenset({"travel", "unavailable"}),
    "courses": frozenset({"course"}),
    "courses/course": frozenset({"config"}),
    "config": frozenset({"subpart"}),
    "subpart": frozenset({"class"}),
    "subpart/class": frozenset({"room", "time"}),
    "distributions": frozenset({"distribution"}),
    "distribution": frozenset({"class"}),
    "students": frozenset({"student"}),
    "student": frozenset({"course"}),
}
# Elements of one name that stand in several places are told apart by the place.
AMBIGUOUS = frozenset({"room", "course", "class"})
_TYPE = re.compile(r"([A-Za-z]{1,40})(?:\(([0-9, ]{1,40})\))?")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = re.compile(r"[\x00-\x1f]")


def read(path: str | os.PathLike[str]) -> TermProblem:
    """The problem of a file; raises `FormatError` naming line and field when it is not one."""
    file = os.fspath(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) and not Path(path).is_dir():  # a pipe would be waited for, for ever
            raise FormatError(file, 0, "", "this is not a file on a disk. Save what it gives as a file and name that.")
        with Path(path).open("rb") as stream:
            return _read(iter(lambda: stream.read(CHUNK), b""), PurePath(path).name)
    except OSError as error:
        raise FormatError(file, 0, "", f"the file cannot be opened ({error.strerror}).") from error


def parse(text: str, *, file: str = "problem.xml") -> TermProblem:
    """The problem of a text."""
    data = text.encode("utf-8", "surrogatepass")
    return _read((data[start : start + CHUNK] for start in range(0, len(data), CHUNK)), file)


def _read(chunks: Iterator[bytes], file: str) -> TermProblem:
    builder = _Builder(file)
    parser = DefusedXMLParser(target=builder)
    builder.expat = expat = parser.parser
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    fed = 0
    try:
        for number, chunk in enumerate(chunks):
            fed += len(chunk)
            if fed > MAX_BYTES:
                raise FormatError(file, 0, "", f"the file is larger than {MAX_BYTES // MEGABYTE} MB, the most that is read.")
            text = decoder.decode(chunk)
            # The text is decoded: what its first line says of an encoding is not true any more.
            parser.feed(_DECLARATION.sub(_blank, text, count=1) if number == 0 else text)
            if fed - max(0, expat.CurrentByteIndex) > MAX_TAG + CHUNK:
                raise FormatError(file, expat.CurrentLineNumber, "", f"a tag is longer than {MAX_TAG // MEGABYTE} MB.")
        decoder.decode(b"", final=True)
        if not fed:
            raise FormatError(file, 0, "", "the file is empty.")
        parser.close()
    except UnicodeDecodeError as error:
        raise FormatError(file, expat.CurrentLineNumber, "", "this is not text (UTF-8).") from error
    except ParseError as error:
        line, column = error.position
        raise FormatError(file, line, "", f"this is not XML (column {column + 1}).") from error
    except FormatError:
        raise
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise FormatError(
            file, 0, "", "this XML declares entities or an encoding, which are not read. Save it as plain UTF-8 XML."
        ) from error
    return builder.problem()


def _blank(found: re.Match[str]) -> str:
    """As many lines as before: messages count them."""
    return "\n" * found[0].count("\n")


class _Ids:
    """Numbers names in the order of their elements, also where they are mentioned before."""

    def __init__(self, what: str, most: int) -> None:
        self.what, self.most = what, most
        self._mentions: dict[str, int] = {}
        self._lines = array("i")
        self._number = array("i")  # of each mention, -1 = no element yet
        self.names: list[str] = []

    def mention(self, name: str, line: int) -> int:
        """A number of the mention, which `numbers` turns into that of the element."""
        found = self._mentions.setdefault(name, len(self._mentions))
        if found == len(self._lines):
            self._lines.append(line)
            self._number.append(-1)
        return found

    def declare(self, name: str, line: int) -> bool:
        """Whether this is its first element."""
        mention = self.mention(name, line)
        if self._number[mention] >= 0:
            return False
        self._number[mention] = len(self.names)
        self.names.append(name)
        return True

    @property
    def is_full(self) -> bool:
        return len(self._mentions) > self.most

    def undeclared(self) -> tuple[str, int] | None:
        """The first name without an element, and its line."""
        if len(self.names) == len(self._mentions):
            return None
        return next((name, self._lines[at]) for name, at in self._mentions.items() if self._number[at] < 0)

    def numbers(self, mentions: array[int]) -> IntArray:
        numbers: IntArray = _array(self._number)[_array(mentions)]
        return numbers


class _Rows:
    """A `Csr` that grows."""

    def __init__(self) -> None:
        self.starts, self.values = array("i", [0]), array("i")

    def end(self) -> None:
        self.starts.append(len(self.values))

    @property
    def size(self) -> int:
        return len(self.values) - self.starts[-1]

    def csr(self, values: IntArray | None = None) -> Csr:
        return Csr(_array(self.starts), _array(self.values) if values is None else values)


def _array(values: array[int]) -> IntArray:
    found: IntArray = np.frombuffer(values, dtype=np.int32).copy() if values else np.zeros(0, dtype=np.int32)
    return found


def _weeks(values: array[int]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    return np.frombuffer(values, dtype=np.uint64).copy() if values else np.zeros(0, dtype=np.uint64)


class _Builder:
    """What the parser calls for each tag: fills the arrays, and refuses what is not as it should be."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.expat: Any = None
        self._path: list[str] = [""]
        self._tag, self._attributes = "", dict[str, str]()
        self._id = ""  # of the element around, for messages
        self._masks: dict[tuple[int, str], int] = {}
        self._types: dict[str, tuple[RuleKind, int, int]] = {}
        self._seen: set[str] = set()
        self.head: tuple[str, int, int, int] = ("", 0, 0, 0)
        self.weights: TermWeights | None = None

        self.room_ids = _Ids("room", MAX_ROOMS)
        self.capacity = array("i")
        self.travel = array("i"), array("i"), array("i")
        self.closed, self.closed_weeks = array("i"), array("Q")

        self.course_ids, self.class_ids = _Ids("course", MAX_COURSES), _Ids("class", MAX_CLASSES)
        self.configs: list[str] = []
        self.subparts: list[str] = []
        self._own_subparts = 0
        self.config_course, self.subpart_config, self.class_subpart = array("i"), array("i"), array("i")
        self.limit, self.parent, self.needs_room = array("i"), array("i"), array("b")
        self.times: dict[tuple[int, int, int, int], int] = {}
        self.class_times, self.time_cost = _Rows(), array("i")
        self.class_rooms, self.room_cost = _Rows(), array("i")
        self._own_times: dict[tuple[int, int, int], int] = {}  # place in `class_times`
        self._own_rooms: dict[int, int] = {}

        self.rules, self.rule_classes = array("i"), _Rows()
        self._own_members: set[int] = set()
        self._num_pairs = 0
        self._own_courses: set[int] = set()
        self.student_ids, self.student_courses = _Ids("student", MAX_STUDENTS), _Rows()
        self._starts = {
            ROOT: self._problem,
            "optimization": self._optimization,
            "rooms/room": self._room,
            "travel": self._travel,
            "unavailable": self._unavailable,
            "courses/course": self._course,
            "config": self._config,
            "subpart": self._subpart,
            "subpart/class": self._class,
            "time": self._time,
            "class/room": self._class_room,
            "distribution": self._distribution,
            "distribution/class": self._member,
            "student": self._student,
            "student/course": self._choice,
        }
        self._ends = {
            "courses/course": self._course_end,
            "config": self._config_end,
            "subpart": self._subpart_end,
            "subpart/class": self._class_end,
            "distribution": self._distribution_end,
            "student": self.student_courses.end,
        }

    # The parser's side.

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1]
        if tag not in CHILDREN.get(parent, ()):
            raise self._unknown(tag, parent)
        place = f"{parent.rpartition('/')[2]}/{tag}" if tag in AMBIGUOUS else tag
        self._path.append(place)
        self._tag, self._attributes = tag, attributes
        action = self._starts.get(place)
        if action is not None:
            action()
        elif place in self._seen:
            raise self._error("", "it is given twice.")
        else:
            self._seen.add(place)

    def end(self, tag: str) -> None:
        action = self._ends.get(self._path.pop())
        if action is not None:
            self._tag = tag
            action()

    def close(self) -> None:
        return None

    def _unknown(self, tag: str, parent: str) -> FormatError:
        if not parent:
            return FormatError(
                self.file, self._line, "", f"the root element is <{tag[:40]}>; the problems of ITC-2019 have <{ROOT}>, with its classes."
            )
        around = parent.rpartition("/")[2]
        allowed = ", ".join(f"<{name}>" for name in sorted(CHILDREN.get(parent, ()))) or "nothing"
        return FormatError(self.file, self._line, f"<{tag[:40]}>", f"it does not belong into <{around}>; there may be {allowed}.")

    @property
    def _line(self) -> int:
        return int(self.expat.CurrentLineNumber)

    def _error(self, name: str, message: str) -> FormatError:
        own = self._attributes.get("id", "")[:40]
        place = f"<{self._tag}{f' {own}' if own else ''}>"
        return FormatError(self.file, self._line, f"{place} {name}".rstrip(), message)

    # Attributes.

    def _word(self, name: str, default: str | None = None) -> str:
        value = self._attributes.get(name, default)
        if value is None:
            raise self._error(name, "it is missing.")
        return value

    def _name(self, name: str = "id") -> str:
        value = self._word(name)
        if not value.strip() or len(value) > MAX_NAME or _CONTROL.search(value):
            raise self._error(name, f"{shown(value)} is not a name of 1 to {MAX_NAME} characters.")
        return value

    def _whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        word = self._attributes.get(name)
        if word is None:
            if default is None:
                raise self._error(name, "it is missing.")
            return default
        if not (word.isascii() and word.isdigit() and len(word) <= 10) or not low <= int(word) <= high:
            raise self._error(name, f"{shown(word)} is not a whole number from {low:,} to {high:,}.")
        return int(word)

    def _mask(self, name: str, size: int, what: str) -> int:
        """A word of zeros and ones as a set; bit d is the d-th character."""
        word = self._word(name)
        found = self._masks.get((size, word))
        if found is None:
            if len(word) != size or word.strip("01") or "1" not in word:
                raise self._error(name, f"{shown(word)} is not one of 0 or 1 for each of the {size} {what}, with a 1 at least once.")
            if len(self._masks) > 5 * MAX_TIMES:
                self._masks.clear()
            found = self._masks[size, word] = int(word[::-1], 2)
        return found

    def _truth(self, name: str, default: bool) -> bool:
        word = self._attributes.get(name)
        if word is None:
            return default
        if word not in ("true", "false"):
            raise self._error(name, f"{shown(word)} is not true or false.")
        return word == "true"

    def _declare(self, ids: _Ids) -> None:
        name = self._name()
        if not ids.declare(name, self._line):
            raise self._error("id", f"this {ids.what} is given twice.")
        self._check_size(ids)

    def _mention(self, ids: _Ids, name: str) -> int:
        found = ids.mention(self._name(name), self._line)
        self._check_size(ids)
        return found

    def _check_size(self, ids: _Ids) -> None:
        if ids.is_full:
            raise self._error("", f"there are more than {ids.most:,} names of a {ids.what}, the most that are read.")

    def _check_listed(self, values: array[int], what: str, most: int = MAX_LISTED) -> None:
        if len(values) > most:
            raise self._error("", f"there are more than {most:,} {what}, the most that are read.")

    # The problem and its rooms.

    def _problem(self) -> None:
        self.head = (
            self._name("name"),
            self._whole("nrDays", 1, MAX_DAYS),
            self._whole("nrWeeks", 1, MAX_WEEKS),
            self._whole("slotsPerDay", 1, MAX_SLOTS),
        )

    def _optimization(self) -> None:
        if self.weights is not None:
            raise self._error("", "it is given twice.")
        names = ("time", "room", "distribution", "student")
        self.weights = TermWeights(*(self._whole(name, 0, MAX_PENALTY) for name in names))

    def _room(self) -> None:
        self._declare(self.room_ids)
        self.capacity.append(self._whole("capacity", 0, NO_LIMIT, default=NO_LIMIT))

    def _travel(self) -> None:
        here = self.room_ids.mention(self.room_ids.names[-1], 0)
        for values, value in zip(
            self.travel, (here, self._mention(self.room_ids, "room"), self._whole("value", 0, MAX_SLOTS)), strict=True
        ):
            values.append(value)

    def _unavailable(self) -> None:
        _, days, weeks, slots = self.head
        self.closed.append(len(self.capacity) - 1)
        self.closed.append(self._mask("days", days, "days"))
        self.closed.append(self._whole("start", 0, slots))
        self.closed.append(self._whole("length", 0, slots))
        self.closed_weeks.append(self._mask("weeks", weeks, "weeks"))

    # Courses and classes.

    def _course(self) -> None:
        self._declare(self.course_ids)

    def _config(self) -> None:
        self.configs.append(self._name())
        self._own_subparts = 0
        self.config_course.append(len(self.course_ids.names) - 1)
        self._check_listed(self.config_course, "configurations", MAX_CLASSES)

    def _subpart(self) -> None:
        self.subparts.append(self._name())
        self._own_subparts += 1
        if self._own_subparts > MAX_SUBPARTS:
            raise self._error("", f"the configuration has more than {MAX_SUBPARTS} subparts, the most that are read.")
        self.subpart_config.append(len(self.configs) - 1)
        self._check_listed(self.subpart_config, "subparts", MAX_CLASSES)

    def _class(self) -> None:
        self._declare(self.class_ids)
        self.class_subpart.append(len(self.subparts) - 1)
        self.limit.append(self._whole("limit", 0, NO_LIMIT, default=NO_LIMIT))
        self.parent.append(self._mention(self.class_ids, "parent") if "parent" in self._attributes else -1)
        self.needs_room.append(self._truth("room", default=True))

    def _time(self) -> None:
        _, days, weeks, slots = self.head
        when = (self._mask("days", days, "days"), self._whole("start", 0, slots - 1), self._mask("weeks", weeks, "weeks"))
        length, cost = self._whole("length", 1, slots), self._whole("penalty", 0, MAX_PENALTY, default=0)
        place = self._own_times.get(when)
        if place is not None and self.time_cost[place] <= cost:
            return
        time = self.times.setdefault((*when, length), len(self.times))
        if time >= MAX_TIMES:
            raise self._error("", f"there are more than {MAX_TIMES:,} different times, the most that are read.")
        if place is None:
            self._own_times[when] = len(self.time_cost)
            self.class_times.values.append(time)
            self.time_cost.append(cost)
            self._check_listed(self.time_cost, "times of classes")
        else:
            self.class_times.values[place], self.time_cost[place] = time, cost

    def _class_room(self) -> None:
        room, cost = self._mention(self.room_ids, "id"), self._whole("penalty", 0, MAX_PENALTY, default=0)
        if not self.needs_room[-1]:
            return
        place = self._own_rooms.get(room)
        if place is None:
            self._own_rooms[room] = len(self.room_cost)
            self.class_rooms.values.append(room)
            self.room_cost.append(cost)
            self._check_listed(self.room_cost, "rooms of classes")
        else:
            self.room_cost[place] = min(cost, self.room_cost[place])

    def _class_end(self) -> None:
        self._attributes = {"id": self.class_ids.names[-1]}
        if not self.class_times.size:
            raise self._error("time", "the class has no time.")
        if self.needs_room[-1] and not self.class_rooms.size:
            raise self._error("room", 'the class needs a room and lists none. Where it needs none, say room="false".')
        self.class_times.end()
        self.class_rooms.end()
        self._own_times.clear()
        self._own_rooms.clear()

    def _subpart_end(self) -> None:
        if not self.class_subpart or self.class_subpart[-1] != len(self.subparts) - 1:
            self._attributes = {"id": self.subparts[-1]}
            raise self._error("", "there is no <class> in it.")

    def _config_end(self) -> None:
        if not self.subpart_config or self.subpart_config[-1] != len(self.configs) - 1:
            self._attributes = {"id": self.configs[-1]}
            raise self._error("", "there is no <subpart> in it.")

    def _course_end(self) -> None:
        if not self.config_course or self.config_course[-1] != len(self.course_ids.names) - 1:
            self._attributes = {"id": self.course_ids.names[-1]}
            raise self._error("", "there is no <config> in it.")

    # Rules and students.

    def _distribution(self) -> None:
        kind, x, y = self._type(self._word("type"))
        is_required = self._truth("required", default=False)
        penalty = self._whole("penalty", 0, MAX_PENALTY, default=0)
        self.rules.extend((kind, int(is_required), 0 if is_required else penalty, x, y))
        self._check_listed(self.rules, "distributions", 5 * MAX_RULES)
        self._own_members.clear()

    def _type(self, word: str) -> tuple[RuleKind, int, int]:
        known = self._types.get(word)
        if known is not None:
            return known
        found = _TYPE.fullmatch(word.strip())
        kind = TYPES.get(found[1]) if found else None
        if found is None or kind is None:
            raise self._error("type", f"{shown(word)} is not one of the distributions of ITC-2019: {', '.join(TYPES)}.")
        numbers = [number.strip() for number in found[2].split(",")] if found[2] else []
        if len(numbers) != PARAMETERS.get(kind, 0) or any(not number.isdigit() or int(number) > MAX_PENALTY for number in numbers):
            raise self._error(
                "type", f"{shown(word)} should have {PARAMETERS.get(kind, 0)} numbers in brackets, each from 0 to {MAX_PENALTY:,}."
            )
        x, y = ([int(number) for number in numbers] + [0, 0])[:2]
        self._types[word] = kind, x, y
        return kind, x, y

    def _member(self) -> None:
        member = self._mention(self.class_ids, "id")
        if member not in self._own_members:
            self._own_members.add(member)
            self.rule_classes.values.append(member)
            self._check_listed(self.rule_classes.values, "classes of distributions")

    def _distribution_end(self) -> None:
        size = self.rule_classes.size
        self.rule_classes.end()
        if self.rules[-5] < RuleKind.MAX_DAYS:
            self._num_pairs += size * (size - 1) // 2
        if self._num_pairs > MAX_PAIRS:
            raise self._error("", f"the distributions have more than {MAX_PAIRS:,} pairs of classes, the most that are read.")

    def _student(self) -> None:
        self._declare(self.student_ids)
        self._own_courses.clear()

    def _choice(self) -> None:
        course = self._mention(self.course_ids, "id")
        if course in self._own_courses:
            raise self._error("", f"student {self.student_ids.names[-1][:40]} names this course twice.")
        self._own_courses.add(course)
        if len(self._own_courses) > MAX_CHOICES:
            raise self._error(
                "", f"student {self.student_ids.names[-1][:40]} names more than {MAX_CHOICES} courses, the most that are read."
            )
        self.student_courses.values.append(course)
        self._check_listed(self.student_courses.values, "courses of students")

    # What comes out.

    def problem(self) -> TermProblem:
        for ids in (self.room_ids, self.class_ids, self.course_ids):
            missing = ids.undeclared()
            if missing is not None:
                raise FormatError(self.file, missing[1], f"<{ids.what}>", f"no {ids.what} {shown(missing[0])} is given in this file.")
        if not self.class_ids.names:
            raise FormatError(self.file, 0, "<courses>", "there is no class to timetable.")
        if self.weights is None:
            raise FormatError(self.file, 0, "<optimization>", "it is missing.")
        name, days, weeks, slots = self.head
        times = list(self.times)
        return TermProblem(
            name=name,
            num_days=days,
            num_weeks=weeks,
            slots_per_day=slots,
            names=self._names(),
            weights=self.weights,
            time_days=np.array([time[0] for time in times], dtype=np.int32),
            time_weeks=np.array([time[2] for time in times], dtype=np.uint64),
            time_start=np.array([time[1] for time in times], dtype=np.int32),
            time_length=np.array([time[3] for time in times], dtype=np.int32),
            class_times=self.class_times.csr(),
            class_time_cost=_array(self.time_cost),
            class_rooms=self.class_rooms.csr(self.room_ids.numbers(self.class_rooms.values)),
            class_room_cost=_array(self.room_cost),
            class_needs_room=_truths(self.needs_room),
            class_limit=_array(self.limit),
            class_parent=self._parents(),
            class_subpart=_array(self.class_subpart),
            subpart_config=_array(self.subpart_config),
            config_course=_array(self.config_course),
            room_capacity=_array(self.capacity),
            room_travel=self._travels(),
            room_closed=_array(self.closed).reshape(-1, 4),
            room_closed_weeks=_weeks(self.closed_weeks),
            rules=_array(self.rules).reshape(-1, 5),
            rule_classes=self.rule_classes.csr(self.class_ids.numbers(self.rule_classes.values)),
            student_courses=self.student_courses.csr(self.course_ids.numbers(self.student_courses.values)),
        )

    def _names(self) -> TermNames:
        return TermNames(
            classes=tuple(self.class_ids.names),
            rooms=tuple(self.room_ids.names),
            courses=tuple(self.course_ids.names),
            configs=tuple(self.configs),
            subparts=tuple(self.subparts),
            students=tuple(self.student_ids.names),
        )

    def _travels(self) -> IntArray:
        num_rooms = len(self.room_ids.names)
        found: IntArray = np.zeros((num_rooms, num_rooms), dtype=np.int32)
        for one, other, value in zip(
            self.room_ids.numbers(self.travel[0]).tolist(), self.room_ids.numbers(self.travel[1]).tolist(), self.travel[2], strict=True
        ):
            if one != other:
                found[one, other] = found[other, one] = value
        return found

    def _parents(self) -> IntArray:
        """Parents of the same configuration and another subpart, in no circle."""
        mentions = np.array(self.parent, dtype=np.int32)
        parents: IntArray = np.full(len(mentions), -1, dtype=np.int32)
        has_one = mentions >= 0
        parents[has_one] = self.class_ids.numbers(array("i", mentions[has_one].tolist()))
        subparts = self.class_subpart
        for child in np.flatnonzero(has_one).tolist():
            parent, steps = int(parents[child]), 0
            if self.subpart_config[subparts[child]] != self.subpart_config[subparts[parent]] or subparts[child] == subparts[parent]:
                raise self._parent_error(child, "is not in another subpart of the same configuration.")
            while parent >= 0 and steps < MAX_PARENTS:
                parent, steps = int(parents[parent]), steps + 1
            if parent >= 0:
                raise self._parent_error(child, f"has itself as a parent in the end, or more than {MAX_PARENTS} above it.")
        return parents

    def _parent_error(self, child: int, message: str) -> FormatError:
        names = self.class_ids.names
        return FormatError(self.file, 0, f"<class {names[child][:40]}> parent", f"the parent of the class {message}")


def _truths(values: array[int]) -> BoolArray:
    found: BoolArray = np.frombuffer(values, dtype=np.int8).astype(np.bool_)
    return found


@dataclass(frozen=True, slots=True)
class SolutionHead:
    """What a solution file says of its making."""

    runtime_s: float = 0
    cores: int = 1
    technique: str = "Domain reduction, ejection chains and simulated annealing"
    author: str = "Timeloom"
    institution: str = "Timeloom"
    country: str = ""


def write_solution(problem: TermProblem, solution: TermSolution, head: SolutionHead | None = None) -> str:
    """A solution in the competition's form. A class without a time is listed without one, with its students."""
    head = head or SolutionHead()
    attributes = {
        "name": problem.name,
        "runtime": f"{head.runtime_s:.0f}",
        "cores": str(head.cores),
        "technique": head.technique,
        "author": head.author,
        "institution": head.institution,
        "country": head.country,
    }
    students: list[list[str]] = [[] for _ in range(problem.num_classes)]
    for student, classes in enumerate(solution.student_classes):
        for number in classes.tolist():
            students[number].append(problem.names.students[student])
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<!DOCTYPE solution PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">')
    lines.append(f"<solution{_attributes(attributes)}>")
    times, rooms = solution.class_time.tolist(), solution.class_room.tolist()
    for number, name in enumerate(problem.names.classes):
        place = {"id": name} | _place(problem, times[number], rooms[number])
        if students[number]:
            lines.append(f"  <class{_attributes(place)}>")
            lines += [f"    <student{_attributes({'id': student})}/>" for student in students[number]]
            lines.append("  </class>")
        else:
            lines.append(f"  <class{_attributes(place)}/>")
    return "\n".join([*lines, "</solution>", ""])


def _place(problem: TermProblem, time: int, room: int) -> dict[str, str]:
    if time < 0:
        return {}
    place = {
        "days": bits(int(problem.time_days[time]), problem.num_days),
        "start": str(int(problem.time_start[time])),
        "weeks": bits(int(problem.time_weeks[time]), problem.num_weeks),
    }
    return place | ({"room": problem.names.rooms[room]} if room >= 0 else {})


def bits(mask: int, size: int) -> str:
    """A set of days or weeks as the format writes it: a 0 or 1 for each, the first in front."""
    return "".join("1" if mask >> number & 1 else "0" for number in range(size))


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
