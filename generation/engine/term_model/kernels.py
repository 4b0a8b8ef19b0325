"""The compiled search of a term: what a class costs somewhere, and the changes that make a timetable cheaper.

``TermState`` is one chain's working memory. Letters as in `search_data`.

================  ===============  =========================================================
field             dtype, shape     meaning
================  ===============  =========================================================
at_time, at_room  i32 [K]          the value: places in `dt` and `dr`; -1 = not placed yet
time, room        i32 [K]          the same as numbers of times and rooms
occ               i16 [R + 1, M]   classes in the room that overlap the time
in_ptr, in_num    i32 [R+1], [R]   where the room's classes stand in `in_room`, and how many there are
in_room, in_place i32 [nnz], [K]   the classes of each room; the place of a class in its row
weight            f64 [N + 1]      what a break of each rule costs this search: the price, or of a hard one a weight that adapts
room_weight       f64 [R + 1]      the same of two classes in a room at once, and of one in a closed room
cell, set_total   i32 [..], [B]    breaks of rules on sets by day and class of weeks (of MAX_DAYS: classes by day), and in all
known             f64 [K, 3]       penalty, weighted breaks and breaks that concern the class; fresh u8 [K]: they still hold
nb_ptr, nb_len    i32 [K]          rows of `nb`; nb_cap: room for how many
nb, nb_count      i32 [pool]       classes that share students, and how many
pool              i64 [2]          the part of `nb` in use; 1 once there was no space left
seat              i32 [q_ptr[-1]]  the classes of each request, one a subpart, -1 = none
config_of         i32 [Q]          the configuration chosen, -1 = not seated
enrolled          i32 [K]          students in the class
total             f64 [4]          penalty; broken hard rules; the same of the best timetable seen
best_*            as above         that timetable
changed_k/q       i32 [K], [Q]     classes and requests that differ from it, with their numbers in num_changed i64 [2], marks u8
rng               u64 [1]          the chain's own random numbers (xorshift64*)
log               i32 [LOG, 3]     scratch: classes that a chain moved, and their earlier values
in_log            u8 [K]           scratch
span              i32 [K + 1, 2]   scratch: starts and ends of a day
pick, spare       i32 [64]         scratch: combinations of classes
stats             i64 [MOVES, 3]   proposals, acceptances and improvements by kind of move
gains             f64 [MOVES]      by how much they improved
================  ===============  =========================================================

All costs are at least 0: a candidate is given up as soon as its cost exceeds that of the present value and the threshold drawn.
All kernels stand in this one file; `search.compiled` says why, and how they are declared.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import IntArray
from generation.engine.search.compiled import Kernels
from generation.engine.term_model.search_data import (
    FAR,
    N_DAYS,
    N_DISTRIBUTION,
    N_ROOMS,
    N_SPAN,
    N_STUDENT,
    N_TIMES,
    N_WEEKS,
    REVERSED,
    TermData,
)

LOG = 64
COMBINATION = 64
LOOK = 100  # classes among which one with a broken rule is looked for
NOWHERE = 1e30
# Kinds of moves: rows of `stats`.
TIME_MOVE, ROOM_MOVE, PLACE_MOVE, CHAIN, BLOCK, SEAT_MOVE, SEAT_SWAP, SWAP = range(8)
MOVES = 8
(
    SAME_START,
    SAME_TIME,
    DIFFERENT_TIME,
    SAME_DAYS,
    DIFFERENT_DAYS,
    SAME_WEEKS,
    DIFFERENT_WEEKS,
    OVERLAP,
    NOT_OVERLAP,
    SAME_ROOM,
    DIFFERENT_ROOM,
    SAME_ATTENDEES,
    PRECEDENCE,
    WORK_DAY,
    MIN_GAP,
    MAX_DAYS,
    MAX_DAY_LOAD,
    MAX_BREAKS,
    MAX_BLOCK,
) = range(19)

FloatArray = NDArray[np.float64]
ByteArray = NDArray[np.uint8]

_kernels = Kernels()
jit, cold = _kernels.jit, _kernels.cold


class TermState(NamedTuple):
    at_time: IntArray
    at_room: IntArray
    time: IntArray
    room: IntArray
    occ: NDArray[np.int16]
    in_ptr: IntArray
    in_num: IntArray
    in_room: IntArray
    in_place: IntArray
    weight: FloatArray
    room_weight: FloatArray
    cell: IntArray
    set_total: IntArray
    known: FloatArray
    fresh: ByteArray
    nb_ptr: IntArray
    nb_len: IntArray
    nb_cap: IntArray
    nb: IntArray
    nb_count: IntArray
    pool: NDArray[np.int64]
    seat: IntArray
    config_of: IntArray
    enrolled: IntArray
    total: FloatArray
    best_time: IntArray
    best_room: IntArray
    best_seat: IntArray
    best_config: IntArray
    changed_k: IntArray
    changed_q: IntArray
    mark_k: ByteArray
    mark_q: ByteArray
    num_changed: NDArray[np.int64]
    rng: NDArray[np.uint64]
    log: NDArray[np.int32]
    in_log: ByteArray
    span: NDArray[np.int32]
    pick: IntArray
    spare: IntArray
    stats: NDArray[np.int64]
    gains: FloatArray


class TermMix(NamedTuple):
    """Shares of proposals, and what bounds one of a chain."""

    seats: float
    chains: float
    blocks: float
    rooms: float
    places: float
    broken: float  # of classes drawn among those with a broken hard rule
    chain_length: int
    tries: int  # times that an ejected class looks at, at most


def new_state(data: TermData, seed: int) -> TermState:
    """A chain with nothing placed and nobody seated."""
    classes, times, rooms = int(data.num[0]), int(data.num[1]), int(data.num[N_ROOMS])
    capacity = np.bincount(data.dr[data.dr < rooms], minlength=rooms + 1)
    in_ptr = np.zeros(rooms + 1, np.int32)
    in_ptr[1:] = np.cumsum(capacity)[:rooms]
    requests, seats = len(data.q_course), int(data.q_ptr[-1])
    pairs = _pairs_of_students(data)
    state = TermState(
        at_time=np.full(classes, -1, np.int32),
        at_room=np.full(classes, -1, np.int32),
        time=np.full(classes, -1, np.int32),
        room=np.full(classes, -1, np.int32),
        occ=np.zeros((rooms + 1, times), np.int16),
        in_ptr=in_ptr,
        in_num=np.zeros(rooms + 1, np.int32),
        in_room=np.zeros(int(capacity.sum()), np.int32),
        in_place=np.full(classes, -1, np.int32),
        weight=np.append(data.rule_price, 0.0),
        room_weight=np.zeros(rooms + 1),
        cell=np.zeros(int(data.num[N_SPAN]) + 1, np.int32),
        set_total=np.zeros(len(data.set_rule), np.int32),
        known=np.zeros((classes, 3)),
        fresh=np.zeros(classes, np.uint8),
        nb_ptr=np.zeros(classes, np.int32),
        nb_len=np.zeros(classes, np.int32),
        nb_cap=np.zeros(classes, np.int32),
        nb=np.zeros(pairs, np.int32),
        nb_count=np.zeros(pairs, np.int32),
        pool=np.zeros(2, np.int64),
        seat=np.full(seats, -1, np.int32),
        config_of=np.full(requests, -1, np.int32),
        enrolled=np.zeros(classes, np.int32),
        total=np.array([0.0, 0.0, NOWHERE, NOWHERE]),
        best_time=np.full(classes, -1, np.int32),
        best_room=np.full(classes, -1, np.int32),
        best_seat=np.full(seats, -1, np.int32),
        best_config=np.full(requests, -1, np.int32),
        changed_k=np.zeros(classes, np.int32),
        changed_q=np.zeros(requests, np.int32),
        mark_k=np.zeros(classes, np.uint8),
        mark_q=np.zeros(requests, np.uint8),
        num_changed=np.zeros(2, np.int64),
        rng=np.array([int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]) | 1], np.uint64),
        log=np.zeros((LOG, 3), np.int32),
        in_log=np.zeros(classes, np.uint8),
        span=np.zeros((classes + 1, 2), np.int32),
        pick=np.zeros(COMBINATION, np.int32),
        spare=np.zeros(COMBINATION, np.int32),
        stats=np.zeros((MOVES, 3), np.int64),
        gains=np.zeros(MOVES),
    )
    _kernels.compile({TermData: data, TermState: state, TermMix: TermMix(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0)})
    return state


def _pairs_of_students(data: TermData) -> int:
    """Space for the rows of `nb`: each two classes of a student are two entries, and rows that grow leave their old place behind."""
    seats = np.diff(data.q_ptr[data.student_q]).astype(np.int64)
    classes = int(data.num[0])
    most = int((seats * seats).sum())
    return min(4 * min(most, classes * classes) + 8 * classes, 4_000_000) + 64 if most else 1


@jit
def _below(S: TermState, n: int) -> int:
    x = S.rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    S.rng[0] = x
    return int(np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(33)) * n) >> 31


@jit
def _unit(S: TermState) -> float:
    return float((_below(S, 1 << 30) + 0.5) / (1 << 30))


@jit
def _broken(F: TermData, kind: int, x: int, a: int, ra: int, b: int, rb: int) -> bool:
    """Whether two classes break a rule; the first is at time `a` in room `ra`."""
    if kind == SAME_ATTENDEES:
        return bool(F.gap[a, b] < F.travel[ra, rb])
    if kind == NOT_OVERLAP:
        return bool(F.gap[a, b] < 0)
    if kind == SAME_ROOM:
        return bool(ra != rb)
    if kind == DIFFERENT_ROOM:
        return bool(ra == rb)
    if kind == MIN_GAP:
        return bool(F.gap[a, b] < x)
    if kind == OVERLAP:
        return bool(F.gap[a, b] >= 0)
    days_a, days_b = F.t_info[a, 0], F.t_info[b, 0]
    if kind == SAME_DAYS:
        both = days_a | days_b
        return bool(both != days_a and both != days_b)
    if kind == DIFFERENT_DAYS:
        return bool((days_a & days_b) != 0)
    start_a, start_b, end_a, end_b = F.t_info[a, 1], F.t_info[b, 1], F.t_info[a, 2], F.t_info[b, 2]
    if kind == PRECEDENCE:
        if F.t_info[a, 3] != F.t_info[b, 3]:
            return bool(F.t_info[a, 3] > F.t_info[b, 3])
        return bool(end_a > start_b)
    if kind == SAME_START:
        return bool(start_a != start_b)
    if kind == SAME_TIME:
        return bool(not ((start_a <= start_b and end_b <= end_a) or (start_b <= start_a and end_a <= end_b)))
    if kind == DIFFERENT_TIME:
        return bool(end_a > start_b and end_b > start_a)
    if kind == WORK_DAY:
        return bool(F.gap[a, b] != FAR and max(end_a, end_b) - min(start_a, start_b) > x)
    weeks_a, weeks_b = F.t_weeks[a], F.t_weeks[b]
    if kind == SAME_WEEKS:
        all_weeks = weeks_a | weeks_b
        return bool(all_weeks != weeks_a and all_weeks != weeks_b)
    return bool((weeks_a & weeks_b) != 0)  # DIFFERENT_WEEKS


@jit
def _pair_broken(F: TermData, kind: int, x: int, a: int, ra: int, b: int, rb: int) -> bool:
    if kind >= REVERSED:
        kind, a, ra, b, rb = kind - REVERSED, b, rb, a, ra
    return bool(_broken(F, kind, x, a, ra, b, rb))


@jit
def _cell_breaks(F: TermData, S: TermState, row: int, day: int, week: int, k: int, t: int) -> int:
    """Breaks of a rule on a set in one day of one class of weeks, with class `k` at time `t` (-1: without it)."""
    kind, x, y = F.set_rule[row, 0], F.set_rule[row, 1], F.set_rule[row, 2]
    n = 0
    for i in range(F.member_ptr[row], F.member_ptr[row + 1]):
        j = F.members[i]
        m = t if j == k else S.time[j]
        if m < 0 or not (F.t_info[m, 0] >> day) & 1 or (F.t_weeks[m] & F.week_bit[week]) == 0:
            continue
        start, end = F.t_info[m, 1], F.t_info[m, 2]
        at = n
        while at > 0 and (S.span[at - 1, 0] > start or (S.span[at - 1, 0] == start and S.span[at - 1, 1] > end)):
            S.span[at, 0], S.span[at, 1] = S.span[at - 1, 0], S.span[at - 1, 1]
            at -= 1
        S.span[at, 0], S.span[at, 1] = start, end
        n += 1
    if n == 0:
        return 0
    if kind == MAX_DAY_LOAD:
        load = 0
        for i in range(n):
            load += S.span[i, 1] - S.span[i, 0]
        return int(max(0, load - x))
    blocks, too_long = 0, 0
    i = 0
    while i < n:
        start, end = S.span[i, 0], S.span[i, 1]
        starts = 1
        i += 1
        last = start
        while i < n and S.span[i, 0] <= end + y:
            if S.span[i, 0] != last:
                starts += 1
                last = S.span[i, 0]
            end = max(end, S.span[i, 1])
            i += 1
        blocks += 1
        if starts > 1 and end - start > x:
            too_long += 1
    if kind == MAX_BREAKS:
        return int(max(0, blocks - 1 - x))
    return too_long


@cold
def _set_total_at(F: TermData, S: TermState, row: int, k: int, t: int) -> int:
    """All breaks of a rule on a set with class `k` at time `t` instead of where it is."""
    now = S.time[k]
    days, first = F.num[N_DAYS], F.set_rule[row, 4]
    days_now = F.t_info[now, 0] if now >= 0 else 0
    days_then = F.t_info[t, 0] if t >= 0 else 0
    if F.set_rule[row, 0] == MAX_DAYS:
        used = 0
        for d in range(days):
            count = S.cell[first + d] - ((days_now >> d) & 1) + ((days_then >> d) & 1)
            if count > 0:
                used += 1
        return int(max(0, used - F.set_rule[row, 1]))
    weeks_now = F.t_weeks[now] if now >= 0 else 0
    weeks_then = F.t_weeks[t] if t >= 0 else 0
    breaks = S.set_total[row]
    for week in range(len(F.week_bit)):
        bit = F.week_bit[week]
        met = days_now if weeks_now & bit else 0
        meets = days_then if weeks_then & bit else 0
        for d in range(days):
            if ((met | meets) >> d) & 1:
                breaks += F.week_weight[week] * (_cell_breaks(F, S, row, d, week, k, t) - S.cell[first + week * days + d])
    return int(breaks)


@cold
def _sets_update(F: TermData, S: TermState, k: int, t: int) -> None:
    """Counters of the rules on sets for class `k` going to time `t`; `time` still has its present one."""
    now = S.time[k]
    days = F.num[N_DAYS]
    days_now = F.t_info[now, 0] if now >= 0 else 0
    days_then = F.t_info[t, 0] if t >= 0 else 0
    weeks_now = F.t_weeks[now] if now >= 0 else 0
    weeks_then = F.t_weeks[t] if t >= 0 else 0
    for i in range(F.set_ptr[k], F.set_ptr[k + 1]):
        row = F.sets[i]
        first = F.set_rule[row, 4]
        if F.set_rule[row, 0] == MAX_DAYS:
            used = 0
            for d in range(days):
                S.cell[first + d] += ((days_then >> d) & 1) - ((days_now >> d) & 1)
                used += S.cell[first + d] > 0
            S.set_total[row] = max(0, used - F.set_rule[row, 1])
        else:
            for week in range(len(F.week_bit)):
                bit = F.week_bit[week]
                met = days_now if weeks_now & bit else 0
                meets = days_then if weeks_then & bit else 0
                for d in range(days):
                    if ((met | meets) >> d) & 1:
                        breaks = _cell_breaks(F, S, row, d, week, k, t)
                        S.set_total[row] += F.week_weight[week] * (breaks - S.cell[first + week * days + d])
                        S.cell[first + week * days + d] = breaks
        for e in range(F.member_ptr[row], F.member_ptr[row + 1]):
            S.fresh[F.members[e]] = 0


@jit
def _set_cost(F: TermData, S: TermState, row: int, breaks: int) -> tuple[float, float, float]:
    rule = F.set_rule[row, 3]
    if F.rule_hard[rule]:
        return 0.0, S.weight[rule] * breaks, float(breaks)
    if F.set_rule[row, 0] == MAX_DAYS:
        return S.weight[rule] * breaks, 0.0, 0.0
    # The penalty is rounded down before its weight counts, as the competition does.
    unit = float(F.num[N_DISTRIBUTION])
    if unit == 0.0:
        return 0.0, 0.0, 0.0
    return math.floor(S.weight[rule] * breaks / unit / F.num[N_WEEKS] + 1e-9) * unit, 0.0, 0.0


@jit
def _cost(F: TermData, S: TermState, k: int, i: int, e: int, limit: float) -> tuple[float, float, float]:
    """Penalty, weighted breaks and breaks of what concerns class `k` with the values `i` of `dt` and `e` of `dr`.

    The first is NOWHERE once the sum exceeds `limit`. Of rules on sets it is all of their cost, so that only differences count.
    """
    soft, hard, breaks = 0.0, 0.0, 0.0
    t = -1
    if i >= 0:
        t = F.dt[i]
        r = F.dr[e]
        soft = F.dt_cost[i] + F.dr_cost[e]
        if soft > limit:
            return NOWHERE, 0.0, 0.0
        if r < F.num[N_ROOMS]:
            others = S.occ[r, t] + F.closed[r, t]
            if others > 0 and S.room[k] == r and S.time[k] >= 0 and F.gap[t, S.time[k]] < 0:
                others -= 1
            if others > 0:
                hard = S.room_weight[r] * others
                breaks = float(others)
                if soft + hard > limit:
                    return NOWHERE, 0.0, 0.0
        first_soft = F.pair_soft[k]
        for p in range(F.pair_ptr[k], F.pair_ptr[k + 1]):
            j = F.pairs[p, 0]
            if S.time[j] >= 0 and _pair_broken(F, F.pairs[p, 1], F.pairs[p, 2], t, r, S.time[j], S.room[j]):
                if p < first_soft:
                    hard += S.weight[F.pairs[p, 3]]
                    breaks += 1.0
                else:
                    soft += S.weight[F.pairs[p, 3]]
                if soft + hard > limit:
                    return NOWHERE, 0.0, 0.0
    for p in range(F.set_ptr[k], F.set_ptr[k + 1]):
        row = F.sets[p]
        total = S.set_total[row] if t == S.time[k] else _set_total_at(F, S, row, k, t)
        if total > 0:
            a, b, c = _set_cost(F, S, row, total)
            soft += a
            hard += b
            breaks += c
            if soft + hard > limit:
                return NOWHERE, 0.0, 0.0
    if i >= 0 and S.nb_len[k] > 0 and F.num[N_STUDENT] > 0:
        unit = float(F.num[N_STUDENT])
        for p in range(S.nb_ptr[k], S.nb_ptr[k] + S.nb_len[k]):
            j = S.nb[p]
            if S.time[j] >= 0 and F.gap[t, S.time[j]] < F.travel[r, S.room[j]]:
                soft += unit * S.nb_count[p]
                if soft + hard > limit:
                    return NOWHERE, 0.0, 0.0
    return soft, hard, breaks


@cold
def _cost_at(F: TermData, S: TermState, k: int, i: int, e: int, limit: float) -> tuple[float, float, float]:
    soft, hard, breaks = _cost(F, S, k, i, e, limit)
    return soft, hard, breaks


@cold
def _refresh(F: TermData, S: TermState, k: int) -> None:
    a, b, c = _cost_at(F, S, k, S.at_time[k], S.at_room[k], NOWHERE)
    S.known[k, 0], S.known[k, 1], S.known[k, 2] = a, b, c
    S.fresh[k] = 1


@jit
def _enter(F: TermData, S: TermState, k: int, t: int, r: int, sign: int) -> None:
    """The class comes into the room at that time (1), or leaves it (-1); its room-mates' costs no longer hold."""
    if r >= F.num[N_ROOMS]:
        return
    for p in range(F.meet_ptr[t], F.meet_ptr[t + 1]):
        S.occ[r, F.meet[p]] += sign
    first = S.in_ptr[r]
    if sign > 0:
        S.in_room[first + S.in_num[r]] = k
        S.in_place[k] = S.in_num[r]
        S.in_num[r] += 1
    else:
        S.in_num[r] -= 1
        last = S.in_room[first + S.in_num[r]]
        S.in_room[first + S.in_place[k]] = last
        S.in_place[last] = S.in_place[k]
    for p in range(first, first + S.in_num[r]):
        j = S.in_room[p]
        if F.gap[t, S.time[j]] < 0:
            S.fresh[j] = 0


