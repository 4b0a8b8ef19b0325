"""The lists of the rulebook and the engine's register name the same constraints."""

from __future__ import annotations

from generation.engine.constraints.register import CONSTRAINTS, HARD_IDS, OF_FILES, SOFT_IDS
from generation.engine.model.problem import WEIGHT_IDS
from generation.rulebook.institution_sources import HARD_TWIN, LIMIT_OF
from generation.rulebook.kinds import ALWAYS, COST_OF, HARDNESS, KINDS


def test_every_rule_of_the_engine_has_a_line_and_no_line_a_rule_that_there_is_not() -> None:
    of_kinds = {name for kind in KINDS.values() for name in kind.constraints}

    assert of_kinds <= set(CONSTRAINTS)
    assert set(ALWAYS) <= set(HARD_IDS)
    assert set(HARD_IDS) <= {*ALWAYS, *of_kinds, *OF_FILES}


def test_every_wish_of_the_engine_has_a_weight_that_people_can_set() -> None:
    assert set(WEIGHT_IDS) == set(SOFT_IDS) - OF_FILES
    assert {*COST_OF.values(), *HARDNESS.values(), *LIMIT_OF, *HARD_TWIN} <= set(SOFT_IDS)
    assert set(HARD_TWIN.values()) <= set(HARD_IDS)
