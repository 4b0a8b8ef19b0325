"""What a term's timetable breaks and costs, by plain functions over days, weeks, start, end and room.

Nothing here is shared with the search, whose results it evaluates. Everything is counted as the competition's checker counts it:

- a hard violation for each class without a time, at a time or in a room that is not its own, without a room, in a closed room, for
  each two in one room at once, each class above its limit, and for each thing that is wrong with a student's classes;
- of a rule on pairs each pair that breaks it; of *MaxDays* each day too many; of the rules on days each excess of each day of each
  week, of which a soft one costs the sum over the weeks, divided by their number and rounded down;
- a student's clash for each two of his classes that overlap or leave him too little time to walk.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generation.engine.model.problem import Csr, IntArray
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermScore, TermSolution

PAIRS_AT_ONCE = 1_000_000  # of students' classes, in arrays


class TermFault(StrEnum):
    """What a violation is about. Those of rules are `RULE`, with the rule's number."""

    CLASS_UNPLACED = "class_unplaced"
    TIME_NOT_ALLOWED = "time_not_allowed"
    ROOM_MISSING = "room_missing"
    ROOM_NOT_ALLOWED = "room_not_allowed"
    ROOM_NOT_NEEDED = "room_not_needed"
    ROOM_CLOSED = "room_closed"
    ROOM_CONFLICT = "room_conflict"
    CLASS_LIMIT = "class_limit"
    STUDENT_CONFIGURATION = "student_configuration"
    STUDENT_SUBPARTS = "student_subparts"
    STUDENT_PARENT = "student_parent"
    STUDENT_EXTRA_COURSE = "student_extra_course"
    RULE = "rule"
    # What costs and breaks nothing.
    TIME_PENALTY = "time"
    ROOM_PENALTY = "room"
    STUDENT_CONFLICT = "student"


class Meeting(NamedTuple):
    """A placed class. ``end`` is the slot after its last; ``room`` is -1 where it has none."""

    days: int
    weeks: int
    start: int
    end: int
    room: int


@dataclass(frozen=True, slots=True)
class TermViolation:
    """One thing that is broken or costs; indices are the problem's, -1 where there is none."""

    fault: TermFault
    is_hard: bool
    amount: int  # hard violations, or the weighted cost
    classes: tuple[int, ...] = ()
    room: int = -1
    rule: int = -1
    student: int = -1
    course: int = -1
    found: int = 0  # of what is counted: students of a class, days, slots over the most
    most: int = 0


@dataclass(frozen=True, slots=True)
class TermEvaluation:
    """The score of a solution, and what it is made of."""

    score: TermScore
    breakdown: dict[str, int]  # weighted cost: time, room, student, and each kind of rule by its name
    broken: dict[str, int]  # hard violations by fault, of rules by the rule's name
    unplaced: int  # classes without a time, or without the room that they need
    student_clashes: int

    @property
    def is_feasible(self) -> bool:
        return self.score.hard == 0


def rule_name(kind: int) -> str:
    """As the format calls it: ``SameAttendees``."""
    return RuleKind(kind).name.title().replace("_", "")


def evaluate(problem: TermProblem, solution: TermSolution) -> TermEvaluation:
    """Count and weigh everything that `violations` finds."""
    hard: Counter[str] = Counter()
    cost: Counter[str] = Counter()
    parts: Counter[TermFault] = Counter()
    clashes = 0
    for each in violations(problem, solution):
        name = rule_name(int(problem.rules[each.rule, 0])) if each.fault is TermFault.RULE else each.fault.value
        if each.is_hard:
            hard[name] += each.amount
        else:
            cost[name] += each.amount
            parts[each.fault] += each.amount
            clashes += each.fault is TermFault.STUDENT_CONFLICT
    score = TermScore(
        hard=hard.total(),
        time=parts[TermFault.TIME_PENALTY],
        room=parts[TermFault.ROOM_PENALTY],
        distribution=parts[TermFault.RULE],
        student=parts[TermFault.STUDENT_CONFLICT],
    )
    unplaced = hard[TermFault.CLASS_UNPLACED] + hard[TermFault.ROOM_MISSING]
    return TermEvaluation(score, _positive(cost), _positive(hard), unplaced, clashes)


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}


