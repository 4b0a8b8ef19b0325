"""The stages in order, for anybody who wants a timetable: the `solve` command and the saga alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generation.engine.callbacks import Observer
from generation.engine.params import Profile, SolveParams
from generation.engine.problem import Problem
from generation.engine.solution import Score, Solution
from generation.engine.stop import StopCriterion


@dataclass
class VariantState:
    """One variant on its way: its best timetable so far and what steers it."""

    profile: Profile
    seed: int
    incumbent: Solution
    score: Score  # under the problem's own weights


@dataclass
class SearchState:
    """What the stages hand on, and what a checkpoint keeps. `to_bytes` never uses pickle."""

    clusters: list[list[int]] | None = None  # sections, in the order of solving
    num_clusters_placed: int = 0
    base: Solution | None = None  # the construction so far, shared by the variants
    variants: list[VariantState] = field(default_factory=list)
    learned_values: dict[str, float] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> SearchState:
        raise NotImplementedError


@dataclass(frozen=True)
class StageReport:
    stage: str
    seconds: float
    hard: int
    soft: int


@dataclass(frozen=True)
class VariantResult:
    """A finished variant, judged by `evaluate` under the problem's own weights."""

    label: str
    profile: Profile
    seed: int
    solution: Solution
    score: Score
    breakdown: dict[str, int]  # hard and soft constraint ids -> amount; sums to score
    unplaced: int  # lectures
    student_clashes: int  # students x timeslots with more than one lecture


@dataclass(frozen=True)
class Result:
    variants: list[VariantResult]  # as the profiles are ordered
    stages: list[StageReport]
    time_to_feasible_s: float | None
    lower_bound: int | None
    stopped_by: str | None  # "time", "stop", "cancel" or None
    learned_values: dict[str, float]

    @property
    def best(self) -> VariantResult:
        return min(self.variants, key=lambda variant: variant.score)


@dataclass
class Context:
    """What every stage is given beside the state; budgets are split among the stages here."""

    problem: Problem
    params: SolveParams
    observer: Observer
    stop: StopCriterion


Stage = Callable[[Context, SearchState], None]

# Stage name (engine.params.STAGES) -> what runs it. A stage improves the state in place, can be run
# twice, and never leaves it worse. Filled by the engine's modules.
STAGES: Mapping[str, Stage] = {}
