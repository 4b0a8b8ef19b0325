"""Every count of the term's evaluator once more, cell by cell: a class is the set of its (week, day, slot) cells. For tiny terms."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, groupby, product

from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermSolution

Cell = tuple[int, int, int]


class CellTerm:
    """A timetable as sets of cells."""

    def __init__(self, problem: TermProblem, solution: TermSolution) -> None:
        self.problem, self.solution = problem, solution
        self.placed = [number for number in range(problem.num_classes) if solution.class_time[number] >= 0]
        self.cells = {number: self._cells(int(solution.class_time[number])) for number in self.placed}
        self.room = {number: int(solution.class_room[number]) if problem.class_needs_room[number] else -1 for number in self.placed}

    def _cells(self, time: int) -> set[Cell]:
        problem = self.problem
        slots = range(problem.time_start[time], problem.time_start[time] + problem.time_length[time])
        return {
            (week, day, slot)
            for week, day, slot in product(range(problem.num_weeks), range(problem.num_days), slots)
            if 1 << week & int(problem.time_weeks[time]) and 1 << day & int(problem.time_days[time])
        }

    def days(self, number: int) -> set[int]:
        return {day for _, day, _ in self.cells[number]}

    def weeks(self, number: int) -> set[int]:
        return {week for week, _, _ in self.cells[number]}

    def slots(self, number: int) -> list[int]:
        return sorted({slot for _, _, slot in self.cells[number]})

    def shared_days(self, one: int, other: int) -> set[tuple[int, int]]:
        return {cell[:2] for cell in self.cells[one]} & {cell[:2] for cell in self.cells[other]}

    def free_between(self, one: int, other: int) -> int:
        """Slots between two classes that do not share one; -1 where they do."""
        a, b = self.slots(one), self.slots(other)
        return -1 if set(a) & set(b) else max(a[0], b[0]) - min(a[-1], b[-1]) - 1

    def too_close(self, one: int, other: int, slots: int) -> bool:
        return bool(self.shared_days(one, other)) and self.free_between(one, other) < slots

    def walk(self, one: int, other: int) -> int:
        rooms = self.room[one], self.room[other]
        return 0 if -1 in rooms else int(self.problem.room_travel[rooms])

    def breaks_pair(self, kind: RuleKind, one: int, other: int, x: int) -> bool:
        a, b = self.slots(one), self.slots(other)
        if kind is RuleKind.SAME_START:
            return a[0] != b[0]
        if kind is RuleKind.SAME_TIME:
            return not (set(a) <= set(b) or set(b) <= set(a))
        if kind is RuleKind.DIFFERENT_TIME:
            return bool(set(a) & set(b))
        if kind is RuleKind.SAME_DAYS:
            return not (self.days(one) <= self.days(other) or self.days(other) <= self.days(one))
        if kind is RuleKind.DIFFERENT_DAYS:
            return bool(self.days(one) & self.days(other))
        if kind is RuleKind.SAME_WEEKS:
            return not (self.weeks(one) <= self.weeks(other) or self.weeks(other) <= self.weeks(one))
        if kind is RuleKind.DIFFERENT_WEEKS:
            return bool(self.weeks(one) & self.weeks(other))
        if kind is RuleKind.OVERLAP:
            return not self.cells[one] & self.cells[other]
        if kind is RuleKind.NOT_OVERLAP:
            return bool(self.cells[one] & self.cells[other])
        if kind is RuleKind.SAME_ROOM:
            return self.room[one] != self.room[other]
        if kind is RuleKind.DIFFERENT_ROOM:
            return self.room[one] == self.room[other]
        if kind is RuleKind.SAME_ATTENDEES:
            return self.too_close(one, other, self.walk(one, other))
        if kind is RuleKind.PRECEDENCE:
            first_day = min(cell[:2] for cell in self.cells[one])
            last_of_first = max(cell for cell in self.cells[one] if cell[:2] == first_day)
            return not last_of_first < min(self.cells[other])
        if kind is RuleKind.WORK_DAY:
            return bool(self.shared_days(one, other)) and max(a[-1], b[-1]) + 1 - min(a[0], b[0]) > x
        assert kind is RuleKind.MIN_GAP
        return self.too_close(one, other, x)

    def over_group(self, kind: RuleKind, members: list[int], x: int, y: int) -> int:
        if kind is RuleKind.MAX_DAYS:
            return max(0, len(set().union(*(self.days(number) for number in members))) - x)
        total = 0
        for week, day in product(range(self.problem.num_weeks), range(self.problem.num_days)):
            here = [number for number in members if (week, day) in {cell[:2] for cell in self.cells[number]}]
            if kind is RuleKind.MAX_DAY_LOAD:
                total += max(0, sum(len(self.slots(number)) for number in here) - x)
                continue
            blocks = self._blocks(here, y)
            if kind is RuleKind.MAX_BREAKS:
                total += max(0, len(blocks) - 1 - x)
            else:
                for first, last in blocks:
                    inside = [number for number in here if first <= self.slots(number)[0] <= last]
                    total += last - first + 1 > x and len({self.slots(number)[0] for number in inside}) > 1
        return total

    def _blocks(self, members: list[int], gap: int) -> list[tuple[int, int]]:
        """Runs of busy slots in which at most ``gap`` are free: (first, last)."""
        busy = sorted({slot for number in members for slot in self.slots(number)})
        # A slot and the one before it belong together where the free ones between are no more than a gap.
        number, labels = 0, []
        for place, slot in enumerate(busy):
            number += place > 0 and slot - busy[place - 1] - 1 > gap
            labels.append((number, slot))
        runs = [[slot for _, slot in run] for _, run in groupby(labels, key=lambda label: label[0])]
        return [(run[0], run[-1]) for run in runs]


def count(problem: TermProblem, solution: TermSolution) -> dict[str, int]:
    """``hard``, and the weighted ``time``, ``room``, ``distribution`` and ``student``."""
    term = CellTerm(problem, solution)
    found: Counter[str] = Counter(hard=problem.num_classes - len(term.placed), time=0, room=0, distribution=0, student=0)
    for number in term.placed:
        _own_place(problem, solution, number, found)
        closed = set()
        for (room, days, start, length), weeks in zip(problem.room_closed.tolist(), problem.room_closed_weeks.tolist(), strict=True):
            if room == term.room[number]:
                closed |= {
                    (week, day, slot)
                    for week, day, slot in product(range(64), range(7), range(start, start + length))
                    if weeks & 1 << week and days & 1 << day
                }
        found["hard"] += bool(closed & term.cells[number])
    for one, other in combinations(term.placed, 2):
        found["hard"] += term.room[one] == term.room[other] != -1 and bool(term.cells[one] & term.cells[other])
    for rule in range(problem.num_rules):
        _rule(term, rule, found)
    _students(term, found)
    return dict(found)


def _own_place(problem: TermProblem, solution: TermSolution, number: int, found: Counter[str]) -> None:
    for name, chosen, table, costs, weight in (
        ("time", solution.class_time, problem.class_times, problem.class_time_cost, problem.weights.time),
        ("room", solution.class_room, problem.class_rooms, problem.class_room_cost, problem.weights.room),
    ):
        if name == "room" and not problem.class_needs_room[number]:
            found["hard"] += chosen[number] >= 0
            continue
        row = list(range(table.indptr[number], table.indptr[number + 1]))
        fitting = [int(costs[place]) for place in row if table.indices[place] == chosen[number]]
        found["hard"] += not fitting
        found[name] += weight * sum(fitting)


def _rule(term: CellTerm, rule: int, found: Counter[str]) -> None:
    number, is_hard, penalty, x, y = term.problem.rules[rule].tolist()
    kind = RuleKind(number)
    members = [each for each in term.problem.rule_classes[rule].tolist() if each in term.cells]
    if kind < RuleKind.MAX_DAYS:
        broken = sum(term.breaks_pair(kind, one, other, x) for one, other in combinations(members, 2))
        cost = broken * penalty
    else:
        broken = term.over_group(kind, members, x, y) if members else 0
        cost = broken * penalty if kind is RuleKind.MAX_DAYS else broken * penalty // term.problem.num_weeks
    found["hard" if is_hard else "distribution"] += broken if is_hard else cost * term.problem.weights.distribution


def _students(term: CellTerm, found: Counter[str]) -> None:
    problem, solution = term.problem, term.solution
    attending: Counter[int] = Counter()
    for student in range(problem.num_students):
        own = solution.student_classes[student].tolist()
        attending.update(own)
        wanted = problem.student_courses[student].tolist()
        courses = {int(problem.class_course[number]) for number in own}
        found["hard"] += len(courses - set(wanted))
        for course in wanted:
            of_course = [number for number in own if problem.class_course[number] == course]
            configs = {int(problem.class_config[number]) for number in of_course}
            if len(configs) != 1:
                found["hard"] += 1
                continue
            per_subpart = Counter(int(problem.class_subpart[number]) for number in of_course)
            subparts = [subpart for subpart in range(len(problem.subpart_config)) if problem.subpart_config[subpart] in configs]
            found["hard"] += any(per_subpart[subpart] != 1 for subpart in subparts)
            parents = [int(problem.class_parent[number]) for number in of_course]
            found["hard"] += sum(parent >= 0 and parent not in of_course for parent in parents)
        placed = [number for number in own if number in term.cells]
        clashes = sum(term.too_close(one, other, term.walk(one, other)) for one, other in combinations(placed, 2))
        found["student"] += problem.weights.student * clashes
    found["hard"] += sum(attending[number] > problem.class_limit[number] for number in range(problem.num_classes))
