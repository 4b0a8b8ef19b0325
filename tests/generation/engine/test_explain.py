"""Impossible problems are explained by exactly the requirements that contradict each other; hard ones are not called impossible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.engine import explain as explaining
from generation.engine.elastic import Requirement, Terms, verdict_of
from generation.engine.explain import Explanation, explain
from generation.engine.preflight import preflight
from generation.engine.problem import Problem
from generation.engine.words import NOT_PROVEN
from generation.formats.json import read_problem
from tests.clocks import Stopwatch
from tests.factories.problems import blocked, place, problem_make
from tests.factories.trials import least_penalty, problem_trial

DATA = Path("tests/data")
EXPLAINED_WITHIN_S = 10.0


def explained(name: str) -> Explanation:
    problem = read_problem(DATA / f"{name}.json")
    stopwatch = Stopwatch()
    found = explain(problem)
    assert stopwatch.took_less_than(EXPLAINED_WITHIN_S)
    return found


def lectures(*sections: int) -> set[Requirement]:
    return {Requirement("lectures", section) for section in sections}


def check_minimal(problem: Problem, found: Explanation) -> None:
    """The set once more in a model of its own: impossible, and possible without any one member."""
    terms = Terms(problem, explaining.Openings(problem), range(problem.num_sections))
    kept = set(found.requirements)
    assert verdict_of(terms, kept, 5.0) == "impossible"
    assert {verdict_of(terms, kept - {each}, 5.0) for each in kept} == {"possible"}


def test_overloaded_instructor_is_named_with_the_arithmetic() -> None:
    found = explained("overloaded_instructor")
    assert found.requirements == lectures(0, 1, 2) | {Requirement("instructor", 0), Requirement("instructor_times", 0)}
    assert (found.verdict, found.is_minimal, found.is_least) == ("impossible", True, True)
    assert found.headline == "Dr Rao teaches 31 periods, but is available in only 30."
    assert found.arithmetic[0].startswith("Instructor Dr Rao has 31 periods to teach and only 30 open timeslots.")
    assert found.fixes[0].startswith("Open Saturday, period ")


def test_too_few_labs_in_one_period_are_named_with_the_closed_one() -> None:
    problem = read_problem(DATA / "too_few_labs.json")
    found = explained("too_few_labs")
    away = {Requirement("instructor_times", instructor) for instructor in range(4)}
    (rooms,) = found.requirements - lectures(0, 1, 2, 3) - away
    assert not preflight(problem)
    assert (rooms.kind, rooms.slot, len(found.requirements)) == ("rooms", 0, 9)
    assert found.headline == (
        "Lectures of 4 sections that need “lab, at least 30 seats” have to meet on Monday, period 1, and only 3 rooms are open then."
    )
    assert "On Monday, period 1 only 3 rooms are open of 4 for “lab, at least 30 seats”, as Lab 4 is closed." in [
        member.message for member in found.members
    ]
    assert found.fixes[0] == "Open Lab 4 on Monday, period 1, or add 1 room for “lab, at least 30 seats”."
    check_minimal(problem, found)


def test_curriculum_longer_than_its_week_is_named_with_its_courses() -> None:
    found = explained("long_curriculum")
    assert found.requirements == lectures(0, 1, 2, 3, 4, 5) | {Requirement("curriculum", 0)}
    assert (found.is_minimal, found.headline) == (
        True,
        "Curriculum First year has 26 periods that must not overlap, and its week has only 25.",
    )
    assert found.members[0].who == ("Anatomy A", "Physiology A", "Biochemistry A", "Histology A", "Genetics A", "Ethics A")


def triangle() -> Problem:
    """Three sections that pairwise exclude each other, each for another reason, and two timeslots."""
    times = np.ones((4, 20), dtype=np.bool_)
    times[:3] = False
    times[:3, [3, 4]] = True
    return problem_make(
        [0, 1, 2, 3, 3],
        days=5,
        rooms=4,
        instructors=2,
        section_available=times,
        section_instructors=[[0], [0, 1], [1], []],
        section_curricula=[[0], [], [0], [0]],
    )


def test_contradiction_that_arithmetic_does_not_see_is_proven() -> None:
    problem = triangle()
    found = explain(problem)
    assert not preflight(problem)
    assert found.requirements == lectures(0, 1, 2) | {
        *(Requirement("instructor", instructor) for instructor in range(2)),
        Requirement("curriculum", 0),
        *(Requirement("section_times", section) for section in range(3)),
    }
    assert (found.verdict, found.is_minimal) == ("impossible", True)
    check_minimal(problem, found)


def test_long_lectures_that_leave_holes_are_proven_impossible() -> None:
    found = explain(problem_make([0] * 3 + [1] * 3, days=5, periods=3, lecture_length=[2] * 6, section_curricula=[[0], [0]]))
    assert found.requirements == lectures(0, 1) | {Requirement("curriculum", 0)}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"no_overlap": [[0, 1]], "section_available": np.eye(2, 8, dtype=np.bool_)[[0, 0]]}, "apart"),
        ({"blocked_starts": [[n, t] for n in range(2) for t in range(8) if t != 2], "section_curricula": [[0], [0]]}, "starts"),
        ({"lecture_pin_slot": [2, 2], "section_curricula": [[0], [0]]}, "pin"),
        ({"section_instructors": [[0], [0]], "instructor_max_daily": [1], "daily_load_is_hard": True, "days": 1}, "daily"),
        ({"same_start": [[0, 1]], "same_start_is_hard": True, "section_available": np.eye(2, dtype=np.bool_).repeat(4, axis=1)}, "joint"),
        (
            {
                "section_instructors": [[0], [0]],
                "instructor_max_consecutive": [1],
                "consecutive_load_is_hard": True,
                "section_available": blocked(2, 8, *((s, t) for s in range(2) for t in range(2, 8))),
            },
            "on_end",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_rule_can_be_part_of_the_reason(given: dict[str, object], kind: str) -> None:
    problem = problem_make([0, 1], **given)  # type: ignore[arg-type]
    found = explain(problem)
    assert found.is_minimal
    assert kind in {each.kind for each in found.requirements}
    check_minimal(problem, found)


def test_solvable_problem_is_not_called_impossible() -> None:
    found = explain(problem_make([0, 0, 1, 1], section_curricula=[[0], [0]]))
    assert (found.verdict, found.members, found.requirements) == ("possible", (), frozenset())


def mycielski(order: int) -> tuple[int, list[tuple[int, int]]]:
    """A graph without triangles that needs `order` colours, which is hard to prove."""
    number, edges = 2, [(0, 1)]
    for _ in range(order - 2):
        edges = [
            *edges,
            *((a, number + b) for a, b in edges),
            *((b, number + a) for a, b in edges),
            *((number + a, 2 * number) for a in range(number)),
        ]
        number = 2 * number + 1
    return number, edges


def test_what_is_merely_hard_is_not_called_impossible() -> None:
    number, edges = mycielski(7)
    problem = problem_make(range(number), rooms=number, days=1, periods=6, no_overlap=edges)
    stopwatch = Stopwatch()
    found = explain(problem, limit_s=1.0)
    assert stopwatch.took_less_than(3.0)
    assert (found.verdict, found.headline, found.members) == ("unknown", NOT_PROVEN, ())


@pytest.mark.parametrize("seed", [1, 2, 1001, 1002, 1003])
def test_what_is_called_impossible_has_no_timetable(seed: int) -> None:
    problem = problem_trial(np.random.default_rng(seed))
    found = explain(problem)
    assert (found.verdict == "impossible") <= (least_penalty(problem) is None)


def test_two_contradictions_must_both_give() -> None:
    closed = blocked(4, 8, *((section, slot) for section in range(4) for slot in range(8) if slot != section // 2))
    found = explain(problem_make([0, 1, 2, 3], section_available=closed, section_curricula=[[0], [0], [1], [1]]))
    assert (len(found.must_give), found.is_least, found.is_minimal) == (2, True, True)


def test_students_in_the_wrong_lab_are_the_reason_where_all_else_is_kept() -> None:
    links = {"section_offering": [0, 0, 1], "section_parent": [-1, -1, 0], "section_limit": [0, 0, 1]}
    problem = problem_make([0, 1, 2], students=[[0, 2], [1, 2]], **links)

    found = explain(problem, place(problem, [(0, 0), (1, 0), (2, 0)]))

    assert found.verdict == "impossible"
    assert "C2-1 has 1 student from outside C0-1, its section of the lecture." in found.headline
    assert "C2-1 has 2 students; its limit is 1." in found.headline
    assert explain(problem, place(problem, [(0, 0), (1, 0)])).verdict == "possible"  # a lecture has no place: that is looked into
