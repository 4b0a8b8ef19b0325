"""What the stages hand on, and what comes out."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from generation.engine.evaluation.evaluate import Evaluation
from generation.engine.model.problem import IntArray, Weights
from generation.engine.model.solution import Score, Solution
from generation.engine.params import Profile
from generation.engine.search.annealing import Chain


@dataclass
class VariantState:
    """One variant on its way: its best timetable so far and what steers it."""

    profile: Profile
    seed: int
    incumbent: Solution
    score: Score  # under the problem's own weights
    verdict: Evaluation | None = None  # the evaluator's, of this incumbent under these weights, where one was made


@dataclass(frozen=True)
class Position:
    """Where one search of a variant stands: enough for another process to go on from there instead of heating up again."""

    stage: str
    solution: Solution  # the current timetable, not the best one
    way: float  # how much of its plan is done
    hot: float  # the plan's temperatures
    cold: float
    hard_weight: float


@dataclass(frozen=True)
class StageReport:
    stage: str
    seconds: float
    hard: int
    soft: int


@dataclass
class SearchState:
    """What the stages hand on, and what a checkpoint keeps. `to_bytes` never uses pickle."""

    clusters: list[list[int]] | None = None  # sections, in the order of solving
    num_clusters_placed: int = 0
    base: Solution | None = None  # the construction so far, shared by the variants
    variants: list[VariantState] = field(default_factory=list)
    learned_values: dict[str, float] = field(default_factory=dict)
    reports: list[StageReport] = field(default_factory=list)
    time_to_feasible_s: float | None = None
    chains: dict[int, list[Chain]] = field(default_factory=dict)  # by variant: where its searches stand, in this process only
    positions: dict[tuple[int, int], Position] = field(default_factory=dict)  # the same for another one, by variant and search
    change: dict[str, Any] | None = None  # of a run that changes a timetable as little as it can: what it found, for each variant in order

    def to_bytes(self) -> bytes:
        arrays: dict[str, IntArray] = {}
        if self.base is not None:
            arrays |= {"base_slot": self.base.slot, "base_room": self.base.room}
        for index, variant in enumerate(self.variants):
            arrays |= {f"slot_{index}": variant.incumbent.slot, f"room_{index}": variant.incumbent.room}
            if variant.incumbent.seats is not None:
                arrays[f"seats_{index}"] = variant.incumbent.seats
        # Taken once: the searches go on meanwhile, each replacing its own.
        positions = sorted(self.positions.copy().items(), key=lambda item: item[0])
        for number, (_, position) in enumerate(positions):
            arrays |= {f"at_slot_{number}": position.solution.slot, f"at_room_{number}": position.solution.room}
            if position.solution.seats is not None:
                arrays[f"at_seats_{number}"] = position.solution.seats
        header = json.dumps(self._header() | {"positions": [_position_row(*each) for each in positions]}).encode()
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, header=np.frombuffer(header, dtype=np.uint8), **arrays)
        return buffer.getvalue()

    def _header(self) -> dict[str, Any]:
        return {
            "clusters": self.clusters,
            "num_clusters_placed": self.num_clusters_placed,
            "learned_values": self.learned_values,
            "time_to_feasible_s": self.time_to_feasible_s,
            "reports": [[report.stage, report.seconds, report.hard, report.soft] for report in self.reports],
            "change": self.change,
            "variants": [
                {
                    "label": variant.profile.label,
                    "weights": variant.profile.weights.as_dict(),
                    "seed": variant.seed,
                    "score": [variant.score.hard, variant.score.soft],
                }
                for variant in self.variants
            ],
        }

    @classmethod
    def from_bytes(cls, data: bytes) -> SearchState:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            return cls(
                clusters=header["clusters"],
                num_clusters_placed=header["num_clusters_placed"],
                base=Solution(stored["base_slot"], stored["base_room"]) if "base_slot" in stored else None,
                variants=[
                    VariantState(
                        Profile(row["label"], Weights(**row["weights"])),
                        row["seed"],
                        Solution(
                            stored[f"slot_{index}"],
                            stored[f"room_{index}"],
                            stored.get(f"seats_{index}"),
                        ),
                        Score(*row["score"]),
                    )
                    for index, row in enumerate(header["variants"])
                ],
                learned_values=header["learned_values"],
                reports=[StageReport(*row) for row in header["reports"]],
                time_to_feasible_s=header["time_to_feasible_s"],
                change=header.get("change"),
                positions={
                    (row.pop("variant"), row.pop("member")): Position(
                        solution=Solution(stored[f"at_slot_{number}"], stored[f"at_room_{number}"], stored.get(f"at_seats_{number}")), **row
                    )
                    for number, row in enumerate(header.get("positions", []))
                },
            )


def _position_row(key: tuple[int, int], position: Position) -> dict[str, Any]:
    row = {name: getattr(position, name) for name in ("stage", "way", "hot", "cold", "hard_weight")}
    return row | {"variant": key[0], "member": key[1]}


@dataclass(frozen=True)
class VariantResult:
    """A finished variant, evaluated by `evaluate` under the problem's own weights."""

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
    is_settled: bool = False  # there was nothing to search
    moves_per_second: int | None = None  # proposals of one thread of the compiled search, over the seconds inside it

    @property
    def best(self) -> VariantResult:
        return min(self.variants, key=lambda variant: variant.score)
