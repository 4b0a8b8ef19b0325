"""The compiled search: what a timetable costs, how one change alters it, and the changes themselves.

``State`` is one chain's working memory. Counters change on acceptance only, so the delta of a
proposal is a look-up. Letters as in `searchdata`.

==============  ===============  ==========================================================
field           dtype, shape     meaning
==============  ===============  ==========================================================
slot, room      i32 [L]          the current placement, -1 = unplaced
room_count      i16 [R, T]       lectures in the room at that time, less those that may share it with another: up to 0 it is free
room_lecture    i32 [R, T]       one of them, or -1
sec_count       i16 [S, T]       the section's lectures at that time
conf            i32 [S, T, 2]    neighbour sections busy then: hard ones; students shared with others
sec_day         i16 [S, D]       the section's lectures in the day
sec_days        i16 [S]          days with at least one
week_rooms      i16 [K, R, T]    room_count in each kind of week, of which that is the fullest; empty where weeks are not told apart
g_count         i16 [GK, T]      different sections of the group that meet then; a row for each kind of week
g_mask          i64 [GK, D]      the same as one bit a period: g_count > 0
g_cost          i32 [G, D, 2]    the day's hard violations and weighted penalty, of each kind of cost in its worst week
kind_room       i16 [K, R]       lectures of the section and room kind in that room
kind_rooms      i16 [K]          different rooms used
at_slot         i32 [T, L]       lectures that start then, the first at_num[T] entries
at_num          i32 [T]
at_place        i32 [L]          the lecture's place in that list
score           i64 [2]          hard violations and weighted penalty now
best            i64 [2]          the same of the best timetable seen
best_slot/room  i32 [L]          that timetable
rng             u64 [1]          the chain's own random numbers (xorshift64*)
chain, side     i32 [L]          scratch: lectures of a Kempe chain and their earlier room
mark            i32 [L]          scratch: the number of the last chain that reached the lecture
new_room        i32 [L]          scratch: rooms of a chain's lectures on the other side
touched, g_mark i32 [G]          scratch: groups that a chain changes, and the number of the last that did
==============  ===============  ==========================================================

Every ``*_delta`` function returns (hard, soft) for a change without making it.

Neighbourhoods of `anneal`, by their index in ``mix`` (shares that sum to 1):

0 ``PlaceChange``  another time and room; whoever sits there takes the old ones (`PlaceSwap`)
1 ``RoomChange``   another room at the same time, swapping likewise
2 ``TimeChange``   another time in the same room, swapping likewise
3 ``KempeChain``   all lectures of two times that a conflict chain ties to one lecture change sides

All kernels stand in this one file; `compiled` says why, and how they are declared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    Csr,
    IntArray,
)
from generation.engine.model.solution import Score, Solution
from generation.engine.search.compiled import Kernels
from generation.engine.search.search_data import (
    DAILY,
    GAP,
    ISOLATED,
    JOINT,
    LUNCH,
    N_BEYOND_DAYS,
    N_BUILDINGS,
    N_DAYS,
    N_GROUPED,
    N_KINDS,
    N_LONGEST,
    N_LUNCH,
    N_MIN_DAYS,
    N_ONE_ROOM,
    N_PERIODS,
    N_ROOM_TIMES,
    N_RULES_HARD,
    N_RULES_SOFT,
    N_RUN_HARD,
    N_SEATING,
    N_SPLIT,
    N_STABILITY,
    N_STUDENT,
    N_TIES,
    N_WEEK,
    N_WEEK_START,
    N_WEEK_TERMS,
    N_WEEKLY,
    RUN,
    ByteArray,
    Fixed,
)

SmallArray = NDArray[np.int16]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

ACCEPTED, REJECTED, IMPOSSIBLE = 1, 0, -1
ONLY_PLACE = 1e6  # the price of a lecture that has no other place, see `place_by_ejection`
HELD = 1e8  # more than any price: of a lecture that got its place in the same probe
MOST_SENT_AWAY = 12  # of one group's lectures at a time
CLOSED = 1 << 20  # more than any number of lectures in a room

_kernels = Kernels()
jit, cold = _kernels.jit, _kernels.cold


class Waiting(NamedTuple):
    """What `place_by_ejection` works with."""

    queue: IntArray  # lectures that wait
    count: IntArray  # type: ignore[assignment]  # how many of them; then a start, a room, steps on the trail, lectures placed in this call
    price: FloatArray  # of each lecture, then of a broken rule of each group
    members_ptr: IntArray
    members: IntArray  # lectures of each group that can be anywhere else
    units: IntArray  # by how much each rule of a group is broken
    waits: IntArray  # periods of each group that wait
    trail: IntArray  # lecture, timeslot, room: where it was before each step of a probe


class State(NamedTuple):
    slot: IntArray
    room: IntArray
    room_count: SmallArray
    room_lecture: IntArray
    week_rooms: NDArray[np.int16]
    sec_count: SmallArray
    conf: IntArray
    sec_day: SmallArray
    sec_days: SmallArray
    g_count: SmallArray
    g_mask: LongArray
    g_cost: IntArray
    kind_room: SmallArray
    kind_rooms: SmallArray
    at_slot: IntArray
    at_num: IntArray
    at_place: IntArray
    score: LongArray
    best: LongArray
    best_slot: IntArray
    best_room: IntArray
    rng: NDArray[np.uint64]
    chain: IntArray
    side: IntArray
    mark: IntArray
    new_room: IntArray
    touched: IntArray
    g_mark: IntArray


def new_state(fixed: Fixed, solution: Solution, seed: int) -> State:
    """A chain that stands at `solution`, its counters built lecture by lecture."""
    lectures, slots = fixed.l_ok.shape
    sections, rooms = fixed.room_cost.shape
    groups, days = len(fixed.g_weight), int(fixed.num[N_DAYS])
    kinds = int(fixed.l_kind.max(initial=0)) + 1
    weeks = int(fixed.num[N_KINDS])
    state = State(
        slot=np.full(lectures, -1, np.int32),
        room=np.full(lectures, -1, np.int32),
        room_count=np.zeros((rooms, slots), np.int16),
        room_lecture=np.full((rooms, slots), -1, np.int32),
        week_rooms=np.zeros((weeks, rooms, slots) if weeks > 1 else (1, 0, 0), np.int16),
        sec_count=np.zeros((sections, slots), np.int16),
        conf=np.zeros((sections, slots, 2), np.int32),
        sec_day=np.zeros((sections, days), np.int16),
        sec_days=np.zeros(sections, np.int16),
        g_count=np.zeros((groups * weeks, slots), np.int16),
        g_mask=np.zeros((groups * weeks, days), np.int64),
        g_cost=np.zeros((groups, days, 2), np.int32),
        kind_room=np.zeros((kinds, rooms), np.int16),
        kind_rooms=np.zeros(kinds, np.int16),
        at_slot=np.full((slots, lectures), -1, np.int32),
        at_num=np.zeros(slots, np.int32),
        at_place=np.full(lectures, -1, np.int32),
        score=np.zeros(2, np.int64),
        best=np.zeros(2, np.int64),
        best_slot=np.full(lectures, -1, np.int32),
        best_room=np.full(lectures, -1, np.int32),
        rng=np.array([_seeded(seed)], np.uint64),
        chain=np.zeros(lectures, np.int32),
        side=np.zeros(lectures, np.int32),
        mark=np.zeros(lectures, np.int32),
        new_room=np.zeros(lectures, np.int32),
        touched=np.zeros(groups, np.int32),
        g_mark=np.zeros(groups, np.int32),
    )
    _kernels.compile({Fixed: fixed, State: state, Waiting: waiting_make(fixed, np.zeros(0, np.int32))})
    load(fixed, state, solution.slot.astype(np.int32), solution.room.astype(np.int32))
    return state


def waiting_make(fixed: Fixed, movable: IntArray) -> Waiting:
    """An empty queue; every lecture is worth the same, but for those that are not ``movable`` and have one place only."""
    lectures, groups = len(fixed.l_sec), len(fixed.g_weight)
    sections = np.repeat(np.arange(len(fixed.group_ptr) - 1), np.diff(fixed.group_ptr))
    members: list[list[int]] = [[] for _ in range(groups)]
    can_move = np.zeros(lectures, dtype=np.bool_)
    can_move[movable] = True
    for section, group in zip(sections.tolist(), fixed.groups.tolist(), strict=True) if len(movable) else ():
        mine = fixed.lecs[fixed.lec_ptr[section] : fixed.lec_ptr[section + 1]]
        members[group] += mine[can_move[mine]].tolist()
    price = np.ones(lectures + groups, dtype=np.float64)
    price[:lectures][~can_move] = ONLY_PLACE
    found = Csr.of(members)
    return Waiting(
        queue=np.zeros(lectures, np.int32),
        count=np.zeros(5, np.int32),
        price=price,
        members_ptr=found.indptr,
        members=found.indices,
        units=np.zeros(len(fixed.rule), np.int32),
        waits=np.zeros(groups, np.int32),
        trail=np.zeros(3 * (2 * lectures + 1), np.int32),  # a probe sends each lecture away once at most, and places it once
    )


def _seeded(seed: int) -> int:
    # xorshift64* stays at zero for ever once it is zero: the seed is made odd.
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]) | 1


def score_of(state: State) -> Score:
    return Score(int(state.score[0]), int(state.score[1]))


def best_of(state: State) -> tuple[Score, Solution]:
    return Score(int(state.best[0]), int(state.best[1])), Solution(state.best_slot.copy(), state.best_room.copy())


def places_check(F: Fixed, lectures: IntArray, slot: IntArray, room: IntArray) -> None:
    """Refuse places that no timetable can have: compiled code checks no bounds, and would write beside its arrays.

    Raises
    ------
    ValueError
        If a lecture with a timeslot (``slot`` of 0 or more) has no room, or would go past its day's end.
    """
    slots, rooms, periods = F.l_ok.shape[1], len(F.room_ok), int(F.num[N_PERIODS])
    inside = (slot < slots) & (room >= 0) & (room < rooms) & (slot % periods + F.l_len[lectures] <= periods)
    for index in np.flatnonzero((slot >= 0) & ~inside)[:1].tolist():
        raise ValueError(
            f"lecture {lectures[index]} of {F.l_len[lectures[index]]} periods cannot be at timeslot {slot[index]} in room {room[index]}: "
            f"there are {slots} timeslots, {periods} a day, and {rooms} rooms"
        )


def load(F: Fixed, S: State, slot: IntArray, room: IntArray) -> None:
    """Go to another timetable: counters from scratch, which also becomes the best one seen. `places_check` says what is refused."""
    if not len(slot) == len(room) == len(S.slot):
        raise ValueError(f"{len(slot)} timeslots and {len(room)} rooms for {len(S.slot)} lectures")
    places_check(F, np.arange(len(slot), dtype=np.int32), slot, room)
    for name in ("slot", "room", "room_lecture"):
        getattr(S, name)[...] = -1
    # Counts begin below zero where a room may be shared, so that every loop tests one number: up to 0 it is free.
    S.room_count[...] = 1 - F.room_share[:, None]
    if F.num[N_KINDS] > 1:
        S.week_rooms[...] = 1 - F.room_share[:, None]
    for name in ("sec_count", "conf", "sec_day", "sec_days", "g_count", "g_mask", "g_cost", "kind_room", "kind_rooms"):
        getattr(S, name)[...] = 0
    S.at_num[:] = 0
    S.mark[:] = 0
    S.g_mark[:] = 0
    # An empty timetable's score; add_all then adds each lecture's delta, so the score has no second definition.
    S.score[0] = F.l_unplaced.sum() + F.num[N_SEATING] + F.num[N_RULES_HARD]
    S.score[1] = F.num[N_MIN_DAYS] * F.min_days.sum() + F.num[N_RULES_SOFT]
    add_all(F, S, slot, room)


@jit
def remember(S: State) -> None:
    S.best[0] = S.score[0]
    S.best[1] = S.score[1]
    for lecture in range(len(S.slot)):
        S.best_slot[lecture] = S.slot[lecture]
        S.best_room[lecture] = S.room[lecture]


@jit
def random_below(S: State, n: int) -> int:
    x = S.rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    S.rng[0] = x
    # The upper 31 bits, scaled: a remainder would cost a division and favour small numbers.
    return int(np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(33)) * n) >> 31


@jit
def random_unit(S: State) -> float:
    return random_below(S, 1 << 30) / (1 << 30)


@jit
def _bits(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@jit
def _day_cost(F: Fixed, S: State, g: int, first: int, mask: int, removed: int, added: int) -> tuple[int, int]:
    """What the group's day costs with `mask` busy; the bits say where one section left or came."""
    hard = 0
    soft = 0
    if mask == 0:
        return 0, 0
    weight = F.g_weight[g, ISOLATED]
    if weight:
        # A period whose two neighbours are free; several sections of the group may meet in it, and each counts.
        alone = mask & ~(mask << 1) & ~(mask >> 1)
        count = 0
        while alone:
            low = alone & -alone
            period = _bits(low - 1)
            count += S.g_count[g, first + period] - (1 if removed & low else 0) + (1 if added & low else 0)
            alone ^= low
        soft += weight * count
    weight = F.g_weight[g, GAP]
    if weight:
        low = mask & -mask
        # From the first busy period to the last; what is idle between them, lunch time apart, is a gap.
        span = mask // low
        length = 0
        while span:
            span >>= 1
            length += 1
        idle = ((1 << length) - 1) * low & ~mask & ~F.num[N_LUNCH]
        soft += weight * _bits(idle)
    weight = F.g_weight[g, LUNCH]
    if weight and (mask & F.num[N_LUNCH]) == F.num[N_LUNCH]:
        soft += weight
    weight = F.g_weight[g, DAILY]
    if weight:
        count = _bits(mask)
        excess = max(0, count - F.g_limit[g, 0]) if F.g_limit[g, 0] else 0
        if F.g_limit[g, 3]:
            hard += excess
        else:
            soft += weight * (excess + max(0, F.g_limit[g, 2] - count))
    weight = F.g_weight[g, RUN]
    if weight:
        excess = 0
        run = 0
        rest = mask
        while rest:
            if rest & 1:
                run += 1
                if run > F.g_limit[g, 1]:
                    excess += 1
            else:
                run = 0
            rest >>= 1
        if F.num[N_RUN_HARD]:
            hard += excess
        else:
            soft += weight * excess
    return hard, soft


