"""Instructors, curricula and rooms by the names that people know them by. The evaluator, and files for machines, use their codes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from academics.models import Curriculum, Instructor, Room, Student, StudentGroup
from generation.engine.model.problem import Names, Problem
from generation.text.nobody import is_nobody
from generation.text.without_room import is_without_room, label_without_room

GROUP = "group "  # before a student group's code where a curriculum has the same
SHORT = 38  # letters that a cell of a grid has for a room


def reading_order(code: str) -> tuple[tuple[bool, int, str], ...]:
    """The key that sorts codes as people read them: room B2 before room B10, section /2 before /10."""
    return tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.findall(r"\d+|\D+", code))


def curriculum_words(code: str, names: Mapping[str, str]) -> str:
    """A curriculum, or one group of its students: ``BIO-1/2`` is "Biology, year 1, group 2"; empty where it has no name."""
    whole, _, number = code.rpartition("/")
    known = names.get(code, "")
    return known or (f"{names[whole]}, group {number}" if names.get(whole) and number.isdecimal() else "")


def words_of(text: str) -> frozenset[str]:
    """Without what is between them, and however they are written. Signs alone are a word too."""
    letters = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in unicodedata.normalize("NFKC", text).casefold())
    return frozenset("".join(letters).split() or [text])


class RoomName(NamedTuple):
    """What people need to find a room; of each part nothing where it is not known."""

    code: str
    name: str = ""
    building: str = ""
    building_code: str = ""

    @property
    def label(self) -> str:
        """Name and code, once each: a code that stands in the name already is not said again."""
        if self._is_without_room:
            return label_without_room(self.code)
        if not self.name or words_of(self.name) <= words_of(self.code):
            return self.code
        return self.name if words_of(self.code) <= words_of(self.name) else f"{self.name} ({self.code})"

    @property
    def forms(self) -> tuple[str, ...]:
        """The whole first; then shorter ones, for as little room as there may be."""
        if self._is_without_room:
            return (self.label,) * 5
        by_name, by_code = self.building or self.building_code, self.building_code
        return (_in(self.label, by_name), _in(self.label, by_code), _in(self.code, by_name), _in(self.code, by_code), self.code)

    @property
    def _is_without_room(self) -> bool:
        return not self.name and not self.building_code and is_without_room(self.code)

    @property
    def full(self) -> str:
        return self.forms[0]

    @property
    def short(self) -> str:
        """For the cell of a grid."""
        return next((words for words in self.forms if len(words) <= SHORT), self.code)

    @property
    def coded(self) -> str:
        """The code first, as behind the word room: B2.28 (Classroom 28)."""
        return self.code if words_of(self.name) <= words_of(self.code) or not self.name else f"{self.code} ({self.name})"

    @property
    def about(self) -> str:
        """What there is to say beside the code."""
        name = "" if words_of(self.name) <= words_of(self.code) else self.name
        return ", ".join(part for part in (name, self.building or self.building_code) if part)


def _in(room: str, building: str) -> str:
    """Without the building where the room is called after it."""
    return room if not building or words_of(building) <= words_of(room) else f"{room}, {building}"


def rooms_named(organization_id: int) -> dict[str, RoomName]:
    """Every room of an organization by its code. One query."""
    rows = Room.objects.filter(organization=organization_id).order_by("code")
    fields = ("code", "name", "building__name", "building__code")
    return {code: RoomName(code, *(words or "" for words in rest)) for code, *rest in rows.values_list(*fields)}


def groups_named(organization_id: int) -> dict[str, str]:
    """The name of every student group, by what timetables call it: its code, or with a word before it. One query."""
    rows = StudentGroup.objects.filter(organization=organization_id).order_by("code").values_list("code", "name")
    return {key: name for code, name in rows for key in (code, f"{GROUP}{code}")}


def curricula_and_groups(organization_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """The names of curricula, and of student groups that are called as no curriculum is, by code; empty where there is none. Two
    queries."""
    rows = Curriculum.objects.filter(organization=organization_id).order_by("code").values_list("code", "name")
    curricula = dict(rows)
    return curricula, {code: name for code, name in groups_named(organization_id).items() if code not in curricula}


def curricula_named(organization_id: int) -> dict[str, str]:
    """The names of curricula and student groups by code; empty where there is none. Two queries."""
    curricula, groups = curricula_and_groups(organization_id)
    return {**curricula, **groups}


@dataclass(frozen=True)
class Naming:
    """One organization's. Each kind of names is read when it is first needed: a query each."""

    organization_id: int

    @cached_property
    def _instructors(self) -> dict[str, str]:
        """The code stands beside a name that two have."""
        rows = Instructor.objects.filter(organization=self.organization_id).order_by()
        found = [(code, name) for code, name in rows.values_list("code", "name") if name]
        times = Counter(name for _, name in found)
        return {code: name if times[name] == 1 else f"{name} ({code})" for code, name in found}

    @cached_property
    def _curricula_and_groups(self) -> tuple[dict[str, str], dict[str, str]]:
        return curricula_and_groups(self.organization_id)

    @property
    def _groups(self) -> Collection[str]:
        return self._curricula_and_groups[1].keys()

    @cached_property
    def _curricula(self) -> dict[str, str]:
        curricula, groups = self._curricula_and_groups
        return {**curricula, **groups}

    def groups(self, codes: Iterable[str]) -> frozenset[str]:
        """Those of a timetable's curricula that are student groups, or parts of one."""
        return frozenset(code for code in codes if code in self._groups or code.rpartition("/")[0] in self._groups)

    @cached_property
    def rooms(self) -> dict[str, RoomName]:
        return rooms_named(self.organization_id)

    @cached_property
    def curriculum_of_students(self) -> dict[str, str]:
        """Codes of those who have one, by the student's."""
        students = Student.objects.filter(organization=self.organization_id, curriculum__isnull=False).order_by()
        return dict(students.values_list("code", "curriculum__code"))

    def instructor(self, code: str) -> str:
        return self._instructors.get(code, code)

    def people(self, codes: Iterable[str]) -> frozenset[str]:
        """Of these instructors' codes those of somebody: timetables of earlier releases also hold those that only stood for nobody yet."""
        return frozenset(code for code in codes if not is_nobody(code, self.instructor(code)))

    def room(self, code: str) -> str:
        """Name and code; the code alone where the room has no name, or is gone by now."""
        return self.rooms.get(code, RoomName(code)).label

    def room_label(self, code: str) -> str:
        """For lists to choose from, in which codes are looked for: the code, and what there is to say beside it."""
        return f"{code} {self.rooms.get(code, RoomName(code)).about}".rstrip()

    def curriculum(self, code: str) -> str:
        """A student group without a name is said to be one."""
        words = curriculum_words(code, self._curricula)
        if words or not self.groups([code]):
            return words or code
        return f"Group {code.removeprefix(GROUP)}"

    def curricula(self, codes: Iterable[str]) -> dict[str, str]:
        """The names of those that have one."""
        return {code: name for code in sorted(codes) if (name := curriculum_words(code, self._curricula)) not in ("", code)}

    def curriculum_label(self, code: str) -> str:
        """For lists to choose from, in which codes are looked for too."""
        name = self.curriculum(code)
        return name if name == code else f"{name} ({code})"

    def names_of(self, problem: Problem) -> Names:
        """The problem's names, with those of its instructors and curricula instead of their codes, and rooms with theirs beside the
        codes: for sentences about it."""
        people = tuple(self.instructor(code) for code in problem.names.instructors)
        return replace(self.rooms_of(problem), instructors=people, curricula=tuple(map(self.curriculum, problem.names.curricula)))

    def rooms_of(self, problem: Problem) -> Names:
        return replace(problem.names, rooms=tuple(self.rooms.get(code, RoomName(code)).coded for code in problem.names.rooms))
