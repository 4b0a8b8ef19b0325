"""The words of the demand page and its address in REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from academics.models import Rule
from generation.engine.bounds.minimum_clashes import FIXED, TOGETHER, TOO_FEW, Crowding
from generation.engine.model.problem import Problem
from generation.engine.model.text import Count, listed

WHY_IDS = {FIXED: "fixed", TOGETHER: "together", TOO_FEW: "few_times"}
WHY: dict[int, str] = {
    FIXED: "every section of both is fixed to the same time",
    TOGETHER: "a rule has all their sections start together",
    TOO_FEW: "there are fewer timeslots open to the two than they have periods",
}
PARALLEL, INSIDE, OUTSIDE = "parallel", "inside", "outside"
BAND_KINDS: dict[str, str] = {
    PARALLEL: "Run in parallel: all its lectures start together, first with first, second with second",
    INSIDE: "Meet only in the timeslots marked below",
    OUTSIDE: "Never meet in the timeslots marked below",
}


def sizes_words(sizes: Sequence[int]) -> str:
    """``5 sections of 24 to 25``."""
    if not sizes:
        return "no sections"
    low, high = min(sizes), max(sizes)
    return f"{Count(len(sizes)):section} of {low}" + ("" if low == high else f" to {high}")


def pair_message(first: str, second: str, students: int, why: int) -> str:
    return f"{Count(students):student} of {first} and {second}: {WHY[why]}."


def crowding_message(crowding: Crowding, courses: Sequence[str], problem: Problem) -> str:
    students = int(crowding.students.sum())
    who = f"{Count(students):student}"
    if len(crowding.slots) == problem.num_timeslots:
        has, up_to = ("has", "") if students == 1 else ("have", "up to ")
        return f"{who} {has} chosen {up_to}{crowding.most_periods} periods a week, and the week has {problem.num_timeslots}."
    return (
        f"{who} {'takes' if students == 1 else 'take'} up to {crowding.most_periods} periods of {listed(courses, 6)}, "
        f"which can be held only in the same {Count(len(crowding.slots)):timeslot}."
    )


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def band_sentence(rule: Rule, days: Sequence[str], periods: Mapping[int, str], *, is_first: bool) -> str:
    """A rule of a band in words: "Its lectures start together (first with first)."."""
    modal = "must" if rule.is_hard else "should"
    who = "Its lectures" if is_first else f"Lectures of {listed([o.course.code for o in rule.offerings.all()], 6)}"
    if rule.kind == Rule.Kind.SAME_START:
        return f"{who} {modal} start together, first with first and second with second."
    times = listed([_time(slot.day, slot.period, days, periods) for slot in rule.timeslots.all()], 8)
    if rule.kind == Rule.Kind.INSIDE:
        return f"{who} {modal} meet only on {times}."
    return f"{who} {modal} {'never' if rule.is_hard else 'not'} meet on {times}."


def _time(day: int | None, period: int | None, days: Sequence[str], periods: Mapping[int, str]) -> str:
    name = "every day" if day is None else days[day % 7]
    return name if period is None else f"{name} {periods.get(period, f'period {period + 1}')}"
