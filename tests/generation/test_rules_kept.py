"""What a rule's sentence says is what is enforced: each kind, made hard or weighed, against plain code that reads the sentence.

The kinds that stand at records, as limits and closed times, are in `test_wishes_kept`.
"""

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
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.violations import violations
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import SolveParams
from generation.engine.solve import VariantResult, search, warm
from generation.problem.builder import problem_from_rows
from generation.rulebook.sentences import rule_sentence
from generation.text.phrases import CODES
from generation.text.violations import violation_row, violation_text

PERIODS = 4
Kind = Rule.Kind


class Ruled(NamedTuple):
    row: RuleRow
    marks: tuple[tuple[int | None, int | None], ...] = ()


class Term(NamedTuple):
    """So many sections and lectures a section of each course, a week of some days, and its rules."""

    courses: tuple[tuple[int, int], ...]
    days: int
    rules: tuple[Ruled, ...]
    length: int = 1
    week_start: int = 0

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
            rules=[rule.row for rule in self.rules],
            rule_offerings={rule.row.id: [n for n in numbers if n != rule.row.first_id] for rule in self.rules},
            rule_timeslots=[RuleTimeslotRow(rule.row.id, *mark) for rule in self.rules for mark in rule.marks],
            week_start=self.week_start,
        )
        return problem_from_rows(rows, name="small", weights=Weights(), seed=1)


@st.composite
def terms(draw: st.DrawFn, *kinds: str, is_hard: bool) -> Term:
    alone = any(kind in (Kind.PIN_TIME, Kind.PIN_DAY, Kind.PIN_ROOM) for kind in kinds)
    courses = draw(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3)), min_size=1, max_size=1 if alone else 3))
    days = draw(st.integers(3, 7))
    rules = tuple(draw(rules_of(kind, courses, days, number, is_hard=is_hard)) for number, kind in enumerate(kinds))
    return Term(tuple(courses), days, rules, draw(st.integers(1, 2)), draw(st.sampled_from((0, 5, 6))))


