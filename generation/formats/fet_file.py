"""FET's files as they stand: days, hours, people, activities, rooms and the list of constraints. Written for FET 5, 6 and 7.

A students set is a year, a group or a subgroup. What cannot be divided further is an *atom*: a subgroup, a group without
subgroups, or a year without groups. Two sets share students where they share an atom.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from generation.formats import FormatError
from generation.formats.source import MEGABYTE, text_read

MAX_BYTES = 10 * MEGABYTE
MAX_DAYS = 40
MAX_HOURS = 60
MAX_ACTIVITIES = 6_000
MAX_NAMES = 20_000  # of a list
MAX_STUDENTS = 1_000_000
MAX_DEPTH = 12
MORNINGS_AFTERNOONS = "Mornings_Afternoons"

# Versions of FET 5 for Morocco and Algeria, whose days are halves of days: FET reads some of their constraints as others since.
HALF_DAY_VERSIONS = ("-morocco", "-algeria", "-ma")
RENAMED = re.compile(
    r"Constraint(Teachers?|Students(?:Set)?)(ActivityTag)?(M(?:ax|in)DaysPerWeek|MaxHoursDaily|MaxSpanPerDay|MaxRoomChangesPerDay)"
)
OF_HALVES = "HalfDays"


@dataclass(frozen=True, slots=True)
class FetActivity:
    id: int
    group: int  # 0: it is not one of several components
    subject: str
    teachers: tuple[str, ...]
    tags: tuple[str, ...]
    students: tuple[str, ...]
    duration: int
    size: int  # students
    is_active: bool

    def is_component(self, number: int) -> bool:
        return number == (1 if self.group == 0 else self.id - self.group + 1)


@dataclass(frozen=True, slots=True)
class FetTeacher:
    name: str
    half_days: str = ""  # of the mornings and afternoons mode: on how many days both halves may be taught


@dataclass(frozen=True, slots=True)
class FetRoom:
    name: str
    building: str
    capacity: int
    is_virtual: bool


@dataclass(frozen=True, slots=True)
class FetFile:
    """What a file holds; ``constraints`` are its elements, active ones only, of time and of space."""

    file: str
    text: str
    name: str
    mode: str
    days: tuple[str, ...]
    hours: tuple[str, ...]
    teachers: tuple[FetTeacher, ...]
    atoms: dict[str, frozenset[str]]  # by students set
    activities: tuple[FetActivity, ...]
    rooms: tuple[FetRoom, ...]
    constraints: tuple[Element, ...]
    day_index: dict[str, int] = field(default_factory=dict)
    hour_index: dict[str, int] = field(default_factory=dict)

    def error(self, what: str, message: str) -> FormatError:
        return FormatError(self.file, 0, what, message)

    def slot(self, day: str, hour: str, what: str) -> int:
        if day not in self.day_index or hour not in self.hour_index:
            raise self.error(what, f"there is no day {_shown(day)} or no hour {_shown(hour)}.")
        return self.day_index[day] * len(self.hours) + self.hour_index[hour]


def read(path: str | os.PathLike[str]) -> FetFile:
    """Read a file; raises `FormatError` where it is not one of FET's."""
    return parse(text_read(path, max_bytes=MAX_BYTES), file=PurePath(path).name)


def tree(text: str, *, file: str) -> Element:
    """The root of a file's text, which declares no entities and is not deeply nested."""
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except ParseError as error:
        raise FormatError(file, error.position[0], "", "this is not XML as FET writes it, or it is cut off.") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise FormatError(file, 0, "", "this is not XML as FET writes it: it declares entities or another encoding.") from error
    level, depth = [root], 0
    while level:
        level, depth = [child for each in level for child in each], depth + 1
        if depth > MAX_DEPTH:
            raise FormatError(file, 0, "", f"its elements are nested more than {MAX_DEPTH} deep, which FET's are not.")
    if root.tag.lower() != "fet":
        raise FormatError(file, 0, "", f"this is XML of another kind: its root is {_shown(root.tag)}, not fet.")
    return root


