"""Timeloom's own files: a whole `Problem`, or a `Solution` of one, as JSON.

A problem file is an object with ``format``, ``version``, the scalars of `Problem`, ``names``,
``weights``, ``num_features`` and a key for each array. Integer arrays are lists (of lists), tables
of truths have a string of ``0`` and ``1`` for each row, `Csr` fields are lists of rows. ``lecture_weeks`` has such a string for each
lecture, week 1 first, as many characters as ``num_weeks`` says. The tables
of rules that are seldom used, and of who may change to a parallel section, may be left out or empty:
then those rules are off, and nobody may.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from generation.engine.model.problem import (
    JOINT,
    MAX_WEEKS,
    MEASURES_END,
    RELATIONS_END,
    SEAT_FIXED,
    Csr,
    Names,
    Problem,
    WeekArray,
    Weights,
)
from generation.engine.model.seat_check import SeatingError, seats_check
from generation.engine.model.solution import Solution
from generation.formats import FormatError
from generation.formats.source import MEGABYTE, text_read

PROBLEM_FORMAT = "timeloom-problem"
SOLUTION_FORMAT = "timeloom-solution"
VERSION = 1
MAX_BYTES = 32 * MEGABYTE
MAX_DAYS = 31
MAX_PERIODS = 96
# Of any one thing: the seats of a university four times the large demo. Rows cost no memory that the text has not cost
# before: it is MAX_BYTES that bounds what is parsed (at worst 8 million numbers of four characters, 36 bytes each).
MAX_ROWS = 1_000_000
MAX_CELLS = 50_000_000  # of any one table
MAX_NUMBER = 1_000_000
MAX_RANK = 100
MAX_FACTOR = 100

Bound = int | str  # a number, or the letter of a size: indices run below it


@dataclass(frozen=True, slots=True)
class _Numbers:
    """An integer array: the letters of its shape, and the values allowed (both ends included; a letter stands for one less)."""

    shape: str
    low: int
    high: Bound
    is_optional: bool = False  # empty and left out are the same


@dataclass(frozen=True, slots=True)
class _Truths:
    shape: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class _Weeks:
    """For each lecture the weeks in which it is held, a character a week; empty and left out are the same."""

    is_optional: bool = True


@dataclass(frozen=True, slots=True)
class _Rows:
    """A `Csr`: the letter of its number of rows ("*": any), and of what its values are indices of."""

    rows: str
    values: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class _Tuples:
    """A list of any length with as many columns as there are bounds: values run from 0 to below the bound."""

    bounds: tuple[Bound, ...]
    is_optional: bool = False


Rule = _Numbers | _Truths | _Rows | _Tuples | _Weeks

# The letters are those of engine.problem; L is what lecture_section says, E the seats of student_sections, N the number of weeks,
# the others are in the file's head.
ARRAYS: dict[str, Rule] = {
    "lecture_section": _Numbers("L", 0, "S"),
    "lecture_length": _Numbers("L", 1, MAX_PERIODS),
    "lecture_room_kind": _Numbers("L", -1, MAX_NUMBER),
    "lecture_features": _Truths("LF"),
    "lecture_pin_slot": _Numbers("L", -1, "T"),
    "lecture_pin_room": _Numbers("L", -1, "R"),
    "section_size": _Numbers("S", 0, MAX_NUMBER),
    "section_min_days": _Numbers("S", 0, MAX_DAYS),
    "section_available": _Truths("ST"),
    "section_building": _Numbers("S", -1, MAX_NUMBER),
    "section_instructors": _Rows("S", "I"),
    "section_curricula": _Rows("S", "Q"),
    "section_cluster_hint": _Numbers("S", -1, MAX_NUMBER),
    "room_capacity": _Numbers("R", 0, MAX_NUMBER),
    "room_kind": _Numbers("R", 0, MAX_NUMBER),
    "room_features": _Truths("RF"),
    "room_building": _Numbers("R", -1, MAX_NUMBER),
    "room_available": _Truths("RT"),
    "instructor_available": _Truths("IT"),
    "instructor_dislike": _Numbers("IT", 0, 3),
    "instructor_max_daily": _Numbers("I", 0, MAX_NUMBER),
    "instructor_max_weekly": _Numbers("I", 0, MAX_NUMBER),
    "instructor_max_consecutive": _Numbers("I", 0, MAX_NUMBER),
    "student_sections": _Rows("*", "S"),
    "no_overlap": _Tuples(("S", "S")),
    "same_start": _Tuples(("L", "L")),
    "break_after": _Truths("P"),
    "lunch_window": _Truths("P"),
    "blocked_starts": _Tuples(("L", "T"), is_optional=True),
    "same_start_factor": _Numbers("J", 0, MAX_NUMBER, is_optional=True),
    "section_dislike": _Numbers("ST", 0, MAX_NUMBER, is_optional=True),
    "room_dislike": _Numbers("RT", 0, 3, is_optional=True),
    "preferred_rooms": _Tuples(("S", "R", MAX_RANK + 1), is_optional=True),
    "section_offering": _Numbers("S", 0, MAX_NUMBER, is_optional=True),
    "seat_bundle": _Numbers("E", SEAT_FIXED, MAX_NUMBER, is_optional=True),
    "room_sharing": _Numbers("R", 1, MAX_NUMBER, is_optional=True),
    "avoid_overlap": _Tuples(("S", "S", MAX_FACTOR + 1), is_optional=True),
    "section_parent": _Numbers("S", -1, "S", is_optional=True),
    "section_limit": _Numbers("S", 0, MAX_NUMBER, is_optional=True),
    "curriculum_min_daily": _Numbers("Q", 0, MAX_PERIODS, is_optional=True),
    "curriculum_max_daily": _Numbers("Q", 0, MAX_PERIODS, is_optional=True),
    "section_grouped": _Numbers("S", 0, 1, is_optional=True),
    "instructor_free_days": _Numbers("I", 0, MAX_DAYS, is_optional=True),
    "instructor_free_half_days": _Numbers("I", 0, 2 * MAX_DAYS, is_optional=True),
    "section_one_room": _Numbers("S", 0, 1, is_optional=True),
    "rule_sets": _Rows("*", "S", is_optional=True),
    "rule_slots": _Truths("MT", is_optional=True),
    "set_rules": _Tuples(("W", MEASURES_END, MAX_DAYS + 1, MAX_NUMBER + 1, MAX_NUMBER + 1, 2, "M", MAX_FACTOR + 1), is_optional=True),
    "lecture_pairs": _Tuples(("L", "L", RELATIONS_END, MAX_DAYS + 1, MAX_FACTOR + 1), is_optional=True),
    "lecture_weeks": _Weeks(),
}
SCALARS = {
    "capacity_tolerance": MAX_NUMBER,
    "capacity_tolerance_percent": 100,
    "week_start": 6,
    "num_weeks": MAX_WEEKS,
}  # and their maxima; 0 where left out
LATER_SWITCHES = ("free_days_is_hard", "free_half_days_is_hard")  # false where left out
SWITCHES = ("capacity_is_hard", "daily_load_is_hard", "consecutive_load_is_hard", "same_start_is_hard", *LATER_SWITCHES)


# Writing


def write_problem(problem: Problem) -> str:
    """The problem as a file's text; `parse_problem` reads it back equal."""
    document: dict[str, Any] = {
        "format": PROBLEM_FORMAT,
        "version": VERSION,
        "name": problem.name,
        "num_days": problem.num_days,
        "periods_per_day": problem.periods_per_day,
        "num_features": int(problem.room_features.shape[1]),
        **{name: getattr(problem, name) for name in (*SWITCHES, *SCALARS)},
        "weights": problem.weights.as_dict(),
        "names": {f.name: list(getattr(problem.names, f.name)) for f in fields(Names)},
        "source": problem.source,
        **{name: _plain(getattr(problem, name)) for name, rule in ARRAYS.items() if not isinstance(rule, _Weeks)},
        "lecture_weeks": [_bits(weeks >> week & 1 == 1 for week in range(problem.num_weeks)) for weeks in problem.lecture_weeks.tolist()],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Csr):
        return [row.tolist() for row in value]
    if value.dtype == np.bool_:
        return _bits(value) if value.ndim == 1 else [_bits(row) for row in value]
    return value.tolist()


