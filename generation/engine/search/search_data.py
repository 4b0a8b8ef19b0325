"""What the compiled search reads, derived from a `Problem`: conflicts, domains, groups, rooms.

Where weeks are told apart, a *section* here is a part of a section, whose lectures are held in the same weeks (`week_parts`): parts that
share no week are no neighbours. ``Fixed`` never changes during a search. Letters beyond those of `problem`: ``W`` terms of the week,
``C`` room classes
(lectures that may use the same rooms), ``K`` pairs of section and required room kind, ``G`` groups
(curricula, then instructors) that a penalty watches.

=================  ==============  =========================================================
field              dtype, shape    meaning
=================  ==============  =========================================================
l_sec, l_len       i32 [L]         the lecture's section; its length in periods
l_class, l_kind    i32 [L]         room class; index of (section, required kind)
l_unplaced         i32 [L]         hard violations that it costs to leave it unplaced
l_ok               u8 [L, T]       it may start there
starts_ptr/starts  i32 CSR [L]     the same as lists
mate_ptr/mates     i32 CSR [L]     lectures to which it should stand in some way
mate_rule          i32 [nnz, 5]    that way (`Problem.lecture_pairs`, or JOINT), days, 1 for its first lecture, price if hard, if soft
avoid_ptr/avoid    i32 CSR [S]     sections with which it should not overlap
avoid_cost         i32 [nnz]       weighted price of one period of that
class_ptr/rooms    i32 CSR [C]     rooms of a class
class_ok           u8 [C, R]       the same as a table
room_ok            u8 [R, T]       the room is available
room_times         i32 [R, T]      weighted dislike of using the room for one period
room_share         i32 [R]         lectures that fit into the room at once
room_cost          i32 [S, R]      weighted penalty of the room for one lecture of the section
slot_cost          i32 [S, T]      weighted dislike of the section and its instructors for one period
nb_ptr/nb          i32 CSR [S]     sections in conflict, hard or by shared students
nb_hard, nb_shared i32 [nnz]       1 if they must not overlap; otherwise the shared students
pair_hard          u8 [S, S]       the same as a table
pair_shared        i16 [S, S]      shared students of a pair
group_ptr/groups   i32 CSR [S]     groups that a penalty watches
g_weight           i32 [G, 5]      weight of isolation, gap, lunch, daily load, run (0 = off)
g_limit            i32 [G, 4]      daily maximum, longest run, daily minimum of a day that has any, 1 where the maximum is hard
lec_ptr/lecs       i32 CSR [S]     lectures of a section
whole              i32 [S]         the whole section, by the number of its first part; itself where sections have no parts
weeks              i64 [S]         the kinds of week in which it is held, as bits
whole_ptr/_lecs    i32 CSR [S]     lectures of a whole section
is_grouped         u8 [S]          its lectures of a day should stand together
is_one_room        u8 [S]          its lectures must be in one room
near_ptr/near      i32 CSR [S]     sections with a curriculum in common, itself among them
near_shared        i32 [nnz]       how many curricula they have in common
room_building      i32 [R]         as in `Problem`
g_week             i32 [G, W, 4]   terms of the week: 0 days or 1 half-days, most of them busy, price of one more if hard, if soft
rule_ptr           i32 [G + 1]     rules on the times of a set of sections, which is a group as well
rule               i32 [n, 8]      measure, days counted together, least, most, 1 if empty days count, row of looks, price if hard, if soft
looks              i64 [m, D]      the periods that a rule looks at, as bits
day_halves         i64 [D, 2]      the periods of a day's halves as bits; 0 where nothing may be taught that day
min_days           i32 [S]         days wanted of a whole section
most_gain          i32 [S]         more than its groups gain when one of its lectures moves (nearly always)
num                i64 [23]        the numbers named by the N_ constants below
=================  ==============  =========================================================

numba's disk cache sees changes of kernels.py only: whoever changes the meaning of a field or of a
constant here has to touch that file too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.constraints.base import PATTERNS, Rows, RowsOf
from generation.engine.constraints.register import CONSTRAINTS, constraints_of
from generation.engine.model.attendance import members_of
from generation.engine.model.problem import ANY, BoolArray, Csr, IntArray, Problem, Weights
from generation.engine.model.problem import JOINT as JOINT
from generation.engine.model.week_parts import WeekParts
from generation.engine.search.section_conflicts import Neighbours, neighbours

ISOLATED, GAP, LUNCH, DAILY, RUN = range(5)
(N_PERIODS, N_DAYS, N_STUDENT, N_MIN_DAYS, N_STABILITY, N_TIES, N_BUILDINGS, N_RUN_HARD, N_ROOM_TIMES, N_LUNCH) = range(10)
N_LONGEST, N_SEATING = 10, 11  # the latter: hard violations of `seats_misplaced`
N_WEEK_START, N_WEEK = 12, 13  # the day with which the week begins, and the days until it does again
N_WEEK_TERMS = 15  # terms of the week that cost anything
N_GROUPED, N_ONE_ROOM = 14, 16  # as N_BUILDINGS, what depends on times and rooms of several lectures together: prices; 1 if any must
N_WEEKLY = 17  # 1 where there are any, or rules on sets of sections
N_RULES_HARD, N_RULES_SOFT = 18, 19  # what the rules cost where nothing has a place
N_BEYOND_DAYS = 22  # 1 where there is anything weekly, or weeks are told apart: not all that groups cost is in one day of theirs
N_KINDS, N_SPLIT = 20, 21  # kinds of week (1: weeks are not told apart); 1 where sections have several parts

ByteArray = NDArray[np.uint8]

MOST_GAIN = 1 << 29  # of one section's groups: what is above would not fit into its field
ALWAYS_PRICED = 1 << 24  # more than any change costs beside what groups gain


class Fixed(NamedTuple):
    l_sec: IntArray
    l_len: IntArray
    l_class: IntArray
    l_kind: IntArray
    l_unplaced: IntArray
    l_ok: ByteArray
    starts_ptr: IntArray
    starts: IntArray
    mate_ptr: IntArray
    mates: IntArray
    mate_rule: IntArray
    avoid_ptr: IntArray
    avoid: IntArray
    avoid_cost: IntArray
    class_ptr: IntArray
    rooms: IntArray
    class_ok: ByteArray
    room_ok: ByteArray
    room_times: IntArray
    room_share: IntArray
    room_cost: IntArray
    slot_cost: IntArray
    nb_ptr: IntArray
    nb: IntArray
    nb_hard: IntArray
    nb_shared: IntArray
    pair_hard: ByteArray
    pair_shared: NDArray[np.int16]
    group_ptr: IntArray
    groups: IntArray
    g_weight: IntArray
    g_limit: IntArray
    lec_ptr: IntArray
    lecs: IntArray
    whole: IntArray
    weeks: NDArray[np.int64]
    whole_ptr: IntArray
    whole_lecs: IntArray
    is_grouped: ByteArray
    is_one_room: ByteArray
    near_ptr: IntArray
    near: IntArray
    near_shared: IntArray
    room_building: IntArray
    g_week: IntArray
    rule_ptr: IntArray
    rule: IntArray
    looks: NDArray[np.int64]
    day_halves: NDArray[np.int64]
    min_days: IntArray
    most_gain: IntArray
    num: NDArray[np.int64]


def hard_pairs(problem: Problem) -> ByteArray:
    """Table [S, S] of the sections that must not overlap: one curriculum, one instructor, or by rule; weeks aside."""
    table = np.zeros((problem.num_sections, problem.num_sections), dtype=np.uint8)
    for rows in (problem.section_curricula, problem.section_instructors):
        for members in members_of(rows):
            table[np.ix_(members, members)] = 1
    if len(problem.no_overlap):
        table[problem.no_overlap[:, 0], problem.no_overlap[:, 1]] = 1
        table[problem.no_overlap[:, 1], problem.no_overlap[:, 0]] = 1
    np.fill_diagonal(table, 0)
    return table


def _starts(problem: Problem) -> ByteArray:
    """Where a lecture may start: inside a day, across no break, everybody available, pins and blocked starts heeded."""
    periods, slots = problem.periods_per_day, problem.num_timeslots
    free = problem.section_available.copy()
    for section in range(problem.num_sections):
        for instructor in problem.section_instructors[section]:
            free[section] &= problem.instructor_available[instructor]
    table = np.zeros((problem.num_lectures, slots), dtype=np.uint8)
    period = np.arange(slots) % periods
    for length in np.unique(problem.lecture_length):
        fits = period + length <= periods
        ok = np.zeros_like(free)
        ok[:, fits] = True
        for step in range(int(length)):
            shifted = np.zeros_like(free)
            shifted[:, : slots - step] = free[:, step:]
            ok &= shifted
            if step:
                crossed = np.minimum(period + step - 1, periods - 1)
                ok &= ~problem.break_after[crossed][None, :]
        chosen = problem.lecture_length == length
        table[chosen] = ok[problem.lecture_section[chosen]]
    for lecture in np.flatnonzero(problem.lecture_pin_slot >= 0):
        kept = table[lecture, problem.lecture_pin_slot[lecture]]
        table[lecture] = 0
        table[lecture, problem.lecture_pin_slot[lecture]] = kept
    lectures, slots_blocked = problem.blocked_starts.T
    table[lectures, slots_blocked] = 0
    return table


def _room_classes(problem: Problem) -> tuple[IntArray, ByteArray]:
    """Class of each lecture, and which rooms each class may use."""
    seats = problem.section_size[problem.lecture_section] if problem.capacity_is_hard else np.zeros(problem.num_lectures, dtype=np.int32)
    keys = np.concatenate(
        [
            problem.lecture_room_kind[:, None],
            problem.lecture_pin_room[:, None],
            seats[:, None],
            problem.lecture_features.astype(np.int32),
        ],
        axis=1,
    )
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    table = np.zeros((max(1, len(distinct)), problem.num_rooms), dtype=np.uint8)
    for index, key in enumerate(distinct):
        ok = problem.room_limit >= key[2]
        if key[0] != ANY:
            ok &= problem.room_kind == key[0]
        ok &= ~((key[3:] > 0)[None, :] & ~problem.room_features).any(axis=1)
        if key[1] >= 0:
            ok &= np.arange(problem.num_rooms) == key[1]
        table[index] = ok
    return inverse.reshape(-1).astype(np.int32), table


def _csr(table: ByteArray) -> tuple[IntArray, IntArray]:
    pointer = np.zeros(len(table) + 1, dtype=np.int32)
    pointer[1:] = np.cumsum(table.astype(bool).sum(axis=1))
    return pointer, np.nonzero(table)[1].astype(np.int32)


def _section_costs(problem: Problem, weights: Weights, form: Literal["section_rooms", "section_slots"], columns: int) -> IntArray:
    """The weighted sum [S, R] or [S, T] of the register's terms of a form."""
    cost = np.zeros((problem.num_sections, columns), dtype=np.int32)
    sections = np.arange(problem.num_sections, dtype=np.int32)
    for constraint in constraints_of(problem, weights):
        term: RowsOf | None = getattr(constraint.terms, form)
        if term is not None and not constraint.is_hard:
            cost += (constraint.weight(weights) * term(problem, sections)).astype(np.int32)
    return cost


