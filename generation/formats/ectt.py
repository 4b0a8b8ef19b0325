"""Curriculum-based course timetabling files in the extended format (``.ectt``), and the formulations UD1 to UD5.

The format is that of `ctt` with more fields: ``Min_Max_Daily_Lectures: 2 4`` and ``RoomConstraints`` in the head, a 0 or 1 for double
lectures behind each course, the building behind each room, and a section ``ROOM_CONSTRAINTS:`` with a course and a room that is not
suitable for it in each row. ``UnavailabilityConstraints`` in the head is what a ``.ctt`` file calls ``Constraints``.

What a formulation counts, H hard, a number the price of one unit, - not at all:

===================  ===  ===  ===  ===  ===  ==================================================================================
component            UD1  UD2  UD3  UD4  UD5  here
===================  ===  ===  ===  ===  ===  ==================================================================================
Lectures              H    H    H    H    H   ``unplaced``, ``section_clash``
Conflicts             H    H    H    H    H   ``curriculum_clash``, ``instructor_clash``
RoomOccupancy         H    H    H    H    H   ``room_clash``
Availability          H    H    H    H    H   ``availability``
RoomCapacity          1    1    1    1    1   ``room_capacity``: a student without a seat, each lecture
MinWorkingDays        5    5    -    1    5   ``min_days``: a day fewer than the course's minimum
IsolatedLectures      1    2    -    -    1   ``compactness``: a curriculum's lecture beside no other one of it
Windows               -    -    4    1    2   ``curriculum_gaps``: an empty period between two of a curriculum's lectures of a day
RoomStability         -    1    -    -    -   ``room_stability``: a course's second and further rooms
StudentMinMaxLoad     -    -    2    1    2   ``curriculum_load``: a lecture too few or too many in a curriculum's day that has any
TravelDistance        -    -    -    -    2   ``building_changes``: a curriculum's lectures in periods side by side, in two buildings
RoomSuitability       -    -    3    H    -   ``preferred_rooms`` (all suitable rooms are first choices); hard: ``room_features``
DoubleLectures        -    -    -    1    -   ``double_lectures``: a lecture of a day with several that adjoins none in the same room
===================  ===  ===  ===  ===  ===  ==================================================================================

References: Bonutti, De Cesco, Di Gaspero, Schaerf: Benchmarking curriculum-based course timetabling: formulations, data formats,
instances, validation, and results (2012), sections 2 and 3. The weights were compared with the table of Banbara et al., teaspoon: solving
the curriculum-based course timetabling problems with answer set programming (2019), and with two ports of the authors' validator, which
also say that a day without lectures is not too short.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from generation.engine.model.problem import Problem, Weights
from generation.formats import FormatError, ctt
from generation.formats.source import text_read
from generation.formats.unsupported import LEFT_OUT, Unsupported

MAX_ROOM_CONSTRAINTS = 1_000_000
HEAD = ("Name", "Courses", "Rooms", "Days", "Periods_per_day", "Curricula", "Min_Max_Daily_Lectures", "UnavailabilityConstraints")
SECTIONS = ("COURSES:", "ROOMS:", "CURRICULA:", "UNAVAILABILITY_CONSTRAINTS:", ctt.EXTENDED, "END.")
EXTENDED = ctt.Dialect(".ectt", (*HEAD, "RoomConstraints"), SECTIONS)

DEFAULT = "UD2"
FORMULATIONS: Mapping[str, Mapping[str, int]] = {
    "UD1": {"room_capacity": 1, "min_days": 5, "compactness": 1},
    "UD2": {"room_capacity": 1, "min_days": 5, "compactness": 2, "room_stability": 1},
    "UD3": {"room_capacity": 1, "curriculum_gaps": 4, "curriculum_load": 2, "preferred_rooms": 3},
    "UD4": {"room_capacity": 1, "min_days": 1, "curriculum_gaps": 1, "curriculum_load": 1, "double_lectures": 1},
    "UD5": {"room_capacity": 1, "min_days": 5, "compactness": 1, "curriculum_gaps": 2, "curriculum_load": 2, "building_changes": 2},
}
OF_PLAIN_FILES = ("UD1", "UD2")
SUITABILITY_IS_SOFT, SUITABILITY_IS_HARD = ("UD3",), ("UD4",)


@dataclass(frozen=True, slots=True)
class EcttInstance:
    """An instance in the file's own words and order: what a ``.ctt`` file could say, and the rest."""

    plain: ctt.CttInstance
    file: str
    min_daily: int  # lectures of a curriculum's day
    max_daily: int
    double_lectures: tuple[bool, ...]  # of each course
    buildings: tuple[str, ...]  # of each room
    unsuitable_rooms: tuple[tuple[str, str], ...]  # course, room