@cold
def _apply_value(F: TermData, S: TermState, k: int, i: int, e: int) -> None:
    """Give class `k` the values `i` of `dt` and `e` of `dr` (-1, -1: none); the total is the caller's."""
    t = F.dt[i] if i >= 0 else -1
    r = F.dr[e] if e >= 0 else -1
    if t != S.time[k] and F.set_ptr[k] < F.set_ptr[k + 1]:
        _sets_update(F, S, k, t)
    if S.time[k] >= 0:
        _enter(F, S, k, S.time[k], S.room[k], -1)
    S.at_time[k], S.at_room[k], S.time[k], S.room[k] = i, e, t, r
    if t >= 0:
        _enter(F, S, k, t, r, 1)
    S.fresh[k] = 0
    for p in range(F.pair_ptr[k], F.pair_ptr[k + 1]):
        S.fresh[F.pairs[p, 0]] = 0
    for p in range(S.nb_ptr[k], S.nb_ptr[k] + S.nb_len[k]):
        S.fresh[S.nb[p]] = 0
    if not S.mark_k[k]:
        S.mark_k[k] = 1
        S.changed_k[S.num_changed[0]] = k
        S.num_changed[0] += 1


@cold
def _move(F: TermData, S: TermState, k: int, i: int, e: int) -> float:
    """Move class `k` and return by how much the cost of the search grows; the totals follow."""
    if not S.fresh[k]:
        _refresh(F, S, k)
    soft, hard, breaks = _cost_at(F, S, k, i, e, NOWHERE)
    soft_change, hard_change, breaks_change = soft - S.known[k, 0], hard - S.known[k, 1], breaks - S.known[k, 2]
    _apply_value(F, S, k, i, e)
    S.known[k, 0], S.known[k, 1], S.known[k, 2] = soft, hard, breaks
    S.fresh[k] = 1
    S.total[0] += soft_change
    S.total[1] += breaks_change
    return float(soft_change + hard_change)