def _groups(problem: Problem, weights: Weights) -> tuple[IntArray, IntArray, IntArray, Csr]:
    """Weights, limits and terms of the week of every curriculum and instructor, and each section's watched groups."""
    num_curricula = len(members_of(problem.section_curricula))
    num_curricula = max(num_curricula, problem.num_curricula)
    people = num_curricula + problem.num_instructors
    total = people + len(problem.rule_sets)
    weight = np.zeros((total, 5), dtype=np.int32)
    limit = np.zeros((total, 4), dtype=np.int32)
    has_lunch = bool(problem.lunch_window.any())
    limit[: problem.num_curricula, [2, 0]] = problem.curriculum_daily
    limit[num_curricula:people, 0], limit[num_curricula:people, 3] = problem.instructor_max_daily, problem.daily_load_is_hard
    limit[num_curricula:people, 1] = problem.instructor_max_consecutive
    for constraint in constraints_of(problem, weights):
        day = constraint.terms.day
        if day is not None:
            first, last = 0 if day.of_curricula else num_curricula, people if day.of_instructors else num_curricula
            weight[first:last, PATTERNS.index(day.pattern)] += constraint.weight(weights)
    weight[:, LUNCH] *= has_lunch
    weight[:, DAILY] *= (limit[:, 0] > 0) | (limit[:, 2] > 0)
    weight[:, RUN] *= limit[:, 1] > 0
    week = _week_terms(problem, weights, num_curricula)
    watched = np.asarray(weight.any(axis=1)) | week[:, :, 2:].any(axis=(1, 2))
    watched[people:] = True
    in_sets: list[list[int]] = [[] for _ in range(problem.num_sections)]
    for number, sections in enumerate(problem.rule_sets):
        for section in sections.tolist():
            in_sets[section].append(people + number)
    rows = [
        [
            int(g)
            for g in np.unique(np.concatenate([problem.section_curricula[s], num_curricula + problem.section_instructors[s]]))
            if watched[g]
        ]
        + sorted(set(in_sets[s]))
        for s in range(problem.num_sections)
    ]
    return weight, limit, week, Csr.of(rows)


