"""The words people read: each names the object, the value and the range, then gives a sentence of advice."""

from __future__ import annotations

HARD_TOTAL = "Hard violations"
SOFT_TOTAL = "Total penalty"

CONSTRAINT_LABELS = {
    "student_clash": "Students with two lectures at once",
    "availability": "Lectures at disliked times",
    "room_capacity": "Students without a seat",
    "min_days": "Courses spread over too few days",
    "compactness": "Isolated lectures of a curriculum",
    "curriculum_gaps": "Empty periods between a curriculum's lectures",
    "instructor_gaps": "Empty periods between an instructor's lectures",
    "room_stability": "Further rooms of one section",
    "home_building": "Lectures outside the preferred building",
    "lunch": "Days without a free lunch period",
    "daily_load": "Teaching above the daily maximum",
    "consecutive_load": "Teaching too long without a break",
    "same_start": "Lectures that should start together and do not",
    "room_fit": "Seats that stay empty",
}


def constraint_label(constraint: str) -> str:
    """The constraint's name in plain words."""
    return CONSTRAINT_LABELS.get(constraint, constraint.replace("_", " ").capitalize())
