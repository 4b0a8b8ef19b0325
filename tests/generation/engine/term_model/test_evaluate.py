"""The evaluator of a term: each rule by example, and every count against a second way of counting and the published checker."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from generation.engine.term_model.evaluate import (
    PAIR_TESTS,
    Meeting,
    TermFault,
    blocks_over,
    breaks_over,
    days_over,
    evaluate,
    load_over,
    violations,
)
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.formats import itc2019
from tests.generation.engine.term_model.brute_force import count
from tests.generation.engine.term_model.published_checker import published_counts
from tests.generation.engine.term_model.random_terms import TINY, TermSize, random_solution, random_term, term_xml

TRAVEL = ((0, 3), (3, 0))


def at(days: int = 0b1, weeks: int = 0b1, start: int = 10, end: int = 14, room: int = -1) -> Meeting:
    return Meeting(days, weeks, start, end, room)


# Kind, parameter, two classes that keep it, two that break it.
PAIRS = [
    (RuleKind.SAME_START, 0, (at(), at(0b10, 0b10, 10, 20)), (at(), at(start=11))),
    (RuleKind.SAME_TIME, 0, (at(), at(0b10, 0b1, 11, 13)), (at(), at(start=11, end=15))),
    (RuleKind.DIFFERENT_TIME, 0, (at(), at(start=14, end=16)), (at(), at(0b10, 0b10))),
    (RuleKind.SAME_DAYS, 0, (at(0b101), at(0b1, start=99)), (at(0b101), at(0b11))),
    (RuleKind.DIFFERENT_DAYS, 0, (at(0b1), at(0b10)), (at(0b11), at(0b10, weeks=0b10))),
    (RuleKind.SAME_WEEKS, 0, (at(weeks=0b111), at(weeks=0b10)), (at(weeks=0b11), at(weeks=0b110))),
    (RuleKind.DIFFERENT_WEEKS, 0, (at(weeks=0b1), at(weeks=0b10)), (at(weeks=0b11), at(weeks=0b10))),
    (RuleKind.OVERLAP, 0, (at(), at(start=13, end=20)), (at(), at(start=14, end=20))),
    (RuleKind.NOT_OVERLAP, 0, (at(), at(weeks=0b10)), (at(), at(start=13, end=20))),
    (RuleKind.SAME_ROOM, 0, (at(room=1), at(0b10, room=1)), (at(room=1), at(room=-1))),
    (RuleKind.DIFFERENT_ROOM, 0, (at(room=1), at(room=0)), (at(room=1), at(0b10, room=1))),
    (RuleKind.SAME_ATTENDEES, 0, (at(room=0), at(start=17, end=18, room=1)), (at(room=0), at(start=16, end=18, room=1))),
    (RuleKind.PRECEDENCE, 0, (at(0b10, 0b1), at(0b1, 0b10)), (at(0b10, 0b10), at(0b1, 0b10, 2, 4))),
    (RuleKind.WORK_DAY, 10, (at(), at(start=18, end=20)), (at(), at(start=18, end=21))),
    (RuleKind.MIN_GAP, 2, (at(), at(start=16, end=20)), (at(), at(start=15, end=20))),
]


@pytest.mark.parametrize(("kind", "x", "keeping", "breaking"), PAIRS, ids=[pair[0].name for pair in PAIRS])
def test_a_rule_on_pairs_is_kept_by_one_pair_and_broken_by_another(
    kind: RuleKind, x: int, keeping: tuple[Meeting, Meeting], breaking: tuple[Meeting, Meeting]
) -> None:
    assert PAIR_TESTS[kind](*keeping, x, TRAVEL)
    assert not PAIR_TESTS[kind](*breaking, x, TRAVEL)


def test_every_kind_of_rule_is_counted_by_pairs_or_by_groups() -> None:
    assert {pair[0] for pair in PAIRS} == set(PAIR_TESTS)
    assert set(RuleKind) - set(PAIR_TESTS) == {RuleKind.MAX_DAYS, RuleKind.MAX_DAY_LOAD, RuleKind.MAX_BREAKS, RuleKind.MAX_BLOCK}


def test_rules_on_groups_count_what_is_above_the_most() -> None:
    day = [at(start=0, end=4), at(start=4, end=8), at(start=20, end=24), at(start=40, end=44)]

    assert [days_over([at(0b11), at(0b110)], most) for most in (1, 2, 3)] == [2, 1, 0]
    assert [load_over(day, most) for most in (10, 16)] == [6, 0]
    assert [breaks_over(day, most, 4) for most in (0, 1, 2)] == [2, 1, 0]
    assert breaks_over(day, 0, 12) == 1  # a way of 12 slots is no break yet
    assert [blocks_over(day, most, 4) for most in (7, 8)] == [1, 0]
    # One class alone is no block, nor are classes that start together.
    assert blocks_over([at(start=0, end=9), at(start=0, end=4)], 5, 4) == 0


@pytest.mark.parametrize("size", [None, TINY], ids=["all kinds", "tiny"])
def test_every_count_is_that_of_a_second_way_of_counting(size: TermSize | None) -> None:
    for seed in range(60):
        problem = random_term(seed, size)
        solution = random_solution(problem, seed, faults=(0.0, 0.15, 0.5)[seed % 3])
        score = evaluate(problem, solution).score

        assert {
            "hard": score.hard,
            "time": score.time,
            "room": score.room,
            "distribution": score.distribution,
            "student": score.student,
        } == count(problem, solution), seed


def test_the_violations_one_by_one_sum_to_the_score_and_the_breakdown() -> None:
    for seed in range(10):
        problem = random_term(seed)
        solution = random_solution(problem, seed, faults=0.2)
        found, evaluation = list(violations(problem, solution)), evaluate(problem, solution)

        assert sum(each.amount for each in found if each.is_hard) == evaluation.score.hard == sum(evaluation.broken.values())
        assert sum(each.amount for each in found if not each.is_hard) == evaluation.score.total == sum(evaluation.breakdown.values())
        assert all((each.rule >= 0) == (each.fault is TermFault.RULE) for each in found)
        assert evaluation.student_clashes == sum(each.fault is TermFault.STUDENT_CONFLICT for each in found)


def own_counts(problem: TermProblem, solution: TermSolution) -> dict[str, int]:
    """Our own, with the parts taken through their weights again."""
    score, weights = evaluate(problem, solution).score, problem.weights
    parts = {
        "time": (score.time, weights.time),
        "room": (score.room, weights.room),
        "dist": (score.distribution, weights.distribution),
        "student": (score.student, weights.student),
    }
    return {"hard": score.hard, "total": score.total} | {name: part // weight for name, (part, weight) in parts.items() if weight}


def test_random_timetables_count_as_the_published_checker_counts_them(shared_folder: Path, tmp_path: Path) -> None:
    written = tmp_path / "solution.xml"
    for seed in range(24):
        problem = random_term(seed)
        file = tmp_path / f"{seed}.xml"
        file.write_text(term_xml(problem))
        solution = random_solution(problem, seed, faults=0.1 if seed % 2 else 0.0)
        if seed % 2:  # the checker leaves out a class that is not at a time of its own, with its students and its rules
            solution = all_placed(problem, solution)
        own = own_counts(problem, solution)

        written.write_text(itc2019.write_solution(problem, solution))
        found = published_counts(shared_folder, file, written)
        assert {name: found[name] for name in own} == own, seed


def all_placed(problem: TermProblem, solution: TermSolution) -> TermSolution:
    times = [
        time if time in own else own[0] for time, own in zip(solution.class_time.tolist(), map(list, problem.class_times), strict=True)
    ]
    return TermSolution(np.array(times, dtype=np.int32), solution.class_room, solution.student_classes)


@pytest.mark.parametrize("name", ["muni-fi-spr17", "bet-sum18", "pu-cs-fal07", "lums-sum17"])
def test_real_terms_count_as_the_published_checker_counts_them(name: str, shared_folder: Path, tmp_path: Path) -> None:
    file, written = shared_folder / "data" / "itc2019" / f"{name}.xml", tmp_path / "solution.xml"
    problem = itc2019.read(file)
    solution = random_solution(problem, random.Random(name).randrange(1000))
    own = own_counts(problem, solution)

    written.write_text(itc2019.write_solution(problem, solution))
    found = published_counts(shared_folder, file, written)
    assert {name: found[name] for name in own} == own
    assert own["total"] > 0
