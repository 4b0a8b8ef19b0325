"""Student groups as the engine's curricula: who attends what, how many sit there, and what never overlaps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from academics.demo import demo_rows
from academics.selectors import GroupRow, RuleRow, SectionRow, TermRows
from generation.engine.model.problem import Csr, Problem, Weights
from generation.engine.params import SolveParams
from generation.engine.solve import search
from generation.problem.builder import problem_from_rows
from generation.problem.student_groups import GroupTree

# A first year of two groups, of which one has two lab batches; and a second year.
GROUPS = [
    GroupRow(1, "Y1", "First year", None, 0),
    GroupRow(2, "A", "", 1, 0),
    GroupRow(3, "A1", "", 2, 14),
    GroupRow(4, "A2", "", 2, 12),
    GroupRow(5, "B", "", 1, 30),
    GroupRow(6, "Y2", "", None, 25),
]


def rows_of(
    attended: Mapping[int, Sequence[int]], *, sections: Mapping[int, Sequence[Sequence[int]]] | None = None, **facts: object
) -> TermRows:
    """The demo without its students and curricula; ``attended``: the groups of its offerings by place, and of sections of their own."""
    rows = demo_rows(scale="small")
    offerings = [offering._replace(expected_students=0, max_section_size=200, **facts) for offering in rows.offerings]  # type: ignore[arg-type]
    own, of_sections = [], {}
    for place, groups in (sections or {}).items():
        for mine in groups:
            own.append(SectionRow(len(own) + 1, offerings[place].id, f"{offerings[place].code}-{len(own)}", 0))
            of_sections[len(own)] = list(mine)
    return replace(
        rows,
        offerings=offerings,
        offering_curricula={},
        students=[],
        enrolments=[],
        sections=own,
        rules=[],
        rule_offerings={},
        groups=GROUPS,
        offering_groups={offerings[place].id: list(groups) for place, groups in attended.items()},
        section_groups=of_sections,
    )


def made(rows: TermRows) -> Problem:
    return problem_from_rows(rows, name="groups", weights=Weights(), seed=1)


def attending(problem: Problem) -> dict[str, set[int]]:
    return {
        name: {section for section, row in enumerate(problem.section_curricula) if number in row}
        for number, name in enumerate(problem.names.curricula)
    }


def apart(problem: Problem) -> set[tuple[int, int]]:
    """Sections that share a group, so that they never overlap."""
    return {pair for sections in attending(problem).values() for pair in combinations(sorted(sections), 2)}


def test_lectures_of_a_group_and_of_those_above_and_below_never_overlap() -> None:
    # Offerings 0 to 5 are attended by the year, A, A1, A2, B and the second year.
    problem = made(rows_of({n: [n + 1] for n in range(6)}))

    assert apart(problem) == {(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3)}
    assert attending(problem) == {"A1": {0, 1, 2}, "A2": {0, 1, 3}, "B": {0, 4}, "Y2": {5}}


def test_groups_that_attend_everything_together_are_one() -> None:
    assert attending(made(rows_of({0: [1], 1: [2], 2: [6]}))) == {"A": {0, 1}, "B": {0}, "Y2": {2}}


def test_several_groups_attend_one_class_and_its_size_counts_each_student_once() -> None:
    problem = made(rows_of({0: [2, 5], 1: [1, 3], 2: [3, 6]}))

    assert problem.section_size[:3].tolist() == [14 + 12 + 30, 14 + 12 + 30, 14 + 25]
    assert (0, 1) in apart(problem)


def test_sizes_below_a_group_of_known_size_are_shared_out() -> None:
    tree = GroupTree([GroupRow(1, "Y", "", None, 61), GroupRow(2, "A", "", 1, 21), GroupRow(3, "B", "", 1, 0), GroupRow(4, "C", "", 1, 0)])

    assert [tree.size_of(group) for group in (1, 2, 3, 4)] == [61, 21, 20, 20]
    assert tree.size([2, 3]) == 41
    assert tree.size([1, 2]) == 61


def test_rows_that_lead_in_a_circle_end() -> None:
    tree = GroupTree([GroupRow(1, "A", "", 2, 5), GroupRow(2, "B", "", 1, 5)])

    assert list(tree.above(1)) == [1, 2]
    assert made(replace(rows_of({0: [1]}), groups=[GroupRow(1, "A", "", 2, 5), GroupRow(2, "B", "", 1, 5)])).num_sections


def test_sections_of_one_offering_name_their_own_groups_and_lab_batches_run_side_by_side() -> None:
    problem = made(rows_of({1: [2]}, sections={0: [[3], [4], [5]]}))

    assert attending(problem) == {"A1": {0, 3}, "A2": {1, 3}, "B": {2}}
    assert (0, 1) not in apart(problem)  # A1 and A2 may be in two laboratories at once
    assert problem.section_size[:4].tolist() == [14, 12, 30, 26]


def test_formed_sections_share_the_groups_out_and_large_groups_are_taken_apart() -> None:
    problem = made(rows_of({0: [1]}, num_sections=3))

    assert attending(problem) == {"A1": {0}, "A2": {1}, "B": {2}}
    assert problem.section_size[:3].tolist() == [14, 12, 30]


def test_a_group_in_more_sections_than_it_has_parts_finds_one_way_through_each() -> None:
    problem = made(rows_of({0: [6], 1: [6]}, num_sections=2))

    assert attending(problem) == {"Y2/1": {0, 2}, "Y2/2": {1, 3}}
    assert problem.section_size[:4].tolist() == [13, 12, 13, 12]


def test_parts_are_attended_by_the_groups_of_their_lecture() -> None:
    rows = rows_of({0: [1]})
    lecture, lab = rows.offerings[0], rows.offerings[1]._replace(part_of_id=rows.offerings[0].id, num_sections=3)

    problem = made(replace(rows, offerings=[lecture, lab, *rows.offerings[2:]]))

    assert attending(problem) == {"A1": {0, 1}, "A2": {0, 2}, "B": {0, 3}}
    assert problem.section_size[:4].tolist() == [56, 14, 12, 30]


def test_what_is_said_of_students_goes_before_the_sizes_of_groups() -> None:
    rows = rows_of({0: [5]})
    rows = replace(rows, offerings=[rows.offerings[0]._replace(expected_students=44), *rows.offerings[1:]])
    own = [SectionRow(1, rows.offerings[0].id, "S", 17)]

    assert made(replace(rows, sections=own)).section_size[0] == 17


def test_a_group_that_is_called_as_a_curriculum_keeps_a_name_of_its_own() -> None:
    rows = demo_rows(scale="small")
    named = GroupRow(1, rows.curricula[0].code, "", None, 5)

    problem = made(replace(rows, groups=[named], offering_groups={rows.offerings[0].id: [1]}))

    assert problem.names.curricula[-3:] == tuple(f"group {rows.curricula[0].code}/{n}" for n in (1, 2, 3))
    assert len(set(problem.names.curricula)) == problem.num_curricula


def test_a_search_keeps_them_apart_and_lets_lab_batches_meet_at_once() -> None:
    """Plain code reads the tree: no student has two lectures at once."""
    attended = {n: [n % 6 + 1] for n in range(1, 14)}
    rows = rows_of(attended, sections={0: [[3], [4], [5]]})
    offerings = rows.offerings[:14]
    meetings = [m._replace(room_kind="") for m in rows.meetings if m.offering_id in {each.id for each in offerings}]
    rooms = [room._replace(capacity=100) for room in rows.rooms]
    rows = replace(rows, offerings=offerings, meetings=meetings, rooms=rooms, meeting_features={}, availability=[])
    batches = RuleRow(1, "same_start", None, 0, None, None, True, "")
    problem = made(replace(rows, rules=[batches], rule_offerings={1: [rows.offerings[0].id]}))
    students = {1: {"A1", "A2", "B"}, 2: {"A1", "A2"}, 3: {"A1"}, 4: {"A2"}, 5: {"B"}, 6: {"Y2"}}
    attending_ = [students[3], students[4], students[5], *(students[groups[0]] for groups in attended.values())]

    found = search(problem, SolveParams(iterations=10)).best.solution

    busy: dict[tuple[str, int], int] = {}
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        start = int(found.slot[lecture])
        assert start >= 0
        for student, slot in product(attending_[section], range(start, start + int(problem.lecture_length[lecture]))):
            assert busy.setdefault((student, slot), section) == section
    labs = [found.slot[problem.lecture_section == section].tolist() for section in range(3)]
    assert labs[0] == labs[1] == labs[2]


# Everything that a problem had before there were student groups, lectures without a room and cross-listed courses.
EARLIER = (
    *("lecture_section", "lecture_length", "lecture_room_kind", "lecture_features", "lecture_pin_slot", "lecture_pin_room"),
    *("section_size", "section_min_days", "section_available", "section_building", "section_instructors", "section_curricula"),
    *("section_cluster_hint", "room_capacity", "room_kind", "room_features", "room_building", "room_available", "instructor_available"),
    *("instructor_dislike", "instructor_max_daily", "instructor_max_weekly", "instructor_max_consecutive", "student_sections"),
    *("no_overlap", "same_start", "break_after", "lunch_window", "source", "blocked_starts", "section_dislike", "room_dislike"),
    *("preferred_rooms", "room_sharing", "avoid_overlap", "lecture_pairs", "same_start_factor", "section_offering", "seat_bundle"),
    *("section_parent", "section_limit"),
)


def test_a_term_without_any_of_it_is_the_problem_that_it_was() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)
    names = [tuple(getattr(problem.names, name)) for name in ("sections", "courses", "titles", "rooms", "curricula", "features")]

    digest = hashlib.sha256(repr(names).encode())
    for name in EARLIER:
        value = getattr(problem, name)
        for part in (value.indptr, value.indices) if isinstance(value, Csr) else (value,):
            digest.update(f"{part.dtype}{part.shape}".encode() + part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())

    assert digest.hexdigest() == "0852bfa18f77d9192adc2b9952184f0b537824089c0479041104cce8dcf09c7e"