@jit
def _is_better(S: TermState) -> bool:
    return bool(S.total[1] < S.total[3] or (S.total[1] == S.total[3] and S.total[0] < S.total[2] - 0.5))


@jit
def _copy_seats(F: TermData, source: IntArray, target: IntArray, q: int) -> None:
    for p in range(F.q_ptr[q], F.q_ptr[q + 1]):
        target[p] = source[p]


@cold
def remember(F: TermData, S: TermState) -> None:
    """The present timetable is the best: only what changed since the last one is copied."""
    for p in range(S.num_changed[0]):
        k = S.changed_k[p]
        S.best_time[k], S.best_room[k] = S.at_time[k], S.at_room[k]
        S.mark_k[k] = 0
    for p in range(S.num_changed[1]):
        q = S.changed_q[p]
        _copy_seats(F, S.seat, S.best_seat, q)
        S.best_config[q] = S.config_of[q]
        S.mark_q[q] = 0
    S.num_changed[0] = 0
    S.num_changed[1] = 0
    S.total[2] = S.total[0]
    S.total[3] = S.total[1]


@cold
def _best_value(F: TermData, S: TermState, k: int, tries: int, limit: float, other_room: bool) -> tuple[int, int, float]:
    """The cheapest value of class `k` other than its present one: places in `dt` and `dr`, and its cost; -1 where none is below `limit`.

    At each time it looks at one room: the cheapest that is free, or else its present one, or any.
    """
    first, last = F.dt_ptr[k], F.dt_ptr[k + 1]
    first_room, last_room = F.dr_ptr[k], F.dr_ptr[k + 1]
    count = last - first
    offset = _below(S, count)
    best_i, best_e, best = -1, -1, limit
    stays = F.one_room[k] >= 0 and S.at_room[k] >= 0 and not other_room
    for n in range(min(count, tries)):
        i = first + (offset + n) % count
        t = F.dt[i]
        e = -1
        if stays:
            e = S.at_room[k]
        elif last_room - first_room == 1:
            e = first_room
        else:
            for p in range(first_room, last_room):
                if F.dt_cost[i] + F.dr_cost[p] >= best:
                    break
                r = F.dr[p]
                others = S.occ[r, t] + F.closed[r, t]
                if others > 0 and S.room[k] == r and S.time[k] >= 0 and F.gap[t, S.time[k]] < 0:
                    others -= 1
                if others <= 0 and not (i == S.at_time[k] and p == S.at_room[k]):
                    e = p
                    break
            if e < 0:
                e = first_room + _below(S, last_room - first_room)
        if i == S.at_time[k] and e == S.at_room[k]:
            continue
        soft, hard, _ = _cost(F, S, k, i, e, best)
        if soft + hard < best:
            best_i, best_e, best = i, e, soft + hard
    return best_i, best_e, best