@st.composite
def rules_of(draw: st.DrawFn, kind: str, courses: list[tuple[int, int]], days: int, number: int, *, is_hard: bool) -> Ruled:
    first = draw(st.booleans()) and len(courses) > 1 and kind in Rule.IN_ORDER
    mark = st.tuples(st.integers(0, days - 1), st.none() | st.integers(0, PERIODS - 1))
    marks = draw(st.lists(mark, min_size=1, max_size=4, unique=True)) if kind in (Kind.STARTS, Kind.INSIDE, Kind.OUTSIDE) else []
    row = RuleRow(
        id=7 + number,
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
    return Ruled(row, tuple(marks))


class Reader:
    """Reads a rule's sentence on a timetable: how often it is broken."""

    def __init__(self, term: Term, rule: Ruled, problem: Problem, solution: Solution) -> None:
        self.term, self.rule, self.marks, self.length = term, rule.row, rule.marks, term.length
        self.start, self.room = solution.slot.tolist(), solution.room.tolist()
        places = iter(range(problem.num_lectures))
        self.course = [[[next(places) for _ in range(count)] for _ in range(sections)] for sections, count in term.courses]

    def day(self, lecture: int) -> int:
        return self.start[lecture] // PERIODS

    def time(self, lecture: int) -> tuple[int, int]:
        """How many days after the week's first one, and the period."""
        week = [(self.term.week_start + n) % 7 for n in range(7)]
        return week.index(self.day(lecture)), self.start[lecture] % PERIODS

    def periods(self, lecture: int) -> list[int]:
        return list(range(self.start[lecture], self.start[lecture] + self.length))

    def has(self, *lectures: int) -> bool:
        return all(self.start[lecture] >= 0 for lecture in lectures)

    def all_of(self, course: list[list[int]]) -> list[int]:
        return [lecture for section in course for lecture in section]

    def is_after(self, a: int, b: int) -> bool:
        return self.day(a) == self.day(b) and self.start[b] == self.start[a] + self.length

    def listed(self, slot: int) -> bool:
        return any(day in (None, slot // PERIODS) and period in (None, slot % PERIODS) for day, period in self.marks)

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
            return sum(self.listed(slot) == (kind == Kind.OUTSIDE) for lecture in everything for slot in self.periods(lecture))
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
        return sum(len(self._busy(a) & self._busy(b)) for a, b in sections)

    def _busy(self, section: list[int]) -> set[int]:
        return {slot for lecture in section if self.has(lecture) for slot in self.periods(lecture)}

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
            return max(0, self.rule.days - abs(self.time(a)[0] - self.time(b)[0]))
        (day, period), then = self.time(a), self.time(b)
        right = {
            Kind.BEFORE: (day, period + self.length) <= then,
            Kind.CONSECUTIVE: self.is_after(a, b),
            Kind.GROUPED: self.is_after(a, b) or self.is_after(b, a),
            Kind.SAME_DAY: self.day(a) == self.day(b),
            Kind.SAME_HOUR: period == then[1],
        }
        return int(not right[Kind(kind)])


@pytest.fixture(scope="module")
def compiled() -> None:
    warm()


def breaches(term: Term, problem: Problem, solution: Solution) -> int:
    return sum(Reader(term, rule, problem, solution).breaches() for rule in term.rules)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("kind", Kind.values)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_a_hard_rule_holds_as_its_sentence_says_or_every_breach_is_listed(kind: str, data: st.DataObject) -> None:
    term = data.draw(terms(kind, is_hard=True))
    problem = term.problem()

    best = search(problem, SolveParams(iterations=3, seed=1)).best

    broken = breaches(term, problem, best.solution)
    assert_infeasible_if_broken(problem, best, broken)
    if preflight(problem):  # called impossible before any search: no timetable keeps the sentence
        assert best.score.hard > 0
        assert not some_timetable(term, problem)


def assert_infeasible_if_broken(problem: Problem, best: VariantResult, broken: int) -> None:
    """A result that breaks a sentence is called infeasible, and what is broken or without a place is listed, all of it."""
    verdict, listed = evaluate(problem, best.solution), [each for each in violations(problem, best.solution) if each.is_hard]
    assert verdict.is_feasible == (broken == 0 and best.unplaced == 0 and not listed)
    assert sum(each.amount for each in listed) == verdict.score.hard == best.score.hard
    assert sum(each.amount for each in listed if each.constraint in HARD_UNITS) == broken
    waiting = {lecture for each in listed if each.constraint == "unplaced" for lecture in each.lectures}
    assert waiting == set(np.flatnonzero(best.solution.slot < 0).tolist())


MOST_TRIED = 1_500


def some_timetable(term: Term, problem: Problem) -> bool:
    """Whether trying all times, lecture by lecture, finds a timetable that keeps the sentence, as far as it is tried.

    Any room does for any lecture: so many at once as there are rooms.
    """
    tried, solution = 0, Solution.empty(problem)
    starts = [day * PERIODS + period for day in range(term.days) for period in range(PERIODS - term.length + 1)]

    def is_sound(lecture: int) -> bool:
        meets = abs(solution.slot[:lecture] - solution.slot[lecture]) < term.length
        own = problem.lecture_section[:lecture] == problem.lecture_section[lecture]
        slots = [solution.slot[lecture] + period for period in range(term.length)]
        here = [((solution.slot[:lecture] <= slot) & (slot < solution.slot[:lecture] + term.length)).sum() for slot in slots]
        return not (meets & own).any() and max(here) < problem.num_rooms and breaches(term, problem, solution) == 0

    def place(lecture: int) -> bool:
        nonlocal tried
        if lecture == problem.num_lectures:
            return True
        for start in starts:
            tried += 1
            if tried > MOST_TRIED:
                return False
            solution.slot[lecture], solution.room[lecture] = start, max(0, problem.lecture_pin_room[lecture])
            if is_sound(lecture) and place(lecture + 1):
                return True
        solution.slot[lecture] = solution.room[lecture] = -1
        return False

    return place(0)


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

    assert sum(breakdown.get(name, 0) for name in HARD_UNITS) == breaches(term, problem, solution)
    listed = [each for each in violations(problem, solution) if each.constraint in HARD_UNITS]
    assert sum(each.amount for each in listed) == breaches(term, problem, solution)


@pytest.mark.parametrize("kind", list(WISHES))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_weighted_rule_costs_the_breaches_of_its_sentence(kind: str, data: st.DataObject) -> None:
    """Two rules of one kind about the same lectures cost what both sentences say."""
    term = data.draw(terms(kind, kind, is_hard=False))
    problem = term.problem()
    solution = anywhere(data, term, problem)
    name, price = WISHES[kind]

    cost = evaluate(problem, solution).breakdown.get(name, 0)

    assert cost == sum(price * rule.row.factor * Reader(term, rule, problem, solution).breaches() for rule in term.rules)


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
    problem = Term(((1, 2), (1, 3)), 5, (Ruled(rule),)).problem()

    found = evaluate(problem, Solution(np.array(starts, dtype=np.int32), np.zeros(5, dtype=np.int32))).breakdown["pair_required"]

    assert found == broken


WEEK = [
    # C1 on Sunday and Monday, C2 on Tuesday: in order where the week begins on Sunday, and not where Sunday is its last day.
    (Kind.BEFORE, 1, 0, [24, 0, 4], 1),
    (Kind.BEFORE, 1, 6, [24, 0, 4], 0),
    # Saturday and Monday are two days apart in a week that begins on Saturday, and five in one that ends on Sunday.
    (Kind.DAYS_APART, 3, 0, [20, 20, 0], 0),
    (Kind.DAYS_APART, 3, 5, [20, 20, 0], 2),
]


@pytest.mark.parametrize(("kind", "days", "week_start", "starts", "broken"), WEEK)
def test_the_week_begins_where_the_term_says(kind: str, days: int, week_start: int, starts: list[int], broken: int) -> None:
    """As the evaluator counts, as the search and the effects of a move do, and as a rule says."""
    rule = RuleRow(7, kind, None, 0, None, None, True, "", first_id=1 if kind == Kind.BEFORE else None, days=days)
    problem = Term(((1, 2), (1, 1)), 7, (Ruled(rule),), week_start=week_start).problem()
    solution = Solution(np.array(starts, dtype=np.int32), np.array([0, 1, 2], dtype=np.int32))

    found = [each for each in violations(problem, solution) if each.constraint == "pair_required"]

    assert sum(each.amount for each in found) == broken
    day = {0: "", 5: "Saturday", 6: "Sunday"}[week_start]
    assert all(f"which begins on {day}" in violation_text(violation_row(each), CODES).message for each in found) or not day
    row = Rule(kind=kind, days=days)
    sentence = rule_sentence(row, ["C2"], first="C1" if kind == Kind.BEFORE else "", room="", when="", first_day=problem.first_day)
    assert ("begins on" in sentence) == bool(day)