def _week_terms(problem: Problem, weights: Weights, num_curricula: int) -> IntArray:
    """The register's terms of the week by curriculum and instructor; those that cost nobody anything are left out."""
    found: list[IntArray] = []
    people = num_curricula + problem.num_instructors
    total = people + len(problem.rule_sets)
    for constraint in constraints_of(problem, weights):
        if constraint.terms.week is not None:
            most = constraint.terms.week.most(problem)
            table = np.zeros((total, 4), dtype=np.int32)
            table[:, 0] = constraint.terms.week.block == "half"
            table[num_curricula:people, 1] = most
            table[num_curricula:people, 2 if constraint.is_hard else 3] = constraint.weight(weights) * (most >= 0)
            found += [table] if table[:, 2:].any() else []
    return np.stack(found, axis=1) if found else np.zeros((total, 0, 4), dtype=np.int32)


def _rules(problem: Problem, weights: Weights, groups: int) -> tuple[IntArray, IntArray, NDArray[np.int64]]:
    """Each group's rules on its times, as pointer and rows, and what they look at; those that cost nothing are left out."""
    weight = CONSTRAINTS["set_rule_preferred"].weight(weights)
    found = problem.set_rules
    is_hard = found[:, 7] == 0
    price = np.where(is_hard, 0, found[:, 7] * weight)
    rows = np.column_stack([found[:, 1:7], is_hard, price]).astype(np.int32)
    rows[:, 1] = np.where(rows[:, 1] == 0, problem.num_days, rows[:, 1])
    owner = groups - len(problem.rule_sets) + found[:, 0]
    chosen = np.flatnonzero(is_hard | (price > 0))
    chosen = chosen[np.argsort(owner[chosen], kind="stable")]
    pointer = np.searchsorted(owner[chosen], np.arange(groups + 1)).astype(np.int32)
    bits = np.int64(1) << np.arange(problem.periods_per_day, dtype=np.int64)
    looks = (problem.rule_slots.reshape(len(problem.rule_slots), problem.num_days, problem.periods_per_day) * bits).sum(
        axis=2, dtype=np.int64
    )
    return pointer, rows[chosen], looks


