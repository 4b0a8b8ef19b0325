"""A lecture with its tutorials and labs, from rows to the problem's arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from academics.demo import demo_rows
from academics.selectors import EnrolmentRow, SectionRow, TermRows
from academics.services import organization_store
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import SEAT_FIXED, Csr, Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import SolveParams
from generation.engine.solve import search
from generation.problem.builder import problem_from_rows, problem_hash, problem_load
from generation.problem.sectioning import rows_with_parts

LECTURE, TUTORIAL, LAB = 1, 2, 3  # of one programme, whose students take all three


def parts(rows: TermRows | None = None, *, lecture: int = 40, tutorial: int = 15, lab: int = 10, **more: Any) -> TermRows:
    """The small demo, where one core course has become the lecture of two others that nobody is enrolled in."""
    rows = rows or demo_rows(scale="small")
    changes = {
        LECTURE: {"max_section_size": lecture},
        TUTORIAL: {"max_section_size": tutorial, "part_of_id": LECTURE},
        LAB: {"max_section_size": lab, "part_of_id": LECTURE},
    }
    return replace(
        rows,
        offerings=[offering._replace(**changes.get(offering.id, {})) for offering in rows.offerings],
        enrolments=[e for e in rows.enrolments if e.offering_id not in (TUTORIAL, LAB)],
        offering_curricula={o: c for o, c in rows.offering_curricula.items() if o not in (TUTORIAL, LAB)},
        rules=[],
        rule_offerings={},
        **more,
    )


def elective(rows: TermRows) -> TermRows:
    return replace(rows, offering_curricula={o: c for o, c in rows.offering_curricula.items() if o != LECTURE})


def made(rows: TermRows) -> Problem:
    return problem_from_rows(rows, name="linked", weights=Weights(), seed=1)


def breakdown(problem: Problem) -> dict[str, int]:
    return evaluate(problem, Solution.empty(problem)).breakdown


def test_students_of_a_lecture_sit_in_the_labs_of_their_lecture_section() -> None:
    rows = parts()
    problem = made(rows)

    offering = problem.section_offering
    sizes = [problem.section_size[offering == n].tolist() for n in range(3)]
    assert breakdown(problem)["linked_sections"] == breakdown(problem)["section_sizes"] == 0
    assert sum(sizes[0]) == sum(sizes[1]) == sum(sizes[2]) == sum(e.offering_id == LECTURE for e in rows.enrolments)
    assert max(sizes[1]) <= 15
    assert max(sizes[2]) <= 10
    for section in np.flatnonzero((offering == 1) | (offering == 2)).tolist():
        siblings = problem.section_size[problem.section_parent == problem.section_parent[section]][:1]
        assert problem.section_parent[section] in np.flatnonzero(offering == 0)
        assert siblings.size


def test_sizes_inside_a_lecture_section_differ_by_at_most_one() -> None:
    problem = made(elective(parts()))

    for part in (1, 2):
        for parent in np.flatnonzero(problem.section_offering == 0):
            sizes = problem.section_size[(problem.section_offering == part) & (problem.section_parent == parent)]
            assert sizes.max() - sizes.min() <= 1


def test_a_part_never_overlaps_its_lecture_and_moves_with_it() -> None:
    problem = made(parts())

    pairs = {tuple(pair) for pair in problem.no_overlap.tolist()}
    children = np.flatnonzero(problem.section_parent >= 0).tolist()
    assert {(min(c, int(problem.section_parent[c])), max(c, int(problem.section_parent[c]))) for c in children} <= pairs
    for sections, bundles in zip(problem.student_sections, Csr(problem.student_sections.indptr, problem.seat_bundle), strict=True):
        assert len(set(bundles[problem.section_offering[sections] < 3].tolist())) <= 1


def test_core_parts_are_in_the_groups_of_the_curriculum() -> None:
    problem = made(parts())

    for group in range(problem.num_curricula):
        members = [s for s, row in enumerate(problem.section_curricula) if group in row]
        of = {int(problem.section_offering[s]): s for s in members}
        if 0 in of and 2 in of:
            assert problem.section_parent[of[2]] == problem.section_parent[of[1]] == of[0]
    assert all(problem.section_curricula[s].size for s in np.flatnonzero(problem.section_offering < 3))


def test_an_elective_with_parts_is_linked_too() -> None:
    rows = elective(parts())

    problem = made(rows)

    bundles = Csr(problem.student_sections.indptr, problem.seat_bundle)
    mine = [b[problem.section_offering[s] < 3] for s, b in zip(problem.student_sections, bundles, strict=True)]
    assert breakdown(problem)["linked_sections"] == 0
    assert {int(b) for row in mine for b in row} == {len(rows.curricula)}


def test_a_named_lab_brings_its_section_of_the_lecture() -> None:
    sections = [
        SectionRow(1, LECTURE, "L-A", 60),
        SectionRow(2, LECTURE, "L-B", 60),
        *(SectionRow(n, LAB, f"P-{n}", 30, parent_id=1 if n < 5 else 2) for n in (3, 4, 5, 6)),
    ]
    rows = parts()
    student = next(e.student_id for e in rows.enrolments if e.offering_id == LECTURE)
    rows = replace(rows, sections=sections, enrolments=[*rows.enrolments, EnrolmentRow(student, LAB, 6)])

    problem = made(rows)

    number = [s.id for s in rows.students if any(e.student_id == s.id for e in rows.enrolments)].index(student)
    attended = problem.student_sections[number].tolist()
    names = {problem.names.sections[s] for s in attended}
    bundle = Csr(problem.student_sections.indptr, problem.seat_bundle)[number]
    assert {"L-B", "P-6"} <= names
    assert (bundle[[problem.section_offering[s] < 3 for s in attended]] == SEAT_FIXED).all()
    assert breakdown(problem)["linked_sections"] == 0


def test_own_sections_of_unequal_size_are_filled_to_their_size() -> None:
    rows = parts(lecture=100)
    total = sum(e.offering_id == LECTURE for e in rows.enrolments)
    sections = [SectionRow(1, LAB, "small", 5), SectionRow(2, LAB, "large", total)]

    problem = made(replace(rows, sections=sections))

    seated = Counter(problem.names.sections[s] for s in problem.student_sections.indices)
    assert (seated["small"], seated["large"]) == (5, total - 5)
    assert breakdown(problem)["section_sizes"] == 0


def test_what_cannot_fit_is_counted_and_told() -> None:
    rows = parts()
    sections = [SectionRow(1, LECTURE, "A", 100), SectionRow(2, LECTURE, "B", 100), SectionRow(3, LAB, "P", 5, parent_id=1)]

    problem = made(replace(rows, sections=sections))

    found = breakdown(problem)
    seated = Counter(problem.names.sections[s] for s in problem.student_sections.indices)
    assert found["linked_sections"] == seated["B"] > 0
    assert found["section_sizes"] == seated["P"] - 5


def test_without_known_students_sections_follow_the_expected_number() -> None:
    rows = parts()
    rows = replace(
        rows,
        enrolments=[e for e in rows.enrolments if e.offering_id != LECTURE],
        offerings=[
            o._replace(expected_students=300, max_section_size={LECTURE: 150, LAB: 20}.get(o.id, 30)) if o.id < 4 else o
            for o in rows.offerings
        ],
    )

    problem = made(rows)

    of = [np.flatnonzero(problem.section_offering == n) for n in range(3)]
    assert [problem.section_size[sections].tolist() for sections in of[:2]] == [[150, 150], [30] * 10]
    assert sorted(problem.section_size[of[2]].tolist()) == [18] * 4 + [19] * 12
    assert Counter(problem.section_parent[of[2]].tolist()) == {int(s): 8 for s in of[0]}
    pairs = {tuple(pair) for pair in problem.no_overlap.tolist()}
    assert (int(of[1][0]), int(of[2][0])) in pairs
    assert (int(of[1][0]), int(of[2][7])) not in pairs


@pytest.mark.parametrize(("wanted", "sizes"), [(0, 3), (4, 4), (7, 7), (2, 3)])
def test_a_number_of_sections_is_kept_unless_they_would_be_too_large(wanted: int, sizes: int) -> None:
    rows = demo_rows(scale="small")
    total = sum(e.offering_id == 1 for e in rows.enrolments)
    changed = [o._replace(num_sections=wanted, max_section_size=-(-total // 3)) if o.id == 1 else o for o in rows.offerings]

    problem = made(replace(rows, offerings=changed))

    found = problem.section_size[problem.section_offering == 0]
    assert len(found) == sizes
    assert found.sum() == total
    assert found.max() - found.min() <= 1


def test_rows_without_parts_are_untouched() -> None:
    rows = demo_rows(scale="small")

    assert rows_with_parts(rows) is rows
    assert not made(rows).section_parent.size


def test_parts_come_back_from_the_database(db: None) -> None:
    rows = parts()
    rows = replace(
        rows, sections=[SectionRow(1, LECTURE, "A", 60), SectionRow(2, LECTURE, "B", 60), SectionRow(3, LAB, "P", 0, parent_id=2)]
    )

    term = organization_store(code="u", name="U", term={"code": "t"}, rows=rows, weights={}, source={}, replace=False)

    loaded = problem_load(organization=term.organization, term=term)
    assert problem_hash(replace(loaded, name="linked")) == problem_hash(made(rows))


def test_a_search_keeps_lectures_labs_and_sizes_together() -> None:
    problem = made(parts())

    result = search(problem, SolveParams(iterations=40, seed=2, workers=1))

    best = result.variants[0]
    assert best.breakdown["linked_sections"] == best.breakdown["section_sizes"] == 0
    assert best.score == evaluate(problem, best.solution).score
