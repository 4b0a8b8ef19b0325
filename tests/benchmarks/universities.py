"""Demo universities as problems and as instance files, without a database. Needs Django's settings, for the rows' types."""

from __future__ import annotations

from academics.demo import Scale, demo_rows_of
from generation.engine.model.problem import Problem, Weights
from generation.formats.json import write_problem
from generation.problem.builder import problem_from_rows


def university(scale: Scale, *, name: str, seed: int = 1) -> Problem:
    return problem_from_rows(demo_rows_of(scale, seed=seed), name=name, weights=Weights(), seed=seed)


def university_text(scale: Scale, *, name: str) -> str:
    return write_problem(university(scale, name=name))
