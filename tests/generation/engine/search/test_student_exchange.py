"""Students exchange seats: the kernel counts as the judge does, and nobody loses what the institution promised."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import SEAT_ALONE, SEAT_FIXED, Csr, Problem
from generation.engine.model.seat_check import SeatingError
from generation.engine.model.solution import Solution
from generation.engine.params import Profile
from generation.engine.search import student_exchange
from generation.engine.search.annealing import Chain, Cooling, StepClock
from generation.engine.search.exchange_units import units_of
from generation.engine.search.search_data import hard_pairs, search_data
from generation.engine.search_state import SearchState, VariantState
from tests.factories.problems import OFF, place, problem_make, solution_random


def university(rng: np.random.Generator) -> Problem:
    """Two core courses of two sections in two groups, an elective of three sections and one of two; some seats named."""
    offering = [0, 0, 1, 1, 2, 2, 2, 3, 3]
    rows, bundles = [], []
    for _ in range(24):
        group = int(rng.integers(2))
        row, bundle = [], []
        if rng.random() < 0.8:
            row, bundle = [group, 2 + group], [0, 0]
        for first, count in ((4, 3), (7, 2)):
            if rng.random() < 0.7:
                row.append(first + int(rng.integers(count)))
                bundle.append(SEAT_ALONE)
        if rng.random() < 0.15:
            bundle = [SEAT_FIXED] * len(bundle)
        rows.append(row)
        bundles += bundle
    return problem_make(
        rng.integers(0, 9, 14).tolist(),
        sections=9,
        rooms=14,
        section_curricula=[[0], [1], [0], [1], [], [], [], [], []],
        section_instructors=[[], [], [], [], [0], [], [], [0], []],
        students=rows,
        section_offering=offering,
        seat_bundle=bundles,
        weights=replace(OFF, student_clash=3),
    )


def seated(problem: Problem, solution: Solution, seed: int) -> student_exchange.Seating:
    chain = Chain(problem, problem.weights, solution, 1)
    dealt = problem.student_sections.indices
    return student_exchange.new_seating(problem, units_of(problem), dealt, chain.state.sec_count > 0, hard_pairs(problem), seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 5.0]))
def test_thousands_of_exchanges_change_the_clashes_as_the_judge_counts_them(seed: int, temperature: float) -> None:
    rng = np.random.default_rng(seed)
    problem = university(rng)
    solution = solution_random(problem, rng, unplaced=0.1)
    table = seated(problem, solution, seed)

    change = student_exchange.exchange_all(table, 3_000, temperature)

    after = evaluate(problem, replace(solution, seats=table.seat))  # which raises where a seat is out of order
    assert change <= 0 or temperature > 0
    assert after.breakdown["student_clash"] - evaluate(problem, solution).breakdown["student_clash"] == 3 * change


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_each_exchange_changes_the_clashes_by_its_delta(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = university(rng)
    solution = solution_random(problem, rng)
    table = seated(problem, solution, seed)
    clashes = evaluate(problem, solution).breakdown["student_clash"]

    for _ in range(20):
        unit = int(rng.integers(len(table.unit_student)))
        other = int(rng.choice(table.class_units[slice(*table.class_ptr[table.unit_class[unit] :][:2])]))
        clashes += 3 * student_exchange.exchange_delta(table, unit, other, student_exchange.MANY) if unit != other else 0
        student_exchange.exchange(table, unit, other)

    assert evaluate(problem, replace(solution, seats=table.seat)).breakdown["student_clash"] == clashes


def linked(rng: np.random.Generator, *, bundled: bool = True) -> Problem:
    """Two lecture sections with a tutorial and two labs each, and an elective of two sections."""
    rows, bundles = [], []
    for _ in range(24):
        lecture = int(rng.integers(2))
        row = [lecture] if rng.random() < 0.1 else [lecture, 2 + lecture, 4 + 2 * lecture + int(rng.integers(2))]
        bundle = [9 if bundled else SEAT_ALONE] * len(row)
        rows.append([*row, 8 + int(rng.integers(2))])
        bundles += [*([SEAT_FIXED] * len(row) if rng.random() < 0.15 else bundle), SEAT_ALONE]
    return problem_make(
        rng.integers(0, 10, 16).tolist(),
        sections=10,
        rooms=16,
        students=rows,
        section_offering=[0, 0, 1, 1, 2, 2, 2, 2, 3, 3],
        section_parent=[-1, -1, 0, 1, 0, 0, 1, 1, -1, -1],
        section_limit=[0, 0, 0, 0, 6, 6, 6, 6, 0, 0],
        no_overlap=[(0, 2), (0, 4), (0, 5), (1, 3), (1, 6), (1, 7)],
        seat_bundle=bundles,
        weights=replace(OFF, student_clash=3),
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 5.0]), st.booleans())
def test_a_lecture_changes_with_its_tutorial_and_lab_and_the_judge_agrees(seed: int, temperature: float, bundled: bool) -> None:
    rng = np.random.default_rng(seed)
    problem = linked(rng, bundled=bundled)
    solution = solution_random(problem, rng)
    table = seated(problem, solution, seed)
    before = evaluate(problem, solution).breakdown

    change = student_exchange.exchange_all(table, 2_000, temperature)

    exchanged = replace(solution, seats=table.seat)
    after = evaluate(problem, exchanged).breakdown
    assert after["linked_sections"] == 0
    assert after["section_sizes"] == before["section_sizes"]
    assert after["student_clash"] - before["student_clash"] == 3 * change
    assert Chain(problem, problem.weights, exchanged, 1).score == evaluate(problem, exchanged).score
    if not bundled:
        assert np.array_equal(
            table.seat[problem.section_offering[table.seat] < 3], solution_seats(problem)[problem.section_offering[table.seat] < 3]
        )


def solution_seats(problem: Problem) -> np.ndarray:
    return problem.student_sections.indices


def test_students_do_change_between_lecture_sections() -> None:
    problem = linked(np.random.default_rng(1))
    table = seated(problem, solution_random(problem, np.random.default_rng(2)), 3)

    student_exchange.exchange_all(table, 3_000, 5.0)

    moved = table.seat != problem.student_sections.indices
    assert set(problem.section_offering[table.seat[moved]].tolist()) == {0, 1, 2, 3}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_unseated_students_and_full_sections_are_in_the_search_s_score_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = linked(rng)
    problem = replace(problem, section_parent=rng.permutation(problem.section_parent).astype(np.int32))
    problem = replace(
        problem, section_parent=np.where(problem.section_parent == np.arange(10), -1, problem.section_parent).astype(np.int32)
    )
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed)
    chain.insert(chain.movable, only_clean=False)

    for turn in range(3):
        chain.anneal(Cooling(hot=3.0, cold=0.5), StepClock(300), is_over=lambda: False)
        chain.reseat(seed=turn, tries=300, heat=0.5)
        assert evaluate(problem, chain.current).score == chain.score

    assert evaluate(problem, chain.best[1]).score == chain.best[0]


def two_groups() -> tuple[Problem, Solution]:
    """Two students of one programme, in opposite groups; each one's elective meets with his own group's first course."""
    problem = problem_make(
        [0, 1, 2, 3, 4, 5],
        rooms=6,
        section_curricula=[[0], [1], [0], [1], [], []],
        students=[[0, 2, 4], [1, 3, 5]],
        section_offering=[0, 0, 1, 1, 2, 3],
        seat_bundle=[0, 0, SEAT_ALONE, 0, 0, SEAT_ALONE],
    )
    return problem, place(problem, [(0, 0), (1, 1), (2, 2), (3, 3), (0, 4), (1, 5)])


def test_students_change_the_group_with_all_its_courses() -> None:
    problem, solution = two_groups()
    chain = Chain(problem, problem.weights, solution, seed=1)

    removed = chain.reseat(seed=1, tries=50)

    assert removed == -2
    assert chain.best[1].attended(problem)[0].tolist() == [1, 3, 4]
    assert evaluate(problem, chain.best[1]).student_clashes == 0


def test_a_fixed_seat_keeps_its_student() -> None:
    problem, solution = two_groups()
    problem = replace(problem, seat_bundle=np.where(problem.seat_bundle == 0, SEAT_FIXED, problem.seat_bundle).astype(np.int32))

    assert Chain(problem, problem.weights, solution, seed=1).reseat(seed=1, tries=50) == 0


@pytest.mark.parametrize(
    ("seats", "says"),
    [
        ([0, 2, 4, 1, 3], "5 seats"),
        ([0, 2, 5, 1, 3, 4], "seat 2 has moved"),
        ([0, 2, 4, 0, 3, 5], "other numbers"),
        ([1, 2, 4, 0, 3, 5], "combined as nobody"),
        ([-1, 2, 4, 1, 3, 5], "seat 0 has moved"),
    ],
)
def test_the_judge_refuses_a_seat_out_of_order(seats: list[int], says: str) -> None:
    problem, solution = two_groups()

    with pytest.raises(SeatingError, match=says):
        evaluate(problem, replace(solution, seats=np.array(seats, dtype=np.int32)))


def test_the_judge_refuses_to_move_a_fixed_seat() -> None:
    problem, solution = two_groups()
    problem = replace(problem, seat_bundle=np.full(6, SEAT_FIXED, dtype=np.int32))

    with pytest.raises(SeatingError, match="seat 0 has moved"):
        evaluate(problem, replace(solution, seats=np.array([1, 3, 4, 0, 2, 5], dtype=np.int32)))


@pytest.mark.parametrize("seed", range(4))
def test_search_and_judge_agree_after_seats_and_times_in_turn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = university(rng)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed)
    chain.insert(chain.movable, only_clean=False)

    for turn in range(4):
        chain.anneal(Cooling(hot=3.0, cold=0.5), StepClock(500), is_over=lambda: False)
        chain.reseat(seed=turn, tries=200, heat=0.5 * (turn % 2))
        assert evaluate(problem, chain.current).score == chain.score

    score, solution = chain.best
    assert evaluate(problem, solution).score == score
    chain.settle()
    assert chain.score == score


def test_a_better_timetable_seen_before_keeps_its_seats() -> None:
    problem, solution = two_groups()
    chain = Chain(problem, problem.weights, solution, seed=1)
    chain.reseat(seed=1, tries=50)
    best = chain.best

    for lecture, slot in ((4, 5), (0, 5), (1, 5)):
        chain.take_away(lecture)
        chain.put(lecture, slot, 0)
    chain.reseat(seed=2, tries=50)

    assert chain.score > best[0]
    assert chain.best[0] == best[0]
    assert evaluate(problem, chain.best[1]).score == best[0]


def test_the_same_seed_gives_the_same_seats() -> None:
    problem = university(np.random.default_rng(5))
    solution = solution_random(problem, np.random.default_rng(6))

    first, again = (seated(problem, solution, 7) for _ in range(2))
    for table in (first, again):
        student_exchange.exchange_all(table, 1_000, 0.0)

    assert first.seat.tolist() == again.seat.tolist()


@pytest.mark.parametrize("has_weeks", [False, True])
def test_the_search_data_of_new_seats_equal_those_made_from_scratch(has_weeks: bool) -> None:
    problem = university(np.random.default_rng(3))
    if has_weeks:
        problem = replace(problem, num_weeks=3, lecture_weeks=np.array([7, 1, 2, 4, 3, 5, 6] * 2, dtype=np.uint64))
    table = seated(problem, solution_random(problem, np.random.default_rng(4)), 1)
    student_exchange.exchange_all(table, 500, 0.0)
    attended = Csr(problem.student_sections.indptr, table.seat)

    chain = Chain(problem, problem.weights, Solution.empty(problem), 1)
    chain.load(replace(Solution.empty(problem), seats=table.seat))

    for found, wanted in zip(chain.fixed, search_data(problem, attended=attended), strict=True):
        assert np.array_equal(found, wanted)
        assert found.dtype == wanted.dtype


def test_students_change_seats_where_weeks_differ_and_the_judge_agrees() -> None:
    problem = university(np.random.default_rng(3))
    problem = replace(problem, num_weeks=3, lecture_weeks=np.array([7, 1, 2, 4, 3, 5, 6] * 2, dtype=np.uint64))
    chain = Chain(problem, problem.weights, solution_random(problem, np.random.default_rng(4), unplaced=0.0), 1)
    before = chain.score

    chain.reseat(seed=1, tries=2_000)

    score, solution = chain.best
    assert score == evaluate(problem, solution).score
    assert score < before


def test_a_checkpoint_keeps_the_seats() -> None:
    problem, solution = two_groups()
    seats = np.array([1, 3, 4, 0, 2, 5], dtype=np.int32)
    profile = Profile("balanced", problem.weights)
    variants = [VariantState(profile, 1, replace(solution, seats=seats), evaluate(problem, solution).score)]
    variants.append(VariantState(profile, 2, solution, variants[0].score))

    again = SearchState.from_bytes(SearchState(variants=variants).to_bytes())

    first, second = (variant.incumbent.seats for variant in again.variants)
    assert first is not None
    assert first.tolist() == seats.tolist()
    assert second is None


def test_without_students_nothing_is_prepared() -> None:
    problem = problem_make([0, 1])
    chain = Chain(problem, problem.weights, Solution.empty(problem), 1)
    fixed = chain.fixed

    assert chain.reseat(seed=1) == 0
    assert chain.fixed is fixed


def test_sizes_of_sections_stay() -> None:
    problem = university(np.random.default_rng(8))
    table = seated(problem, solution_random(problem, np.random.default_rng(9)), 1)

    student_exchange.exchange_all(table, 1_000, 0.0)

    assert Counter(table.seat.tolist()) == Counter(problem.student_sections.indices.tolist())
    assert table.seat.tolist() != problem.student_sections.indices.tolist()