def _bits(row: Iterable[bool]) -> str:
    return "".join("1" if each else "0" for each in row)


def write_solution(problem: Problem, solution: Solution) -> str:
    """Every lecture with its section's name, its day, period and room; null where it has no place.

    Where students have changed seats, ``seats`` are the sections' numbers, student by student as in the problem's file.
    """
    rows = []
    for lecture, (slot, room) in enumerate(zip(solution.slot.tolist(), solution.room.tolist(), strict=True)):
        placed = slot >= 0 and room >= 0
        day, period = divmod(slot, problem.periods_per_day) if placed else (None, None)
        section = problem.names.sections[problem.lecture_section[lecture]]
        rows.append({"section": section, "day": day, "period": period, "room": problem.names.rooms[room] if placed else None})
    document: dict[str, Any] = {"format": SOLUTION_FORMAT, "version": VERSION, "instance": problem.name, "lectures": rows}
    if solution.seats is not None:
        document["seats"] = _plain(solution.attended(problem))
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


# Reading


def read_problem(path: str | os.PathLike[str]) -> Problem:
    """Read a problem file; raises `FormatError` naming the field when it is not one."""
    return parse_problem(text_read(path, max_bytes=MAX_BYTES), file=PurePath(path).name)


def parse_problem(text: str, *, file: str = "problem.json") -> Problem:
    """Read a problem from its text; ``file`` is what messages call it."""
    reader = _Reader(file, _document(text, file, PROBLEM_FORMAT))
    names = _names(reader)
    sizes = {
        "D": reader.number("num_days", 1, MAX_DAYS),
        "P": reader.number("periods_per_day", 1, MAX_PERIODS),
        "F": reader.number("num_features", 0, 1000),
        "S": len(names.sections),
        "R": len(names.rooms),
        "I": len(names.instructors),
        "Q": len(names.curricula),
        "L": len(reader.rows("lecture_section")),
        "J": len(reader.rows("same_start")),
        "W": len(reader.rows("rule_sets")) if "rule_sets" in reader.values else 0,
        "M": len(reader.rows("rule_slots")) if "rule_slots" in reader.values else 0,
        "N": reader.number("num_weeks", 0, MAX_WEEKS) if "num_weeks" in reader.values else 0,
    }
    sizes["T"] = sizes["D"] * sizes["P"]
    sizes["E"] = sum(len(row) for row in reader.rows("student_sections") if isinstance(row, list))
    arrays: dict[str, Any] = {name: reader.array(name, rule, sizes) for name, rule in ARRAYS.items()}
    if (arrays["lecture_pairs"][:, 2] == JOINT).any():
        raise reader.error("lecture_pairs", f"{JOINT} is no relation of two lectures; same_start has those that start together.")
    if len(arrays["seat_bundle"]) and not len(arrays["section_offering"]):
        raise reader.error("section_offering", "it is missing, though seat_bundle says who may change to a parallel section.")
    if len(arrays["section_parent"]) and not len(arrays["section_offering"]):
        raise reader.error("section_offering", "it is missing, though section_parent says which sections belong to a lecture's.")
    switches: dict[str, Any] = {
        switch: reader.truth(switch) for switch in SWITCHES if switch in reader.values or switch not in LATER_SWITCHES
    }
    scalars: dict[str, Any] = {name: reader.number(name, 0, most) for name, most in SCALARS.items() if name in reader.values}
    return Problem(
        name=reader.text("name"),
        num_days=sizes["D"],
        periods_per_day=sizes["P"],
        names=names,
        weights=_weights(reader),
        source=reader.mapping("source"),
        **switches,
        **scalars,
        **arrays,
    )


