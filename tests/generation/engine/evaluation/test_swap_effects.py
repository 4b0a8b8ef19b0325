"""Two lectures changing places, and who clashes wherever one is held: as the judge and plain counting find it."""

from __future__ import annotations

import numpy as np
import pytest

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.evaluation.people_affected import ClashChange, people_affected
from generation.engine.evaluation.swap_effects import score_of, swap_change
from generation.engine.model.problem import Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Solution
from tests.factories.problems import place, problem_make, problem_random, solution_random, weeks_added


def exchanged(solution: Solution, first: int, second: int) -> Solution:
    made = solution.copy()
    for values in (made.slot, made.room):
        values[[first, second]] = values[[second, first]]
    return made


@pytest.mark.parametrize("seed", range(6))
def test_a_swap_changes_what_the_judge_finds_constraint_by_constraint(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    solution = solution_random(problem, rng)
    board, before = Board(problem, solution), evaluate(problem, solution)
    placed = [lecture for lecture in range(problem.num_lectures) if board.is_placed(lecture)]
    for _ in range(12):
        first, second = rng.choice(placed, 2, replace=False).tolist()
        after = evaluate(problem, exchanged(solution, first, second))
        change = swap_change(board, move_effects(board, first), second)
        expected = {name: amount - before.breakdown[name] for name, amount in after.breakdown.items() if amount != before.breakdown[name]}
        assert change == expected
        assert score_of(change) == type(before.score)(after.score.hard - before.score.hard, after.score.soft - before.score.soft)
    assert (board.solution.slot == solution.slot).all()


def clashing(problem: Problem, solution: Solution, lecture: int) -> set[int]:
    """The students of the lecture's section who have anything else while it is held: counted the long way."""
    table = Timetable(problem, solution)
    section, found = int(problem.lecture_section[lecture]), set()
    mine = set(table.timeslots(lecture)) if lecture in table.placed else set()
    for student in table.students.get(section, ()):
        sections = set(table.attended[student].tolist())
        others = [each for each in table.placed if each != lecture and table.section[each] in sections]
        if any(mine & set(table.timeslots(each)) for each in others):
            found.add(student)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_students_who_come_to_clash_are_counted_as_one_would(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = weeks_added(problem_random(rng), rng)
    solution = solution_random(problem, rng)
    board = Board(problem, solution)
    for lecture in rng.choice(problem.num_lectures, 5).tolist():
        before, people = clashing(problem, solution, lecture), people_affected(board, lecture)
        for slot in rng.choice(problem.num_timeslots, 4).tolist():
            moved = solution.copy()
            moved.slot[lecture], moved.room[lecture] = slot, max(0, int(moved.room[lecture]))
            after = clashing(problem, moved, lecture)
            assert people.change(people.students, slot) == ClashChange(len(after - before), len(before - after))


def test_instructors_and_sections_come_and_go_as_well() -> None:
    problem = problem_make((0, 1, 2), instructors=2, section_instructors=[[0], [0], [1]], students=[[0, 1], [0, 2]])
    people = people_affected(Board(problem, place(problem, [(0, 0), (4, 0), (0, 1)])), 0)

    assert people.change(people.instructors, 4) == ClashChange(1, 0)  # its instructor teaches C1-1 then
    assert people.change(people.sections, 4) == ClashChange(1, 1)  # C1-1 instead of C2-1
    assert people.change(people.students, 4) == ClashChange(1, 1)
    assert people.change(people.students, 0) == ClashChange(0, 0)
    assert people.change(people.students, 7) == ClashChange(0, 1)
