"""A job's problem as it was in the run: kept with its variants, so that they can be evaluated and edited after the data have changed.

It is stored as npz: an array for each array of `Problem`, and the rest as JSON in the array ``header``. Nothing is pickled.
"""

from __future__ import annotations

import io
import json
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import Csr, Names, Problem, Weights
from generation.engine.model.solution import Solution
from generation.errors import Conflict
from generation.models import FrozenProblem, GenerationJob, Seating, Variant
from generation.problem.builder import problem_hash, problem_load
from generation.problem.seating_codec import seating_numbers

VERSION = 1
PROBLEMS_KEPT = 2  # in each process: a large one takes some 10 MB, and reading it from its row takes longer than most requests may


def problem_freeze(*, job: GenerationJob, problem: Problem) -> None:
    """Keeps the problem with the job; what an earlier attempt kept is replaced. One write."""
    FrozenProblem.objects.update_or_create(job=job, defaults={"version": VERSION, "data": problem_pack(problem)})
    _problem_read.cache_clear()


def problem_of(*, job: GenerationJob) -> Problem:
    """The problem of a completed job: as kept, or made again from data that have not changed since.

    One query the first time in a process. Raises `Conflict` where a job of an earlier release can't be made whole again.
    """
    return _problem_read(job.pk)


def solution_of(*, variant: Variant, problem: Problem | None = None) -> Solution:
    """The variant's placements and seats, as the engine has them. Two queries, where the problem is known."""
    problem = problem or problem_of(job=variant.job)
    solution = Solution.empty(problem)
    rooms = {room: index for index, room in enumerate(problem.names.rooms)}
    for lecture, day, period, room in variant.entries.values_list("lecture", "day", "period", "room"):
        if day is not None and period is not None and room in rooms:
            solution.slot[lecture] = day * problem.periods_per_day + period
            solution.room[lecture] = rooms[room]
    return Solution(solution.slot, solution.room, _seats_of(variant, problem))


def problem_pack(problem: Problem) -> bytes:
    """The problem as bytes; `problem_unpack` gives it back equal."""
    header: dict[str, Any] = {
        "names": {f.name: getattr(problem.names, f.name) for f in fields(Names)},
        "weights": problem.weights.as_dict(),
    }
    arrays: dict[str, NDArray[Any]] = {}
    for f in fields(Problem):
        value = getattr(problem, f.name)
        if isinstance(value, Csr):
            arrays |= {f"{f.name}.indptr": value.indptr, f"{f.name}.indices": value.indices}
        elif isinstance(value, np.ndarray):
            arrays[f.name] = value
        elif f.name not in header:
            header[f.name] = value
    buffer = io.BytesIO()
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    np.savez_compressed(buffer, allow_pickle=False, header=np.frombuffer(text, dtype=np.uint8), **arrays)
    return buffer.getvalue()


def problem_unpack(data: bytes | memoryview) -> Problem:
    """The problem that was packed. Fields that came later have their defaults: the rules behind them are off."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    header = json.loads(arrays.pop("header").tobytes())
    header["names"] = Names(**{name: tuple(words) for name, words in header["names"].items()})
    header["weights"] = Weights(**{f.name: header["weights"].get(f.name, 0) for f in fields(Weights)})
    values: dict[str, Any] = {}
    for f in fields(Problem):
        if f"{f.name}.indptr" in arrays:
            values[f.name] = Csr(arrays[f"{f.name}.indptr"], arrays[f"{f.name}.indices"])
        elif f.name in arrays:
            values[f.name] = arrays[f.name]
        elif f.name in header or (f.default is MISSING and f.default_factory is MISSING):
            values[f.name] = header[f.name]
    return Problem(**values)


@lru_cache(maxsize=PROBLEMS_KEPT)
def _problem_read(job_id: UUID) -> Problem:
    stored = FrozenProblem.objects.filter(pk=job_id).first()
    if stored is None:
        return _problem_again(GenerationJob.objects.select_related("organization", "term").get(pk=job_id))
    if stored.version > VERSION:
        raise Conflict("problem_newer", job_id=str(job_id))
    return problem_unpack(stored.data)


def _problem_again(job: GenerationJob) -> Problem:
    """For jobs that kept none: the term's data, where they are still those that the run was made from. Writes it."""
    certificate = job.variants.order_by("index").values_list("certificate", flat=True).first() or {}
    if job.term is None or "problem_hash" not in certificate:
        raise Conflict("problem_gone", job_id=str(job.pk))
    problem = problem_load(organization=job.organization, term=job.term, department_id=job.department_id)
    if problem_hash(problem) != certificate["problem_hash"]:
        raise Conflict("problem_gone", job_id=str(job.pk))
    FrozenProblem.objects.get_or_create(job=job, defaults={"version": VERSION, "data": problem_pack(problem)})
    return problem


def _seats_of(variant: Variant, problem: Problem) -> NDArray[np.int32] | None:
    stored = Seating.objects.filter(variant=variant).first()
    if stored is None:
        return None
    attended = seating_numbers(stored.data)
    seats = np.array([section for student in problem.names.students for section in attended[student]], dtype=np.int32)
    # Where nobody may change seats, seats of their own are not allowed either.
    return None if np.array_equal(seats, problem.student_sections.indices) else seats
