"""Impossible problems are explained by exactly the requirements that contradict each other; hard ones are not called impossible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.infeasibility import explain as explaining
from generation.engine.infeasibility.conflict import Conflict, ConflictReport, num_requirements
from generation.engine.infeasibility.elastic import Requirement, Terms, verdict_of
from generation.engine.infeasibility.explain import Explanation, explain
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.fixed_places import Held
from generation.engine.model.problem import Problem
from generation.formats.json import read_problem
from generation.text.infeasibility.explanations import NOT_PROVEN, explanation_record, statement_text
from generation.text.infeasibility.phrases import Phrases
from generation.text.messages import solve_explained
from generation.text.unplaced_reasons import NO_WAY, WAYS
from tests.clocks import Stopwatch
from tests.factories.problems import blocked, place, problem_make
from tests.factories.trials import least_penalty, problem_trial

DATA = Path("tests/data")
EXPLAINED_WITHIN_S = 10.0


def explained(name: str) -> tuple[Explanation, dict[str, Any]]:
    """What was found out, and the same in sentences."""
    problem = read_problem(DATA / f"{name}.json")
    stopwatch = Stopwatch()
    found = explain(problem)
    assert stopwatch.took_less_than(EXPLAINED_WITHIN_S)
    return found, in_words(problem, found)


def in_words(problem: Problem, found: Explanation) -> dict[str, Any]:
    return explanation_record(found, Phrases(problem))


def lectures(*sections: int) -> set[Requirement]:
    return {Requirement("lectures", section) for section in sections}


def check_minimal(problem: Problem, found: Explanation) -> None:
    """The set once more in a model of its own: impossible, and possible without any one member."""
    terms = Terms(problem, explaining.Openings(problem), range(problem.num_sections))
    kept = set(found.requirements)
    assert verdict_of(terms, kept, 5.0) == "impossible"
    assert {verdict_of(terms, kept - {each}, 5.0) for each in kept} == {"possible"}


def test_overloaded_instructor_is_named_with_the_arithmetic() -> None:
    found, words = explained("overloaded_instructor")
    assert found.requirements == lectures(0, 1, 2) | {Requirement("instructor", 0), Requirement("instructor_times", 0)}
    assert (found.verdict, found.is_minimal, found.is_least) == ("impossible", True, True)
    assert words["headline"] == "Dr Rao teaches 31 periods, but is available in only 30."
    assert words["arithmetic"][0].startswith("Instructor Dr Rao has 31 periods to teach and only 30 open timeslots.")
    assert words["fixes"][0].startswith("Open Saturday, period ")


def test_too_few_labs_in_one_period_are_named_with_the_closed_one() -> None:
    problem = read_problem(DATA / "too_few_labs.json")
    found, words = explained("too_few_labs")
    away = {Requirement("instructor_times", instructor) for instructor in range(4)}
    (rooms,) = found.requirements - lectures(0, 1, 2, 3) - away
    assert not preflight(problem)
    assert (rooms.kind, rooms.slot, len(found.requirements)) == ("rooms", 0, 9)
    assert words["headline"] == (
        "Lectures of 4 sections that need “lab, at least 30 seats” have to meet on Monday, period 1, and only 3 rooms are open then."
    )
    assert "On Monday, period 1 only 3 rooms are open of 4 for “lab, at least 30 seats”, as Lab 4 is closed." in [
        member["message"] for member in words["members"]
    ]
    assert words["fixes"][0] == "Open Lab 4 on Monday, period 1, or add 1 room for “lab, at least 30 seats”."
    check_minimal(problem, found)


def test_curriculum_longer_than_its_week_is_named_with_its_courses() -> None:
    found, words = explained("long_curriculum")
    assert found.requirements == lectures(0, 1, 2, 3, 4, 5) | {Requirement("curriculum", 0)}
    assert (found.is_minimal, words["headline"]) == (
        True,
        "Curriculum First year has 26 periods that must not overlap, and its week has only 25.",
    )
    assert words["members"][0]["who"] == ["Anatomy A", "Physiology A", "Biochemistry A", "Histology A", "Genetics A", "Ethics A"]


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
    problem = problem_make([0] * 3 + [1] * 3, days=5, periods=3, lecture_length=[2] * 6, section_curricula=[[0], [0]])
    found = explain(problem)
    assert found.requirements == lectures(0, 1) | {Requirement("curriculum", 0)}
    assert in_words(problem, found)["headline"] == (
        "The lectures of curriculum Q0 (12 periods) do not fit into the 15 timeslots open for them: all of them last 2 periods "
        "on end, and the open times hold only 5 such lectures (1 a day) without an overlap, because of the length of a day, 3 periods."
    )


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
    assert (found.verdict, in_words(problem, found)["headline"], found.members) == ("unknown", NOT_PROVEN, ())


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

    words = in_words(problem, found)
    assert found.verdict == "impossible"
    assert "C2-1 has 1 student from outside C0-1, its section of the lecture." in words["headline"]
    assert "C2-1 has 2 students; its limit is 1." in words["headline"]
    assert len(words["arithmetic"]) == 2
    assert explain(problem, place(problem, [(0, 0), (1, 0)])).verdict == "possible"  # a lecture has no place: that is looked into


def test_minimal_is_said_only_where_it_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, calls = triangle(), iter(range(100))
    # As where the time is over after a few steps: the solver then finds neither a proof nor a timetable.
    monkeypatch.setattr(explaining, "verdict_of", lambda *given: verdict_of(*given) if next(calls) < 14 else "unknown")
    found = explain(problem)

    assert (found.verdict, found.is_minimal) == ("impossible", False)
    assert found.narrowed is not None
    assert num_requirements(found.requirements) == found.narrowed.left < found.narrowed.begun_with
    words = f"narrowed from {found.narrowed.begun_with} in {found.narrowed.seconds:.1f} s, not to the end"
    record = in_words(problem, found)
    assert record["headline"] == f"These {found.narrowed.left} requirements contain the cause; {words}."
    assert record["narrowed"] == {
        "from": found.narrowed.begun_with, "to": found.narrowed.left, "seconds": found.narrowed.seconds, "message": words,
    }  # fmt: skip
    assert "gives way" not in "\n".join(solve_explained(record))


def test_a_lecture_pinned_in_a_closed_room_is_named_first() -> None:
    closed = blocked(2, 8, *((1, slot) for slot in range(8)))
    problem = problem_make([0, 1], lecture_pin_room=[1, -1], room_available=closed)
    found = explain(problem, held=Held(in_room={0: "hand"}))

    assert {(each.kind, each.of) for each in found.requirements} == {("lectures", 0), ("pin_room", 0), ("rooms", 0)}
    words = in_words(problem, found)
    assert words["members"][0]["message"] == "A lecture of C0-1 is pinned by hand to room R1."
    assert words["headline"] == (
        "A lecture of C0-1 is pinned by hand to room R1. Room R1 is closed all week. With that, not every lecture of C0-1 has a place."
    )
    assert "Unpin the lecture of C0-1 from room R1." in words["fixes"]
    assert found.is_minimal
    check_minimal(problem, found)


def test_lectures_that_had_to_stay_are_named_first_and_with_their_number() -> None:
    # Dr 0's new lecture C4 has two times; C0 and C1 had to stay there, and C2 and C3 somewhere else.
    taught = [[0], [0], [1], [1], [0]]
    problem = problem_make(
        range(5), instructors=2, section_instructors=taught, lecture_pin_slot=[0, 1, 0, 1, -1], lecture_pin_room=[0, 0, 1, 1, -1],
        section_available=blocked(5, 8, *((4, slot) for slot in range(2, 8))),
    )  # fmt: skip
    kept = dict.fromkeys(range(4), "kept")
    found = explain(problem, held=Held(in_time=kept, in_room=kept))  # type: ignore[arg-type]

    assert {each.of for each in found.requirements if each.kind == "pin"} == {0, 1}
    words = in_words(problem, found)
    assert words["members"][0]["message"] == (
        "These lectures had to stay where they were: C0-1 (day 1, period 1) and C1-1 (day 1, period 2)."
    )
    assert "Place the lecture of C0-1 anew, which had to stay: day 1, period 1." in words["fixes"]
    check_minimal(problem, found)


def test_many_requirements_say_how_many_had_to_stay_and_are_pinned() -> None:
    # Five lectures of a group in a day of four periods, each fixed so that another could not be where it is.
    problem = problem_make(
        range(5), days=1, section_curricula=[[0]] * 5, lecture_pin_slot=[0, 1, 2, 3, -1], section_instructors=[[0]] * 5, rooms=5,
        no_overlap=[(0, 1)],
    )  # fmt: skip
    terms = Terms(problem, explaining.Openings(problem, Held(in_time={0: "kept", 1: "kept", 2: "hand"})), range(5))
    every = [*lectures(*range(5)), *(Requirement("pin", number) for number in range(4)), Requirement("curriculum", 0)]

    headline = statement_text(ConflictReport(terms).headline(Conflict.of(terms, every)), Phrases(problem))

    assert headline == (
        "These 10 requirements, 2 lectures that had to stay and 1 lecture pinned by hand among them, cannot all be kept. "
        "If any one of them gives way, the others can."
    )


def test_a_whole_timetable_that_had_to_stay_is_narrowed_to_the_lectures_in_the_way() -> None:
    """A term of 300 sections with two lectures each in five days of eight periods; the last section's teacher has two others."""
    lectures_of = [section for section in range(300) for _ in range(2)]
    slots, rooms = [lecture % 40 for lecture in range(600)], [lecture // 40 for lecture in range(600)]
    teachers = [[section % 150] for section in range(300)]
    times = np.zeros((150, 40), dtype=np.bool_)
    times[:149] = True
    times[149, [slots[298], slots[299], 0, 1]] = True  # when section 149 had to stay, and when one of its group is held
    problem = problem_make(
        lectures_of, rooms=15, instructors=150, days=5, periods=8, section_instructors=teachers, instructor_available=times,
        section_curricula=[[0] if section in (0, 299) else [] for section in range(300)],
        lecture_pin_slot=[*slots[:598], -1, -1], lecture_pin_room=[*rooms[:598], -1, -1],
    )  # fmt: skip
    kept = dict.fromkeys(range(598), "kept")
    stopwatch = Stopwatch()
    found = explain(problem, held=Held(in_time=kept, in_room=kept))  # type: ignore[arg-type]

    assert stopwatch.took_less_than(EXPLAINED_WITHIN_S)
    assert found.is_minimal
    words = in_words(problem, found)
    assert set(words["members"][0]["who"]) <= {"C0-1", "C149-1"}
    assert "3 lectures that had to stay among them" in words["headline"]
    assert len(found.requirements) < 12


def test_of_a_set_that_was_not_narrowed_the_first_are_listed_and_arithmetic_has_the_word(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_make(range(30), days=1, instructors=30, section_instructors=[[n] for n in range(30)], section_curricula=[[0]] * 30)
    calls = iter(range(1000))
    monkeypatch.setattr(explaining, "verdict_of", lambda *given: verdict_of(*given) if next(calls) < 2 else "unknown")
    found = explain(problem)

    assert not found.is_minimal
    record = in_words(problem, found)
    assert record["headline"] == record["arithmetic"][0]
    teachers = [member for member in record["members"] if member["kind"] == "instructor"]
    assert (len(teachers), teachers[-1]["message"], len(teachers[-1]["who"])) == (13, "And 18 more of this sort.", 18)
    assert "narrowed" in "\n".join(solve_explained(record))


@pytest.mark.parametrize("kind", ["free_days", "free_half_days"])
def test_free_days_that_the_models_do_not_know_are_named_where_a_timetable_seems_possible(kind: str) -> None:
    facts = {f"instructor_{kind}": [1], f"{kind}_is_hard": True}
    problem = problem_make([0, 0], section_instructors=[[0]], days=3, **facts)

    found = explain(problem)

    assert found.verdict == "possible"
    assert in_words(problem, found)["headline"].endswith(
        "Free days and half-days of instructors were looked at one by one, and not together with all others."
    )


def test_more_time_is_advised_only_where_a_timetable_is_possible() -> None:
    sentences = [*(each.texts.suggestion for each in CONSTRAINTS.values()), NO_WAY, *WAYS.values(), NOT_PROVEN]
    assert [sentence for sentence in sentences if "more time" in sentence.replace("more timeslots", "").replace("more times", "")] == []
    problem = problem_make([0, 0, 1, 1], section_curricula=[[0], [0]])
    assert "Give the search more time" in in_words(problem, explain(problem))["headline"]


def test_one_week_that_does_not_fit_is_proven_and_single_weeks_that_do_are_no_proof() -> None:
    whole = {"rooms": 1, "days": 1, "periods": 2, "num_weeks": 3, "section_instructors": [[0]] * 3}
    in_week_1 = problem_make([0, 1, 2], lecture_weeks=[0b001, 0b101, 0b011], **whole)
    found = explain(in_week_1)
    assert found.verdict == "impossible"
    assert found.arithmetic[0].id == "instructor_overload"

    # Two lectures in each week fit into two hours; but each lecture shares a week with each other one.
    in_no_week = problem_make([0, 1, 2], lecture_weeks=[0b011, 0b110, 0b101], **whole)
    told = explain(in_no_week)
    assert (told.verdict, told.arithmetic) == ("unknown", ())
    assert in_words(in_no_week, told)["headline"].startswith("Not proven impossible: the lectures of the week")
