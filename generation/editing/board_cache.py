"""Variants laid out for editing, kept by each process so that only the first question about one has to wait."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from generation.engine.evaluation.move_effects import Board
from generation.models import Variant
from generation.problem.stored_problem import problem_of, solution_of
from generation.timetable.conflict_store import Conflicts

BOARDS_KEPT = 4
CONFLICTS_KEPT = 2
TRIES = 3  # at a variant that is being edited while it is read


def board_of(*, variant: Variant) -> Board:
    """The variant's timetable as it stands; what it was read at is put into ``variant.revision``.

    Boards are shared between threads: look, do not touch.
    """
    for _ in range(TRIES):
        board = _board(variant.pk, variant.revision)
        now = Variant.objects.values_list("revision", flat=True).get(pk=variant.pk)
        if now == variant.revision:
            return board
        variant.revision = now
    return Board(problem_of(job=variant.job), solution_of(variant=variant))


@lru_cache(maxsize=CONFLICTS_KEPT)
def conflicts_of(variant_id: UUID, revision: int) -> list[dict[str, Any]]:
    """The variant's violations: megabytes of a large one, which each week's page would parse anew. Not to be changed."""
    return list(Conflicts(variant_id))


@lru_cache(maxsize=BOARDS_KEPT)
def _board(variant_id: UUID, revision: int) -> Board:
    # An edit that comes in between leaves its timetable under this key; the caller finds out, and nobody asks for the key again.
    variant = Variant.objects.select_related("job").defer("conflicts").get(pk=variant_id)
    return Board(problem_of(job=variant.job), solution_of(variant=variant))
