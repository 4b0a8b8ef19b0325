"""What a change costs otherwise: the usual penalty of the moved lectures' new places, and what moving one more lecture buys."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from generation.engine.change.budget import ChangeBudget
from generation.engine.change.people import People, Touched
from generation.engine.change.situation import had_place, moved_lectures
from generation.engine.evaluation.evaluate import Evaluation, evaluate
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.model.problem import SEAT_FIXED, Problem
from generation.engine.model.solution import Score, Solution
from generation.engine.search.annealing import Chain, Cooling, StepClock

PROPOSALS = 20_000  # for each moved lecture: some hundredths of a second
MOST_PROPOSALS = 1_500_000
LEAST_S = 0.1


@dataclass(frozen=True)
class ChangeOption:
    """One way to change the timetable, evaluated under the problem's own weights."""

    solution: Solution
    evaluation: Evaluation
    moved: tuple[int, ...]  # lectures that had a place and have another one, or none
    touched: Touched

    @property
    def score(self) -> Score:
        return self.evaluation.score


class Improver:
    """Better places for lectures that move anyway, and the lecture that is worth moving besides."""

    def __init__(
        self, problem: Problem, base: Solution, budget: ChangeBudget, people: People, *, seed: int, is_over: Callable[[], bool]
    ) -> None:
        self._problem, self._base, self._budget, self._people = problem, base, budget, people
        self._seed, self._is_stopped = seed, is_over

    def options(self, first: Solution, *, max_more: int, ends_at: float) -> list[ChangeOption]:
        """The first with the best places for what moves in it; then, while that is cheaper, with one more lecture each."""
        self._ends_at = ends_at
        options = [self._improved(self._option(first))]
        for more in range(max_more):
            # Each of those to come gets an equal part of what is left.
            until = time.monotonic() + max(0.0, ends_at - time.monotonic()) / (max_more - more)
            better = self._with_one_more(options[-1], until)
            if better is None:
                break
            options.append(self._improved(better))
        return options

    def _option(self, solution: Solution) -> ChangeOption:
        moved = moved_lectures(self._base, solution)
        return ChangeOption(solution, evaluate(self._problem, solution), moved, self._people.touched(moved))

    @property
    def _left_s(self) -> float:
        return self._ends_at - time.monotonic()

    def _improved(self, option: ChangeOption) -> ChangeOption:
        """The moved lectures, and those that had no place, where they cost least; who keeps the time in the option keeps it here too."""
        solution = option.solution
        placed = (solution.slot >= 0) & (solution.room >= 0)
        new = ~had_place(self._base)
        free = new.copy()
        free[list(option.moved)] = True
        if not (free & placed).any() or self._left_s < LEAST_S or self._is_stopped():
            return option
        slots, rooms = self._problem.lecture_pin_slot.copy(), self._problem.lecture_pin_room.copy()
        keeps_time = placed & (~free | (~new & (solution.slot == self._base.slot)))
        slots[keeps_time] = solution.slot[keeps_time]
        rooms[placed & ~free] = solution.room[placed & ~free]
        problem = replace(
            self._problem,
            lecture_pin_slot=slots,
            lecture_pin_room=rooms,
            seat_bundle=np.full_like(self._problem.seat_bundle, SEAT_FIXED),
        )
        chain = Chain(problem, problem.weights, solution, self._seed)
        if len(chain.movable):
            steps = min(MOST_PROPOSALS, PROPOSALS * len(chain.movable))
            chain.anneal(Cooling(hot=2.0, mix=chain.mix()), StepClock(steps), is_over=lambda: self._is_stopped() or self._left_s <= 0)
        found = self._option(replace(chain.best[1], seats=solution.seats))
        # A lecture may have come back to where it was, by way of a place that the evaluator likes as well.
        is_better = found.score < option.score and len(found.moved) <= len(option.moved) and found.touched.total <= option.touched.total
        return found if is_better else option

    @cached_property
    def _candidates(self) -> list[int]:
        """Lectures that might move besides, those first that cost most where they are."""
        problem = self._problem
        pinned = (problem.lecture_pin_slot >= 0) | (problem.lecture_pin_room >= 0)
        untouched = np.zeros(problem.num_lectures, dtype=np.bool_)
        untouched[list(self._budget.untouched)] = True
        costs = Chain(problem, problem.weights, self._base, self._seed).costs()
        order = np.lexsort((np.arange(problem.num_lectures), -costs))
        return [int(x) for x in order[(had_place(self._base) & ~pinned & ~untouched)[order]]]

    def _with_one_more(self, option: ChangeOption, until: float) -> ChangeOption | None:
        """The one lecture whose move lowers the penalty most, as far as all are looked at in time; None where none does."""
        most = self._budget.max_lectures
        if option.evaluation.unplaced or (most is not None and len(option.moved) >= most):
            return None
        board = Board(self._problem, option.solution.copy())
        best: tuple[int, int, int, int] | None = None
        for lecture in self._candidates:
            if time.monotonic() >= until or self._is_stopped():
                break
            if lecture in option.moved or not self._may_join(option.moved, lecture):
                continue
            effects = move_effects(board, lecture)
            soft = np.where(effects.hard <= 0, effects.soft, 0)
            if self._budget.is_only_rooms:
                soft[np.arange(len(soft)) != effects.now[0]] = 0
            place = int(np.argmin(soft))
            gain = int(soft.ravel()[place])
            if gain < 0 and (best is None or gain < best[0]):
                best = (gain, lecture, *divmod(place, soft.shape[1]))
        if best is None:
            return None
        _, lecture, slot, room = best
        board.put(lecture, slot, room)
        found = self._option(board.solution)
        return found if found.score < option.score else None

    def _may_join(self, moved: Collection[int], lecture: int) -> bool:
        most = self._budget.max_people
        return most is None or self._people.touched([*moved, lecture]).total <= most