@jit
def _mask_after(F: Fixed, S: State, g: int, day: int, removed: int, added: int) -> int:
    """The group's busy periods of the day once a section has left some and come to others."""
    first = day * F.num[N_PERIODS]
    mask = S.g_mask[g, day] | added
    rest = removed
    while rest:
        low = rest & -rest
        # Free only if no other section of the group stays in that period.
        if S.g_count[g, first + _bits(low - 1)] == 1 and not added & low:
            mask &= ~low
        rest ^= low
    return mask


@jit
def _busy_blocks(F: Fixed, day: int, mask: int, is_half: int) -> int:
    first = mask & F.day_halves[day, 0]
    second = mask & F.day_halves[day, 1]
    if is_half:
        return (1 if first else 0) + (1 if second else 0)
    return 1 if first | second else 0


@jit
def _length(mask: int) -> int:
    """From the first bit of the mask to its last."""
    length = 0
    if mask:
        span = mask // (mask & -mask)
        while span:
            span >>= 1
            length += 1
    return length


@cold
def measured_day(measure: int, busy: int, looks: int) -> int:
    """What a rule counts of one day with these busy periods; of pairs of days, whether it is busy."""
    seen = busy & looks
    if busy == 0:
        return 0
    if measure == BUSY_PERIODS:
        return int(_bits(seen))
    if measure in (BUSY_DAYS, BUSY_DAY_PAIRS, FULL_DAY_PAIRS):
        return 1 if seen else 0
    if measure == SPAN:
        return int(_length(seen))
    low = busy & -busy
    if measure == IDLE_PERIODS:
        return int(_bits(((1 << _length(busy)) - 1) * low & ~busy & looks))
    if measure == OTHER_STARTS:
        return 0 if low & looks else 1
    if measure in (LATE_PERIODS, LATE_DAYS):
        late = looks & (low - 1)
        return int(_bits(late)) if measure == LATE_PERIODS else (1 if late else 0)
    run = 0
    while seen:
        seen &= seen << 1
        run += 1
    return run


@cold
def rule_units(F: Fixed, S: State, g: int, k: int, first: int, day: int, mask: int, other: int, other_mask: int) -> int:
    """What breaks rule `k` in the days counted together from `first` on, the group being busy so on one day and on another."""
    measure = F.rule[k, 0]
    total = 0
    earlier = 0
    is_any = F.rule[k, 4] != 0
    for each in range(first, min(first + F.rule[k, 1], F.num[N_DAYS])):
        # One day may be given twice; the first is how it is then.
        busy = S.g_mask[g, each]
        if each == day:
            busy = mask
        elif each == other:
            busy = other_mask
        looks = F.looks[F.rule[k, 5], each]
        is_any = is_any or (busy & looks) != 0
        count = measured_day(measure, busy, looks)
        if measure in (BUSY_DAY_PAIRS, FULL_DAY_PAIRS):
            is_first = (each - first) % 2 == 0
            if measure == BUSY_DAY_PAIRS:
                total += count if is_first or earlier == 0 else 0
            else:
                total += count if not is_first and earlier else 0
            earlier = count
        else:
            total += count
    units = max(0, total - F.rule[k, 3])
    if is_any:
        units += max(0, F.rule[k, 2] - total)
    return units


@cold
def rules_delta(F: Fixed, S: State, g: int, day: int, mask: int, other: int, other_mask: int) -> tuple[int, int]:
    """What the group's rules on its times cost more where it is busy so on one day and on another (-1: on no other)."""
    hard = 0
    soft = 0
    for k in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        block = F.rule[k, 1]
        first = day // block * block if day >= 0 else -1
        second = other // block * block if other >= 0 else -1
        units = 0
        if first >= 0:
            units += rule_units(F, S, g, k, first, day, mask, other, other_mask) - rule_units(F, S, g, k, first, -1, 0, -1, 0)
        if second >= 0 and second != first:
            units += rule_units(F, S, g, k, second, day, mask, other, other_mask) - rule_units(F, S, g, k, second, -1, 0, -1, 0)
        hard += units * F.rule[k, 6]
        soft += units * F.rule[k, 7]
    return hard, soft


@jit
def _terms_delta(F: Fixed, S: State, g: int, day: int, mask: int, other: int, other_mask: int) -> tuple[int, int]:
    """What busy days and half-days beyond a maximum cost more where the group is busy so on one day and on another (-1: on no other)."""
    hard = 0
    soft = 0
    for term in range(F.num[N_WEEK_TERMS]):
        if F.g_week[g, term, 2] | F.g_week[g, term, 3]:
            is_half = F.g_week[g, term, 0]
            before = 0
            for each in range(F.num[N_DAYS]):
                before += _busy_blocks(F, each, S.g_mask[g, each], is_half)
            after = before
            if day >= 0:
                after += _busy_blocks(F, day, mask, is_half) - _busy_blocks(F, day, S.g_mask[g, day], is_half)
            if other >= 0 and other != day:
                after += _busy_blocks(F, other, other_mask, is_half) - _busy_blocks(F, other, S.g_mask[g, other], is_half)
            most = F.g_week[g, term, 1]
            units = max(0, after - most) - max(0, before - most)
            hard += units * F.g_week[g, term, 2]
            soft += units * F.g_week[g, term, 3]
    return hard, soft


@jit
def _week_delta(F: Fixed, S: State, g: int, day: int, mask: int, other: int, other_mask: int) -> tuple[int, int]:
    """What the terms of the week and the group's rules cost more where it is busy so on one day and on another (-1: on no other)."""
    hard, soft = _terms_delta(F, S, g, day, mask, other, other_mask)
    if F.rule_ptr[g + 1] > F.rule_ptr[g]:
        h, s = rules_delta(F, S, g, day, mask, other, other_mask)
        hard += h
        soft += s
    return hard, soft


@jit
def _group_day_delta(F: Fixed, S: State, g: int, day: int, removed: int, added: int) -> tuple[int, int]:
    first = day * F.num[N_PERIODS]
    mask = _mask_after(F, S, g, day, removed, added)
    hard, soft = _day_cost(F, S, g, first, mask, removed, added)
    return hard - S.g_cost[g, day, 0], soft - S.g_cost[g, day, 1]


@jit
def _share_group(F: Fixed, g: int, section: int) -> bool:
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        if F.groups[i] == g:
            return True
    return False


@cold
def _pattern_units(F: Fixed, S: State, g: int, row: int, first: int, mask: int, removed: int, added: int, pattern: int) -> int:
    """What the group's day comes to by one pattern in the kind of week of a row; as in `_day_cost`."""
    if mask == 0:
        return 0
    count = int(_bits(mask))
    if pattern == ISOLATED:
        alone = mask & ~(mask << 1) & ~(mask >> 1)
        count = 0
        while alone:
            low = alone & -alone
            count += S.g_count[row, first + _bits(low - 1)] - (1 if removed & low else 0) + (1 if added & low else 0)
            alone ^= low
        return count
    if pattern == GAP:
        low = mask & -mask
        return int(_bits(((1 << _length(mask)) - 1) * low & ~mask & ~F.num[N_LUNCH]))
    if pattern == LUNCH:
        return 1 if (mask & F.num[N_LUNCH]) == F.num[N_LUNCH] else 0
    if pattern == DAILY:
        excess = max(0, count - F.g_limit[g, 0]) if F.g_limit[g, 0] else 0
        return excess if F.g_limit[g, 3] else excess + max(0, F.g_limit[g, 2] - count)
    excess = 0
    run = 0
    while mask:
        run = run + 1 if mask & 1 else 0
        if run > F.g_limit[g, 1]:
            excess += 1
        mask >>= 1
    return excess


@cold
def _kinds_day_cost(F: Fixed, S: State, g: int, day: int, weeks: int, removed: int, added: int) -> tuple[int, int]:
    """What the group's day costs, each pattern in its worst kind of week, once a section held in `weeks` has left and entered periods."""
    hard = 0
    soft = 0
    kinds = F.num[N_KINDS]
    for pattern in range(5):
        weight = F.g_weight[g, pattern]
        if weight:
            most = 0
            for k in range(kinds):
                row = g * kinds + k
                out_bits = removed if weeks >> k & 1 else 0
                in_bits = added if weeks >> k & 1 else 0
                mask = _mask_after(F, S, row, day, out_bits, in_bits)
                most = max(most, _pattern_units(F, S, g, row, day * F.num[N_PERIODS], mask, out_bits, in_bits, pattern))
            if (pattern == DAILY and F.g_limit[g, 3]) or (pattern == RUN and F.num[N_RUN_HARD]):
                hard += most
            else:
                soft += weight * most
    return hard, soft


@cold
def _kinds_rule_units(
    F: Fixed, S: State, g: int, r: int, first: int, weeks: int, day_from: int, removed: int, day_to: int, added: int
) -> int:
    """`rule_units` in the worst kind of week, once a section held in `weeks` has left periods of one day (-1: none) and entered others."""
    most = 0
    for k in range(F.num[N_KINDS]):
        row = g * F.num[N_KINDS] + k
        mask_from = 0
        mask_to = 0
        is_held = weeks >> k & 1
        if is_held and day_from >= 0:
            mask_from = _mask_after(F, S, row, day_from, removed, added if day_to == day_from else 0)
        if is_held and day_to >= 0:
            mask_to = _mask_after(F, S, row, day_to, 0, added)
        most = max(most, rule_units(F, S, row, r, first, day_from if is_held else -1, mask_from, day_to if is_held else -1, mask_to))
    return most


@cold
def _kinds_busy_blocks(
    F: Fixed, S: State, row: int, is_held: int, day_from: int, removed: int, day_to: int, added: int, is_half: int
) -> int:
    """Busy days or half-days of a kind of week, as in `_kinds_rule_units`."""
    busy = 0
    for day in range(F.num[N_DAYS]):
        mask = S.g_mask[row, day]
        if is_held and day == day_from:
            mask = _mask_after(F, S, row, day, removed, added if day_to == day_from else 0)
        elif is_held and day == day_to:
            mask = _mask_after(F, S, row, day, 0, added)
        busy += _busy_blocks(F, day, mask, is_half)
    return busy


@cold
def _kinds_terms_cost(F: Fixed, S: State, g: int, weeks: int, day_from: int, removed: int, day_to: int, added: int) -> tuple[int, int]:
    """All terms of the week of the group, each in its worst kind of week; `weeks` 0: as things stand."""
    hard = 0
    soft = 0
    for term in range(F.num[N_WEEK_TERMS]):
        if F.g_week[g, term, 2] | F.g_week[g, term, 3]:
            busy = 0
            for k in range(F.num[N_KINDS]):
                row = g * F.num[N_KINDS] + k
                busy = max(busy, _kinds_busy_blocks(F, S, row, weeks >> k & 1, day_from, removed, day_to, added, F.g_week[g, term, 0]))
            units = max(0, busy - F.g_week[g, term, 1])
            hard += units * F.g_week[g, term, 2]
            soft += units * F.g_week[g, term, 3]
    return hard, soft


@cold
def _kinds_week_cost(F: Fixed, S: State, g: int, weeks: int, day_from: int, removed: int, day_to: int, added: int) -> tuple[int, int]:
    """The same with the group's rules."""
    hard, soft = _kinds_terms_cost(F, S, g, weeks, day_from, removed, day_to, added)
    for r in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        for first in range(0, F.num[N_DAYS], F.rule[r, 1]):
            units = _kinds_rule_units(F, S, g, r, first, weeks, day_from, removed, day_to, added)
            hard += units * F.rule[r, 6]
            soft += units * F.rule[r, 7]
    return hard, soft


@cold
def _kinds_group_delta(F: Fixed, S: State, g: int, weeks: int, day_from: int, removed: int, day_to: int, added: int) -> tuple[int, int]:
    """What a group costs more once a section held in `weeks` has left periods of one day (-1: none) and entered those of another."""
    hard = 0
    soft = 0
    for part in range(2):
        day = day_to if part else day_from
        if day >= 0 and not (part and day_to == day_from):
            in_bits = added if part or day_to == day_from else 0
            h, s = _kinds_day_cost(F, S, g, day, weeks, 0 if part else removed, in_bits)
            hard += h - S.g_cost[g, day, 0]
            soft += s - S.g_cost[g, day, 1]
    if F.num[N_WEEKLY]:
        h, s = _kinds_week_cost(F, S, g, weeks, day_from, removed, day_to, added)
        before_h, before_s = _kinds_week_cost(F, S, g, 0, -1, 0, -1, 0)
        hard += h - before_h
        soft += s - before_s
    return hard, soft


@cold
def _kinds_groups_delta(
    F: Fixed, S: State, section: int, day_from: int, removed: int, day_to: int, added: int, without: int
) -> tuple[int, int]:
    """As `_groups_delta` where weeks differ. Sections change places only where they are held in the same weeks."""
    hard = 0
    soft = 0
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        if not (without >= 0 and _share_group(F, g, without)):
            h, s = _kinds_group_delta(F, S, g, F.weeks[section], day_from, removed, day_to, added)
            hard += h
            soft += s
    return hard, soft


@cold
def _kinds_enter(F: Fixed, S: State, section: int, t: int, sign: int) -> None:
    """The groups' part of `_section_enters` where weeks differ."""
    day = t // F.num[N_PERIODS]
    bit = 1 << (t - day * F.num[N_PERIODS])
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        for k in range(F.num[N_KINDS]):
            if F.weeks[section] >> k & 1:
                row = F.groups[i] * F.num[N_KINDS] + k
                S.g_count[row, t] += sign
                if S.g_count[row, t] > 0:
                    S.g_mask[row, day] |= bit
                else:
                    S.g_mask[row, day] &= ~bit