def parse_solution(text: str, problem: Problem, *, file: str = "solution.json") -> Solution:
    """Read a solution of ``problem``: the lectures in the problem's order."""
    reader = _Reader(file, _document(text, file, SOLUTION_FORMAT))
    rows = reader.rows("lectures")
    if len(rows) != problem.num_lectures:
        raise reader.error("lectures", f"{len(rows)} entries for {problem.num_lectures} lectures.")
    solution = Solution.empty(problem)
    rooms = {room: index for index, room in enumerate(problem.names.rooms)}
    for lecture, row in enumerate(rows):
        place = _Reader(file, reader.check_mapping(row, f"lectures[{lecture}]"), f"lectures[{lecture}].")
        section = problem.names.sections[problem.lecture_section[lecture]]
        if place.text("section") != section:
            raise place.error("section", f"{_shown(row['section'])} stands where {section!r} belongs.")
        if row.get("room") is None:
            continue
        day = place.number("day", 0, problem.num_days - 1)
        solution.slot[lecture] = day * problem.periods_per_day + place.number("period", 0, problem.periods_per_day - 1)
        if place.text("room") not in rooms:
            raise place.error("room", f"the problem has no room {_shown(row['room'])}.")
        solution.room[lecture] = rooms[place.text("room")]
    return solution if reader.values.get("seats") is None else _seated(reader, problem, solution)


