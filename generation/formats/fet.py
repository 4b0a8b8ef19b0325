"""FET's files (``.fet``, FET 5, 6 and 7) as a `Problem`, and the same file with every activity locked where a solution has it.

Each active activity is a section with one lecture. An atom of the students (see `fet_file`) is a curriculum. The last room is none:
it holds any number of activities, and those for which FET's file names no room are in it. What FET calls an hour is a period here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from generation.engine.model.problem import ANY, UNPLACED, Csr, Names, Problem, Weights
from generation.engine.model.solution import Solution
from generation.formats.fet_constraints import Tables, constraints_apply, rooms_of
from generation.formats.fet_file import FetFile, parse, read, text_of, tree
from generation.formats.unsupported import LEFT_OUT, Unsupported

__all__ = ["FetFile", "parse", "read", "to_problem", "write_solution"]

NO_ROOM = "(no room)"
ENDLESS = 1 << 30  # seats where there is no room
SHARED = 30_000  # activities that may be without a room at once
WEIGHTS = dict.fromkeys(("disliked_times", "preferred_rooms", "same_start", "pair_preferred"), 1)


def to_problem(source: FetFile, *, allow_unsupported: bool = False) -> Problem:
    """The file's problem. FET's rules of 100 % are hard, and only those with a lower weight cost anything.

    Raises
    ------
    UnsupportedError
        If the file asks what cannot be kept, and nobody said to leave it out.
    """
    unsupported = Unsupported(source.file)
    tables = Tables(source, unsupported)
    constraints_apply(tables)
    return _Assembly(tables).problem(allow_unsupported=allow_unsupported)


class _Assembly:
    """The arrays of a problem from the tables of its constraints."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.source = tables, tables.source
        self.count, self.num_slots = len(tables.activities), tables.num_slots
        self.allowed, self.room_cost = rooms_of(tables)
        self._virtual_rooms_leave()

    def _virtual_rooms_leave(self) -> None:
        is_virtual = np.array([room.is_virtual for room in self.source.rooms] + [False], dtype=np.bool_)
        concerned = (self.allowed & is_virtual).any(axis=1) & bool(is_virtual.any())
        self.tables.unsupported.add("virtual room of an activity", int(concerned.sum()))
        self.allowed &= ~is_virtual
        self.allowed[concerned & ~self.allowed.any(axis=1), -1] = True

    def problem(self, *, allow_unsupported: bool) -> Problem:
        tables, source, count = self.tables, self.source, self.count
        left_out = tables.unsupported.check(allow=allow_unsupported)
        teachers = {teacher.name: index for index, teacher in enumerate(source.teachers)}
        curricula = self._curricula()
        pins, blocked = self._starts()
        features, room_index = np.unique(self.allowed, axis=0, return_inverse=True)
        num_rooms = len(source.rooms) + 1
        kinds = np.arange(max(1, len(features)))
        return Problem(
            name=source.name,
            num_days=tables.num_days,
            periods_per_day=tables.num_hours,
            names=self._names(list(curricula)),
            weights=Weights(**{name: WEIGHTS.get(name, 0) for name in Weights().as_dict()}),
            lecture_section=np.arange(count, dtype=np.int32),
            lecture_length=np.array([each.duration for each in tables.activities], dtype=np.int32),
            lecture_room_kind=np.full(count, ANY, dtype=np.int32),
            lecture_features=room_index.reshape(-1, 1) == kinds,
            lecture_pin_slot=pins,
            lecture_pin_room=np.full(count, UNPLACED, dtype=np.int32),
            section_size=np.array([each.size for each in tables.activities], dtype=np.int32),
            section_min_days=np.zeros(count, dtype=np.int32),
            section_available=self._section_open(),
            section_building=np.full(count, ANY, dtype=np.int32),
            section_instructors=Csr.of([[teachers[name] for name in each.teachers] for each in tables.activities]),
            section_curricula=Csr.of(_inverted(curricula.values(), count)),
            section_cluster_hint=np.full(count, -1, dtype=np.int32),
            room_capacity=np.array([room.capacity for room in source.rooms] + [ENDLESS], dtype=np.int32),
            room_kind=np.zeros(num_rooms, dtype=np.int32),
            room_features=features.T.astype(np.bool_) if count else np.zeros((num_rooms, 1), dtype=np.bool_),
            room_building=np.zeros(num_rooms, dtype=np.int32),
            room_available=np.concatenate([tables.room_open, np.ones((1, self.num_slots), dtype=np.bool_)]),
            instructor_available=np.array([tables.teacher_open[name] for name in teachers], dtype=np.bool_).reshape(-1, self.num_slots),
            instructor_dislike=np.zeros((len(teachers), self.num_slots), dtype=np.int32),
            instructor_max_daily=np.zeros(len(teachers), dtype=np.int32),
            instructor_max_weekly=np.zeros(len(teachers), dtype=np.int32),
            instructor_max_consecutive=np.zeros(len(teachers), dtype=np.int32),
            student_sections=Csr.of([]),
            no_overlap=_rows(sorted(tables.apart), 2),
            same_start=_rows([row[:2] for row in tables.joint], 2),
            same_start_factor=np.array([row[2] for row in tables.joint], dtype=np.int32),
            break_after=np.zeros(tables.num_hours, dtype=np.bool_),
            lunch_window=np.zeros(tables.num_hours, dtype=np.bool_),
            capacity_is_hard=True,
            blocked_starts=blocked,
            section_dislike=tables.dislike if tables.dislike.any() else np.zeros((0, 0), dtype=np.int32),
            room_dislike=self._room_dislike(),
            preferred_rooms=self._preferred_rooms(),
            room_sharing=np.array([1] * len(source.rooms) + [SHARED], dtype=np.int32),
            lecture_pairs=_rows([(*row, factor) for row, factor in tables.pairs.items()], 5),
            **self._rules(),
            source={
                "format": "fet",
                "name": source.name,
                "file": source.file,
                "text": source.text,
                "activities": [each.id for each in tables.activities],
                LEFT_OUT: left_out,
            },
        )

    def _curricula(self) -> dict[str, list[int]]:
        """Atoms with the activities that they attend; those that attend the same are one."""
        found: dict[tuple[int, ...], str] = {}
        for atom, members in self.tables.of_atom.items():
            found.setdefault(tuple(members), atom)
        return {atom: list(members) for members, atom in found.items()}

    def _starts(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], np.ndarray[tuple[int, int], np.dtype[np.int32]]]:
        """The one start of an activity that has no other, and the starts that the others may not have."""
        open_ = self.tables.start_open
        is_fixed = open_.sum(axis=1) == 1
        pins = np.where(is_fixed, open_.argmax(axis=1) if self.num_slots else 0, UNPLACED).astype(np.int32)
        blocked = np.argwhere(~open_ & ~is_fixed[:, None]).astype(np.int32)
        return pins, blocked.reshape(-1, 2)

    def _section_open(self) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        tables = self.tables
        open_ = tables.activity_open & ~tables.breaks
        for number, atoms in enumerate(tables.atoms_of):
            for atom in atoms:
                open_[number] &= tables.atom_open[atom]
        return open_

    def _room_dislike(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        if not self.tables.room_dislike.any():
            return np.zeros((0, 0), dtype=np.int32)
        return np.concatenate([self.tables.room_dislike, np.zeros((1, self.num_slots), dtype=np.int32)])

    def _preferred_rooms(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        """Every room with what it costs as its rank: exactly the price of each, several wishes added up."""
        found = [
            np.column_stack([np.full(len(self.source.rooms), number), np.arange(len(self.source.rooms)), self.room_cost[number, :-1]])
            for number in np.flatnonzero(self.room_cost.any(axis=1)).tolist()
        ]
        return np.concatenate([np.zeros((0, 3), dtype=np.int32), *found]).astype(np.int32)

    def _rules(self) -> dict[str, Any]:
        sets: dict[tuple[int, ...], int] = {}
        looks: dict[bytes, int] = {}
        rows = []
        for (members, measure, block, least, most, empty, seen), factor in self.tables.rules.items():
            row = (sets.setdefault(members, len(sets)), measure, block, least, most, empty, looks.setdefault(seen, len(looks)), factor)
            rows.append(row)
        return {
            "rule_sets": Csr.of(list(sets)),
            "set_rules": _rows(rows, 8),
            "rule_slots": np.array([np.frombuffer(seen, dtype=np.bool_) for seen in looks], dtype=np.bool_).reshape(
                len(looks), self.num_slots if looks else 0
            ),
        }

    def _names(self, curricula: list[str]) -> Names:
        source, activities = self.source, self.tables.activities
        return Names(
            sections=tuple(f"{' '.join((each.subject, *each.students))} ({each.id})" for each in activities),
            courses=tuple(each.subject or str(each.id) for each in activities),
            titles=tuple(each.subject or str(each.id) for each in activities),
            rooms=(*(room.name for room in source.rooms), NO_ROOM),
            instructors=tuple(teacher.name for teacher in source.teachers),
            curricula=tuple(curricula),
            room_kinds=("any",),
            features=tuple(f"rooms {number + 1}" for number in range(max(1, len(np.unique(self.allowed, axis=0))))),
            buildings=("all",),
            days=source.days,
            periods=source.hours,
        )


def _rows(rows: Iterable[tuple[int, ...]], columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    return np.array(list(rows), dtype=np.int32).reshape(-1, columns)


def _inverted(rows: Iterable[list[int]], count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for number, members in enumerate(rows):
        for member in members:
            found[member].append(number)
    return found


TIME_LOCK, ROOM_LOCK = "ConstraintActivityPreferredStartingTime", "ConstraintActivityPreferredRoom"


def write_solution(problem: Problem, solution: Solution) -> str:
    """The problem's file with each placed activity locked at its time and, where it has one, in its room.

    Locks that the file has already are replaced where they say the same or were wishes; everything else stays as it was.
    """
    source = problem.source
    root = tree(str(source["text"]), file=str(source["file"]))
    ids = source["activities"]
    assert isinstance(ids, list)
    placed = {
        ids[lecture]: (int(solution.slot[lecture]), int(solution.room[lecture]))
        for lecture in range(problem.num_lectures)
        if solution.slot[lecture] >= 0 and solution.room[lecture] >= 0
    }
    housed = {number: place for number, place in placed.items() if place[1] < problem.num_rooms - 1}
    time, space = (_list(root, tag) for tag in ("Time_Constraints_List", "Space_Constraints_List"))
    _locks_leave(time, TIME_LOCK, set(placed))
    _locks_leave(space, ROOM_LOCK, set(housed))
    for number, (slot, _) in sorted(placed.items()):
        day, period = divmod(slot, problem.periods_per_day)
        _lock(time, TIME_LOCK, number, {"Preferred_Day": problem.names.days[day], "Preferred_Hour": problem.names.periods[period]})
    for number, (_, room) in sorted(housed.items()):
        _lock(space, ROOM_LOCK, number, {"Room": problem.names.rooms[room]})
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _list(root: Element, tag: str) -> Element:
    found = root.find(tag)
    return SubElement(root, tag) if found is None else found


def _locks_leave(parent: Element, tag: str, numbers: set[int]) -> None:
    for each in parent.findall(tag):
        word = text_of(each, "Activity_Id").strip()
        if word.isascii() and word.isdigit() and int(word) in numbers:
            parent.remove(each)


def _lock(parent: Element, tag: str, number: int, fields: dict[str, str]) -> None:
    added = SubElement(parent, tag)
    for name, text in {
        "Weight_Percentage": "100",
        "Activity_Id": str(number),
        **fields,
        "Permanently_Locked": "true",
        "Active": "true",
        "Comments": "",
    }.items():
        SubElement(added, name).text = text
        added[-1].tail = "\n"
    added.tail = "\n"