def violations(problem: TermProblem, solution: TermSolution) -> Iterator[TermViolation]:
    """Everything that is broken or costs, one by one; the amounts sum to the score."""
    yield from _places(problem, solution)
    meetings = meetings_of(problem, solution)
    yield from _rooms(problem, meetings)
    travel = problem.room_travel.tolist()
    for rule in range(problem.num_rules):
        yield from rule_violations(problem, rule, meetings, travel)
    yield from _limits(problem, solution)
    yield from _students(problem, solution)
    yield from _clashes(problem, solution, meetings)


def meetings_of(problem: TermProblem, solution: TermSolution) -> dict[int, Meeting]:
    """The placed classes. One that is in a room and needs none has none."""
    found = {}
    rooms = solution.class_room.tolist()
    for number, time in enumerate(solution.class_time.tolist()):
        if time >= 0:
            start = int(problem.time_start[time])
            found[number] = Meeting(
                days=int(problem.time_days[time]),
                weeks=int(problem.time_weeks[time]),
                start=start,
                end=start + int(problem.time_length[time]),
                room=rooms[number] if problem.class_needs_room[number] else -1,
            )
    return found


# Times and rooms.


def _places(problem: TermProblem, solution: TermSolution) -> Iterator[TermViolation]:
    """Each class's own time and room, and what they cost."""
    rooms = solution.class_room.tolist()
    for number, time in enumerate(solution.class_time.tolist()):
        own = (number,)
        if time < 0:
            yield TermViolation(TermFault.CLASS_UNPLACED, True, 1, own)
            continue
        cost = _cost_of(problem.class_times, problem.class_time_cost, number, time)
        if cost is None:
            yield TermViolation(TermFault.TIME_NOT_ALLOWED, True, 1, own)
        elif cost * problem.weights.time:
            yield TermViolation(TermFault.TIME_PENALTY, False, cost * problem.weights.time, own)
        yield from _room_of(problem, number, rooms[number])


def _room_of(problem: TermProblem, number: int, room: int) -> Iterator[TermViolation]:
    own = (number,)
    if not problem.class_needs_room[number]:
        if room >= 0:
            yield TermViolation(TermFault.ROOM_NOT_NEEDED, True, 1, own, room)
        return
    if room < 0:
        yield TermViolation(TermFault.ROOM_MISSING, True, 1, own)
        return
    cost = _cost_of(problem.class_rooms, problem.class_room_cost, number, room)
    if cost is None:
        yield TermViolation(TermFault.ROOM_NOT_ALLOWED, True, 1, own, room)
    elif cost * problem.weights.room:
        yield TermViolation(TermFault.ROOM_PENALTY, False, cost * problem.weights.room, own, room)


def _cost_of(own: Csr, costs: IntArray, row: int, wanted: int) -> int | None:
    """What a class's own time or room costs; None where it is not one of its own."""
    places = slice(int(own.indptr[row]), int(own.indptr[row + 1]))
    return dict(zip(own.indices[places].tolist(), costs[places].tolist(), strict=True)).get(wanted)


