"""What the sentences about records say is what is enforced, or costs: limits, closed times, wishes, rooms, seats, curricula.

`Reader` is plain code that reads each sentence on a timetable of a small random term, in the words of its record. Rules between
courses are in `test_rules_kept`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academics.selectors import (
    AvailabilityRow,
    CurriculumRow,
    EnrolmentRow,
    InstructorRow,
    MeetingRow,
    NamedRow,
    OfferingRow,
    PeriodRow,
    RoomPreferenceRow,
    RoomRow,
    SectionRow,
    StudentRow,
    TermRows,
)
from generation.engine.constraints.register import CONSTRAINTS, OF_FILES
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.violations import violations
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import SolveParams
from generation.engine.solve import search, warm
from generation.problem.builder import problem_from_rows
from generation.rulebook import sentences
from generation.rulebook.kinds import KINDS

DAYS, PERIODS = 3, 5
HARD = ("capacity_is_hard", "daily_load_is_hard", "consecutive_load_is_hard", "free_days_is_hard", "free_half_days_is_hard")
Busy = dict[int, set[int]]  # day -> periods


def term_drawn(draw: random.Random) -> tuple[TermRows, Problem]:
    """Three courses in five sections with everything marked, limited and wished at random."""
    ids = (1, 2, 3)
    sections = [SectionRow(n, offering, f"S{n}", draw.randint(5, 40)) for n, offering in enumerate((1, 1, 2, 2, 3), 1)]
    rooms = [RoomRow(n, f"R{n}", "", draw.randint(20, 40), draw.choice("ab"), draw.choice(ids[:2]), draw.randint(1, 2)) for n in ids]
    people = [InstructorRow(n, f"I{n}", "", None, *(draw.randint(0, most) for most in (4, 9, 3, 2, 4))) for n in ids]
    offerings = [OfferingRow(n, f"C{n}", "", None, 20, 50, draw.randint(0, DAYS), draw.choice((None, 1, 2)), num_sections=0) for n in ids]
    rows = TermRows(
        num_days=DAYS,
        periods=[PeriodRow(n, dt.time(8 + n), dt.time(9 + n), draw.random() < 0.2, draw.random() < 0.4) for n in range(PERIODS)],
        rooms=rooms,
        room_features={n: draw.sample([1, 2], draw.randint(0, 2)) for n in ids},
        features=[NamedRow(1, "F1", ""), NamedRow(2, "F2", "")],
        buildings=[NamedRow(1, "B1", ""), NamedRow(2, "B2", "")],
        departments=[],
        instructors=people,
        offerings=offerings,
        offering_instructors={},
        offering_curricula={n: draw.sample([1, 2], draw.randint(0, 2)) for n in ids},
        meetings=[MeetingRow(n, n, draw.randint(1, 3), draw.randint(1, 2), draw.choice(("", "", "a"))) for n in ids],
        meeting_features={n: draw.sample([1, 2], draw.choice((0, 0, 1))) for n in ids},
        sections=sections,
        section_instructors={each.id: draw.sample(ids, draw.randint(0, 2)) for each in sections},
        curricula=[CurriculumRow(n, f"Q{n}", "", None) for n in (1, 2)],
        students=[StudentRow(n, f"U{n}", "", None, None) for n in (1, 2)],
        enrolments=[EnrolmentRow(n, each.offering_id, each.id) for n in (1, 2) for each in (sections[n - 1], sections[n + 1], sections[4])],
        availability=_marks(draw),
        rules=[],
        rule_offerings={},
        room_preferences=[RoomPreferenceRow(n, rank, *_place(draw)) for n in ids for rank in range(draw.randint(0, 2))],
        seats_tolerance=draw.randint(0, 3),
        seats_tolerance_percent=draw.choice((0, 20)),
        min_free_days=draw.choice((0, 1)),
        min_free_half_days=draw.choice((0, 3)),
    )
    weights = Weights(**{each.name: draw.randint(0, 4) for each in fields(Weights)})
    problem = problem_from_rows(rows, name="small", weights=weights, seed=1)
    return rows, replace(problem, **{name: draw.random() < 0.5 for name in HARD})


def _place(draw: random.Random) -> tuple[int | None, int | None]:
    return draw.choice(((1, None), (2, None), (3, None), (None, 1), (None, 2)))


def _marks(draw: random.Random) -> list[AvailabilityRow]:
    marks = {}
    for _ in range(16):
        owner, day, period = draw.randrange(4), draw.randrange(DAYS), draw.randrange(PERIODS)
        whose: list[int | None] = [None] * 4
        whose[owner] = draw.randint(1, 5 if owner == 3 else 3)
        rating = draw.choice((-4, -3, -1, 1, 2, 3))
        marks[*whose, day, period] = AvailabilityRow(*whose[:3], day, period, rating, section_id=whose[3])
    return list(marks.values())


class Held(NamedTuple):
    """A lecture that has a place, with the records it is about."""

    number: int
    section: SectionRow
    offering: OfferingRow
    meeting: MeetingRow
    day: int
    period: int
    room: RoomRow

    @property
    def times(self) -> list[tuple[int, int]]:
        """Its periods inside its day."""
        return [(self.day, period) for period in range(self.period, min(self.period + self.meeting.length, PERIODS))]


class Reader:
    def __init__(self, rows: TermRows, problem: Problem, solution: Solution) -> None:
        self.rows, self.problem = rows, problem
        self.teachers = {each.id: rows.section_instructors.get(each.id, []) for each in rows.sections}
        self.people = {each.id: each for each in rows.instructors}
        self.held: list[Held] = []
        self.waiting: list[MeetingRow] = []
        numbers = iter(zip(solution.slot.tolist(), solution.room.tolist(), strict=True))
        for section in rows.sections:
            offering, meeting = rows.offerings[section.offering_id - 1], rows.meetings[section.offering_id - 1]
            for _ in range(meeting.count):
                slot, room = next(numbers)
                if slot < 0:
                    self.waiting.append(meeting)
                else:
                    place = (*divmod(slot, PERIODS), rows.rooms[room])
                    self.held.append(Held(len(self.held), section, offering, meeting, *place))

    # Whoever is busy when.

    def busy(self, held: Iterable[Held]) -> Busy:
        found: Busy = defaultdict(set)
        for day, period in {time for each in held for time in each.times}:
            found[day].add(period)
        return found

    def of_section(self, section: int) -> list[Held]:
        return [each for each in self.held if each.section.id == section]

    def of_instructor(self, instructor: int) -> list[Held]:
        return [each for each in self.held if instructor in self.teachers[each.section.id]]

    @property
    def groups(self) -> list[set[int]]:
        """Sections that a group of a curriculum's students attends: the first of each course, the second of each."""
        found = []
        for curriculum in self.rows.curricula:
            courses = [
                [s.id for s in self.rows.sections if s.offering_id == o]
                for o, of in self.rows.offering_curricula.items()
                if curriculum.id in of
            ]
            found += [{course[n % len(course)] for course in courses} for n in range(max(map(len, courses), default=0))]
        return found

    def of_group(self, group: set[int]) -> list[Held]:
        return [each for each in self.held if each.section.id in group]

    @property
    def days(self) -> list[set[int]]:
        """Each day of each instructor, and of each group of a curriculum."""
        who = [self.of_instructor(instructor) for instructor in self.people] + [self.of_group(group) for group in self.groups]
        return [periods for held in who for periods in self.busy(held).values()]

    def apart(self) -> set[tuple[int, int]]:
        """Sections that share an instructor, or a curriculum's students."""
        pairs = combinations(sorted(self.teachers), 2)
        return {(a, b) for a, b in pairs if {*self.teachers[a]} & {*self.teachers[b]} or any({a, b} <= group for group in self.groups)}

    def overlap(self, a: int, b: int) -> int:
        first, second = ({time for each in self.of_section(section) for time in each.times} for section in (a, b))
        return len(first & second)

    # Marked times.

    def rating(self, owner: str, id_: int, time: tuple[int, int]) -> int | None:
        marks = [mark.rating for mark in self.rows.availability if getattr(mark, f"{owner}_id") == id_ and (mark.day, mark.period) == time]
        return marks[0] if marks else None

    def section_rating(self, section: SectionRow, time: tuple[int, int]) -> int:
        """A section's own mark counts instead of its course's."""
        own = self.rating("section", section.id, time)
        return own if own is not None else self.rating("offering", section.offering_id, time) or 0

    def dislike(self, rating_of: Callable[[tuple[int, int]], int], time: tuple[int, int]) -> int:
        """How far a time is from the one that is liked best; where nobody can, that is another matter."""
        best = max(rating_of((day, period)) for day in range(DAYS) for period in range(PERIODS))
        return 0 if rating_of(time) == -4 else min(3, max(best, 0) - rating_of(time))

    # What the sentences say.

    def unplaced(self) -> int:
        return sum(meeting.length for meeting in self.waiting)

    def section_clash(self) -> int:
        return sum(count - 1 for count in Counter((each.section.id, time) for each in self.held for time in each.times).values())

    def clash(self) -> int:
        return sum(self.overlap(a, b) for a, b in self.apart())

    def room_clash(self) -> int:
        counts = Counter((each.room, time) for each in self.held for time in each.times)
        return sum(max(0, count - room.sharing) for (room, _), count in counts.items())

    def availability(self) -> int:
        def is_blocked(each: Held, time: tuple[int, int]) -> bool:
            away = any(self.rating("instructor", who, time) == -4 for who in self.teachers[each.section.id])
            return away or self.section_rating(each.section, time) == -4

        return sum(is_blocked(each, time) for each in self.held for time in each.times)

    def room_availability(self) -> int:
        return sum(self.rating("room", each.room.id, time) == -4 for each in self.held for time in each.times)

    def room_too_small(self) -> int:
        def most(room: RoomRow) -> float:
            return room.capacity + max(self.rows.seats_tolerance, room.capacity * self.rows.seats_tolerance_percent / 100)

        return sum(each.section.size > most(each.room) for each in self.held)

    def room_type(self) -> int:
        return sum(each.meeting.room_kind not in ("", each.room.kind) for each in self.held)

    def room_features(self) -> int:
        return sum(not {*self.rows.meeting_features[each.meeting.id]} <= {*self.rows.room_features[each.room.id]} for each in self.held)

    def block(self) -> int:
        def is_broken(each: Held) -> bool:
            return len(each.times) < each.meeting.length or any(self.rows.periods[period].break_after for _, period in each.times[:-1])

        return sum(map(is_broken, self.held))

    def daily(self) -> int:
        limited = [who for who in self.people.values() if who.max_daily_periods]
        days = [(who, periods) for who in limited for periods in self.busy(self.of_instructor(who.id)).values()]
        return sum(max(0, len(periods) - who.max_daily_periods) for who, periods in days)

    def on_end(self) -> int:
        found = 0
        for who in self.people.values():
            for periods in self.busy(self.of_instructor(who.id)).values():
                runs = "".join("x" if period in periods else " " for period in range(PERIODS)).split()
                found += sum(max(0, len(run) - who.max_consecutive_periods) for run in runs if who.max_consecutive_periods)
        return found

    def free_short(self, number: str, *, halves: int) -> int:
        """Days, or halves of days, without teaching that people have too few of, by their own number or the institution's."""
        noon = [n for n, each in enumerate(self.rows.periods) if each.is_lunch] or list(range(PERIODS))
        morning = set(range((noon[0] + noon[-1]) // 2 + 1))
        found = 0
        for who in self.people.values():
            busy = self.busy(self.of_instructor(who.id))
            parts = [
                day & part
                for day in busy.values()
                for part in (({*range(PERIODS)},) if halves == 1 else (morning, {*range(PERIODS)} - morning))
            ]
            wanted = min(getattr(who, number) or getattr(self.rows, number), DAYS * halves)
            found += max(0, wanted - DAYS * halves + sum(map(bool, parts)))
        return found

    def disliked_times(self) -> int:
        found = 0
        for each in self.held:
            for time in each.times:
                for who in self.teachers[each.section.id]:
                    found += self.dislike(lambda then, who=who: self.rating("instructor", who, then) or 0, time)  # type: ignore[misc]
                found += self.dislike(lambda then, each=each: self.section_rating(each.section, then), time)  # type: ignore[misc]
                found += self.dislike(lambda then, each=each: self.rating("room", each.room.id, then) or 0, time)  # type: ignore[misc]
        return found

    def room_capacity(self) -> int:
        return sum(max(0, each.section.size - each.room.capacity) for each in self.held)

    def min_days(self) -> int:
        wanted = {each.id: self.rows.offerings[each.offering_id - 1].min_days for each in self.rows.sections}
        return sum(max(0, wanted[section] - len(self.busy(self.of_section(section)))) for section in wanted)

    def preferred_rooms(self) -> int:
        """Steps down the list; elsewhere is a step below the last of its rooms."""
        found = 0
        for each in self.held:
            choices = [row for row in self.rows.room_preferences if row.offering_id == each.offering.id]
            steps = {
                room.id: min(row.rank for row in choices if row.room_id == room.id or row.building_id == room.building_id)
                for room in self.rows.rooms
                if any(row.room_id == room.id or row.building_id == room.building_id for row in choices)
            }
            found += steps.get(each.room.id, max(steps.values(), default=-1) + 1)
        return found

    def home_building(self) -> int:
        return sum(each.offering.building_id not in (None, each.room.building_id) for each in self.held)

    def compactness(self) -> int:
        found = 0
        for group in self.groups:
            busy = self.busy(self.of_group(group))
            alone = {(day, period) for day, periods in busy.items() for period in periods if not periods & {period - 1, period + 1}}
            found += len({(each.section.id, time) for each in self.of_group(group) for time in each.times if time in alone})
        return found

    def gaps(self, who: Iterable[list[Held]]) -> int:
        days = [periods for held in who for periods in self.busy(held).values()]
        inside = [set(range(min(periods), max(periods))) - periods for periods in days]
        return sum(not self.rows.periods[period].is_lunch for periods in inside for period in periods)

    def curriculum_gaps(self) -> int:
        return self.gaps(self.of_group(group) for group in self.groups)

    def instructor_gaps(self) -> int:
        return self.gaps(self.of_instructor(who) for who in self.people)

    def building_changes(self) -> int:
        pairs = [(a, b) for group in self.groups for a in self.of_group(group) for b in self.of_group(group)]
        close = [(a, b) for a, b in pairs if (a.day, a.period + a.meeting.length) == (b.day, b.period)]
        return sum(a.room.building_id != b.room.building_id for a, b in close)

    def room_stability(self) -> int:
        rooms = [{each.room.id for each in self.of_section(section.id)} for section in self.rows.sections]
        return sum(max(0, len(used) - 1) for used in rooms)

    def lunch(self) -> int:
        window = {number for number, period in enumerate(self.rows.periods) if period.is_lunch}
        return sum(bool(window) and window <= periods for periods in self.days)

    def student_clash(self) -> int:
        taken = [[row.section_id or 0 for row in self.rows.enrolments if row.student_id == student.id] for student in self.rows.students]
        return sum(self.overlap(a, b) for row in taken for a, b in combinations(sorted(row), 2) if (a, b) not in self.apart())

    def room_fit(self) -> int:
        return sum(max(0, each.room.capacity - each.section.size) // 10 for each in self.held)

    def counts(self) -> dict[str, int]:
        """By the evaluator's names; instructors and curricula keep sections apart together."""
        found = {name: getattr(self, name)() for name in CONSTRAINTS if hasattr(self, name)}
        daily = {True: "daily_limit", False: "daily_load"}[self.problem.daily_load_is_hard]
        on_end = {True: "consecutive_limit", False: "consecutive_load"}[self.problem.consecutive_load_is_hard]
        found.pop("room_capacity" if self.problem.capacity_is_hard else "room_too_small")
        found |= {"clash": self.clash(), daily: self.daily(), on_end: self.on_end()}
        for number, wish, is_hard, halves in (
            ("min_free_days", "free_days", self.problem.free_days_is_hard, 1),
            ("min_free_half_days", "free_half_days", self.problem.free_half_days_is_hard, 2),
        ):
            if getattr(self.rows, number) or any(getattr(who, number) for who in self.people.values()):
                found[f"{wish}_required" if is_hard else wish] = self.free_short(number, halves=halves)
        return found


ELSEWHERE = {  # of rules between courses (`test_rules_kept`), and of tutorials and labs (`test_linked`)
    *("pin", "blocked_start", "pair_required", "pair_preferred", "joint_start", "same_start", "no_overlap", "avoid_overlap"),
    *("linked_sections", "section_sizes"),
}
CLASHES = ("instructor_clash", "curriculum_clash")


def counted(problem: Problem, solution: Solution) -> dict[str, int]:
    """The evaluator's breakdown as the reader counts, and nothing of rules that there are none of."""
    found = evaluate(problem, solution).breakdown
    found["clash"] = sum(found.pop(name) for name in CLASHES)
    assert not any(found.pop(name, 0) for name in ELSEWHERE)
    return found


def weighed(rows: TermRows, problem: Problem, solution: Solution) -> dict[str, int]:
    """What the sentences say that a timetable breaks, at the price of each wish; wishes without a price do not count."""
    prices = problem.weights.as_dict()
    return {name: units * prices.get(name, 1) for name, units in Reader(rows, problem, solution).counts().items() if prices.get(name, 1)}


randoms = st.randoms(use_true_random=False)


@settings(max_examples=40, deadline=None)
@given(randoms)
def test_every_record_s_sentence_counts_and_costs_what_it_says(draw: random.Random) -> None:
    rows, problem = term_drawn(draw)
    solution = Solution.empty(problem)
    for lecture in range(problem.num_lectures):
        if draw.random() < 0.9:
            solution.slot[lecture], solution.room[lecture] = draw.randrange(DAYS * PERIODS), draw.randrange(3)

    assert counted(problem, solution) == weighed(rows, problem, solution)


@pytest.fixture(scope="module")
def compiled() -> None:
    warm()


@pytest.mark.usefixtures("compiled")
@settings(max_examples=8, deadline=None)
@given(randoms)
def test_a_result_keeps_every_hard_sentence_or_lists_all_that_it_breaks(draw: random.Random) -> None:
    rows, problem = term_drawn(draw)

    best = search(problem, SolveParams(iterations=3, seed=1)).best

    said = weighed(rows, problem, best.solution)
    verdict, listed = evaluate(problem, best.solution), violations(problem, best.solution)
    hard = {each.constraint for each in listed if each.is_hard}
    assert counted(problem, best.solution) == said
    assert best.score == verdict.score
    assert verdict.is_feasible == (best.score.hard == 0) == (not hard)
    assert best.score.hard == sum(units for name, units in said.items() if name not in problem.weights.as_dict())
    for name in {each.constraint for each in listed} - {*CLASHES}:
        assert sum(each.amount for each in listed if each.constraint == name) == said[name]
    assert {each.lectures[0] for each in listed if each.constraint == "unplaced"} == set(np.flatnonzero(best.solution.slot < 0).tolist())


@settings(max_examples=20, deadline=None)
@given(randoms)
def test_whoever_teaches_more_a_week_than_allowed_is_named_before_any_search(draw: random.Random) -> None:
    rows, problem = term_drawn(draw)
    load: Counter[int] = Counter()
    for section in rows.sections:
        meeting = rows.meetings[section.offering_id - 1]
        load.update(dict.fromkeys(rows.section_instructors[section.id], meeting.count * meeting.length))

    overloads = [each for each in preflight(problem) if each.id in ("instructor_weekly_limit", "instructor_overload")]
    told = {problem.names.instructors[each.values["instructor"].index] for each in overloads}

    assert {who.code for who in rows.instructors if 0 < who.max_weekly_periods < load[who.id]} <= told


def test_every_kind_of_sentence_has_a_reader() -> None:
    """A kind, or a constraint of the engine, that is added needs a reader here or in `test_rules_kept`."""
    limits = {"daily_limit", "daily_load", "consecutive_limit", "consecutive_load"}
    free = {"free_days", "free_days_required", "free_half_days", "free_half_days_required"}
    readers = {*vars(Reader), *ELSEWHERE, *CLASHES, *limits, *free, *OF_FILES}

    assert not set(CONSTRAINTS) - readers
    assert not {name for kind in KINDS.values() for name in kind.constraints} - readers


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (sentences.limit_sentence("instructor_daily", "Rao", 4), "Rao teaches at most 4 periods a day."),
        (
            sentences.limit_sentence("instructor_consecutive", "Rao", 2),
            "Rao teaches at most 2 periods on end; a break between two of them is no free period.",
        ),
        (sentences.limit_sentence("instructor_weekly", "Rao", 9), "Rao teaches at most 9 periods a week."),
        (
            sentences.limit_sentence("instructor_free_days", "Rao", 1),
            "Rao has at least 1 free day a week. A day on which nothing may be taught at all is not counted.",
        ),
        (
            sentences.limit_sentence("instructor_free_half_days", "Rao", 3),
            "Rao has at least 3 free half-days a week; a day without teaching is two. The morning ends in the middle of the lunch time, or "
            "of the day's periods where there is none. A day on which nothing may be taught at all is not counted.",
        ),
        (sentences.away_sentence("instructor", "Rao", "on Monday"), "Rao is not available on Monday."),
        (sentences.away_sentence("room", "R1", "on Monday"), "Room R1 is closed on Monday."),
        (sentences.away_sentence("section", "S1", "on Monday"), "Section S1 never meets on Monday."),
        (
            sentences.away_sentence("offering", "C1", "on Monday", ["S1", "S2"]),
            "Lectures of C1 never meet on Monday; what S1 and S2 have marked for any of these times counts instead.",
        ),
        (
            sentences.wish_sentence("offering", "C1", [(-2, "on Monday")], ["S1"]),
            "C1 would rather not meet on Monday; what S1 has marked for any of these times counts instead.",
        ),
        (
            sentences.curriculum_sentence("Physics", ["C1", "C2"]),
            "The courses of Physics never overlap for any group of its students: C1 and C2.",
        ),
        (CONSTRAINTS["lunch"].texts.sentence, "Instructors, and students of a curriculum, have a free period at lunch time."),
        (
            CONSTRAINTS["curriculum_gaps"].texts.sentence,
            "Students of a curriculum have no empty periods between its lectures, lunch aside.",
        ),
        (CONSTRAINTS["instructor_gaps"].texts.sentence, "Instructors have no empty periods between lectures, lunch aside."),
    ],
)
def test_a_sentence_reads_as_it_is_counted_here(said: str, sentence: str) -> None:
    assert said == sentence
