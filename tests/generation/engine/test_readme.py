"""The engine's README says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

import generation.engine
from generation.engine.constraints.base import Constraint
from generation.engine.constraints.register import CONSTRAINTS

README = (Path(generation.engine.__path__[0]) / "README.md").read_text()


def row_of(constraint: Constraint) -> str:
    """The beginning of its line in the README's tables: the id, and what it counts."""
    definition = " ".join((constraint.find.__doc__ or "").split()).replace("``", "`")
    return f"| `{constraint.id}` | {definition} |"


@pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=lambda constraint: constraint.id)
def test_each_constraint_is_defined_as_in_its_docstring(constraint: Constraint) -> None:
    assert row_of(constraint) in README
