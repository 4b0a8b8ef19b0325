"""The compiled loops: annealing over four neighbourhoods, greedy insertion, and the removal of clashes.

Neighbourhoods of `anneal`, by their index in ``mix`` (shares that sum to 1):

0 ``PlaceChange``  another time and room; whoever sits there takes the old ones (`PlaceSwap`)
1 ``RoomChange``   another room at the same time, swapping likewise
2 ``TimeChange``   another time in the same room, swapping likewise
3 ``KempeChain``   all lectures of two times that a conflict chain ties to one lecture change sides
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.engine.kernels import (
    State,
    _room_kind_delta,
    add,
    add_delta,
    can_swap,
    jit,
    move_delta,
    random_below,
    random_unit,
    remember,
    remove,
    remove_delta,
    swap_delta,
)
from generation.engine.problem import IntArray
from generation.engine.searchdata import Fixed

ACCEPTED, REJECTED, IMPOSSIBLE = 1, 0, -1


@jit
def room_is_open(F: Fixed, lecture: int, slot: int, room: int) -> bool:
    for t in range(slot, slot + F.l_len[lecture]):
        if not F.room_ok[room, t]:
            return False
    return True


@jit
def room_is_free(F: Fixed, S: State, lecture: int, slot: int, room: int) -> bool:
    for t in range(slot, slot + F.l_len[lecture]):
        if not F.room_ok[room, t] or S.room_count[room, t] > 0:
            return False
    return True


@jit
def accepts(S: State, cost: float, temperature: float) -> bool:
    return cost <= 0 or random_unit(S) < np.exp(-cost / temperature)


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
def take_move(F: Fixed, S: State, lecture: int, slot: int, room: int, hard: int, soft: int) -> None:
    if S.slot[lecture] >= 0:
        remove(F, S, lecture)
    add(F, S, lecture, slot, room)
    commit(S, hard, soft)


@jit
def take_swap(F: Fixed, S: State, a: int, b: int, hard: int, soft: int) -> None:
    slot_a, room_a, slot_b, room_b = S.slot[a], S.room[a], S.slot[b], S.room[b]
    remove(F, S, a)
    remove(F, S, b)
    add(F, S, a, slot_b, room_b)
    add(F, S, b, slot_a, room_a)
    commit(S, hard, soft)


@jit
def propose_place(F: Fixed, S: State, lecture: int, slot: int, room: int, hard_weight: float, temperature: float) -> int:
    """Move the lecture there, or swap with the one lecture that sits there, by Metropolis' rule."""
    if not room_is_open(F, lecture, slot, room):
        return IMPOSSIBLE
    old = S.slot[lecture]
    if old < 0:
        hard, soft = add_delta(F, S, lecture, slot, room)
        if not accepts(S, hard_weight * hard + soft, temperature):
            return REJECTED
        take_move(F, S, lecture, slot, room, hard, soft)
        return ACCEPTED
    if old == slot and S.room[lecture] == room:
        return IMPOSSIBLE
    other = S.room_lecture[room, slot]
    if other >= 0 and other != lecture and S.room_count[room, slot] == 1 and S.slot[other] == slot and can_swap(F, S, lecture, other):
        hard, soft = swap_delta(F, S, lecture, other)
        cost = hard_weight * hard + soft
        if not accepts(S, cost, temperature):
            return REJECTED
        if cost > 0:
            keep_if_best(S)
        take_swap(F, S, lecture, other, hard, soft)
        return ACCEPTED
    hard, soft = move_delta(F, S, lecture, slot, room)
    cost = hard_weight * hard + soft
    if not accepts(S, cost, temperature):
        return REJECTED
    if cost > 0:
        keep_if_best(S)
    take_move(F, S, lecture, slot, room, hard, soft)
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
        if not F.l_ok[x, target] or F.l_len[x] != F.l_len[lecture]:
            return -1
        section = F.l_sec[x]
        for i in range(S.at_num[target]):
            y = S.at_slot[target, i]
            if S.mark[y] != stamp and (F.pair_hard[section, F.l_sec[y]] or F.l_sec[y] == section):
                S.mark[y] = stamp
                S.chain[length] = y
                length += 1
    return length