def _rooms(problem: TermProblem, meetings: Mapping[int, Meeting]) -> Iterator[TermViolation]:
    """Closed rooms, and two classes in one room at once."""
    closures: dict[int, list[Meeting]] = defaultdict(list)
    for (room, days, start, length), weeks in zip(problem.room_closed.tolist(), problem.room_closed_weeks.tolist(), strict=True):
        closures[room].append(Meeting(days, weeks, start, start + length, room))
    in_room: dict[int, list[int]] = defaultdict(list)
    for number, meeting in meetings.items():
        if meeting.room >= 0:
            in_room[meeting.room].append(number)
            if any(overlap(meeting, closure) for closure in closures.get(meeting.room, ())):
                yield TermViolation(TermFault.ROOM_CLOSED, True, 1, (number,), meeting.room)
    for room, numbers in in_room.items():
        for one, other in combinations(numbers, 2):
            if overlap(meetings[one], meetings[other]):
                yield TermViolation(TermFault.ROOM_CONFLICT, True, 1, (one, other), room)


# Rules on pairs. Each says whether the pair keeps it.


def meet_in_a_day(one: Meeting, other: Meeting) -> bool:
    """Whether there is a day of a week on which both are held."""
    return bool(one.days & other.days) and bool(one.weeks & other.weeks)


def overlap(one: Meeting, other: Meeting) -> bool:
    return meet_in_a_day(one, other) and one.start < other.end and other.start < one.end


def way(one: Meeting, other: Meeting, travel: Sequence[Sequence[int]]) -> int:
    """Slots from the room of one to that of the other; none where either has no room."""
    return travel[one.room][other.room] if one.room >= 0 and other.room >= 0 else 0


def can_attend_both(one: Meeting, other: Meeting, travel: Sequence[Sequence[int]]) -> bool:
    return not meet_in_a_day(one, other) or _gap_is(one, other, way(one, other, travel))


def _gap_is(one: Meeting, other: Meeting, slots: int) -> bool:
    return one.end + slots <= other.start or other.end + slots <= one.start


def _is_within(one: int, other: int) -> bool:
    """Whether one of two sets holds the other."""
    return one | other in (one, other)


def _precedes(one: Meeting, other: Meeting) -> bool:
    """Whether the first meeting of one ends before the first of the other begins: by week, then day, then slot."""
    first = [(_lowest(each.weeks), _lowest(each.days)) for each in (one, other)]
    return first[0] < first[1] or (first[0] == first[1] and one.end <= other.start)


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length()


PairTest = Callable[[Meeting, Meeting, int, Sequence[Sequence[int]]], bool]
PAIR_TESTS: dict[RuleKind, PairTest] = {
    RuleKind.SAME_START: lambda one, other, x, travel: one.start == other.start,
    RuleKind.SAME_TIME: lambda one, other, x, travel: (
        (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)
    ),
    RuleKind.DIFFERENT_TIME: lambda one, other, x, travel: one.end <= other.start or other.end <= one.start,
    RuleKind.SAME_DAYS: lambda one, other, x, travel: _is_within(one.days, other.days),
    RuleKind.DIFFERENT_DAYS: lambda one, other, x, travel: not one.days & other.days,
    RuleKind.SAME_WEEKS: lambda one, other, x, travel: _is_within(one.weeks, other.weeks),
    RuleKind.DIFFERENT_WEEKS: lambda one, other, x, travel: not one.weeks & other.weeks,
    RuleKind.OVERLAP: lambda one, other, x, travel: overlap(one, other),
    RuleKind.NOT_OVERLAP: lambda one, other, x, travel: not overlap(one, other),
    RuleKind.SAME_ROOM: lambda one, other, x, travel: one.room == other.room,
    RuleKind.DIFFERENT_ROOM: lambda one, other, x, travel: one.room != other.room,
    RuleKind.SAME_ATTENDEES: lambda one, other, x, travel: can_attend_both(one, other, travel),
    RuleKind.PRECEDENCE: lambda one, other, x, travel: _precedes(one, other),
    RuleKind.WORK_DAY: lambda one, other, x, travel: (
        not meet_in_a_day(one, other) or max(one.end, other.end) - min(one.start, other.start) <= x
    ),
    RuleKind.MIN_GAP: lambda one, other, x, travel: not meet_in_a_day(one, other) or _gap_is(one, other, x),
}


