"""Nobody is in two places at once: sections, instructors, curricula, sections named as not overlapping, students."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from generation.engine.constraints.base import Finding, Terms, Texts, Unit, hard, soft
from generation.engine.model.problem import IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.text import gettext_noop


def _avoided(problem: Problem) -> IntArray:
    first, second = problem.avoid_overlap[:, 0], problem.avoid_overlap[:, 1]
    rows: IntArray = problem.avoid_overlap[first != second]
    return rows


@hard(
    Texts(
        label=gettext_noop("Sections with two lectures at once"),
        sentence=gettext_noop("A section attends one lecture at a time."),
        message=gettext_noop("{lectures} has more than one lecture {time}."),
        suggestion=gettext_noop("Move one of them to a timeslot in which the section is free."),
    ),
    Unit("sections"),
)
def section_clash(t: Timetable) -> Iterator[Finding]:
    """A section attends one lecture at a time: k of its lectures in one timeslot count k - 1 (where they differ in weeks: of each part
    of the section, and 1 for each pair of its parts that share a week)."""
    for section, meetings in t.by_section.items():
        for slot, lectures in meetings.items():
            if len(lectures) > 1:
                for parts in _clashing(t, lectures):
                    yield Finding(len(parts) - 1 if len(t.by_weeks(parts)) == 1 else 1, parts, slot, section=section)


def _clashing(t: Timetable, lectures: list[int]) -> Iterator[tuple[int, ...]]:
    """Lectures of one section at one time that are in each other's way: of each part, and of each two parts that share a week."""
    parts = t.by_weeks(lectures)
    for part in parts.values():
        if len(part) > 1:
            yield tuple(part)
    for (weeks, part), (others, other) in combinations(parts.items(), 2):
        if weeks & others:
            yield (*part, *other)


@hard(
    Texts(
        label=gettext_noop("Instructors in two places at once"),
        sentence=gettext_noop("An instructor teaches one lecture at a time."),
        message=gettext_noop("{who} would teach {lectures} at the same time, {time}."),
        suggestion=gettext_noop("Move one of the lectures, or give it another instructor."),
    ),
    Unit("instructors"),
    who=("instructors",),
)
def instructor_clash(t: Timetable) -> Iterator[Finding]:
    """An instructor is in one place at a time: each pair of different sections that share an instructor counts 1 in each
    timeslot where both are busy, however many instructors, curricula and lectures of theirs are concerned."""
    yield from _clashes(t, "instructor_clash")


@hard(
    Texts(
        label=gettext_noop("Curricula with two lectures at once"),
        sentence=gettext_noop("Courses of one curriculum never overlap."),
        message=gettext_noop("{lectures} belong to {who} and meet at the same time, {time}."),
        suggestion=gettext_noop("Move one of the lectures to a timeslot in which the curriculum is free."),
    ),
    Unit("curricula"),
    who=("curricula",),
)
def curriculum_clash(t: Timetable) -> Iterator[Finding]:
    """Sections of one curriculum never overlap: each pair of different sections that share a curriculum, and no instructor,
    counts 1 in each timeslot where both are busy."""
    yield from _clashes(t, "curriculum_clash")


@hard(
    Texts(
        label=gettext_noop("Sections that must not overlap and do"),
        sentence=gettext_noop("Sections marked as not overlapping meet at different times."),
        message=gettext_noop("{lectures} must not overlap and meet at the same time, {time}."),
        suggestion=gettext_noop("Move one of the lectures, or lift the rule between the two sections."),
    ),
    Unit("sections"),
)
def no_overlap(t: Timetable) -> Iterator[Finding]:
    """Sections named as not overlapping do not: each such pair that shares neither instructor nor curriculum counts 1 in each
    timeslot where both are busy (a pair named twice counts once)."""
    yield from _clashes(t, "no_overlap")


def _clashes(t: Timetable, reason: str) -> Iterator[Finding]:
    bits = t.busy_bits
    for (a, b), first_reason in t.clash_reason.items():
        if first_reason != reason or not bits[a] & bits[b]:
            continue
        shared_instructors = tuple(i for i in t.instructors[a] if i in t.instructors[b])
        shared_curricula = tuple(q for q in t.curricula[a] if q in t.curricula[b])
        for slot, lectures in _meeting_together(t, a, b):
            yield Finding(1, lectures, slot, instructors=shared_instructors, curricula=shared_curricula, pair=(a, b))


def _meeting_together(t: Timetable, a: int, b: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each timeslot where both sections are busy, with the lectures of both there; a part of either for itself, and in a week of both."""
    if not t.busy_bits[a] & t.busy_bits[b]:
        return
    first, second = t.by_section[a], t.by_section[b]
    for slot in sorted(first.keys() & second.keys()):
        for weeks, lectures in t.by_weeks(first[slot]).items():
            for others, there in t.by_weeks(second[slot]).items():
                if weeks & others:
                    yield slot, (*lectures, *there)


@soft(
    Texts(
        label=gettext_noop("Students with two lectures at once"),
        sentence=gettext_noop("Students have one lecture at a time."),
        message=gettext_noop("{lectures} share {0:student} and meet at the same time, {time}."),
        suggestion=gettext_noop("Move one of the lectures, or move whoever is in both to a parallel section."),
        short=gettext_noop("Student clashes"),
        unit=gettext_noop("for each student and period"),
    ),
    Unit("students", "clashes"),
    weight=4,
    values=("count",),
    who=("students",),
    in_use=lambda problem: problem.student_sections.indices.size > 0,
)
def student_clash(t: Timetable) -> Iterator[Finding]:
    """A student attends one lecture at a time: each pair of different sections that share students, and that no hard clash
    already keeps apart, costs the number of shared students in each timeslot where both are busy."""
    for (a, b), shared in t.shared_students.items():
        if (a, b) not in t.clash_reason:
            for slot, lectures in _meeting_together(t, a, b):
                yield Finding(shared, lectures, slot, pair=(a, b), values=(shared,))


@soft(
    Texts(
        label=gettext_noop("Sections that should not overlap and do"),
        sentence=gettext_noop("Sections marked as better not overlapping meet at different times."),
        message=gettext_noop("{lectures} should not overlap and meet at the same time, {time}."),
        suggestion=gettext_noop("Move one of the lectures to another timeslot."),
        short=gettext_noop("Unwanted overlaps"),
        unit=gettext_noop("for each period of overlap"),
    ),
    Unit("sections", "periods", "times"),
    weight=2,
    terms=Terms(section_pairs=_avoided),
    in_use=lambda problem: len(problem.avoid_overlap) > 0,
)
def avoid_overlap(t: Timetable) -> Iterator[Finding]:
    """Sections named as better not overlapping do not: each row of the list costs its factor in each timeslot where both of its
    (different) sections are busy."""
    for a, b, factor in t.problem.avoid_overlap.tolist():
        if a != b and factor:
            for slot, lectures in _meeting_together(t, a, b):
                yield Finding(factor, lectures, slot, pair=(a, b))
