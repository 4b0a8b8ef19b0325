"""The compiled search of a term keeps the totals that the evaluator counts, whatever moves it made."""

from __future__ import annotations

import numpy as np
import pytest

from generation.engine.term_model.chain import TermChain
from generation.engine.term_model.evaluate import evaluate
from generation.engine.term_model.kernels import CHAIN, SEAT_MOVE, SEAT_SWAP, SWAP, TermMix
from generation.engine.term_model.preparation import prepared
from generation.engine.term_model.problem import RuleKind
from tests.generation.engine.term_model.random_terms import TermSize, random_term

BUSY = TermSize(courses=8, students=30, rules=60)
MIX = TermMix(seats=0.3, chains=0.2, blocks=0.2, rooms=0.3, places=0.3, broken=0.2, chain_length=8, tries=50)


@pytest.mark.parametrize("seed", range(12))
def test_totals_are_those_of_the_evaluator_after_any_moves(seed: int) -> None:
    problem = random_term(seed, BUSY, hard_share=0.25)
    data, _ = prepared(problem)
    chain = TermChain(problem, data, seed)
    chain.weigh(10.0)
    chain.construct()

    for temperature in (50.0, 5.0, 0.5):
        chain.anneal(MIX, 2_000, temperature)
        chain.adapt(1.3, 0.9, 1_000.0)
        for is_best, hard, cost in ((False, chain.hard, chain.cost), (True, chain.best_hard, chain.best_cost)):
            score = evaluate(problem, chain.solution(best=is_best)).score
            assert (hard, cost) == (score.hard, score.total)
    assert set(problem.rules[:, 0].tolist()) == {int(kind) for kind in RuleKind}
    assert min(chain.state.stats[kind, 1] for kind in (CHAIN, SEAT_MOVE, SEAT_SWAP, SWAP)) > 0


def test_going_to_another_chains_timetable_takes_its_totals() -> None:
    problem = random_term(3, BUSY)
    data, _ = prepared(problem)
    one, other = TermChain(problem, data, 1), TermChain(problem, data, 2)
    for chain in (one, other):
        chain.weigh(10.0)
        chain.construct()
        chain.anneal(MIX, 3_000, 3.0)

    one.load_best_of(other)

    assert (one.hard, one.cost) == (other.best_hard, other.best_cost)
    assert np.array_equal(one.solution(best=False).class_time, other.solution().class_time)
    assert evaluate(problem, one.solution(best=False)).score.total == other.best_cost