def _cost_of_nothing(rules: IntArray, num_days: int) -> tuple[int, int]:
    """What the rules cost where nothing has a place: the least of those for which empty days count, for each of their parts."""
    units = rules[:, 2].astype(np.int64) * rules[:, 4] * -(-num_days // rules[:, 1])
    return int((units * rules[:, 6]).sum()), int((units * rules[:, 7]).sum())


def _day_halves(problem: Problem) -> NDArray[np.int64]:
    first = (1 << problem.afternoon) - 1
    halves = np.array([first, (1 << problem.periods_per_day) - 1 - first], dtype=np.int64)
    return np.where(problem.open_days[:, None], halves, 0)


def _most_gains(g_weight: IntArray, g_limit: IntArray, g_week: IntArray, rule_ptr: IntArray, groups: Csr, periods: int) -> IntArray:
    """The lecture and two others no longer alone, a whole day's gap closed, two lunches, and so on."""
    units = np.zeros(5, dtype=np.int64)
    units[[ISOLATED, GAP, LUNCH, DAILY, RUN]] = 3, periods, 2, 1, 2
    # A day that the lecture frees is no longer too short, whatever it lacked; the day it comes to lacks one less.
    of_day = g_weight @ units + g_weight[:, DAILY] * g_limit[:, 2]
    # A lecture that leaves frees its day, or both of its halves. What ends a hard breach is always priced.
    of_week = (g_week[:, :, 3] * (1 + g_week[:, :, 0])).sum(axis=1) + ALWAYS_PRICED * (
        g_week[:, :, 2].any(axis=1) | (np.diff(rule_ptr) > 0)
    )
    gain = np.append(of_day + of_week, 0)
    return np.array([min(int(gain[row].sum()), MOST_GAIN) for row in groups], dtype=np.int32)


class _Beside(NamedTuple):
    """The fields of `Fixed` from which the costs of lectures beside one another are read."""

    lec_ptr: IntArray
    lecs: IntArray
    is_grouped: ByteArray
    is_one_room: ByteArray
    near_ptr: IntArray
    near: IntArray
    near_shared: IntArray
    room_building: IntArray


def _beside(problem: Problem, prices: tuple[int, int], kinds: NDArray[np.int64]) -> _Beside:
    """What the costs of lectures beside one another are read from; empty where such costs nothing.

    ``prices`` are those of a change of building and of a lecture that stands alone, ``kinds`` the kinds of week of each section.
    """
    order = np.argsort(problem.lecture_section, kind="stable").astype(np.int32)
    lectures = np.searchsorted(problem.lecture_section[order], np.arange(problem.num_sections + 1)).astype(np.int32)
    shared: list[dict[int, int]] = [{} for _ in range(problem.num_sections)]
    for members in members_of(problem.section_curricula) if prices[0] else ():
        for section in members.tolist():
            for other in members[(kinds[members] & kinds[section]) != 0].tolist():
                shared[section][other] = shared[section].get(other, 0) + 1
    near = Csr.of([list(row) for row in shared])
    nobody = np.zeros(problem.num_sections, dtype=np.int32)
    grouped = problem.section_grouped if problem.section_grouped.size else nobody
    one_room = problem.section_one_room if problem.section_one_room.size else nobody
    return _Beside(
        lec_ptr=lectures,
        lecs=order,
        is_grouped=(grouped * (prices[1] > 0)).astype(np.uint8),
        is_one_room=one_room.astype(np.uint8),
        near_ptr=near.indptr,
        near=near.indices,
        near_shared=np.array([count for row in shared for count in row.values()], dtype=np.int32),
        room_building=problem.room_building.astype(np.int32),
    )


def _most_beside(beside: _Beside, prices: tuple[int, int]) -> IntArray:
    """``[S]`` what a lecture can gain at most by where it stands: a change before it and one after it for each curriculum; it and
    three others that stood alone. What ends a hard breach is always priced."""
    own = np.repeat(np.arange(len(beside.near_ptr) - 1), np.diff(beside.near_ptr)) == beside.near
    curricula = np.zeros(len(beside.near_ptr) - 1, dtype=np.int64)
    curricula[beside.near[own]] = beside.near_shared[own]
    soft = 2 * prices[0] * curricula + 4 * prices[1] * beside.is_grouped.astype(np.int64)
    gain: IntArray = (soft + ALWAYS_PRICED * beside.is_one_room.astype(np.int64)).astype(np.int32)
    return gain


def with_seats(problem: Problem, fixed: Fixed, attended: Csr, *, table: NDArray[np.int16] | None = None) -> Fixed:
    """The same data where the students sit as in `attended`; what does not depend on them is shared, not copied.

    ``table`` becomes its `pair_shared`; None: a new array.
    """
    num = fixed.num.copy()
    num[N_SEATING] = seats_misplaced(problem, attended)
    return fixed._replace(**_neighbours(attended, fixed.whole, fixed.weeks, fixed.pair_hard, table)._asdict(), num=num)


def _neighbours(
    attended: Csr, whole: IntArray, weeks: NDArray[np.int64], pair_hard: ByteArray, table: NDArray[np.int16] | None = None
) -> Neighbours:
    """`neighbours`; of parts of sections those that share a week, which students attend with their section."""
    found = neighbours(attended_parts(attended, whole), pair_hard, table)
    if weeks.min(initial=1) == weeks.max(initial=1):
        return found
    owner = np.repeat(np.arange(len(whole), dtype=np.int32), np.diff(found.nb_ptr))
    share = (weeks[owner] & weeks[found.nb]) != 0
    found.pair_shared[owner[~share], found.nb[~share]] = 0
    pointer = np.append(0, np.cumsum(np.bincount(owner[share], minlength=len(whole)))).astype(np.int32)
    return Neighbours(pointer, found.nb[share], found.nb_hard[share], found.nb_shared[share], found.pair_shared)


def attended_parts(attended: Csr, whole: IntArray) -> Csr:
    """The parts that each student attends, from the sections."""
    if len(whole) == 0 or int(whole.max()) + 1 == len(whole):
        return attended
    order = np.argsort(whole, kind="stable").astype(np.int32)
    bounds = np.searchsorted(whole[order], np.arange(int(whole.max()) + 2))
    size = np.diff(bounds)[attended.indices]
    first = np.repeat(bounds[attended.indices] - np.append(0, np.cumsum(size)[:-1]), size)
    ends = np.append(0, np.cumsum(size))
    return Csr(ends[attended.indptr].astype(np.int32), order[first + np.arange(len(first))])


def may_meet(problem: Problem) -> BoolArray:
    """Table [S, S] of the sections of which lectures share a week."""
    weeks = np.zeros(problem.num_sections, dtype=np.uint64)
    np.bitwise_or.at(weeks, problem.lecture_section, problem.lecture_weeks)
    different, which = np.unique(weeks, return_inverse=True)
    share: BoolArray = (different[:, None] & different[None, :]) != 0
    return share[which][:, which]


def _by_parts(problem: Problem, parts: WeekParts) -> Problem:
    """The problem with a section for each part of one; what depends on a whole section's lectures or students is the caller's."""
    if parts.num_kinds == 1:
        return problem
    owner = parts.owner
    first, second, _ = parts.pairs(*problem.no_overlap.T.astype(np.int64))
    avoided = problem.avoid_overlap[problem.avoid_overlap[:, 0] != problem.avoid_overlap[:, 1]]
    better, apart, number = parts.pairs(*avoided.T[:2].astype(np.int64))
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(problem.num_sections + 1))
    rules = [np.concatenate([order[bounds[s] : bounds[s + 1]] for s in row.tolist()]).tolist() for row in problem.rule_sets]
    rooms = [(part, room, rank) for s, room, rank in problem.preferred_rooms.tolist() for part in order[bounds[s] : bounds[s + 1]].tolist()]
    min_days = problem.section_min_days[owner]
    min_days[problem.num_sections :] = 0
    by_section = {
        name: getattr(problem, name)[owner]
        for name in ("section_size", "section_available", "section_building", "section_dislike", "section_one_room", "section_grouped")
        if len(getattr(problem, name))
    }
    return replace(
        problem,
        lecture_section=parts.part,
        num_weeks=0,
        lecture_weeks=np.zeros(0, dtype=np.uint64),
        section_min_days=min_days,
        section_instructors=parts.rows(problem.section_instructors),
        section_curricula=parts.rows(problem.section_curricula),
        no_overlap=np.stack([first, second], axis=1).astype(np.int32),
        avoid_overlap=np.stack([better, apart, avoided[number, 2]], axis=1).astype(np.int32),
        rule_sets=Csr.of(rules),
        preferred_rooms=np.array(rooms, dtype=np.int32).reshape(-1, 3),
        **by_section,
    )