@cold
def insert(F: TermData, S: TermState, order: IntArray) -> None:
    """Place classes one after another, each where it costs least; who shares a room follows the first."""
    for n in range(len(order)):
        k = order[n]
        group = F.one_room[k]
        room = -1
        if group >= 0:
            for p in range(F.one_room_ptr[group], F.one_room_ptr[group + 1]):
                j = F.one_room_class[p]
                if S.room[j] >= 0:
                    room = S.room[j]
        e = _place_of_room(F, k, room) if room >= 0 else -1
        if e >= 0:
            best_i, best = -1, NOWHERE
            for i in range(F.dt_ptr[k], F.dt_ptr[k + 1]):
                soft, hard, _ = _cost_at(F, S, k, i, e, best)
                if soft + hard < best:
                    best_i, best = i, soft + hard
            _move(F, S, k, best_i, e)
        else:
            i, e, _ = _best_value(F, S, k, 1 << 20, NOWHERE, True)
            _move(F, S, k, i, e)


@jit
def _place_of_room(F: TermData, k: int, room: int) -> int:
    for e in range(F.dr_ptr[k], F.dr_ptr[k + 1]):
        if F.dr[e] == room:
            return e
    return -1


@jit
def _note(S: TermState, n: int, k: int) -> None:
    S.log[n, 0], S.log[n, 1], S.log[n, 2] = k, S.at_time[k], S.at_room[k]
    S.in_log[k] = 1


@cold
def _undo(F: TermData, S: TermState, n: int, soft: float, breaks: float) -> None:
    """Give the classes of the log their earlier values; `soft` and `breaks` are the totals as they were."""
    while n > 0:
        n -= 1
        _apply_value(F, S, S.log[n, 0], S.log[n, 1], S.log[n, 2])
    S.total[0], S.total[1] = soft, breaks


@jit
def _clear_log(S: TermState, n: int) -> None:
    for p in range(n):
        S.in_log[S.log[p, 0]] = 0


@jit
def _eject(F: TermData, S: TermState, n: int, j: int, mix_tries: int) -> float:
    """Class `j`, in whose way another came, takes its cheapest other value; NOWHERE where it has none."""
    i, e, _ = _best_value(F, S, j, mix_tries, NOWHERE, False)
    if i < 0:
        return NOWHERE
    _note(S, n, j)
    return float(_move(F, S, j, i, e))


@cold
def _chain(F: TermData, S: TermState, k: int, i: int, e: int, threshold: float, length: int, tries: int) -> bool:
    """An ejection chain: class `k` takes a value, and whoever it breaks a hard rule with its own cheapest next, and so on.

    All is undone where the cost grows by more than `threshold`.
    """
    if not S.fresh[k]:
        _refresh(F, S, k)
    soft, hard, breaks = _cost_at(F, S, k, i, e, NOWHERE)
    most = S.known[k, 0] + S.known[k, 1] + threshold
    if soft > most or breaks > length or (breaks == 0.0 and soft + hard > most):
        return False
    soft_before, breaks_before = S.total[0], S.total[1]
    _note(S, 0, k)
    change = _move(F, S, k, i, e)
    n, at = 1, 0
    is_whole = True
    while at < n and is_whole:
        one = S.log[at, 0]
        at += 1
        if not S.fresh[one]:
            _refresh(F, S, one)
        if S.known[one, 2] == 0.0:
            continue
        t, r = S.time[one], S.room[one]
        if r < F.num[N_ROOMS] and S.occ[r, t] > 1:
            p = 0
            while p < S.in_num[r]:
                j = S.in_room[S.in_ptr[r] + p]
                p += 1
                if j != one and F.gap[t, S.time[j]] < 0 and not S.in_log[j]:
                    if n >= length:
                        is_whole = False
                        break
                    step = _eject(F, S, n, j, tries)
                    if step == NOWHERE:
                        is_whole = False
                        break
                    change += step
                    n += 1
                    p = 0  # the row has changed
        p = F.pair_ptr[one]
        while is_whole and p < F.pair_soft[one]:
            j = F.pairs[p, 0]
            if not S.in_log[j] and S.time[j] >= 0 and _pair_broken(F, F.pairs[p, 1], F.pairs[p, 2], t, r, S.time[j], S.room[j]):
                if n >= length:
                    is_whole = False
                    break
                step = _eject(F, S, n, j, tries)
                if step == NOWHERE:
                    is_whole = False
                    break
                change += step
                n += 1
            p += 1
    _clear_log(S, n)
    if is_whole and change <= threshold:
        return True
    _undo(F, S, n, soft_before, breaks_before)
    return False