def read(path: str | os.PathLike[str]) -> EcttInstance:
    """Read an instance file; raises `FormatError` naming file, line and field when it is not one."""
    return parse(text_read(path, max_bytes=ctt.MAX_BYTES), file=PurePath(path).name)


def parse(text: str, *, file: str = "instance.ectt") -> EcttInstance:
    """Read an instance from its text; ``file`` is what messages call it."""
    parts = ctt.sort_lines(text, file, EXTENDED)
    low, high = _daily_lectures(parts, file)
    doubles = [
        _last(row, ("course", "teacher", "lectures", "min_days", "students", "double_lectures")) for row in parts.sections["COURSES:"]
    ]
    buildings = [_last(row, ("room", "capacity", "building")) for row in parts.sections["ROOMS:"]]
    for row, word in zip(parts.sections["COURSES:"], doubles, strict=True):
        if word not in ("0", "1"):
            raise row.error("double_lectures", f"{ctt.shown(word)} is neither 0 nor 1.")
    # Published files ask for more working days than the week has: the days that are missing cost their price in every timetable.
    plain = ctt.instance_of(parts, file, unavailabilities="UnavailabilityConstraints", most_min_days=ctt.MAX_DAYS)
    ctt.check_count(parts, ctt.EXTENDED, "RoomConstraints", ctt.head_number(parts, "RoomConstraints", file, 0, MAX_ROOM_CONSTRAINTS))
    return EcttInstance(
        plain=plain,
        file=file,
        min_daily=low,
        max_daily=high,
        double_lectures=tuple(word == "1" for word in doubles),
        buildings=tuple(buildings),
        unsuitable_rooms=_unsuitable_rooms(parts.sections[ctt.EXTENDED], plain),
    )


def _daily_lectures(parts: ctt.Parts, file: str) -> tuple[int, int]:
    value, row = ctt.head_value(parts, "Min_Max_Daily_Lectures", file)
    words = value.split()
    if len(words) != 2:
        raise row.error("Min_Max_Daily_Lectures", f"{ctt.shown(value)} is not two numbers, the fewest and the most lectures of a day.")
    low, high = (replace(row, words=words).number(index, "Min_Max_Daily_Lectures", 0, ctt.MAX_PERIODS) for index in range(2))
    if low > high:
        raise row.error("Min_Max_Daily_Lectures", f"the fewest, {low}, are more than the most, {high}.")
    return low, high


def _last(row: ctt.Row, field_names: tuple[str, ...]) -> str:
    """The row's last word, which is taken away: what is left is a row of a ``.ctt`` file."""
    row.expect(*field_names)
    return row.words.pop()


def _unsuitable_rooms(rows: list[ctt.Row], plain: ctt.CttInstance) -> tuple[tuple[str, str], ...]:
    courses, rooms = {course.id for course in plain.courses}, {room.id for room in plain.rooms}
    for row in rows:
        row.expect("course", "room")
        ctt.check_known(row.words[0], courses, row)
        if row.words[1] not in rooms:
            raise row.error("room", f"no room {ctt.shown(row.words[1])} stands in ROOMS.")
    return tuple(dict.fromkeys((row.words[0], row.words[1]) for row in rows))


