"""Bar 1: our excess over the best known costs beside that of UniTime's ITC-2007 solver (`peer.csv`).

The peer ran once (Java, one core, one seed); its 60 s figures hardly improve later.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import excess
from tests.benchmarks.tables import Column, Figures, Table

PEER = Path(__file__).resolve().parent / "peer.csv"
ALL = "all 21"  # of the competition's instances; of eleven only the peer's sum is known


@dataclass(frozen=True)
class Bar:
    """Ours may be at most ``share`` of the peer's excess in ``column``; ``least_as_good`` of ten instances at least as good."""

    column: str
    share: float
    least_as_good: int | None = None
    only: tuple[str, ...] = ()
    workers: int = 1


BARS = {
    10.0: Bar("unitime_10", 0.18),
    60.0: Bar("unitime_60", 0.55, least_as_good=9),
    300.0: Bar("unitime_60", 0.40, only=("comp02", "comp05", "comp09"), workers=2),
}
COLUMNS = (
    Column("figure", "bar 1", is_text=True),
    Column("ours", "ours", "g"),
    Column("peer", "peer", "g"),
    Column("share", "share of the peer's", ".0%", is_compared=True),
    Column("bar", "bar", is_text=True),
    Column("verdict", "verdict", is_text=True),
)


def peer_read(column: str) -> dict[str, int]:
    with PEER.open(newline="") as file:
        return {row["instance"]: int(row[column]) for row in csv.DictReader(file) if row["instance"] != ALL}


def peer_sum(column: str) -> int:
    """Of all 21 instances."""
    with PEER.open(newline="") as file:
        return next(int(row[column]) for row in csv.DictReader(file) if row["instance"] == ALL)


def peer_tables(costs: Mapping[str, float | None], best_known: Mapping[str, int], *, time_s: float, workers: int) -> list[Table]:
    """The bar of this time limit, over those of the instances that the peer solved; none where there is no such bar."""
    bar = BARS.get(time_s)
    if bar is None:
        return []
    peer = {name: cost for name, cost in peer_read(bar.column).items() if name in costs and (not bar.only or name in bar.only)}
    ours = {name: costs[name] for name in peer}
    if not ours:
        return []
    rows = [_excess_row("excess over the best known", excess(ours, best_known), excess(peer, best_known), bar)]
    if is_all(costs) and not bar.only:
        found = [cost for cost in costs.values() if cost is not None]
        best = peer_sum("best_known")
        rows.append(_excess_row(f"excess of {ALL}", sum(found) - best if is_whole(costs) else None, peer_sum(bar.column) - best, bar))
    if bar.least_as_good is not None:
        rows.append(_as_good_row(ours, peer, bar.least_as_good))
    title = f"Against the peer's {bar.column.removeprefix('unitime_')} s on {', '.join(ours)}"
    return [Table("peer", title, COLUMNS, rows, _notes(ours, bar, workers), keys=("figure",))]


def is_all(costs: Mapping[str, float | None]) -> bool:
    return set(costs) == {f"comp{number:02}" for number in range(1, 22)}


def is_whole(costs: Mapping[str, float | None]) -> bool:
    return all(cost is not None for cost in costs.values())


def _excess_row(figure: str, mine: float | None, theirs: float | None, bar: Bar) -> Figures:
    share = mine / theirs if mine is not None and theirs else None
    row = {"figure": figure, "ours": mine, "peer": theirs, "share": share, "bar": f"at most {bar.share:.0%}"}
    return row | {"verdict": "not measured" if share is None else "met" if share <= bar.share else "missed"}


def _as_good_row(ours: Mapping[str, float | None], peer: Mapping[str, int], least: int) -> Figures:
    good = sum(cost is not None and cost <= peer[name] for name, cost in ours.items())
    is_complete = len(ours) == len(peer_read("unitime_60"))
    verdict = ("met" if good >= least else "missed") if is_complete else "not all instances"
    return {"figure": "at least as good", "ours": good, "peer": len(ours), "bar": f"on {least} of 10", "verdict": verdict}


def _notes(ours: Mapping[str, float | None], bar: Bar, workers: int) -> list[str]:
    missing = [name for name, cost in ours.items() if cost is None]
    notes = [f"No feasible median on {', '.join(missing)}: there is no excess, and the bar is missed."] if missing else []
    if workers != bar.workers:
        notes.append(f"The bar is for WORKERS={bar.workers}; this was measured with {workers}.")
    return notes
