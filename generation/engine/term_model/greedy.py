"""A plain construction: each class in turn at its cheapest free place, each student in the combination that clashes least."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import product

import numpy as np

from generation.engine.model.problem import Csr
from generation.engine.observer import Observer
from generation.engine.search_state import StageReport
from generation.engine.stop import StopCriterion
from generation.engine.term_model.evaluate import PAIR_TESTS, Meeting, evaluate, overlap
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermSolution

MOST_COMBINATIONS = 200  # of a course, looked at for each student


@dataclass(frozen=True, slots=True)
class TermResult:
    solution: TermSolution
    stages: list[StageReport]
    time_to_feasible_s: float | None
    moves_per_second: int | None


def search_term(
    problem: TermProblem,
    *,
    time_limit_s: float,
    iterations: int | None,
    seed: int,
    workers: int,
    observer: Observer,
    stop: StopCriterion,
) -> TermResult:
    """One pass of greed, whatever the time; the seed orders classes that are alike."""
    began = time.perf_counter()
    construction = _Construction(problem, seed)
    for number in construction.order():
        construction.place(number)
    solution = TermSolution(construction.times, construction.rooms, construction.seated())
    score = evaluate(problem, solution).score
    seconds = time.perf_counter() - began
    return TermResult(solution, [StageReport("construction", seconds, score.hard, score.total)], None if score.hard else seconds, None)


class _Construction:
    def __init__(self, problem: TermProblem, seed: int) -> None:
        self.problem, self.random = problem, np.random.default_rng(seed)
        self.times = np.full(problem.num_classes, -1, dtype=np.int32)
        self.rooms = np.full(problem.num_classes, -1, dtype=np.int32)
        self.travel = problem.room_travel.tolist()
        self.meetings: dict[int, Meeting] = {}
        self.in_room: dict[int, list[Meeting]] = defaultdict(list)
        for (room, days, start, length), weeks in zip(problem.room_closed.tolist(), problem.room_closed_weeks.tolist(), strict=True):
            self.in_room[room].append(Meeting(days, weeks, start, start + length, room))
        self.partners: dict[int, list[tuple[RuleKind, int, bool, int]]] = defaultdict(list)  # kind, x, the other comes later, other
        for (kind, is_hard, _, x, _), members in zip(problem.rules.tolist(), problem.rule_classes, strict=True):
            if is_hard and RuleKind(kind) in PAIR_TESTS:
                for one, other in product(enumerate(members.tolist()), repeat=2):
                    if one[1] != other[1]:
                        self.partners[one[1]].append((RuleKind(kind), x, one[0] < other[0], other[1]))

    def order(self) -> list[int]:
        problem = self.problem
        choices = np.diff(problem.class_times.indptr) * np.maximum(1, np.diff(problem.class_rooms.indptr))
        order: list[int] = np.lexsort((self.random.random(problem.num_classes), choices)).tolist()
        return order

    def place(self, number: int) -> None:
        problem, best = self.problem, (1 << 60, 0, -1)
        own = slice(problem.class_times.indptr[number], problem.class_times.indptr[number + 1])
        rooms = slice(problem.class_rooms.indptr[number], problem.class_rooms.indptr[number + 1])
        time_choices = sorted(zip(problem.class_time_cost[own].tolist(), problem.class_times.indices[own].tolist(), strict=True))
        room_choices = sorted(zip(problem.class_room_cost[rooms].tolist(), problem.class_rooms.indices[rooms].tolist(), strict=True))
        for (_, when), (_, room) in product(time_choices, room_choices or [(0, -1)]):
            broken = self._broken(number, self._meeting(when, room), best[0])
            if broken < best[0]:
                best = (broken, when, room)
            if not broken:
                break
        _, self.times[number], self.rooms[number] = best
        meeting = self.meetings[number] = self._meeting(best[1], best[2])
        if meeting.room >= 0:
            self.in_room[meeting.room].append(meeting)

    def _meeting(self, when: int, room: int) -> Meeting:
        problem, start = self.problem, int(self.problem.time_start[when])
        days, weeks = int(problem.time_days[when]), int(problem.time_weeks[when])
        return Meeting(days, weeks, start, start + int(problem.time_length[when]), room)

    def _broken(self, number: int, meeting: Meeting, most: int) -> int:
        broken = sum(overlap(meeting, other) for other in self.in_room[meeting.room]) if meeting.room >= 0 else 0
        for kind, x, is_first, other in self.partners[number]:
            if broken >= most:
                break
            if other in self.meetings:
                pair = (meeting, self.meetings[other]) if is_first else (self.meetings[other], meeting)
                broken += not PAIR_TESTS[kind](*pair, x, self.travel)
        return broken

    def seated(self) -> Csr:
        problem = self.problem
        left = problem.class_limit.copy()
        combinations = [self._combinations(course) for course in range(problem.num_courses)]
        rows = []
        for courses in problem.student_courses:
            own: list[int] = []
            for course in courses.tolist():
                best = min(combinations[course], key=lambda chosen: (any(left[each] < 1 for each in chosen), self._clashes(chosen, own)))
                left[list(best)] -= 1
                own += best
            rows.append(sorted(own))
        return Csr.of(rows)

    def _clashes(self, chosen: tuple[int, ...], own: list[int]) -> int:
        attend = PAIR_TESTS[RuleKind.SAME_ATTENDEES]
        return sum(not attend(self.meetings[one], self.meetings[other], 0, self.travel) for one in chosen for other in own)

    def _combinations(self, course: int) -> list[tuple[int, ...]]:
        problem, found = self.problem, []
        for config in np.flatnonzero(problem.config_course == course):
            subparts = np.flatnonzero(problem.subpart_config == config)
            for chosen in product(*(np.flatnonzero(problem.class_subpart == subpart).tolist() for subpart in subparts)):
                parents = {int(problem.class_parent[each]) for each in chosen} - {-1}
                if parents <= set(chosen):
                    found.append(chosen)
                if len(found) >= MOST_COMBINATIONS:
                    break
        return found