def _seated(reader: _Reader, problem: Problem, solution: Solution) -> Solution:
    """The solution with the file's seats, which must be those of the problem exchanged among its students."""
    rows = reader.array("seats", _Rows("U", "S"), {"U": len(problem.student_sections), "S": problem.num_sections})
    if rows.indptr.tolist() != problem.student_sections.indptr.tolist():
        raise reader.error("seats", "a student has another number of sections than in the problem.")
    solution = replace(solution, seats=rows.indices)
    try:
        seats_check(problem, solution)
    except SeatingError as error:
        raise reader.error("seats", f"{error}.") from error
    return solution


def _document(text: str, file: str, expected: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(file, error.lineno, "", f"this is not JSON ({error.msg}, column {error.colno}).") from error
    except (RecursionError, ValueError) as error:
        raise FormatError(file, 0, "", "this JSON is nested too deeply or holds a number too long to be read.") from error
    if not isinstance(document, dict) or document.get("format") != expected:
        raise FormatError(file, 0, "format", f'this is not a Timeloom file: "format" should be "{expected}".')
    if document.get("version") != VERSION:
        raise FormatError(file, 0, "version", f"{_shown(document.get('version'))} is not {VERSION}, the only version that is read.")
    return document


def _names(reader: _Reader) -> Names:
    part = _Reader(reader.file, reader.mapping("names"), "names.")
    required = {f.name for f in fields(Names) if f.default is MISSING}
    names = Names(**{f.name: part.texts(f.name) for f in fields(Names) if f.name in part.values or f.name in required})
    for name in ("courses", "titles"):
        if len(getattr(names, name)) != len(names.sections):
            raise part.error(name, f"{len(getattr(names, name))} entries for {len(names.sections)} sections.")
    return names


def _weights(reader: _Reader) -> Weights:
    part = _Reader(reader.file, reader.mapping("weights"), "weights.")
    known = {f.name for f in fields(Weights)}
    for name in part.values:
        if name not in known:
            raise part.error(name, f"there is no such constraint; they are {', '.join(sorted(known))}.")
    return Weights(**{name: part.number(name, 0, MAX_NUMBER) for name in part.values})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes values out of an object, each checked; ``prefix`` says where in the file the object stands."""

    file: str
    values: Mapping[str, Any]
    prefix: str = ""

    def error(self, name: str, message: str) -> FormatError:
        return FormatError(self.file, 0, self.prefix + name, message)

    def value(self, name: str) -> Any:
        if name not in self.values:
            raise self.error(name, "it is missing.")
        return self.values[name]

    def text(self, name: str) -> str:
        value = self.value(name)
        if not isinstance(value, str) or len(value) > 1000:
            raise self.error(name, f"{_shown(value)} is not a text of at most 1000 characters.")
        return value

    def truth(self, name: str) -> bool:
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.error(name, f"{_shown(value)} is neither true nor false.")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        return self.check_number(self.value(name), name, low, high)

    def check_number(self, value: Any, name: str, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise self.error(name, f"{_shown(value)} is not a whole number from {low} to {high}.")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        return self.check_mapping(self.value(name), name)

    def check_mapping(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(name, f"{_shown(value)} is not an object.")
        return value

    def rows(self, name: str) -> list[Any]:
        return self.check_rows(self.value(name), name)

    def check_rows(self, value: Any, name: str, length: int | None = None) -> list[Any]:
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            raise self.error(name, f"{_shown(value)} is not a list of at most {MAX_ROWS} entries.")
        if length is not None and len(value) != length:
            raise self.error(name, f"{len(value)} entries where {length} belong.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        rows = self.rows(name)
        for position, row in enumerate(rows):
            if not isinstance(row, str) or len(row) > 1000:
                raise self.error(f"{name}[{position}]", f"{_shown(row)} is not a text of at most 1000 characters.")
        return tuple(rows)

    def array(self, name: str, rule: Rule, sizes: Mapping[str, int]) -> Any:
        if isinstance(rule, _Weeks):
            return self._weeks(name, sizes["L"], sizes["N"])
        if isinstance(rule, _Numbers):
            return self._numbers(name, rule, sizes)
        if isinstance(rule, _Truths):
            return self._truths(name, rule, sizes)
        if isinstance(rule, _Tuples):
            return self._tuples(name, rule, sizes)
        if rule.is_optional and name not in self.values:
            return Csr.of([])
        rows = self.check_rows(self.value(name), name, None if rule.rows == "*" else sizes[rule.rows])
        return Csr.of([self._indices(row, f"{name}[{n}]", sizes[rule.values]) for n, row in enumerate(rows)])

    def _weeks(self, name: str, lectures: int, weeks: int) -> WeekArray:
        if not self.values.get(name, []):
            return np.zeros(0, dtype=np.uint64)
        if not weeks:
            raise self.error("num_weeks", f"it is missing, though {name} says in which weeks lectures are held.")
        found = np.zeros(lectures, dtype=np.uint64)
        for lecture, text in enumerate(self.check_rows(self.value(name), name, lectures)):
            held = np.flatnonzero(self._bits(text, f"{name}[{lecture}]", weeks))
            if not held.size:
                raise self.error(f"{name}[{lecture}]", "the lecture is held in no week.")
            found[lecture] = sum(1 << week for week in held.tolist())
        return found

    def _indices(self, row: Any, name: str, below: int, length: int | None = None) -> list[int]:
        return [self.check_number(value, name, 0, below - 1) for value in self.check_rows(row, name, length)]

    def _tuples(self, name: str, rule: _Tuples, sizes: Mapping[str, int]) -> Any:
        below = [sizes[bound] if isinstance(bound, str) else bound for bound in rule.bounds]
        rows = [] if rule.is_optional and name not in self.values else self.rows(name)
        table = [self._tuple(row, f"{name}[{n}]", below) for n, row in enumerate(rows)]
        return np.array(table, dtype=np.int32).reshape(-1, len(below))

    def _tuple(self, row: Any, name: str, below: list[int]) -> list[int]:
        values = self.check_rows(row, name, len(below))
        return [self.check_number(value, name, 0, bound - 1) for value, bound in zip(values, below, strict=True)]

    def _numbers(self, name: str, rule: _Numbers, sizes: Mapping[str, int]) -> Any:
        if rule.is_optional and not self.values.get(name, []):
            return np.zeros((0,) * len(rule.shape), dtype=np.int32)
        high = sizes[rule.high] - 1 if isinstance(rule.high, str) else rule.high
        shape = self._shape(name, rule.shape, sizes)
        rows = self.check_rows(self.value(name), name, shape[0])
        if len(shape) == 1:
            return np.array([self.check_number(value, f"{name}[{n}]", rule.low, high) for n, value in enumerate(rows)], dtype=np.int32)
        table = [
            [self.check_number(value, f"{name}[{n}]", rule.low, high) for value in self.check_rows(row, f"{name}[{n}]", shape[1])]
            for n, row in enumerate(rows)
        ]
        return np.array(table, dtype=np.int32).reshape(shape)

    def _truths(self, name: str, rule: _Truths, sizes: Mapping[str, int]) -> Any:
        shape = self._shape(name, rule.shape, sizes)
        if rule.is_optional and not shape[0]:
            return np.zeros((0, 0), dtype=np.bool_)
        if len(shape) == 1:
            return self._bits(self.value(name), name, shape[0])
        rows = self.check_rows(self.value(name), name, shape[0])
        table = [self._bits(row, f"{name}[{n}]", shape[1]) for n, row in enumerate(rows)]
        return np.array(table, dtype=np.bool_).reshape(shape)

    def _bits(self, value: Any, name: str, length: int) -> Any:
        if not isinstance(value, str) or len(value) != length or set(value) - {"0", "1"}:
            raise self.error(name, f"{_shown(value)} is not a text of {length} characters 0 or 1.")
        return np.array([each == "1" for each in value], dtype=np.bool_)

    def _shape(self, name: str, letters: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        shape = tuple(sizes[letter] for letter in letters)
        if int(np.prod(shape)) > MAX_CELLS:
            raise self.error(name, f"a table of {' x '.join(map(str, shape))} is larger than {MAX_CELLS} cells, the most that is read.")
        return shape


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
