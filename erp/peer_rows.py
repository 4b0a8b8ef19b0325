"""Files of UniTime and of XHSTT as an institution's rows: what the data of an institution call by other names than the formats do."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from academics.selectors import PeriodRow
from erp.problem_rows import Extras, FromProblem, rows_of, weekdays_of
from generation.engine.model.problem import BoolArray, Csr, IntArray, Problem
from generation.formats import FormatError, unitime, xhstt
from generation.formats.unsupported import LEFT_OUT
from generation.formats.xhstt import XhsttFile

MAX_DAYS = 7
MINUTES = 24 * 60
PEOPLE, STUDENTS, ROOMS = "people", "students", "rooms"
# What a type of resources is called, in the languages of the published archives; what is none of these are people, or rooms where chosen.
WORDS = {
    PEOPLE: ("teacher", "staff", "instructor", "lecturer", "professor", "docent", "lehrer", "opettaja", "leraar"),
    ROOMS: ("room", "hall", "lab", "sala", "venue", "tila", "lokaal", "raum"),
    STUDENTS: ("class", "student", "group", "klass", "klas", "turma", "leerling", "opiskelij", "luokka", "year", "form"),
}


def unitime_rows(source: unitime.UniTimeFile) -> FromProblem:
    problem = unitime.to_problem(source, allow_unsupported=True)
    first, step = (int(each) for each in cast(list[int], problem.source["grid"]))
    extras = Extras(
        periods=_clock(first, step, problem.periods_per_day, MINUTES // source.slots_per_day),
        no_room=problem.num_rooms - 1,
        left_out=_left_out(problem),
        places=_places(source, problem, first, step),
    )
    return rows_of(problem, extras)


def _places(source: unitime.UniTimeFile, problem: Problem, first: int, step: int) -> dict[int, tuple[int, int]]:
    """By lecture the timeslot and the room (-1: none is named) that the file marks as its solution."""
    rooms = {name: number for number, name in enumerate(problem.names.rooms[:-1])}
    lectures_of: dict[int, list[int]] = defaultdict(list)
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        lectures_of[section].append(lecture)
    found: dict[int, tuple[int, int]] = {}
    for section, element in enumerate(source.root.iterfind("classes/class")):
        times = [each for each in element.findall("time") if each.get("solution") == "true"]
        marked = [each.get("id", "") for each in element.findall("room") if each.get("solution") == "true"]
        if len(times) != 1:
            continue
        lectures = lectures_of[section]
        days = [day for day, bit in enumerate(times[0].get("days", "")) if bit == "1"]
        period, rest = divmod(int(times[0].get("start", "0")) - first, step)
        length = step * int(problem.lecture_length[lectures[0]])
        is_in_day = rest == 0 and period >= 0 and (period + length // step) <= problem.periods_per_day
        if is_in_day and len(days) == len(lectures) and int(times[0].get("length", "0")) == length:
            room = rooms.get(marked[0], -1) if len(marked) == 1 else -1
            found |= {lecture: (day * problem.periods_per_day + period, room) for lecture, day in zip(lectures, days, strict=True)}
    return found


def _clock(first: int, step: int, count: int, minutes: int) -> list[PeriodRow]:
    """The periods of a day that begins with slot ``first``, each of ``step`` slots of so many minutes."""
    starts = [(first + period * step) * minutes for period in range(count + 1)]
    ends = [min(end, MINUTES - 1) for end in starts[1:]]
    return [PeriodRow(n, _time(start), _time(end), False, False) for n, (start, end) in enumerate(zip(starts, ends, strict=False))]


def _time(minutes: int) -> dt.time:
    return dt.time(minutes // 60, minutes % 60)


def _left_out(problem: Problem) -> Counter[str]:
    return Counter(cast(dict[str, int], problem.source.get(LEFT_OUT, {})))


def xhstt_rows(source: XhsttFile, *, periods: Callable[[int], list[PeriodRow]]) -> FromProblem:
    problem = xhstt.to_problem(source, allow_unsupported=True)
    if problem.num_days > MAX_DAYS:
        raise FormatError(source.file, 0, "Times", f"{problem.num_days} days; a weekly grid has 1 to {MAX_DAYS}.")
    left_out = _left_out(problem)
    kinds, names = _resources(source)
    problem = _teachers_named(problem, kinds, left_out)
    problem = _students_apart(problem, kinds)
    called = {part: tuple(names.get(each, each) for each in getattr(problem.names, part)) for part in ("rooms", "instructors", "curricula")}
    days = weekdays_of(_day_names(source, problem.names.days))
    extras = Extras(
        periods=periods(problem.periods_per_day),
        no_room=problem.num_rooms - 1,
        days=days,
        left_out=left_out,
    )
    found = rows_of(replace(problem, names=replace(problem.names, **called)), extras)
    solutions = len(source.root.findall("SolutionGroups/SolutionGroup/Solution"))
    if solutions:
        found.notes.append(f"Of the archive the instance is imported, and none of its {solutions:,} solutions.")
    return found


def _day_names(source: XhsttFile, days: Sequence[str]) -> list[str]:
    named = {each.get("Id", ""): (each.findtext("Name") or "").strip() for each in source.instance.findall("Times/TimeGroups/Day")}
    return [named.get(day) or day for day in days]


def _resources(source: XhsttFile) -> tuple[dict[str, str], dict[str, str]]:
    """By resource what it is, by the name of its type; and what it is called."""
    of_type: dict[str, str] = {}
    for each in source.instance.findall("Resources/ResourceTypes/ResourceType"):
        words = f"{each.get('Id', '')} {each.findtext('Name') or ''}".lower()
        of_type[each.get("Id", "")] = next((kind for kind, known in WORDS.items() if any(word in words for word in known)), "")
    kinds, names = {}, {}
    for each in source.instance.findall("Resources/Resource"):
        name, kind = each.get("Id", ""), each.find("ResourceType")
        kinds[name] = of_type.get("" if kind is None else kind.get("Reference", ""), "")
        names[name] = (each.findtext("Name") or "").strip() or name
    return kinds, names


def _teachers_named(problem: Problem, kinds: dict[str, str], left_out: Counter[str]) -> Problem:
    """Rooms here are the resources that are chosen. People among them teach what names them; choosing them has no row.

    Whoever may be chosen for a lecture goes from its rooms, and it needs none where there were no others.
    """
    chosen = [number for number, name in enumerate(problem.names.rooms[:-1]) if kinds.get(name) in (PEOPLE, STUDENTS)]
    if not chosen:
        return problem
    none = problem.num_rooms - 1
    kept = [room for room in range(problem.num_rooms) if room not in set(chosen)]
    has = problem.room_features.copy()
    person = {room: problem.num_instructors + number for number, room in enumerate(chosen)}
    taught = [problem.section_instructors[section].tolist() for section in range(problem.num_sections)]
    for section in range(problem.num_sections):
        lectures = np.flatnonzero(problem.lecture_section == section)
        fitting = np.flatnonzero((problem.room_features | ~problem.lecture_features[lectures[0]]).all(axis=1)).tolist()
        people = [room for room in fitting if room in person]
        if len(people) == 1 and fitting == people:
            taught[section].append(person[people[0]])
        elif people:
            left_out["event whose teacher or class is to be chosen"] += 1
        if people:
            has[none, problem.lecture_features[lectures[0]]] = True
    count = len(chosen)

    def more(rows: IntArray) -> IntArray:
        found: IntArray = np.concatenate([rows, np.zeros((count, *rows.shape[1:]), dtype=rows.dtype)])
        return found

    number = {room: place for place, room in enumerate(kept)}
    preferred = [(section, number[room], rank) for section, room, rank in problem.preferred_rooms.tolist() if room in number]
    availability: BoolArray = np.concatenate([problem.instructor_available, problem.room_available[chosen]])
    return replace(
        problem,
        names=replace(
            problem.names,
            rooms=tuple(problem.names.rooms[room] for room in kept),
            instructors=(*problem.names.instructors, *(problem.names.rooms[room] for room in chosen)),
        ),
        section_instructors=Csr.of(taught),
        instructor_available=availability,
        instructor_dislike=more(problem.instructor_dislike),
        instructor_max_daily=more(problem.instructor_max_daily),
        instructor_max_weekly=more(problem.instructor_max_weekly),
        instructor_max_consecutive=more(problem.instructor_max_consecutive),
        room_capacity=problem.room_capacity[kept],
        room_kind=problem.room_kind[kept],
        room_features=has[kept],
        room_building=problem.room_building[kept],
        room_available=problem.room_available[kept],
        room_sharing=problem.room_places[kept],
        preferred_rooms=np.array(preferred, dtype=np.int32).reshape(-1, 3),
    )


def _students_apart(problem: Problem, kinds: dict[str, str]) -> Problem:
    """Whoever must not clash is an instructor of the problem; classes of students are curricula of an institution.

    When a class is not there goes to what it attends; so do the wishes of everybody, which the data of a person hold in three steps only.
    """
    classes = [n for n, name in enumerate(problem.names.instructors) if kinds.get(name) == STUDENTS]
    people = [n for n in range(problem.num_instructors) if n not in set(classes)]
    place = {n: position for position, n in enumerate(people)}
    curriculum = {n: problem.num_curricula + position for position, n in enumerate(classes)}
    available, dislike = problem.section_available.copy(), np.zeros_like(problem.section_available, dtype=np.int32)
    if problem.section_dislike.size:
        dislike += problem.section_dislike
    taught, attended = [], []
    for section in range(problem.num_sections):
        present = problem.section_instructors[section].tolist()
        taught.append([place[n] for n in present if n in place])
        attended.append([*problem.section_curricula[section].tolist(), *(curriculum[n] for n in present if n in curriculum)])
        for n in present:
            dislike[section] += problem.instructor_dislike[n]
            if n in curriculum:
                available[section] &= problem.instructor_available[n]
    return replace(
        problem,
        names=replace(
            problem.names,
            instructors=tuple(problem.names.instructors[n] for n in people),
            curricula=(*problem.names.curricula, *(problem.names.instructors[n] for n in classes)),
        ),
        section_instructors=Csr.of(taught),
        section_curricula=Csr.of(attended),
        section_available=available,
        section_dislike=dislike if dislike.any() else problem.section_dislike,
        instructor_available=problem.instructor_available[people],
        instructor_dislike=np.zeros_like(problem.instructor_dislike[people]),
        instructor_max_daily=problem.instructor_max_daily[people],
        instructor_max_weekly=problem.instructor_max_weekly[people],
        instructor_max_consecutive=problem.instructor_max_consecutive[people],
    )