def weights_of(formulation: str) -> Weights:
    """What a unit of each constraint costs in the formulation; all others are off."""
    off = dict.fromkeys(Weights().as_dict(), 0)
    return Weights(**off | dict(FORMULATIONS[formulation]))


def plain_problem(instance: ctt.CttInstance, formulation: str, *, file: str) -> Problem:
    """A ``.ctt`` file in one of the formulations that ask nothing more than it says."""
    if formulation not in OF_PLAIN_FILES:
        message = f"{formulation} needs what only the extended format says; give the .ectt file, or choose {' or '.join(OF_PLAIN_FILES)}."
        raise FormatError(file, 0, "", message)
    problem = ctt.to_problem(instance)
    if formulation == DEFAULT:
        return problem
    return replace(problem, weights=weights_of(formulation), source=problem.source | {"formulation": formulation})


def to_problem(instance: EcttInstance, formulation: str = DEFAULT, *, allow_unsupported: bool = False) -> Problem:
    """The instance in exactly the formulation.

    Raises
    ------
    UnsupportedError
        If suitable rooms count, and a course has none.
    """
    problem = ctt.to_problem(instance.plain)
    buildings = {building: number for number, building in enumerate(dict.fromkeys(instance.buildings))}
    curricula = problem.num_curricula
    unsupported = Unsupported(instance.file)
    suitable = _suitable_rooms(instance)
    names = replace(problem.names, buildings=tuple(buildings))
    if formulation in SUITABILITY_IS_SOFT + SUITABILITY_IS_HARD:
        unsupported.add("course without a suitable room", int(np.count_nonzero(~suitable.any(axis=1))))
    left_out = unsupported.check(allow=allow_unsupported)
    if formulation in SUITABILITY_IS_SOFT:
        section, room = np.nonzero(suitable & ~suitable.all(axis=1, keepdims=True))
        ranks = np.stack([section, room, np.zeros_like(room)], axis=1).astype(np.int32)
        problem = replace(problem, preferred_rooms=ranks)
    if formulation in SUITABILITY_IS_HARD:
        needs, rooms = _as_features(suitable)
        problem = replace(problem, lecture_features=needs[problem.lecture_section], room_features=rooms)
        names = replace(names, features=tuple(f"suitable rooms {number}" for number in range(1, rooms.shape[1] + 1)))
    return replace(
        problem,
        names=names,
        weights=weights_of(formulation),
        room_building=np.array([buildings[building] for building in instance.buildings], dtype=np.int32),
        curriculum_min_daily=np.full(curricula, instance.min_daily, dtype=np.int32),
        curriculum_max_daily=np.full(curricula, instance.max_daily, dtype=np.int32),
        section_grouped=np.array(instance.double_lectures, dtype=np.int32),
        source={"format": "ectt", "name": instance.plain.name, "formulation": formulation, **({LEFT_OUT: left_out} if left_out else {})},
    )


def _suitable_rooms(instance: EcttInstance) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """``[course, room]``."""
    course_index = {course.id: index for index, course in enumerate(instance.plain.courses)}
    room_index = {room.id: index for index, room in enumerate(instance.plain.rooms)}
    suitable = np.ones((len(course_index), len(room_index)), dtype=np.bool_)
    for course, room in instance.unsuitable_rooms:
        suitable[course_index[course], room_index[room]] = False
    return suitable


Truths = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


def _as_features(suitable: Truths) -> tuple[Truths, Truths]:
    """Each different choice of rooms as a feature that these rooms have: which each course needs, and each room has."""
    choices, owner = np.unique(suitable, axis=0, return_inverse=True)
    needs = owner.reshape(-1)[:, None] == np.arange(len(choices))[None, :]
    # Courses that may use every room, and those that may use none, need nothing.
    asks = choices.any(axis=1) & ~choices.all(axis=1)
    return needs[:, asks], choices[asks].T.copy()