@cold
def _block(F: TermData, S: TermState, k: int, i: int, e: int, which: int, threshold: float, tries: int) -> bool:
    """Class `k` takes a value and all partners of a rule that wants their times or rooms alike follow, each to its cheapest that fits."""
    n = 0
    change = 0.0
    kind = F.block_kind[which]
    is_whole = True
    soft_before, breaks_before = S.total[0], S.total[1]
    _note(S, 0, k)
    change += _move(F, S, k, i, e)
    n = 1
    t, r = S.time[k], S.room[k]
    for p in range(F.block_class_ptr[which], F.block_class_ptr[which + 1]):
        j = F.block_class[p]
        if j == k or S.in_log[j] or not _broken(F, kind, 0, t, r, S.time[j], S.room[j]):
            continue
        if n >= LOG:
            is_whole = False
            break
        best_i, best_e, best = -1, -1, NOWHERE
        if kind == SAME_ROOM:
            best_e = _place_of_room(F, j, r)
            best_i = S.at_time[j] if best_e >= 0 else -1
        else:
            first, count = F.dt_ptr[j], F.dt_ptr[j + 1] - F.dt_ptr[j]
            offset = _below(S, count)
            for m in range(count):
                other = first + (offset + m) % count
                if not _broken(F, kind, 0, t, r, F.dt[other], S.room[j]):
                    soft, hard, _ = _cost_at(F, S, j, other, S.at_room[j], best)
                    if soft + hard < best:
                        best_i, best_e, best = other, S.at_room[j], soft + hard
        if best_i < 0:
            is_whole = False
            break
        _note(S, n, j)
        change += _move(F, S, j, best_i, best_e)
        n += 1
    _clear_log(S, n)
    if is_whole and change <= threshold:
        return True
    _undo(F, S, n, soft_before, breaks_before)
    return False


@jit
def _place_of_time(F: TermData, k: int, time: int) -> int:
    for i in range(F.dt_ptr[k], F.dt_ptr[k + 1]):
        if F.dt[i] == time:
            return i
    return -1


@cold
def _swap(F: TermData, S: TermState, k: int, i: int, e: int, threshold: float) -> bool:
    """Class `k` takes a value in a room where one other class is in its way, which takes the place that becomes free."""
    t, r = F.dt[i], F.dr[e]
    other = -1
    for p in range(S.in_ptr[r], S.in_ptr[r] + S.in_num[r]):
        if S.in_room[p] != k and F.gap[t, S.time[S.in_room[p]]] < 0:
            other = S.in_room[p]
            break
    if other < 0 or (F.one_room[other] >= 0 and S.room[k] != r):
        return False
    other_e = S.at_room[other] if S.room[k] == r else _place_of_room(F, other, S.room[k])
    other_i = S.at_time[other] if t == S.time[k] else _place_of_time(F, other, S.time[k])
    if other_e < 0 or other_i < 0:
        return False
    if not S.fresh[k]:
        _refresh(F, S, k)
    if not S.fresh[other]:
        _refresh(F, S, other)
    limit = S.known[k, 0] + S.known[k, 1] + S.known[other, 0] + S.known[other, 1] + threshold
    if F.dt_cost[i] + F.dr_cost[e] + F.dt_cost[other_i] + F.dr_cost[other_e] > limit:
        return False
    # Where it is now the other class costs one break of the room more.
    soft, _, _ = _cost_at(F, S, k, i, e, limit + S.room_weight[r])
    if soft == NOWHERE:
        return False
    soft_before, breaks_before = S.total[0], S.total[1]
    _note(S, 0, k)
    _note(S, 1, other)
    _clear_log(S, 2)
    change = _move(F, S, k, i, e)
    change += _move(F, S, other, other_i, other_e)
    if change <= threshold:
        return True
    _undo(F, S, 2, soft_before, breaks_before)
    return False


@jit
def _with_group(F: TermData, S: TermState, n: int, k: int) -> int:
    """Class `k` into the log, with all that must share its room; returns how many are in it, or LOG where there is no space."""
    group = F.one_room[k]
    if group < 0:
        if n + 1 >= LOG:
            return LOG
        _note(S, n, k)
        return n + 1
    for p in range(F.one_room_ptr[group], F.one_room_ptr[group + 1]):
        j = F.one_room_class[p]
        if not S.in_log[j]:
            if n + 1 >= LOG:
                return LOG
            _note(S, n, j)
            n += 1
    return n


@cold
def _room_swap(F: TermData, S: TermState, k: int, room: int, threshold: float) -> bool:
    """Class `k`, with all that must share its room, goes to another; who is in the way there, and so on, changes to theirs (a Kempe chain).

    All keep their times.
    """
    before = S.room[k]
    n, at = _with_group(F, S, 0, k), 0
    kept = 0
    while at < n < LOG:
        one = S.log[at, 0]
        at += 1
        kept = n
        target = room if S.room[one] == before else before
        if _place_of_room(F, one, target) < 0:
            n = LOG
            break
        p, last = S.in_ptr[target], S.in_ptr[target] + S.in_num[target]
        while p < last and n < LOG:
            j = S.in_room[p]
            if not S.in_log[j] and F.gap[S.time[one], S.time[j]] < 0:
                kept = n
                n = _with_group(F, S, n, j)
            p += 1
    if n >= LOG:
        # What the last one wrote before it found no space is marked as well.
        for p in range(kept, LOG):
            S.in_log[S.log[p, 0]] = 0
        _clear_log(S, kept)
        return False
    _clear_log(S, n)
    soft_before, breaks_before = S.total[0], S.total[1]
    change = 0.0
    for p in range(n):
        j = S.log[p, 0]
        change += _move(F, S, j, S.at_time[j], _place_of_room(F, j, room if S.room[j] == before else before))
    if change <= threshold:
        return True
    _undo(F, S, n, soft_before, breaks_before)
    return False


# Students


@jit
def _conflict(F: TermData, S: TermState, a: int, b: int) -> int:
    """Whether nobody can attend both classes."""
    if S.time[a] < 0 or S.time[b] < 0:
        return 0
    return 1 if F.gap[S.time[a], S.time[b]] < F.travel[S.room[a], S.room[b]] else 0


@cold
def _grow(S: TermState, a: int) -> bool:
    """More space for the row of class `a`, at the end of those in use."""
    wanted = max(8, 2 * S.nb_cap[a])
    if S.pool[0] + wanted > len(S.nb):
        return False
    first, new = S.nb_ptr[a], S.pool[0]
    for p in range(S.nb_len[a]):
        S.nb[new + p], S.nb_count[new + p] = S.nb[first + p], S.nb_count[first + p]
    S.nb_ptr[a], S.nb_cap[a] = new, wanted
    S.pool[0] += wanted
    return True


@jit
def _share(S: TermState, a: int, b: int, by: int) -> None:
    """One more student (1), or one less (-1), of class `a` also attends `b`: half of the entry."""
    first = S.nb_ptr[a]
    for p in range(first, first + S.nb_len[a]):
        if S.nb[p] == b:
            S.nb_count[p] += by
            if S.nb_count[p] == 0:
                last = first + S.nb_len[a] - 1
                S.nb[p], S.nb_count[p] = S.nb[last], S.nb_count[last]
                S.nb_len[a] -= 1
            return
    if S.nb_len[a] == S.nb_cap[a] and not _grow(S, a):
        S.pool[1] = 1
        return
    p = S.nb_ptr[a] + S.nb_len[a]
    S.nb[p], S.nb_count[p] = b, by
    S.nb_len[a] += 1


@cold
def _attend(F: TermData, S: TermState, q: int, a: int, by: int) -> None:
    """The student of request `q` comes into class `a` or leaves it; the other classes are those in `seat`, this one not among them."""
    u = F.q_student[q]
    for p in range(F.q_ptr[F.student_q[u]], F.q_ptr[F.student_q[u + 1]]):
        b = S.seat[p]
        if b >= 0:
            _share(S, a, b, by)
            _share(S, b, a, by)
            S.fresh[b] = 0
    S.fresh[a] = 0
    S.enrolled[a] += by


@jit
def _is_in(row: IntArray, first: int, last: int, a: int) -> bool:
    for p in range(first, last):
        if row[p] == a:
            return True
    return False


