"""What a rule's sentence says is what is enforced: each kind, made hard or weighed, against plain code that reads the sentence."""

from __future__ import annotations

import datetime as dt
from itertools import combinations, pairwise, product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academics.models import Rule
from academics.selectors import MeetingRow, OfferingRow, PeriodRow, RoomRow, RuleRow, RuleTimeslotRow, TermRows
from generation.engine.evaluate import evaluate
from generation.engine.params import SolveParams
from generation.engine.problem import Problem, Weights
from generation.engine.solution import Solution
from generation.engine.solve import search, warm
from generation.loading import problem_from_rows

PERIODS = 4
Kind = Rule.Kind


class Term(NamedTuple):
    """So many sections and lectures a section of each course, a week of some days, and one rule."""

    courses: tuple[tuple[int, int], ...]
    days: int
    rule: RuleRow
    marks: tuple[tuple[int | None, int | None], ...]
    length: int

    def problem(self) -> Problem:
        numbers = range(1, len(self.courses) + 1)
        clock = [(dt.time(8 + n), dt.time(9 + n)) for n in range(PERIODS)]
        rows = TermRows(
            num_days=self.days,
            periods=[PeriodRow(n, *times, False, False) for n, times in enumerate(clock)],
            rooms=[RoomRow(n, f"R{n}", "", 50, "room", None) for n in (1, 2, 3)],
            room_features={},
            features=[],
            buildings=[],
            departments=[],
            instructors=[],
            offerings=[
                OfferingRow(n, f"C{n}", "", None, 20, 50, 0, None, num_sections=sections)
                for n, (sections, _) in zip(numbers, self.courses, strict=True)
            ],
            offering_instructors={},
            offering_curricula={},
            meetings=[MeetingRow(n, n, count, self.length, "") for n, (_, count) in zip(numbers, self.courses, strict=True)],
            meeting_features={},
            sections=[],
            section_instructors={},
            curricula=[],
            students=[],
            enrolments=[],
            availability=[],
            rules=[self.rule],
            rule_offerings={self.rule.id: [n for n in numbers if n != self.rule.first_id]},
            rule_timeslots=[RuleTimeslotRow(self.rule.id, day, period) for day, period in self.marks],
        )
        return problem_from_rows(rows, name="small", weights=Weights(), seed=1)


@st.composite
def terms(draw: st.DrawFn, kind: str, *, is_hard: bool) -> Term:
    alone = kind in (Kind.PIN_TIME, Kind.PIN_DAY, Kind.PIN_ROOM)
    courses = draw(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3)), min_size=1, max_size=1 if alone else 3))
    days = draw(st.integers(3, 6))
    first = draw(st.booleans()) and len(courses) > 1 and kind in Rule.IN_ORDER
    mark = st.tuples(st.integers(0, days - 1), st.none() | st.integers(0, PERIODS - 1))
    marks = draw(st.lists(mark, min_size=1, max_size=4, unique=True)) if kind in (Kind.STARTS, Kind.INSIDE, Kind.OUTSIDE) else []
    length = draw(st.integers(1, 2)) if kind in Rule.PAIRS else 1
    rule = RuleRow(
        id=7,
        kind=kind,
        room_id=draw(st.integers(1, 3)),
        lecture=draw(st.integers(0, courses[0][0] * courses[0][1] - 1)),
        day=draw(st.integers(0, days - 1)),
        period=draw(st.integers(0, PERIODS - 1)),
        is_hard=is_hard,
        comment="",
        first_id=draw(st.integers(1, len(courses))) if first else None,
        days=draw(st.integers(1, 3)),
        factor=1 if is_hard else draw(st.integers(1, 3)),
    )
    return Term(tuple(courses), days, rule, tuple(marks), length)


