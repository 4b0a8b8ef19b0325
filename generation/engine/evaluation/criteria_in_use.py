"""Which wishes a problem holds: what a penalty of 0, or a proof that there is none lower, speaks of."""

from __future__ import annotations

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.problem import Problem


def wishes_of(problem: Problem) -> dict[str, bool]:
    """By soft constraint: whether timetables are weighed by it. They are not where its weight is 0 or nobody has such a wish."""
    soft = [each for each in CONSTRAINTS.values() if not each.is_hard and each.applies(problem)]
    return {each.id: each.weight(problem.weights) > 0 and each.in_use(problem) for each in soft}