@cold
def _reseat(F: TermData, S: TermState, q: int, config: int, wanted: IntArray) -> None:
    """Request `q` takes the classes of `wanted` (one for each of its places, -1 = none); the total is the caller's."""
    first, size = F.q_ptr[q], F.q_ptr[q + 1] - F.q_ptr[q]
    for p in range(first, first + size):
        a = S.seat[p]
        if a >= 0 and not _is_in(wanted, 0, size, a):
            S.seat[p] = -1
            _attend(F, S, q, a, -1)
    # Who stays, stays enrolled: their places are written anew below, and only who comes is counted.
    for p in range(size):
        a = wanted[p]
        if a >= 0 and not _is_in(S.seat, first, first + size, a):
            _attend(F, S, q, a, 1)
            for m in range(first, first + size):
                if S.seat[m] < 0:
                    S.seat[m] = a
                    break
    for p in range(size):
        S.seat[first + p] = wanted[p]
    S.config_of[q] = config
    if not S.mark_q[q]:
        S.mark_q[q] = 1
        S.changed_q[S.num_changed[1]] = q
        S.num_changed[1] += 1


@jit
def _student_cost(F: TermData, S: TermState, q: int, wanted: IntArray, first: int, size: int) -> int:
    """Conflicts of the student with the classes of `wanted` for request `q`: among one another and with those of the other requests."""
    u = F.q_student[q]
    begin, end = F.q_ptr[F.student_q[u]], F.q_ptr[F.student_q[u + 1]]
    mine, mine_end = F.q_ptr[q], F.q_ptr[q + 1]
    cost = 0
    for p in range(first, first + size):
        a = wanted[p]
        if a < 0:
            continue
        for m in range(begin, mine):
            if S.seat[m] >= 0:
                cost += _conflict(F, S, a, S.seat[m])
        for m in range(mine_end, end):
            if S.seat[m] >= 0:
                cost += _conflict(F, S, a, S.seat[m])
        for m in range(p + 1, first + size):
            if wanted[m] >= 0:
                cost += _conflict(F, S, a, wanted[m])
    return cost


@jit
def _draw_of_part(F: TermData, S: TermState, part: int, p: int, other_than: int) -> int:
    """A class of the subpart whose parent is among those picked, one with free seats if there is any; -1 where there is none."""
    count = F.part_ptr[part + 1] - F.part_ptr[part]
    offset = _below(S, count)
    found = -1
    for m in range(count):
        a = F.part[F.part_ptr[part] + (offset + m) % count]
        if a == other_than or (F.parent[a] >= 0 and not _is_in(S.pick, 0, p, F.parent[a])):
            continue
        if S.enrolled[a] < F.limit[a]:
            return int(a)
        if found < 0:
            found = a
    return int(found)


@cold
def _fresh_combination(F: TermData, S: TermState, config: int) -> int:
    """Any combination of the configuration into `pick`, classes with free seats first; -1 where the parents drawn have no children."""
    first = F.config_ptr[config]
    for p in range(F.config_ptr[config + 1] - first):
        found = _draw_of_part(F, S, F.config[first + p], p, -1)
        if found < 0:
            return -1
        S.pick[p] = found
    return config


@cold
def _combination(F: TermData, S: TermState, q: int) -> int:
    """A combination of classes near the present one into `pick`: one other class, and what its parents and children need.

    Returns the configuration, or -1 where none was found.
    """
    course = F.q_course[q]
    first, size = F.q_ptr[q], F.q_ptr[q + 1] - F.q_ptr[q]
    configs = F.course_ptr[course + 1] - F.course_ptr[course]
    for p in range(size):
        S.pick[p] = -1
    config = S.config_of[q]
    if config < 0 or (configs > 1 and _below(S, 4) == 0):
        config = F.course[F.course_ptr[course] + _below(S, configs)]
        return int(_fresh_combination(F, S, config))
    parts_first = F.config_ptr[config]
    parts = F.config_ptr[config + 1] - parts_first
    changed = _below(S, parts)
    for p in range(parts):
        now = S.seat[first + p]
        if p != changed and now >= 0 and (F.parent[now] < 0 or _is_in(S.pick, 0, p, F.parent[now])):
            S.pick[p] = now
            continue
        found = _draw_of_part(F, S, F.config[parts_first + p], p, now if p == changed else -1)
        if found < 0:
            # Nothing else hangs on the present parent: begin above it.
            return int(_fresh_combination(F, S, config))
        S.pick[p] = found
    return int(config)


@jit
def _seats_over(F: TermData, S: TermState, q: int, size: int) -> tuple[int, int]:
    """By how much students above limits, and classes that have any, would grow with `pick` for request `q`."""
    first = F.q_ptr[q]
    students, classes = 0, 0
    for p in range(size):
        a = S.pick[p]
        if a >= 0 and not _is_in(S.seat, first, first + size, a):
            students += S.enrolled[a] >= F.limit[a]
            classes += S.enrolled[a] == F.limit[a]
        a = S.seat[first + p]
        if a >= 0 and not _is_in(S.pick, 0, size, a):
            students -= S.enrolled[a] > F.limit[a]
            classes -= S.enrolled[a] == F.limit[a] + 1
    return students, classes


@cold
def _seat_move(F: TermData, S: TermState, q: int, threshold: float, seat_weight: float) -> bool:
    """Another combination of classes for one request, where there are seats; with none of that cost left, a class too full may stay so."""
    config = _combination(F, S, q)
    if config < 0:
        return False
    size = F.q_ptr[q + 1] - F.q_ptr[q]
    students, classes = _seats_over(F, S, q, size)
    if students > 0:
        return False
    unit = float(F.num[N_STUDENT])
    before = _student_cost(F, S, q, S.seat, F.q_ptr[q], size)
    after = _student_cost(F, S, q, S.pick, 0, size)
    if unit * (after - before) + seat_weight * students > threshold:
        return False
    if S.config_of[q] < 0:
        classes -= 1
    _reseat(F, S, q, config, S.pick)
    S.total[0] += unit * (after - before)
    S.total[1] += classes
    return True


@cold
def _seat_swap(F: TermData, S: TermState, q: int, other: int, threshold: float) -> bool:
    """Two requests for a course exchange their combinations: limits and parents hold as they did."""
    first, first_other = F.q_ptr[q], F.q_ptr[other]
    size = F.q_ptr[q + 1] - first
    is_same = True
    for p in range(size):
        if S.seat[first + p] != S.seat[first_other + p]:
            is_same = False
            break
    if is_same or S.config_of[q] < 0 or S.config_of[other] < 0:
        return False
    before = _student_cost(F, S, q, S.seat, first, size) + _student_cost(F, S, other, S.seat, first_other, size)
    after = _student_cost(F, S, q, S.seat, first_other, size) + _student_cost(F, S, other, S.seat, first, size)
    unit = float(F.num[N_STUDENT])
    if unit * (after - before) > threshold:
        return False
    for p in range(size):
        S.pick[p], S.spare[p] = S.seat[first_other + p], S.seat[first + p]
    config, config_other = S.config_of[other], S.config_of[q]
    _reseat(F, S, q, config, S.pick)
    _reseat(F, S, other, config_other, S.spare)
    S.total[0] += unit * (after - before)
    return True


