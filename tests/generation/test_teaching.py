"""Who teaches which section: never somebody whom another section has named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from academics.demo import demo_rows
from academics.selectors import SectionRow
from generation.engine.problem import Weights
from generation.loading import problem_from_rows

A, B, C, D = range(4)


@pytest.mark.parametrize(
    ("offering", "named", "taught"),
    [
        ((A, B), {0: [A]}, [[A], [B], [B]]),  # B is named by no section: the offering's for the others
        ((A,), {0: [A]}, [[A], [], []]),
        ((A, B), {0: [A], 2: [B]}, [[A], [], [B]]),
        ((A, B), {}, [[A], [B], [A]]),
        ((A, B), {0: [D]}, [[], [A], [B]]),  # D is "TBA"
        ((), {0: [A], 1: [D], 2: [A]}, [[A], [], [A]]),
    ],
)
def test_an_empty_or_tba_section_takes_no_other_section_s_teacher(
    offering: tuple[int, ...], named: dict[int, list[int]], taught: list[list[int]]
) -> None:
    rows = demo_rows(scale="small")
    first, people = rows.offerings[0].id, [each.id for each in rows.instructors[:4]]
    instructors = [each._replace(code="T.B.A." if number == D else each.code) for number, each in enumerate(rows.instructors)]
    rows = replace(
        rows,
        instructors=instructors,
        sections=[SectionRow(number, first, f"own {number}", 10) for number in range(3)],
        section_instructors={number: [people[each] for each in who] for number, who in named.items()},
        offering_instructors={**rows.offering_instructors, first: [people[each] for each in offering]},
    )

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    assert [problem.section_instructors[section].tolist() for section in range(3)] == taught
