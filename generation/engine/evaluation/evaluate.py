"""The evaluator: slow, plain, obviously right, and sharing no code with the compiled search.

Every stage's result, every stored variant and every file written goes through `evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from generation.engine.constraints.base import Constraint
from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.violations import Violation, violations
from generation.engine.model.problem import Problem, Weights
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Score, Solution

__all__ = ["Evaluation", "Violation", "evaluate", "evaluate_under", "student_clashes_of", "units_found", "violations"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A solution's score and what it is made of.

    ``breakdown`` has every constraint that counts (`register.constraints_of`), zero or not;
    its hard amounts sum to ``score.hard``, its soft ones, weighted, to ``score.soft``.
    """

    score: Score
    breakdown: dict[str, int]
    student_clashes: int  # (student, timeslot) with more than one lecture, for whatever reason
    unplaced: int  # lectures

    @property
    def is_feasible(self) -> bool:
        return self.score.hard == 0


def evaluate(problem: Problem, solution: Solution, *, weights: Weights | None = None) -> Evaluation:
    """Evaluate a timetable independently of the search.

    Parameters
    ----------
    problem, solution
        The fixed data and the placements, of any quality, complete or not.
    weights
        What soft penalties cost; the problem's own where None.

    Raises
    ------
    ValueError
        If the solution has another number of lectures, or names a timeslot or room that does not exist.
    """
    return evaluate_under(problem, solution, [problem.weights if weights is None else weights])[0]


def evaluate_under(problem: Problem, solution: Solution, weightings: Sequence[Weights]) -> list[Evaluation]:
    """The same timetable evaluated under each of several weights; what they weigh is found once."""
    timetable = Timetable(problem, solution)
    found: dict[str, int] = {}
    student_clashes, unplaced = student_clashes_of(timetable), len(timetable.unplaced)
    evaluations = []
    for weights in weightings:
        totals = {True: 0, False: 0}
        breakdown: dict[str, int] = {}
        for constraint in constraints_of(problem, weights):
            if constraint.id not in found:
                found[constraint.id] = _units(timetable, constraint)
            breakdown[constraint.id] = constraint.weight(weights) * found[constraint.id]
            totals[constraint.is_hard] += breakdown[constraint.id]
        evaluations.append(Evaluation(Score(totals[True], totals[False]), breakdown, student_clashes, unplaced))
    return evaluations


def units_found(problem: Problem, solution: Solution, constraints: Sequence[Constraint]) -> dict[str, int]:
    """How much of each of these constraints is in a timetable, before any weight."""
    timetable = Timetable(problem, solution)
    return {constraint.id: _units(timetable, constraint) for constraint in constraints}


def _units(timetable: Timetable, constraint: Constraint) -> int:
    return sum(finding.amount for finding in constraint.find(timetable))


def student_clashes_of(timetable: Timetable) -> int:
    """Number of (student, timeslot) in which the student has more than one lecture, in any week."""
    busy_of_section = {
        section: [(slot, lecture) for slot, lectures in meetings.items() for lecture in lectures]
        for section, meetings in timetable.by_section.items()
    }
    clashes = 0
    for row in timetable.attended:
        busy = [each for section in set(row.tolist()) for each in busy_of_section.get(section, ())]
        if len({slot for slot, _ in busy}) < len(busy):  # most students have no clash, and need no counting
            there: dict[int, list[int]] = {}
            for slot, lecture in busy:
                there.setdefault(slot, []).append(timetable.weeks[lecture])
            clashes += sum(any(one & other for one, other in combinations(weeks, 2)) for weeks in there.values())
    return clashes