@cold
def seat_all(F: TermData, S: TermState, order: IntArray) -> None:
    """Seat requests one after another in the first combination that has seats, so that neighbours in `order` sit side by side.

    Where none has, in the one with the fewest classes too full. No class may have a time yet, or the total is wrong.
    """
    for n in range(len(order)):
        q = order[n]
        course = F.q_course[q]
        size = F.q_ptr[q + 1] - F.q_ptr[q]
        least, least_config = 1 << 30, -1
        for c in range(F.course_ptr[course], F.course_ptr[course + 1]):
            config = F.course[c]
            parts_first = F.config_ptr[config]
            parts = F.config_ptr[config + 1] - parts_first
            for p in range(size):
                S.pick[p] = -1
            # Depth first over the subparts; log[p, 0] is how far the subpart's classes were tried, log[p, 1] how many are too full.
            p = 0
            S.log[0, 0] = 0
            steps = 0
            while p >= 0 and least > 0 and steps < 20_000:
                steps += 1
                part = F.config[parts_first + p]
                S.pick[p] = -1
                found = -1
                over = S.log[p - 1, 1] if p > 0 else 0
                while S.log[p, 0] < F.part_ptr[part + 1] - F.part_ptr[part]:
                    a = F.part[F.part_ptr[part] + S.log[p, 0]]
                    S.log[p, 0] += 1
                    if F.parent[a] >= 0 and not _is_in(S.pick, 0, p, F.parent[a]):
                        continue
                    if over + (S.enrolled[a] >= F.limit[a]) < least:
                        found = a
                        break
                if found < 0:
                    p -= 1
                    continue
                S.pick[p] = found
                S.log[p, 1] = over + (S.enrolled[found] >= F.limit[found])
                if p == parts - 1:
                    least, least_config = S.log[p, 1], config
                    for m in range(size):
                        S.spare[m] = S.pick[m]
                    continue
                p += 1
                S.log[p, 0] = 0
        if least_config >= 0:
            for p in range(size):
                S.pick[p] = S.spare[p]
            _, classes = _seats_over(F, S, q, size)
            _reseat(F, S, q, least_config, S.pick)
            S.total[1] += classes
        else:
            S.total[1] += 1.0


@cold
def load(F: TermData, S: TermState, at_time: IntArray, at_room: IntArray, seat: IntArray, config: IntArray) -> None:
    """Go to another timetable: only what differs changes."""
    for k in range(F.num[0]):
        if S.at_time[k] != at_time[k] or S.at_room[k] != at_room[k]:
            _move(F, S, k, at_time[k], at_room[k])
    unit = float(F.num[N_STUDENT])
    for q in range(len(F.q_course)):
        first, size = F.q_ptr[q], F.q_ptr[q + 1] - F.q_ptr[q]
        differs = S.config_of[q] != config[q]
        for p in range(size):
            S.pick[p] = seat[first + p]
            differs = differs or seat[first + p] != S.seat[first + p]
        if differs:
            _, classes = _seats_over(F, S, q, size)
            change = _student_cost(F, S, q, S.pick, 0, size) - _student_cost(F, S, q, S.seat, first, size)
            classes += (config[q] < 0) - (S.config_of[q] < 0)
            _reseat(F, S, q, config[q], S.pick)
            S.total[0] += unit * change
            S.total[1] += classes


# The search


@jit
def _draw_class(F: TermData, S: TermState, movable: IntArray, share_broken: float) -> int:
    k = movable[_below(S, len(movable))]
    if share_broken > 0.0 and _unit(S) < share_broken:
        at = _below(S, len(movable))
        for _ in range(min(len(movable), LOOK)):
            j = movable[at]
            at = at + 1 if at + 1 < len(movable) else 0
            if not S.fresh[j]:
                _refresh(F, S, j)
            if S.known[j, 2] > 0.0:
                return int(j)
    return int(k)


@jit
def _in_the_way(F: TermData, S: TermState, k: int, t: int, r: int) -> int:
    """How many other classes class `k` would find in the room at that time."""
    if r >= F.num[N_ROOMS]:
        return 0
    others = S.occ[r, t]
    if others > 0 and S.room[k] == r and F.gap[t, S.time[k]] < 0:
        others -= 1
    return int(others)


@jit
def _free_room(F: TermData, S: TermState, k: int, t: int) -> int:
    """A room for class `k` at time `t`: its present one where it is free, else one of some drawn, else the last drawn."""
    first, count = F.dr_ptr[k], F.dr_ptr[k + 1] - F.dr_ptr[k]
    e = S.at_room[k]
    for _ in range(6):
        r = F.dr[e]
        others = S.occ[r, t] + F.closed[r, t]
        if others > 0 and S.room[k] == r and F.gap[t, S.time[k]] < 0:
            others -= 1
        if others <= 0 or count == 1:
            return int(e)
        e = first + _below(S, count)
    return int(e)


@cold
def anneal(F: TermData, S: TermState, movable: IntArray, mix: TermMix, steps: int, temperature: float, seat_weight: float) -> None:
    """Proposals at one temperature. All classes have a value; `movable` are those that have another."""
    classes, requests = len(movable), len(F.free_q)
    for _ in range(steps):
        threshold = -temperature * math.log(_unit(S))
        if classes == 0 or (requests > 0 and _unit(S) < mix.seats):
            if requests == 0:
                return
            q = F.free_q[_below(S, requests)]
            cost_before = S.total[0]
            if _below(S, 3) == 0:
                kind = SEAT_MOVE
                done = _seat_move(F, S, q, threshold, seat_weight)
            else:
                kind = SEAT_SWAP
                course = F.q_course[q]
                other = F.takers[F.taker_ptr[course] + _below(S, F.taker_ptr[course + 1] - F.taker_ptr[course])]
                done = other != q and _seat_swap(F, S, q, other, threshold)
            S.stats[kind, 0] += 1
            if done:
                S.stats[kind, 1] += 1
                if S.total[0] < cost_before:
                    S.stats[kind, 2] += 1
                    S.gains[kind] += cost_before - S.total[0]
                if _is_better(S):
                    remember(F, S)
            continue
        k = _draw_class(F, S, movable, mix.broken if S.total[1] > 0.0 else 0.0)
        first, count = F.dt_ptr[k], F.dt_ptr[k + 1] - F.dt_ptr[k]
        first_room, count_rooms = F.dr_ptr[k], F.dr_ptr[k + 1] - F.dr_ptr[k]
        drawn = _unit(S)
        i, e = S.at_time[k], S.at_room[k]
        kind = TIME_MOVE
        if count == 1 or (count_rooms > 1 and drawn < mix.rooms):
            kind = ROOM_MOVE
            e = first_room + _below(S, count_rooms)
        else:
            i = first + _below(S, count)
            if count_rooms > 1 and F.one_room[k] < 0:
                if drawn < mix.rooms + mix.places:
                    kind = PLACE_MOVE
                    e = first_room + _below(S, count_rooms)
                else:
                    e = _free_room(F, S, k, F.dt[i])
        if i == S.at_time[k] and e == S.at_room[k]:
            S.stats[kind, 0] += 1
            continue
        cost_before = S.total[0]
        breaks_before = S.total[1]
        done = False
        if F.one_room[k] >= 0 and e != S.at_room[k]:
            kind = BLOCK
            done = _room_swap(F, S, k, F.dr[e], threshold)
        else:
            special = _unit(S)
            if special < mix.chains:
                kind = CHAIN
                if not S.fresh[k]:
                    _refresh(F, S, k)
                done = _chain(F, S, k, i, e, threshold, mix.chain_length, mix.tries)
            elif special < mix.chains + mix.blocks and F.block_ptr[k] < F.block_ptr[k + 1]:
                kind = BLOCK
                which = F.blocks[F.block_ptr[k] + _below(S, F.block_ptr[k + 1] - F.block_ptr[k])]
                done = _block(F, S, k, i, e, which, threshold, mix.tries)
            elif _in_the_way(F, S, k, F.dt[i], F.dr[e]) == 1 and not F.closed[F.dr[e], F.dt[i]]:
                kind = SWAP
                if i == S.at_time[k]:
                    done = _room_swap(F, S, k, F.dr[e], threshold)
                else:
                    done = _swap(F, S, k, i, e, threshold)
            else:
                if not S.fresh[k]:
                    _refresh(F, S, k)
                limit = S.known[k, 0] + S.known[k, 1] + threshold
                soft, hard, breaks = _cost(F, S, k, i, e, limit)
                if soft + hard <= limit:
                    done = True
                    S.total[0] += soft - S.known[k, 0]
                    S.total[1] += breaks - S.known[k, 2]
                    _apply_value(F, S, k, i, e)
                    S.known[k, 0], S.known[k, 1], S.known[k, 2] = soft, hard, breaks
                    S.fresh[k] = 1
        S.stats[kind, 0] += 1
        if done:
            S.stats[kind, 1] += 1
            if S.total[0] < cost_before and S.total[1] <= breaks_before:
                S.stats[kind, 2] += 1
                S.gains[kind] += cost_before - S.total[0]
            if _is_better(S):
                remember(F, S)


