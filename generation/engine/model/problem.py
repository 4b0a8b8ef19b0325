"""Everything that is fixed in one timetabling run, as arrays.

A `Problem` states the institution in the field's words; it holds no search structures. Kernels
derive theirs from it, and `evaluate` judges against it directly, so the two share no code.

Sizes used in the shapes below: ``D`` days, ``P`` periods a day, ``T = D * P`` timeslots (slot
``t`` is day ``t // P``, period ``t % P``), ``L`` lectures, ``S`` sections, ``R`` rooms,
``I`` instructors, ``Q`` curricula, ``F`` room features, ``U`` students.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]
WeekArray = NDArray[np.uint64]

# How two lectures stand to one another: the third column of `Problem.lecture_pairs`.
BEFORE, CONSECUTIVE, GROUPED, SAME_DAY, DAYS_APART = range(5)
JOINT = 5  # the kind of the rows of `Problem.same_start` beside them
# More of them. The first three count only where both start on one day, and the last number is of periods.
BEFORE_IN_DAY, GROUPED_IN_DAY, PERIODS_APART_IN_DAY, SAME_PERIOD, DAYS_WITHIN = range(6, 11)
# Where two days are the halves of one, as in the mornings and afternoons of FET: the same of these pairs of days. Grouped are lectures
# that adjoin in one half.
DAY_PAIRS_APART, DAY_PAIRS_WITHIN, GROUPED_IN_DAY_PAIR = range(11, 14)
RELATIONS_END = 14

# What a rule counts of the times of a set of sections: the second column of `Problem.set_rules`.
BUSY_PERIODS, BUSY_DAYS, IDLE_PERIODS, SPAN, LATE_PERIODS, LATE_DAYS, LONGEST_RUN, OTHER_STARTS, BUSY_DAY_PAIRS, FULL_DAY_PAIRS = range(10)
MEASURES_END = 10
ANY_MOST = 1_000_000  # the most of a rule that has none

MAX_WEEKS = 60  # of a term: the bits of `Problem.lecture_weeks`

UNPLACED = -1
ANY = -1
SEAT_FIXED = -2
SEAT_ALONE = -1


@dataclass(frozen=True, slots=True)
class Csr:
    """Rows of varying length: row ``i`` is ``indices[indptr[i]:indptr[i + 1]]``."""

    indptr: IntArray
    indices: IntArray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Csr:
        indptr = np.zeros(len(rows) + 1, dtype=np.int32)
        indptr[1:] = np.cumsum([len(row) for row in rows])
        flat = [value for row in rows for value in row]
        return cls(indptr, np.array(flat, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def __getitem__(self, row: int) -> IntArray:
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    def __iter__(self) -> Iterator[IntArray]:
        return (self[row] for row in range(len(self)))


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each soft penalty costs; 0 switches the constraint off.

    The field names are the constraint ids of the breakdown, and the defaults those of the constraints (`constraints`; a test
    compares them). They are an institution's starting point; `Weights.udine()` is the ITC-2007 UD2 formulation.
    """

    student_clash: int = 4  # a student shared by two sections, for each period they overlap
    disliked_times: int = 2  # an instructor's dislike (1..3), for each period
    room_capacity: int = 0  # a student without a seat, for each lecture (when not hard)
    min_days: int = 5  # a day short of a section's minimum number of days
    compactness: int = 2  # a curriculum's lecture with no neighbour in its day
    curriculum_gaps: int = 1  # an empty period between two of a curriculum's lectures in a day
    instructor_gaps: int = 1  # an empty period between two of an instructor's lectures in a day
    room_stability: int = 1  # a section's second and further rooms of one required kind
    home_building: int = 1  # a lecture outside its section's preferred building
    lunch: int = 3  # a curriculum's or instructor's day with no free period in the window
    daily_load: int = 5  # an instructor's period above the daily maximum (when not hard)
    consecutive_load: int = 3  # an instructor's period above the maximum run (when not hard)
    same_start: int = 5  # a pair of lectures that should start together and do not
    room_fit: int = 0  # ten empty seats (rounded down), for each lecture
    preferred_rooms: int = 2  # a step down the list of a section's preferred rooms, for each lecture
    avoid_overlap: int = 2  # a pair of sections that should not overlap, for each period they do, times its factor
    pair_preferred: int = 4  # a pair of lectures that do not stand as they should, times its factor
    curriculum_load: int = 0  # a curriculum's period below or above what a day should have
    building_changes: int = 0  # a change of building between two of a curriculum's lectures that follow one another
    double_lectures: int = 0  # a lecture beside no other one, of a section whose lectures of a day stand together
    free_days: int = 5  # a day short of an instructor's days without teaching (when not hard)
    free_half_days: int = 3  # a half-day short of an instructor's half-days without teaching (when not hard)

    @classmethod
    def udine(cls) -> Weights:
        off = {f.name: 0 for f in fields(cls)}
        return cls(**off | {"room_capacity": 1, "min_days": 5, "compactness": 2, "room_stability": 1})

    def as_dict(self) -> dict[str, int]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