@cold
def _kinds_refresh(F: Fixed, S: State, section: int, day: int) -> None:
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        hard, soft = _kinds_day_cost(F, S, g, day, 0, 0, 0)
        S.g_cost[g, day, 0] = hard
        S.g_cost[g, day, 1] = soft


@cold
def _makes_fuller(F: Fixed, S: State, lecture: int, room: int, t: int, is_present: int) -> bool:
    """Whether the room's fullest week is a lecture fuller with this one than without it."""
    weeks = F.weeks[F.l_sec[lecture]]
    is_own = False
    for k in range(F.num[N_KINDS]):
        if S.week_rooms[k, room, t] == S.room_count[room, t]:
            if weeks >> k & 1:
                is_own = True
            elif is_present:
                return False
    return is_own


@cold
def _kinds_crowds(F: Fixed, S: State, lecture: int, slot: int, room: int, is_present: int) -> int:
    """Room clashes of the lecture that is there (1), or comes there (0), where weeks differ."""
    crowds = 0
    for t in range(slot, slot + F.l_len[lecture]):
        if S.room_count[room, t] > is_present and _makes_fuller(F, S, lecture, room, t, is_present):
            crowds += 1
    return crowds


@cold
def _kinds_room_clash_delta(F: Fixed, S: State, lecture: int, slot: int, room: int) -> int:
    """`_room_clash_delta` where weeks differ."""
    old = S.slot[lecture]
    old_room = S.room[lecture]
    length = F.l_len[lecture]
    hard = 0
    for i in range(length):
        stays = room == old_room and slot <= old + i < slot + length
        if not stays and S.room_count[old_room, old + i] > 1 and _makes_fuller(F, S, lecture, old_room, old + i, 1):
            hard -= 1
        stays = room == old_room and old <= slot + i < old + length
        if not stays and S.room_count[room, slot + i] > 0 and _makes_fuller(F, S, lecture, room, slot + i, 0):
            hard += 1
    return hard


@cold
def _count_in_weeks(F: Fixed, S: State, lecture: int, room: int, t: int) -> int:
    """``room_count`` as the lecture sees it: in the fullest of its own weeks."""
    weeks = F.weeks[F.l_sec[lecture]]
    most = -CLOSED
    for k in range(F.num[N_KINDS]):
        if weeks >> k & 1:
            most = max(most, S.week_rooms[k, room, t])
    return most


