"""Curriculum-based course timetabling files (``.ctt``) of the ITC-2007 competition, track 3, formulation UD2.

An instance has a head (``Courses: 30`` ...) and four sections of rows, in this order::

    COURSES:                     CourseID Teacher Lectures MinWorkingDays Students
    ROOMS:                       RoomID Capacity
    CURRICULA:                   CurriculumID NumCourses CourseID ...
    UNAVAILABILITY_CONSTRAINTS:  CourseID Day Period
    END.

A solution has a line ``CourseID RoomID Day Period`` for each lecture; days and periods count from 0.
What the competition calls a period is a timeslot here; the words change in this module only.

References: Bonutti, De Cesco, Di Gaspero, Schaerf: Benchmarking curriculum-based course timetabling (2012), section 2.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np

from generation.engine.model.problem import ANY, UNPLACED, Csr, Names, Problem, Weights
from generation.engine.model.solution import Solution
from generation.formats import FormatError
from generation.formats.source import MEGABYTE, text_decode, text_read

MAX_BYTES = 10 * MEGABYTE
MAX_ROWS = 5_000  # courses, rooms, curricula
MAX_COURSES = 500  # of one curriculum
MAX_LECTURES = 100_000  # of all courses
MAX_DAYS = 31
MAX_PERIODS = 96
MAX_SEATS = 100_000
MAX_UNAVAILABILITIES = 1_000_000

HEAD_RANGES = {
    "Courses": (1, MAX_ROWS),
    "Rooms": (1, MAX_ROWS),
    "Days": (1, MAX_DAYS),
    "Periods_per_day": (1, MAX_PERIODS),
    "Curricula": (0, MAX_ROWS),
    "Constraints": (0, MAX_UNAVAILABILITIES),
}
EXTENDED = "ROOM_CONSTRAINTS:"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the files of a format begin with, and their sections in order."""

    ending: str
    head: tuple[str, ...]
    sections: tuple[str, ...]


PLAIN = Dialect(".ctt", ("Name", *HEAD_RANGES), ("COURSES:", "ROOMS:", "CURRICULA:", "UNAVAILABILITY_CONSTRAINTS:", "END."))


@dataclass(frozen=True, slots=True)
class CttCourse:
    id: str
    teacher: str
    num_lectures: int
    min_days: int
    num_students: int


@dataclass(frozen=True, slots=True)
class CttRoom:
    id: str
    capacity: int


@dataclass(frozen=True, slots=True)
class CttCurriculum:
    id: str
    courses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CttInstance:
    """An instance in the file's own words and order."""

    name: str
    num_days: int
    periods_per_day: int
    courses: tuple[CttCourse, ...]
    rooms: tuple[CttRoom, ...]
    curricula: tuple[CttCurriculum, ...]
    unavailabilities: tuple[tuple[str, int, int], ...]  # course, day, period


@dataclass(slots=True)
class Row:
    """One line of the file, split into words."""

    file: str
    line: int
    words: list[str]

    def error(self, field_name: str, message: str) -> FormatError:
        return FormatError(self.file, self.line, field_name, message)

    def expect(self, *field_names: str) -> None:
        if len(self.words) != len(field_names):
            raise self.error("", f"{len(self.words)} fields where {len(field_names)} belong: {' '.join(field_names)}.")

    def number(self, index: int, field_name: str, low: int, high: int) -> int:
        return _number(self.words[index], self, field_name, low, high)


@dataclass(slots=True)
class Parts:
    """The lines of a file, sorted into its head and its sections."""

    head: dict[str, tuple[str, Row]] = field(default_factory=dict)
    sections: dict[str, list[Row]] = field(default_factory=dict)


def _number(word: str, row: Row, field_name: str, low: int, high: int) -> int:
    digits = word.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12) or not low <= int(word) <= high:
        raise row.error(field_name, f"{shown(word)} is not a whole number from {low} to {high}.")
    return int(word)


def shown(word: str) -> str:
    return repr(word if len(word) <= 40 else word[:37] + "...")


def read(path: str | os.PathLike[str]) -> CttInstance:
    """Read an instance file; raises `FormatError` naming file, line and field when it is not one."""
    return parse(text_read(path, max_bytes=MAX_BYTES), file=PurePath(path).name)


def read_bytes(data: bytes, *, file: str) -> CttInstance:
    """Read an instance that was uploaded; ``file`` is what messages call it."""
    return parse(text_decode(data, file=file, max_bytes=MAX_BYTES), file=file)


def parse(text: str, *, file: str = "instance.ctt") -> CttInstance:
    """Read an instance from its text; ``file`` is what messages call it."""
    return instance_of(sort_lines(text, file, PLAIN), file)


