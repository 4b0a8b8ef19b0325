"""A constraint of a known form is declared in one place: one that nobody wrote, declared for a test, is seen everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest

from generation.engine.bounds.lower_bound import lower_bound
from generation.engine.constraints.base import Constraint, DayPattern, Finding, Terms, Texts, WeekPattern
from generation.engine.constraints.days import curriculum_gaps
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import Counted, counts_of
from generation.engine.evaluation.criteria_in_use import wishes_of
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.evaluation.tally import Tally
from generation.engine.evaluation.violations import violations
from generation.engine.model.problem import SAME_DAY, IntArray, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.search_data import Fixed, search_data
from generation.text.messages import constraint_label
from generation.text.phrases import CODES
from generation.text.violations import violation_row, violation_text
from tests.factories.problems import OFF, place, problem_make, problem_random
from tests.generation.engine.test_readme import README, row_of

WEIGHT = 3
TEXTS = Texts("Made up", "Nobody wrote this.", "{lectures}, {time}: {amount:period}.", "Leave it.", "Made up", "for each")


def _in_first_room(t: Timetable) -> Iterator[Finding]:
    """Each lecture in the first room costs the number of its section and one."""
    yield from (Finding(t.section[each] + 1, (each,), t.start[each], 0) for each in t.placed if t.room[each] == 0)


def _first_room(problem: Problem, sections: IntArray) -> IntArray:
    table = np.zeros((len(sections), problem.num_rooms), dtype=np.int32)
    table[:, 0] = sections + 1
    return table


def _early(t: Timetable) -> Iterator[Finding]:
    """Each lecture-period in the week's first three timeslots costs 1."""
    yield from (Finding(1, (each,), slot) for each in t.placed for slot in t.timeslots(each) if slot < 3)


def _early_slots(problem: Problem, sections: IntArray) -> IntArray:
    return np.tile(np.arange(problem.num_timeslots) < 3, (len(sections), 1)).astype(np.int32)


def _last_room_early(t: Timetable) -> Iterator[Finding]:
    yield from (each for each in _early(t) if t.room[each.lectures[0]] == t.problem.num_rooms - 1)


def _last_room_slots(problem: Problem) -> IntArray:
    table = np.zeros((problem.num_rooms, problem.num_timeslots), dtype=np.int32)
    table[-1, :3] = 1
    return table


def _neighbours_together(t: Timetable) -> Iterator[Finding]:
    """Two sections of neighbouring numbers cost 2 in each timeslot where both are busy."""
    for first, second in pairwise(range(t.problem.num_sections)):
        for slot in sorted(t.by_section.get(first, {}).keys() & t.by_section.get(second, {}).keys()):
            yield Finding(2, (*t.by_section[first][slot], *t.by_section[second][slot]), slot)


def _neighbour_rows(problem: Problem) -> IntArray:
    return np.array([(a, b, 2) for a, b in pairwise(range(problem.num_sections))], dtype=np.int32)


def _on_other_days(t: Timetable) -> Iterator[Finding]:
    """Two lectures of neighbouring numbers that begin on different days cost 2."""
    for a, b in pairwise(t.placed):
        if b == a + 1 and t.day(t.start[a]) != t.day(t.start[b]):
            yield Finding(2, (a, b), t.start[a])


def _same_day_rows(problem: Problem) -> IntArray:
    return np.array([(a, b, SAME_DAY, 0, 0, 2) for a, b in pairwise(range(problem.num_lectures))], dtype=np.int32)


def _gaps(t: Timetable) -> Iterator[Finding]:
    """As curriculum_gaps, once more."""
    yield from curriculum_gaps(t)


def _busy_halves(t: Timetable) -> Iterator[Finding]:
    """Each half-day above two on which an instructor teaches costs 1."""
    for instructor, meetings in t.by_instructor.items():
        halves = {(t.day(slot), t.period(slot) >= t.problem.afternoon) for slot in meetings if t.problem.open_days[t.day(slot)]}
        yield from [Finding(len(halves) - 2, instructors=(instructor,))] if len(halves) > 2 else []


def _two_halves(problem: Problem) -> IntArray:
    return np.full(problem.num_instructors, 2, dtype=np.int32)


