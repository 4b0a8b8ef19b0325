"""What the compiled search of a term reads, derived from a `TermProblem`: domains, times that meet, rules as rows of pairs.

``TermData`` never changes during a search, so that several chains share it. Letters are those of `problem`, and ``Q`` requests (a student
with one of the chosen courses), ``B`` rules that look at a set of classes at once (`MAX_DAYS` and after), ``W`` classes of weeks
that no time tells apart. A class without a room is in room ``R``, from which nothing is far and where nobody is in the way.

===============  =============  ==============================================================================
field            dtype, shape   meaning
===============  =============  ==============================================================================
num              i64 [12]       the numbers named by the N_ constants below
t_info           i32 [M, 4]     days, start, end, order of the first meeting (week and day)
t_weeks          i64 [M]        weeks
gap              i16 [M, M]     slots between two that share a day of a week, below 0 where they overlap; FAR where they share none
meet_ptr/meet    i32 CSR [M]    times that overlap the time
closed           u8 [R + 1, M]  the room is closed at some of that time
travel           i16 [R+1, R+1] slots on the way
dt_ptr/dt        i32 CSR [K]    times of a class; dt_cost f64 their weighted penalties
dr_ptr/dr        i32 CSR [K]    its rooms, cheapest first; dr_cost f64 likewise
pair_ptr         i32 [K + 1]    rows of `pairs` of a class, the hard ones first; pair_soft i32 [K]: where the weighted ones begin
pairs            i32 [E, 4]     the other class, kind (REVERSED added where the other comes first), x, rule
rule_hard        u8 [N]         the rule must be kept
rule_price       f64 [N]        weighted price of one break of a rule that should be
set_ptr/sets     i32 CSR [K]    rules on sets that look at the class
member_ptr/members i32 CSR [B]  classes of such a rule
set_rule         i32 [B, 5]     kind, x, y, rule, first cell of its counters
week_bit         i64 [W]        a week of each class of weeks; week_weight i64 [W]: how many weeks it stands for
block_ptr/blocks i32 CSR [K]    rules that want its time as that of others: what moves as one
block_class_ptr/block_class i32 CSR [blocks]  their classes; block_kind i32 their kinds
one_room         i32 [K]        the group of classes that must share its room, -1 = none
one_room_ptr/one_room_class     CSR of the classes of each such group
parent, limit    i32 [K]        as in `TermProblem`
part_ptr/part    i32 CSR [P]    classes of a subpart
config_ptr/config i32 CSR [G]   subparts of a configuration, parents before children
course_ptr/course i32 CSR [C]   configurations of a course
q_course, q_student i32 [Q]     whose request for which course
q_ptr            i32 [Q + 1]    where its seats are: as many as the largest configuration of the course has subparts
student_q        i32 [U + 1]    requests of a student, which are neighbours
taker_ptr/takers i32 CSR [C]    requests for a course
free_q           i32 [n]        requests that have more than one combination of classes
===============  =============  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import Csr, IntArray
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.reduction import Domains

N_CLASSES, N_TIMES, N_ROOMS, N_DAYS, N_WEEKS, N_SPAN, N_STUDENT, N_DISTRIBUTION = range(8)
FAR = 32_767
REVERSED = 32
ALIKE = (RuleKind.SAME_START, RuleKind.SAME_TIME, RuleKind.SAME_DAYS, RuleKind.SAME_WEEKS, RuleKind.SAME_ROOM)


class TermData(NamedTuple):
    num: NDArray[np.int64]
    t_info: NDArray[np.int32]
    t_weeks: NDArray[np.int64]
    gap: NDArray[np.int16]
    meet_ptr: IntArray
    meet: IntArray
    closed: NDArray[np.uint8]
    travel: NDArray[np.int16]
    dt_ptr: IntArray
    dt: IntArray
    dt_cost: NDArray[np.float64]
    dr_ptr: IntArray
    dr: IntArray
    dr_cost: NDArray[np.float64]
    pair_ptr: IntArray
    pair_soft: IntArray
    pairs: NDArray[np.int32]
    rule_hard: NDArray[np.uint8]
    rule_price: NDArray[np.float64]
    set_ptr: IntArray
    sets: IntArray
    member_ptr: IntArray
    members: IntArray
    set_rule: NDArray[np.int32]
    week_bit: NDArray[np.int64]
    week_weight: NDArray[np.int64]
    block_ptr: IntArray
    blocks: IntArray
    block_class_ptr: IntArray
    block_class: IntArray
    block_kind: IntArray
    one_room: IntArray
    one_room_ptr: IntArray
    one_room_class: IntArray
    parent: IntArray
    limit: IntArray
    part_ptr: IntArray
    part: IntArray
    config_ptr: IntArray
    config: IntArray
    course_ptr: IntArray
    course: IntArray
    q_course: IntArray
    q_student: IntArray
    q_ptr: IntArray
    student_q: IntArray
    taker_ptr: IntArray
    takers: IntArray
    free_q: IntArray


def term_data(problem: TermProblem, domains: Domains, pairs: Pairs) -> TermData:
    """The arrays of `TermData` over domains that were reduced."""
    times = time_tables(problem)
    meets = times.gap < 0
    weights = problem.weights
    price = problem.rules[:, 2].astype(np.float64) * weights.distribution
    on_sets = np.flatnonzero(problem.rules[:, 0] >= RuleKind.MAX_DAYS)
    week_bit, week_weight = _week_classes(problem)
    cells = np.where(problem.rules[on_sets, 0] == RuleKind.MAX_DAYS, problem.num_days, problem.num_days * len(week_bit))
    set_rule = np.zeros((len(on_sets), 5), np.int32)
    set_rule[:, 0], set_rule[:, 1], set_rule[:, 2] = problem.rules[on_sets, 0], problem.rules[on_sets, 3], problem.rules[on_sets, 4]
    set_rule[:, 3] = on_sets
    set_rule[:, 4] = np.cumsum(cells) - cells
    members = Csr.of([_distinct(problem.rule_classes[int(n)]) for n in on_sets])
    sets = _transposed(members, problem.num_classes)
    block_rules = [n for n in range(problem.num_rules) if problem.rules[n, 0] in ALIKE and len(problem.rule_classes[n]) > 1]
    block_class = Csr.of([_distinct(problem.rule_classes[n]) for n in block_rules])
    blocks = _transposed(block_class, problem.num_classes)
    one_room, one_room_class = _one_room_groups(problem)
    seating = _seating(problem)
    return TermData(
        num=np.array(
            [
                problem.num_classes,
                problem.num_times,
                problem.num_rooms,
                problem.num_days,
                problem.num_weeks,
                int(cells.sum()),
                weights.student,
                weights.distribution,
                0,
                0,
                0,
                0,
            ],
            np.int64,
        ),
        t_info=times.info,
        t_weeks=times.weeks,
        gap=times.gap,
        meet_ptr=_pointers(meets.sum(axis=1)),
        meet=np.nonzero(meets)[1].astype(np.int32),
        closed=times.closed,
        travel=times.travel,
        dt_ptr=domains.time_ptr,
        dt=domains.times,
        dt_cost=domains.time_cost * float(weights.time),
        dr_ptr=domains.room_ptr,
        dr=domains.rooms,
        dr_cost=domains.room_cost * float(weights.room),
        pair_ptr=pairs.ptr,
        pair_soft=pairs.soft,
        pairs=pairs.rows,
        rule_hard=(problem.rules[:, 1] != 0).astype(np.uint8),
        rule_price=price,
        set_ptr=sets.indptr,
        sets=sets.indices,
        member_ptr=members.indptr,
        members=members.indices,
        set_rule=set_rule,
        week_bit=week_bit,
        week_weight=week_weight,
        block_ptr=blocks.indptr,
        blocks=blocks.indices,
        block_class_ptr=block_class.indptr,
        block_class=block_class.indices,
        block_kind=problem.rules[block_rules, 0].astype(np.int32),
        one_room=one_room,
        one_room_ptr=one_room_class.indptr,
        one_room_class=one_room_class.indices,
        parent=problem.class_parent.astype(np.int32),
        limit=np.minimum(problem.class_limit, 1 << 29).astype(np.int32),
        **seating,
    )


class TimeTables(NamedTuple):
    info: NDArray[np.int32]
    weeks: NDArray[np.int64]
    gap: NDArray[np.int16]
    closed: NDArray[np.uint8]
    travel: NDArray[np.int16]


def time_tables(problem: TermProblem) -> TimeTables:
    """How each two times lie, and which rooms are closed when; the dummy room of those without one comes last."""
    days, weeks = problem.time_days.astype(np.int64), problem.time_weeks.astype(np.int64)
    start = problem.time_start.astype(np.int32)
    end = start + problem.time_length.astype(np.int32)
    count = problem.num_times
    gap = np.full((count, count), FAR, np.int16)
    for row in range(count):
        shared = ((days & days[row]) != 0) & ((weeks & weeks[row]) != 0)
        between = np.maximum(start - end[row], start[row] - end)
        gap[row, shared] = between[shared]
    first = np.array([_lowest(int(w)) * problem.num_days + _lowest(int(d)) for w, d in zip(weeks, days, strict=True)], np.int32)
    info = np.ascontiguousarray(np.stack([days.astype(np.int32), start, end, first], axis=1))
    rooms = problem.num_rooms
    closed = np.zeros((rooms + 1, count), np.uint8)
    for (room, mask, begin, length), when in zip(problem.room_closed.tolist(), problem.room_closed_weeks.astype(np.int64), strict=True):
        closed[room] |= ((days & mask) != 0) & ((weeks & when) != 0) & (start < begin + length) & (begin < end)
    travel = np.zeros((rooms + 1, rooms + 1), np.int16)
    travel[:rooms, :rooms] = problem.room_travel
    return TimeTables(info, weeks, gap, closed, travel)


class Pairs(NamedTuple):
    """Rules on each two of their classes, as rows of each of both: see `TermData`."""

    ptr: IntArray
    soft: IntArray
    rows: NDArray[np.int32]


def rule_pairs(problem: TermProblem) -> Pairs:
    parts: list[NDArray[np.int32]] = []
    for number, (kind, _, _, x, _) in enumerate(problem.rules.tolist()):
        if kind >= RuleKind.MAX_DAYS:
            continue
        classes = problem.rule_classes[number]
        one, other = np.triu_indices(len(classes), 1)
        first, second = classes[one], classes[other]
        apart = first != second
        first, second = first[apart], second[apart]
        rows = np.empty((2 * len(first), 5), np.int32)
        rows[:, 0] = np.concatenate([first, second])
        rows[:, 1] = np.concatenate([second, first])
        rows[:, 2] = kind
        rows[len(first) :, 2] += REVERSED
        rows[:, 3] = min(x, FAR - 1)
        rows[:, 4] = number
        parts.append(rows)
    rows = np.concatenate(parts) if parts else np.zeros((0, 5), np.int32)
    hard = problem.rules[rows[:, 4], 1] != 0
    return pairs_of(rows, hard, problem.num_classes)


def pairs_of(rows: NDArray[np.int32], hard: NDArray[np.bool_], num_classes: int) -> Pairs:
    """Rows of (class, other, kind, x, rule), sorted by class and hard ones first."""
    order = np.lexsort((rows[:, 1], ~hard, rows[:, 0]))
    rows, hard = rows[order], hard[order]
    ptr = _pointers(np.bincount(rows[:, 0], minlength=num_classes))
    soft = (ptr[:-1] + np.bincount(rows[hard, 0], minlength=num_classes)).astype(np.int32)
    return Pairs(ptr, soft, np.ascontiguousarray(rows[:, 1:]))


def _week_classes(problem: TermProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    patterns = sorted({int(mask) for mask in problem.time_weeks})
    found: dict[tuple[int, ...], list[int]] = {}
    for week in range(problem.num_weeks):
        found.setdefault(tuple(mask >> week & 1 for mask in patterns), []).append(week)
    used = [weeks for key, weeks in found.items() if any(key)]
    return np.array([np.int64(np.uint64(1 << weeks[0])) for weeks in used], np.int64), np.array([len(weeks) for weeks in used], np.int64)


def _one_room_groups(problem: TermProblem) -> tuple[IntArray, Csr]:
    """Classes that must share one room, over all rules that say so."""
    root = list(range(problem.num_classes))

    def find(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for number in np.flatnonzero((problem.rules[:, 0] == RuleKind.SAME_ROOM) & (problem.rules[:, 1] != 0)).tolist():
        classes = problem.rule_classes[number].tolist()
        for other in classes[1:]:
            root[find(other)] = find(classes[0])
    groups: dict[int, list[int]] = {}
    for one in range(problem.num_classes):
        groups.setdefault(find(one), []).append(one)
    shared = [group for group in groups.values() if len(group) > 1]
    of = np.full(problem.num_classes, -1, np.int32)
    for number, group in enumerate(shared):
        of[group] = number
    return of, Csr.of(shared)


def _seating(problem: TermProblem) -> dict[str, IntArray]:
    """Subparts, configurations and courses, and who requests them."""
    part = _grouped(problem.class_subpart, len(problem.subpart_config))
    config = Csr.of([_parents_first(problem, part, np.flatnonzero(problem.subpart_config == g)) for g in range(len(problem.config_course))])
    course = _grouped(problem.config_course, problem.num_courses)
    sizes = np.array([max((len(config[int(g)]) for g in course[c]), default=0) for c in range(problem.num_courses)], np.int32)
    is_open = np.array(
        [len(configs) > 1 or any(len(part[int(p)]) > 1 for g in configs for p in config[int(g)]) for configs in course], dtype=bool
    )
    q_course = problem.student_courses.indices.astype(np.int32)
    counts = np.diff(problem.student_courses.indptr)
    takers = _grouped(q_course, problem.num_courses)
    return {
        "part_ptr": part.indptr,
        "part": part.indices,
        "config_ptr": config.indptr,
        "config": config.indices,
        "course_ptr": course.indptr,
        "course": course.indices,
        "q_course": q_course,
        "q_student": np.repeat(np.arange(problem.num_students, dtype=np.int32), counts),
        "q_ptr": _pointers(sizes[q_course]),
        "student_q": problem.student_courses.indptr.astype(np.int32),
        "taker_ptr": takers.indptr,
        "takers": takers.indices,
        "free_q": np.flatnonzero(is_open[q_course]).astype(np.int32),
    }


def _parents_first(problem: TermProblem, part: Csr, subparts: NDArray[np.int64]) -> list[int]:
    """The subparts of a configuration, each after those that hold parents of its classes."""
    left: list[int] = subparts.tolist()
    ordered: list[int] = []
    while left:
        held = {p: {int(problem.class_subpart[parent]) for parent in problem.class_parent[part[p]] if parent >= 0} for p in left}
        ready = [p for p in left if not held[p] & (set(left) - {p})] or left
        ordered += ready
        left = [p for p in left if p not in ready]
    return ordered


def _distinct(classes: IntArray) -> list[int]:
    return list(dict.fromkeys(classes.tolist()))


def _grouped(of: IntArray, count: int) -> Csr:
    return Csr(_pointers(np.bincount(of, minlength=count)), np.argsort(of, kind="stable").astype(np.int32))


def _transposed(rows: Csr, count: int) -> Csr:
    owner = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(rows.indptr))
    order = np.argsort(rows.indices, kind="stable")
    return Csr(_pointers(np.bincount(rows.indices, minlength=count)), owner[order].astype(np.int32))


def _pointers(counts: NDArray[np.integer] | Sequence[int]) -> IntArray:
    ptr = np.zeros(len(counts) + 1, np.int32)
    ptr[1:] = np.cumsum(counts)
    return ptr


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