def instance_of(parts: Parts, file: str, *, unavailabilities: str = "Constraints", most_min_days: int = 0) -> CttInstance:
    """The instance of a file's lines.

    ``unavailabilities`` is the head that counts those rows; ``most_min_days`` how many working days a course may want (0: those of a week).
    """
    ranges = {**HEAD_RANGES, unavailabilities: HEAD_RANGES["Constraints"]}
    numbers = {key: head_number(parts, key, file, *ranges[key]) for key in HEAD_RANGES if key != "Constraints"}
    numbers[unavailabilities] = head_number(parts, unavailabilities, file, *ranges[unavailabilities])
    num_days, periods_per_day = numbers["Days"], numbers["Periods_per_day"]
    for section, key in (("COURSES:", "Courses"), ("ROOMS:", "Rooms"), ("CURRICULA:", "Curricula")):
        check_count(parts, section, key, numbers[key])
    check_count(parts, "UNAVAILABILITY_CONSTRAINTS:", unavailabilities, numbers[unavailabilities])
    courses = _courses(parts.sections["COURSES:"], most_min_days or num_days, file)
    known = {course.id for course in courses}
    return CttInstance(
        name=parts.head["Name"][0] if "Name" in parts.head else PurePath(file).stem,
        num_days=num_days,
        periods_per_day=periods_per_day,
        courses=courses,
        rooms=_rooms(parts.sections["ROOMS:"]),
        curricula=_curricula(parts.sections["CURRICULA:"], known),
        unavailabilities=_unavailabilities(parts.sections["UNAVAILABILITY_CONSTRAINTS:"], known, num_days, periods_per_day),
    )


def sort_lines(text: str, file: str, dialect: Dialect) -> Parts:
    parts, current, last_line = Parts(), "", 0
    for row in rows_of(text, file):
        last_line, first = row.line, row.words[0]
        if current == "END.":
            raise row.error("", "there is more text after END.")
        if first == EXTENDED and EXTENDED not in dialect.sections:
            raise row.error("", "this is the extended format; give the file a name that ends in .ectt, or say --format ectt.")
        if first in dialect.sections and len(row.words) == 1:
            current = _next_section(current, row, dialect)
            parts.sections[current] = []
        elif current:
            parts.sections[current].append(row)
        else:
            _add_head(parts, row, dialect)
    if current != "END.":
        wanted = dialect.sections[dialect.sections.index(current) + 1] if current else dialect.sections[0]
        message = f"the file ends before {wanted} It seems to be cut off, or is not a {dialect.ending} file."
        raise FormatError(file, last_line, "", message)
    return parts


