"""Periods required (in the fullest week) beside periods open: for kinds and sizes of rooms, instructors, sections and curricula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, BoolArray
from generation.engine.model.text import Count
from generation.problem.without_room import lectures_without_room, places_without_room
from generation.readiness.record_links import Finder
from generation.readiness.report import Load, Loads
from generation.text.infeasibility.phrases import section_label

MOST_LISTED = 100  # of instructors, sections and curricula, the fullest first


def loads_of(facts: Openings, finder: Finder) -> Loads:
    """Every kind of room, and the fullest of the others. Six small queries, for addresses and names."""
    problem, names = facts.problem, facts.names
    labels = [section_label(names, section) for section in range(problem.num_sections)]
    of_sections = list(zip(labels, facts.section_periods, facts.section_open.sum(axis=1), strict=True))
    courses = dict(zip(labels, names.courses, strict=True))
    curricula = list(_curricula(facts))
    return Loads(
        rooms=tuple(_rooms(facts)),
        instructors=_addressed(_fullest(_instructors(facts)), finder, "instructor", {}),
        sections=_addressed(_fullest(Load(name, int(asked), int(open_)) for name, asked, open_ in of_sections), finder, "course", courses),
        curricula=_addressed(
            _fullest(curricula), finder, "curriculum", {load.name: load.name.rsplit("/", 1)[0] for load in curricula if "/" in load.name}
        ),
        totals={"instructors": problem.num_instructors, "sections": problem.num_sections, "curricula": len(curricula)},
    )


def _fullest(loads: Iterable[Load]) -> list[Load]:
    return sorted((load for load in loads if load.asked), key=lambda load: (-load.asked / max(load.open, 0.5), load.name))[:MOST_LISTED]


def _addressed(loads: list[Load], finder: Finder, kind: str, owners: Mapping[str, str]) -> tuple[Load, ...]:
    """The loads with the addresses of their records; `owners` maps a name to the record's own, where that is another."""
    addresses = finder.addresses(kind, (owner for load in loads for owner in (load.name, owners.get(load.name, load.name))))
    names = finder.people(load.name for load in loads) if kind == "instructor" else {}
    if kind == "curriculum":
        names = {load.name: finder.naming.curriculum_label(load.name) for load in loads}
    return tuple(
        Load(
            names.get(load.name, load.name),
            load.asked,
            load.open,
            addresses.get(load.name) or addresses.get(owners.get(load.name, ""), ""),
            load.note,
        )
        for load in loads
    )


def _instructors(facts: Openings) -> Iterator[Load]:
    problem = facts.problem
    taught: list[list[int]] = [[] for _ in range(problem.num_instructors)]
    for section, instructors in enumerate(facts.relations.instructors):
        for instructor in instructors:
            taught[instructor].append(section)
    periods = [facts.most_periods(sections) for sections in taught]
    open_ = problem.instructor_available.sum(axis=1)
    for instructor, (asked, found) in enumerate(zip(periods, open_.tolist(), strict=True)):
        most = int(problem.instructor_max_weekly[instructor])
        note = f"at most {Count(most):period} a week" if 0 < most < found else ""
        yield Load(facts.names.instructors[instructor], asked, min(found, most) if most else found, note=note)


def _curricula(facts: Openings) -> Iterator[Load]:
    members: dict[int, list[int]] = defaultdict(list)
    for section, curricula in enumerate(facts.relations.curricula):
        for curriculum in curricula:
            members[curriculum].append(section)
    for curriculum, sections in sorted(members.items()):
        found = int(facts.section_open[sections].any(axis=0).sum())
        yield Load(facts.names.curricula[curriculum], facts.most_periods(sections), found)


def _rooms(facts: Openings) -> Iterator[Load]:
    """Every kind that lectures require, then all rooms; below each the size for which rooms are scarcest, where it is another.

    Lectures that need no room are left out."""
    problem, names = facts.problem, facts.names
    in_room, is_room = ~lectures_without_room(problem), ~places_without_room(problem)
    for kind in sorted(set(problem.lecture_room_kind[in_room].tolist()) - {ANY}, key=lambda kind: names.room_kinds[kind]):
        yield from _by_size(facts, names.room_kinds[kind], problem.lecture_room_kind == kind, problem.room_kind == kind)
    yield from _by_size(facts, "all rooms", in_room, is_room)


def _by_size(facts: Openings, name: str, lectures: BoolArray, rooms: BoolArray) -> Iterator[Load]:
    """Lectures of at least a size fit only into rooms of at least that size."""
    problem = facts.problem
    seats = problem.room_limit[rooms]
    periods = (problem.room_available.sum(axis=1) * problem.room_places)[rooms]
    size = problem.section_size[problem.lecture_section]
    whole = Load(name, facts.most_periods_of(lectures), int(periods.sum()), note=f"{Count(len(seats)):room}")
    yield whole
    if not problem.capacity_is_hard:
        return
    steps = np.unique(seats).tolist()
    classes = [
        Load(
            f"{name} with {least} seats or more",
            facts.most_periods_of(lectures & (size > below)),
            int(periods[seats >= least].sum()),
            note=f"{Count(int((seats >= least).sum())):room}; lectures of more than {below} students",
        )
        for below, least in pairwise(steps)
    ]
    scarce = max(classes, key=lambda load: load.asked / max(load.open, 0.5), default=None)
    if scarce is not None and scarce.percent > whole.percent:
        yield scarce
