"""All constraints, in the order in which breakdowns, tables and files list them."""

from __future__ import annotations

from generation.engine.constraints import clashes, days, relations, rooms, sets, students, times
from generation.engine.constraints.base import Constraint, Find, Finding, Texts, declared
from generation.engine.model.problem import Problem, Weights

__all__ = ["CONSTRAINTS", "FAMILIES", "HARD_IDS", "OF_FILES", "SOFT_IDS", "Constraint", "Find", "Finding", "Texts", "constraints_of"]

FAMILIES = (clashes, rooms, times, days, sets, relations, students)
# People are used to this order, and files keep it. What is not named here comes behind the others of its hardness.
ORDER = (
    "unplaced",
    "section_clash",
    "instructor_clash",
    "curriculum_clash",
    "no_overlap",
    "room_clash",
    "availability",
    "room_availability",
    "room_too_small",
    "room_type",
    "room_features",
    "block",
    "pin",
    "blocked_start",
    "pair_required",
    "daily_limit",
    "consecutive_limit",
    "free_days_required",
    "free_half_days_required",
    "joint_start",
    "set_rule_required",
    "linked_sections",
    "section_sizes",
    "one_room",
    "student_clash",
    "disliked_times",
    "room_capacity",
    "min_days",
    "compactness",
    "curriculum_gaps",
    "instructor_gaps",
    "room_stability",
    "home_building",
    "preferred_rooms",
    "lunch",
    "daily_load",
    "consecutive_load",
    "same_start",
    "avoid_overlap",
    "pair_preferred",
    "room_fit",
    "curriculum_load",
    "building_changes",
    "double_lectures",
    "free_days",
    "free_half_days",
    "set_rule_preferred",
)


# Those that only files of other programs bring: no institution has rules of that kind, and nobody sets what they cost.
OF_FILES = frozenset({"curriculum_load", "double_lectures", "one_room", "set_rule_preferred", "set_rule_required"})


def _rank(constraint: Constraint) -> tuple[bool, int]:
    return not constraint.is_hard, ORDER.index(constraint.id) if constraint.id in ORDER else len(ORDER)


CONSTRAINTS: dict[str, Constraint] = {each.id: each for each in sorted(declared.values(), key=_rank)}
HARD_IDS = tuple(constraint.id for constraint in CONSTRAINTS.values() if constraint.is_hard)
SOFT_IDS = tuple(constraint.id for constraint in CONSTRAINTS.values() if not constraint.is_hard)


def constraints_of(problem: Problem, weights: Weights) -> list[Constraint]:
    """The constraints that count for this problem under these weights, hard ones first."""
    return [
        constraint
        for constraint in CONSTRAINTS.values()
        if constraint.applies(problem) and (constraint.is_hard or constraint.weight(weights) != 0)
    ]
