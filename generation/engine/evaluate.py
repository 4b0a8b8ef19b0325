"""The judge: slow, plain, obviously right, and sharing no code with the compiled search.

Every stage's result, every stored variant and every file written goes through `evaluate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generation.engine.constraints import constraints_of
from generation.engine.problem import Problem, Weights
from generation.engine.solution import Score, Solution
from generation.engine.timetable import Timetable
from generation.engine.violations import Violation, violations

__all__ = ["Evaluation", "Violation", "evaluate", "evaluate_under", "student_clashes_of", "violations"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A solution's score and what it is made of.

    ``breakdown`` has every constraint that counts (`constraints.constraints_of`), zero or not;
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
    """Judge a timetable.

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
    """The same timetable judged under each of several weights; what they weigh is found once."""
    timetable = Timetable(problem, solution)
    found: dict[str, int] = {}
    student_clashes, unplaced = student_clashes_of(timetable), len(timetable.unplaced)
    evaluations = []
    for weights in weightings:
        totals = {True: 0, False: 0}
        breakdown: dict[str, int] = {}
        for constraint in constraints_of(problem, weights):
            if constraint.id not in found:
                found[constraint.id] = sum(finding.amount for finding in constraint.find(timetable))
            breakdown[constraint.id] = constraint.weight(weights) * found[constraint.id]
            totals[constraint.is_hard] += breakdown[constraint.id]
        evaluations.append(Evaluation(Score(totals[True], totals[False]), breakdown, student_clashes, unplaced))
    return evaluations


def student_clashes_of(timetable: Timetable) -> int:
    """Number of (student, timeslot) in which the student has more than one lecture."""
    slots_of_section = {
        section: [slot for slot, lectures in meetings.items() for _ in lectures] for section, meetings in timetable.by_section.items()
    }
    clashes = 0
    for row in timetable.attended:
        lectures = Counter(slot for section in set(row.tolist()) for slot in slots_of_section.get(section, ()))
        clashes += sum(1 for count in lectures.values() if count > 1)
    return clashes
