"""A change as plain values, for rows, files and programs."""

from __future__ import annotations

from typing import Any

from generation.engine.change.options import ChangeOption
from generation.engine.change.smallest import Change
from generation.engine.evaluation.counts import Counted, found_of
from generation.engine.model.problem import Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution


def change_facts(problem: Problem, base: Solution, change: Change) -> dict[str, Any]:
    """What was found, the options in order. An option names what differs from the one before it."""
    counts = [_counts(problem, option) for option in change.options]
    options = [
        {"label": _label(len(option.moved) - len(change.options[0].moved))}
        | _option(problem, base, option)
        | {"more": _differences(counts[number - 1], found) if number else []}
        for number, (option, found) in enumerate(zip(change.options, counts, strict=True))
    ]
    return {
        "at_least_moved": change.at_least_moved,
        "at_least_people": change.at_least_people,
        "is_closed": change.is_closed,
        "needed": _option(problem, base, change.needed) if change.needed else None,
        "seconds": round(change.seconds, 2),
        "options": options,
    }


def _label(more: int) -> str:
    return f"{more} more" if more else "Fewest moves"


def _option(problem: Problem, base: Solution, option: ChangeOption) -> dict[str, Any]:
    periods, solution = problem.periods_per_day, option.solution
    placed = [x for x in option.moved if solution.slot[x] >= 0 and base.slot[x] >= 0]
    same_time = [x for x in placed if solution.slot[x] == base.slot[x]]
    same_day = [x for x in placed if solution.slot[x] != base.slot[x] and solution.slot[x] // periods == base.slot[x] // periods]
    return {
        "moved": len(option.moved),
        "people": option.touched.total,
        "students": option.touched.students,
        "instructors": option.touched.instructors,
        "unplaced": option.evaluation.unplaced,
        "lost": sum(bool(solution.slot[x] < 0) for x in option.moved),
        "other_room_only": len(same_time),
        "other_time_of_day": len(same_day),
        "other_day": len(placed) - len(same_time) - len(same_day),
        "hard": option.score.hard,
        "soft": option.score.soft,
        "moves": [[x, int(base.slot[x]), int(base.room[x])] for x in option.moved],
    }


def _counts(problem: Problem, option: ChangeOption) -> dict[str, Counted]:
    return {name: found.counted for name, found in found_of(Timetable(problem, option.solution), most=0).items()}


def _differences(before: dict[str, Counted], after: dict[str, Counted]) -> list[list[Any]]:
    """Constraint, how much of it there was and is: only what differs."""
    return [[name, before[name].count, found.count] for name, found in after.items() if before[name].count != found.count]
