"""What is said of values that a constraint cannot have: the field, the value, what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generation.engine.model.text import listed
from generation.errors import Invalid


class RuleError(Invalid):
    """A constraint cannot be saved as given; messages by field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(text="; ".join(f"{name}: {' '.join(each)}" for name, each in errors.items()))
        self.errors = errors

    def body(self) -> dict[str, Any]:
        return self.errors


LABELS = {
    "kind": "Kind",
    "offerings": "Courses",
    "offering": "Course",
    "first": "Which comes first",
    "instructor": "Instructor",
    "room": "Room",
    "section": "Section",
    "building": "Building",
    "lecture": "Which lecture",
    "day": "Day",
    "period": "Period",
    "timeslots": "Timeslots",
    "number": "Number",
    "percent": "Percent of the seats",
    "rating": "How much",
    "room_kind": "Kind of room",
    "features": "Features",
    "choices": "Places, the first choice first",
    "is_hard": "Must it be kept?",
    "weight": "Weight",
    "is_active": "In use",
    "comment": "Comment",
}


def not_a_kind(kind: str, known: Sequence[str]) -> str:
    return f"{kind[:40]!r} is not a kind of rule that can be added. They are: {', '.join(known)}."


def required(what: str) -> str:
    return f"Give {what}."


def unknown(what: str, codes: Sequence[str], owner: str) -> str:
    named = listed([repr(code[:40]) for code in codes], 4)
    return f"{owner} has no {what} with the code {named}. Choose from the list that opens while you type."


def out_of_range(value: object, low: int, high: int, unit: str = "") -> str:
    return f"{str(value)[:40]!r} is not a whole number from {low} to {high}{' ' + unit if unit else ''}."


def not_text(most: int) -> str:
    return f"Write at most {most} characters."


def not_a_truth(value: object) -> str:
    return f"{str(value)[:40]!r} is neither true nor false."


def not_a_timeslot(value: object, num_days: int, num_periods: int) -> str:
    return (
        f"{str(value)[:60]!r} is not a timeslot: days are 0 to {max(0, num_days - 1)} and periods 0 to {max(0, num_periods - 1)}, "
        'as in {"day": 0, "period": 2}.'
    )


def no_such_field(name: str, title: str, known: Sequence[str]) -> str:
    return f"“{title}” has no {name[:40]!r}. It has: {', '.join(known)}."


def too_late_a_lecture(course: str, lectures: int) -> str:
    return (
        f"{course} has {lectures} lectures, all sections together: give a number from 1 to {lectures}."
        if lectures
        else (f"{course} has no lectures yet. Add its meetings first.")
    )


def first_missing() -> str:
    return "Say which course comes first; the others come after it."


def nothing_after(course: str) -> str:
    return f"Choose at least one course that comes after {course}."


def ambiguous_section(code: str) -> str:
    return f"Several sections are called {code[:40]!r}. Write the course before it, as in MATH101:{code[:40]}."


def several_ratings() -> str:
    return "-4 means not available. Choose from -3 (strongly disliked) to 3 (liked most), without 0."
