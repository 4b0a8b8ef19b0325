"""Quality: every instance with several seeds, beside the best known costs (SUITE=itc2007, small, or any other folder)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.figures import best_known_read, excess, gap, median, median_cost
from tests.benchmarks.options import SUFFIXES, Options, Settled
from tests.benchmarks.peers import peer_tables
from tests.benchmarks.runs import Order, Run, failed_note, orders_run, starved_note
from tests.benchmarks.tables import Column, Figures, Table

COLUMNS = (
    Column("instance", "instance", is_text=True),
    Column("feasible", "feasible"),
    Column("hard", "hard"),
    Column("best", "best", "g"),
    Column("median", "median", "g", is_compared=True),
    Column("worst", "worst", "g"),
    Column("best_known", "best known", "g"),
    Column("gap", "gap"),
    Column("first_s", "feasible after s", ".2f", is_compared=True),
    Column("moves", "moves/s", ",.0f", is_compared=True),
    Column("peak_mb", "peak MB", ".0f", is_compared=True),
)
BREAKDOWN = (Column("instance", "instance", is_text=True), Column("seed", "seed"), Column("breakdown", "breakdown", is_text=True))


FEASIBLE_BARS_S, FEASIBLE_BAR_S = {"comp05": 5.0}, 2.0
FEASIBLE = (
    Column("instance", "instance", is_text=True),
    Column("feasible", "feasible"),
    Column("first_s", "median s", ".2f", is_compared=True),
    Column("worst_s", "worst s", ".2f", is_compared=True),
    Column("bar_s", "bar s", "g"),
    Column("verdict", "verdict", is_text=True),
)


@dataclass(frozen=True)
class Outcome:
    """What a suite gives to be printed and kept."""

    tables: list[Table]
    runs: Sequence[Run] = ()
    files: Mapping[str, str] = field(default_factory=dict)  # ending of the name -> content


def quality(options: Options, *, time_s: float, seeds: int) -> Outcome:
    settled = options.or_else(time_s=time_s, seeds=seeds)
    runs = instances_run(options, settled)
    best_known = best_known_read(options.best or options.data / "best-known.csv")
    title = f"{options.suite}: {settled.time_s:g} s a run, {settled.workers} worker(s), seeds 1 to {settled.num_seeds}"
    return Outcome(quality_tables(runs, best_known, title=title, time_s=settled.time_s, workers=settled.workers), runs)


def feasible(options: Options, *, time_s: float, seeds: int) -> Outcome:
    """Bar 2: seconds of search until the first feasible timetable (SUITE=feasible)."""
    settled = options.or_else(time_s=time_s, seeds=seeds)
    runs = instances_run(options, settled)
    rows = [feasible_row(name, group) for name, group in by_instance(runs).items()]
    title = f"Bar 2: first feasible timetable, {settled.time_s:g} s a run, seeds 1 to {settled.num_seeds}"
    return Outcome([Table("feasible", title, FEASIBLE, rows, [*failed_note(runs), *starved_note(runs)])], runs)


def feasible_row(name: str, runs: Sequence[Run]) -> Figures:
    """The bar is for every run, so the worst one decides; a run that found nothing misses it."""
    firsts = [None if run.error else run.report.get("time_to_feasible_s") for run in runs]
    bar_s = FEASIBLE_BARS_S.get(name, FEASIBLE_BAR_S)
    known = [first for first in firsts if first is not None]
    worst = max(known) if len(known) == len(firsts) else None
    return {
        "instance": name,
        "feasible": f"{len(known)}/{len(runs)}",
        "first_s": median_cost(firsts),
        "worst_s": worst,
        "bar_s": bar_s,
        "verdict": "met" if worst is not None and worst <= bar_s else "missed",
    }


def instances_run(options: Options, settled: Settled, *, suffixes: Sequence[str] = SUFFIXES, validator: Path | None = None) -> list[Run]:
    # Seed by seed, so that a machine that is busy for a while does not fall upon one instance alone.
    orders = [
        Order(path, seed, settled.time_s, workers=settled.workers, validator=validator or options.validator)
        for seed in settled.seeds
        for path in options.instances(suffixes)
    ]
    return orders_run(orders, jobs=options.jobs)


def quality_tables(runs: Sequence[Run], best_known: Mapping[str, int], *, title: str, time_s: float, workers: int) -> list[Table]:
    groups = by_instance(runs)
    rows = [quality_row(name, group, best_known.get(name)) for name, group in groups.items()]
    costs = {str(row["instance"]): row["median"] for row in rows}
    notes = [*failed_note(runs), *starved_note(runs)]
    return [
        Table("quality", title, COLUMNS, [*rows, _total(rows, costs, best_known)], notes),
        Table("breakdown", "What the median run costs", BREAKDOWN, [breakdown_row(name, group) for name, group in groups.items()]),
        *peer_tables(costs, best_known, time_s=time_s, workers=workers),
    ]


def by_instance(runs: Sequence[Run]) -> dict[str, list[Run]]:
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[run.instance].append(run)
    return groups


def quality_row(name: str, runs: Sequence[Run], best_known: int | None) -> Figures:
    """One instance. Runs without a feasible timetable count in the median as worse than any cost."""
    costs = [run.cost for run in runs]
    known = [cost for cost in costs if cost is not None]
    middle = median_cost(costs)
    return {
        "instance": name,
        "feasible": f"{len(known)}/{len(runs)}",
        "hard": max((run.report["hard"] for run in runs if run.report), default=None),
        "best": min(known, default=None),
        "median": middle,
        "worst": max(known) if len(known) == len(runs) else None,
        "best_known": best_known,
        "gap": gap(middle, best_known),
        "first_s": median([run.report.get("time_to_feasible_s") for run in runs]),
        "moves": median([run.report.get("moves_per_second") for run in runs]),
        "peak_mb": median([run.report.get("peak_rss_mb") for run in runs]),
        "seeds": [run.seed for run in runs],
        "costs": costs,
    }


def _total(rows: Sequence[Figures], costs: Mapping[str, float | None], best_known: Mapping[str, int]) -> Figures:
    """Sum of the medians, and of their excess over the best known; neither where any part of it is missing."""
    known = [cost for cost in costs.values() if cost is not None]
    is_whole = len(known) == len(costs)
    above = excess(costs, best_known)
    return {
        "instance": f"sum of {len(rows)}",
        "feasible": f"{sum(int(row['feasible'].split('/')[0]) for row in rows)}/{sum(len(row['seeds']) for row in rows)}",
        "median": sum(known) if is_whole else None,
        "best_known": sum(best_known[name] for name in costs) if all(name in best_known for name in costs) else None,
        "gap": None if above is None else f"excess {above:g}",
        "excess": above,
    }


def median_run(runs: Sequence[Run]) -> Run | None:
    """The run whose cost is the median (the lower one of two)."""
    known = sorted((run for run in runs if run.cost is not None), key=lambda run: (run.cost or 0, run.seed))
    position = (len(runs) - 1) // 2
    return known[position] if position < len(known) else None


def breakdown_row(name: str, runs: Sequence[Run]) -> Figures:
    run = median_run(runs)
    if run is None:
        return {"instance": name}
    parts = sorted(run.report["breakdown"].items(), key=lambda part: -part[1])
    return {"instance": name, "seed": run.seed, "breakdown": ", ".join(f"{key} {amount}" for key, amount in parts if amount) or "nothing"}


def folder_of(options: Options, variable: str | None) -> Path:
    """The published instances of the suite where the environment names their folder and DATA named no other."""
    published = Path(variable or "/nonexistent") / "data" / ("itc2019" if options.suite == "itc2019" else "itc2007")
    return published if published.is_dir() else options.data