@cold
def adapt(F: TermData, S: TermState, growth: float, relaxed: float, base: float, most: float) -> None:
    """Hard rules that are broken weigh more, up to `most`; the others go back towards `base`."""
    rules, rooms = len(F.rule_hard), F.num[N_ROOMS]
    for n in range(rules):
        if F.rule_hard[n]:
            S.weight[n] = -max(S.weight[n], base)
    for r in range(rooms):
        S.room_weight[r] = -max(S.room_weight[r], base)
    for k in range(F.num[0]):
        t, r = S.time[k], S.room[k]
        if r < rooms and S.occ[r, t] + F.closed[r, t] > 1 and S.room_weight[r] < 0.0:
            S.room_weight[r] = min(most, -S.room_weight[r] * growth)
        for p in range(F.pair_ptr[k], F.pair_soft[k]):
            rule, j = F.pairs[p, 3], F.pairs[p, 0]
            if S.weight[rule] < 0.0 and _pair_broken(F, F.pairs[p, 1], F.pairs[p, 2], t, r, S.time[j], S.room[j]):
                S.weight[rule] = min(most, -S.weight[rule] * growth)
    for row in range(len(F.set_rule)):
        rule = F.set_rule[row, 3]
        if F.rule_hard[rule] and S.set_total[row] > 0 and S.weight[rule] < 0.0:
            S.weight[rule] = min(most, -S.weight[rule] * growth)
    for n in range(rules):
        if S.weight[n] < 0.0:
            S.weight[n] = max(base, -S.weight[n] * relaxed)
    for r in range(rooms):
        if S.room_weight[r] < 0.0:
            S.room_weight[r] = max(base, -S.room_weight[r] * relaxed)
    for k in range(F.num[0]):
        S.fresh[k] = 0


@cold
def sample(F: TermData, S: TermState, movable: IntArray, out: FloatArray) -> int:
    """Growths of the penalty by single moves that break nothing more, at the present timetable; returns how many were found."""
    n = 0
    for _ in range(20 * len(out)):
        k = movable[_below(S, len(movable))]
        i = F.dt_ptr[k] + _below(S, F.dt_ptr[k + 1] - F.dt_ptr[k])
        e = _free_room(F, S, k, F.dt[i]) if F.one_room[k] < 0 else S.at_room[k]
        if not S.fresh[k]:
            _refresh(F, S, k)
        soft, _, breaks = _cost_at(F, S, k, i, e, NOWHERE)
        if breaks <= S.known[k, 2] and soft > S.known[k, 0] + 0.5:
            out[n] = soft - S.known[k, 0]
            n += 1
            if n == len(out):
                break
    return n


@jit
def _is_open(F: TermData, sure: IntArray, k: int, t: int, r: int, own_time: int, own_room: int) -> bool:
    """The room is not closed at that time, nor taken by a class that can be nowhere else: `sure` counts those."""
    if F.closed[r, t]:
        return False
    if r >= F.num[N_ROOMS]:
        return True
    others = sure[r * F.num[N_TIMES] + t]
    if own_room == r and own_time >= 0 and F.gap[t, own_time] < 0:
        others -= 1
    return bool(others <= 0)


@cold
def _without_rooms(
    F: TermData,
    alive_time: ByteArray,
    alive_room: ByteArray,
    k: int,
    single_time: IntArray,
    single_room: IntArray,
    sure: IntArray,
    dead: IntArray,
) -> int:
    """Times of class `k` at which none of its rooms is open, and rooms open at none of its times."""
    gone, left = 0, 0
    value = -1
    for i in range(F.dt_ptr[k], F.dt_ptr[k + 1]):
        if alive_time[i]:
            found = False
            for e in range(F.dr_ptr[k], F.dr_ptr[k + 1]):
                if alive_room[e] and _is_open(F, sure, k, F.dt[i], F.dr[e], single_time[k], single_room[k]):
                    found = True
                    break
            if found:
                left += 1
            else:
                alive_time[i] = 0
                value = F.dt[i]
                gone += 1
    if left == 0:
        dead[0], dead[1], dead[2], dead[3] = k, -1, value, -1
        return gone
    for e in range(F.dr_ptr[k], F.dr_ptr[k + 1]):
        if alive_room[e]:
            found = False
            for i in range(F.dt_ptr[k], F.dt_ptr[k + 1]):
                if alive_time[i] and _is_open(F, sure, k, F.dt[i], F.dr[e], single_time[k], single_room[k]):
                    found = True
                    break
            if not found:
                alive_room[e] = 0
                gone += 1
    return gone


@cold
def reduce_pass(
    F: TermData, alive_time: ByteArray, alive_room: ByteArray, single_time: IntArray, single_room: IntArray, sure: IntArray, dead: IntArray
) -> int:
    """Take values without support out of the domains, once through all classes; returns how many went.

    `dead` receives class, rule (-1: no room at that time) and value where a class has nothing left.
    `single_time` and `single_room` are the only values of those that have one, else -1.
    """
    gone = 0
    none = F.num[N_ROOMS]
    for k in range(F.num[0]):
        lone_room = single_room[k] if single_room[k] >= 0 else none
        for p in range(F.pair_ptr[k], F.pair_soft[k]):
            j, kind, x = F.pairs[p, 0], F.pairs[p, 1], F.pairs[p, 2]
            of_rooms = kind % REVERSED == SAME_ROOM or kind % REVERSED == DIFFERENT_ROOM
            other_room = single_room[j] if single_room[j] >= 0 else none
            first, last = (F.dr_ptr[k], F.dr_ptr[k + 1]) if of_rooms else (F.dt_ptr[k], F.dt_ptr[k + 1])
            left = 0
            value = -1
            for i in range(first, last):
                if of_rooms:
                    if not alive_room[i]:
                        continue
                elif not alive_time[i]:
                    continue
                supported = False
                if of_rooms:
                    for m in range(F.dr_ptr[j], F.dr_ptr[j + 1]):
                        if alive_room[m] and not _pair_broken(F, kind, x, 0, F.dr[i], 0, F.dr[m]):
                            supported = True
                            break
                else:
                    a = F.dt[i]
                    way = lone_room if other_room < none else none
                    for m in range(F.dt_ptr[j], F.dt_ptr[j + 1]):
                        if alive_time[m] and not _pair_broken(F, kind, x, a, way, F.dt[m], other_room if way < none else none):
                            supported = True
                            break
                if supported:
                    left += 1
                else:
                    gone += 1
                    if of_rooms:
                        alive_room[i] = 0
                        value = F.dr[i]
                    else:
                        alive_time[i] = 0
                        value = F.dt[i]
            if left == 0:
                dead[0], dead[1], dead[2], dead[3] = k, F.pairs[p, 3], value, j
                return gone
        gone += _without_rooms(F, alive_time, alive_room, k, single_time, single_room, sure, dead)
        if dead[0] >= 0:
            return int(gone)
    return gone
