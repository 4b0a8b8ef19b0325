"""Parameters check themselves and name what they refuse."""

from __future__ import annotations

import pytest

from generation.engine.params import OPTIONAL_STAGES, STAGES, SolveParams


def test_every_stage_after_clustering_may_be_left_out() -> None:
    assert STAGES[1:] == OPTIONAL_STAGES
    assert SolveParams(stages=()).stages == ()
    assert SolveParams().stages == OPTIONAL_STAGES


@pytest.mark.parametrize("stages", [("clustering",), ("annealing",), ("rl_refinement", "")])
def test_a_stage_that_cannot_be_left_out_or_is_not_one_is_refused(stages: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"stages: .* is not one of cpsat_solving, ga_optimization, rl_refinement"):
        SolveParams(stages=stages)


def test_an_unknown_rule_of_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="choice: best is not one of learned, uniform"):
        SolveParams(choice="best")
