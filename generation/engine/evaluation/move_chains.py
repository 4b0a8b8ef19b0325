"""How a lecture comes to a place that others hold: chains of few moves, for people who move lectures by hand.

Whoever is in the way at a place that would suit takes another one, where nothing or one more lecture is in the way, and so on: up to
three moves in all. What a chain changes is added up from what each of its steps changes (`move_effects`), so it is what the evaluator
would find; a test compares the two. The search goes through the most promising places first and ends at a deadline.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from generation.engine.evaluation.move_effects import Board, MoveEffects, move_effects
from generation.engine.evaluation.swap_effects import score_of
from generation.engine.model.occupancy import LongArray
from generation.engine.model.solution import Score

MOST_MOVES = 3
ROOMS_TRIED = 4  # of one start
OPENINGS_TRIED = 30  # places of one lecture at which somebody is in the way
# What ends when whoever is in the way goes elsewhere.
IN_THE_WAY = ("section_clash", "instructor_clash", "curriculum_clash", "no_overlap")

Move = tuple[int, int, int]  # lecture, timeslot, room


@dataclass(frozen=True, slots=True)
class MoveChain:
    """Moves to be made together, the lecture's own first, and by how much each constraint's cost changes, weighted."""

    moves: tuple[Move, ...]
    amounts: dict[str, int]

    @property
    def score(self) -> Score:
        """The change of the hard violations and of the penalty."""
        return score_of(self.amounts)


def move_chains(
    board: Board, lecture: int, *, num: int, seconds: float, fixed: Collection[int] = (), room: int | None = None
) -> list[MoveChain]:
    """The best chains that bring the lecture elsewhere and break no rule more than now, fewest hard violations and least penalty first.

    Parameters
    ----------
    fixed
        Lectures that stay where they are.
    room
        The only room of the lecture itself; None: any.
    seconds
        When to stop; what was found until then is returned. The board is left as it is.
    """
    search = _Search(board, frozenset(fixed), time.monotonic() + seconds)
    found = [chain for chain in search.chains(lecture, room) if chain.score.hard <= 0]
    best: dict[int, MoveChain] = {}  # by timeslot: rooms that are all alike would hide the other times
    for chain in sorted(found, key=lambda each: (each.score, len(each.moves))):
        best.setdefault(chain.moves[0][1], chain)
    return list(best.values())[:num]


class _Search:
    def __init__(self, board: Board, fixed: frozenset[int], deadline: float) -> None:
        self.board, self.deadline = board, deadline
        pinned = (board.problem.lecture_pin_slot >= 0) | (board.problem.lecture_pin_room >= 0)
        self.fixed = fixed | frozenset(np.flatnonzero(pinned).tolist())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def chains(self, lecture: int, room: int | None) -> Iterator[MoveChain]:
        board, amounts = self.board.scratch(), Counter[str]()
        _take_away(board, lecture, amounts)
        for moves, changed in self._through(board, lecture, MOST_MOVES, frozenset([lecture]), room):
            yield MoveChain(moves, _summed(amounts, changed))

    def _through(
        self, board: Board, lecture: int, most: int, moved: frozenset[int], room: int | None = None
    ) -> Iterator[tuple[tuple[Move, ...], Counter[str]]]:
        """Ways for a lecture without a place at whose place somebody is: who goes where, and what all of it changes."""
        effects = move_effects(board, lecture)
        for slot, there, blockers in self._openings(board, effects, most - 1, moved, room):
            if self.is_over:
                return
            scratch, changed = board.scratch(), Counter[str]()
            for blocker in blockers:
                _take_away(scratch, blocker, changed)
            _put(scratch, move_effects(scratch, lecture), slot, there, changed)
            moves: tuple[Move, ...] = ((lecture, slot, there),)
            left = most - 1 - len(blockers)
            for blocker in blockers:
                way = self._somewhere(scratch, blocker, 1 + left, moved | {*blockers, lecture})
                if way is None:
                    break
                moves, left = moves + way[0], left - (len(way[0]) - 1)
                changed.update(way[1])
            else:
                yield moves, changed

    def _somewhere(self, board: Board, lecture: int, most: int, moved: frozenset[int]) -> tuple[tuple[Move, ...], Counter[str]] | None:
        """The best free place for a lecture without one; where there is none, the first way through another's. Goes on from there."""
        effects = move_effects(board, lecture)
        slot, room = effects.best_places(1)[0]
        if effects.hard[slot, room] <= -int(board.problem.lecture_length[lecture]):
            changed = Counter[str]()
            _put(board, effects, slot, room, changed)
            return ((lecture, slot, room),), changed
        if most < 2:
            return None
        for moves, changed in self._through(board, lecture, most, moved):
            for each, *place in moves:
                board.put(each, *place)
            return moves, changed
        return None

    def _openings(
        self, board: Board, effects: MoveEffects, most: int, moved: frozenset[int], room: int | None
    ) -> list[tuple[int, int, tuple[int, ...]]]:
        """Places that only others' lectures keep the lecture from, the cheapest first: timeslot, room, who is in the way."""
        in_time = sum((effects.time[name] for name in IN_THE_WAY if name in effects.time), start=np.zeros(1, dtype=np.int64))
        in_room = effects.both["room_clash"]
        other: LongArray = effects.hard - in_time[:, None] - in_room
        suits = other <= -int(board.problem.lecture_length[effects.lecture])
        if room is not None:
            suits &= np.arange(suits.shape[1])[None, :] == room
        found = []
        for slot in np.flatnonzero(suits.any(axis=1)).tolist():
            at_the_time = self._others_at(board, effects.lecture, slot)
            if len(at_the_time) > most or not self._may_go(at_the_time, moved):
                continue
            # Rooms that are free, or become so, before those where one more has to go.
            mine = np.isin(np.arange(suits.shape[1]), [board.solution.room[each] for each in at_the_time])
            order = np.lexsort((effects.soft[slot], (in_room[slot] > 0) & ~mine, ~suits[slot]))
            for there in order[: min(ROOMS_TRIED, int(suits[slot].sum()))].tolist():
                inside = board.lectures_in(there, board.timeslots(effects.lecture, slot)) if in_room[slot, there] else []
                blockers = tuple(
                    dict.fromkeys(
                        [*at_the_time, *(each for each in inside if each != effects.lecture and board.share_a_week(each, effects.lecture))]
                    )
                )
                if 0 < len(blockers) <= most and self._may_go(blockers, moved):
                    found.append((len(blockers), int(effects.soft[slot, there]), slot, there, blockers))
        found.sort()
        return [each[2:] for each in found[:OPENINGS_TRIED]]

    def _others_at(self, board: Board, lecture: int, slot: int) -> list[int]:
        """Lectures at that time of sections that must not overlap this one's, or of its own."""
        slots, section = board.timeslots(lecture, slot), int(board.problem.lecture_section[lecture])
        others = np.concatenate([np.array([section], dtype=np.int32), *board.apart(section).values()])
        busy = others[(board.by_section[others, slots] > 0).any(axis=1)]
        found = []
        for each in (int(each) for other in busy.tolist() for each in board.section_lectures[other]):
            if each != lecture and board.is_placed(each) and board.share_a_week(each, lecture):
                taken = board.timeslots(each, int(board.solution.slot[each]))
                if taken.start < slots.stop and slots.start < taken.stop:
                    found.append(each)
        return found

    def _may_go(self, lectures: Collection[int], moved: frozenset[int]) -> bool:
        return not any(each in self.fixed or each in moved for each in lectures)


def _take_away(board: Board, lecture: int, amounts: Counter[str]) -> None:
    if board.is_placed(lecture):
        amounts.subtract(move_effects(board, lecture).base)
        amounts["unplaced"] += int(board.problem.lecture_length[lecture])
        board.put(lecture, -1, -1)


def _put(board: Board, effects: MoveEffects, slot: int, room: int, amounts: Counter[str]) -> None:
    amounts.update(effects.change(slot, room))
    board.put(effects.lecture, slot, room)


def _summed(*parts: Counter[str]) -> dict[str, int]:
    total = Counter[str]()
    for part in parts:
        total.update(part)
    return {name: amount for name, amount in total.items() if amount}
