"""What two lectures changing places would change: each takes the other's start and room."""

from __future__ import annotations

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.move_effects import Board, MoveEffects, move_effects
from generation.engine.model.solution import Score


def swap_change(board: Board, found: MoveEffects, other: int) -> dict[str, int]:
    """By constraint, without those that stay as they are.

    Parameters
    ----------
    board
        The timetable, which stays as it is.
    found
        The `move_effects` of one of the two lectures on this board; both are placed.
    other
        The other lecture.
    """
    there = int(board.solution.slot[other]), int(board.solution.room[other])
    change = found.change(*there)
    beyond = board.scratch()
    beyond.put(found.lecture, *there)
    for name, amount in move_effects(beyond, other).change(*found.now).items():
        change[name] = change.get(name, 0) + amount
    return {name: amount for name, amount in change.items() if amount}


def score_of(change: dict[str, int]) -> Score:
    """The change of the hard violations and of the penalty."""
    hard = sum(amount for name, amount in change.items() if CONSTRAINTS[name].is_hard)
    return Score(hard, sum(change.values()) - hard)