# Rules on whole groups. Each says by how much it is exceeded.


def days_over(meetings: Sequence[Meeting], most: int) -> int:
    """*MaxDays*: days on which any is held, above the most."""
    days = 0
    for meeting in meetings:
        days |= meeting.days
    return max(0, days.bit_count() - most)


def load_over(day: Sequence[Meeting], most: int) -> int:
    """*MaxDayLoad*: slots of a day above the most."""
    return max(0, sum(meeting.end - meeting.start for meeting in day) - most)


def breaks_over(day: Sequence[Meeting], most: int, slots: int) -> int:
    """*MaxBreaks*: breaks of more than ``slots`` in a day, above the most."""
    return max(0, len(_blocks(day, slots)) - 1 - most)


def blocks_over(day: Sequence[Meeting], most: int, slots: int) -> int:
    """*MaxBlock*: blocks of two and more classes, not all of one start, that are longer than the most."""
    return sum(
        1
        for block in _blocks(day, slots)
        if len({meeting.start for meeting in block}) > 1 and max(meeting.end for meeting in block) - block[0].start > most
    )


def _blocks(day: Sequence[Meeting], slots: int) -> list[list[Meeting]]:
    """The meetings of a day in blocks, between which there are more than ``slots``."""
    blocks: list[list[Meeting]] = []
    end = 0
    for meeting in sorted(day, key=lambda each: (each.start, each.end)):
        if blocks and meeting.start <= end + slots:
            blocks[-1].append(meeting)
            end = max(end, meeting.end)
        else:
            blocks.append([meeting])
            end = meeting.end
    return blocks


def _over_all_days(problem: TermProblem, meetings: Sequence[Meeting], over: Callable[[Sequence[Meeting]], int]) -> int:
    total = 0
    for week in range(problem.num_weeks):
        of_week = [meeting for meeting in meetings if meeting.weeks >> week & 1]
        for day in range(problem.num_days):
            of_day = [meeting for meeting in of_week if meeting.days >> day & 1]
            if of_day:
                total += over(of_day)
    return total


def rule_violations(
    problem: TermProblem, rule: int, meetings: Mapping[int, Meeting], travel: Sequence[Sequence[int]]
) -> Iterator[TermViolation]:
    """What a rule's placed classes break of it: pair by pair, or once for the whole group."""
    number, is_hard, penalty, x, y = problem.rules[rule].tolist()
    kind, placed = RuleKind(number), [each for each in problem.rule_classes[rule].tolist() if each in meetings]
    price = 1 if is_hard else penalty * problem.weights.distribution
    test = PAIR_TESTS.get(kind)
    if test is not None:
        for one, other in combinations(placed, 2):
            if not test(meetings[one], meetings[other], x, travel):
                yield TermViolation(TermFault.RULE, bool(is_hard), price, (one, other), rule=rule)
        return
    group = [meetings[each] for each in placed]
    if kind is RuleKind.MAX_DAYS:
        over = days_over(group, x)
        amount = over * price
    else:
        over = _over_all_days(problem, group, lambda day: _over_in_day(kind, day, x, y))
        amount = over if is_hard else over * penalty // problem.num_weeks * problem.weights.distribution
    if over:
        yield TermViolation(TermFault.RULE, bool(is_hard), amount, tuple(placed), rule=rule, found=over, most=x)


def _over_in_day(kind: RuleKind, day: Sequence[Meeting], x: int, y: int) -> int:
    if kind is RuleKind.MAX_DAY_LOAD:
        return load_over(day, x)
    return breaks_over(day, x, y) if kind is RuleKind.MAX_BREAKS else blocks_over(day, x, y)


# Students.


def _limits(problem: TermProblem, solution: TermSolution) -> Iterator[TermViolation]:
    sizes = Counter(solution.student_classes.indices.tolist())
    for number, limit in enumerate(problem.class_limit.tolist()):
        if sizes[number] > limit:
            yield TermViolation(TermFault.CLASS_LIMIT, True, 1, (number,), found=sizes[number], most=limit)