def rows_of(text: str, file: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words:
            yield Row(file, number, words)


def _next_section(current: str, row: Row, dialect: Dialect) -> str:
    wanted = dialect.sections[dialect.sections.index(current) + 1] if current else dialect.sections[0]
    if row.words[0] != wanted:
        raise row.error("", f"{row.words[0]} stands where {wanted} belongs.")
    return wanted


def _add_head(parts: Parts, row: Row, dialect: Dialect) -> None:
    key, colon, value = " ".join(row.words).partition(":")
    if not colon or key not in dialect.head:
        raise row.error("", f"{shown(key)} is not a head of a {dialect.ending} file; they are {', '.join(dialect.head)}.")
    if key in parts.head:
        raise row.error(key, "it is given twice.")
    parts.head[key] = (value.strip(), row)


def head_value(parts: Parts, key: str, file: str) -> tuple[str, Row]:
    if key not in parts.head:
        raise FormatError(file, 0, key, "it is missing from the head of the file.")
    return parts.head[key]


def head_number(parts: Parts, key: str, file: str, low: int, high: int) -> int:
    value, row = head_value(parts, key, file)
    return _number(value, row, key, low, high)


def check_count(parts: Parts, section: str, key: str, expected: int) -> None:
    found = len(parts.sections[section])
    if found != expected:
        raise parts.head[key][1].error(key, f"the head says {expected}, but {section.rstrip(':')} has {found} rows.")


def _courses(rows: list[Row], most_min_days: int, file: str) -> tuple[CttCourse, ...]:
    courses = []
    for row in rows:
        row.expect("course", "teacher", "lectures", "min_days", "students")
        courses.append(
            CttCourse(
                id=row.words[0],
                teacher=row.words[1],
                num_lectures=row.number(2, "lectures", 1, MAX_DAYS * MAX_PERIODS),
                min_days=row.number(3, "min_days", 0, most_min_days),
                num_students=row.number(4, "students", 0, MAX_SEATS),
            )
        )
    check_distinct(rows, "course")
    total = sum(course.num_lectures for course in courses)
    if total > MAX_LECTURES:
        raise FormatError(file, 0, "lectures", f"all courses together have {total} lectures; {MAX_LECTURES} is the most that is read.")
    return tuple(courses)


def _rooms(rows: list[Row]) -> tuple[CttRoom, ...]:
    rooms = []
    for row in rows:
        row.expect("room", "capacity")
        rooms.append(CttRoom(row.words[0], row.number(1, "capacity", 0, MAX_SEATS)))
    check_distinct(rows, "room")
    return tuple(rooms)


def _curricula(rows: list[Row], known: set[str]) -> tuple[CttCurriculum, ...]:
    curricula = []
    for row in rows:
        if len(row.words) < 2:
            raise row.error("num_courses", "it is missing.")
        count = row.number(1, "num_courses", 0, MAX_COURSES)
        members = row.words[2:]
        if len(members) != count:
            raise row.error("num_courses", f"curriculum {shown(row.words[0])} announces {count} courses and names {len(members)}.")
        for position, course in enumerate(members):
            check_known(course, known, row)
            if course in members[:position]:
                raise row.error("course", f"course {shown(course)} is named twice in one curriculum.")
        curricula.append(CttCurriculum(row.words[0], tuple(members)))
    check_distinct(rows, "curriculum")
    return tuple(curricula)


def _unavailabilities(rows: list[Row], known: set[str], num_days: int, periods_per_day: int) -> tuple[tuple[str, int, int], ...]:
    found = []
    for row in rows:
        row.expect("course", "day", "period")
        check_known(row.words[0], known, row)
        found.append((row.words[0], row.number(1, "day", 0, num_days - 1), row.number(2, "period", 0, periods_per_day - 1)))
    return tuple(found)


def check_known(course: str, known: set[str], row: Row) -> None:
    if course not in known:
        raise row.error("course", f"no course {shown(course)} stands in COURSES.")


def check_distinct(rows: list[Row], what: str) -> None:
    first_line: dict[str, int] = {}
    for row in rows:
        earlier = first_line.setdefault(row.words[0], row.line)
        if earlier != row.line:
            raise row.error(what, f"{shown(row.words[0])} is already given in line {earlier}.")


def write(instance: CttInstance) -> str:
    """The instance as a file's text; `parse` reads it back to an equal instance."""
    lines = [
        f"Name: {instance.name}",
        f"Courses: {len(instance.courses)}",
        f"Rooms: {len(instance.rooms)}",
        f"Days: {instance.num_days}",
        f"Periods_per_day: {instance.periods_per_day}",
        f"Curricula: {len(instance.curricula)}",
        f"Constraints: {len(instance.unavailabilities)}",
        "",
        "COURSES:",
        *(f"{c.id} {c.teacher} {c.num_lectures} {c.min_days} {c.num_students}" for c in instance.courses),
        "",
        "ROOMS:",
        *(f"{room.id} {room.capacity}" for room in instance.rooms),
        "",
        "CURRICULA:",
        *(" ".join((q.id, str(len(q.courses)), *q.courses)) for q in instance.curricula),
        "",
        "UNAVAILABILITY_CONSTRAINTS:",
        *(f"{course} {day} {period}" for course, day, period in instance.unavailabilities),
        "",
        "END.",
        "",
    ]
    return "\n".join(lines)


def to_problem(instance: CttInstance) -> Problem:
    """The instance in exact UD2 mode: a section per course, an instructor per teacher, all other constraints off."""
    teachers = list(dict.fromkeys(course.teacher for course in instance.courses))
    teacher_index = {teacher: index for index, teacher in enumerate(teachers)}
    lecture_section = np.repeat(np.arange(len(instance.courses)), [course.num_lectures for course in instance.courses])
    num_lectures, num_sections = len(lecture_section), len(instance.courses)
    num_rooms, num_slots = len(instance.rooms), instance.num_days * instance.periods_per_day
    curricula_of: dict[str, list[int]] = {course.id: [] for course in instance.courses}
    for index, curriculum in enumerate(instance.curricula):
        for course_id in curriculum.courses:
            curricula_of[course_id].append(index)
    return Problem(
        name=instance.name,
        num_days=instance.num_days,
        periods_per_day=instance.periods_per_day,
        names=_names(instance, teachers),
        weights=Weights.udine(),
        lecture_section=lecture_section.astype(np.int32),
        lecture_length=np.ones(num_lectures, dtype=np.int32),
        lecture_room_kind=np.full(num_lectures, ANY, dtype=np.int32),
        lecture_features=np.zeros((num_lectures, 0), dtype=np.bool_),
        lecture_pin_slot=np.full(num_lectures, UNPLACED, dtype=np.int32),
        lecture_pin_room=np.full(num_lectures, UNPLACED, dtype=np.int32),
        section_size=np.array([course.num_students for course in instance.courses], dtype=np.int32),
        section_min_days=np.array([course.min_days for course in instance.courses], dtype=np.int32),
        section_available=_section_available(instance),
        section_building=np.full(num_sections, ANY, dtype=np.int32),
        section_instructors=Csr.of([[teacher_index[course.teacher]] for course in instance.courses]),
        section_curricula=Csr.of([curricula_of[course.id] for course in instance.courses]),
        section_cluster_hint=np.full(num_sections, -1, dtype=np.int32),
        room_capacity=np.array([room.capacity for room in instance.rooms], dtype=np.int32),
        room_kind=np.zeros(num_rooms, dtype=np.int32),
        room_features=np.zeros((num_rooms, 0), dtype=np.bool_),
        room_building=np.zeros(num_rooms, dtype=np.int32),
        room_available=np.ones((num_rooms, num_slots), dtype=np.bool_),
        instructor_available=np.ones((len(teachers), num_slots), dtype=np.bool_),
        instructor_dislike=np.zeros((len(teachers), num_slots), dtype=np.int32),
        instructor_max_daily=np.zeros(len(teachers), dtype=np.int32),
        instructor_max_weekly=np.zeros(len(teachers), dtype=np.int32),
        instructor_max_consecutive=np.zeros(len(teachers), dtype=np.int32),
        student_sections=Csr.of([]),
        no_overlap=np.zeros((0, 2), dtype=np.int32),
        same_start=np.zeros((0, 2), dtype=np.int32),
        break_after=np.zeros(instance.periods_per_day, dtype=np.bool_),
        lunch_window=np.zeros(instance.periods_per_day, dtype=np.bool_),
        capacity_is_hard=False,
        source={"format": "ctt", "name": instance.name},
    )


def _names(instance: CttInstance, teachers: list[str]) -> Names:
    courses = tuple(course.id for course in instance.courses)
    return Names(
        sections=courses,
        courses=courses,
        titles=courses,
        rooms=tuple(room.id for room in instance.rooms),
        instructors=tuple(teachers),
        curricula=tuple(curriculum.id for curriculum in instance.curricula),
        room_kinds=("any",),
        buildings=("all",),
        days=tuple(f"Day {day + 1}" for day in range(instance.num_days)),
        periods=tuple(f"Period {period + 1}" for period in range(instance.periods_per_day)),
    )


def _section_available(instance: CttInstance) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    index = {course.id: number for number, course in enumerate(instance.courses)}
    available = np.ones((len(instance.courses), instance.num_days * instance.periods_per_day), dtype=np.bool_)
    for course, day, period in instance.unavailabilities:
        available[index[course], day * instance.periods_per_day + period] = False
    return available


def write_solution(problem: Problem, solution: Solution) -> str:
    """A line ``CourseID RoomID Day Period`` for each placed lecture; lectures without a place have no line."""
    lines = []
    for section, slot, room in zip(problem.lecture_section.tolist(), solution.slot.tolist(), solution.room.tolist(), strict=True):
        if slot >= 0 and room >= 0:
            day, period = divmod(slot, problem.periods_per_day)
            lines.append(f"{problem.names.courses[section]} {problem.names.rooms[room]} {day} {period}\n")
    return "".join(lines)


def parse_solution(text: str, problem: Problem, *, file: str = "solution.txt") -> Solution:
    """Read a solution: the k-th line of a course places its k-th lecture, what has no line stays without a place."""
    solution = Solution.empty(problem)
    waiting: dict[str, list[int]] = {code: [] for code in problem.names.courses}
    for lecture in reversed(range(problem.num_lectures)):
        waiting[problem.names.courses[problem.lecture_section[lecture]]].append(lecture)
    room_index = {room: index for index, room in enumerate(problem.names.rooms)}
    for row in rows_of(text, file):
        row.expect("course", "room", "day", "period")
        course, room = row.words[:2]
        if course not in waiting:
            raise row.error("course", f"the instance has no course {shown(course)}.")
        if room not in room_index:
            raise row.error("room", f"the instance has no room {shown(room)}.")
        if not waiting[course]:
            raise row.error("course", f"course {shown(course)} has more lines than lectures.")
        lecture = waiting[course].pop()
        day = row.number(2, "day", 0, problem.num_days - 1)
        period = row.number(3, "period", 0, problem.periods_per_day - 1)
        solution.slot[lecture] = day * problem.periods_per_day + period
        solution.room[lecture] = room_index[room]
    return solution