def seats_misplaced(problem: Problem, attended: Csr) -> int:
    """What no placement changes: students outside their lecture's section, and above a section's limit."""
    return linked_seats_broken(problem, attended) + seats_too_many(problem, attended)


def linked_seats_broken(problem: Problem, attended: Csr) -> int:
    """Seats in a tutorial or lab whose student attends another section of the lecture than the one it belongs to."""
    if not problem.section_parent.size:
        return 0
    student = np.repeat(np.arange(len(attended), dtype=np.int64), np.diff(attended.indptr))
    seats = np.unique(student * problem.num_sections + attended.indices)
    student, section = np.divmod(seats, problem.num_sections)
    parent = problem.section_parent[section].astype(np.int64)
    linked = parent >= 0
    here = np.isin(student[linked] * problem.num_sections + parent[linked], seats)
    offerings = int(problem.section_offering.max()) + 1
    taken = student * offerings + problem.section_offering[section]
    takes = np.isin(student[linked] * offerings + problem.section_offering[parent[linked]], taken)
    return int(np.count_nonzero(takes & ~here))


def seats_too_many(problem: Problem, attended: Csr) -> int:
    """Students above the limits of their sections."""
    if not problem.section_limit.size:
        return 0
    student = np.repeat(np.arange(len(attended), dtype=np.int64), np.diff(attended.indptr))
    seats = np.unique(student * problem.num_sections + attended.indices)
    sizes = np.bincount(seats % problem.num_sections, minlength=problem.num_sections)
    return int(np.maximum(sizes - problem.section_limit, 0)[problem.section_limit > 0].sum())


