"""The arithmetic of the report: medians that failures push up, gaps, excess, confidence intervals."""

from __future__ import annotations

import csv
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Student's t, two-sided 95 %, by degrees of freedom.
T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
T_95_LATER = ((20, 2.086), (30, 2.042), (60, 2.0), (120, 1.98))


def median_cost(costs: Sequence[float | None]) -> float | None:
    """The median, a run without a feasible timetable (None) counting as worse than any cost; None if it is such a run."""
    ordered = sorted(math.inf if cost is None else float(cost) for cost in costs)
    middle = statistics.median(ordered) if ordered else math.inf
    return None if math.isinf(middle) else middle


def median(values: Sequence[float | None]) -> float | None:
    """The median of what was measured."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def gap(cost: float | None, best_known: int | None) -> str | None:
    """How far above the best known cost, in percent; in units where that is 0."""
    if cost is None or best_known is None:
        return None
    return f"{cost - best_known:+g}" if best_known == 0 else f"{100 * (cost - best_known) / best_known:+.0f} %"


def excess(costs: Mapping[str, float | None], best_known: Mapping[str, int]) -> float | None:
    """Sum of cost minus best known; None unless every instance has both, because a part of it would flatter."""
    parts = [None if cost is None or name not in best_known else cost - best_known[name] for name, cost in costs.items()]
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    high: float
    num: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval | None:
        """None for fewer than two values: one says nothing about how they vary."""
        if len(values) < 2:
            return None
        mean = statistics.fmean(values)
        half = student_t(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
        return cls(mean, mean - half, mean + half, len(values))

    @property
    def verdict(self) -> str:
        """What the interval says of a difference where less is better."""
        return "better" if self.high < 0 else "worse" if self.low > 0 else "no difference shown"


def student_t(freedom: int) -> float:
    """From the table; between its entries the next smaller freedom's, which is the wider interval."""
    if freedom <= len(T_95):
        return T_95[freedom - 1]
    return min([T_95[-1], *(value for least, value in T_95_LATER if freedom >= least)])


def best_known_read(path: Path) -> dict[str, int]:
    """Best known costs by instance; none where there is no such file."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {row["instance"]: int(row["best_known"]) for row in csv.DictReader(file) if row["best_known"].strip()}