@cold
def _occupant_in_weeks(F: Fixed, S: State, lecture: int, room: int, t: int) -> int:
    """Another lecture that has the room at that time in a week of this one; -1 if there is none."""
    weeks = F.weeks[F.l_sec[lecture]]
    for slot in range(max(t // F.num[N_PERIODS] * F.num[N_PERIODS], t - F.num[N_LONGEST] + 1), t + 1):
        for i in range(S.at_num[slot]):
            other = S.at_slot[slot, i]
            if other != lecture and S.room[other] == room and slot + F.l_len[other] > t and weeks & F.weeks[F.l_sec[other]]:
                return int(other)
    return -1


@cold
def _partner_in_weeks(F: Fixed, S: State, lecture: int, slot: int, room: int) -> int:
    """The lecture of the same weeks that begins then in the room; -1 if there is none."""
    weeks = F.weeks[F.l_sec[lecture]]
    for i in range(S.at_num[slot]):
        other = S.at_slot[slot, i]
        if other != lecture and S.room[other] == room and F.weeks[F.l_sec[other]] == weeks:
            return int(other)
    return -1


@cold
def _count_weeks(F: Fixed, S: State, lecture: int, slot: int, room: int, sign: int) -> None:
    """The lecture comes to the room (1) or leaves it (-1), where weeks differ."""
    weeks = F.weeks[F.l_sec[lecture]]
    for t in range(slot, slot + F.l_len[lecture]):
        most = -CLOSED
        for k in range(F.num[N_KINDS]):
            if weeks >> k & 1:
                S.week_rooms[k, room, t] += sign
            most = max(most, S.week_rooms[k, room, t])
        S.room_count[room, t] = most


@cold
def weeks_change(F: Fixed, S: State, section: int, day_from: int, removed: int, day_to: int, added: int, without: int) -> tuple[int, int]:
    """`_week_delta` of the groups of a section that leaves periods of one day (-1 = none) and comes to others, as in `_groups_delta`.

    Where weeks differ, all that the groups cost more.
    """
    if F.num[N_KINDS] > 1:
        hard, soft = _kinds_groups_delta(F, S, section, day_from, removed, day_to, added, without)
        return hard, soft
    hard = 0
    soft = 0
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        if without >= 0 and _share_group(F, g, without):
            continue
        mask_from = 0
        mask_to = 0
        if day_from >= 0:
            mask_from = _mask_after(F, S, g, day_from, removed, added if day_to == day_from else 0)
        if day_to >= 0 and day_to != day_from:
            mask_to = _mask_after(F, S, g, day_to, 0, added)
        h, s = _week_delta(F, S, g, day_from, mask_from, day_to, mask_to)
        hard += h
        soft += s
    return hard, soft


@jit
def _groups_delta(F: Fixed, S: State, section: int, day_from: int, removed: int, day_to: int, added: int, without: int) -> tuple[int, int]:
    """The section leaves and enters timeslots; groups that section `without` (if >= 0) is in too are skipped."""
    hard = 0
    soft = 0
    end = F.group_ptr[section + 1]
    if F.num[N_KINDS] > 1:  # all of them are priced by `weeks_change`
        end = F.group_ptr[section]
    for i in range(F.group_ptr[section], end):
        g = F.groups[i]
        # Of a swap: for a group of both sections the two changes cancel out.
        if without >= 0 and _share_group(F, g, without):
            continue
        for part in range(2):
            day = day_to if part else day_from
            # Within one day both changes are priced together, in the first part: gaps depend on the whole day.
            if day < 0 or (part and day_to == day_from):
                continue
            out_bits = 0 if part else removed
            in_bits = added if part or day_to == day_from else 0
            if out_bits | in_bits:
                h, s = _group_day_delta(F, S, g, day, out_bits, in_bits)
                hard += h
                soft += s
    if F.num[N_BEYOND_DAYS]:
        h, s = weeks_change(F, S, section, day_from, removed, day_to, added, without)
        hard += h
        soft += s
    return hard, soft


@cold
def pair_units(kind: int, days: int, a: int, a_length: int, b: int, b_length: int, periods: int) -> int:
    """How far lectures that start at `a` and `b` (of `Problem.week_slot`) are from standing to one another as the kind asks."""
    distance = abs(a // periods - b // periods)
    if kind == JOINT:
        return 1 if a != b else 0
    if kind == BEFORE:
        return 1 if b < a + a_length else 0
    if kind == SAME_DAY:
        return 1 if distance else 0
    if kind == DAYS_APART:
        return max(0, days - distance)
    if kind == DAYS_WITHIN:
        return max(0, distance - days)
    if kind == SAME_PERIOD:
        return 1 if a % periods != b % periods else 0
    if kind in (DAY_PAIRS_APART, DAY_PAIRS_WITHIN, GROUPED_IN_DAY_PAIR):
        of_pairs = abs(a // (2 * periods) - b // (2 * periods))
        if kind == DAY_PAIRS_APART:
            return max(0, days - of_pairs)
        if kind == DAY_PAIRS_WITHIN:
            return max(0, of_pairs - days)
        if of_pairs:
            return 0
    if kind in (BEFORE_IN_DAY, GROUPED_IN_DAY, PERIODS_APART_IN_DAY):
        if distance:
            return 0
        if kind == BEFORE_IN_DAY:
            return 1 if b < a + a_length else 0
        if kind == PERIODS_APART_IN_DAY:
            return 1 if b < a + a_length + days and a < b + b_length + days else 0
    if distance == 0 and (b == a + a_length or (kind != CONSECUTIVE and a == b + b_length)):
        return 0
    return 1


@jit
def _week_slot(F: Fixed, slot: int) -> int:
    """As `Problem.week_slot`."""
    if F.num[N_WEEK_START] == 0:
        return slot
    periods = F.num[N_PERIODS]
    day = slot // periods
    return (day - F.num[N_WEEK_START]) % F.num[N_WEEK] * periods + slot - day * periods


@jit
def _mate_units(F: Fixed, i: int, lecture: int, slot: int, mate: int, there: int) -> int:
    kind, days, length, mates = F.mate_rule[i, 0], F.mate_rule[i, 1], F.l_len[lecture], F.l_len[mate]
    slot = _week_slot(F, slot)
    there = _week_slot(F, there)
    # The rule's order: whether this lecture is its first.
    if F.mate_rule[i, 2]:
        return int(pair_units(kind, days, slot, length, there, mates, F.num[N_PERIODS]))
    return int(pair_units(kind, days, there, mates, slot, length, F.num[N_PERIODS]))


@jit
def _is_tied(F: Fixed, lecture: int) -> bool:
    """Whether the lecture should stand to some other one in some way."""
    return F.num[N_TIES] != 0 and F.mate_ptr[lecture + 1] > F.mate_ptr[lecture]


@jit
def _keeps_apart(F: Fixed, section: int) -> bool:
    """Whether there are sections with which this one should not overlap."""
    return F.num[N_TIES] != 0 and F.avoid_ptr[section + 1] > F.avoid_ptr[section]


@cold
def mates_delta(F: Fixed, S: State, lecture: int, old: int, new: int, other: int, other_new: int) -> tuple[int, int]:
    """Lectures that should stand to this one in some way; as a time -1 is nowhere.

    `other` (if >= 0) is thought to be at `other_new`; where that is -1, its pairs with this one are not counted.
    """
    hard = 0
    soft = 0
    for i in range(F.mate_ptr[lecture], F.mate_ptr[lecture + 1]):
        mate = F.mates[i]
        there = S.slot[mate]
        if there < 0 or (mate == other and other_new < 0):
            continue
        units = 0
        if old >= 0:
            units -= _mate_units(F, i, lecture, old, mate, there)
        if mate == other:
            there = other_new
        if new >= 0:
            units += _mate_units(F, i, lecture, new, mate, there)
        hard += units * F.mate_rule[i, 3]
        soft += units * F.mate_rule[i, 4]
    return hard, soft


@cold
def _overlap_cost(F: Fixed, S: State, section: int, day: int, bits: int, partner: int) -> int:
    """What it costs that the section is busy in these periods of the day; section `partner` (if >= 0) is thought elsewhere."""
    cost = 0
    for i in range(F.avoid_ptr[section], F.avoid_ptr[section + 1]):
        if F.avoid[i] == partner:
            continue
        t = day * F.num[N_PERIODS]
        rest = bits
        while rest:
            if rest & 1 and S.sec_count[F.avoid[i], t] > 0:
                cost += F.avoid_cost[i]
            rest >>= 1
            t += 1
    return cost


@cold
def _room_time_cost(F: Fixed, lecture: int, slot: int, room: int) -> int:
    cost = 0
    for t in range(slot, slot + F.l_len[lecture]):
        cost += F.room_times[room, t]
    return cost


@cold
def changes_of_building(F: Fixed, S: State, lecture: int, without: int) -> int:
    """Curricula for which a lecture beside this one is in another building, each time; pairs with `without` are not counted."""
    units = 0
    periods = F.num[N_PERIODS]
    slot = S.slot[lecture]
    after = slot + F.l_len[lecture]
    here = F.room_building[S.room[lecture]]
    if here < 0:
        return 0
    section = F.l_sec[lecture]
    for i in range(F.near_ptr[section], F.near_ptr[section + 1]):
        for k in range(F.lec_ptr[F.near[i]], F.lec_ptr[F.near[i] + 1]):
            other = F.lecs[k]
            there = S.slot[other]
            if there < 0 or (other == lecture) | (other == without) or there // periods != slot // periods:
                continue
            if there == after or there + F.l_len[other] == slot:
                building = F.room_building[S.room[other]]
                if building >= 0 and building != here:
                    units += F.near_shared[i]
    return units


@cold
def standing_alone(F: Fixed, S: State, section: int) -> int:
    """Lectures of the section that share their day with others of it, and stand beside none of them in the same room."""
    units = 0
    periods = F.num[N_PERIODS]
    whole = F.whole[section]
    for i in range(F.whole_ptr[whole], F.whole_ptr[whole + 1]):
        lecture = F.whole_lecs[i]
        slot = S.slot[lecture]
        if slot < 0:
            continue
        is_one_of_several = False
        adjoins = False
        for k in range(F.whole_ptr[whole], F.whole_ptr[whole + 1]):
            other = F.whole_lecs[k]
            there = S.slot[other]
            if there < 0 or other == lecture or there // periods != slot // periods:
                continue
            if F.weeks[F.l_sec[other]] & F.weeks[F.l_sec[lecture]] == 0:
                continue
            is_one_of_several = True
            if S.room[other] == S.room[lecture] and (there == slot + F.l_len[lecture] or there + F.l_len[other] == slot):
                adjoins = True
        if is_one_of_several and not adjoins:
            units += 1
    return units


@cold
def rooms_beyond_one(F: Fixed, S: State, section: int) -> int:
    """Different rooms of the section's lectures but for the first."""
    units = 0
    first = F.whole_ptr[F.whole[section]]
    for i in range(first, F.whole_ptr[F.whole[section] + 1]):
        is_new = S.slot[F.whole_lecs[i]] >= 0
        for k in range(first, i):
            if S.slot[F.whole_lecs[k]] >= 0 and S.room[F.whole_lecs[k]] == S.room[F.whole_lecs[i]]:
                is_new = False
        if is_new:
            units += 1
    return max(0, units - 1)


@cold
def beside_cost(F: Fixed, S: State, lecture: int, other: int) -> tuple[int, int]:
    """Violations and weighted cost of what stands beside two lectures (`other` -1: beside one), their sections' days and rooms included."""
    hard = 0
    soft = 0
    section = F.l_sec[lecture]
    is_another = other >= 0 and F.whole[F.l_sec[other]] != F.whole[section]
    if F.is_one_room[section]:
        hard += rooms_beyond_one(F, S, section)
    if is_another and F.is_one_room[F.l_sec[other]]:
        hard += rooms_beyond_one(F, S, F.l_sec[other])
    if F.num[N_BUILDINGS]:
        if S.slot[lecture] >= 0:
            soft += F.num[N_BUILDINGS] * changes_of_building(F, S, lecture, -1)
        if other >= 0 and S.slot[other] >= 0:
            soft += F.num[N_BUILDINGS] * changes_of_building(F, S, other, lecture)
    if F.is_grouped[section]:
        soft += F.num[N_GROUPED] * standing_alone(F, S, section)
    if is_another and F.is_grouped[F.l_sec[other]]:
        soft += F.num[N_GROUPED] * standing_alone(F, S, F.l_sec[other])
    return hard, soft


@cold
def beside_delta(F: Fixed, S: State, lecture: int, slot: int, room: int, other: int) -> tuple[int, int]:
    """The lecture goes there (slot -1: nowhere), and `other` (if >= 0) takes its place.

    Any change of several lectures' times and rooms is priced by making it in ``slot`` and ``room`` alone, and unmaking it.
    """
    hard, soft = beside_cost(F, S, lecture, other)
    old, old_room = S.slot[lecture], S.room[lecture]
    if other >= 0:
        S.slot[other], S.room[other] = old, old_room
    S.slot[lecture], S.room[lecture] = slot, room
    new_hard, new_soft = beside_cost(F, S, lecture, other)
    S.slot[lecture], S.room[lecture] = old, old_room
    if other >= 0:
        S.slot[other], S.room[other] = slot, room
    return new_hard - hard, new_soft - soft


@jit
def _stands_beside(F: Fixed) -> bool:
    """Whether what stands beside a lecture, and in which room, costs anything."""
    return (F.num[N_BUILDINGS] | F.num[N_GROUPED] | F.num[N_ONE_ROOM]) != 0


@jit
def _days_delta(F: Fixed, S: State, section: int, day_from: int, day_to: int) -> int:
    """Weighted days short when one lecture leaves a day and comes to another (-1 = nowhere)."""
    if day_from == day_to:
        return 0
    if F.num[N_SPLIT]:
        section = F.whole[section]
    days = S.sec_days[section]
    after = days
    # Only the last lecture of a day frees it, and only the first one opens it.
    if day_from >= 0 and S.sec_day[section, day_from] == 1:
        after -= 1
    if day_to >= 0 and S.sec_day[section, day_to] == 0:
        after += 1
    wanted = F.min_days[section]
    return F.num[N_MIN_DAYS] * (max(0, wanted - after) - max(0, wanted - days))


@jit
def _room_kind_delta(F: Fixed, S: State, lecture: int, old: int, new: int) -> int:
    """Weighted extra rooms and room prices when the lecture changes rooms (-1 = none)."""
    if old == new:
        return 0
    section = F.l_sec[lecture]
    kind = F.l_kind[lecture]
    rooms = S.kind_rooms[kind]
    after = rooms
    soft = 0
    if old >= 0:
        soft -= F.room_cost[section, old]
        if S.kind_room[kind, old] == 1:
            after -= 1
    if new >= 0:
        soft += F.room_cost[section, new]
        if S.kind_room[kind, new] == 0:
            after += 1
    return soft + F.num[N_STABILITY] * (max(0, after - 1) - max(0, rooms - 1))


@jit
def _presence_delta(F: Fixed, S: State, lecture: int, slot: int, room: int, sign: int) -> tuple[int, int]:
    """An unplaced lecture gets a place (sign 1), or a placed one loses the place where it is (sign -1)."""
    section = F.l_sec[lecture]
    periods = F.num[N_PERIODS]
    day = slot // periods
    present = 0 if sign > 0 else 1  # what the lecture itself adds to the counters now
    hard = -sign * F.l_unplaced[lecture]
    day_from = day if present else -1
    day_to = -1 if present else day
    soft = _days_delta(F, S, section, day_from, day_to)
    soft += _room_kind_delta(F, S, lecture, room if present else -1, -1 if present else room)
    bits = 0
    crowds = 0
    for t in range(slot, slot + F.l_len[lecture]):
        soft += sign * F.slot_cost[section, t]
        if S.room_count[room, t] > present:
            crowds += 1
        if S.sec_count[section, t] > present:
            hard += sign
        else:
            # A section that meets twice at a time is its own clash; its pairs with others count once, with the first lecture.
            hard += sign * S.conf[section, t, 0]
            soft += sign * F.num[N_STUDENT] * S.conf[section, t, 1]
            bits |= 1 << (t - day * periods)
    if crowds and F.num[N_KINDS] > 1:
        crowds = _kinds_crowds(F, S, lecture, slot, room, present)
    hard += sign * crowds
    h, s = _groups_delta(F, S, section, day_from, bits if present else 0, day_to, 0 if present else bits, -1)
    hard += h
    soft += s
    if F.num[N_ROOM_TIMES]:
        soft += sign * _room_time_cost(F, lecture, slot, room)
    if _is_tied(F, lecture):
        h, s = mates_delta(F, S, lecture, slot if present else -1, -1 if present else slot, -1, -1)
        hard += h
        soft += s
    if _keeps_apart(F, section):
        soft += sign * _overlap_cost(F, S, section, day, bits, -1)
    if _stands_beside(F):
        h, s = beside_delta(F, S, lecture, -1 if present else slot, -1 if present else room, -1)
        hard += h
        soft += s
    return hard, soft


@jit
def add_delta(F: Fixed, S: State, lecture: int, slot: int, room: int) -> tuple[int, int]:
    """An unplaced lecture gets a place."""
    return _presence_delta(F, S, lecture, slot, room, 1)


@jit
def remove_delta(F: Fixed, S: State, lecture: int) -> tuple[int, int]:
    """A placed lecture loses its place."""
    return _presence_delta(F, S, lecture, S.slot[lecture], S.room[lecture], -1)


@jit
def _clash_delta(F: Fixed, S: State, lecture: int, new: int, partner: int) -> tuple[int, int, int, int]:
    """What starting at `new` changes beside rooms, groups and ties to single lectures, and the period bits left and entered.

    Section `partner` (if >= 0) leaves that time for the old one.
    """
    section = F.l_sec[lecture]
    periods = F.num[N_PERIODS]
    old = S.slot[lecture]
    length = F.l_len[lecture]
    day_from = old // periods
    day_to = new // periods
    hard = 0
    soft = _days_delta(F, S, section, day_from, day_to)
    removed = 0
    added = 0
    for t in range(old, old + length):
        # Periods that old and new place share change nothing: a long lecture may move by one period.
        if not new <= t < new + length:
            soft -= F.slot_cost[section, t]
            if S.sec_count[section, t] > 1:
                hard -= 1
            else:
                hard -= S.conf[section, t, 0]
                soft -= F.num[N_STUDENT] * S.conf[section, t, 1]
                removed |= 1 << (t - day_from * periods)
    for t in range(new, new + length):
        if not old <= t < old + length:
            soft += F.slot_cost[section, t]
            if S.sec_count[section, t] > 0:
                hard += 1
            else:
                hard += S.conf[section, t, 0]
                soft += F.num[N_STUDENT] * S.conf[section, t, 1]
                # The neighbours' counters still have the partner at that time, which it leaves.
                if partner >= 0:
                    hard -= F.pair_hard[section, partner]
                    soft -= F.num[N_STUDENT] * F.pair_shared[section, partner]
                added |= 1 << (t - day_to * periods)
    if _keeps_apart(F, section):
        soft += _overlap_cost(F, S, section, day_to, added, partner) - _overlap_cost(F, S, section, day_from, removed, partner)
    return hard, soft, removed, added


@jit
def _room_clash_delta(F: Fixed, S: State, lecture: int, slot: int, room: int) -> int:
    """Room clashes when a placed lecture goes there."""
    old = S.slot[lecture]
    old_room = S.room[lecture]
    length = F.l_len[lecture]
    gained = 0
    lost = 0
    for i in range(length):
        if not (room == old_room and slot <= old + i < slot + length) and S.room_count[old_room, old + i] > 1:
            lost += 1
        if not (room == old_room and old <= slot + i < old + length) and S.room_count[room, slot + i] > 0:
            gained += 1
    if gained | lost and F.num[N_KINDS] > 1:
        return int(_kinds_room_clash_delta(F, S, lecture, slot, room))
    return gained - lost


@jit
def move_cost(F: Fixed, S: State, lecture: int, slot: int, room: int, hard_weight: float, limit: float) -> tuple[int, int]:
    """As `move_delta`, but clashes alone are answered where they already cost more than `limit` with all that groups could gain."""
    hard = _room_clash_delta(F, S, lecture, slot, room)
    soft = _room_kind_delta(F, S, lecture, S.room[lecture], room)
    old = S.slot[lecture]
    if F.num[N_ROOM_TIMES]:
        soft += _room_time_cost(F, lecture, slot, room) - _room_time_cost(F, lecture, old, S.room[lecture])
    if slot == old:
        if _stands_beside(F):
            h, s = beside_delta(F, S, lecture, slot, room, -1)
            hard += h
            soft += s
        return hard, soft
    h, s, removed, added = _clash_delta(F, S, lecture, slot, -1)
    hard += h
    soft += s
    if _is_tied(F, lecture):
        h, s = mates_delta(F, S, lecture, old, slot, -1, -1)
        hard += h
        soft += s
    section = F.l_sec[lecture]
    # Groups are the expensive part, and their gain is bounded: most proposals are refused without pricing them.
    if hard_weight * hard + soft > limit + F.most_gain[section]:
        return hard, soft + F.most_gain[section]
    periods = F.num[N_PERIODS]
    h, s = _groups_delta(F, S, section, old // periods, removed, slot // periods, added, -1)
    hard += h
    soft += s
    if _stands_beside(F):
        h, s = beside_delta(F, S, lecture, slot, room, -1)
        hard += h
        soft += s
    return hard, soft


@jit
def move_delta(F: Fixed, S: State, lecture: int, slot: int, room: int) -> tuple[int, int]:
    """A placed lecture goes to another time, another room, or both."""
    return move_cost(F, S, lecture, slot, room, 0.0, np.inf)


@jit
def can_swap(F: Fixed, S: State, a: int, b: int) -> bool:
    """Whether two placed lectures may take each other's time and room, with deltas that look-ups can give."""
    if F.l_len[a] != F.l_len[b]:
        return False
    section, other = F.l_sec[a], F.l_sec[b]
    slot_a, slot_b = S.slot[a], S.slot[b]
    if slot_a != slot_b:
        if section == other or abs(slot_a - slot_b) < F.l_len[a]:
            return False
        if not F.l_ok[a, slot_b] or not F.l_ok[b, slot_a]:
            return False
        for i in range(F.l_len[a]):  # one of them doubled in time: shared groups would not stay as they are
            if S.sec_count[section, slot_a + i] > 1 or S.sec_count[other, slot_b + i] > 1:
                return False
            if S.sec_count[section, slot_b + i] > 0 or S.sec_count[other, slot_a + i] > 0:
                return False
    elif S.room[a] == S.room[b] or F.l_kind[a] == F.l_kind[b]:
        return False
    # In other weeks than the other's a lecture would meet other lectures there.
    if F.num[N_KINDS] > 1 and F.weeks[section] != F.weeks[other]:
        return False
    return bool(F.class_ok[F.l_class[a], S.room[b]]) and bool(F.class_ok[F.l_class[b], S.room[a]])


@jit
def swap_cost(F: Fixed, S: State, a: int, b: int, hard_weight: float, limit: float) -> tuple[int, int]:
    """As `swap_delta`, but clashes alone are answered where they already cost more than `limit` with all that groups could gain."""
    soft = _room_kind_delta(F, S, a, S.room[a], S.room[b]) + _room_kind_delta(F, S, b, S.room[b], S.room[a])
    slot_a, slot_b = S.slot[a], S.slot[b]
    if slot_a == slot_b:
        hard = 0
        if _stands_beside(F):
            h, s = beside_delta(F, S, a, slot_b, S.room[b], b)
            hard += h
            soft += s
        return hard, soft
    section, other = F.l_sec[a], F.l_sec[b]
    hard, s, removed_a, added_a = _clash_delta(F, S, a, slot_b, other)
    h2, s2, removed_b, added_b = _clash_delta(F, S, b, slot_a, section)
    hard += h2
    soft += s + s2
    if _is_tied(F, a):
        h, s = mates_delta(F, S, a, slot_a, slot_b, b, slot_a)
        hard += h
        soft += s
    if _is_tied(F, b):
        # The pair of the two with one another is counted with `a` alone.
        h, s = mates_delta(F, S, b, slot_b, slot_a, a, -1)
        hard += h
        soft += s
    # As in move_cost: groups are priced only where they could still tip the balance.
    most_gain = F.most_gain[section] + F.most_gain[other]
    if hard_weight * hard + soft > limit + most_gain:
        return hard, soft + most_gain
    day_a, day_b = slot_a // F.num[N_PERIODS], slot_b // F.num[N_PERIODS]
    h, s = _groups_delta(F, S, section, day_a, removed_a, day_b, added_a, other)
    h2, s2 = _groups_delta(F, S, other, day_b, removed_b, day_a, added_b, section)
    hard += h + h2
    soft += s + s2
    if _stands_beside(F):
        h, s = beside_delta(F, S, a, slot_b, S.room[b], b)
        hard += h
        soft += s
    return hard, soft


@jit
def swap_delta(F: Fixed, S: State, a: int, b: int) -> tuple[int, int]:
    """Two lectures for which `can_swap` holds change places."""
    return swap_cost(F, S, a, b, 0.0, np.inf)


@jit
def _section_enters(F: Fixed, S: State, section: int, t: int, sign: int) -> None:
    """The section becomes busy (1) or free (-1) at a timeslot: its neighbours and groups take note."""
    for i in range(F.nb_ptr[section], F.nb_ptr[section + 1]):
        neighbour = F.nb[i]
        S.conf[neighbour, t, 0] += sign * F.nb_hard[i]
        S.conf[neighbour, t, 1] += sign * F.nb_shared[i]
    if F.num[N_KINDS] > 1:
        _kinds_enter(F, S, section, t, sign)
        return
    periods = F.num[N_PERIODS]
    day = t // periods
    bit = 1 << (t - day * periods)
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        S.g_count[g, t] += sign
        # The bit stays as long as another section of the group meets then.
        if S.g_count[g, t] > 0:
            S.g_mask[g, day] |= bit
        else:
            S.g_mask[g, day] &= ~bit


@jit
def _refresh_groups(F: Fixed, S: State, section: int, day: int) -> None:
    if F.num[N_KINDS] > 1:
        _kinds_refresh(F, S, section, day)
        return
    first = day * F.num[N_PERIODS]
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        hard, soft = _day_cost(F, S, g, first, S.g_mask[g, day], 0, 0)
        S.g_cost[g, day, 0] = hard
        S.g_cost[g, day, 1] = soft


@jit
def _enter_room(F: Fixed, S: State, lecture: int, slot: int, room: int) -> None:
    S.room[lecture] = room
    kind = F.l_kind[lecture]
    if S.kind_room[kind, room] == 0:
        S.kind_rooms[kind] += 1
    S.kind_room[kind, room] += 1
    if F.num[N_KINDS] > 1:
        _count_weeks(F, S, lecture, slot, room, 1)
    for t in range(slot, slot + F.l_len[lecture]):
        if F.num[N_KINDS] == 1:
            S.room_count[room, t] += 1
        S.room_lecture[room, t] = lecture


@jit
def _leave_room(F: Fixed, S: State, lecture: int) -> None:
    room = S.room[lecture]
    slot = S.slot[lecture]
    kind = F.l_kind[lecture]
    S.kind_room[kind, room] -= 1
    if S.kind_room[kind, room] == 0:
        S.kind_rooms[kind] -= 1
    if F.num[N_KINDS] > 1:
        _count_weeks(F, S, lecture, slot, room, -1)
    for t in range(slot, slot + F.l_len[lecture]):
        if F.num[N_KINDS] == 1:
            S.room_count[room, t] -= 1
        # Of several lectures in one room the array names one; -1 beside a count says that a clash's partner is not known.
        if S.room_lecture[room, t] == lecture:
            S.room_lecture[room, t] = -1
    S.room[lecture] = -1


@jit
def add(F: Fixed, S: State, lecture: int, slot: int, room: int) -> None:
    """Give an unplaced lecture a place in the counters; the score is the caller's."""
    section = F.l_sec[lecture]
    day = slot // F.num[N_PERIODS]
    S.slot[lecture] = slot
    S.at_place[lecture] = S.at_num[slot]
    S.at_slot[slot, S.at_num[slot]] = lecture
    S.at_num[slot] += 1
    _enter_room(F, S, lecture, slot, room)
    whole = F.whole[section] if F.num[N_SPLIT] else section
    if S.sec_day[whole, day] == 0:
        S.sec_days[whole] += 1
    S.sec_day[whole, day] += 1
    for t in range(slot, slot + F.l_len[lecture]):
        S.sec_count[section, t] += 1
        if S.sec_count[section, t] == 1:
            _section_enters(F, S, section, t, 1)
    _refresh_groups(F, S, section, day)


@jit
def remove(F: Fixed, S: State, lecture: int) -> None:
    """Take a placed lecture out of the counters; the score is the caller's."""
    section = F.l_sec[lecture]
    slot = S.slot[lecture]
    day = slot // F.num[N_PERIODS]
    # The list's last entry fills the gap: order does not matter, and nothing is shifted.
    last = S.at_slot[slot, S.at_num[slot] - 1]
    S.at_slot[slot, S.at_place[lecture]] = last
    S.at_place[last] = S.at_place[lecture]
    S.at_num[slot] -= 1
    _leave_room(F, S, lecture)
    whole = F.whole[section] if F.num[N_SPLIT] else section
    S.sec_day[whole, day] -= 1
    if S.sec_day[whole, day] == 0:
        S.sec_days[whole] -= 1
    for t in range(slot, slot + F.l_len[lecture]):
        S.sec_count[section, t] -= 1
        if S.sec_count[section, t] == 0:
            _section_enters(F, S, section, t, -1)
    _refresh_groups(F, S, section, day)
    # Last of all: the counters above are found by it.
    S.slot[lecture] = -1


@jit
def add_all(F: Fixed, S: State, slot: IntArray, room: IntArray) -> None:
    for lecture in range(len(slot)):
        if slot[lecture] >= 0:
            hard, soft = add_delta(F, S, lecture, slot[lecture], room[lecture])
            add(F, S, lecture, slot[lecture], room[lecture])
            S.score[0] += hard
            S.score[1] += soft
    remember(S)


@jit
def room_is_open(F: Fixed, lecture: int, slot: int, room: int) -> bool:
    for t in range(slot, slot + F.l_len[lecture]):
        if not F.room_ok[room, t]:
            return False
    return True


@jit
def room_is_free(F: Fixed, S: State, lecture: int, slot: int, room: int) -> bool:
    for t in range(slot, slot + F.l_len[lecture]):
        if not F.room_ok[room, t]:
            return False
        if S.room_count[room, t] > 0 and (F.num[N_KINDS] == 1 or _count_in_weeks(F, S, lecture, room, t) > 0):
            return False
    return True


@jit
def dearest(S: State, temperature: float) -> float:
    """The dearest change that Metropolis' rule takes this time."""
    # The random number is drawn before the price is known, so that a price can be given up as soon as it is too high.
    return -temperature * np.log(1.0 - random_unit(S))


@jit
def commit(S: State, hard: int, soft: int) -> None:
    S.score[0] += hard
    S.score[1] += soft


@jit
def is_best(S: State) -> bool:
    return S.score[0] < S.best[0] or (S.score[0] == S.best[0] and S.score[1] < S.best[1])


@jit
def keep_if_best(S: State) -> None:
    """Called before the search leaves a timetable for a worse one, so that improvements need no copy each."""
    if is_best(S):
        remember(S)


@jit
def _change_rooms(F: Fixed, S: State, lecture: int, other: int, room: int) -> None:
    """As `take` where no time changes: only rooms have counters to change."""
    old_room = S.room[lecture]
    slot = S.slot[lecture]
    _leave_room(F, S, lecture)
    if other >= 0:
        _leave_room(F, S, other)
        _enter_room(F, S, other, slot, old_room)
    _enter_room(F, S, lecture, slot, room)


@jit
def take(F: Fixed, S: State, lecture: int, other: int, slot: int, room: int) -> None:
    """Put the lecture there; `other` (if >= 0), which was there, gets its place."""
    old, old_room = S.slot[lecture], S.room[lecture]
    if old == slot:
        _change_rooms(F, S, lecture, other, room)
        return
    # Both leave before either enters: they would meet in the counters. One loop, as `remove` and `add` are inlined at each call.
    for turn in range(2):
        x = other if turn else lecture
        if x >= 0:
            remove(F, S, x)
    for turn in range(2):
        x = other if turn else lecture
        if x >= 0:
            add(F, S, x, old if turn else slot, old_room if turn else room)


@jit
def propose_place(F: Fixed, S: State, lecture: int, slot: int, room: int, hard_weight: float, temperature: float) -> int:
    """Move the lecture there, or swap with the one lecture that sits there, by Metropolis' rule."""
    if not room_is_open(F, lecture, slot, room):
        return IMPOSSIBLE
    old = S.slot[lecture]
    if old == slot and S.room[lecture] == room:
        return IMPOSSIBLE
    limit = dearest(S, temperature)
    # A swap is tried only with a single lecture that begins there; anything else in the room is priced as a clash.
    other = S.room_lecture[room, slot]
    if F.num[N_KINDS] > 1:
        other = _partner_in_weeks(F, S, lecture, slot, room)
    is_swap = other >= 0 and other != lecture and S.room_count[room, slot] == 1 and S.slot[other] == slot and can_swap(F, S, lecture, other)
    if is_swap:
        hard, soft = swap_cost(F, S, lecture, other, hard_weight, limit)
    else:
        other = -1
        hard, soft = move_cost(F, S, lecture, slot, room, hard_weight, limit)
    cost = hard_weight * hard + soft
    if cost > limit:
        return REJECTED
    # Only a step up can leave a best timetable behind.
    if cost > 0:
        keep_if_best(S)
    take(F, S, lecture, other, slot, room)
    commit(S, hard, soft)
    return ACCEPTED


@jit
def _kempe_chain(F: Fixed, S: State, lecture: int, other_slot: int, stamp: int) -> int:
    """Collect the chain in S.chain; its length, or -1 where a lecture can't change sides."""
    slot = S.slot[lecture]
    S.chain[0] = lecture
    S.mark[lecture] = stamp
    length = 1
    done = 0
    while done < length:
        x = S.chain[done]
        done += 1
        here = S.slot[x]
        target = other_slot if here == slot else slot
        # One that cannot change sides breaks the chain: all of it moves or nothing.
        if not F.l_ok[x, target] or F.l_len[x] != F.l_len[lecture]:
            return -1
        section = F.l_sec[x]
        # Nothing there stands against it: no look through the slot's lectures.
        if S.conf[section, target, 0] == 0 and S.sec_count[section, target] == 0:
            continue
        for i in range(S.at_num[target]):
            y = S.at_slot[target, i]
            if S.mark[y] != stamp and (F.pair_hard[section, F.l_sec[y]] or F.l_sec[y] == section):
                S.mark[y] = stamp
                S.chain[length] = y
                length += 1
    return length


@cold
def _kinds_best_room(F: Fixed, S: State, lecture: int, slot: int, only_free: bool) -> int:
    """`best_room` where weeks differ: how full a room is counts in the lecture's own."""
    best = -1
    best_taken = 0
    best_cost = 0
    index = F.l_class[lecture]
    for i in range(F.class_ptr[index], F.class_ptr[index + 1]):
        room = F.rooms[i]
        taken = 0
        for t in range(slot, slot + F.l_len[lecture]):
            count = 0
            if S.room_count[room, t] > 0:
                count = max(0, _count_in_weeks(F, S, lecture, room, t))
            taken += count + (0 if F.room_ok[room, t] else CLOSED)
        if taken >= CLOSED or (taken > 0 and only_free) or (best >= 0 and taken > best_taken):
            continue
        cost = _room_kind_delta(F, S, lecture, -1, room)
        if F.num[N_ROOM_TIMES]:
            cost += _room_time_cost(F, lecture, slot, room)
        if best < 0 or taken < best_taken or cost < best_cost:
            best = room
            best_taken = taken
            best_cost = cost
    return best


@jit
def best_room(F: Fixed, S: State, lecture: int, slot: int, only_free: bool) -> int:
    """The cheapest open room at that time, free before taken; -1 if there is none."""
    if F.num[N_KINDS] > 1:
        return int(_kinds_best_room(F, S, lecture, slot, only_free))
    best = -1
    best_taken = 0
    best_cost = 0
    index = F.l_class[lecture]
    for i in range(F.class_ptr[index], F.class_ptr[index + 1]):
        room = F.rooms[i]
        taken = 0
        for t in range(slot, slot + F.l_len[lecture]):
            # CLOSED is more than any sum of lectures, so that one number sorts free, taken and closed rooms.
            taken += max(0, S.room_count[room, t]) + (0 if F.room_ok[room, t] else CLOSED)
        if taken >= CLOSED or (taken > 0 and only_free) or (best >= 0 and taken > best_taken):
            continue
        cost = _room_kind_delta(F, S, lecture, -1, room)
        if F.num[N_ROOM_TIMES]:
            cost += _room_time_cost(F, lecture, slot, room)
        if best < 0 or taken < best_taken or cost < best_cost:
            best = room
            best_taken = taken
            best_cost = cost
    return best


@jit
def _turns_with(F: Fixed, S: State, length: int, section: int, slot: int) -> bool:
    """Whether a lecture of the section that starts then is in the chain (a longer one may have begun before)."""
    for i in range(length):
        if S.slot[S.chain[i]] == slot and F.l_sec[S.chain[i]] == section:
            return True
    return False


@jit
def _is_plain_chain(F: Fixed, S: State, length: int, slot: int, other_slot: int) -> bool:
    """Whether look-ups can price the chain: lectures of one period, tied to no other, whose sections meet once at most in either slot."""
    if F.l_len[S.chain[0]] != 1 or F.num[N_ROOM_TIMES] or _stands_beside(F) or F.num[N_KINDS] > 1:
        return False
    for i in range(length):
        x = S.chain[i]
        section = F.l_sec[x]
        if S.sec_count[section, slot] > 1 or S.sec_count[section, other_slot] > 1:
            return False
        if _is_tied(F, x) or _keeps_apart(F, section):
            return False
        there = other_slot if S.slot[x] == slot else slot
        if S.sec_count[section, there] > 0 and not _turns_with(F, S, length, section, there):
            return False
    return True


@jit
def _chain_pairs(F: Fixed, S: State, i: int, slot: int, other_slot: int) -> tuple[int, int]:
    """Hard overlaps and shared students that lecture `i` of a plain chain gains, as far as lectures before it are concerned.

    Its section's counters see the others of the chain where they were: pairs on one side seem to gain by parting,
    pairs on two sides to lose by meeting, and neither happens.
    """
    section = F.l_sec[S.chain[i]]
    here = S.slot[S.chain[i]]
    there = other_slot if here == slot else slot
    hard = S.conf[section, there, 0] - S.conf[section, here, 0]
    students = S.conf[section, there, 1] - S.conf[section, here, 1]
    for j in range(i):
        y = S.chain[j]
        other = F.l_sec[y]
        if S.sec_count[other, slot] + S.sec_count[other, other_slot] == 1:
            sign = 2 if S.slot[y] == here else -2
            hard += sign * F.pair_hard[section, other]
            students += sign * F.pair_shared[section, other]
    return hard, students


@jit
def _chain_clashes(F: Fixed, S: State, length: int, slot: int, other_slot: int) -> tuple[int, int]:
    """What the sections of a plain chain change beside rooms and groups.

    In a timetable that breaks no rule no hard pair overlaps, and a chain never makes one unless a longer lecture began before.
    """
    periods = F.num[N_PERIODS]
    is_watched = S.score[0] > 0 or F.num[N_STUDENT] > 0 or F.num[N_LONGEST] > 1
    hard = 0
    soft = 0
    for i in range(length):
        x = S.chain[i]
        section = F.l_sec[x]
        here = S.slot[x]
        there = other_slot if here == slot else slot
        soft += F.slot_cost[section, there] - F.slot_cost[section, here]
        if S.sec_count[section, there] > 0:  # its lectures change places
            continue
        if is_watched:
            h, students = _chain_pairs(F, S, i, slot, other_slot)
            hard += h
            soft += F.num[N_STUDENT] * students
        soft += _days_delta(F, S, section, here // periods, there // periods)
    return hard, soft


@jit
def _change_room(F: Fixed, S: State, lecture: int, slot: int) -> int:
    """The cheapest free room there, taken in the counters of the section's rooms; the weighted change, or -2**40 if there is none."""
    kind = F.l_kind[lecture]
    old = S.room[lecture]
    soft = _room_kind_delta(F, S, lecture, old, -1)
    S.kind_room[kind, old] -= 1
    if S.kind_room[kind, old] == 0:
        S.kind_rooms[kind] -= 1
    room = best_room(F, S, lecture, slot, True)
    S.new_room[lecture] = room
    if room < 0:
        room = old
        soft = -(1 << 40)
    else:
        soft += _room_kind_delta(F, S, lecture, -1, room)
    if S.kind_room[kind, room] == 0:
        S.kind_rooms[kind] += 1
    S.kind_room[kind, room] += 1
    return soft


@jit
def _chain_rooms(F: Fixed, S: State, length: int, slot: int, other_slot: int) -> tuple[int, int, bool]:
    """Rooms on the other side, kept where free; ``room_count`` and the sections' rooms are changed at once."""
    hard = 0
    soft = 0
    for i in range(length):
        x = S.chain[i]
        if S.room_count[S.room[x], S.slot[x]] > 1:
            hard -= 1
        S.room_count[S.room[x], S.slot[x]] -= 1
        S.new_room[x] = -1
    for i in range(length):
        x = S.chain[i]
        target = other_slot if S.slot[x] == slot else slot
        if S.room_count[S.room[x], target] <= 0 and F.room_ok[S.room[x], target]:
            S.new_room[x] = S.room[x]
            S.room_count[S.room[x], target] += 1
    for i in range(length):
        x = S.chain[i]
        if S.new_room[x] < 0:
            target = other_slot if S.slot[x] == slot else slot
            change = _change_room(F, S, x, target)
            if S.new_room[x] < 0:
                return hard, soft, False
            soft += change
            S.room_count[S.new_room[x], target] += 1
    return hard, soft, True


@jit
def _chain_groups_turn(F: Fixed, S: State, length: int, slot: int, other_slot: int, sign: int, stamp: int) -> int:
    """Count the sections of a plain chain on the other side (sign 1) or back (-1); the number of groups touched."""
    num_touched = 0
    for i in range(length):
        x = S.chain[i]
        section = F.l_sec[x]
        here = S.slot[x]
        there = other_slot if here == slot else slot
        if S.sec_count[section, there] > 0:
            continue
        for k in range(F.group_ptr[section], F.group_ptr[section + 1]):
            g = F.groups[k]
            S.g_count[g, here] -= sign
            S.g_count[g, there] += sign
            # Stamps instead of clearing a mark for each group: a new chain has a new number.
            if S.g_mark[g] != stamp:
                S.g_mark[g] = stamp
                S.touched[num_touched] = g
                num_touched += 1
    return num_touched


@jit
def _turned_mask(F: Fixed, S: State, g: int, day: int, slot: int, other_slot: int) -> int:
    """The group's day as ``g_count`` has it now in the two slots."""
    mask = S.g_mask[g, day]
    periods = F.num[N_PERIODS]
    for side in range(2):
        t = other_slot if side else slot
        if t // periods == day:
            bit = 1 << (t - day * periods)
            mask = mask | bit if S.g_count[g, t] > 0 else mask & ~bit
    return mask


@cold
def weeks_turned(F: Fixed, S: State, num_touched: int, slot: int, other_slot: int) -> tuple[int, int]:
    """`_week_delta` of the touched groups' days as ``g_count`` has them now in the two slots."""
    hard = 0
    soft = 0
    day = slot // F.num[N_PERIODS]
    other = other_slot // F.num[N_PERIODS]
    for i in range(num_touched):
        g = S.touched[i]
        mask = _turned_mask(F, S, g, day, slot, other_slot)
        h, s = _week_delta(F, S, g, day, mask, other, _turned_mask(F, S, g, other, slot, other_slot))
        hard += h
        soft += s
    return hard, soft


@jit
def _chain_groups(F: Fixed, S: State, num_touched: int, slot: int, other_slot: int, hard_weight: float, limit: float) -> tuple[int, int]:
    """What the touched groups' days change, read from ``g_count``.

    No day costs less than nothing: once the days seen cost more than `limit` and what all cost now, the rest is not
    looked at, and the answer is as if they cost nothing.
    """
    periods = F.num[N_PERIODS]
    days = 1 if slot // periods == other_slot // periods else 2
    hard = 0
    soft = 0
    for i in range(num_touched):
        g = S.touched[i]
        for side in range(days):
            day = (other_slot if side else slot) // periods
            hard -= S.g_cost[g, day, 0]
            soft -= S.g_cost[g, day, 1]
    if F.num[N_WEEKLY]:
        h, s = weeks_turned(F, S, num_touched, slot, other_slot)
        hard += h
        soft += s
    for i in range(num_touched):
        g = S.touched[i]
        for side in range(days):
            day = (other_slot if side else slot) // periods
            h, s = _day_cost(F, S, g, day * periods, _turned_mask(F, S, g, day, slot, other_slot), 0, 0)
            hard += h
            soft += s
        if hard_weight * hard + soft > limit:
            break
    return hard, soft


@jit
def _chain_groups_keep(F: Fixed, S: State, num_touched: int, slot: int, other_slot: int) -> None:
    """Write down the touched groups' days as ``g_count`` has them."""
    periods = F.num[N_PERIODS]
    for i in range(num_touched):
        g = S.touched[i]
        for side in range(2):
            day = (other_slot if side else slot) // periods
            mask = _turned_mask(F, S, g, day, slot, other_slot)
            h, s = _day_cost(F, S, g, day * periods, mask, 0, 0)
            S.g_mask[g, day] = mask
            S.g_cost[g, day, 0] = h
            S.g_cost[g, day, 1] = s


@jit
def _most_room_gain(F: Fixed, S: State, length: int) -> int:
    gain = 0
    for i in range(length):
        x = S.chain[i]
        gain += F.num[N_STABILITY] + F.room_cost[F.l_sec[x], S.room[x]]
    return gain


@jit
def _relist(S: State, lecture: int, slot: int) -> None:
    """Take the lecture from the list of its slot to that of another."""
    old = S.slot[lecture]
    last = S.at_slot[old, S.at_num[old] - 1]
    S.at_slot[old, S.at_place[lecture]] = last
    S.at_place[last] = S.at_place[lecture]
    S.at_num[old] -= 1
    S.at_place[lecture] = S.at_num[slot]
    S.at_slot[slot, S.at_num[slot]] = lecture
    S.at_num[slot] += 1


@jit
def _turn_sections(F: Fixed, S: State, length: int, slot: int, other_slot: int) -> None:
    """An accepted plain chain: its sections' counters, their neighbours', and the lectures' places."""
    periods = F.num[N_PERIODS]
    for i in range(length):
        x = S.chain[i]
        section = F.l_sec[x]
        here = S.slot[x]
        there = other_slot if here == slot else slot
        S.mark[x] = 1 if S.sec_count[section, slot] + S.sec_count[section, other_slot] == 1 else 0
        # A section with a lecture on either side only trades them: its counters stay as they are.
        if S.mark[x]:
            for k in range(F.nb_ptr[section], F.nb_ptr[section + 1]):
                neighbour = F.nb[k]
                S.conf[neighbour, here, 0] -= F.nb_hard[k]
                S.conf[neighbour, here, 1] -= F.nb_shared[k]
                S.conf[neighbour, there, 0] += F.nb_hard[k]
                S.conf[neighbour, there, 1] += F.nb_shared[k]
            _change_day(S, section, here // periods, there // periods)
        if S.room_lecture[S.room[x], here] == x:
            S.room_lecture[S.room[x], here] = -1
    for i in range(length):
        x = S.chain[i]
        section = F.l_sec[x]
        here = S.slot[x]
        there = other_slot if here == slot else slot
        if S.mark[x]:
            S.sec_count[section, here] = 0
            S.sec_count[section, there] = 1
            # Used as scratch above; 0 is the number of no chain.
            S.mark[x] = 0
        _relist(S, x, there)
        S.slot[x] = there
        S.room[x] = S.new_room[x]
        S.room_lecture[S.room[x], there] = x


@jit
def _change_day(S: State, section: int, day_from: int, day_to: int) -> None:
    S.sec_day[section, day_from] -= 1
    if S.sec_day[section, day_from] == 0:
        S.sec_days[section] -= 1
    if S.sec_day[section, day_to] == 0:
        S.sec_days[section] += 1
    S.sec_day[section, day_to] += 1


@jit
def _rooms_back(F: Fixed, S: State, length: int, slot: int, other_slot: int) -> None:
    """Undo `_chain_rooms`."""
    for i in range(length):
        x = S.chain[i]
        room, new = S.room[x], S.new_room[x]
        if new >= 0:
            S.room_count[new, other_slot if S.slot[x] == slot else slot] -= 1
        S.room_count[room, S.slot[x]] += 1
        if new >= 0 and new != room:
            kind = F.l_kind[x]
            S.kind_room[kind, new] -= 1
            if S.kind_room[kind, new] == 0:
                S.kind_rooms[kind] -= 1
            if S.kind_room[kind, room] == 0:
                S.kind_rooms[kind] += 1
            S.kind_room[kind, room] += 1


@jit
def _propose_plain_chain(F: Fixed, S: State, length: int, slot: int, other_slot: int, stamp: int, hard_weight: float, limit: float) -> int:
    """Swap the two sides of the chain in S.chain if that costs no more than `limit`; only what it touches is priced."""
    hard, soft = _chain_clashes(F, S, length, slot, other_slot)
    # While rules are broken a room may end a clash, whose worth has no bound that is worth computing.
    most_gain = _most_room_gain(F, S, length) if S.score[0] == 0 else 1 << 40
    num_touched = _chain_groups_turn(F, S, length, slot, other_slot, 1, stamp)
    h, s = _chain_groups(F, S, num_touched, slot, other_slot, hard_weight, limit + most_gain - hard_weight * hard - soft)
    hard += h
    soft += s
    # Rooms are chosen last, and only where the rest is cheap enough: choosing changes counters that would have to be undone.
    if hard_weight * hard + soft > limit + most_gain:
        _chain_groups_turn(F, S, length, slot, other_slot, -1, stamp)
        return REJECTED
    h, s, is_housed = _chain_rooms(F, S, length, slot, other_slot)
    hard += h
    soft += s
    cost = hard_weight * hard + soft
    if not is_housed or cost > limit:
        _chain_groups_turn(F, S, length, slot, other_slot, -1, stamp)
        _rooms_back(F, S, length, slot, other_slot)
        return REJECTED
    if cost > 0:
        keep_if_best(S)
    _chain_groups_keep(F, S, num_touched, slot, other_slot)
    _turn_sections(F, S, length, slot, other_slot)
    commit(S, hard, soft)
    return ACCEPTED


@jit
def propose_kempe(F: Fixed, S: State, lecture: int, other_slot: int, stamp: int, hard_weight: float, temperature: float) -> int:
    """Swap the two sides of a chain, and undo it if Metropolis' rule rejects it or a room is missing."""
    slot = S.slot[lecture]
    if slot < 0 or slot == other_slot or abs(slot - other_slot) < F.l_len[lecture]:
        return IMPOSSIBLE
    length = _kempe_chain(F, S, lecture, other_slot, stamp)
    if length < 0:
        return IMPOSSIBLE
    limit = dearest(S, temperature)
    if _is_plain_chain(F, S, length, slot, other_slot):
        return int(_propose_plain_chain(F, S, length, slot, other_slot, stamp, hard_weight, limit))
    # The general case changes the timetable before its price is known, so the best one is kept beforehand.
    keep_if_best(S)
    hard = 0
    soft = 0
    for i in range(length):
        x = S.chain[i]
        h, s = remove_delta(F, S, x)
        hard += h
        soft += s
        S.side[i] = S.room[x]
        if S.slot[x] != slot:
            S.side[i] = -2 - S.room[x]  # negative: it came from the other side
        remove(F, S, x)
    placed = 0
    for rounds in range(2):  # those who can keep their room come first
        for i in range(length):
            x = S.chain[i]
            if S.slot[x] >= 0:
                continue
            room = S.side[i] if S.side[i] >= 0 else -2 - S.side[i]
            target = other_slot if S.side[i] >= 0 else slot
            if not room_is_free(F, S, x, target, room):
                if rounds == 0:
                    continue
                room = best_room(F, S, x, target, True)
                if room < 0:
                    continue
            h, s = add_delta(F, S, x, target, room)
            hard += h
            soft += s
            add(F, S, x, target, room)
            placed += 1
    if placed == length and hard_weight * hard + soft <= limit:
        commit(S, hard, soft)
        return ACCEPTED
    # Rejected: all out again, then each to its own place. Only `commit` changes the score, so it needs no repair.
    for i in range(length):
        if S.slot[S.chain[i]] >= 0:
            remove(F, S, S.chain[i])
    for i in range(length):
        if S.side[i] >= 0:
            add(F, S, S.chain[i], slot, S.side[i])
        else:
            add(F, S, S.chain[i], other_slot, -2 - S.side[i])
    return REJECTED


@jit
def anneal(F: Fixed, S: State, pool: IntArray, mix: FloatArray, steps: int, heat: FloatArray) -> None:
    """Make `steps` proposals for lectures of `pool`.

    ``heat`` is [temperature at the start, factor a step, weight of a hard violation, chains so far];
    its first and last entries are left as they are at the end.
    """
    temperature = heat[0]
    stamp = int(heat[3])
    if len(pool) == 0:
        return
    for _ in range(steps):
        temperature *= heat[1]
        lecture = pool[random_below(S, len(pool))]
        if S.slot[lecture] < 0:
            continue
        # One draw chooses the neighbourhood: the shares lie end to end, Kempe chains first, then times, rooms and places.
        share = random_unit(S)
        first = F.starts_ptr[lecture]
        slot = F.starts[first + random_below(S, F.starts_ptr[lecture + 1] - first)]
        if share < mix[3]:
            stamp += 1
            propose_kempe(F, S, lecture, slot, stamp, heat[2], temperature)
            continue
        share -= mix[3]
        room = S.room[lecture]
        if share >= mix[2]:
            index = F.l_class[lecture]
            first = F.class_ptr[index]
            room = F.rooms[first + random_below(S, F.class_ptr[index + 1] - first)]
            if share < mix[2] + mix[1]:
                slot = S.slot[lecture]
        propose_place(F, S, lecture, slot, room, heat[2], temperature)
    keep_if_best(S)
    heat[0] = temperature
    heat[3] = stamp


@jit
def insert_all(F: Fixed, S: State, order: IntArray, hard_weight: float, only_clean: bool) -> int:
    """Give each unplaced lecture of `order` its cheapest place; the number that stay without one.

    With `only_clean` a lecture is placed only where it breaks no hard constraint.
    """
    left = 0
    for lecture in order:
        if S.slot[lecture] >= 0:
            continue
        best = np.inf
        best_slot = -1
        best_room_there = -1
        best_hard = 0
        best_soft = 0
        ties = 0
        for i in range(F.starts_ptr[lecture], F.starts_ptr[lecture + 1]):
            slot = F.starts[i]
            room = best_room(F, S, lecture, slot, only_clean)
            if room < 0:
                continue
            hard, soft = add_delta(F, S, lecture, slot, room)
            if only_clean and hard + F.l_unplaced[lecture] > 0:
                continue
            cost = hard_weight * hard + soft
            if cost > best:
                continue
            # Reservoir sampling: each of the equally cheap places is as likely, in one pass and without a list.
            ties = ties + 1 if cost == best else 1
            if cost == best and random_below(S, ties) > 0:
                continue
            best, best_slot, best_room_there, best_hard, best_soft = cost, slot, room, hard, soft
        if best_slot < 0:
            left += 1
            continue
        add(F, S, lecture, best_slot, best_room_there)
        commit(S, best_hard, best_soft)
    keep_if_best(S)
    return left


@jit
def _meets(F: Fixed, S: State, other: int, slot: int, length: int) -> bool:
    """Whether the lecture has a place, and it overlaps these timeslots."""
    there = S.slot[other]
    return there >= 0 and there < slot + length and there + F.l_len[other] > slot


@jit
def _time_price(F: Fixed, S: State, lecture: int, slot: int, price: FloatArray, limit: float) -> float:
    """What those lectures are worth that cannot stay where they are if this one begins then: of its people, its section, and its ties."""
    section = F.l_sec[lecture]
    length = F.l_len[lecture]
    total = 0.0
    is_free = True
    for t in range(slot, slot + length):
        is_free = is_free and S.conf[section, t, 0] == 0 and S.sec_count[section, t] == 0
    if not is_free:
        for k in range(F.lec_ptr[section], F.lec_ptr[section + 1]):
            if F.lecs[k] != lecture and _meets(F, S, F.lecs[k], slot, length):
                total += price[F.lecs[k]]
        for i in range(F.nb_ptr[section], F.nb_ptr[section + 1]):
            if F.nb_hard[i] and total <= limit:
                for k in range(F.lec_ptr[F.nb[i]], F.lec_ptr[F.nb[i] + 1]):
                    if _meets(F, S, F.lecs[k], slot, length):
                        total += price[F.lecs[k]]
    if _is_tied(F, lecture):
        for i in range(F.mate_ptr[lecture], F.mate_ptr[lecture + 1]):
            there = S.slot[F.mates[i]]
            if F.mate_rule[i, 3] and there >= 0 and _mate_units(F, i, lecture, slot, F.mates[i], there):
                total += price[F.mates[i]]
    return total


@jit
def _room_price(F: Fixed, S: State, lecture: int, slot: int, room: int, price: FloatArray) -> float:
    """What those lectures are worth that have the room then, as far as it holds no more."""
    total = 0.0
    last = -1
    for t in range(slot, slot + F.l_len[lecture]):
        other = S.room_lecture[room, t]
        if F.num[N_KINDS] > 1:
            other = _occupant_in_weeks(F, S, lecture, room, t) if S.room_count[room, t] > 0 else -1
        if S.room_count[room, t] > 0 and other >= 0 and other != last:
            total += price[other]
            last = other
    return total


@jit
def _is_filled(F: Fixed, k: int) -> bool:
    """Whether lectures that still come may end a breach of the rule: gaps, late beginnings, and days or weeks with too little."""
    measure = F.rule[k, 0]
    return bool(F.rule[k, 2] > 0 or measure in (IDLE_PERIODS, LATE_PERIODS, LATE_DAYS, OTHER_STARTS))


@cold
def _rules_count(F: Fixed, S: State, W: Waiting, g: int) -> None:
    """Write down by how much each hard rule of the group is broken."""
    for k in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        if F.rule[k, 6]:
            count = 0
            for first in range(0, F.num[N_DAYS], F.rule[k, 1]):
                if F.num[N_KINDS] > 1:
                    count += _kinds_rule_units(F, S, g, k, first, 0, -1, 0, -1, 0)
                else:
                    count += rule_units(F, S, g, k, first, -1, 0, -1, 0)
            W.units[k] = count


@cold
def _terms_hard(F: Fixed, S: State, g: int) -> int:
    """By how much hard terms of the group's week are broken."""
    kinds = F.num[N_KINDS]
    hard = 0
    for term in range(F.num[N_WEEK_TERMS]):
        if F.g_week[g, term, 2]:
            most = 0
            for row in range(g * kinds, g * kinds + kinds):
                most = max(most, _kinds_busy_blocks(F, S, row, 0, -1, 0, -1, 0, F.g_week[g, term, 0]))
            hard += max(0, most - F.g_week[g, term, 1]) * F.g_week[g, term, 2]
    return int(hard)


@cold
def _missing(F: Fixed, S: State, W: Waiting, g: int, wait: int) -> int:
    """By how much hard rules on the group's days and weeks are broken, but for what `wait` periods that still come may end."""
    hard = _terms_hard(F, S, g) if F.num[N_WEEK_TERMS] else 0
    for day in range(F.num[N_DAYS]):
        hard += S.g_cost[g, day, 0]
    for k in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        if F.rule[k, 6]:
            hard += max(0, W.units[k] - wait) if _is_filled(F, k) else W.units[k]
    return int(hard)


@cold
def _missing_delta(F: Fixed, S: State, W: Waiting, g: int, section: int, day: int, removed: int, added: int, more: int) -> tuple[int, int]:
    """What `_missing`, the terms of the week and the penalty change where a section leaves periods of a day or comes to others, and so
    many more periods of the group wait then."""
    day_from = day if removed else -1
    day_to = day if added else -1
    mask = 0
    if F.num[N_KINDS] > 1:
        hard, soft = _kinds_day_cost(F, S, g, day, F.weeks[section], removed, added)
        hard -= S.g_cost[g, day, 0]
        soft -= S.g_cost[g, day, 1]
    else:
        hard, soft = _group_day_delta(F, S, g, day, removed, added)
        mask = _mask_after(F, S, g, day, removed, added)
    if not F.num[N_WEEKLY]:
        return hard, soft
    if F.num[N_KINDS] > 1:
        h, s = _kinds_terms_cost(F, S, g, F.weeks[section], day_from, removed, day_to, added)
        before_h, before_s = _kinds_terms_cost(F, S, g, 0, -1, 0, -1, 0)
        h -= before_h
        s -= before_s
    else:
        h, s = _terms_delta(F, S, g, -1, 0, day, mask)
    hard += h
    soft += s
    wait = W.waits[g]
    for k in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        first = day // F.rule[k, 1] * F.rule[k, 1]
        if F.num[N_KINDS] > 1:
            change = _kinds_rule_units(F, S, g, k, first, F.weeks[section], day_from, removed, day_to, added)
            change -= _kinds_rule_units(F, S, g, k, first, 0, -1, 0, -1, 0)
        else:
            change = rule_units(F, S, g, k, first, day, mask, -1, 0) - rule_units(F, S, g, k, first, -1, 0, -1, 0)
        soft += change * F.rule[k, 7]
        if F.rule[k, 6]:
            if _is_filled(F, k):
                hard += max(0, W.units[k] + change - wait - more) - max(0, W.units[k] - wait)
            else:
                hard += change
    return hard, soft


@cold
def _emptied_delta(F: Fixed, S: State, W: Waiting, g: int, day: int, more: int) -> int:
    """What `_missing` changes where all that the group has on a day leaves it, so many periods; terms where weeks differ aside."""
    kinds = F.num[N_KINDS]
    hard = -S.g_cost[g, day, 0]
    if F.num[N_WEEK_TERMS] and kinds == 1:
        h, _ = _terms_delta(F, S, g, -1, 0, day, 0)
        hard += h
    wait = W.waits[g]
    for k in range(F.rule_ptr[g], F.rule_ptr[g + 1]):
        if F.rule[k, 6]:
            first = day // F.rule[k, 1] * F.rule[k, 1]
            before = 0
            after = 0
            for row in range(g * kinds, g * kinds + kinds):
                before = max(before, rule_units(F, S, row, k, first, -1, 0, -1, 0))
                after = max(after, rule_units(F, S, row, k, first, day, 0, -1, 0))
            if _is_filled(F, k):
                hard += max(0, W.units[k] + after - before - wait - more) - max(0, W.units[k] - wait)
            else:
                hard += after - before
    return int(hard)


@cold
def _rules_price(F: Fixed, S: State, W: Waiting, lecture: int, slot: int, soft_price: float) -> float:
    """What the days and weeks of the lecture's people cost more, each group's broken rules at its own price."""
    section = F.l_sec[lecture]
    day = slot // F.num[N_PERIODS]
    bits = ((1 << F.l_len[lecture]) - 1) << (slot - day * F.num[N_PERIODS])
    total = 0.0
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        g = F.groups[i]
        hard, soft = _missing_delta(F, S, W, g, section, day, 0, bits, -F.l_len[lecture])
        total += hard * W.price[len(S.slot) + g] + soft_price * soft
    return total


@cold
def _presence_change(F: Fixed, S: State, lecture: int, slot: int, room: int, sign: int) -> tuple[int, int]:
    """As `_presence_delta`, by a call: what follows is long enough."""
    hard, soft = _presence_delta(F, S, lecture, slot, room, sign)
    return hard, soft


@cold
def _note_wait(F: Fixed, S: State, W: Waiting, lecture: int, sign: int) -> None:
    """The lecture waits from now on (1) or no more (-1): its groups' broken rules and waiting periods are counted anew."""
    section = F.l_sec[lecture]
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        W.waits[F.groups[i]] += sign * F.l_len[lecture]
        _rules_count(F, S, W, F.groups[i])


@cold
def _put(F: Fixed, S: State, W: Waiting, lecture: int, slot: int, room: int) -> None:
    hard, soft = _presence_change(F, S, lecture, slot, room, 1)
    add(F, S, lecture, slot, room)
    commit(S, hard, soft)
    _note_wait(F, S, W, lecture, -1)


@cold
def _take(F: Fixed, S: State, W: Waiting, lecture: int) -> None:
    hard, soft = _presence_change(F, S, lecture, S.slot[lecture], S.room[lecture], -1)
    remove(F, S, lecture)
    commit(S, hard, soft)
    _note_wait(F, S, W, lecture, 1)


@jit
def _note_step(W: Waiting, lecture: int, slot: int, room: int) -> None:
    """Remember where a lecture was (-1: nowhere) before it was taken or put, so that `_take_back` finds it."""
    at = 3 * W.count[3]
    W.trail[at], W.trail[at + 1], W.trail[at + 2] = lecture, slot, room
    W.count[3] += 1


@cold
def _send_away(F: Fixed, S: State, W: Waiting, lecture: int) -> None:
    """Take a placed lecture's place; it waits, and is dearer from now on."""
    _note_step(W, lecture, S.slot[lecture], S.room[lecture])
    _take(F, S, W, lecture)
    W.price[lecture] += 1.0
    W.queue[W.count[0]] = lecture
    W.count[0] += 1


@cold
def _take_back(F: Fixed, S: State, W: Waiting) -> None:
    """Undo all steps since the trail was empty; the prices stay, as what was learned on the way."""
    for i in range(W.count[3] - 1, -1, -1):
        lecture = W.trail[3 * i]
        if W.trail[3 * i + 1] < 0:
            _take(F, S, W, lecture)
        else:
            _put(F, S, W, lecture, W.trail[3 * i + 1], W.trail[3 * i + 2])
    W.count[3] = 0


@cold
def _make_way(F: Fixed, S: State, W: Waiting, lecture: int, slot: int, room: int) -> None:
    """Send away whoever cannot stay if the lecture gets this place."""
    section = F.l_sec[lecture]
    length = F.l_len[lecture]
    for k in range(F.lec_ptr[section], F.lec_ptr[section + 1]):
        if F.lecs[k] != lecture and _meets(F, S, F.lecs[k], slot, length):
            _send_away(F, S, W, F.lecs[k])
    for i in range(F.nb_ptr[section], F.nb_ptr[section + 1]):
        if F.nb_hard[i]:
            for k in range(F.lec_ptr[F.nb[i]], F.lec_ptr[F.nb[i] + 1]):
                if _meets(F, S, F.lecs[k], slot, length):
                    _send_away(F, S, W, F.lecs[k])
    if _is_tied(F, lecture):
        for i in range(F.mate_ptr[lecture], F.mate_ptr[lecture + 1]):
            there = S.slot[F.mates[i]]
            if F.mate_rule[i, 3] and there >= 0 and _mate_units(F, i, lecture, slot, F.mates[i], there):
                _send_away(F, S, W, F.mates[i])
    for t in range(slot, slot + length):
        if F.num[N_KINDS] > 1:
            while _count_in_weeks(F, S, lecture, room, t) > 0:
                _send_away(F, S, W, _occupant_in_weeks(F, S, lecture, room, t))
            continue
        while S.room_count[room, t] > 0 and S.room_lecture[room, t] >= 0:
            _send_away(F, S, W, S.room_lecture[room, t])


@cold
def _least_member(F: Fixed, S: State, W: Waiting, g: int, lecture: int) -> int:
    """The group's lecture, other than this one, that is worth least for what of its broken rules it mends if it leaves; -1: none does."""
    periods = F.num[N_PERIODS]
    best = float(HELD)
    chosen = -1
    ties = 0
    for k in range(W.members_ptr[g], W.members_ptr[g + 1]):
        other = W.members[k]
        slot = S.slot[other]
        if slot < 0 or other == lecture:
            continue
        day = slot // periods
        bits = ((1 << F.l_len[other]) - 1) << (slot - day * periods)
        hard, _ = _missing_delta(F, S, W, g, F.l_sec[other], day, bits, 0, F.l_len[other])
        if hard >= 0 or W.price[other] >= HELD:
            continue
        cost = W.price[other] / -hard
        if cost > best:
            continue
        ties = ties + 1 if cost == best else 1
        if cost == best and random_below(S, ties) > 0:
            continue
        best = cost
        chosen = other
    return int(chosen)


@cold
def _least_day(F: Fixed, S: State, W: Waiting, g: int, lecture: int) -> int:
    """The day, other than this lecture's, on which all of the group's lectures together are worth least for what they mend; -1: none."""
    periods = F.num[N_PERIODS]
    best = float(HELD)
    chosen = -1
    for day in range(F.num[N_DAYS]):
        total = 0.0
        more = 0
        for k in range(W.members_ptr[g], W.members_ptr[g + 1]):
            there = S.slot[W.members[k]]
            if there >= 0 and there // periods == day:
                total += W.price[W.members[k]] if W.members[k] != lecture else HELD
                more += F.l_len[W.members[k]]
        if more and total < HELD:
            hard = _emptied_delta(F, S, W, g, day, more)
            if hard < 0 and total / -hard < best:
                best = total / -hard
                chosen = day
    return int(chosen)


@cold
def _clear_group(F: Fixed, S: State, W: Waiting, g: int, lecture: int) -> bool:
    """Where rules on the group's days and weeks are broken: send away those of its lectures, but for this one, that are worth least
    for what they mend, until nothing is broken that lectures which wait could not end; whether that is so then.

    Where none of them mends anything alone, all of a day leave: a day, or half of one, that has to be free.
    """
    if _missing(F, S, W, g, W.waits[g]) == 0:
        return True
    W.price[len(S.slot) + g] += 1.0
    periods = F.num[N_PERIODS]
    for _ in range(MOST_SENT_AWAY):
        other = _least_member(F, S, W, g, lecture)
        if other >= 0:
            _send_away(F, S, W, other)
        else:
            day = _least_day(F, S, W, g, lecture)
            if day < 0:
                return False
            for k in range(W.members_ptr[g], W.members_ptr[g + 1]):
                there = S.slot[W.members[k]]
                if there >= 0 and there // periods == day:
                    _send_away(F, S, W, W.members[k])
        if _missing(F, S, W, g, W.waits[g]) == 0:
            return True
    return False


@cold
def _clear_groups(F: Fixed, S: State, W: Waiting, lecture: int) -> bool:
    """`_clear_group` of each of the lecture's groups; whether nothing is broken then in any."""
    section = F.l_sec[lecture]
    is_clear = True
    for i in range(F.group_ptr[section], F.group_ptr[section + 1]):
        is_clear = _clear_group(F, S, W, F.groups[i], lecture) and is_clear
    return is_clear


@cold
def _best_way(F: Fixed, S: State, W: Waiting, lecture: int, soft_price: float) -> float:
    """What those are worth who have to leave where that is least, at the start and in the room noted in ``count``; infinite: nowhere."""
    section = F.l_sec[lecture]
    best = np.inf
    ties = 0
    index = F.l_class[lecture]
    for i in range(F.starts_ptr[lecture], F.starts_ptr[lecture + 1]):
        slot = F.starts[i]
        total = _time_price(F, S, lecture, slot, W.price, best)
        if total > best:
            continue
        for t in range(slot, slot + F.l_len[lecture]):
            total += soft_price * F.slot_cost[section, t]
        total += _rules_price(F, S, W, lecture, slot, soft_price)
        if _is_tied(F, lecture):
            _, soft = mates_delta(F, S, lecture, -1, slot, -1, -1)
            total += soft_price * soft
        if total > best:
            continue
        for k in range(F.class_ptr[index], F.class_ptr[index + 1]):
            room = F.rooms[k]
            if not room_is_open(F, lecture, slot, room):
                continue
            cost = total + _room_price(F, S, lecture, slot, room, W.price) + soft_price * _room_kind_delta(F, S, lecture, -1, room)
            if F.num[N_ROOM_TIMES]:
                cost += soft_price * _room_time_cost(F, lecture, slot, room)
            if cost > best:
                continue
            ties = ties + 1 if cost == best else 1
            if cost == best and random_below(S, ties) > 0:
                continue
            best = cost
            W.count[1], W.count[2] = slot, room
    return best


@cold
def _place(F: Fixed, S: State, W: Waiting, lecture: int) -> bool:
    """Give the lecture the place that `_best_way` has noted; who is in the way waits. Whether no rule of its groups is broken then."""
    slot, room = W.count[1], W.count[2]
    _make_way(F, S, W, lecture, slot, room)
    _note_step(W, lecture, -1, -1)
    _put(F, S, W, lecture, slot, room)
    return bool(_clear_groups(F, S, W, lecture))


@cold
def _probe(F: Fixed, S: State, W: Waiting, lecture: int, soft_price: float, depth: int) -> bool:
    """Place the lecture, and whoever makes way for it, and so on, in so many steps at most; who has got a place on the way keeps it.

    Where that ends with all of them placed and no rule broken, so it stays. Otherwise everything is as it was, but for the prices.
    """
    base = W.count[0]
    W.count[3] = 0
    W.queue[base] = lecture
    W.count[0] = base + 1
    is_done = False
    for step in range(depth):
        W.count[0] -= 1
        each = W.queue[W.count[0]]
        if _best_way(F, S, W, each, soft_price) >= HELD:
            break
        is_clear = _place(F, S, W, each)
        W.price[each] += HELD
        W.count[4] += 1
        if not is_clear or W.count[0] - base >= depth - step:
            break
        if W.count[0] == base:
            is_done = True
            break
    for i in range(W.count[3]):
        if W.trail[3 * i + 1] < 0:
            W.price[W.trail[3 * i]] -= HELD
    if not is_done:
        _take_back(F, S, W)
        W.count[0] = base
    return is_done


@cold
def _is_clashing(F: Fixed, S: State, lecture: int) -> bool:
    """Whether the placed lecture breaks a hard rule together with another one."""
    section = F.l_sec[lecture]
    slot, room = S.slot[lecture], S.room[lecture]
    for t in range(slot, slot + F.l_len[lecture]):
        if S.conf[section, t, 0] > 0 or S.sec_count[section, t] > 1:
            return True
        if (_count_in_weeks(F, S, lecture, room, t) if F.num[N_KINDS] > 1 else S.room_count[room, t]) > 1:
            return True
    if _is_tied(F, lecture):
        for i in range(F.mate_ptr[lecture], F.mate_ptr[lecture + 1]):
            there = S.slot[F.mates[i]]
            if F.mate_rule[i, 3] and there >= 0 and _mate_units(F, i, lecture, slot, F.mates[i], there):
                return True
    return False


@cold
def _clashing(F: Fixed, S: State, W: Waiting) -> int:
    """A lecture without which fewer rules were broken, from a random one on; -1 where there is none that has another place."""
    lectures = len(S.slot)
    first = random_below(S, lectures)
    for k in range(lectures):
        lecture = (first + k) % lectures
        if S.slot[lecture] >= 0 and W.price[lecture] < ONLY_PLACE:
            hard, _ = _presence_change(F, S, lecture, S.slot[lecture], S.room[lecture], -1)
            if hard < F.l_unplaced[lecture]:
                return int(lecture)
    return -1


@cold
def begin_ejection(F: Fixed, S: State, W: Waiting) -> None:
    """Count what `place_by_ejection` goes by, and let wait who clashes, or is in the way of a rule: what is placed breaks none then."""
    for g in range(len(W.waits)):
        W.waits[g] = 0
        _rules_count(F, S, W, g)
    for k in range(W.count[0]):
        _note_wait(F, S, W, W.queue[k], 1)
    lectures = len(S.slot)
    first = random_below(S, lectures)
    for k in range(lectures):
        W.count[3] = 0
        lecture = (first + k) % lectures
        if S.slot[lecture] >= 0 and W.price[lecture] < ONLY_PLACE and _is_clashing(F, S, lecture):
            _send_away(F, S, W, lecture)
    for g in range(len(W.waits)):
        W.count[3] = 0
        _clear_group(F, S, W, g, -1)


@cold
def _wait_again(F: Fixed, S: State, W: Waiting) -> bool:
    """Nobody waits and a rule is still broken: a lecture of its group waits again, or all of its day; else one that clashes."""
    num_groups = len(W.waits)
    first = random_below(S, num_groups) if num_groups else 0
    for i in range(num_groups):
        g = (first + i) % num_groups
        if W.members_ptr[g + 1] > W.members_ptr[g] and _missing(F, S, W, g, 0) > 0:
            W.price[len(S.slot) + g] += 1.0
            # All of one day as often as one lecture: a half-day that should be free is not freed by a single one that leaves it.
            one = W.members[W.members_ptr[g] + random_below(S, W.members_ptr[g + 1] - W.members_ptr[g])]
            day = S.slot[one] // F.num[N_PERIODS]
            is_whole_day = random_below(S, 2) == 0
            for k in range(W.members_ptr[g], W.members_ptr[g + 1]):
                other = W.members[k]
                if S.slot[other] >= 0 and (other == one or (is_whole_day and S.slot[other] // F.num[N_PERIODS] == day)):
                    _send_away(F, S, W, other)
            return True
    lecture = _clashing(F, S, W)
    if lecture >= 0:
        _send_away(F, S, W, lecture)
    return bool(lecture >= 0)


@cold
def place_by_ejection(F: Fixed, S: State, W: Waiting, soft_price: float, probes: int, depth: int, steps: int) -> None:
    """Place waiting lectures one by one where those are worth least who have to make way, and who then wait themselves.

    The price of a lecture grows each time that it is sent away, and of a group's rules each time that they are found broken, so that
    what is hard to place comes to rest first (conflict statistics: Mueller, Bartak and Rudova 2004). Who makes way are those who
    clash, and lectures of people whose rules of a day or week are broken then. Of these rules counts what the periods that wait
    cannot end, such as gaps. First so many probes are made that end with all of them placed, or are undone (`_probe`; FET swaps so);
    where they fail, the lecture gets its place all the same. Once nobody waits and a rule is still broken, somebody waits again.
    """
    W.count[4] = 0
    while W.count[4] < steps and S.score[0] > 0:
        W.count[3] = 0
        W.count[4] += 1
        if W.count[0] == 0:
            if not _wait_again(F, S, W):
                break
            continue
        at = random_below(S, W.count[0])
        lecture = W.queue[at]
        W.count[0] -= 1
        W.queue[at] = W.queue[W.count[0]]
        is_placed = False
        for _ in range(probes):
            is_placed = is_placed or _probe(F, S, W, lecture, soft_price, depth)
        if not is_placed:
            W.count[3] = 0
            if _best_way(F, S, W, lecture, soft_price) < np.inf:
                _place(F, S, W, lecture)
            else:
                W.queue[W.count[0]] = lecture
                W.count[0] += 1
        if is_best(S):
            remember(S)


@jit
def remove_clashes(F: Fixed, S: State, is_pinned: ByteArray) -> None:
    """Unplace lectures while that lowers, or keeps, the number of hard violations; the most clashing first.

    A lecture that is shown as unplaced tells a person more than a clash does. Each removed lecture is
    tried again at once in every clean place.
    """
    for _ in range(len(S.slot)):
        worst = -1
        worst_hard = 1
        worst_soft = 0
        for lecture in range(len(S.slot)):
            if S.slot[lecture] < 0 or is_pinned[lecture]:
                continue
            hard, soft = remove_delta(F, S, lecture)
            # It has no clash, or less of one than a lecture without a place counts.
            if hard == F.l_unplaced[lecture] or hard > 0:
                continue
            if hard < worst_hard or (hard == worst_hard and soft < worst_soft):
                worst, worst_hard, worst_soft = lecture, hard, soft
        if worst < 0:
            break
        remove(F, S, worst)
        commit(S, worst_hard, worst_soft)
    remember(S)


@jit
def lecture_cost(F: Fixed, S: State, out: FloatArray, hard_weight: float) -> None:
    """What each placed lecture costs where it stands (its removal's gain)."""
    for lecture in range(len(S.slot)):
        out[lecture] = 0.0
        if S.slot[lecture] >= 0:
            hard, soft = remove_delta(F, S, lecture)
            out[lecture] = -(hard_weight * (hard - F.l_unplaced[lecture]) + soft)
