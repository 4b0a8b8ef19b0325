"""What watchers see of a running search: each variant's best timetable so far, and how its penalties fell.

A progress record carries the present state only, as thousands may poll it; the way there is the history, which
the job's row keeps, so that a page opened later has the same lines.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.observer import Facts

MEASURE_S = (0.5, 5.0)  # between two counts of one variant's penalties
MEASURE_SHARE = 0.01  # of the time for counting them, within these limits
MAX_POINTS = 120  # of each variant's history: then every second one of the older half goes


@dataclass
class Line:
    """One variant's figures. ``figures`` are those of its last measured timetable."""

    label: str
    figures: dict[str, Any] = field(default_factory=dict)
    best: tuple[int, int] | None = None
    waiting: Facts | None = None  # better than the figures, not measured yet
    improved_at: float = 0.0
    measure_at: float = float("-inf")
    criteria: list[str] = field(default_factory=list)
    points: list[list[float]] = field(default_factory=list)  # seconds, rules broken, lectures without a place, penalty, criteria


class SearchHistory:
    """The run as it is shown. Its methods may be called from several threads."""

    def __init__(
        self,
        *,
        labels: Sequence[str],
        num_lectures: int,
        started_at: float,
        history: Mapping[str, Any] | None = None,
        bound: Callable[[str], int | None] = lambda label: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._num_lectures = num_lectures
        self._started_at = started_at
        self._clock = clock
        self._bound = bound  # what no feasible timetable goes below by this variant's weights, once it is known
        self._lock = threading.Lock()
        earlier = (history or {}).get("variants", {})
        self._earlier = {
            label: Line(label, criteria=list(kept["criteria"]), points=list(kept["points"])) for label, kept in earlier.items()
        }
        self._labels = labels  # of the variants, in their order
        self._lines: dict[str, Line] = {}
        self._base = Line("")  # before there are variants

    def record(self, facts: Facts) -> dict[str, Any]:
        """The record's metadata after this news. What improved is counted at once, or as soon as that is cheap again."""
        with self._lock:
            if facts.variant is not None:
                self._improve(self._lines.setdefault(facts.variant, self._line_new(facts.variant)), facts)
            elif self._lines:
                self._measure_all()  # a stage has ended
            elif facts.hard is not None:
                self._build(facts)
            return self._metadata(facts)

    def history(self) -> dict[str, Any]:
        with self._lock:
            lines = self._earlier | self._lines
            ordered = [lines[label] for label in self._labels if label in lines]
            return {"variants": {line.label: {"criteria": line.criteria, "points": list(line.points)} for line in ordered}}

    def _line_new(self, label: str) -> Line:
        return self._earlier.get(label) or Line(label)

    def _improve(self, line: Line, facts: Facts) -> None:
        assert facts.hard is not None
        assert facts.soft is not None
        if line.best is None or (facts.hard, facts.soft) < line.best:
            line.best, line.waiting, line.improved_at = (facts.hard, facts.soft), facts, self._clock()
        if time.monotonic() >= line.measure_at:
            self._measure(line)

    def _build(self, facts: Facts) -> None:
        """During construction lectures are placed group by group; what they cost is no news yet."""
        base = self._base
        placed = (facts.hard or 0, facts.unplaced or 0)
        if placed != base.best:
            base.best, base.improved_at = placed, self._clock()
        base.figures = self._figures(base, facts, {})

    def _measure_all(self) -> None:
        for line in self._lines.values():
            self._measure(line)

    def _measure(self, line: Line) -> None:
        facts, line.waiting = line.waiting, None
        if facts is None:
            return
        began = time.monotonic()
        amounts = facts.breakdown
        now = time.monotonic()
        shortest_s, longest_s = MEASURE_S
        line.measure_at = now + min(longest_s, max(shortest_s, (now - began) / MEASURE_SHARE))
        line.figures = self._figures(line, facts, amounts)
        self._point_add(line, facts, amounts)

    def _figures(self, line: Line, facts: Facts, amounts: Mapping[str, int]) -> dict[str, Any]:
        assert facts.unplaced is not None
        return {
            "label": line.label,
            "hard": facts.hard,
            "broken": facts.hard if facts.broken is None else facts.broken,
            "soft": facts.soft,
            "placed": self._num_lectures - facts.unplaced,
            "unplaced": facts.unplaced,
            **({"bound": bound} if (bound := self._bound(line.label)) else {}),
            "improved_at": round(line.improved_at, 1),
            # Small, as it is polled: what is not named is 0.
            "breakdown": {name: amount for name, amount in amounts.items() if amount and name != "unplaced"},
        }

    def _point_add(self, line: Line, facts: Facts, amounts: Mapping[str, int]) -> None:
        criteria = [name for name in amounts if not CONSTRAINTS[name].is_hard]
        if criteria != line.criteria:  # the first point, or the weights of an earlier attempt were others
            line.criteria, line.points = criteria, []
        seconds = round(max(0.0, line.improved_at - self._started_at), 1)
        line.points.append([seconds, facts.broken or 0, facts.unplaced or 0, facts.soft or 0, *(amounts[name] for name in criteria)])
        if len(line.points) > MAX_POINTS:
            line.points = [point for index, point in enumerate(line.points) if index % 2 == 0 or index > MAX_POINTS // 2]

    def _metadata(self, facts: Facts) -> dict[str, Any]:
        """The best variant's figures, the first one's where several break as little; then each variant's own."""
        lines = [self._lines[label] for label in self._labels if label in self._lines]
        figures = [line.figures for line in lines if line.figures]
        best = min(figures, key=lambda each: each["hard"], default=self._base.figures)
        best_figures = {name: value for name, value in best.items() if name not in ("label", "breakdown", "bound")}
        return {
            **best_figures,
            "completed_items": facts.completed_items,
            "total_items": facts.total_items,
            "num_lectures": self._num_lectures,
            "variant": best.get("label") or None,
            "generation": facts.generation,
            "message": facts.message or None,
            "variants": figures or None,
        }
