"""Tiny problems for the engine's tests: say what matters, the rest is harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from generation.engine.model.problem import (
    ANY_MOST,
    BEFORE_IN_DAY,
    DAYS_APART,
    MEASURES_END,
    RELATIONS_END,
    Csr,
    Names,
    Problem,
    Weights,
)
from generation.engine.model.solution import Solution

OFF = Weights(**{f.name: 0 for f in fields(Weights)})
SWITCHES = (
    "capacity_is_hard",
    "daily_load_is_hard",
    "consecutive_load_is_hard",
    "same_start_is_hard",
    "free_days_is_hard",
    "free_half_days_is_hard",
)


def problem_make(
    lectures: Sequence[int] = (0,),
    *,
    sections: int = 0,
    rooms: int = 2,
    instructors: int = 1,
    days: int = 2,
    periods: int = 4,
    **given: Any,
) -> Problem:
    """A problem with one lecture for each section named in ``lectures``.

    Everything is open, fits and is unrelated; ``given`` replaces fields of `Problem`: nested lists
    become arrays, lists of rows become `Csr`. ``students`` is short for ``student_sections``.
    """
    sections = sections or max(lectures, default=-1) + 1
    num_lectures, slots = len(lectures), days * periods
    given = {("student_sections" if name == "students" else name): value for name, value in given.items()}
    curricula = max((q for row in given.get("section_curricula", ()) for q in row), default=-1) + 1
    base = Problem(
        name="tiny",
        num_days=days,
        periods_per_day=periods,
        names=names_make(sections, rooms, instructors, curricula, len(given.get("student_sections", ()))),
        weights=Weights(),
        lecture_section=np.array(lectures, dtype=np.int32),
        lecture_length=np.ones(num_lectures, dtype=np.int32),
        lecture_room_kind=np.full(num_lectures, -1, dtype=np.int32),
        lecture_features=np.zeros((num_lectures, 2), dtype=np.bool_),
        lecture_pin_slot=np.full(num_lectures, -1, dtype=np.int32),
        lecture_pin_room=np.full(num_lectures, -1, dtype=np.int32),
        section_size=np.full(sections, 30, dtype=np.int32),
        section_min_days=np.zeros(sections, dtype=np.int32),
        section_available=np.ones((sections, slots), dtype=np.bool_),
        section_building=np.full(sections, -1, dtype=np.int32),
        section_instructors=Csr.of([[] for _ in range(sections)]),
        section_curricula=Csr.of([[] for _ in range(sections)]),
        section_cluster_hint=np.full(sections, -1, dtype=np.int32),
        room_capacity=np.full(rooms, 30, dtype=np.int32),
        room_kind=np.zeros(rooms, dtype=np.int32),
        room_features=np.zeros((rooms, 2), dtype=np.bool_),
        room_building=np.zeros(rooms, dtype=np.int32),
        room_available=np.ones((rooms, slots), dtype=np.bool_),
        instructor_available=np.ones((instructors, slots), dtype=np.bool_),
        instructor_dislike=np.zeros((instructors, slots), dtype=np.int32),
        instructor_max_daily=np.zeros(instructors, dtype=np.int32),
        instructor_max_weekly=np.zeros(instructors, dtype=np.int32),
        instructor_max_consecutive=np.zeros(instructors, dtype=np.int32),
        student_sections=Csr.of([]),
        no_overlap=np.zeros((0, 2), dtype=np.int32),
        same_start=np.zeros((0, 2), dtype=np.int32),
        break_after=np.zeros(periods, dtype=np.bool_),
        lunch_window=np.zeros(periods, dtype=np.bool_),
    )
    return replace(base, **{name: _as(getattr(base, name), value) for name, value in given.items()})


def names_make(sections: int, rooms: int, instructors: int, curricula: int, students: int) -> Names:
    return Names(
        sections=tuple(f"C{n}-1" for n in range(sections)),
        courses=tuple(f"C{n}" for n in range(sections)),
        titles=tuple(f"Course {n}" for n in range(sections)),
        rooms=tuple(f"R{n}" for n in range(rooms)),
        instructors=tuple(f"Dr {n}" for n in range(instructors)),
        curricula=tuple(f"Q{n}" for n in range(curricula)),
        students=tuple(f"U{n}" for n in range(students)),
        room_kinds=("hall", "lab"),
        features=("projector", "sink"),
        buildings=("North", "South"),
    )


def _as(example: object, value: Any) -> Any:
    if isinstance(example, Csr) and not isinstance(value, Csr):
        return Csr.of(value)
    if isinstance(example, np.ndarray):
        array = np.array(value, dtype=example.dtype)
        return array.reshape(-1, *example.shape[1:]) if example.ndim == 2 and example.shape[1] and not array.size else array
    return value


def blocked(rows: int, slots: int, *cells: tuple[int, int]) -> np.ndarray[Any, Any]:
    """An availability of ``rows`` with these (row, slot) cells closed."""
    open_ = np.ones((rows, slots), dtype=np.bool_)
    for cell in cells:
        open_[cell] = False
    return open_


def place(problem: Problem, placements: Mapping[int, tuple[int, int]] | Sequence[tuple[int, int]]) -> Solution:
    """Lectures at (timeslot, room), by number or in order; all others have no place."""
    solution = Solution.empty(problem)
    pairs = placements.items() if isinstance(placements, Mapping) else enumerate(placements)
    for lecture, (slot, room) in pairs:
        solution.slot[lecture], solution.room[lecture] = slot, room
    return solution


def problem_random(rng: np.random.Generator, *, days: int = 2, periods: int = 4) -> Problem:
    """A small problem in which every constraint of the engine has something to find."""
    num_lectures, sections, rooms, instructors, curricula, slots = 10, 5, 3, 3, 2, days * periods

    def some(rows: int, below: int, most: int) -> list[list[int]]:
        return [rng.choice(below, size=rng.integers(0, most + 1), replace=False).tolist() for _ in range(rows)]

    rules = rules_random(rng.spawn(1)[0], sections, num_lectures, days, slots)
    problem = problem_make(
        rng.integers(0, sections, num_lectures).tolist(),
        sections=sections,
        rooms=rooms,
        instructors=instructors,
        days=days,
        periods=periods,
        lecture_length=rng.integers(1, 4, num_lectures),
        lecture_room_kind=rng.integers(-1, 2, num_lectures),
        lecture_features=rng.random((num_lectures, 2)) < 0.2,
        lecture_pin_slot=np.where(rng.random(num_lectures) < 0.2, rng.integers(0, slots, num_lectures), -1),
        lecture_pin_room=np.where(rng.random(num_lectures) < 0.2, rng.integers(0, rooms, num_lectures), -1),
        section_size=rng.integers(10, 40, sections),
        section_min_days=rng.integers(0, days + 1, sections),
        section_available=rng.random((sections, slots)) < 0.9,
        section_building=rng.integers(-1, 2, sections),
        section_instructors=some(sections, instructors, 2),
        section_curricula=[*some(sections - 1, curricula, 2), [curricula - 1]],
        room_capacity=rng.integers(10, 60, rooms),
        room_kind=rng.integers(0, 2, rooms),
        room_features=rng.random((rooms, 2)) < 0.5,
        room_building=rng.integers(0, 2, rooms),
        room_available=rng.random((rooms, slots)) < 0.9,
        instructor_available=rng.random((instructors, slots)) < 0.9,
        instructor_dislike=rng.integers(0, 4, (instructors, slots)),
        instructor_max_daily=rng.integers(0, 4, instructors),
        instructor_max_consecutive=rng.integers(0, 4, instructors),
        students=some(8, sections, 3),
        no_overlap=[pair for pair in rng.integers(0, sections, (2, 2)).tolist() if pair[0] != pair[1]],
        same_start=rng.integers(0, num_lectures, (3, 2)),
        same_start_factor=[0, 4, 2],  # the first is hard beside weighted ones
        break_after=rng.random(periods) < 0.2,
        lunch_window=rng.random(periods) < 0.4,
        blocked_starts=_sometimes(rng, rng.integers(0, (num_lectures, slots), (8, 2)), []),
        section_dislike=_sometimes(rng, rng.integers(0, 4, (sections, slots)), np.zeros((0, 0))),
        room_dislike=_sometimes(rng, rng.integers(0, 4, (rooms, slots)), np.zeros((0, 0))),
        room_sharing=_sometimes(rng, rng.integers(1, 4, rooms), []),
        avoid_overlap=_sometimes(rng, rng.integers(0, (sections, sections, 4), (4, 3)), []),
        lecture_pairs=_sometimes(rng, rng.integers(0, (num_lectures, num_lectures, 5, days + 1, 3), (8, 5)), []),
        preferred_rooms=_sometimes(rng, rng.integers(0, (sections, rooms, 4), (6, 3)), []),
        capacity_tolerance=int(_sometimes(rng, 3, 0)),
        capacity_tolerance_percent=int(_sometimes(rng, 20, 0)),
        weights=weights_random(rng),
        **{
            flag: bool(rng.random() < 0.5)
            for flag in ("capacity_is_hard", "daily_load_is_hard", "consecutive_load_is_hard", "same_start_is_hard")
        },
        section_offering=[0, 0, 1, 1, 2],
        section_parent=_sometimes(rng, [-1, -1, *rng.integers(0, 2, 3)], []),
        section_limit=_sometimes(rng, rng.integers(0, 5, sections), []),
        week_start=int(_sometimes(rng, rng.integers(0, 7), 0)),
        curriculum_min_daily=_sometimes(rng, rng.integers(0, periods + 1, curricula), []),
        curriculum_max_daily=_sometimes(rng, rng.integers(0, periods + 1, curricula), []),
        section_grouped=_sometimes(rng, rng.integers(0, 2, sections), []),
        **free_random(rng.spawn(1)[0], instructors, days),
        section_one_room=_sometimes(rng, (rng.random(sections) < 0.2).astype(int), []),
    )
    return replace(problem, **{name: _as(getattr(problem, name), value) for name, value in rules.items()})


def weeks_added(problem: Problem, rng: np.random.Generator) -> Problem:
    """The same problem, half of the times in a term of a few weeks, with lectures in every week and in some of them."""
    if rng.random() < 0.5:
        return problem
    num_weeks = int(rng.integers(1, 5))
    every = (1 << num_weeks) - 1
    some = rng.integers(1, every + 1, problem.num_lectures)
    weeks = np.where(rng.random(problem.num_lectures) < 0.4, every, some).astype(np.uint64)
    return replace(problem, num_weeks=num_weeks, lecture_weeks=weeks)


def weights_random(rng: np.random.Generator) -> Weights:
    """Each from 0 to 5. Those of free days come from a stream of their own, and leave the other draws of a seed as they are."""
    own = rng.spawn(1)[0]
    return Weights(**{f.name: int((own if f.name.startswith("free_") else rng).integers(0, 6)) for f in fields(Weights)})


def free_random(rng: np.random.Generator, instructors: int, days: int) -> dict[str, Any]:
    """Free days and half-days of instructors, which half of the problems have none of."""
    return {
        "instructor_free_days": _sometimes(rng, rng.integers(0, days + 2, instructors), []),
        "instructor_free_half_days": _sometimes(rng, rng.integers(0, 2 * days + 2, instructors), []),
        "free_days_is_hard": bool(rng.random() < 0.5),
        "free_half_days_is_hard": bool(rng.random() < 0.5),
    }


def rules_random(rng: np.random.Generator, sections: int, num_lectures: int, days: int, slots: int) -> dict[str, Any]:
    """Rules on the times of three sets of sections, and the relations of lectures that count in a day; some problems have none."""
    if rng.random() < 0.3:
        return {}
    count = 12
    measure = rng.integers(0, MEASURES_END, count)
    block = rng.choice([0, 1, 2, days], count)
    limits = [
        rng.integers(0, 4, count),
        np.where(rng.random(count) < 0.3, ANY_MOST, rng.integers(0, 4, count)),
        rng.integers(0, 2, count),
        rng.integers(0, 3, count),
    ]
    pairs = rng.integers(0, num_lectures, (10, 2))
    kinds = np.where(rng.random(10) < 0.3, rng.integers(0, DAYS_APART + 1, 10), rng.integers(BEFORE_IN_DAY, RELATIONS_END, 10))
    return {
        "rule_sets": [rng.choice(sections, size=rng.integers(1, 4), replace=False).tolist() for _ in range(3)],
        "set_rules": np.column_stack([rng.integers(0, 3, count), measure, block, *limits, rng.integers(0, 3, count)]),
        "rule_slots": rng.random((3, slots)) < 0.7,
        "lecture_pairs": np.column_stack([pairs, kinds, rng.integers(0, days + 1, 10), rng.integers(0, 3, 10)]),
    }


def _sometimes(rng: np.random.Generator, given: Any, otherwise: Any) -> Any:
    return given if rng.random() < 0.5 else otherwise


def solution_random(problem: Problem, rng: np.random.Generator, *, unplaced: float = 0.1) -> Solution:
    slot = rng.integers(0, problem.num_timeslots, problem.num_lectures).astype(np.int32)
    room = rng.integers(0, problem.num_rooms, problem.num_lectures).astype(np.int32)
    missing = rng.random(problem.num_lectures) < unplaced
    slot[missing] = room[missing] = -1
    return Solution(slot, room)
