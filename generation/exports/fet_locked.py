"""The timetable as a file of FET with every lecture locked, and what FET can't say of it, by kind and count."""

from __future__ import annotations

import json

from academics.models import Organization, Term
from generation.formats.fet_writer import FetText, write_problem
from generation.models import Variant
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_of, solution_of
from generation.problem.without_room import places_without_room


def render(variant: Variant) -> bytes:
    return written(variant).text.encode()


def left_out(variant: Variant) -> bytes:
    """As JSON, the most frequent first: what is left out, and what is in the file in another way."""
    text = written(variant)
    found = {"left_out": dict(text.left_out.most_common()), "otherwise": dict(text.notes.most_common())}
    return json.dumps(found, ensure_ascii=False).encode()


def written(variant: Variant) -> FetText:
    job = variant.job
    problem = problem_of(job=job)
    return write_problem(
        problem,
        name=job.organization.name,
        without_room=places_without_room(problem),
        solution=solution_of(variant=variant, problem=problem),
        num_broken=variant.hard,
    )


def term_written(*, organization: Organization, term: Term) -> FetText:
    """The data of a term as they are now, with nothing locked but what a rule fixes."""
    problem = problem_load(organization=organization, term=term)
    return write_problem(problem, name=organization.name, without_room=places_without_room(problem))
