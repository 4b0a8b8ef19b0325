"""Kinds of week and parts of sections, counted one by one; and what a single week asks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from generation.engine.model.domains import Openings
from generation.engine.model.one_week import one_weeks
from generation.engine.model.week_parts import WeekParts
from tests.factories.problems import problem_make, problem_random, weeks_added


@pytest.mark.parametrize("seed", range(8))
def test_parts_that_share_a_week_are_paired_as_one_would_pair_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    weeks = problem.lecture_weeks.tolist() or [1] * problem.num_lectures
    of_part = {(int(section), each): None for section, each in zip(problem.lecture_section, weeks, strict=True)}
    parts = WeekParts.of(problem)

    first, second, number = parts.pairs(np.array([0, 1, 2]), np.array([1, 1, 4]))

    held = {int(part): (int(section), each) for part, section, each in zip(parts.part, problem.lecture_section, weeks, strict=True)}
    found = sorted(
        (held[a], held[b], n) for a, b, n in zip(first.tolist(), second.tolist(), number.tolist(), strict=True) if a in held and b in held
    )
    expected = [
        (one, other, n)
        for n, (a, b) in enumerate([(0, 1), (1, 1), (2, 4)])
        for one, other in product(of_part, of_part)
        if (one[0], other[0]) == (a, b) and one[1] & other[1]
    ]
    assert len(held) == len(of_part)
    assert found == sorted(expected)


def test_a_single_week_has_its_own_lectures_and_what_is_said_of_them() -> None:
    problem = problem_make(
        [0, 0, 1, 2],
        num_weeks=4,
        lecture_weeks=[0b0101, 0b1111, 0b1010, 0b0001],
        section_min_days=[2, 1, 1],
        same_start=[[0, 2], [1, 2]],
        lecture_pairs=[[1, 2, 0, 0, 0], [0, 2, 0, 0, 0]],
        blocked_starts=[[0, 3], [2, 5]],
    )

    first, second = one_weeks(problem)  # week 3 holds nothing that week 1 does not

    assert [week.lectures.tolist() for week in (first, second)] == [[0, 1, 3], [1, 2]]
    assert second.problem.same_start.tolist() == [[0, 1]]
    assert second.problem.lecture_pairs.tolist() == [[0, 1, 0, 0, 0]]
    assert second.problem.blocked_starts.tolist() == [[1, 5]]
    assert second.problem.section_min_days.tolist() == [0, 1, 0]  # sections 0 and 2 have lectures in other weeks
    plain = problem_make([0])
    assert one_weeks(plain)[0].problem is plain


def test_periods_are_those_of_the_fullest_week() -> None:
    facts = Openings(problem_make([0, 0, 1], lecture_length=[2, 1, 1], num_weeks=3, lecture_weeks=[0b001, 0b110, 0b111]))

    assert facts.section_periods.tolist() == [2, 1]
    assert facts.most_periods([0, 1]) == 3
    assert facts.most_periods_of(np.array([False, True, True])) == 2