def _mates(problem: Problem, weights: Weights) -> tuple[IntArray, IntArray, IntArray]:
    """The lectures that each one is tied to, as pointer and list, and how; pairs that cost nothing are left out."""
    pairs: list[tuple[int, ...]] = []
    known: list[Rows] = []  # a hard constraint and its soft twin may share their rows, which stand here once
    for constraint in sorted(CONSTRAINTS.values(), key=lambda each: each.is_hard):
        term = constraint.terms.lecture_pairs
        if term is not None and term not in known:
            known.append(term)
            price = 0 if constraint.is_hard or not constraint.applies(problem) else constraint.weight(weights)
            pairs += [(a, b, kind, days, hard, soft * price) for a, b, kind, days, hard, soft in term(problem).tolist()]
    rows: list[list[int]] = [[] for _ in range(problem.num_lectures)]
    rules: list[list[tuple[int, ...]]] = [[] for _ in range(problem.num_lectures)]
    for a, b, kind, days, hard, soft in pairs:
        if a != b and (hard or soft):
            for lecture, mate in ((a, b), (b, a)):
                rows[lecture].append(mate)
                rules[lecture].append((kind, days, int(lecture == a), hard, soft))
    mates = Csr.of(rows)
    flat = np.array([rule for row in rules for rule in row], dtype=np.int32).reshape(-1, 5)
    return mates.indptr, mates.indices, flat


