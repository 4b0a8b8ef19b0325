"""`manage.py solve` of a term with weeks, travel and choosing students: the run, its solution file and its report."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from itertools import islice
from typing import Any

from generation.engine.observer import Observer
from generation.engine.params import SolveParams
from generation.engine.stop import StopCriterion
from generation.engine.term_model.evaluate import TermEvaluation, TermFault, rule_name, violations
from generation.engine.term_model.problem import TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.engine.term_model.solve import TermResult, search_term
from generation.formats.instances import TERM
from generation.formats.itc2019 import SolutionHead, write_solution
from generation.text.term_violations import impossible_text, rule_text, violation_text

MOST_VIOLATIONS = 200  # of the report


@dataclass(frozen=True, slots=True)
class TermRun:
    report: dict[str, Any]
    solution_text: str


def term_solve(problem: TermProblem, params: SolveParams, *, observer: Observer, stop: StopCriterion) -> TermRun:
    """Search, and write down what was found with the evaluator's findings."""
    result = search_term(
        problem,
        time_limit_s=params.time_limit_s,
        iterations=params.iterations,
        seed=params.seed,
        workers=params.workers,
        observer=observer,
        stop=stop,
    )
    # A counted run writes the same bytes again, so its file says nothing of the clock.
    seconds = sum(stage.seconds for stage in result.stages) if params.iterations is None else 0
    text = write_solution(problem, result.solution, SolutionHead(runtime_s=seconds, cores=params.workers))
    return TermRun(report_of(problem, params, result, result.evaluation), text)


def report_of(problem: TermProblem, params: SolveParams, result: TermResult, evaluation: TermEvaluation) -> dict[str, Any]:
    """The published report; of a broken timetable with what is broken: counted, and one by one as far as `MOST_VIOLATIONS`."""
    score = evaluation.score
    report = {
        "instance": problem.name,
        "format": TERM,
        "seed": params.seed,
        "workers": params.workers,
        "time_limit_s": params.time_limit_s if params.iterations is None else None,
        "feasible": evaluation.is_feasible,
        "hard": score.hard,
        "soft": score.total,
        "breakdown": evaluation.breakdown,
        "itc2019": {
            "time": score.time,
            "room": score.room,
            "distribution": score.distribution,
            "student": score.student,
            "total": score.total,
        },
        "stages": [{"stage": s.stage, "seconds": s.seconds, "hard": s.hard, "soft": s.soft} for s in result.stages],
        "time_to_feasible_s": result.time_to_feasible_s,
        "moves_per_second": result.moves_per_second,
        "unplaced": evaluation.unplaced,
        "student_clashes": evaluation.student_clashes,
        "lower_bound": None,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    if not evaluation.is_feasible:
        report |= {"broken": evaluation.broken, "violations": violations_of(problem, result.solution)}
    if result.impossible is not None:
        report |= {"impossible": impossible_text(problem, result.impossible)}
    return report


def violations_of(problem: TermProblem, solution: TermSolution) -> list[dict[str, Any]]:
    """What must not be and is, each with the names of the file and a sentence."""
    names = problem.names
    found = []
    for each in islice((each for each in violations(problem, solution) if each.is_hard), MOST_VIOLATIONS):
        is_rule = each.fault is TermFault.RULE
        found.append(
            {
                "type": rule_name(int(problem.rules[each.rule, 0])) if is_rule else each.fault.value,
                "amount": each.amount,
                "classes": [names.classes[number] for number in each.classes],
                **({"rule": rule_text(problem, each.rule)} if is_rule else {}),
                **({"room": names.rooms[each.room]} if each.room >= 0 else {}),
                **({"student": names.students[each.student]} if each.student >= 0 else {}),
                **({"course": names.courses[each.course]} if each.course >= 0 else {}),
                "message": violation_text(problem, solution, each),
            }
        )
    return found
