"""Parameters of a run; each dataclass checks itself and names the field, the value and the range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from generation.engine.model.problem import Weights

STAGES = ("clustering", "cpsat_solving", "ga_optimization", "rl_refinement")
OPTIONAL_STAGES = STAGES[1:]  # without CP-SAT the construction is greedy alone
ChoiceRule = Literal["learned", "uniform"]


def _require(field_name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{field_name}: {value} is not between {low} and {high}")


@dataclass(frozen=True, slots=True)
class Profile:
    """What one variant favours. ``weights`` steer its search; every variant is scored under the problem's own."""

    label: str
    weights: Weights


@dataclass(frozen=True, slots=True)
class SolveParams:
    """One run, all variants included. Either ``time_limit_s`` of wall-clock or counted ``iterations``."""

    time_limit_s: float = 60.0
    iterations: int | None = None
    seed: int = 1
    workers: int = 1
    profiles: tuple[Profile, ...] = ()  # empty: one variant under the problem's own weights
    cluster_size: int = 12
    learned_values: dict[str, float] = field(default_factory=dict)  # Q values kept from earlier runs
    # For benchmarks: a stage left out gives its time to the others; "uniform" draws each neighbourhood equally often.
    stages: tuple[str, ...] = OPTIONAL_STAGES
    choice: ChoiceRule = "learned"

    def __post_init__(self) -> None:
        _require("time_limit_s", self.time_limit_s, 0.5, 86_400)
        _require("seed", self.seed, 0, 2**31 - 1)
        _require("workers", self.workers, 1, 64)
        _require("cluster_size", self.cluster_size, 2, 500)
        _require("variants", len(self.profiles), 0, 10)
        if self.iterations is not None:
            _require("iterations", self.iterations, 1, 10**9)
        if unknown := [name for name in self.stages if name not in OPTIONAL_STAGES]:
            raise ValueError(f"stages: {unknown[0]} is not one of {', '.join(OPTIONAL_STAGES)}")
        if self.choice not in get_args(ChoiceRule):
            raise ValueError(f"choice: {self.choice} is not one of {', '.join(get_args(ChoiceRule))}")
