"""Which wishes a problem holds: what a penalty of 0, or a proof that there is none lower, speaks of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.problem import ANY, Problem

# Wishes that stand at something: whether there is any such thing. Those that are not here always say something.
STANDING: dict[str, Callable[[Problem], bool]] = {
    "student_clash": lambda p: p.student_sections.indices.size > 0,
    "disliked_times": lambda p: any(np.any(table > 0) for table in (p.instructor_dislike, p.section_dislike, p.room_dislike)),
    "min_days": lambda p: bool(np.any(p.section_min_days > 1)),
    "compactness": lambda p: p.num_curricula > 0,
    "curriculum_gaps": lambda p: p.num_curricula > 0,
    "instructor_gaps": lambda p: p.num_instructors > 0,
    "home_building": lambda p: bool(np.any(p.section_building != ANY)),
    "lunch": lambda p: bool(p.lunch_window.any()) and p.num_curricula + p.num_instructors > 0,
    "daily_load": lambda p: bool(np.any(p.instructor_max_daily > 0)),
    "consecutive_load": lambda p: bool(np.any(p.instructor_max_consecutive > 0)),
    "same_start": lambda p: len(p.same_start) > 0 and not p.same_start_is_hard,
    "preferred_rooms": lambda p: len(p.preferred_rooms) > 0,
    "avoid_overlap": lambda p: len(p.avoid_overlap) > 0,
    "pair_preferred": lambda p: len(p.lecture_pairs) > 0 and bool(np.any(p.lecture_pairs[:, 4] > 0)),
}


def wishes_of(problem: Problem) -> dict[str, bool]:
    """By soft constraint: whether timetables are weighed by it. They are not where its weight is 0 or nobody has such a wish."""
    soft = [each for each in CONSTRAINTS.values() if not each.is_hard and each.applies(problem)]
    return {each.id: each.weight(problem.weights) > 0 and (each.id not in STANDING or STANDING[each.id](problem)) for each in soft}
