"""Random terms with everything switched on, and random timetables of them: for comparing one way of counting with another."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from generation.engine.model.problem import Csr
from generation.engine.term_model.problem import RuleKind, TermNames, TermProblem, TermWeights
from generation.engine.term_model.solution import TermSolution


@dataclass(frozen=True, slots=True)
class TermSize:
    """What a random term is made of; each course has at least one configuration of one subpart of one class."""

    courses: int = 4
    rooms: int = 4
    students: int = 6
    rules: int = 24
    days: int = 3
    weeks: int = 3
    slots: int = 24
    times: int = 20  # distinct ones
    configs: int = 2  # of a course at most; likewise subparts of a configuration and classes of a subpart
    subparts: int = 2
    classes: int = 3


TINY = TermSize(courses=2, rooms=3, students=3, rules=8, days=2, weeks=2, slots=8, times=6)
# So few timetables that all of them can be looked at.
COUNTABLE = TermSize(courses=2, rooms=2, students=2, rules=5, days=2, weeks=2, slots=6, times=3, configs=1, subparts=1, classes=2)


def random_term(seed: int, size: TermSize | None = None, *, hard_share: float = 0.3) -> TermProblem:
    """A term: lists of times and rooms with penalties, classes without a room, closures, travel, parents, limits, all kinds of rules."""
    size = size or TermSize()
    draw = random.Random(seed)
    times = _times(draw, size)
    config_course, subpart_config, class_subpart, class_parent = _structure(draw, size)
    num_classes = len(class_subpart)
    class_times = [draw.sample(range(len(times)), draw.randint(2, min(6, len(times)))) for _ in class_subpart]
    needs_room = [draw.random() < 0.85 for _ in class_subpart]
    class_rooms = [draw.sample(range(size.rooms), draw.randint(1, min(3, size.rooms))) if needs else [] for needs in needs_room]
    closures = [
        (draw.randrange(size.rooms), _mask(draw, size.days), draw.randrange(size.slots), draw.randint(1, 3), _mask(draw, size.weeks))
        for _ in range(size.rooms // 2)
    ]
    rules, members = _rules(draw, size, num_classes, hard_share)
    courses = range(size.courses)
    return TermProblem(
        name=f"random-{seed}",
        num_days=size.days,
        num_weeks=size.weeks,
        slots_per_day=size.slots,
        names=_names(size, num_classes, len(config_course), len(subpart_config)),
        weights=TermWeights(time=draw.randint(1, 4), room=draw.randint(1, 3), distribution=draw.randint(1, 5), student=draw.randint(0, 4)),
        time_days=np.array([time[0] for time in times], dtype=np.int32),
        time_weeks=np.array([time[1] for time in times], dtype=np.uint64),
        time_start=np.array([time[2] for time in times], dtype=np.int32),
        time_length=np.array([time[3] for time in times], dtype=np.int32),
        class_times=Csr.of(class_times),
        class_time_cost=np.array([draw.choice((0, 0, 1, 4)) for row in class_times for _ in row], dtype=np.int32),
        class_rooms=Csr.of(class_rooms),
        class_room_cost=np.array([draw.choice((0, 0, 2, 3)) for row in class_rooms for _ in row], dtype=np.int32),
        class_needs_room=np.array(needs_room, dtype=np.bool_),
        class_limit=np.array([draw.randint(1, size.students + 1) for _ in class_subpart], dtype=np.int32),
        class_parent=np.array(class_parent, dtype=np.int32),
        class_subpart=np.array(class_subpart, dtype=np.int32),
        subpart_config=np.array(subpart_config, dtype=np.int32),
        config_course=np.array(config_course, dtype=np.int32),
        room_capacity=np.array([draw.randint(5, 50) for _ in range(size.rooms)], dtype=np.int32),
        room_travel=_travel(draw, size),
        room_closed=np.array([closure[:4] for closure in closures], dtype=np.int32).reshape(-1, 4),
        room_closed_weeks=np.array([closure[4] for closure in closures], dtype=np.uint64),
        rules=np.array(rules, dtype=np.int32).reshape(-1, 5),
        rule_classes=Csr.of(members),
        student_courses=Csr.of([sorted(draw.sample(courses, draw.randint(1, min(3, size.courses)))) for _ in range(size.students)]),
    )


def random_solution(problem: TermProblem, seed: int, *, faults: float = 0.0) -> TermSolution:
    """A time and a room of its own for each class, and a combination for each choice of a student.

    With ``faults`` that share of the decisions is wrong: no time, another class's time or room, no room, students left out or in too much.
    """
    draw = random.Random(seed)
    class_time, class_room = [], []
    for number in range(problem.num_classes):
        rooms = problem.class_rooms[number].tolist()
        time, room = draw.choice(problem.class_times[number].tolist()), draw.choice(rooms) if rooms else -1
        if draw.random() < faults:
            time = draw.choice((-1, draw.randrange(problem.num_times)))
        if draw.random() < faults:
            room = draw.choice((-1, draw.randrange(problem.num_rooms)))
        class_time.append(time)
        class_room.append(room if time >= 0 else -1)
    students = []
    for student in range(problem.num_students):
        own: set[int] = set()
        for course in problem.student_courses[student].tolist():
            own |= set(random_combination(problem, course, draw))
        if own and draw.random() < faults:
            own.discard(draw.choice(sorted(own)))
        if draw.random() < faults:
            own.add(draw.randrange(problem.num_classes))
        students.append(sorted(own))
    return TermSolution(np.array(class_time, dtype=np.int32), np.array(class_room, dtype=np.int32), Csr.of(students))


def random_combination(problem: TermProblem, course: int, draw: random.Random) -> list[int]:
    """One class of every subpart of one configuration; with its parent, where it has one."""
    config = draw.choice(np.flatnonzero(problem.config_course == course).tolist())
    chosen: list[int] = []
    for subpart in np.flatnonzero(problem.subpart_config == config).tolist():
        classes = np.flatnonzero(problem.class_subpart == subpart).tolist()
        fitting = [number for number in classes if problem.class_parent[number] < 0 or problem.class_parent[number] in chosen]
        chosen.append(draw.choice(fitting or classes))
    return chosen


def _mask(draw: random.Random, size: int) -> int:
    return draw.randint(1, (1 << size) - 1)


def _times(draw: random.Random, size: TermSize) -> list[tuple[int, int, int, int]]:
    found: dict[tuple[int, int, int, int], None] = {}
    while len(found) < size.times:
        start = draw.randrange(size.slots - 1)
        found[_mask(draw, size.days), _mask(draw, size.weeks), start, draw.randint(1, min(4, size.slots - start))] = None
    # A class's times differ in days, weeks or start: the file's solutions name no length.
    by_place = {time[:3]: time for time in found}
    return list(by_place.values())


def _structure(draw: random.Random, size: TermSize) -> tuple[list[int], list[int], list[int], list[int]]:
    config_course: list[int] = []
    subpart_config: list[int] = []
    class_subpart: list[int] = []
    parents: list[int] = []
    for course in range(size.courses):
        for _ in range(draw.randint(1, size.configs)):
            config_course.append(course)
            earlier: list[int] = []
            for _ in range(draw.randint(1, size.subparts)):
                subpart_config.append(len(config_course) - 1)
                own = []
                for _ in range(draw.randint(1, size.classes)):
                    own.append(len(class_subpart))
                    class_subpart.append(len(subpart_config) - 1)
                    parents.append(draw.choice(earlier) if earlier and draw.random() < 0.5 else -1)
                earlier = own
    return config_course, subpart_config, class_subpart, parents


def _rules(
    draw: random.Random, size: TermSize, num_classes: int, hard_share: float
) -> tuple[list[tuple[int, int, int, int, int]], list[list[int]]]:
    rules, members = [], []
    kinds = list(RuleKind)
    for number in range(size.rules):
        kind = kinds[number % len(kinds)] if size.rules >= len(kinds) else draw.choice(kinds)
        is_hard = draw.random() < hard_share
        x, y = _parameters(draw, kind, size)
        rules.append((int(kind), int(is_hard), 0 if is_hard else draw.randint(1, 9), x, y))
        members.append(draw.sample(range(num_classes), draw.randint(min(2, num_classes), min(5, num_classes))))
    return rules, members


def _parameters(draw: random.Random, kind: RuleKind, size: TermSize) -> tuple[int, int]:
    if kind in (RuleKind.WORK_DAY, RuleKind.MAX_DAY_LOAD):
        return draw.randint(1, size.slots // 2), 0
    if kind is RuleKind.MIN_GAP:
        return draw.randint(0, 4), 0
    if kind is RuleKind.MAX_DAYS:
        return draw.randint(1, size.days), 0
    if kind is RuleKind.MAX_BREAKS:
        return draw.randint(0, 2), draw.randint(0, 3)
    if kind is RuleKind.MAX_BLOCK:
        return draw.randint(2, 8), draw.randint(0, 3)
    return 0, 0


def _travel(draw: random.Random, size: TermSize) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    found = np.zeros((size.rooms, size.rooms), dtype=np.int32)
    for one in range(size.rooms):
        for other in range(one):
            found[one, other] = found[other, one] = draw.choice((0, 1, 2, 3))
    return found


def _names(size: TermSize, num_classes: int, num_configs: int, num_subparts: int) -> TermNames:
    def numbered(letter: str, count: int) -> tuple[str, ...]:
        return tuple(f"{letter}{number}" for number in range(1, count + 1))

    return TermNames(
        classes=numbered("k", num_classes),
        rooms=numbered("r", size.rooms),
        courses=numbered("c", size.courses),
        configs=numbered("g", num_configs),
        subparts=numbered("p", num_subparts),
        students=numbered("s", size.students),
    )


def term_xml(problem: TermProblem) -> str:
    """The problem as a file of ITC-2019."""
    names, weights = problem.names, problem.weights

    def bits(mask: int, size: int) -> str:
        return "".join(str(int(mask) >> number & 1) for number in range(size))

    def when(days: int, weeks: int, start: int, length: int) -> str:
        return f'days="{bits(days, problem.num_days)}" start="{start}" length="{length}" weeks="{bits(weeks, problem.num_weeks)}"'

    lines = [
        f'<problem name="{problem.name}" nrDays="{problem.num_days}" slotsPerDay="{problem.slots_per_day}" nrWeeks="{problem.num_weeks}">',
        f'<optimization time="{weights.time}" room="{weights.room}" distribution="{weights.distribution}" student="{weights.student}"/>',
        "<rooms>",
    ]
    for room, name in enumerate(names.rooms):
        lines.append(f'<room id="{name}" capacity="{problem.room_capacity[room]}">')
        lines += [
            f'<travel room="{names.rooms[other]}" value="{problem.room_travel[room, other]}"/>'
            for other in range(room)
            if problem.room_travel[room, other]
        ]
        for (closed, days, start, length), weeks in zip(problem.room_closed.tolist(), problem.room_closed_weeks.tolist(), strict=True):
            if closed == room:
                lines.append(f"<unavailable {when(days, weeks, start, length)}/>")
        lines.append("</room>")
    lines.append("</rooms><courses>")
    for course, course_name in enumerate(names.courses):
        lines.append(f'<course id="{course_name}">')
        for config in np.flatnonzero(problem.config_course == course):
            lines.append(f'<config id="{names.configs[config]}">')
            for subpart in np.flatnonzero(problem.subpart_config == config):
                lines.append(f'<subpart id="{names.subparts[subpart]}">')
                for number in np.flatnonzero(problem.class_subpart == subpart):
                    lines += _class_xml(problem, int(number), when)
                lines.append("</subpart>")
            lines.append("</config>")
        lines.append("</course>")
    lines.append("</courses><distributions>")
    for (kind, is_hard, penalty, x, y), members in zip(problem.rules.tolist(), problem.rule_classes, strict=True):
        name = RuleKind(kind).name.title().replace("_", "")
        brackets = {"WorkDay": f"({x})", "MinGap": f"({x})", "MaxDays": f"({x})", "MaxDayLoad": f"({x})"}.get(
            name, f"({x},{y})" if name in ("MaxBreaks", "MaxBlock") else ""
        )
        kept = 'required="true"' if is_hard else f'penalty="{penalty}"'
        inside = "".join(f'<class id="{names.classes[number]}"/>' for number in members)
        lines.append(f'<distribution type="{name}{brackets}" {kept}>{inside}</distribution>')
    lines.append("</distributions><students>")
    for student, student_name in enumerate(names.students):
        inside = "".join(f'<course id="{names.courses[course]}"/>' for course in problem.student_courses[student])
        lines.append(f'<student id="{student_name}">{inside}</student>')
    return "\n".join([*lines, "</students></problem>", ""])


def _class_xml(problem: TermProblem, number: int, when: object) -> list[str]:
    assert callable(when)
    names, parent = problem.names, int(problem.class_parent[number])
    own = f' parent="{names.classes[parent]}"' if parent >= 0 else ""
    own += "" if problem.class_needs_room[number] else ' room="false"'
    lines = [f'<class id="{names.classes[number]}" limit="{problem.class_limit[number]}"{own}>']
    for table, costs in ((problem.class_rooms, problem.class_room_cost), (problem.class_times, problem.class_time_cost)):
        row = slice(table.indptr[number], table.indptr[number + 1])
        for value, cost in zip(table.indices[row].tolist(), costs[row].tolist(), strict=True):
            if table is problem.class_rooms:
                lines.append(f'<room id="{names.rooms[value]}" penalty="{cost}"/>')
            else:
                time = (problem.time_days[value], problem.time_weeks[value], problem.time_start[value], problem.time_length[value])
                lines.append(f'<time {when(*(int(part) for part in time))} penalty="{cost}"/>')
    return [*lines, "</class>"]
