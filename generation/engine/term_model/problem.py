"""Everything that is fixed where a term's weeks differ, as arrays: the model of ITC-2019.

The week's model (`engine.model.problem`) repeats one week of a grid. Here a class has its own list of times, each with days,
weeks, a start and a length in slots of any size (five minutes in ITC-2019), and its own list of rooms; students choose courses
and are placed in one class of every subpart of one configuration of each. A *class* is a section whose meetings share one choice
of time and room.

Sizes used in the shapes below: ``K`` classes, ``M`` distinct times, ``R`` rooms, ``U`` students, ``N`` rules, ``P`` subparts,
``G`` configurations, ``C`` courses. A set of days is a bit mask of which bit d is the file's day d (0 is its first); of weeks likewise.

Source: Müller, Rudová and Müllerová, University course timetabling and International Timetabling Competition 2019 (PATAT 2018),
and the competition's description of its format.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import BoolArray, Csr, IntArray

WeekMask = NDArray[np.uint64]


class RuleKind(IntEnum):
    """The distributions of ITC-2019; the parameters `x` and `y` of a rule are in slots, days or classes as the kind says."""

    SAME_START = 0
    SAME_TIME = 1
    DIFFERENT_TIME = 2
    SAME_DAYS = 3
    DIFFERENT_DAYS = 4
    SAME_WEEKS = 5
    DIFFERENT_WEEKS = 6
    OVERLAP = 7
    NOT_OVERLAP = 8
    SAME_ROOM = 9
    DIFFERENT_ROOM = 10
    SAME_ATTENDEES = 11
    PRECEDENCE = 12
    WORK_DAY = 13  # x: slots from the first start to the last end of a day
    MIN_GAP = 14  # x: slots between two of a day
    MAX_DAYS = 15  # x: days
    MAX_DAY_LOAD = 16  # x: slots a day
    MAX_BREAKS = 17  # x: breaks a day, y: slots that make one
    MAX_BLOCK = 18  # x: slots of a block, y: slots that separate two


@dataclass(frozen=True, slots=True)
class TermWeights:
    """What a unit of each part of the cost counts."""

    time: int = 1
    room: int = 1
    distribution: int = 1
    student: int = 1


@dataclass(frozen=True, slots=True)
class TermNames:
    """What the file calls each thing; indices are the problem's."""

    classes: tuple[str, ...]
    rooms: tuple[str, ...]
    courses: tuple[str, ...]
    configs: tuple[str, ...]
    subparts: tuple[str, ...]
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermProblem:
    """One term. All arrays are read-only; see the module's letters for shapes."""

    name: str
    num_days: int
    num_weeks: int
    slots_per_day: int
    names: TermNames
    weights: TermWeights

    # Distinct times: no two are alike in all four.
    time_days: IntArray  # [M] bit mask
    time_weeks: WeekMask  # [M] bit mask
    time_start: IntArray  # [M] first slot of the day
    time_length: IntArray  # [M] slots

    # Classes, the decision variables.
    class_times: Csr  # K rows of times, each once; at least one
    class_time_cost: IntArray  # [nnz of class_times] the penalty of that time, before the weight
    class_rooms: Csr  # K rows of rooms, each once; none where the class needs no room
    class_room_cost: IntArray  # [nnz of class_rooms] the same of that room
    class_needs_room: BoolArray  # [K]
    class_limit: IntArray  # [K] students at most
    class_parent: IntArray  # [K] class whose students alone may attend it, -1 = none
    class_subpart: IntArray  # [K]
    subpart_config: IntArray  # [P]
    config_course: IntArray  # [G]

    room_capacity: IntArray  # [R] students; of the file, no constraint of its own
    room_travel: IntArray  # [R, R] slots from one to another; symmetric, 0 on the diagonal
    # Closures: room, days, start, length; and, of the same row, the weeks.
    room_closed: IntArray  # [n, 4]
    room_closed_weeks: WeekMask  # [n]

    # Rules: kind (RuleKind), 1 if it must be kept, penalty of a broken one before the weight (0 of a hard one), x, y.
    rules: IntArray  # [N, 5]
    rule_classes: Csr  # N rows of classes; of PRECEDENCE in order

    student_courses: Csr  # U rows of courses, each once

    @property
    def num_classes(self) -> int:
        return len(self.class_limit)

    @property
    def num_times(self) -> int:
        return len(self.time_start)

    @property
    def num_rooms(self) -> int:
        return len(self.room_capacity)

    @property
    def num_rules(self) -> int:
        return len(self.rules)

    @property
    def num_students(self) -> int:
        return len(self.student_courses)

    @property
    def num_courses(self) -> int:
        return len(self.names.courses)

    @property
    def class_config(self) -> IntArray:
        """``[K]`` the configuration of each class."""
        configs: IntArray = self.subpart_config[self.class_subpart]
        return configs

    @property
    def class_course(self) -> IntArray:
        """``[K]`` the course of each class."""
        courses: IntArray = self.config_course[self.class_config]
        return courses
