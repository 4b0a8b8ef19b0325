"""The timetable as a file of FET with every lecture locked, and what FET can't say of it, by kind and count."""

from __future__ import annotations

import json

from generation.formats.fet_writer import FetText, write_problem
from generation.models import Variant
from generation.problem.stored_problem import problem_of, solution_of
from generation.problem.without_room import places_without_room


def render(variant: Variant) -> bytes:
    return _written(variant).text.encode()


def left_out(variant: Variant) -> bytes:
    """As JSON, the most frequent first: what is left out, and what is in the file in another way."""
    written = _written(variant)
    found = {"left_out": dict(written.left_out.most_common()), "otherwise": dict(written.notes.most_common())}
    return json.dumps(found, ensure_ascii=False).encode()


def _written(variant: Variant) -> FetText:
    job = variant.job
    problem = problem_of(job=job)
    return write_problem(
        problem,
        name=job.organization.name,
        without_room=places_without_room(problem),
        solution=solution_of(variant=variant, problem=problem),
        num_broken=variant.hard,
    )
