"""The smallest change after twenty incidents on the small demo and five on the large (SUITE=change), beside a repair and a full run.

TIME (20) seconds of search each, WORKERS (2). The timetable that incidents come to is searched for LARGE_TIME seconds, or 20 (small)
and 120 (large). PART=small or large runs one of the two, PART=alone both without the other two ways; ONLY=3,7 some of the incidents,
counted from 1. The repair keeps every lecture that breaks no rule and places the others anew; the full run places all anew. Both get the
same time, and what moves in them is counted the same way.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from statistics import median
from typing import Any

import django
import numpy as np

from generation.engine.change.budget import ChangeBudget
from generation.engine.change.situation import Situation, moved_lectures
from generation.engine.model.problem import Csr, Problem
from generation.engine.model.solution import Solution
from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table

INCIDENTS = Path(__file__).resolve().parent / "incidents.json"
PARTS = {"small": 20.0, "large": 120.0}  # seconds of search for the timetable that it begins with
BAR = 1.2  # moved lectures, as a multiple of those that are proven to be needed: the median
OF_SECTIONS = ("section_size", "section_min_days", "section_available", "section_building", "section_cluster_hint")
OPTIONAL_OF_SECTIONS = ("section_dislike", "section_offering", "section_parent", "section_limit", "section_one_room", "section_grouped")

Incident = Mapping[str, Any]


def incidents_read() -> dict[str, list[Incident]]:
    found: dict[str, list[Incident]] = json.loads(INCIDENTS.read_text())
    return {part: found[part] for part in PARTS}


def incident_applied(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    """The problem as it is after the incident, and where its lectures were."""
    if incident["kind"] == "together":
        for part in incident["parts"]:
            problem, base = incident_applied(problem, base, part)
        return problem, base
    return KINDS[incident["kind"]](problem, base, incident)


def _several(value: int | Sequence[int]) -> list[int]:
    return [value] if isinstance(value, int) else list(value)


def _times(problem: Problem, incident: Incident) -> np.ndarray[Any, Any]:
    """``[T]`` of these days and periods; all where none are named."""
    slots = np.arange(problem.num_timeslots)
    days, periods = incident.get("days"), incident.get("periods")
    named = np.ones(len(slots), dtype=np.bool_)
    if days is not None:
        named &= np.isin(slots // problem.periods_per_day, days)
    if periods is not None:
        named &= np.isin(slots % problem.periods_per_day, periods)
    return named


def _ranked(counts: np.ndarray[Any, Any]) -> list[int]:
    """Indices with the most first."""
    ranked: list[int] = np.lexsort((np.arange(len(counts)), -counts)).tolist()
    return ranked


def _rooms_ranked(problem: Problem, base: Solution, kind: int | None) -> list[int]:
    used = np.bincount(base.room[base.room >= 0], minlength=problem.num_rooms)
    return [room for room in _ranked(used) if kind is None or problem.room_kind[room] == kind]


def _sections_ranked(problem: Problem) -> list[int]:
    return _ranked(np.bincount(problem.lecture_section, minlength=problem.num_sections))


def _instructors_ranked(problem: Problem) -> list[int]:
    lectures = np.bincount(problem.lecture_section, minlength=problem.num_sections)
    taught = np.zeros(problem.num_instructors, dtype=np.int64)
    for section, row in enumerate(problem.section_instructors):
        taught[np.unique(row)] += lectures[section]
    return _ranked(taught)


def _room_closed(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    ranked, open_ = _rooms_ranked(problem, base, incident.get("room_kind")), problem.room_available.copy()
    for rank in _several(incident["room"]):
        open_[ranked[rank], _times(problem, incident)] = False
    return replace(problem, room_available=open_), base


def _instructor_away(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    ranked, open_ = _instructors_ranked(problem), problem.instructor_available.copy()
    for rank in _several(incident["instructor"]):
        open_[ranked[rank], _times(problem, incident)] = False
    return replace(problem, instructor_available=open_), base


def _section_away(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    open_ = problem.section_available.copy()
    open_[_sections_ranked(problem)[incident["section"]], _times(problem, incident)] = False
    return replace(problem, section_available=open_), base


def _section_grown(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    size = problem.section_size.copy()
    size[_sections_ranked(problem)[incident["section"]]] = incident["students"]
    return replace(problem, section_size=size), base


def _swap_instructors(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    ranked, rows = _sections_ranked(problem), [row.tolist() for row in problem.section_instructors]
    one, other = (ranked[rank] for rank in incident["sections"])
    rows[one], rows[other] = rows[other], rows[one]
    return replace(problem, section_instructors=Csr.of(rows)), base


def _section_added(problem: Problem, base: Solution, incident: Incident) -> tuple[Problem, Solution]:
    """Sections like others, without students of their own yet and in no curriculum; taught by the same or by somebody else."""
    ranked, instructors = _sections_ranked(problem), _instructors_ranked(problem)
    for rank in _several(incident["section"]):
        like = ranked[rank]
        who = [instructors[incident["instructor"]]] if "instructor" in incident else problem.section_instructors[like].tolist()
        problem, base = _like_section(problem, base, like, who)
    return problem, base


def _like_section(problem: Problem, base: Solution, like: int, instructors: list[int]) -> tuple[Problem, Solution]:
    lectures = np.flatnonzero(problem.lecture_section == like)
    given: dict[str, Any] = {}
    for field in fields(problem):
        value = getattr(problem, field.name)
        is_of_sections = field.name in OF_SECTIONS or (field.name in OPTIONAL_OF_SECTIONS and value.size)
        if is_of_sections:
            given[field.name] = np.concatenate([value, value[like : like + 1]])
        elif field.name.startswith("lecture_") and field.name not in ("lecture_section", "lecture_pairs") and value.size:
            given[field.name] = np.concatenate([value, value[lectures]])
    given["lecture_section"] = np.concatenate([problem.lecture_section, np.full(len(lectures), problem.num_sections, dtype=np.int32)])
    given["section_instructors"] = Csr.of([*(row.tolist() for row in problem.section_instructors), instructors])
    given["section_curricula"] = Csr.of([*(row.tolist() for row in problem.section_curricula), []])
    names = problem.names
    given["names"] = replace(
        names,
        sections=(*names.sections, f"{names.sections[like]}+"),
        courses=(*names.courses, names.courses[like]),
        titles=(*names.titles, names.titles[like]),
    )
    nowhere = np.full(len(lectures), -1, dtype=np.int32)
    moved = Solution(np.concatenate([base.slot, nowhere]), np.concatenate([base.room, nowhere]), base.seats)
    return replace(problem, **given), moved


KINDS: Mapping[str, Callable[[Problem, Solution, Incident], tuple[Problem, Solution]]] = {
    "room_closed": _room_closed,
    "instructor_away": _instructor_away,
    "section_away": _section_away,
    "section_grown": _section_grown,
    "swap_instructors": _swap_instructors,
    "section_added": _section_added,
}


def repaired(problem: Problem, base: Solution) -> Problem:
    """The problem with every lecture pinned that breaks no rule where it is: what a repair searches."""
    at = Situation(problem, base, ChangeBudget())
    broken = {lecture for _, finding in at.broken(base) for lecture in finding.lectures}
    stays = np.array([at.is_placed(x) and x not in broken for x in range(problem.num_lectures)], dtype=np.bool_)
    slots, rooms = problem.lecture_pin_slot.copy(), problem.lecture_pin_room.copy()
    slots[stays], rooms[stays] = base.slot[stays], base.room[stays]
    return replace(problem, lecture_pin_slot=slots, lecture_pin_room=rooms)


def change_row(name: str, number: int, problem: Problem, base: Solution, *, time_s: float, workers: int, are_others_run: bool) -> Figures:
    """One incident: the smallest change, and the two other ways beside."""
    from generation.engine.change.smallest import smallest_change
    from generation.engine.params import SolveParams
    from generation.engine.solve import search

    at = Situation(problem, base, ChangeBudget())
    broken = {lecture for _, finding in at.broken(base) for lecture in finding.lectures}
    waiting = sum(not at.is_placed(x) for x in range(problem.num_lectures))
    began, cpu = time.monotonic(), time.process_time()
    found = smallest_change(problem, base, time_limit_s=time_s, workers=workers)
    first = found.options[0]
    row: Figures = {
        "part": name,
        "number": number,
        "broken": len(broken) + waiting,
        "moved": len(first.moved),
        "at_least": found.at_least_moved,
        "people": first.touched.total,
        "at_least_people": found.at_least_people,
        "unplaced": first.evaluation.unplaced,
        "hard": first.score.hard,
        "free": found.num_free,
        "rounds": found.num_rounds,
        "seconds": time.monotonic() - began,
        "cpu_s": time.process_time() - cpu,
        "options": len(found.options),
        "bought": first.score.soft - found.options[-1].score.soft,
        "ratio": len(first.moved) / found.at_least_moved if found.at_least_moved else (1.0 if not first.moved else None),
    }
    if are_others_run:
        for column, which in (("repair", repaired(problem, base)), ("full", problem)):
            best = search(which, SolveParams(time_limit_s=time_s, workers=workers)).best
            row[f"{column}_moved"] = len(moved_lectures(base, best.solution))
            row[f"{column}_unplaced"] = best.unplaced
    return row


COLUMNS = (
    Column("part", "demo", is_text=True),
    Column("number", "no.", "d"),
    Column("broken", "hit", ",d"),
    Column("moved", "moved", ",d"),
    Column("at_least", "proven", ",d"),
    Column("people", "people", ",d"),
    Column("at_least_people", "proven", ",d"),
    Column("unplaced", "unplaced", ",d"),
    Column("free", "free", ",d"),
    Column("rounds", "rounds", "d"),
    Column("seconds", "s", ".1f"),
    Column("cpu_s", "CPU s", ".1f"),
    Column("options", "options", "d"),
    Column("bought", "bought", ",d"),
    Column("repair_moved", "repair", ",d"),
    Column("repair_unplaced", "unplaced", ",d"),
    Column("full_moved", "full run", ",d"),
    Column("full_unplaced", "unplaced", ",d"),
    Column("incident", "incident", is_text=True),
)


def run(options: Options) -> Outcome:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from academics.demo import SCALES
    from generation.engine.params import SolveParams
    from generation.engine.solve import search, warm
    from tests.benchmarks.universities import university

    parts = options.parts or tuple(PARTS)
    if wrong := [part for part in parts if part not in (*PARTS, "alone")]:
        raise OptionError(f"PART of SUITE=change is small, large or alone (without the other two ways), not {wrong[0]}.")
    settled = options.or_else(time_s=20, workers=2)
    warm()
    rows: list[Figures] = []
    for part in [each for each in PARTS if each in parts or set(parts) == {"alone"}]:
        problem = university(SCALES[part], name=part)
        base = search(problem, SolveParams(time_limit_s=options.large_time_s or PARTS[part], workers=settled.workers)).best.solution
        for number, incident in enumerate(incidents_read()[part], 1):
            if options.only and str(number) not in options.only:
                continue
            after = incident_applied(problem, base, incident)
            row = change_row(part, number, *after, time_s=settled.time_s, workers=settled.workers, are_others_run="alone" not in parts)
            rows.append(row | {"incident": incident["name"]})
    return Outcome([Table("change", "The smallest change after incidents", COLUMNS, rows, notes(rows), keys=("part", "number"))])


def notes(rows: Sequence[Figures]) -> list[str]:
    ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
    if not ratios:
        return ["Nothing was measured."]
    sound = all(row["unplaced"] == row["hard"] == 0 for row in rows)
    middle = median(ratios)
    closed = sum(row["moved"] == row["at_least"] for row in rows)
    return [
        f"Moved lectures: {middle:.2f} times those proven to be needed (median; bar {BAR}): {'met' if middle <= BAR else 'missed'}.",
        f"{closed} of {len(rows)} are proven to move as few as can be.",
        f"Complete and no rule broken: {'met' if sound else 'missed'}.",
    ]