@jit
def _best_free_room(F: Fixed, S: State, lecture: int, slot: int) -> int:
    best = -1
    best_cost = 0
    index = F.l_class[lecture]
    for i in range(F.class_ptr[index], F.class_ptr[index + 1]):
        room = F.rooms[i]
        if room_is_free(F, S, lecture, slot, room):
            cost = _room_kind_delta(F, S, lecture, -1, room)
            if best < 0 or cost < best_cost:
                best = room
                best_cost = cost
    return best


@jit
def propose_kempe(F: Fixed, S: State, lecture: int, other_slot: int, stamp: int, hard_weight: float, temperature: float) -> int:
    """Swap the two sides of a chain, and undo it if Metropolis' rule rejects it or a room is missing."""
    slot = S.slot[lecture]
    if slot < 0 or slot == other_slot or abs(slot - other_slot) < F.l_len[lecture]:
        return IMPOSSIBLE
    length = _kempe_chain(F, S, lecture, other_slot, stamp)
    if length < 0:
        return IMPOSSIBLE
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
                room = _best_free_room(F, S, x, target)
                if room < 0:
                    continue
            h, s = add_delta(F, S, x, target, room)
            hard += h
            soft += s
            add(F, S, x, target, room)
            placed += 1
    if placed == length and accepts(S, hard_weight * hard + soft, temperature):
        commit(S, hard, soft)
        return ACCEPTED
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
def anneal(
    F: Fixed, S: State, pool: IntArray, mix: NDArray[np.float64], steps: int, heat: NDArray[np.float64]
) -> None:
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
        share = random_unit(S)
        first = F.starts_ptr[lecture]
        slot = F.starts[first + random_below(S, F.starts_ptr[lecture + 1] - first)]
        if share < mix[3]:
            stamp += 1
            propose_kempe(F, S, lecture, slot, stamp, heat[2], temperature)
            continue
        share -= mix[3]
        room = S.room[lecture]
        if share >= mix[2] or room < 0:
            index = F.l_class[lecture]
            first = F.class_ptr[index]
            room = F.rooms[first + random_below(S, F.class_ptr[index + 1] - first)]
            if share < mix[2] + mix[1] and S.slot[lecture] >= 0:
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
        index = F.l_class[lecture]
        best = np.inf
        best_slot = -1
        best_room = -1
        best_hard = 0
        best_soft = 0
        ties = 0
        for i in range(F.starts_ptr[lecture], F.starts_ptr[lecture + 1]):
            slot = F.starts[i]
            clean_seen = False
            for j in range(F.class_ptr[index], F.class_ptr[index + 1]):
                room = F.rooms[j]
                if not room_is_open(F, lecture, slot, room):
                    continue
                free = room_is_free(F, S, lecture, slot, room)
                if not free and (only_clean or clean_seen):
                    continue
                clean_seen = clean_seen or free
                hard, soft = add_delta(F, S, lecture, slot, room)
                if only_clean and hard + F.l_unplaced[lecture] > 0:
                    break
                cost = hard_weight * hard + soft
                if cost > best:
                    continue
                ties = ties + 1 if cost == best else 1
                if cost == best and random_below(S, ties) > 0:
                    continue
                best, best_slot, best_room, best_hard, best_soft = cost, slot, room, hard, soft
        if best_slot < 0:
            left += 1
            continue
        add(F, S, lecture, best_slot, best_room)
        commit(S, best_hard, best_soft)
    keep_if_best(S)
    return left


@jit
def remove_clashes(F: Fixed, S: State, is_pinned: NDArray[np.uint8]) -> None:
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
def lecture_cost(F: Fixed, S: State, out: NDArray[np.float64], hard_weight: float) -> None:
    """What each placed lecture costs where it stands (its removal's gain)."""
    for lecture in range(len(S.slot)):
        out[lecture] = 0.0
        if S.slot[lecture] >= 0:
            hard, soft = remove_delta(F, S, lecture)
            out[lecture] = -(hard_weight * (hard - F.l_unplaced[lecture]) + soft)
