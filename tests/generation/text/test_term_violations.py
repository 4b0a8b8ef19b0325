"""Every violation of a term is a sentence with the names that the file gives."""

from __future__ import annotations

import dataclasses

import numpy as np

from generation.engine.model.problem import Csr
from generation.engine.term_model.evaluate import TermFault, violations
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.formats import itc2019
from generation.text.term_violations import FAULT_WORDS, OVER, PAIR_FAULTS, time_text, violation_lines, violation_text
from tests.generation.engine.term_model.random_terms import random_solution, random_term
from tests.generation.formats.test_itc2019 import TEXT


def tiny(**changes: object) -> TermProblem:
    return dataclasses.replace(itc2019.parse(TEXT), **changes)  # type: ignore[arg-type]


def texts(problem: TermProblem, solution: TermSolution) -> list[str]:
    return [violation_text(problem, solution, each) for each in violations(problem, solution)]


def test_a_time_is_told_by_days_clock_and_weeks() -> None:
    problem = tiny()

    assert [time_text(problem, time) for time in range(2)] == ["Mon Wed Fri 8:00-9:00, weeks 1-4", "Tue Thu 10:00-11:30, weeks 1, 3"]
    assert time_text(tiny(slots_per_day=7), 0) == "Mon Wed Fri slot 96-slot 108, weeks 1-4"


def test_what_is_broken_names_classes_rooms_students_and_courses() -> None:
    problem = tiny()
    solution = TermSolution(np.array([0, 0, -1, 0]), np.array([0, 1, -1, 0]), Csr.of([[0, 3], [0, 3]]))

    assert texts(problem, solution) == [
        "Class 2 needs no room and is in room B.",
        "Class 3 has no time.",
        "Classes 1 and 4 are in room A at once (Mon Wed Fri 8:00-9:00, weeks 1-4).",
        "Classes 1 and 2 cannot be attended by the same people (SameAttendees): "
        "Mon Wed Fri 8:00-9:00, weeks 1-4, room A; Mon Wed Fri 8:00-9:00, weeks 1-4, room B.",
        "Student s1 is not in exactly one class of every subpart of course C1.",
        "Student s1 is not in exactly one class of every subpart of course C2.",
        "Student s1 is in class 4 and not in its parent, class 3.",
        "Student s2 is not in exactly one class of every subpart of course C2.",
        "Student s2 is in class 4 and not in its parent, class 3.",
        "Student s2 is in classes of course C1, which the student did not choose.",
        "Student s1 cannot attend both: Classes 1 and 4.",
        "Student s2 cannot attend both: Classes 1 and 4.",
    ]


def test_every_fault_and_every_kind_of_rule_has_its_sentence() -> None:
    seen: set[TermFault] = set()
    kinds: set[int] = set()
    for seed in range(40):
        problem = random_term(seed)
        solution = random_solution(problem, seed, faults=0.3)
        for each in violations(problem, solution):
            text = violation_text(problem, solution, each)
            seen.add(each.fault)
            kinds |= {int(problem.rules[each.rule, 0])} if each.rule >= 0 else set()
            assert text.endswith(".")
            assert "None" not in text
    assert seen == set(TermFault)
    assert kinds == set(RuleKind) == {*PAIR_FAULTS, *OVER}
    assert set(FAULT_WORDS) >= {fault for fault in TermFault if fault not in ("rule", "time", "room", "student")}


def test_a_terminal_shows_the_first_lines_and_how_many_more() -> None:
    assert violation_lines(["a", "b"]) == ["  - a", "  - b"]
    assert violation_lines([str(number) for number in range(1_250)])[-2:] == ["  - 9", "  and 1,240 more; the report lists them."]