def _students(problem: TermProblem, solution: TermSolution) -> Iterator[TermViolation]:
    """Whether each student is in one class of every subpart of one configuration of each course, and in no other."""
    course_of, config_of = problem.class_course.tolist(), problem.class_config.tolist()
    subpart_of, parent_of = problem.class_subpart.tolist(), problem.class_parent.tolist()
    subparts: dict[int, list[int]] = defaultdict(list)
    for subpart, config in enumerate(problem.subpart_config.tolist()):
        subparts[config].append(subpart)
    for student in range(problem.num_students):
        by_course: dict[int, list[int]] = defaultdict(list)
        for number in solution.student_classes[student].tolist():
            by_course[course_of[number]].append(number)
        for course in problem.student_courses[student].tolist():
            own = by_course.pop(course, [])
            configs = {config_of[number] for number in own}
            if len(configs) != 1:
                yield TermViolation(TermFault.STUDENT_CONFIGURATION, True, 1, tuple(own), student=student, course=course)
                continue
            if sorted(subpart_of[number] for number in own) != subparts[configs.pop()]:
                yield TermViolation(TermFault.STUDENT_SUBPARTS, True, 1, tuple(own), student=student, course=course)
            for number in own:
                if parent_of[number] >= 0 and parent_of[number] not in own:
                    pair = (number, parent_of[number])
                    yield TermViolation(TermFault.STUDENT_PARENT, True, 1, pair, student=student, course=course)
        for course, own in by_course.items():
            yield TermViolation(TermFault.STUDENT_EXTRA_COURSE, True, 1, tuple(own), student=student, course=course)


def _clashes(problem: TermProblem, solution: TermSolution, meetings: Mapping[int, Meeting]) -> Iterator[TermViolation]:
    """Each two classes of a student that overlap or leave too little time to walk: `can_attend_both` in arrays.

    Students of a large term have millions of pairs. Those with as many classes are looked at together.
    """
    is_placed = np.zeros(problem.num_classes, dtype=np.bool_)
    days, start, end, room = (np.zeros(problem.num_classes, dtype=np.int64) for _ in range(4))
    weeks = np.zeros(problem.num_classes, dtype=np.uint64)
    for number, meeting in meetings.items():
        is_placed[number] = True
        days[number], weeks[number], start[number], end[number], room[number] = meeting
    classes = solution.student_classes.indices
    owner = np.repeat(np.arange(problem.num_students), np.diff(solution.student_classes.indptr))[is_placed[classes]]
    classes, sizes = classes[is_placed[classes]], np.bincount(owner, minlength=problem.num_students)
    first = np.cumsum(sizes) - sizes
    found: list[tuple[int, int, int]] = []
    for size in np.unique(sizes[sizes > 1]).tolist():
        one, other = np.triu_indices(size, 1)
        students = np.flatnonzero(sizes == size)
        step = max(1, PAIRS_AT_ONCE // len(one))
        for begin in range(0, len(students), step):
            own = classes[first[students[begin : begin + step]][:, None] + np.arange(size)]
            a, b = own[:, one], own[:, other]
            has_way = (room[a] >= 0) & (room[b] >= 0)
            slots = np.where(has_way, problem.room_travel[room[a], room[b]], 0) if problem.num_rooms else 0
            meets = ((days[a] & days[b]) != 0) & ((weeks[a] & weeks[b]) != 0)
            row, pair = np.nonzero(meets & (end[a] + slots > start[b]) & (end[b] + slots > start[a]))
            found += zip(students[begin + row].tolist(), a[row, pair].tolist(), b[row, pair].tolist(), strict=True)
    for student, lower, upper in sorted(found):
        yield TermViolation(TermFault.STUDENT_CONFLICT, False, problem.weights.student, (lower, upper), student=student)