class Reader:
    """Reads a rule's sentence on a timetable: how often it is broken."""

    def __init__(self, term: Term, problem: Problem, solution: Solution) -> None:
        self.term, self.rule, self.length = term, term.rule, term.length
        self.start, self.room = solution.slot.tolist(), solution.room.tolist()
        places = iter(range(problem.num_lectures))
        self.course = [[[next(places) for _ in range(count)] for _ in range(sections)] for sections, count in term.courses]

    def day(self, lecture: int) -> int:
        return self.start[lecture] // PERIODS

    def has(self, *lectures: int) -> bool:
        return all(self.start[lecture] >= 0 for lecture in lectures)

    def all_of(self, course: list[list[int]]) -> list[int]:
        return [lecture for section in course for lecture in section]

    def is_after(self, a: int, b: int) -> bool:
        return self.day(a) == self.day(b) and self.start[b] == self.start[a] + self.length

    def listed(self, slot: int) -> bool:
        return any(day in (None, slot // PERIODS) and period in (None, slot % PERIODS) for day, period in self.term.marks)

    def breaches(self) -> int:
        kind, rule = self.rule.kind, self.rule
        everything = [lecture for course in self.course for lecture in self.all_of(course) if self.has(lecture)]
        if kind in (Kind.PIN_TIME, Kind.PIN_DAY, Kind.PIN_ROOM):
            named = self.all_of(self.course[0])[rule.lecture]
            right = {
                Kind.PIN_TIME: self.start[named] == (rule.day or 0) * PERIODS + (rule.period or 0),
                Kind.PIN_DAY: self.day(named) == rule.day,
                Kind.PIN_ROOM: self.room[named] == (rule.room_id or 0) - 1,
            }
            return int(self.has(named) and not right[Kind(kind)])
        if kind == Kind.STARTS:
            return sum(not self.listed(self.start[lecture]) for lecture in everything)
        if kind in (Kind.INSIDE, Kind.OUTSIDE):
            return sum(self.listed(self.start[lecture]) == (kind == Kind.OUTSIDE) for lecture in everything)
        if kind == Kind.SAME_START:
            return self._start_apart()
        if kind == Kind.NO_OVERLAP:
            return self._overlapping()
        return sum(self._units(a, b) for a, b in self._pairs() if self.has(a, b))

    def _start_apart(self) -> int:
        sections = [section for course in self.course for section in course]
        found = 0
        for number in range(3):
            first, *others = [section[number] for section in sections if number < len(section)] or [0]
            found += sum(self.has(first, other) and self.start[first] != self.start[other] for other in others)
        return found

    def _overlapping(self) -> int:
        parts = self.course if len(self.course) > 1 else [[section] for section in self.course[0]]
        sections = [(a, b) for one, other in combinations(parts, 2) for a in one for b in other]
        return sum(len({self.start[x] for x in a if self.has(x)} & {self.start[x] for x in b if self.has(x)}) for a, b in sections)

    def _pairs(self) -> list[tuple[int, int]]:
        """The lectures of which the sentence speaks."""
        kind, course = self.rule.kind, self.course
        if len(course) == 1:
            in_order = kind in (Kind.BEFORE, Kind.CONSECUTIVE, Kind.GROUPED)
            return [pair for section in course[0] for pair in (pairwise(section) if in_order else combinations(section, 2))]
        if self.rule.first_id:
            first = course[self.rule.first_id - 1]
            couples = [(first, other) for other in course if other is not first]
        else:
            couples = list(pairwise(course) if kind in (Kind.CONSECUTIVE, Kind.GROUPED) else combinations(course, 2))
        if kind not in (Kind.CONSECUTIVE, Kind.GROUPED):
            return [pair for a, b in couples for pair in product(self.all_of(a), self.all_of(b))]
        found = []
        for a, b in couples:  # section by section, the 1st with the 1st
            for number in range(max(len(a), len(b))):
                found += list(zip(a[number % len(a)], b[number % len(b)], strict=False))
        return found

    def _units(self, a: int, b: int) -> int:
        kind = self.rule.kind
        if kind == Kind.DAYS_APART:
            return max(0, self.rule.days - abs(self.day(a) - self.day(b)))
        right = {
            Kind.BEFORE: self.start[a] + self.length <= self.start[b],
            Kind.CONSECUTIVE: self.is_after(a, b),
            Kind.GROUPED: self.is_after(a, b) or self.is_after(b, a),
            Kind.SAME_DAY: self.day(a) == self.day(b),
        }
        return int(not right[Kind(kind)])


@pytest.fixture(scope="module")
def compiled() -> None:
    warm()


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("kind", Kind.values)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_a_hard_rule_holds_as_its_sentence_says(kind: str, data: st.DataObject) -> None:
    term = data.draw(terms(kind, is_hard=True))
    problem = term.problem()

    best = search(problem, SolveParams(iterations=3, seed=1)).best

    assert Reader(term, problem, best.solution).breaches() == 0 or best.score.hard > 0
    if best.score.hard == 0:
        assert best.unplaced == 0


HARD_UNITS = ("pin", "blocked_start", "availability", "pair_required", "joint_start", "no_overlap")
WISHES = {
    **dict.fromkeys(Rule.PAIRS, ("pair_preferred", 4)),
    Kind.SAME_START: ("same_start", 5),
    Kind.NO_OVERLAP: ("avoid_overlap", 2),
    Kind.INSIDE: ("disliked_times", 3 * 2),
    Kind.OUTSIDE: ("disliked_times", 3 * 2),
}


def anywhere(data: st.DataObject, term: Term, problem: Problem) -> Solution:
    """Any timetable, most of them with breaches; lectures stay in their day."""
    starts = st.integers(0, term.days - 1), st.integers(0, PERIODS - term.length)
    slots = [data.draw(starts[0]) * PERIODS + data.draw(starts[1]) for _ in range(problem.num_lectures)]
    rooms = [data.draw(st.integers(0, 2)) for _ in slots]
    return Solution(np.array(slots, dtype=np.int32), np.array(rooms, dtype=np.int32))


@pytest.mark.parametrize("kind", Kind.values)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_hard_rule_counts_the_breaches_of_its_sentence(kind: str, data: st.DataObject) -> None:
    term = data.draw(terms(kind, is_hard=True))
    problem = term.problem()
    solution = anywhere(data, term, problem)

    breakdown = evaluate(problem, solution).breakdown

    assert sum(breakdown.get(name, 0) for name in HARD_UNITS) == Reader(term, problem, solution).breaches()


@pytest.mark.parametrize("kind", list(WISHES))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_weighted_rule_costs_the_breaches_of_its_sentence(kind: str, data: st.DataObject) -> None:
    term = data.draw(terms(kind, is_hard=False))
    problem = term.problem()
    solution = anywhere(data, term, problem)
    name, price = WISHES[kind]

    cost = evaluate(problem, solution).breakdown.get(name, 0)

    assert cost == price * term.rule.factor * Reader(term, problem, solution).breaches()


@pytest.mark.parametrize(
    ("kind", "days", "starts", "broken"),
    [
        # C1 has lectures on Monday and Thursday, C2 on Tuesday, Wednesday and Friday: the 2nd of C1 comes after two of C2.
        (Kind.BEFORE, 1, [0, 12, 4, 8, 16], 2),
        # C1 on Monday twice; C2 on Monday twice and on Friday, which is left over when the n-th goes with the n-th.
        (Kind.SAME_DAY, 1, [0, 1, 2, 3, 16], 2),
        (Kind.DAYS_APART, 1, [0, 4, 8, 5, 0], 2),
    ],
)
def test_all_lectures_of_two_courses_are_meant_not_the_nth_alone(kind: str, days: int, starts: list[int], broken: int) -> None:
    rule = RuleRow(7, kind, None, 0, None, None, True, "", first_id=1 if kind == Kind.BEFORE else None, days=days)
    problem = Term(((1, 2), (1, 3)), 5, rule, (), 1).problem()

    found = evaluate(problem, Solution(np.array(starts, dtype=np.int32), np.zeros(5, dtype=np.int32))).breakdown["pair_required"]

    assert found == broken