def parse(text: str, *, file: str = "file.fet") -> FetFile:
    """Read a file from its text; ``file`` is what messages call it."""
    return _Reader(tree(text, file=file), text, file).file_read()


def text_of(element: Element, tag: str, default: str = "") -> str:
    """The text of a child as it stands: FET's names may begin or end with spaces."""
    return element.findtext(tag) or default


def is_true(element: Element, tag: str, *, default: bool) -> bool:
    found = text_of(element, tag).strip().lower()
    return found in ("true", "yes", "1") if found else default


def _shown(word: str) -> str:
    return repr(word if len(word) <= 40 else word[:37] + "...")


class _Reader:
    def __init__(self, root: Element, text: str, file: str) -> None:
        self.root, self.text, self.file = root, text, file

    def error(self, what: str, message: str) -> FormatError:
        return FormatError(self.file, 0, what, message)

    def file_read(self) -> FetFile:
        days, hours = self.names("Days_List", "Day", MAX_DAYS), self.names("Hours_List", "Hour", MAX_HOURS)
        if not days or not hours:
            raise self.error("Days_List", "there are no days or no hours.")
        usual = self.half_days_by_name()
        teachers = tuple(
            FetTeacher(name, text_of(each, "Mornings_Afternoons_Behavior").strip() or usual.get(name, usual.get("", "")))
            for each, name in self.named("Teachers_List", "Teacher", MAX_NAMES)
        )
        atoms, sizes = self.students()
        known = {teacher.name for teacher in teachers}
        return FetFile(
            file=self.file,
            text=self.text,
            name=text_of(self.root, "Institution_Name") or PurePath(self.file).stem,
            mode=MORNINGS_AFTERNOONS if self.of_half_days else text_of(self.root, "Mode").strip(),
            days=days,
            hours=hours,
            teachers=teachers,
            atoms=atoms,
            activities=self.activities(known, atoms, sizes, len(hours)),
            rooms=tuple(
                FetRoom(
                    name, text_of(each, "Building"), self.number(each, "Capacity", 0, MAX_STUDENTS), is_true(each, "Virtual", default=False)
                )
                for each, name in self.named("Rooms_List", "Room", MAX_NAMES)
            ),
            constraints=tuple(self.constraints()),
            day_index={name: index for index, name in enumerate(days)},
            hour_index={name: index for index, name in enumerate(hours)},
        )

    def children(self, parent: Element, tag: str, most: int) -> list[Element]:
        found = parent.findall(tag)
        if len(found) > most:
            raise self.error(tag, f"there are {len(found):,}; {most:,} is the most that is read.")
        return found

    def named(self, list_tag: str, tag: str, most: int) -> Iterator[tuple[Element, str]]:
        """The elements of one of the file's lists with their names, each of which is there once."""
        found = self.root.find(list_tag)
        seen: set[str] = set()
        for each in [] if found is None else self.children(found, tag, most):
            name = text_of(each, "Name")
            if not name or name in seen:
                raise self.error(list_tag, f"the name {_shown(name)} is empty or there twice.")
            seen.add(name)
            yield each, name

    def names(self, list_tag: str, tag: str, most: int) -> tuple[str, ...]:
        return tuple(name for _, name in self.named(list_tag, tag, most))

    def number(self, element: Element, tag: str, low: int, high: int, default: int = 0) -> int:
        word = text_of(element, tag).strip()
        if not word:
            return default
        digits = word.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12) or not low <= int(word) <= high:
            raise self.error(tag, f"{_shown(word)} is not a whole number from {low} to {high:,}.")
        return int(word)

    def students(self) -> tuple[dict[str, frozenset[str]], dict[str, int]]:
        """The atoms and the number of students of every students set; a group may be in several years, a subgroup in several groups."""
        atoms: dict[str, frozenset[str]] = {}
        sizes: dict[str, int] = {}

        def of(element: Element, tags: tuple[str, ...]) -> frozenset[str]:
            name = text_of(element, "Name")
            if not name:
                raise self.error("Students_List", "a year, group or subgroup has no name.")
            parts = [of(each, tags[1:]) for each in self.children(element, tags[0], MAX_NAMES)] if tags else []
            own = frozenset().union(*parts) if parts else frozenset([name])
            atoms[name] = atoms.get(name, frozenset()) | own
            sizes[name] = self.number(element, "Number_of_Students", 0, MAX_STUDENTS)
            return own

        found = self.root.find("Students_List")
        for year in [] if found is None else self.children(found, "Year", MAX_NAMES):
            of(year, ("Group", "Subgroup"))
        if len(atoms) > MAX_NAMES:
            raise self.error("Students_List", f"there are {len(atoms):,} students sets; {MAX_NAMES:,} is the most that is read.")
        return atoms, sizes

    def activities(
        self, teachers: set[str], atoms: dict[str, frozenset[str]], sizes: dict[str, int], hours: int
    ) -> tuple[FetActivity, ...]:
        found = self.root.find("Activities_List")
        read: dict[int, FetActivity] = {}
        for each in [] if found is None else self.children(found, "Activity", MAX_ACTIVITIES):
            number = self.number(each, "Id", 1, 10**9)
            if number in read:
                raise self.error("Activity", f"the id {number} is there twice.")
            people = tuple(dict.fromkeys(one.text or "" for one in each.findall("Teacher")))
            students = tuple(dict.fromkeys(one.text or "" for one in each.findall("Students")))
            for name, known in [(name, teachers) for name in people] + [(name, atoms) for name in students]:
                if name not in known:
                    raise self.error("Activity", f"activity {number} names {_shown(name)}, who is in none of the lists.")
            size = self.number(each, "Number_Of_Students", -1, MAX_STUDENTS, default=-1)
            read[number] = FetActivity(
                id=number,
                group=self.number(each, "Activity_Group_Id", 0, 10**9),
                subject=text_of(each, "Subject"),
                teachers=people,
                tags=tuple(dict.fromkeys(one.text for one in each.findall("Activity_Tag") if one.text)),
                students=students,
                duration=self.number(each, "Duration", 1, hours, default=1),
                size=size if size >= 0 else sum(sizes[name] for name in students),
                is_active=is_true(each, "Active", default=True),
            )
        return tuple(read.values())

    @property
    def of_half_days(self) -> bool:
        """Whether a special version of FET 5 wrote the file, which has no mode yet."""
        version = self.root.get("version", "").lower()
        return not text_of(self.root, "Mode") and any(each in version for each in HALF_DAY_VERSIONS) and "-mathmake" not in version

    def half_days_by_name(self) -> dict[str, str]:
        """Of old files from Morocco: every teacher teaches in one half of a day only (under the empty name), with exceptions."""
        if not self.of_half_days or "-morocco" not in self.root.get("version", "").lower():
            return {}
        found = {"": "Exclusive"}
        for tag, words in (("One_Day", "One day exception"), ("Two_Days", "Two days exception"), ("Three_Days", "Three days exception")):
            listed = self.root.find(f"Exception_Teachers_{tag}_List")
            found |= {each.text or "": words for each in ([] if listed is None else listed)}
        return found

    def current_kind(self, kind: str) -> str:
        """What FET calls a constraint of such a file today: its limits of a day are of both halves, and it says so."""
        renamed = RENAMED.fullmatch(kind)
        if kind.endswith(OF_HALVES):
            return kind.removesuffix(OF_HALVES)
        if renamed is None:
            return kind
        who, tag, what = renamed[1], renamed[2] or "", renamed[3]
        real = {"MaxHoursDaily": "MaxHoursDailyRealDays"}.get(what) or what.replace("DaysPer", "RealDaysPer").replace(
            "PerDay", "PerRealDay"
        )
        return f"Constraint{who}{tag}{real}"

    def constraints(self) -> Iterator[Element]:
        of_half_days = self.of_half_days
        for tag in ("Time_Constraints_List", "Space_Constraints_List"):
            found = self.root.find(tag)
            for each in [] if found is None else found:
                if is_true(each, "Active", default=True):
                    each.tag = self.current_kind(each.tag) if of_half_days else each.tag
                    yield each
