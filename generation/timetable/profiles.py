"""What each variant favours, in a registrar's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from generation.engine.model.problem import Weights
from generation.engine.params import Profile

# By profile: how many times dearer a penalty is, and at least how dear, so that the label stays true
# where the organization itself gives the penalty no weight.
FAVOURS: tuple[tuple[str, Mapping[str, tuple[int, int]]], ...] = (
    ("Balanced", {}),
    (
        "Students first",
        {"student_clash": (3, 4), "compactness": (2, 2), "curriculum_gaps": (3, 2), "lunch": (2, 2), "min_days": (2, 0)},
    ),
    (
        "Instructors first",
        {"disliked_times": (3, 2), "instructor_gaps": (3, 3), "daily_load": (2, 3), "consecutive_load": (2, 2), "lunch": (2, 2)},
    ),
    (
        "Rooms used well",
        {"room_stability": (4, 4), "home_building": (3, 2), "room_capacity": (2, 0), "room_fit": (2, 1)},
    ),
)


def profiles_for(*, base: Weights, overrides: Mapping[str, int], num_variants: int) -> tuple[Profile, ...]:
    """One profile per variant. What the user set replaces the organization's weight everywhere; a 0 stays off."""
    steered = replace(base, **overrides)
    return tuple(_profile(index, steered, overrides) for index in range(num_variants))


def _profile(index: int, base: Weights, overrides: Mapping[str, int]) -> Profile:
    label, favours = FAVOURS[index % len(FAVOURS)]
    turn = index // len(FAVOURS)
    dearer = {name: _dearer(getattr(base, name), *favour, is_fixed=name in overrides) for name, favour in favours.items()}
    return Profile(label=f"{label} {turn + 1}" if turn else label, weights=replace(base, **dearer))


def _dearer(weight: int, factor: int, least: int, *, is_fixed: bool) -> int:
    return weight * factor if is_fixed else max(weight * factor, least)