def _avoided(problem: Problem, weights: Weights) -> tuple[IntArray, IntArray, IntArray]:
    """The sections that each one should not overlap, as pointer and list, and the price of a period."""
    prices: list[dict[int, int]] = [{} for _ in range(problem.num_sections)]
    for constraint in constraints_of(problem, weights):
        term = constraint.terms.section_pairs
        for a, b, units in [] if term is None else term(problem).tolist():
            if a != b and units:
                for section, other in ((a, b), (b, a)):
                    prices[section][other] = prices[section].get(other, 0) + units * constraint.weight(weights)
    others = Csr.of([list(row) for row in prices])
    return others.indptr, others.indices, np.array([price for row in prices for price in row.values()], dtype=np.int32)


def _room_times(problem: Problem, weights: Weights) -> IntArray:
    cost = np.zeros((problem.num_rooms, problem.num_timeslots), dtype=np.int32)
    for constraint in constraints_of(problem, weights):
        table = None if constraint.terms.room_slots is None else constraint.terms.room_slots(problem)
        if table is not None and table.size:
            cost += (constraint.weight(weights) * table).astype(np.int32)
    return cost


def search_data(problem: Problem, weights: Weights | None = None, attended: Csr | None = None) -> Fixed:
    """Derive the search's arrays from `problem`, priced by `weights` and with students who sit as `attended` (None: the problem's own)."""
    weights = weights or problem.weights
    whole, parts = problem, WeekParts.of(problem)
    problem = _by_parts(problem, parts)
    classes, class_ok = _room_classes(problem)
    kinds = (
        whole.lecture_section.astype(np.int64) * (len(problem.names.room_kinds) + int(problem.room_kind.max(initial=0)) + 2)
        + problem.lecture_room_kind
        + 1
    )
    l_ok = _starts(problem)
    starts_ptr, starts = _csr(l_ok)
    class_ptr, rooms = _csr(class_ok)
    table = hard_pairs(problem)
    if parts.num_kinds > 1:
        different, which = np.unique(parts.kinds, return_inverse=True)
        share = (different[:, None] & different[None, :]) != 0
        table &= share[which][:, which]
        first, second = parts.own_pairs()
        table[first, second] = table[second, first] = 1
    mate_ptr, mates, mate_rule = _mates(problem, weights)
    avoid_ptr, avoid, avoid_cost = _avoided(problem, weights)
    room_times = _room_times(problem, weights)
    g_weight, g_limit, g_week, groups = _groups(problem, weights)
    rule_ptr, rule, looks = _rules(problem, weights, len(g_weight))
    prices = (weights.building_changes, weights.double_lectures if problem.section_grouped.any() else 0)
    beside = _beside(problem, prices, parts.kinds)
    order = np.argsort(whole.lecture_section, kind="stable").astype(np.int32)
    num = np.zeros(23, dtype=np.int64)
    num[N_PERIODS], num[N_DAYS] = problem.periods_per_day, problem.num_days
    num[N_STUDENT], num[N_MIN_DAYS], num[N_STABILITY] = weights.student_clash, weights.min_days, weights.room_stability
    num[N_TIES], num[N_ROOM_TIMES] = len(mates) + len(avoid) > 0, room_times.any()
    num[N_RUN_HARD] = problem.consecutive_load_is_hard
    num[N_LUNCH] = sum(1 << p for p in range(problem.periods_per_day) if problem.lunch_window[p])
    num[N_LONGEST] = problem.lecture_length.max(initial=1)
    num[N_SEATING] = seats_misplaced(whole, attended or whole.student_sections)
    num[N_KINDS], num[N_SPLIT] = parts.num_kinds, not parts.are_sections
    num[N_WEEK_START], num[N_WEEK] = problem.week_start, max(7, problem.num_days)
    num[N_WEEK_TERMS] = g_week.shape[1]
    num[N_BUILDINGS], num[N_GROUPED], num[N_ONE_ROOM] = *prices, beside.is_one_room.any()
    num[N_WEEKLY] = g_week.shape[1] + len(rule) > 0
    num[N_BEYOND_DAYS] = num[N_WEEKLY] or parts.num_kinds > 1
    num[N_RULES_HARD], num[N_RULES_SOFT] = _cost_of_nothing(rule, problem.num_days)
    fixed = Fixed(
        l_sec=np.ascontiguousarray(problem.lecture_section, dtype=np.int32),
        l_len=np.ascontiguousarray(problem.lecture_length, dtype=np.int32),
        l_class=classes,
        l_kind=np.unique(kinds, return_inverse=True)[1].reshape(-1).astype(np.int32),
        l_unplaced=problem.lecture_length.astype(np.int32),
        l_ok=l_ok,
        starts_ptr=starts_ptr,
        starts=starts,
        mate_ptr=mate_ptr,
        mates=mates,
        mate_rule=mate_rule,
        avoid_ptr=avoid_ptr,
        avoid=avoid,
        avoid_cost=avoid_cost,
        class_ptr=class_ptr,
        rooms=rooms,
        class_ok=class_ok,
        room_ok=problem.room_available.astype(np.uint8),
        room_times=room_times,
        room_share=problem.room_places,
        room_cost=_section_costs(problem, weights, "section_rooms", problem.num_rooms),
        slot_cost=_section_costs(problem, weights, "section_slots", problem.num_timeslots),
        **_neighbours(attended or whole.student_sections, parts.owner, parts.kinds, table)._asdict(),
        pair_hard=table,
        group_ptr=groups.indptr,
        groups=groups.indices,
        g_weight=g_weight,
        g_limit=g_limit,
        **beside._asdict(),
        whole=parts.owner,
        weeks=parts.kinds,
        whole_ptr=np.searchsorted(whole.lecture_section[order], np.arange(whole.num_sections + 1)).astype(np.int32),
        whole_lecs=order,
        g_week=g_week,
        rule_ptr=rule_ptr,
        rule=rule,
        looks=looks,
        day_halves=_day_halves(problem),
        min_days=problem.section_min_days.astype(np.int32),
        most_gain=_most_gains(g_weight, g_limit, g_week, rule_ptr, groups, problem.periods_per_day) + _most_beside(beside, prices),
        num=num,
    )
    # Writable and contiguous, so that the kernels' one signature fits.
    return Fixed._make(np.array(array, order="C") for array in fixed)