# What an institution may give a cost. The two others count only in files that say which sections and curricula they are about.
WEIGHT_IDS = tuple(weight.name for weight in fields(Weights) if weight.name not in ("curriculum_load", "double_lectures"))


@dataclass(frozen=True, slots=True)
class Names:
    """What to call each thing in messages and files; indices are the Problem's."""

    sections: tuple[str, ...]
    courses: tuple[str, ...]  # per section: the course's code
    titles: tuple[str, ...]  # per section: the course's title
    rooms: tuple[str, ...]
    instructors: tuple[str, ...]
    curricula: tuple[str, ...]
    students: tuple[str, ...] = ()
    room_kinds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()


def _rows_of(columns: int) -> Callable[[], IntArray]:
    return lambda: np.zeros((0, columns), dtype=np.int32)


def _no_ints() -> IntArray:
    return np.zeros(0, dtype=np.int32)


def _no_weeks() -> WeekArray:
    return np.zeros(0, dtype=np.uint64)


def _no_table() -> IntArray:
    return np.zeros((0, 0), dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Problem:
    """One term of one institution. All arrays are read-only; see the module's letters for shapes."""

    name: str
    num_days: int
    periods_per_day: int
    names: Names
    weights: Weights

    # Lectures, the decision variables. A lecture stays inside one day and never spans a break.
    lecture_section: IntArray  # [L]
    lecture_length: IntArray  # [L] periods, >= 1
    lecture_room_kind: IntArray  # [L] required room kind, ANY = -1
    lecture_features: BoolArray  # [L, F] features the room must have
    lecture_pin_slot: IntArray  # [L] fixed start timeslot, -1 = free
    lecture_pin_room: IntArray  # [L] fixed room, -1 = free

    # Sections: parallel groups of an offering. No section attends two lectures at once.
    section_size: IntArray  # [S] students
    section_min_days: IntArray  # [S] days its lectures should be spread over, 0 = any
    section_available: BoolArray  # [S, T]
    section_building: IntArray  # [S] preferred building, ANY = -1
    section_instructors: Csr  # S rows of instructors, all present at each lecture
    section_curricula: Csr  # S rows of curricula (core courses: their sections never overlap)
    section_cluster_hint: IntArray  # [S] department or other natural group, -1 = none

    room_capacity: IntArray  # [R] seats
    room_kind: IntArray  # [R]
    room_features: BoolArray  # [R, F]
    room_building: IntArray  # [R]
    room_available: BoolArray  # [R, T]

    instructor_available: BoolArray  # [I, T]
    instructor_dislike: IntArray  # [I, T] 0..3, a cost for each period taught there
    instructor_max_daily: IntArray  # [I] periods, 0 = no limit
    instructor_max_weekly: IntArray  # [I] periods, 0 = no limit; checked before the search
    instructor_max_consecutive: IntArray  # [I] periods, 0 = no limit

    student_sections: Csr  # U rows of sections

    # Pairs, each row (a, b).
    no_overlap: IntArray  # [n, 2] sections that must not overlap
    same_start: IntArray  # [n, 2] lectures that start together

    break_after: BoolArray  # [P] no lecture continues from period p to p + 1
    lunch_window: BoolArray  # [P] periods of which one should be free

    capacity_is_hard: bool = True
    daily_load_is_hard: bool = False
    consecutive_load_is_hard: bool = False
    same_start_is_hard: bool = False  # every row; single ones are by their factor

    source: dict[str, object] = field(default_factory=dict)  # facts a writer needs, by format

    # Rules that most institutions have few of. An empty table switches its rule off.
    blocked_starts: IntArray = field(default_factory=_rows_of(2))  # [n, 2] lecture, timeslot at which it must not begin
    section_dislike: IntArray = field(default_factory=_no_table)  # [S, T] 0 or more, a cost for each period held there
    room_dislike: IntArray = field(default_factory=_no_table)  # [R, T] 0..3, the same
    preferred_rooms: IntArray = field(default_factory=_rows_of(3))  # [n, 3] section, room, rank (0 is the first choice)
    room_sharing: IntArray = field(default_factory=_no_ints)  # [R] lectures that fit into the room at once; empty: 1 everywhere
    avoid_overlap: IntArray = field(default_factory=_rows_of(3))  # [n, 3] section, section, factor
    lecture_pairs: IntArray = field(default_factory=_rows_of(5))  # [n, 5] lecture, lecture, BEFORE ..., days, factor (0: hard)
    same_start_factor: IntArray = field(default_factory=_no_ints)  # [n] of each row of same_start (0: hard); empty: 1 everywhere
    capacity_tolerance: int = 0  # students above a room's seats that it may still be given, where capacity is hard
    capacity_tolerance_percent: int = 0  # the same as a share of its seats; the larger of the two counts

    # Rules on the times of sets of sections. Empty: there are none.
    rule_sets: Csr = field(default_factory=lambda: Csr.of([]))  # rows of sections
    # [n, 8] set, BUSY_PERIODS ..., days that are counted together (0: all), least, most (ANY_MOST: any), 1 where days without any
    # of its lectures count too, row of rule_slots, factor (0: hard)
    set_rules: IntArray = field(default_factory=_rows_of(8))
    rule_slots: BoolArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))  # [m, T] the times that a rule looks at

    week_start: int = 0  # the day with which the week begins: of an order and of days apart

    # Days and half-days without teaching; empty: nobody requires any.
    instructor_free_days: IntArray = field(default_factory=_no_ints)  # [I] the fewest, 0 = any number
    instructor_free_half_days: IntArray = field(default_factory=_no_ints)  # [I] the same; a day without teaching is two
    free_days_is_hard: bool = False
    free_half_days_is_hard: bool = False

    # Who may change to a parallel section once the times are known (`seating`); empty: nobody may.
    section_offering: IntArray = field(default_factory=_no_ints)  # [S] parallel sections have the same number
    # [E], as student_sections.indices: SEAT_FIXED, SEAT_ALONE, or the number (a curriculum's, or a lecture's with its
    # parts) of those that move together
    seat_bundle: IntArray = field(default_factory=_no_ints)

    # Tutorials and labs: whose students sit in them. Empty: no offering has parts.
    section_parent: IntArray = field(default_factory=_no_ints)  # [S] section of the lecture, -1 = none
    section_limit: IntArray = field(default_factory=_no_ints)  # [S] students at most, 0 = any number

    # What the days of students should be like. Empty: as they come.
    curriculum_min_daily: IntArray = field(default_factory=_no_ints)  # [Q] periods of a day that has any, 0 = any number
    curriculum_max_daily: IntArray = field(default_factory=_no_ints)  # [Q] periods, 0 = any number
    section_one_room: IntArray = field(default_factory=_no_ints)  # [S] 1: all its lectures must be in one room
    section_grouped: IntArray = field(default_factory=_no_ints)  # [S] 1: its lectures of a day follow one another in one room

    # In which weeks of the term each lecture is held. 0 and empty: weeks are not told apart, and every lecture is held in all.
    num_weeks: int = 0
    lecture_weeks: WeekArray = field(default_factory=_no_weeks)  # [L] bit w - 1 is set in week w

    def __post_init__(self) -> None:
        if not 0 <= self.num_weeks <= MAX_WEEKS:
            raise ValueError(f"num_weeks: {self.num_weeks} is not from 0 to {MAX_WEEKS}")
        if len(self.lecture_weeks) not in (0, self.num_lectures):
            raise ValueError(f"lecture_weeks: {len(self.lecture_weeks)} entries for {self.num_lectures} lectures")
        if np.any((self.lecture_weeks == 0) | (self.lecture_weeks >> np.uint64(self.num_weeks) != 0)):
            raise ValueError(f"lecture_weeks: a lecture is held in no week, or in one after the last, {self.num_weeks}")

    @property
    def room_places(self) -> IntArray:
        """``[R]`` lectures that fit into the room at once."""
        return self.room_sharing if self.room_sharing.size else np.ones(self.num_rooms, dtype=np.int32)

    @property
    def joint_factor(self) -> IntArray:
        """``[n]`` how many times the usual a row of ``same_start`` costs where it is not hard; 0 where it is hard itself."""
        return self.same_start_factor if self.same_start_factor.size else np.ones(len(self.same_start), dtype=np.int32)

    @property
    def joint_is_hard(self) -> BoolArray:
        """``[n]`` whether a row of ``same_start`` is hard."""
        is_hard: BoolArray = (self.joint_factor == 0) | self.same_start_is_hard
        return is_hard

    @property
    def room_limit(self) -> IntArray:
        """``[R]`` the most students that a room may be given where capacity is hard."""
        share = self.room_capacity.astype(np.int64) * self.capacity_tolerance_percent // 100
        limit: IntArray = (self.room_capacity + np.maximum(self.capacity_tolerance, share)).astype(np.int32)
        return limit

    @property
    def day_rank(self) -> IntArray:
        """``[D]`` how many days after the week's first one each day is."""
        days = np.arange(self.num_days, dtype=np.int32)
        ranks: IntArray = (days - self.week_start) % max(7, self.num_days)
        return ranks

    @property
    def week_slot(self) -> IntArray:
        """``[T]`` where each timeslot stands in the week as it begins here: what an order and a distance go by."""
        periods = np.arange(self.periods_per_day, dtype=np.int32)
        places: IntArray = (self.day_rank[:, None] * self.periods_per_day + periods).reshape(-1)
        return places

    @property
    def open_days(self) -> BoolArray:
        """``[D]`` days on which anything may be taught: some section, instructor and room are available. No other is a free day."""
        tables = (self.section_available, self.instructor_available, self.room_available)
        open_: BoolArray = np.logical_and.reduce([table.any(axis=0) for table in tables])
        days: BoolArray = np.asarray(open_.reshape(self.num_days, self.periods_per_day).any(axis=1))
        return days

    @property
    def afternoon(self) -> int:
        """The period with which the second half of a day begins: the lunch window is halved, or the day where it has no period.

        The middle one of an odd number of periods belongs to the first half.
        """
        window = np.flatnonzero(self.lunch_window)
        first, last = (int(window[0]), int(window[-1])) if len(window) else (0, self.periods_per_day - 1)
        return (first + last) // 2 + 1

    @property
    def most_busy_days(self) -> IntArray:
        """``[I]`` days on which each instructor may teach, -1 = any number. Nobody requires more free ones than there are."""
        return self._most_busy(self.instructor_free_days, int(self.open_days.sum()))

    @property
    def most_busy_half_days(self) -> IntArray:
        """``[I]`` the same of half-days."""
        return self._most_busy(self.instructor_free_half_days, 2 * int(self.open_days.sum()))

    def _most_busy(self, free: IntArray, total: int) -> IntArray:
        if not free.size:
            return np.full(self.num_instructors, -1, dtype=np.int32)
        most: IntArray = np.where(free > 0, np.maximum(total - free, 0), -1).astype(np.int32)
        return most

    @property
    def first_day(self) -> str:
        """The name of the day with which the week begins; empty where it is the grid's first, as is usual."""
        days = self.names.days
        return days[self.week_start] if 0 < self.week_start < len(days) else ""

    @property
    def curriculum_daily(self) -> IntArray:
        """``[Q, 2]`` the fewest and the most periods of a curriculum's day, 0 = any number."""
        limits = np.zeros((self.num_curricula, 2), dtype=np.int32)
        for column, given in enumerate((self.curriculum_min_daily, self.curriculum_max_daily)):
            limits[: len(given), column] = given
        return limits

    @property
    def num_timeslots(self) -> int:
        return self.num_days * self.periods_per_day

    @property
    def num_lectures(self) -> int:
        return len(self.lecture_section)

    @property
    def num_sections(self) -> int:
        return len(self.section_size)

    @property
    def num_rooms(self) -> int:
        return len(self.room_capacity)

    @property
    def num_instructors(self) -> int:
        return len(self.instructor_max_daily)

    @property
    def is_bound(self) -> bool:
        """Whether lectures are tied to one another, or sets of sections have rules of their own: much of it is hard then."""
        return len(self.lecture_pairs) > 0 or len(self.set_rules) > 0

    @property
    def has_movable_seats(self) -> bool:
        return len(self.section_offering) > 0 and bool(np.any(self.seat_bundle != SEAT_FIXED))

    @property
    def num_curricula(self) -> int:
        return len(self.names.curricula)
