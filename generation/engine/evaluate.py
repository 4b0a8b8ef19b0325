"""The judge: slow, plain, obviously right, and sharing no code with the compiled search.

Every stage's result, every stored variant and every file written goes through `evaluate`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from generation.engine.constraints import constraints_of
from generation.engine.problem import Problem, Weights
from generation.engine.solution import Score, Solution
from generation.engine.timetable import Timetable
from generation.engine.violations import Violation, violations

__all__ = ["Evaluation", "Violation", "evaluate", "violations"]


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
    chosen = problem.weights if weights is None else weights
    timetable = Timetable(problem, solution)
    totals = {True: 0, False: 0}
    breakdown: dict[str, int] = {}
    for constraint in constraints_of(problem, chosen):
        amount = constraint.weight(chosen) * sum(finding.amount for finding in constraint.find(timetable))
        breakdown[constraint.id] = amount
        totals[constraint.is_hard] += amount
    return Evaluation(Score(totals[True], totals[False]), breakdown, _student_clashes(timetable), len(timetable.unplaced))


def _student_clashes(timetable: Timetable) -> int:
    """Number of (student, timeslot) in which the student has more than one lecture."""
    slots_of_section = {
        section: Counter({slot: len(lectures) for slot, lectures in meetings.items()}) for section, meetings in timetable.by_section.items()
    }
    clashes = 0
    for row in timetable.attended:
        lectures: Counter[int] = Counter()
        for section in set(row.tolist()):
            lectures.update(slots_of_section.get(section, {}))
        clashes += sum(1 for count in lectures.values() if count > 1)
    return clashes