FORMS = {
    form: Constraint("made_up", False, find, TEXTS, terms=terms, default_weight=WEIGHT)
    for form, find, terms in (
        ("section_rooms", _in_first_room, Terms(section_rooms=_first_room)),
        ("section_slots", _early, Terms(section_slots=_early_slots)),
        ("room_slots", _last_room_early, Terms(room_slots=_last_room_slots)),
        ("section_pairs", _neighbours_together, Terms(section_pairs=_neighbour_rows)),
        ("lecture_pairs", _on_other_days, Terms(lecture_pairs=_same_day_rows)),
        ("day", _gaps, Terms(day=DayPattern("gap", of_curricula=True))),
        ("week", _busy_halves, Terms(week=WeekPattern("half", _two_halves))),
    )
}
each_form = pytest.mark.parametrize("made", FORMS.values(), ids=FORMS)


@pytest.fixture(autouse=True)
def _declared(request: pytest.FixtureRequest) -> Iterator[None]:
    """Among the constraints for one test, and gone after it."""
    made = request.node.callspec.params["made"] if hasattr(request.node, "callspec") else FORMS["section_rooms"]
    with patch.dict(CONSTRAINTS, {made.id: made}):
        yield


def placed_at_random(problem: Problem, fixed: Fixed, rng: np.random.Generator) -> Solution:
    """Most lectures at some place that the search may give them."""
    solution = Solution.empty(problem)
    for lecture in range(problem.num_lectures):
        starts, rooms = np.flatnonzero(fixed.l_ok[lecture]), np.flatnonzero(fixed.class_ok[fixed.l_class[lecture]])
        places = [(slot, room) for slot in starts for room in rooms if kernels.room_is_open(fixed, lecture, int(slot), int(room))]
        if places and rng.random() < 0.9:
            solution.slot[lecture], solution.room[lecture] = places[rng.integers(len(places))]
    return solution


@each_form
def test_the_search_the_tally_and_moves_by_hand_count_what_the_evaluator_finds(made: Constraint) -> None:
    found = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        problem = problem_random(rng, periods=6)
        fixed = search_data(problem)
        solution = placed_at_random(problem, fixed, rng)
        evaluation = evaluate(problem, solution)
        found += evaluation.breakdown["made_up"]

        state = kernels.new_state(fixed, solution, seed)
        board = Board(problem, solution)

        assert kernels.score_of(state) == evaluation.score
        assert Tally(problem).breakdown(solution) == evaluation.breakdown
        assert sum(each.amount for each in violations(problem, solution) if each.constraint == "made_up") == evaluation.breakdown["made_up"]
        for lecture in np.flatnonzero(solution.slot >= 0)[:3].tolist():
            slot, room = int(rng.integers(problem.num_timeslots)), int(rng.integers(problem.num_rooms))
            moved = Solution(solution.slot.copy(), solution.room.copy())
            moved.slot[lecture], moved.room[lecture] = slot, room
            after = evaluate(problem, moved).breakdown
            change = {name: amount - evaluation.breakdown[name] for name, amount in after.items() if amount != evaluation.breakdown[name]}
            assert move_effects(board, lecture).change(slot, room) == change
    assert found, "nothing was found at all"


def test_the_bound_sees_what_every_room_costs_and_is_not_above_it() -> None:
    problem = problem_make([0, 1], rooms=1, weights=OFF)
    solution = place(problem, [(0, 0), (1, 0)])

    bound = lower_bound(problem).value

    assert bound == WEIGHT * (1 + 2)
    assert bound <= evaluate(problem, solution).score.soft


@each_form
def test_the_bound_is_not_above_what_a_timetable_costs(made: Constraint) -> None:
    problem = problem_make([0, 0, 1], sections=2, section_curricula=[[0], [0]], weights=replace(OFF, compactness=2, curriculum_gaps=1))
    for places in ([(0, 0), (1, 0), (2, 0)], [(0, 0), (2, 1), (5, 1)], [(4, 1), (5, 1), (7, 0)]):
        evaluation = evaluate(problem, place(problem, places))
        assert evaluation.is_feasible
        assert lower_bound(problem).value <= evaluation.score.soft


def test_people_read_its_texts() -> None:
    problem = problem_make([0], weights=OFF)
    timetable = Timetable(problem, place(problem, [(0, 0)]))

    (breach,) = violations(problem, place(problem, [(0, 0)]))

    assert (breach.constraint, breach.amount, breach.who) == ("made_up", WEIGHT, ["C0-1"])
    text = violation_text(violation_row(breach), CODES)
    assert (text.message, text.suggestion) == ("C0-1, on day 1, period 1: 1 period.", "Leave it.")
    assert constraint_label("made_up") == "Made up"
    assert counts_of(timetable)["made_up"] == Counted(1)
    assert wishes_of(problem)["made_up"]


def test_the_check_of_the_readme_misses_it() -> None:
    assert row_of(CONSTRAINTS["room_fit"]) in README
    assert row_of(CONSTRAINTS["made_up"]) not in README
